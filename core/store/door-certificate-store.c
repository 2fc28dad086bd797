/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-certificate-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define CHALLENGE_COLUMNS "hash, token_hash, created_at, expires_at, key_hash, certificate_sha256, ended_at"
#define CERTIFICATE_COLUMNS                                                                                  \
  "sha256, serial, key_hash, person_id, team, enrollment_id, der, not_before, not_after, issued_at, "        \
  "revoked_at"

static gpointer
door_scep_challenge_decode (DoorRow *row)
{
  DoorScepChallenge *self = g_new0 (DoorScepChallenge, 1);

  self->hash = door_row_dup_text (row, "hash");
  self->token_hash = door_row_dup_text (row, "token_hash");
  self->created_at = door_row_get_int (row, "created_at");
  self->expires_at = door_row_get_int (row, "expires_at");
  self->key_hash = door_row_dup_text (row, "key_hash");
  self->certificate_sha256 = door_row_dup_text (row, "certificate_sha256");
  self->ended_at = door_row_get_int (row, "ended_at");
  return self;
}

/**
 * door_scep_challenge_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_scep_challenge_free (DoorScepChallenge *self)
{
  if (self == NULL)
    return;
  g_free (self->hash);
  g_free (self->token_hash);
  g_free (self->key_hash);
  g_free (self->certificate_sha256);
  g_free (self);
}

static gpointer
door_issued_certificate_decode (DoorRow *row)
{
  DoorIssuedCertificate *self = g_new0 (DoorIssuedCertificate, 1);

  self->sha256 = door_row_dup_text (row, "sha256");
  self->serial = door_row_dup_text (row, "serial");
  self->key_hash = door_row_dup_text (row, "key_hash");
  self->person_id = door_row_dup_text (row, "person_id");
  self->team = door_row_dup_text (row, "team");
  self->enrollment_id = door_row_dup_text (row, "enrollment_id");
  self->der = door_row_dup_text (row, "der");
  self->not_before = door_row_get_int (row, "not_before");
  self->not_after = door_row_get_int (row, "not_after");
  self->issued_at = door_row_get_int (row, "issued_at");
  self->revoked_at = door_row_get_int (row, "revoked_at");
  return self;
}

/**
 * door_issued_certificate_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_issued_certificate_free (DoorIssuedCertificate *self)
{
  if (self == NULL)
    return;
  g_free (self->sha256);
  g_free (self->serial);
  g_free (self->key_hash);
  g_free (self->person_id);
  g_free (self->team);
  g_free (self->enrollment_id);
  g_free (self->der);
  g_free (self);
}

/**
 * door_certificate_store_add_challenge:
 * @txn: a transaction
 * @challenge: the challenge
 * @error: return location for an error
 *
 * Stores the challenge of a profile; a repeat of the same profile changes nothing.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_add_challenge (DoorTxn *txn, const DoorScepChallenge *challenge, GError **error)
{
  static const char sql[] = "INSERT INTO scep_challenge (" CHALLENGE_COLUMNS
                            ") VALUES (:hash, :token_hash, :created_at, :expires_at, :key_hash, "
                            ":certificate_sha256, :ended_at) ON CONFLICT DO NOTHING";

  return door_txn_change (
      txn, sql,
      door_params_new ("hash", "s", challenge->hash, "token_hash", "s", challenge->token_hash, "created_at",
                       "x", challenge->created_at, "expires_at", "x", challenge->expires_at, "key_hash", "s",
                       challenge->key_hash, "certificate_sha256", "s", challenge->certificate_sha256,
                       "ended_at", "x", challenge->ended_at, NULL),
      NULL, error);
}

/**
 * door_certificate_store_lookup_challenge:
 * @txn: a transaction
 * @hash: SHA-256 of the challenge password
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a challenge.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_lookup_challenge (DoorTxn *txn, const char *hash, DoorScepChallenge **out,
                                         GError **error)
{
  static const char sql[] = "SELECT " CHALLENGE_COLUMNS " FROM scep_challenge WHERE hash = :hash";

  return door_txn_lookup (txn, sql, door_params_new ("hash", "s", hash, NULL), door_scep_challenge_decode,
                          (gpointer *) out, error);
}

/**
 * door_certificate_store_lookup_challenge_of:
 * @txn: a transaction
 * @certificate_sha256: a certificate
 * @out: (out) (transfer full) (nullable): the challenge it was issued for
 * @error: return location for an error
 *
 * Finds the challenge that led to a certificate.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_lookup_challenge_of (DoorTxn *txn, const char *certificate_sha256,
                                            DoorScepChallenge **out, GError **error)
{
  static const char sql[] =
      "SELECT " CHALLENGE_COLUMNS " FROM scep_challenge WHERE certificate_sha256 = :certificate";

  return door_txn_lookup (txn, sql, door_params_new ("certificate", "s", certificate_sha256, NULL),
                          door_scep_challenge_decode, (gpointer *) out, error);
}

/**
 * door_certificate_store_use_challenge:
 * @txn: a transaction
 * @hash: SHA-256 of the challenge password
 * @key_hash: SHA-256 of the public key
 * @certificate_sha256: the certificate issued
 * @changed: (out) (optional): whether a row was touched
 * @error: return location for an error
 *
 * Ties a challenge to the first key that used it.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_use_challenge (DoorTxn *txn, const char *hash, const char *key_hash,
                                      const char *certificate_sha256, bool *changed, GError **error)
{
  static const char sql[] =
      "UPDATE scep_challenge SET key_hash = :key_hash, certificate_sha256 = :certificate "
      "WHERE hash = :hash AND key_hash = '' AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("key_hash", "s", key_hash, "certificate", "s", certificate_sha256,
                                           "hash", "s", hash, NULL),
                          changed, error);
}

/**
 * door_certificate_store_end_challenge:
 * @txn: a transaction
 * @certificate_sha256: the certificate issued for it
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Ends the challenge that led to a certificate.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_end_challenge (DoorTxn *txn, const char *certificate_sha256, int64_t now_ms,
                                      GError **error)
{
  static const char sql[] = "UPDATE scep_challenge SET ended_at = :now "
                            "WHERE certificate_sha256 = :certificate AND ended_at = 0";

  return door_txn_change (txn, sql,
                          door_params_new ("now", "x", now_ms, "certificate", "s", certificate_sha256, NULL),
                          NULL, error);
}

/**
 * door_certificate_store_remove_expired_challenges:
 * @txn: a transaction
 * @before_ms: milliseconds since 1970, UTC
 * @limit: most rows removed
 * @changed: (out): whether any was
 * @error: return location for an error
 *
 * Forgets challenges that expired before a time.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_remove_expired_challenges (DoorTxn *txn, int64_t before_ms, int64_t limit,
                                                  bool *changed, GError **error)
{
  static const char sql[] = "DELETE FROM scep_challenge WHERE hash IN (SELECT hash FROM scep_challenge WHERE "
                            "expires_at < :before ORDER BY expires_at LIMIT :limit)";

  return door_txn_change (txn, sql, door_params_new ("before", "x", before_ms, "limit", "x", limit, NULL),
                          changed, error);
}

/**
 * door_certificate_store_add:
 * @txn: a transaction
 * @certificate: the certificate
 * @error: return location for an error
 *
 * Stores a certificate before it is handed out.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_add (DoorTxn *txn, const DoorIssuedCertificate *certificate, GError **error)
{
  static const char sql[] = "INSERT INTO certificate (" CERTIFICATE_COLUMNS
                            ") VALUES (:sha256, :serial, :key_hash, :person_id, :team, :enrollment_id, :der, "
                            ":not_before, :not_after, :issued_at, :revoked_at)";

  return door_txn_change (
      txn, sql,
      door_params_new ("sha256", "s", certificate->sha256, "serial", "s", certificate->serial, "key_hash",
                       "s", certificate->key_hash, "person_id", "s", certificate->person_id, "team", "s",
                       certificate->team, "enrollment_id", "s", certificate->enrollment_id, "der", "s",
                       certificate->der, "not_before", "x", certificate->not_before, "not_after", "x",
                       certificate->not_after, "issued_at", "x", certificate->issued_at, "revoked_at", "x",
                       certificate->revoked_at, NULL),
      NULL, error);
}

/**
 * door_certificate_store_lookup:
 * @txn: a transaction
 * @sha256: SHA-256 of its DER form
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a certificate.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_lookup (DoorTxn *txn, const char *sha256, DoorIssuedCertificate **out, GError **error)
{
  static const char sql[] = "SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE sha256 = :sha256";

  return door_txn_lookup (txn, sql, door_params_new ("sha256", "s", sha256, NULL),
                          door_issued_certificate_decode, (gpointer *) out, error);
}

/**
 * door_certificate_store_lookup_by_key:
 * @txn: a transaction
 * @enrollment_id: the enrollment
 * @key_hash: SHA-256 of the public key
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the newest certificate that an enrollment has for a key.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_lookup_by_key (DoorTxn *txn, const char *enrollment_id, const char *key_hash,
                                      DoorIssuedCertificate **out, GError **error)
{
  static const char sql[] =
      "SELECT " CERTIFICATE_COLUMNS " FROM certificate WHERE enrollment_id = :enrollment_id AND key_hash = "
      ":key_hash AND revoked_at = 0 ORDER BY issued_at DESC, sha256 LIMIT 1";

  return door_txn_lookup (
      txn, sql, door_params_new ("enrollment_id", "s", enrollment_id, "key_hash", "s", key_hash, NULL),
      door_issued_certificate_decode, (gpointer *) out, error);
}

/**
 * door_certificate_store_count_current:
 * @txn: a transaction
 * @enrollment_id: the enrollment
 * @limit: where counting ends
 * @count: (out): how many there are, at most @limit
 * @error: return location for an error
 *
 * Counts the certificates of an enrollment that are not revoked.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_count_current (DoorTxn *txn, const char *enrollment_id, int64_t limit, size_t *count,
                                      GError **error)
{
  static const char sql[] = "SELECT sha256 FROM certificate WHERE enrollment_id = :enrollment_id AND "
                            "revoked_at = 0 LIMIT :limit";
  g_autoptr (GVariant) rows = door_txn_query (
      txn, sql, door_params_new ("enrollment_id", "s", enrollment_id, "limit", "x", limit, NULL), error);

  if (rows == NULL)
    return false;
  *count = g_variant_n_children (rows);
  return true;
}

/**
 * door_certificate_store_pin:
 * @txn: a transaction
 * @sha256: the certificate
 * @enrollment_id: the enrollment
 * @changed: (out) (optional): whether a row was touched
 * @error: return location for an error
 *
 * Pins a certificate to its enrollment; it is never moved to another.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_pin (DoorTxn *txn, const char *sha256, const char *enrollment_id, bool *changed,
                            GError **error)
{
  static const char sql[] =
      "UPDATE certificate SET enrollment_id = :enrollment_id WHERE sha256 = :sha256 AND enrollment_id = ''";

  return door_txn_change (txn, sql,
                          door_params_new ("enrollment_id", "s", enrollment_id, "sha256", "s", sha256, NULL),
                          changed, error);
}

/**
 * door_certificate_store_revoke_others:
 * @txn: a transaction
 * @enrollment_id: the enrollment
 * @sha256: the certificate that stays
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Revokes every certificate of an enrollment but one.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_revoke_others (DoorTxn *txn, const char *enrollment_id, const char *sha256,
                                      int64_t now_ms, GError **error)
{
  static const char sql[] = "UPDATE certificate SET revoked_at = :now WHERE enrollment_id = :enrollment_id "
                            "AND sha256 <> :sha256 AND revoked_at = 0";

  return door_txn_change (
      txn, sql,
      door_params_new ("now", "x", now_ms, "enrollment_id", "s", enrollment_id, "sha256", "s", sha256, NULL),
      NULL, error);
}

/**
 * door_certificate_store_revoke_of_enrollment:
 * @txn: a transaction
 * @enrollment_id: the enrollment
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Revokes every certificate of an enrollment.
 *
 * Returns: false with an error
 */
bool
door_certificate_store_revoke_of_enrollment (DoorTxn *txn, const char *enrollment_id, int64_t now_ms,
                                             GError **error)
{
  static const char sql[] =
      "UPDATE certificate SET revoked_at = :now WHERE enrollment_id = :enrollment_id AND revoked_at = 0";

  return door_txn_change (
      txn, sql, door_params_new ("now", "x", now_ms, "enrollment_id", "s", enrollment_id, NULL), NULL, error);
}
