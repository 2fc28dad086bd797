/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-token-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define COLUMNS                                                                                              \
  "hash, kind, mode, person_id, team, managed_account, serial, udid, product, eula, agreed_at, created_at, " \
  "expires_at, fetched_at, certificate_sha256, revoked_at, link, parent_hash, enroll_reference, "            \
  "connection, vouched_until"

static gpointer
door_access_token_decode (DoorRow *row)
{
  DoorAccessToken *self = g_new0 (DoorAccessToken, 1);

  self->hash = door_row_dup_text (row, "hash");
  self->kind = door_row_dup_text (row, "kind");
  self->mode = door_row_dup_text (row, "mode");
  self->person_id = door_row_dup_text (row, "person_id");
  self->team = door_row_dup_text (row, "team");
  self->managed_account = door_row_dup_text (row, "managed_account");
  self->serial = door_row_dup_text (row, "serial");
  self->udid = door_row_dup_text (row, "udid");
  self->product = door_row_dup_text (row, "product");
  self->eula = door_row_dup_text (row, "eula");
  self->agreed_at = door_row_get_int (row, "agreed_at");
  self->created_at = door_row_get_int (row, "created_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  self->fetched_at = door_row_get_int (row, "fetched_at");
  self->certificate_sha256 = door_row_dup_text (row, "certificate_sha256");
  self->revoked_at = door_row_get_int (row, "revoked_at");
  self->link = door_row_dup_text (row, "link");
  self->parent_hash = door_row_dup_text (row, "parent_hash");
  self->enroll_reference = door_row_dup_text (row, "enroll_reference");
  self->connection = door_row_dup_text (row, "connection");
  self->vouched_until = door_row_get_int (row, "vouched_until");
  return self;
}

/**
 * door_access_token_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_access_token_free (DoorAccessToken *self)
{
  if (self == NULL)
    return;
  g_free (self->hash);
  g_free (self->kind);
  g_free (self->mode);
  g_free (self->person_id);
  g_free (self->team);
  g_free (self->managed_account);
  g_free (self->serial);
  g_free (self->udid);
  g_free (self->product);
  g_free (self->eula);
  g_free (self->certificate_sha256);
  g_free (self->link);
  g_free (self->parent_hash);
  g_free (self->enroll_reference);
  g_free (self->connection);
  g_free (self);
}

/**
 * door_token_store_add:
 * @txn: a transaction
 * @token: the token
 * @error: return location for an error
 *
 * Stores a new token.
 *
 * Returns: false with an error
 */
bool
door_token_store_add (DoorTxn *txn, const DoorAccessToken *token, GError **error)
{
  static const char sql[] =
      "INSERT INTO access_token (" COLUMNS ") VALUES (:hash, :kind, :mode, :person_id, :team, "
      ":managed_account, :serial, :udid, :product, :eula, :agreed_at, :created_at, :expires_at, :fetched_at, "
      ":certificate_sha256, :revoked_at, :link, :parent_hash, :enroll_reference, "
      ":connection, :vouched_until)";

  return door_txn_change (
      txn, sql,
      door_params_new ("hash", "s", token->hash, "kind", "s", token->kind, "mode", "s", token->mode,
                       "person_id", "s", token->person_id, "team", "s", token->team, "managed_account", "s",
                       token->managed_account, "serial", "s", token->serial, "udid", "s", token->udid,
                       "product", "s", token->product, "eula", "s", token->eula, "agreed_at", "x",
                       token->agreed_at, "created_at", "x", token->created_at, "expires_at", "x",
                       token->expires_at, "fetched_at", "x", token->fetched_at, "certificate_sha256", "s",
                       token->certificate_sha256, "revoked_at", "x", token->revoked_at, "link", "s",
                       token->link != NULL ? token->link : "", "parent_hash", "s",
                       token->parent_hash != NULL ? token->parent_hash : "", "enroll_reference", "s",
                       token->enroll_reference != NULL ? token->enroll_reference : "", "connection", "s",
                       token->connection != NULL ? token->connection : "", "vouched_until", "x",
                       token->vouched_until, NULL),
      NULL, error);
}

/**
 * door_token_store_prolong:
 * @txn: a transaction
 * @token: a token of a provider, with a later expires_at and vouched_until
 * @error: return location for an error
 *
 * Notes that its provider still vouches for a token of the same person. One that was revoked stays so.
 *
 * Returns: false with an error
 */
bool
door_token_store_prolong (DoorTxn *txn, const DoorAccessToken *token, GError **error)
{
  static const char sql[] =
      "UPDATE access_token SET expires_at = :expires_at, vouched_until = :vouched_until "
      "WHERE hash = :hash AND person_id = :person_id AND connection = :connection AND "
      "revoked_at = 0 AND expires_at < :expires_at";

  return door_txn_change (txn, sql,
                          door_params_new ("expires_at", "x", token->expires_at, "vouched_until", "x",
                                           token->vouched_until, "hash", "s", token->hash, "person_id", "s",
                                           token->person_id, "connection", "s", token->connection, NULL),
                          NULL, error);
}

/**
 * door_token_store_lookup:
 * @txn: a transaction
 * @hash: SHA-256 of the token
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a token.
 *
 * Returns: false with an error
 */
bool
door_token_store_lookup (DoorTxn *txn, const char *hash, DoorAccessToken **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM access_token WHERE hash = :hash";

  return door_txn_lookup (txn, sql, door_params_new ("hash", "s", hash, NULL), door_access_token_decode,
                          (gpointer *) out, error);
}

/**
 * door_token_store_claim:
 * @txn: a transaction
 * @token: a ticket, with the device that shows it
 * @changed: (out): false when it is another's
 * @error: return location for an error
 *
 * Ties a ticket to the device that shows it first.
 *
 * Returns: false with an error
 */
bool
door_token_store_claim (DoorTxn *txn, const DoorAccessToken *token, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE access_token SET serial = :serial, udid = :udid WHERE hash = :hash AND "
                            "((serial = '' AND udid = '') OR (serial = :serial AND udid = :udid))";

  return door_txn_change (txn, sql,
                          door_params_new ("serial", "s", token->serial, "udid", "s", token->udid, "hash",
                                           "s", token->hash, NULL),
                          changed, error);
}

/**
 * door_token_store_bind:
 * @txn: a transaction
 * @hash: SHA-256 of the token
 * @certificate_sha256: the identity certificate
 * @changed: (out): false when it was tied to one before
 * @error: return location for an error
 *
 * Ties a token to the identity certificate it was used with first.
 *
 * Returns: false with an error
 */
bool
door_token_store_bind (DoorTxn *txn, const char *hash, const char *certificate_sha256, bool *changed,
                       GError **error)
{
  static const char sql[] = "UPDATE access_token SET certificate_sha256 = :certificate "
                            "WHERE hash = :hash AND certificate_sha256 = ''";

  return door_txn_change (txn, sql,
                          door_params_new ("certificate", "s", certificate_sha256, "hash", "s", hash, NULL),
                          changed, error);
}

/**
 * door_token_store_set_fetched:
 * @txn: a transaction
 * @token: the token; its mode, product, enroll_reference, fetched_at and expires_at are stored
 * @error: return location for an error
 *
 * Notes the first fetch of the profile; a later one changes nothing.
 *
 * Returns: false with an error
 */
bool
door_token_store_set_fetched (DoorTxn *txn, const DoorAccessToken *token, GError **error)
{
  static const char sql[] = "UPDATE access_token SET mode = :mode, product = :product, enroll_reference = "
                            ":enroll_reference, fetched_at = :fetched_at, "
                            "expires_at = :expires_at WHERE hash = :hash AND fetched_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("mode", "s", token->mode, "product", "s", token->product,
                                           "enroll_reference", "s",
                                           token->enroll_reference != NULL ? token->enroll_reference : "",
                                           "fetched_at", "x", token->fetched_at, "expires_at", "x",
                                           token->expires_at, "hash", "s", token->hash, NULL),
                          NULL, error);
}

/**
 * door_token_store_set_agreed:
 * @txn: a transaction
 * @hash: SHA-256 of the token
 * @now_ms: milliseconds since 1970, UTC
 * @changed: (out): false when that was done before
 * @error: return location for an error
 *
 * Notes that the person has agreed to what had to be agreed to.
 *
 * Returns: false with an error
 */
bool
door_token_store_set_agreed (DoorTxn *txn, const char *hash, int64_t now_ms, bool *changed, GError **error)
{
  static const char sql[] = "UPDATE access_token SET agreed_at = :now WHERE hash = :hash AND agreed_at = 0";

  return door_txn_change (txn, sql, door_params_new ("now", "x", now_ms, "hash", "s", hash, NULL), changed,
                          error);
}

/**
 * door_token_store_lookup_nobodys:
 * @txn: a transaction
 * @like: what it must be like: kind, team, serial and udid
 * @now_ms: milliseconds since 1970, UTC
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the newest ticket of a device that enrolls without a person, if it can still be used.
 *
 * Returns: false with an error
 */
bool
door_token_store_lookup_nobodys (DoorTxn *txn, const DoorAccessToken *like, int64_t now_ms,
                                 DoorAccessToken **out, GError **error)
{
  static const char sql[] =
      "SELECT " COLUMNS
      " FROM access_token WHERE serial = :serial AND udid = :udid AND serial <> '' AND kind "
      "= :kind AND team = :team AND person_id = '' AND certificate_sha256 = '' AND revoked_at = 0 AND "
      "expires_at > :now ORDER BY created_at DESC, hash LIMIT 1";

  return door_txn_lookup (txn, sql,
                          door_params_new ("serial", "s", like->serial, "udid", "s", like->udid, "kind", "s",
                                           like->kind, "team", "s", like->team, "now", "x", now_ms, NULL),
                          door_access_token_decode, (gpointer *) out, error);
}

/**
 * door_token_store_revoke_former:
 * @txn: a transaction
 * @token: a ticket
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Revokes the other tickets of the same device that no certificate is bound to yet.
 *
 * Returns: false with an error
 */
bool
door_token_store_revoke_former (DoorTxn *txn, const DoorAccessToken *token, int64_t now_ms, GError **error)
{
  static const char sql[] =
      "UPDATE access_token SET revoked_at = :now WHERE hash IN (SELECT hash FROM access_token WHERE serial = "
      ":serial AND serial <> '' UNION SELECT hash FROM access_token WHERE udid = :udid AND udid <> '') AND "
      "hash <> :hash AND kind <> '" DOOR_TOKEN_ACCOUNT "' AND certificate_sha256 = '' AND revoked_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("now", "x", now_ms, "serial", "s", token->serial, "udid", "s",
                                           token->udid, "hash", "s", token->hash, NULL),
                          NULL, error);
}

/**
 * door_token_store_remove_expired:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets tokens that expired before a time.
 *
 * Returns: false with an error
 */
bool
door_token_store_remove_expired (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                 GError **error)
{
  static const char sql[] = "DELETE FROM access_token WHERE hash IN (SELECT hash FROM access_token WHERE "
                            "expires_at < :before ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}
