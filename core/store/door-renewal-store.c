/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-renewal-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define COLUMNS                                                                                              \
  "enrollment_id, challenge_hash, key_hash, certificate_sha256, command_uuid, asked_at, expires_at, tries, " \
  "done_at"

/* Nothing is put off for longer than a week. */
#define LATEST_MS (INT64_C (8) * 24 * 60 * 60 * 1000)

#define IDENTITIES                                                                                           \
  "SELECT c.sha256, c.enrollment_id, c.person_id, COALESCE (d.apple_id, '') AS apple_id, c.not_after, "      \
  "c.renewal_due FROM certificate c LEFT JOIN enrollment e ON e.id = c.enrollment_id "                       \
  "LEFT JOIN device d ON d.id = e.device_id "

static gpointer
door_ending_identity_decode (DoorRow *row)
{
  DoorEndingIdentity *self = g_new0 (DoorEndingIdentity, 1);

  self->sha256 = door_row_dup_text (row, "sha256");
  self->enrollment_id = door_row_dup_text (row, "enrollment_id");
  self->person_id = door_row_dup_text (row, "person_id");
  self->apple_id = door_row_dup_text (row, "apple_id");
  self->not_after = door_row_get_int (row, "not_after");
  self->renewal_due = door_row_get_int (row, "renewal_due");
  return self;
}

/**
 * door_ending_identity_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_ending_identity_free (DoorEndingIdentity *self)
{
  if (self == NULL)
    return;
  g_free (self->sha256);
  g_free (self->enrollment_id);
  g_free (self->person_id);
  g_free (self->apple_id);
  g_free (self);
}

static gpointer
door_renewal_decode (DoorRow *row)
{
  DoorRenewal *self = g_new0 (DoorRenewal, 1);

  self->enrollment_id = door_row_dup_text (row, "enrollment_id");
  self->challenge_hash = door_row_dup_text (row, "challenge_hash");
  self->key_hash = door_row_dup_text (row, "key_hash");
  self->certificate_sha256 = door_row_dup_text (row, "certificate_sha256");
  self->command_uuid = door_row_dup_text (row, "command_uuid");
  self->asked_at = door_row_get_int (row, "asked_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  self->tries = door_row_get_int (row, "tries");
  self->done_at = door_row_get_int (row, "done_at");
  return self;
}

/**
 * door_renewal_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_renewal_free (DoorRenewal *self)
{
  if (self == NULL)
    return;
  g_free (self->enrollment_id);
  g_free (self->challenge_hash);
  g_free (self->key_hash);
  g_free (self->certificate_sha256);
  g_free (self->command_uuid);
  g_free (self);
}

/**
 * door_renewal_store_list_again:
 * @txn: a transaction
 * @now_ms: milliseconds since 1970, UTC
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the identities that were to be renewed and must be looked at again. What is due later than anything
 * is ever put off was dated by a clock that was wrong: it is due.
 *
 * Returns: (transfer full) (element-type DoorEndingIdentity): the rows, or %NULL with an error
 */
GPtrArray *
door_renewal_store_list_again (DoorTxn *txn, int64_t now_ms, int64_t limit, GError **error)
{
  static const char sql[] =
      IDENTITIES "WHERE c.revoked_at = 0 AND c.renewal_due > 0 AND (c.renewal_due <= :now OR "
                 "c.renewal_due > :latest) ORDER BY c.renewal_due LIMIT :limit";

  return door_txn_list (
      txn, sql,
      door_params_new ("now", "x", now_ms, "latest", "x", now_ms + LATEST_MS, "limit", "x", limit, NULL),
      door_ending_identity_decode, (GDestroyNotify) door_ending_identity_free, error);
}

/**
 * door_renewal_store_list_ending:
 * @txn: a transaction
 * @now_ms: milliseconds since 1970, UTC
 * @until_ms: the latest end
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists the identities that end until a time and that nobody has looked at yet, those first that end first.
 *
 * Returns: (transfer full) (element-type DoorEndingIdentity): the rows, or %NULL with an error
 */
GPtrArray *
door_renewal_store_list_ending (DoorTxn *txn, int64_t now_ms, int64_t until_ms, int64_t limit, GError **error)
{
  static const char sql[] =
      IDENTITIES "WHERE c.enrollment_id <> '' AND c.revoked_at = 0 AND c.renewal_due = 0 AND "
                 "c.not_after > :now AND c.not_after <= :until ORDER BY c.not_after LIMIT :limit";

  return door_txn_list (
      txn, sql, door_params_new ("now", "x", now_ms, "until", "x", until_ms, "limit", "x", limit, NULL),
      door_ending_identity_decode, (GDestroyNotify) door_ending_identity_free, error);
}

/**
 * door_renewal_store_claim:
 * @txn: a transaction
 * @identity: an identity as it was listed
 * @next_due_ms: when to look again, 0: never
 * @changed: (out): false when somebody else has looked
 * @error: return location for an error
 *
 * Notes when an identity is looked at next, for one of all who have it on their list.
 *
 * Returns: false with an error
 */
bool
door_renewal_store_claim (DoorTxn *txn, const DoorEndingIdentity *identity, int64_t next_due_ms,
                          bool *changed, GError **error)
{
  static const char sql[] = "UPDATE certificate SET renewal_due = :next WHERE sha256 = :sha256 AND "
                            "renewal_due = :due AND revoked_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("next", "x", next_due_ms, "sha256", "s", identity->sha256, "due",
                                           "x", identity->renewal_due, NULL),
                          changed, error);
}

/**
 * door_renewal_store_wish:
 * @txn: a transaction
 * @certificate_sha256: an identity certificate
 * @due_ms: when it is to be renewed
 * @changed: (out): false when it is due by then already, or is not good any more
 * @error: return location for an error
 *
 * Has an identity renewed whenever it ends.
 *
 * Returns: false with an error
 */
bool
door_renewal_store_wish (DoorTxn *txn, const char *certificate_sha256, int64_t due_ms, bool *changed,
                         GError **error)
{
  static const char sql[] =
      "UPDATE certificate SET renewal_due = :due WHERE sha256 = :sha256 AND revoked_at = 0 AND "
      "(renewal_due = 0 OR renewal_due > :due)";

  return door_txn_change (txn, sql,
                          door_params_new ("due", "x", due_ms, "sha256", "s", certificate_sha256, NULL),
                          changed, error);
}

/**
 * door_renewal_store_save:
 * @txn: a transaction
 * @renewal: the row
 * @error: return location for an error
 *
 * Keeps what a device was asked for, in place of what it was asked for before.
 *
 * Returns: false with an error
 */
bool
door_renewal_store_save (DoorTxn *txn, const DoorRenewal *renewal, GError **error)
{
  static const char sql[] =
      "INSERT INTO identity_renewal (" COLUMNS ") VALUES (:enrollment_id, :challenge_hash, :key_hash, "
      ":certificate, :command_uuid, :asked_at, :expires_at, :tries, :done_at) "
      "ON CONFLICT (enrollment_id) DO UPDATE SET challenge_hash = :challenge_hash, key_hash = :key_hash, "
      "certificate_sha256 = :certificate, command_uuid = :command_uuid, asked_at = :asked_at, "
      "expires_at = :expires_at, tries = :tries, done_at = :done_at";

  return door_txn_change (txn, sql,
                          door_params_new ("enrollment_id", "s", renewal->enrollment_id, "challenge_hash",
                                           "s", renewal->challenge_hash, "key_hash", "s", renewal->key_hash,
                                           "certificate", "s", renewal->certificate_sha256, "command_uuid",
                                           "s", renewal->command_uuid, "asked_at", "x", renewal->asked_at,
                                           "expires_at", "x", renewal->expires_at, "tries", "x",
                                           renewal->tries, "done_at", "x", renewal->done_at, NULL),
                          NULL, error);
}

/**
 * door_renewal_store_lookup:
 * @txn: a transaction
 * @enrollment_id: the enrollment
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds what the device of an enrollment was asked for.
 *
 * Returns: false with an error
 */
bool
door_renewal_store_lookup (DoorTxn *txn, const char *enrollment_id, DoorRenewal **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM identity_renewal WHERE enrollment_id = :enrollment_id";

  return door_txn_lookup (txn, sql, door_params_new ("enrollment_id", "s", enrollment_id, NULL),
                          door_renewal_decode, (gpointer *) out, error);
}

/**
 * door_renewal_store_lookup_by_challenge:
 * @txn: a transaction
 * @challenge_hash: SHA-256 of a challenge password
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds for which enrollment a challenge is.
 *
 * Returns: false with an error
 */
bool
door_renewal_store_lookup_by_challenge (DoorTxn *txn, const char *challenge_hash, DoorRenewal **out,
                                        GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM identity_renewal WHERE challenge_hash = :challenge_hash";

  return door_txn_lookup (txn, sql, door_params_new ("challenge_hash", "s", challenge_hash, NULL),
                          door_renewal_decode, (gpointer *) out, error);
}

/**
 * door_renewal_store_use_challenge:
 * @txn: a transaction
 * @challenge_hash: SHA-256 of a challenge password
 * @key_hash: SHA-256 of the public key
 * @certificate_sha256: the certificate issued
 * @changed: (out): false when the challenge was used, or is over
 * @error: return location for an error
 *
 * Ties a challenge to the first key that used it.
 *
 * Returns: false with an error
 */
bool
door_renewal_store_use_challenge (DoorTxn *txn, const char *challenge_hash, const char *key_hash,
                                  const char *certificate_sha256, bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE identity_renewal SET key_hash = :key_hash, certificate_sha256 = :certificate "
      "WHERE challenge_hash = :challenge_hash AND key_hash = '' AND done_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("key_hash", "s", key_hash, "certificate", "s", certificate_sha256,
                                           "challenge_hash", "s", challenge_hash, NULL),
                          changed, error);
}

/**
 * door_renewal_store_finish:
 * @txn: a transaction
 * @enrollment_id: the enrollment
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Notes that the device uses another certificate; its challenge is over.
 *
 * Returns: false with an error
 */
bool
door_renewal_store_finish (DoorTxn *txn, const char *enrollment_id, int64_t now_ms, GError **error)
{
  static const char sql[] =
      "UPDATE identity_renewal SET done_at = :now WHERE enrollment_id = :enrollment_id AND done_at = 0";

  return door_txn_change (
      txn, sql, door_params_new ("now", "x", now_ms, "enrollment_id", "s", enrollment_id, NULL), NULL, error);
}

/**
 * door_renewal_store_remove:
 * @txn: a transaction
 * @enrollment_id: an enrollment that ends
 * @error: return location for an error
 *
 * Forgets what its device was asked for.
 *
 * Returns: false with an error
 */
bool
door_renewal_store_remove (DoorTxn *txn, const char *enrollment_id, GError **error)
{
  static const char sql[] = "DELETE FROM identity_renewal WHERE enrollment_id = :enrollment_id";

  return door_txn_change (txn, sql, door_params_new ("enrollment_id", "s", enrollment_id, NULL), NULL, error);
}
