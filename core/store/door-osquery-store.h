/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorOsqueryNode:
 *
 * An agent of osquery; @device_id is empty, or the device whose link its last report confirmed at
 * @confirmed_at; @secret_mark is by what the enroll secret is known with which it came.
 */
typedef struct
{
  char *key_hash;
  char *team;
  char *host_identifier;
  char *serial;
  char *uuid;
  char *hostname;
  char *mdm_url;
  char *device_id;
  char *secret_mark;
  int64_t enrolled_at;
  int64_t seen_at;
  int64_t reported_at;
  int64_t confirmed_at;
} DoorOsqueryNode;

void door_osquery_node_free (DoorOsqueryNode *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorOsqueryNode, door_osquery_node_free)

bool door_osquery_store_enroll (DoorTxn *txn, const DoorOsqueryNode *node, GError **error);
bool door_osquery_store_lookup (DoorTxn *txn, const char *key_hash, DoorOsqueryNode **out, GError **error);
bool door_osquery_store_lookup_by_device (DoorTxn *txn, const char *device_id, DoorOsqueryNode **out,
                                          GError **error);
bool door_osquery_store_touch (DoorTxn *txn, const char *key_hash, int64_t now_ms, GError **error);
bool door_osquery_store_save_report (DoorTxn *txn, const DoorOsqueryNode *node, GError **error);
bool door_osquery_store_remove_silent (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                       GError **error);
