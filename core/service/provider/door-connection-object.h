/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection-addresses.h"
#include "door-context.h"

/**
 * DoorConnectionMetadata:
 * @xml: (nullable): the metadata itself
 * @url: (nullable): where the provider publishes it
 *
 * What is known of an identity provider: one of these, or nothing yet.
 */
typedef struct
{
  GBytes *xml;
  const char *url;
} DoorConnectionMetadata;

/**
 * DoorConnectionWish:
 * @name: its name, for ever
 * @keys: (array zero-terminated=1): keys of `[idp/NAME]` and their texts, in turn; but for those that name a
 * source of metadata
 * @metadata: what is known of the provider
 * @actor: who wants it, for the log
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A connection somebody wants.
 */
typedef struct
{
  const char *name;
  const char *const *keys;
  DoorConnectionMetadata metadata;
  const char *actor;
  GCancellable *cancellable;
} DoorConnectionWish;

/**
 * DoorConnectionInfo:
 * @id: its id, "" for one that stands in a file
 * @name: its name
 * @type: kind of provider
 * @title: (nullable): name on pages
 * @file: (nullable): the file in which it stands
 * @addresses: what this server is towards it
 * @metadata_source: (nullable): "upload" or an address; %NULL while there is no metadata
 * @idp_entity_id: (nullable): the provider's entity id
 * @created_at: milliseconds since 1970, UTC; 0 in a file
 * @updated_at: the same
 *
 * A connection as the outside is told about it.
 */
typedef struct
{
  char *id;
  char *name;
  char *type;
  char *title;
  char *file;
  DoorConnectionAddresses addresses;
  char *metadata_source;
  char *idp_entity_id;
  int64_t created_at;
  int64_t updated_at;
} DoorConnectionInfo;

void door_connection_info_free (DoorConnectionInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorConnectionInfo, door_connection_info_free)

DoorConnectionInfo *door_connection_object_create (const DoorContext *context, const DoorConnectionWish *wish,
                                                   GError **error);
DoorConnectionInfo *door_connection_object_set_metadata (const DoorContext *context,
                                                         const DoorConnectionWish *wish, GError **error);
bool door_connection_object_remove (const DoorContext *context, const DoorConnectionWish *wish,
                                    GError **error);
DoorConnectionInfo *door_connection_object_lookup (const DoorContext *context, const char *name,
                                                   GError **error);
char *door_connection_object_dup_metadata (const DoorContext *context, const char *name, GError **error);
GPtrArray *door_connection_object_list (const DoorContext *context, const char *after, unsigned int limit,
                                        GError **error);
