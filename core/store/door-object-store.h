/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorStoredObject:
 *
 * A group of the configuration that is kept in the database. One with @removed_at only keeps its name from
 * being given again.
 */
typedef struct
{
  char *name;
  char *id;
  char *content;
  int64_t version;
  int64_t created_at;
  int64_t updated_at;
  int64_t removed_at;
} DoorStoredObject;

void door_stored_object_free (DoorStoredObject *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorStoredObject, door_stored_object_free)

bool door_object_store_add (DoorTxn *txn, const DoorStoredObject *object, bool *added, GError **error);
bool door_object_store_change (DoorTxn *txn, const DoorStoredObject *object, bool *changed, GError **error);
bool door_object_store_lookup (DoorTxn *txn, const char *name, DoorStoredObject **out, GError **error);
GPtrArray *door_object_store_list (DoorTxn *txn, const char *after, int64_t limit, GError **error);
bool door_object_store_lookup_entity (DoorTxn *txn, const char *entity_id, const char *but,
                                      DoorStoredObject **out, GError **error);
bool door_object_store_bump (DoorTxn *txn, GError **error);
bool door_object_store_get_revision (DoorTxn *txn, int64_t *revision, GError **error);
