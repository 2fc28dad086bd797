/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-base64.h"

#include <stdbool.h>
#include <string.h>

/**
 * door_base64_encode_url:
 * @data: (array length=size): bytes
 * @size: their number
 *
 * Returns: (transfer full): base64url without padding (RFC 4648, 5)
 */
char *
door_base64_encode_url (const uint8_t *data, size_t size)
{
  char *text = g_base64_encode (data, size);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

/* What a character of base64 is; signatures of devices are long, and each message has one. */
enum
{
  OTHER,
  DIGIT,
  PAD,
  SPACE,
};

static const uint8_t kinds[256] = {
  ['A' ... 'Z'] = DIGIT, ['a' ... 'z'] = DIGIT, ['0' ... '9'] = DIGIT, ['+'] = DIGIT,  ['/'] = DIGIT,
  ['='] = PAD,           [' '] = SPACE,         ['\t'] = SPACE,        ['\r'] = SPACE, ['\n'] = SPACE,
};

/* Copies the alphabet and up to two pads, drops white space; false on anything else. */
static bool
copy_alphabet (const char *text, size_t length, char *out, size_t *count)
{
  size_t n = 0, pads = 0;

  for (size_t i = 0; i < length; i++)
    {
      uint8_t kind = kinds[(uint8_t) text[i]];

      if (kind == SPACE)
        continue;
      if (kind == PAD)
        pads++;
      else if (kind == OTHER || pads > 0)
        return false;
      out[n++] = text[i];
    }
  *count = n;
  return n % 4 == 0 && pads <= 2;
}

/**
 * door_base64_decode_strict:
 * @text: (array length=length): base64 with padding; white space is allowed anywhere
 * @length: number of characters
 * @max_bytes: most bytes the result may have
 *
 * Decodes standard base64 (RFC 4648, 4) and refuses every other character.
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL when malformed or too long
 */
GBytes *
door_base64_decode_strict (const char *text, size_t length, size_t max_bytes)
{
  g_autofree char *clean = NULL;
  size_t count = 0;
  gsize size = 0;

  if (length > max_bytes * 2 + 16)
    return NULL;
  clean = g_malloc (length + 1);
  if (!copy_alphabet (text, length, clean, &count))
    return NULL;
  clean[count] = '\0';
  if (count > 0)
    g_base64_decode_inplace (clean, &size);
  if (size > max_bytes)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&clean), size);
}

static int
value_of_url_digit (char c)
{
  if (g_ascii_isupper (c))
    return c - 'A';
  if (g_ascii_islower (c))
    return c - 'a' + 26;
  if (g_ascii_isdigit (c))
    return c - '0' + 52;
  if (c == '-')
    return 62;
  return c == '_' ? 63 : -1;
}

/**
 * door_base64_decode_url:
 * @text: (array length=length): base64url without padding (RFC 4648, 5; RFC 7515, 2)
 * @length: number of characters
 * @max_bytes: most bytes the result may have
 *
 * Decodes and refuses everything that another writer could have written otherwise: padding, white space, the
 * other alphabet, and bits behind the last byte that are not zero.
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL when malformed or too long
 */
GBytes *
door_base64_decode_url (const char *text, size_t length, size_t max_bytes)
{
  g_autofree uint8_t *out = NULL;
  size_t size = length / 4 * 3 + (length % 4 > 1 ? length % 4 - 1 : 0), n = 0;
  uint32_t bits = 0;
  unsigned int n_bits = 0;

  if (length % 4 == 1 || size > max_bytes)
    return NULL;
  out = g_malloc (MAX (size, 1));
  for (size_t i = 0; i < length; i++)
    {
      int value = value_of_url_digit (text[i]);

      if (value < 0)
        return NULL;
      bits = (bits << 6 | (uint32_t) value) & 0xffff;
      n_bits += 6;
      if (n_bits < 8)
        continue;
      n_bits -= 8;
      out[n++] = (uint8_t) (bits >> n_bits);
    }
  if ((bits & ((1u << n_bits) - 1)) != 0)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&out), size);
}
