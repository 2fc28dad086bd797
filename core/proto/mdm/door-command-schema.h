/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <json-glib/json-glib.h>

/**
 * DoorCommandTarget:
 * @product: model identifier of the device, or ""
 * @os_version: version of its system, or ""
 * @is_user: whether the command is for the channel of a user
 * @user_enrollment: whether only a user's part of the device is managed
 * @access_rights: what its enrollment lets the server do (Apple, MDM payload, AccessRights); without meaning
 * in a user enrollment
 * @supervised: whether the device is known to be supervised
 *
 * What a command is for.
 */
typedef struct
{
  const char *product;
  const char *os_version;
  bool is_user;
  bool user_enrollment;
  int64_t access_rights;
  bool supervised;
} DoorCommandTarget;

typedef struct _DoorCommandSchema DoorCommandSchema;

DoorCommandSchema *door_command_schema_new (GError **error);
void door_command_schema_free (DoorCommandSchema *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCommandSchema, door_command_schema_free)

bool door_command_schema_check (const DoorCommandSchema *self, GVariant *command,
                                const DoorCommandTarget *target, GError **error);
char *door_command_schema_dup_doubt (const DoorCommandSchema *self, GVariant *command,
                                     const DoorCommandTarget *target);
GVariant *door_command_schema_read_object (const DoorCommandSchema *self, const char *request_type,
                                           JsonObject *parameters, GError **error);
GVariant *door_command_schema_read_words (const DoorCommandSchema *self, const char *request_type,
                                          const char *const *words, GError **error);
