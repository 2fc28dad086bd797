/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-login-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define FLOW_COLUMNS                                                                                         \
  "key_hash, purpose, return_path, team, user_identifier, way, serial, udid, product, redirect_uri, "        \
  "client_state, code_challenge, link, flow.created_at AS created_at, flow.expires_at AS expires_at"
#define REQUEST_COLUMNS                                                                                      \
  "id, flow_hash, connection, acs_url, relay_hash, sign_in_request.created_at AS request_created_at, "       \
  "sign_in_request.expires_at AS request_expires_at, spent_at"

static gpointer
door_flow_decode (DoorRow *row)
{
  DoorFlow *self = g_new0 (DoorFlow, 1);

  self->key_hash = door_row_dup_text (row, "key_hash");
  self->purpose = door_row_dup_text (row, "purpose");
  self->return_path = door_row_dup_text (row, "return_path");
  self->team = door_row_dup_text (row, "team");
  self->user_identifier = door_row_dup_text (row, "user_identifier");
  self->way = door_row_dup_text (row, "way");
  self->serial = door_row_dup_text (row, "serial");
  self->udid = door_row_dup_text (row, "udid");
  self->product = door_row_dup_text (row, "product");
  self->redirect_uri = door_row_dup_text (row, "redirect_uri");
  self->client_state = door_row_dup_text (row, "client_state");
  self->code_challenge = door_row_dup_text (row, "code_challenge");
  self->link = door_row_dup_text (row, "link");
  self->created_at = door_row_get_int (row, "created_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  return self;
}

/**
 * door_flow_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_flow_free (DoorFlow *self)
{
  if (self == NULL)
    return;
  g_free (self->key_hash);
  g_free (self->purpose);
  g_free (self->return_path);
  g_free (self->team);
  g_free (self->user_identifier);
  g_free (self->way);
  g_free (self->serial);
  g_free (self->udid);
  g_free (self->product);
  g_free (self->redirect_uri);
  g_free (self->client_state);
  g_free (self->code_challenge);
  g_free (self->link);
  g_free (self);
}

static gpointer
door_sign_in_request_decode (DoorRow *row)
{
  DoorSignInRequest *self = g_new0 (DoorSignInRequest, 1);

  self->id = door_row_dup_text (row, "id");
  self->flow_hash = door_row_dup_text (row, "flow_hash");
  self->connection = door_row_dup_text (row, "connection");
  self->acs_url = door_row_dup_text (row, "acs_url");
  self->relay_hash = door_row_dup_text (row, "relay_hash");
  self->created_at = door_row_get_int (row, "request_created_at");
  self->expires_at = door_row_get_int (row, "request_expires_at");
  self->spent_at = door_row_get_int (row, "spent_at");
  self->flow = door_flow_decode (row);
  return self;
}

/**
 * door_sign_in_request_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_sign_in_request_free (DoorSignInRequest *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->flow_hash);
  g_free (self->connection);
  g_free (self->acs_url);
  g_free (self->relay_hash);
  door_flow_free (self->flow);
  g_free (self);
}

/**
 * door_login_store_add_flow:
 * @txn: a transaction
 * @flow: the flow
 * @error: return location for an error
 *
 * Stores a new flow.
 *
 * Returns: false with an error
 */
bool
door_login_store_add_flow (DoorTxn *txn, const DoorFlow *flow, GError **error)
{
  static const char sql[] =
      "INSERT INTO flow (key_hash, purpose, return_path, team, user_identifier, way, serial, udid, product, "
      "redirect_uri, client_state, code_challenge, link, created_at, expires_at) "
      "VALUES (:key_hash, :purpose, :return_path, :team, :user_identifier, :way, :serial, :udid, :product, "
      ":redirect_uri, :client_state, :code_challenge, :link, :created_at, :expires_at)";

  return door_txn_change (
      txn, sql,
      door_params_new ("key_hash", "s", flow->key_hash, "purpose", "s", flow->purpose, "return_path", "s",
                       flow->return_path, "team", "s", flow->team, "user_identifier", "s",
                       flow->user_identifier, "way", "s", flow->way, "serial", "s", flow->serial, "udid", "s",
                       flow->udid, "product", "s", flow->product, "redirect_uri", "s", flow->redirect_uri,
                       "client_state", "s", flow->client_state, "code_challenge", "s", flow->code_challenge,
                       "link", "s", flow->link != NULL ? flow->link : "", "created_at", "x", flow->created_at,
                       "expires_at", "x", flow->expires_at, NULL),
      NULL, error);
}

/**
 * door_login_store_lookup_flow:
 * @txn: a transaction
 * @key_hash: SHA-256 of the cookie
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a flow by its cookie.
 *
 * Returns: false with an error
 */
bool
door_login_store_lookup_flow (DoorTxn *txn, const char *key_hash, DoorFlow **out, GError **error)
{
  static const char sql[] = "SELECT " FLOW_COLUMNS " FROM flow WHERE key_hash = :key_hash";

  return door_txn_lookup (txn, sql, door_params_new ("key_hash", "s", key_hash, NULL), door_flow_decode,
                          (gpointer *) out, error);
}

/**
 * door_login_store_add_request:
 * @txn: a transaction
 * @request: the request; its flow is stored already
 * @error: return location for an error
 *
 * Stores a request before it is sent.
 *
 * Returns: false with an error
 */
bool
door_login_store_add_request (DoorTxn *txn, const DoorSignInRequest *request, GError **error)
{
  static const char sql[] =
      "INSERT INTO sign_in_request (id, flow_hash, connection, acs_url, relay_hash, created_at, expires_at, "
      "spent_at) VALUES (:id, :flow_hash, :connection, :acs_url, :relay_hash, :created_at, :expires_at, "
      ":spent_at)";

  return door_txn_change (txn, sql,
                          door_params_new ("id", "s", request->id, "flow_hash", "s", request->flow_hash,
                                           "connection", "s", request->connection, "acs_url", "s",
                                           request->acs_url, "relay_hash", "s", request->relay_hash,
                                           "created_at", "x", request->created_at, "expires_at", "x",
                                           request->expires_at, "spent_at", "x", request->spent_at, NULL),
                          NULL, error);
}

/**
 * door_login_store_lookup_request:
 * @txn: a transaction
 * @relay_hash: SHA-256 of the RelayState
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a request and its flow by the RelayState that was sent with it.
 *
 * Returns: false with an error
 */
bool
door_login_store_lookup_request (DoorTxn *txn, const char *relay_hash, DoorSignInRequest **out,
                                 GError **error)
{
  static const char sql[] = "SELECT " REQUEST_COLUMNS ", " FLOW_COLUMNS " FROM sign_in_request "
                            "JOIN flow ON key_hash = flow_hash WHERE relay_hash = :relay_hash";

  return door_txn_lookup (txn, sql, door_params_new ("relay_hash", "s", relay_hash, NULL),
                          door_sign_in_request_decode, (gpointer *) out, error);
}

/**
 * door_login_store_spend_request:
 * @txn: a transaction
 * @id: the request
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out) (optional): whether a row was touched
 * @error: return location for an error
 *
 * Marks a request as answered; the first caller wins.
 *
 * Returns: false with an error
 */
bool
door_login_store_spend_request (DoorTxn *txn, const char *id, int64_t now_ms, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE sign_in_request SET spent_at = :now WHERE id = :id AND spent_at = 0";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "id", "s", id, NULL), changed,
                          error);
}

/**
 * door_login_store_count_decryption:
 * @txn: a transaction
 * @id: the request
 * @most: how often it may be
 * @changed: (out) (optional): whether it may be once more
 * @error: return location for an error
 *
 * Counts the use of a private key for the answer to a request, before it is used.
 *
 * Returns: false with an error
 */
bool
door_login_store_count_decryption (DoorTxn *txn, const char *id, int64_t most, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE sign_in_request SET decryptions = decryptions + 1 "
                            "WHERE id = :id AND spent_at = 0 AND decryptions < :most";

  return door_txn_change (txn, sql, door_params_new ("id", "s", id, "most", "x", most, NULL), changed, error);
}

/**
 * door_login_store_count_resolution:
 * @txn: a transaction
 * @id: the request
 * @most: how often it may be
 * @changed: (out) (optional): whether it may be once more
 * @error: return location for an error
 *
 * Counts a question to the identity provider about an artifact that came for a request, before it is asked.
 *
 * Returns: false with an error
 */
bool
door_login_store_count_resolution (DoorTxn *txn, const char *id, int64_t most, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE sign_in_request SET resolutions = resolutions + 1 "
                            "WHERE id = :id AND spent_at = 0 AND resolutions < :most";

  return door_txn_change (txn, sql, door_params_new ("id", "s", id, "most", "x", most, NULL), changed, error);
}

/**
 * door_login_store_add_replay:
 * @txn: a transaction
 * @issuer: entity id of the identity provider
 * @assertion_id: ID of the assertion
 * @expires_at_ms: when the assertion could no longer be accepted anyway
 * @changed: (out) (optional): whether a row was touched
 * @error: return location for an error
 *
 * Records an assertion as used (SAML profiles 4.1.4.5); an ID known already changes nothing.
 *
 * Returns: false with an error
 */
bool
door_login_store_add_replay (DoorTxn *txn, const char *issuer, const char *assertion_id,
                             int64_t expires_at_ms, bool *changed, GError **error)
{
  static const char sql[] = "INSERT INTO replay (issuer, assertion_id, expires_at) "
                            "VALUES (:issuer, :assertion_id, :expires_at) ON CONFLICT DO NOTHING";

  return door_txn_change (txn, sql,
                          door_params_new ("issuer", "s", issuer, "assertion_id", "s", assertion_id,
                                           "expires_at", "x", expires_at_ms, NULL),
                          changed, error);
}

/**
 * door_login_store_remove_expired_flows:
 * @txn: a transaction
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets flows, with their requests, whose time is over.
 *
 * Returns: false with an error
 */
bool
door_login_store_remove_expired_flows (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                       GError **error)
{
  static const char sql[] = "DELETE FROM flow WHERE key_hash IN (SELECT key_hash FROM flow WHERE expires_at "
                            "< :now ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "limit", "x", limit, NULL), changed,
                          error);
}

/**
 * door_login_store_remove_expired_replays:
 * @txn: a transaction
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets assertions that no clock would accept any more.
 *
 * Returns: false with an error
 */
bool
door_login_store_remove_expired_replays (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                         GError **error)
{
  static const char sql[] = "DELETE FROM replay WHERE (issuer, assertion_id) IN (SELECT issuer, assertion_id "
                            "FROM replay WHERE expires_at < :now ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "limit", "x", limit, NULL), changed,
                          error);
}
