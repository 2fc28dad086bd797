/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-secret.h"

#include <string.h>

struct _DoorSecret
{
  size_t size;
  uint8_t *data; /* size + 1 bytes, NUL at the end */
};

/**
 * door_secret_new:
 * @data: (array length=size) (element-type guint8): the bytes to keep
 * @size: their number
 *
 * Copies bytes that must be wiped when no longer needed. Never blocks.
 *
 * Returns: (transfer full): the secret
 */
DoorSecret *
door_secret_new (const void *data, size_t size)
{
  DoorSecret *self = g_atomic_rc_box_new0 (DoorSecret);

  self->size = size;
  self->data = g_malloc0 (size + 1);
  if (size > 0)
    memcpy (self->data, data, size);
  return self;
}

/**
 * door_secret_new_take:
 * @text: (transfer full): what was put together; it is wiped and freed
 *
 * Makes a secret of a text that has one in it, such as a form. Whoever puts it together gives the buffer room
 * for all of it at once: what a buffer leaves behind when it grows is not wiped. Never blocks.
 *
 * Returns: (transfer full): the secret
 */
DoorSecret *
door_secret_new_take (GString *text)
{
  DoorSecret *self = door_secret_new (text->str, text->len);

  explicit_bzero (text->str, text->allocated_len);
  g_string_free (text, TRUE);
  return self;
}

G_DEFINE_BOXED_TYPE (DoorSecret, door_secret, door_secret_ref, door_secret_unref)

/**
 * door_secret_ref:
 * @self: a secret
 *
 * Takes a reference. Any thread.
 *
 * Returns: (transfer full): @self
 */
DoorSecret *
door_secret_ref (DoorSecret *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
door_secret_wipe (gpointer box)
{
  DoorSecret *self = box;

  explicit_bzero (self->data, self->size);
  g_free (self->data);
}

/**
 * door_secret_unref:
 * @self: (transfer full): a secret
 *
 * Drops a reference; the bytes are wiped with the last one.
 */
void
door_secret_unref (DoorSecret *self)
{
  g_atomic_rc_box_release_full (self, door_secret_wipe);
}

/**
 * door_secret_get_data:
 * @self: a secret
 * @size: (out): number of bytes
 *
 * Gets the bytes, for as long as the secret lives. Never blocks.
 *
 * Returns: (transfer none) (array length=size): the bytes
 */
const uint8_t *
door_secret_get_data (const DoorSecret *self, size_t *size)
{
  *size = self->size;
  return self->data;
}

/**
 * door_secret_get_text:
 * @self: a secret
 *
 * Gets the bytes as text, for as long as the secret lives. Never blocks.
 *
 * Returns: (transfer none): the bytes with a NUL behind them
 */
const char *
door_secret_get_text (const DoorSecret *self)
{
  return (const char *) self->data;
}

/**
 * door_secret_dup_bytes:
 * @self: a secret
 *
 * Gets the bytes as the body of a request: no copy of them, so they are wiped when both are gone. Never
 * blocks.
 *
 * Returns: (transfer full): the bytes
 */
GBytes *
door_secret_dup_bytes (DoorSecret *self)
{
  return g_bytes_new_with_free_func (self->data, self->size, (GDestroyNotify) door_secret_unref,
                                     door_secret_ref (self));
}
