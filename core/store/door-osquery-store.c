/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-osquery-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define COLUMNS                                                                                              \
  "key_hash, team, host_identifier, serial, uuid, hostname, mdm_url, device_id, enrolled_at, seen_at, "      \
  "reported_at, confirmed_at, secret_mark"

static gpointer
door_osquery_node_decode (DoorRow *row)
{
  DoorOsqueryNode *self = g_new0 (DoorOsqueryNode, 1);

  self->key_hash = door_row_dup_text (row, "key_hash");
  self->team = door_row_dup_text (row, "team");
  self->host_identifier = door_row_dup_text (row, "host_identifier");
  self->serial = door_row_dup_text (row, "serial");
  self->uuid = door_row_dup_text (row, "uuid");
  self->hostname = door_row_dup_text (row, "hostname");
  self->mdm_url = door_row_dup_text (row, "mdm_url");
  self->device_id = door_row_dup_text (row, "device_id");
  self->enrolled_at = door_row_get_int (row, "enrolled_at");
  self->seen_at = door_row_get_int (row, "seen_at");
  self->reported_at = door_row_get_int (row, "reported_at");
  self->confirmed_at = door_row_get_int (row, "confirmed_at");
  self->secret_mark = door_row_dup_text (row, "secret_mark");
  return self;
}

/**
 * door_osquery_node_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_osquery_node_free (DoorOsqueryNode *self)
{
  if (self == NULL)
    return;
  g_free (self->key_hash);
  g_free (self->team);
  g_free (self->host_identifier);
  g_free (self->serial);
  g_free (self->uuid);
  g_free (self->hostname);
  g_free (self->mdm_url);
  g_free (self->device_id);
  g_free (self->secret_mark);
  g_free (self);
}

/**
 * door_osquery_store_enroll:
 * @txn: a transaction
 * @node: the agent
 * @error: return location for an error
 *
 * Stores an agent. One that is known by the same name in the same team is the same agent with a new key: the
 * old key is good for nothing any more, and what was known of its machine is forgotten.
 *
 * Returns: false with an error
 */
bool
door_osquery_store_enroll (DoorTxn *txn, const DoorOsqueryNode *node, GError **error)
{
  static const char sql[] =
      "INSERT INTO osquery_node (" COLUMNS
      ") VALUES (:key_hash, :team, :host_identifier, '', '', '', '', '', "
      ":now, :now, 0, 0, :secret_mark) ON CONFLICT (team, host_identifier) DO UPDATE SET key_hash = "
      ":key_hash, serial = "
      "'', "
      "uuid = '', hostname = '', mdm_url = '', device_id = '', enrolled_at = :now, seen_at = :now, "
      "reported_at = 0, confirmed_at = 0, secret_mark = :secret_mark";

  return door_txn_change (txn, sql,
                          door_params_new ("key_hash", "s", node->key_hash, "team", "s", node->team,
                                           "host_identifier", "s", node->host_identifier, "now", "x",
                                           node->enrolled_at, "secret_mark", "s", node->secret_mark, NULL),
                          NULL, error);
}

/**
 * door_osquery_store_lookup:
 * @txn: a transaction
 * @key_hash: SHA-256 of the agent's key
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds an agent.
 *
 * Returns: false with an error
 */
bool
door_osquery_store_lookup (DoorTxn *txn, const char *key_hash, DoorOsqueryNode **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM osquery_node WHERE key_hash = :key_hash";

  return door_txn_lookup (txn, sql, door_params_new ("key_hash", "s", key_hash, NULL),
                          door_osquery_node_decode, (gpointer *) out, error);
}

/**
 * door_osquery_store_lookup_by_device:
 * @txn: a transaction
 * @device_id: a device
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the agent that has confirmed the link of a device last.
 *
 * Returns: false with an error
 */
bool
door_osquery_store_lookup_by_device (DoorTxn *txn, const char *device_id, DoorOsqueryNode **out,
                                     GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM osquery_node WHERE device_id = :device_id "
                            "ORDER BY confirmed_at DESC, key_hash LIMIT 1";

  return door_txn_lookup (txn, sql, door_params_new ("device_id", "s", device_id, NULL),
                          door_osquery_node_decode, (gpointer *) out, error);
}

/**
 * door_osquery_store_touch:
 * @txn: a transaction
 * @key_hash: the agent
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Notes that an agent was seen.
 *
 * Returns: false with an error
 */
bool
door_osquery_store_touch (DoorTxn *txn, const char *key_hash, int64_t now_ms, GError **error)
{
  static const char sql[] = "UPDATE osquery_node SET seen_at = :now WHERE key_hash = :key_hash";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "key_hash", "s", key_hash, NULL),
                          NULL, error);
}

/**
 * door_osquery_store_save_report:
 * @txn: a transaction
 * @node: the agent; its key and what it has reported are looked at
 * @error: return location for an error
 *
 * Stores what an agent says of its machine, in place of what it said before.
 *
 * Returns: false with an error
 */
bool
door_osquery_store_save_report (DoorTxn *txn, const DoorOsqueryNode *node, GError **error)
{
  static const char sql[] =
      "UPDATE osquery_node SET serial = :serial, uuid = :uuid, hostname = :hostname, mdm_url = :mdm_url, "
      "device_id = :device_id, seen_at = :now, reported_at = :now, confirmed_at = :confirmed_at "
      "WHERE key_hash = :key_hash";

  return door_txn_change (txn, sql,
                          door_params_new ("serial", "s", node->serial, "uuid", "s", node->uuid, "hostname",
                                           "s", node->hostname, "mdm_url", "s", node->mdm_url, "device_id",
                                           "s", node->device_id, "now", "x", node->reported_at,
                                           "confirmed_at", "x", node->confirmed_at, "key_hash", "s",
                                           node->key_hash, NULL),
                          NULL, error);
}

/**
 * door_osquery_store_remove_silent:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets agents that were not seen since a time.
 *
 * Returns: false with an error
 */
bool
door_osquery_store_remove_silent (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                  GError **error)
{
  static const char sql[] = "DELETE FROM osquery_node WHERE key_hash IN (SELECT key_hash FROM osquery_node "
                            "WHERE seen_at < :before ORDER BY seen_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}
