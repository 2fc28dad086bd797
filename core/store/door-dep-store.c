/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-store.h"

#include "door-row.h"

#define SERVER_COLUMNS                                                                                       \
  "name, certificate, sealed_key, sealed_token, token_expires_at, server_uuid, server_name, organization, "  \
  "cursor_text, phase, generation, n_read, full_sync_at, synced_at, due_at, failures, fault, detail, "       \
  "discovery_url, discovery_detail, created_at"
#define PROFILE_COLUMNS "server, team, digest, uuid, defined_at"

static gpointer
door_dep_server_decode (DoorRow *row)
{
  DoorDepServer *self = g_new0 (DoorDepServer, 1);

  self->name = door_row_dup_text (row, "name");
  self->certificate = door_row_dup_text (row, "certificate");
  self->sealed_key = door_row_dup_text (row, "sealed_key");
  self->sealed_token = door_row_dup_text (row, "sealed_token");
  self->token_expires_at = door_row_get_int (row, "token_expires_at");
  self->server_uuid = door_row_dup_text (row, "server_uuid");
  self->server_name = door_row_dup_text (row, "server_name");
  self->organization = door_row_dup_text (row, "organization");
  self->cursor = door_row_dup_text (row, "cursor_text");
  self->phase = door_row_dup_text (row, "phase");
  self->generation = door_row_get_int (row, "generation");
  self->n_read = door_row_get_int (row, "n_read");
  self->full_sync_at = door_row_get_int (row, "full_sync_at");
  self->synced_at = door_row_get_int (row, "synced_at");
  self->due_at = door_row_get_int (row, "due_at");
  self->failures = door_row_get_int (row, "failures");
  self->fault = door_row_dup_text (row, "fault");
  self->detail = door_row_dup_text (row, "detail");
  self->discovery_url = door_row_dup_text (row, "discovery_url");
  self->discovery_detail = door_row_dup_text (row, "discovery_detail");
  self->created_at = door_row_get_int (row, "created_at");
  return self;
}

/**
 * door_dep_server_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_dep_server_free (DoorDepServer *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->certificate);
  g_free (self->sealed_key);
  g_free (self->sealed_token);
  g_free (self->server_uuid);
  g_free (self->server_name);
  g_free (self->organization);
  g_free (self->cursor);
  g_free (self->phase);
  g_free (self->fault);
  g_free (self->detail);
  g_free (self->discovery_url);
  g_free (self->discovery_detail);
  g_free (self);
}

static gpointer
door_dep_profile_decode (DoorRow *row)
{
  DoorDepProfile *self = g_new0 (DoorDepProfile, 1);

  self->server = door_row_dup_text (row, "server");
  self->team = door_row_dup_text (row, "team");
  self->digest = door_row_dup_text (row, "digest");
  self->uuid = door_row_dup_text (row, "uuid");
  self->defined_at = door_row_get_int (row, "defined_at");
  return self;
}

/**
 * door_dep_profile_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_dep_profile_free (DoorDepProfile *self)
{
  if (self == NULL)
    return;
  g_free (self->server);
  g_free (self->team);
  g_free (self->digest);
  g_free (self->uuid);
  g_free (self);
}

/**
 * door_dep_store_add_server:
 * @txn: a transaction
 * @server: the server
 * @added: (out): false when there is one of that name, which stays as it is
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_dep_store_add_server (DoorTxn *txn, const DoorDepServer *server, bool *added, GError **error)
{
  static const char sql[] = "INSERT INTO dep_server (" SERVER_COLUMNS
                            ") VALUES (:name, :certificate, :sealed_key, :sealed_token, :token_expires_at, "
                            ":server_uuid, :server_name, :organization, :cursor_text, :phase, :generation, "
                            ":n_read, :full_sync_at, :synced_at, :due_at, :failures, :fault, :detail, "
                            ":discovery_url, :discovery_detail, :created_at) ON CONFLICT (name) DO NOTHING";

  return door_txn_change (
      txn, sql,
      door_params_new ("name", "s", server->name, "certificate", "s", server->certificate, "sealed_key", "s",
                       server->sealed_key, "sealed_token", "s", server->sealed_token, "token_expires_at", "x",
                       server->token_expires_at, "server_uuid", "s", server->server_uuid, "server_name", "s",
                       server->server_name, "organization", "s", server->organization, "cursor_text", "s",
                       server->cursor, "phase", "s", server->phase, "generation", "x", server->generation,
                       "n_read", "x", server->n_read, "full_sync_at", "x", server->full_sync_at, "synced_at",
                       "x", server->synced_at, "due_at", "x", server->due_at, "failures", "x",
                       server->failures, "fault", "s", server->fault, "detail", "s", server->detail,
                       "discovery_url", "s", server->discovery_url, "discovery_detail", "s",
                       server->discovery_detail, "created_at", "x", server->created_at, NULL),
      added, error);
}

/**
 * door_dep_store_lookup_server:
 * @txn: a transaction
 * @name: its name here
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_dep_store_lookup_server (DoorTxn *txn, const char *name, DoorDepServer **out, GError **error)
{
  static const char sql[] = "SELECT " SERVER_COLUMNS " FROM dep_server WHERE name = :name";

  return door_txn_lookup (txn, sql, door_params_new ("name", "s", name, NULL), door_dep_server_decode,
                          (gpointer *) out, error);
}

/**
 * door_dep_store_list_servers:
 * @txn: a transaction
 * @error: return location for an error
 *
 * Lists all servers by name; there are a few.
 *
 * Returns: (transfer full) (element-type DoorDepServer): the rows, or %NULL with an error
 */
GPtrArray *
door_dep_store_list_servers (DoorTxn *txn, GError **error)
{
  static const char sql[] = "SELECT " SERVER_COLUMNS " FROM dep_server ORDER BY name";

  return door_txn_list (txn, sql, NULL, door_dep_server_decode, (GDestroyNotify) door_dep_server_free, error);
}

/**
 * door_dep_store_set_token:
 * @txn: a transaction
 * @server: its name, the sealed token, when that ends, and when it is to be used first
 * @changed: (out): whether there is such a server
 * @error: return location for an error
 *
 * Stores a token; what went wrong with the one before is forgotten.
 *
 * Returns: false with an error
 */
bool
door_dep_store_set_token (DoorTxn *txn, const DoorDepServer *server, bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE dep_server SET sealed_token = :sealed_token, "
      "token_expires_at = :token_expires_at, due_at = :due_at, failures = 0, fault = '', "
      "detail = '' WHERE name = :name";

  return door_txn_change (txn, sql,
                          door_params_new ("sealed_token", "s", server->sealed_token, "token_expires_at", "x",
                                           server->token_expires_at, "due_at", "x", server->due_at, "name",
                                           "s", server->name, NULL),
                          changed, error);
}

/**
 * door_dep_store_set_account:
 * @txn: a transaction
 * @server: its name here, and what Apple says of it
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_dep_store_set_account (DoorTxn *txn, const DoorDepServer *server, GError **error)
{
  static const char sql[] = "UPDATE dep_server SET server_uuid = :server_uuid, server_name = :server_name, "
                            "organization = :organization WHERE name = :name";

  return door_txn_change (txn, sql,
                          door_params_new ("server_uuid", "s", server->server_uuid, "server_name", "s",
                                           server->server_name, "organization", "s", server->organization,
                                           "name", "s", server->name, NULL),
                          NULL, error);
}

/**
 * door_dep_store_begin_fetch:
 * @txn: a transaction
 * @name: its name
 * @generation: the one before
 * @changed: (out): false when somebody else has begun
 * @error: return location for an error
 *
 * Begins to read the whole list of devices.
 *
 * Returns: false with an error
 */
bool
door_dep_store_begin_fetch (DoorTxn *txn, const char *name, int64_t generation, bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE dep_server SET phase = 'fetch', cursor_text = '', n_read = 0, generation = :generation + 1 "
      "WHERE name = :name AND generation = :generation";

  return door_txn_change (txn, sql, door_params_new ("name", "s", name, "generation", "x", generation, NULL),
                          changed, error);
}

/**
 * door_dep_store_move:
 * @txn: a transaction, the one that stores a page
 * @from: the server as it was when the page was asked for
 * @to: phase, cursor, devices read and time of the last whole list behind the page
 * @changed: (out): false when somebody else has moved on, and the page is not to be stored
 * @error: return location for an error
 *
 * Notes how far a list was read.
 *
 * Returns: false with an error
 */
bool
door_dep_store_move (DoorTxn *txn, const DoorDepServer *from, const DoorDepServer *to, bool *changed,
                     GError **error)
{
  static const char sql[] =
      "UPDATE dep_server SET phase = :phase, cursor_text = :cursor_text, n_read = :n_read, "
      "full_sync_at = :full_sync_at WHERE name = :name AND generation = :generation "
      "AND phase = :from_phase AND cursor_text = :from_cursor AND n_read = :from_read";

  return door_txn_change (txn, sql,
                          door_params_new ("phase", "s", to->phase, "cursor_text", "s", to->cursor, "n_read",
                                           "x", to->n_read, "full_sync_at", "x", to->full_sync_at, "name",
                                           "s", from->name, "generation", "x", from->generation, "from_phase",
                                           "s", from->phase, "from_cursor", "s", from->cursor, "from_read",
                                           "x", from->n_read, NULL),
                          changed, error);
}

/**
 * door_dep_store_end_round:
 * @txn: a transaction
 * @server: its name, when all of it was read last, when it is due again, failures in a row, fault and detail
 * @error: return location for an error
 *
 * Notes what came of asking a server.
 *
 * Returns: false with an error
 */
bool
door_dep_store_end_round (DoorTxn *txn, const DoorDepServer *server, GError **error)
{
  static const char sql[] = "UPDATE dep_server SET synced_at = :synced_at, due_at = :due_at, "
                            "failures = :failures, fault = :fault, detail = :detail WHERE name = :name";

  return door_txn_change (txn, sql,
                          door_params_new ("synced_at", "x", server->synced_at, "due_at", "x", server->due_at,
                                           "failures", "x", server->failures, "fault", "s", server->fault,
                                           "detail", "s", server->detail, "name", "s", server->name, NULL),
                          NULL, error);
}

/**
 * door_dep_store_set_due:
 * @txn: a transaction
 * @name: its name
 * @due_at: when it is to be asked next, milliseconds since 1970, UTC
 * @changed: (out) (optional): whether there is such a server
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_dep_store_set_due (DoorTxn *txn, const char *name, int64_t due_at, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE dep_server SET due_at = :due_at WHERE name = :name";

  return door_txn_change (txn, sql, door_params_new ("due_at", "x", due_at, "name", "s", name, NULL), changed,
                          error);
}

/**
 * door_dep_store_set_discovery:
 * @txn: a transaction
 * @server: its name, the address of service discovery that Apple knows, and why not, if it does not
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_dep_store_set_discovery (DoorTxn *txn, const DoorDepServer *server, GError **error)
{
  static const char sql[] = "UPDATE dep_server SET discovery_url = :discovery_url, "
                            "discovery_detail = :discovery_detail WHERE name = :name";

  return door_txn_change (txn, sql,
                          door_params_new ("discovery_url", "s", server->discovery_url, "discovery_detail",
                                           "s", server->discovery_detail, "name", "s", server->name, NULL),
                          NULL, error);
}

/**
 * door_dep_store_remove_server:
 * @txn: a transaction
 * @name: its name
 * @changed: (out): whether there was such a server
 * @error: return location for an error
 *
 * Forgets a server with its key, its token, its devices and its profiles.
 *
 * Returns: false with an error
 */
bool
door_dep_store_remove_server (DoorTxn *txn, const char *name, bool *changed, GError **error)
{
  static const char devices[] = "DELETE FROM dep_device WHERE server = :name";
  static const char server[] = "DELETE FROM dep_server WHERE name = :name";

  return door_txn_change (txn, devices, door_params_new ("name", "s", name, NULL), NULL, error) &&
         door_dep_store_remove_profiles (txn, name, error) &&
         door_txn_change (txn, server, door_params_new ("name", "s", name, NULL), changed, error);
}

/**
 * door_dep_store_save_profile:
 * @txn: a transaction
 * @profile: what was defined
 * @error: return location for an error
 *
 * Stores what a team's devices get, in place of what they got before.
 *
 * Returns: false with an error
 */
bool
door_dep_store_save_profile (DoorTxn *txn, const DoorDepProfile *profile, GError **error)
{
  static const char sql[] =
      "INSERT INTO dep_profile (" PROFILE_COLUMNS ") VALUES (:server, :team, :digest, :uuid, :defined_at) "
      "ON CONFLICT (server, team) DO UPDATE SET digest = excluded.digest, uuid = excluded.uuid, "
      "defined_at = excluded.defined_at";

  return door_txn_change (txn, sql,
                          door_params_new ("server", "s", profile->server, "team", "s", profile->team,
                                           "digest", "s", profile->digest, "uuid", "s", profile->uuid,
                                           "defined_at", "x", profile->defined_at, NULL),
                          NULL, error);
}

/**
 * door_dep_store_list_profiles:
 * @txn: a transaction
 * @server: name of the server
 * @error: return location for an error
 *
 * Lists what was defined for the teams, by their names.
 *
 * Returns: (transfer full) (element-type DoorDepProfile): the rows, or %NULL with an error
 */
GPtrArray *
door_dep_store_list_profiles (DoorTxn *txn, const char *server, GError **error)
{
  static const char sql[] =
      "SELECT " PROFILE_COLUMNS " FROM dep_profile WHERE server = :server ORDER BY team";

  return door_txn_list (txn, sql, door_params_new ("server", "s", server, NULL), door_dep_profile_decode,
                        (GDestroyNotify) door_dep_profile_free, error);
}

/**
 * door_dep_store_remove_profiles:
 * @txn: a transaction
 * @server: name of the server
 * @error: return location for an error
 *
 * Forgets what was defined at a server.
 *
 * Returns: false with an error
 */
bool
door_dep_store_remove_profiles (DoorTxn *txn, const char *server, GError **error)
{
  static const char sql[] = "DELETE FROM dep_profile WHERE server = :server";

  return door_txn_change (txn, sql, door_params_new ("server", "s", server, NULL), NULL, error);
}
