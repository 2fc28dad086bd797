/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-random.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include <sys/random.h>

#include "door-base64.h"
#include "door-hex.h"

#define TOKEN_BYTES 32

struct _DoorRandom
{
  bool fake;
  pthread_mutex_t lock; /* guards state */
  uint64_t state;
};

static DoorRandom *
random_new (bool fake, uint64_t seed)
{
  DoorRandom *self = g_atomic_rc_box_new0 (DoorRandom);

  self->fake = fake;
  self->state = seed;
  pthread_mutex_init (&self->lock, NULL);
  return self;
}

/**
 * door_random_new_system:
 *
 * Returns: (transfer full): the kernel's random source, fit for secrets
 */
DoorRandom *
door_random_new_system (void)
{
  return random_new (false, 0);
}

/**
 * door_random_new_fake:
 * @seed: start of the sequence
 *
 * Returns: (transfer full): a repeatable sequence, for tests
 */
DoorRandom *
door_random_new_fake (uint64_t seed)
{
  return random_new (true, seed);
}

/**
 * door_random_ref:
 * @self: a random source
 *
 * Returns: (transfer full): @self
 */
DoorRandom *
door_random_ref (DoorRandom *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
random_clear (gpointer box)
{
  DoorRandom *self = box;

  pthread_mutex_destroy (&self->lock);
}

/**
 * door_random_unref:
 * @self: (transfer full): a random source
 */
void
door_random_unref (DoorRandom *self)
{
  g_atomic_rc_box_release_full (self, random_clear);
}

static void
fill_fake (DoorRandom *self, uint8_t *data, size_t size)
{
  pthread_mutex_lock (&self->lock);
  for (size_t i = 0; i < size; i++)
    {
      self->state = self->state * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
      data[i] = (uint8_t) (self->state >> 56);
    }
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_random_fill:
 * @self: a random source
 * @data: (out caller-allocates) (array length=size): where the bytes go
 * @size: how many
 *
 * May be called from any thread. A kernel that gives no randomness ends the program: nothing secret
 * can be made without it.
 */
void
door_random_fill (DoorRandom *self, uint8_t *data, size_t size)
{
  if (self->fake)
    {
      fill_fake (self, data, size);
      return;
    }
  while (size > 0)
    {
      ssize_t got = getrandom (data, size, 0);

      if (got < 0 && errno != EINTR)
        g_error ("getrandom: %s", g_strerror (errno));
      if (got > 0)
        {
          data += got;
          size -= (size_t) got;
        }
    }
}

/**
 * door_random_dup_token:
 * @self: a random source
 *
 * Returns: (transfer full): 256 random bits as 43 characters of base64url
 */
char *
door_random_dup_token (DoorRandom *self)
{
  uint8_t bytes[TOKEN_BYTES];

  door_random_fill (self, bytes, sizeof bytes);
  return door_base64_encode_url (bytes, sizeof bytes);
}

/**
 * door_random_dup_uuid:
 * @self: a random source
 *
 * Returns: (transfer full): a version 4 UUID in lower case (RFC 9562, 5.4)
 */
char *
door_random_dup_uuid (DoorRandom *self)
{
  uint8_t b[16];

  door_random_fill (self, b, sizeof b);
  b[6] = (uint8_t) ((b[6] & 0x0f) | 0x40);
  b[8] = (uint8_t) ((b[8] & 0x3f) | 0x80);
  return g_strdup_printf ("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
                          b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
                          b[15]);
}

/**
 * door_random_dup_ncname:
 * @self: a random source
 *
 * An ID for a document of XML (xs:NCName), which never begins with a digit.
 *
 * Returns: (transfer full): "_" and 128 random bits, hexadecimal
 */
char *
door_random_dup_ncname (DoorRandom *self)
{
  uint8_t bytes[16];
  g_autofree char *hex = NULL;

  door_random_fill (self, bytes, sizeof bytes);
  hex = door_hex_encode (bytes, sizeof bytes);
  return g_strconcat ("_", hex, NULL);
}

/**
 * door_random_fill_readable:
 * @self: a random source
 * @text: (out caller-allocates) (array length=length): where the characters go, without a NUL
 * @length: how many
 *
 * Makes a text that a person can read over the telephone: Crockford's base 32 has no look-alikes. Each
 * character has 5 random bits.
 */
void
door_random_fill_readable (DoorRandom *self, char *text, size_t length)
{
  static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

  door_random_fill (self, (uint8_t *) text, length);
  for (size_t i = 0; i < length; i++)
    text[i] = digits[text[i] & 31];
}

/**
 * door_random_dup_code:
 * @self: a random source
 *
 * Returns: (transfer full): "K7Q4-9XMD", 40 random bits
 */
char *
door_random_dup_code (DoorRandom *self)
{
  char digits[8];

  door_random_fill_readable (self, digits, sizeof digits);
  return g_strdup_printf ("%.4s-%.4s", digits, digits + 4);
}
