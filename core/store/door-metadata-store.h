/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/* Stands for the address where metadata was not fetched but put in. */
#define DOOR_METADATA_UPLOAD "upload"

/**
 * DoorStoredMetadata:
 * @connection: name of the identity provider
 * @source: the address it was fetched from, or %DOOR_METADATA_UPLOAD
 * @entity_id: the provider's entity id
 * @xml: the metadata
 * @fetched_at: when; milliseconds since 1970, UTC
 *
 * The last metadata of an identity provider that was good.
 */
typedef struct
{
  char *connection;
  char *source;
  char *entity_id;
  char *xml;
  int64_t fetched_at;
} DoorStoredMetadata;

void door_stored_metadata_free (DoorStoredMetadata *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorStoredMetadata, door_stored_metadata_free)

bool door_metadata_store_save (DoorTxn *txn, const DoorStoredMetadata *metadata, GError **error);
bool door_metadata_store_remove (DoorTxn *txn, const char *connection, GError **error);
bool door_metadata_store_lookup (DoorTxn *txn, const char *connection, DoorStoredMetadata **out,
                                 GError **error);
bool door_metadata_store_get_time (DoorTxn *txn, const char *connection, int64_t *fetched_ms, GError **error);
bool door_metadata_store_lookup_before (DoorTxn *txn, const char *connection, DoorStoredMetadata **out,
                                        GError **error);
