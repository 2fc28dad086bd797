/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

#include "door-fault.h"

#define DOOR_MESSAGE_MAX_STRING 256

/* The keys of one message of a device; errors carry the fault. */
typedef struct
{
  GVariant *dict;
  DoorFault fault;
} DoorMessageDict;

typedef enum
{
  DOOR_MESSAGE_OPTIONAL,
  DOOR_MESSAGE_REQUIRED,
} DoorMessageNeed;

gboolean door_message_dict_parse (DoorMessageDict *self, GBytes *plist, size_t max_bytes, GError **error);
gboolean door_message_dict_dup_string (const DoorMessageDict *self, const char *key, DoorMessageNeed need,
                                       char **out, GError **error);
gboolean door_message_dict_dup_bytes (const DoorMessageDict *self, const char *key, size_t max_bytes,
                                      GBytes **out, GError **error);
gboolean door_message_dict_dup_optional_bytes (const DoorMessageDict *self, const char *key, size_t max_bytes,
                                               GBytes **out, GError **error);
gboolean door_message_dict_get_flag (const DoorMessageDict *self, const char *key, bool *out, GError **error);
bool door_message_dict_has (const DoorMessageDict *self, const char *key);
void door_message_dict_clear (DoorMessageDict *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorMessageDict, door_message_dict_clear)
