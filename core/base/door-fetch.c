/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-fetch.h"

/**
 * door_fetch_answer_clear: (skip)
 * @self: an answer
 */
void
door_fetch_answer_clear (DoorFetchAnswer *self)
{
  g_clear_pointer (&self->content_type, g_free);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->header, g_free);
}
