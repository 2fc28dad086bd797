/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorAssociation:
 *
 * That a device belongs to a person: since when, how it is known, until when.
 */
typedef struct
{
  char *id;
  char *person_id;
  char *device_id;
  char *source;
  int64_t from_at;
  int64_t to_at;
  char *end_reason;
} DoorAssociation;

void door_association_free (DoorAssociation *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorAssociation, door_association_free)

bool door_association_store_add (DoorTxn *txn, const DoorAssociation *association, GError **error);
bool door_association_store_lookup_open (DoorTxn *txn, const char *device_id, DoorAssociation **out,
                                         GError **error);
bool door_association_store_close (DoorTxn *txn, const char *device_id, const char *reason, int64_t now_ms,
                                   GError **error);
GPtrArray *door_association_store_list_by_device (DoorTxn *txn, const char *device_id, int64_t limit,
                                                  GError **error);
GPtrArray *door_association_store_list_by_person (DoorTxn *txn, const char *person_id, int64_t limit,
                                                  GError **error);
