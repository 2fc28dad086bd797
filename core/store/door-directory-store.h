/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

#define DOOR_DIRECTORY_USER "User"
#define DOOR_DIRECTORY_GROUP "Group"

/**
 * DoorDirectoryResource:
 * @directory: the directory it is of
 * @kind: %DOOR_DIRECTORY_USER or %DOOR_DIRECTORY_GROUP
 * @name: `userName` or `displayName`
 * @name_key: that folded, which no other of its kind in its directory has
 * @person_id: of a user: the person; empty for a group
 * @attributes: JSON: what its sender wrote, without the members of a group
 * @version: another with every change
 *
 * A person or a group as a directory sends them. Times are in milliseconds since 1970, UTC.
 */
typedef struct
{
  char *id;
  char *directory;
  char *kind;
  char *name;
  char *name_key;
  char *person_id;
  char *attributes;
  int64_t version;
  int64_t created_at;
  int64_t updated_at;
} DoorDirectoryResource;

void door_directory_resource_free (DoorDirectoryResource *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDirectoryResource, door_directory_resource_free)

bool door_directory_store_add (DoorTxn *txn, const DoorDirectoryResource *resource, bool *changed,
                               GError **error);
bool door_directory_store_lookup (DoorTxn *txn, const char *directory, const char *kind, const char *id,
                                  DoorDirectoryResource **out, GError **error);
bool door_directory_store_lock (DoorTxn *txn, const char *id, GError **error);
bool door_directory_store_update (DoorTxn *txn, const DoorDirectoryResource *resource, int64_t before,
                                  bool *changed, GError **error);
bool door_directory_store_remove (DoorTxn *txn, const DoorDirectoryResource *resource, bool *changed,
                                  GError **error);
bool door_directory_store_set_values (DoorTxn *txn, const DoorDirectoryResource *resource, GPtrArray *keys,
                                      GError **error);
bool door_directory_store_get_total (DoorTxn *txn, const char *directory, const char *kind, int64_t *total,
                                     GError **error);
