/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-push-certificate-store.h"

#include "door-row.h"

/**
 * door_stored_push_certificate_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_stored_push_certificate_free (DoorStoredPushCertificate *self)
{
  if (self == NULL)
    return;
  g_free (self->topic);
  g_free (self->chain);
  g_free (self->sealed_key);
  g_free (self->key_sha256);
  g_free (self);
}

/**
 * door_push_topic_use_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_push_topic_use_free (DoorPushTopicUse *self)
{
  if (self == NULL)
    return;
  g_free (self->topic);
  g_free (self);
}

/**
 * door_push_certificate_store_put:
 * @txn: a transaction
 * @certificate: a certificate
 * @error: return location for an error
 *
 * Stores a certificate in place of the one of its topic, if there is one.
 *
 * Returns: false with an error
 */
bool
door_push_certificate_store_put (DoorTxn *txn, const DoorStoredPushCertificate *certificate, GError **error)
{
  static const char sql[] =
      "INSERT INTO push_certificate (topic, chain, sealed_key, key_sha256, not_after, imported_at) "
      "VALUES (:topic, :chain, :sealed_key, :key_sha256, :not_after, :imported_at) "
      "ON CONFLICT (topic) DO UPDATE SET chain = excluded.chain, sealed_key = excluded.sealed_key, "
      "key_sha256 = excluded.key_sha256, not_after = excluded.not_after, imported_at = excluded.imported_at";

  return door_txn_change (txn, sql,
                          door_params_new ("topic", "s", certificate->topic, "chain", "s", certificate->chain,
                                           "sealed_key", "s", certificate->sealed_key, "key_sha256", "s",
                                           certificate->key_sha256, "not_after", "x", certificate->not_after,
                                           "imported_at", "x", certificate->imported_at, NULL),
                          NULL, error);
}

static gpointer
door_stored_push_certificate_decode (DoorRow *row)
{
  DoorStoredPushCertificate *self = g_new0 (DoorStoredPushCertificate, 1);

  self->topic = door_row_dup_text (row, "topic");
  self->chain = door_row_dup_text (row, "chain");
  self->sealed_key = door_row_dup_text (row, "sealed_key");
  self->key_sha256 = door_row_dup_text (row, "key_sha256");
  self->not_after = door_row_get_int (row, "not_after");
  self->imported_at = door_row_get_int (row, "imported_at");
  return self;
}

/**
 * door_push_certificate_store_list:
 * @txn: a transaction
 * @error: return location for an error
 *
 * Lists the certificates, one or two of them, the one imported last first.
 *
 * Returns: (transfer full) (element-type DoorStoredPushCertificate): the rows, or %NULL with an error
 */
GPtrArray *
door_push_certificate_store_list (DoorTxn *txn, GError **error)
{
  static const char sql[] = "SELECT topic, chain, sealed_key, key_sha256, not_after, imported_at "
                            "FROM push_certificate ORDER BY imported_at DESC, topic";

  return door_txn_list (txn, sql, NULL, door_stored_push_certificate_decode,
                        (GDestroyNotify) door_stored_push_certificate_free, error);
}

/**
 * door_push_certificate_store_remove:
 * @txn: a transaction
 * @topic: of a certificate
 * @changed: (out): whether there was one
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_push_certificate_store_remove (DoorTxn *txn, const char *topic, bool *changed, GError **error)
{
  static const char sql[] = "DELETE FROM push_certificate WHERE topic = :topic";

  return door_txn_change (txn, sql, door_params_new ("topic", "s", topic, NULL), changed, error);
}

static gpointer
door_push_topic_use_decode (DoorRow *row)
{
  DoorPushTopicUse *self = g_new0 (DoorPushTopicUse, 1);

  self->topic = door_row_dup_text (row, "topic");
  self->n_enrollments = door_row_get_int (row, "n");
  return self;
}

/**
 * door_push_certificate_store_list_uses:
 * @txn: a transaction
 * @error: return location for an error
 *
 * Counts the enrollments of each topic, the one with most first. Reads all of them.
 *
 * Returns: (transfer full) (element-type DoorPushTopicUse): the rows, or %NULL with an error
 */
GPtrArray *
door_push_certificate_store_list_uses (DoorTxn *txn, GError **error)
{
  static const char sql[] = "SELECT topic, COUNT(*) AS n FROM enrollment WHERE ended_at = 0 AND topic <> '' "
                            "GROUP BY topic ORDER BY n DESC, topic";

  return door_txn_list (txn, sql, NULL, door_push_topic_use_decode, (GDestroyNotify) door_push_topic_use_free,
                        error);
}

/**
 * door_push_request_store_add:
 * @txn: a transaction
 * @key_sha256: which key it is
 * @sealed_key: the private key
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Keeps a key whose certificate is still to come.
 *
 * Returns: false with an error
 */
bool
door_push_request_store_add (DoorTxn *txn, const char *key_sha256, const char *sealed_key, int64_t now_ms,
                             GError **error)
{
  static const char sql[] = "INSERT INTO push_request (key_sha256, sealed_key, made_at) "
                            "VALUES (:key_sha256, :sealed_key, :made_at)";

  return door_txn_change (txn, sql,
                          door_params_new ("key_sha256", "s", key_sha256, "sealed_key", "s", sealed_key,
                                           "made_at", "x", now_ms, NULL),
                          NULL, error);
}

static gpointer
sealed_key_decode (DoorRow *row)
{
  return door_row_dup_text (row, "sealed_key");
}

/**
 * door_push_request_store_lookup:
 * @txn: a transaction
 * @key_sha256: which key it is
 * @sealed_key: (out) (transfer full) (nullable): the private key; %NULL: there is none
 * @error: return location for an error
 *
 * Finds a key that was made here, whether its certificate has come or not.
 *
 * Returns: false with an error
 */
bool
door_push_request_store_lookup (DoorTxn *txn, const char *key_sha256, char **sealed_key, GError **error)
{
  static const char sql[] = "SELECT sealed_key FROM push_request WHERE key_sha256 = :key_sha256 UNION "
                            "SELECT sealed_key FROM push_certificate WHERE key_sha256 = :key_sha256";

  return door_txn_lookup (txn, sql, door_params_new ("key_sha256", "s", key_sha256, NULL), sealed_key_decode,
                          (gpointer *) sealed_key, error);
}

/**
 * door_push_request_store_remove:
 * @txn: a transaction
 * @key_sha256: a key whose certificate has come
 * @error: return location for an error
 *
 * Returns: false with an error
 */
bool
door_push_request_store_remove (DoorTxn *txn, const char *key_sha256, GError **error)
{
  static const char sql[] = "DELETE FROM push_request WHERE key_sha256 = :key_sha256";

  return door_txn_change (txn, sql, door_params_new ("key_sha256", "s", key_sha256, NULL), NULL, error);
}
