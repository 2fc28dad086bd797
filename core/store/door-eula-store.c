/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-eula-store.h"

#include "door-row.h"

/* Of the device that came of it: by the ticket that was agreed for, or by what its code was exchanged for. An
 * enrollment may have been replaced by another with the same token. */
#define OF_DEVICE(column)                                                                                    \
  "COALESCE((SELECT MIN(d." column ") FROM enrollment e JOIN device d ON d.id = e.device_id WHERE "          \
  "e.token_hash = a.token_hash AND e.token_hash <> ''), (SELECT MIN(d." column ") FROM oauth2_grant g JOIN " \
  "enrollment e ON e.id = g.enrollment_id JOIN device d ON d.id = e.device_id WHERE "                        \
  "g.code_hash = a.token_hash), '')"

/* What a row is decoded from: the acceptance, whose it is, and what came of it. */
#define SELECT                                                                                               \
  "SELECT a.id, a.token_hash, a.person_id, a.team, a.document, a.version, a.language, a.sha256, "            \
  "CASE WHEN a.serial <> '' THEN a.serial ELSE " OF_DEVICE (                                                 \
      "serial") " END AS serial, "                                                                           \
                "a.udid, a.product, a.address, a.accepted_at, COALESCE(p.email, '') AS email, " OF_DEVICE (  \
                    "id") " AS device_id FROM eula_acceptance a LEFT JOIN person p ON p.id = a.person_id "

#define BEHIND "(a.accepted_at < :at OR (a.accepted_at = :at AND a.id > :id)) "
#define ORDER "ORDER BY a.accepted_at DESC, a.id LIMIT :limit"
#define OF_DOCUMENT "(:document = '' OR a.document = :document) "

static gpointer
door_eula_acceptance_decode (DoorRow *row)
{
  DoorEulaAcceptance *self = g_new0 (DoorEulaAcceptance, 1);

  self->id = door_row_dup_text (row, "id");
  self->token_hash = door_row_dup_text (row, "token_hash");
  self->person_id = door_row_dup_text (row, "person_id");
  self->team = door_row_dup_text (row, "team");
  self->document = door_row_dup_text (row, "document");
  self->version = door_row_dup_text (row, "version");
  self->language = door_row_dup_text (row, "language");
  self->sha256 = door_row_dup_text (row, "sha256");
  self->serial = door_row_dup_text (row, "serial");
  self->udid = door_row_dup_text (row, "udid");
  self->product = door_row_dup_text (row, "product");
  self->address = door_row_dup_text (row, "address");
  self->accepted_at = door_row_get_int (row, "accepted_at");
  self->email = door_row_dup_text (row, "email");
  self->device_id = door_row_dup_text (row, "device_id");
  return self;
}

/**
 * door_eula_acceptance_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_eula_acceptance_free (DoorEulaAcceptance *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->token_hash);
  g_free (self->person_id);
  g_free (self->team);
  g_free (self->document);
  g_free (self->version);
  g_free (self->language);
  g_free (self->sha256);
  g_free (self->serial);
  g_free (self->udid);
  g_free (self->product);
  g_free (self->address);
  g_free (self->email);
  g_free (self->device_id);
  g_free (self);
}

/**
 * door_eula_store_add:
 * @txn: a transaction
 * @row: the acceptance; what is read only is not looked at
 * @error: return location for an error
 *
 * Stores that somebody has agreed.
 *
 * Returns: false with an error
 */
bool
door_eula_store_add (DoorTxn *txn, const DoorEulaAcceptance *row, GError **error)
{
  static const char sql[] =
      "INSERT INTO eula_acceptance (id, token_hash, person_id, team, document, version, language, sha256, "
      "serial, udid, product, address, accepted_at) VALUES (:id, :token_hash, :person_id, :team, :document, "
      ":version, :language, :sha256, :serial, :udid, :product, :address, :accepted_at)";

  return door_txn_change (
      txn, sql,
      door_params_new ("id", "s", row->id, "token_hash", "s", row->token_hash, "person_id", "s",
                       row->person_id, "team", "s", row->team, "document", "s", row->document, "version", "s",
                       row->version, "language", "s", row->language, "sha256", "s", row->sha256, "serial",
                       "s", row->serial, "udid", "s", row->udid, "product", "s", row->product, "address", "s",
                       row->address, "accepted_at", "x", row->accepted_at, NULL),
      NULL, error);
}

/**
 * door_eula_store_lookup:
 * @txn: a transaction
 * @id: our id
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds an acceptance.
 *
 * Returns: false with an error
 */
bool
door_eula_store_lookup (DoorTxn *txn, const char *id, DoorEulaAcceptance **out, GError **error)
{
  static const char sql[] = SELECT "WHERE a.id = :id";

  return door_txn_lookup (txn, sql, door_params_new ("id", "s", id, NULL), door_eula_acceptance_decode,
                          (gpointer *) out, error);
}

/**
 * door_eula_store_list_earlier:
 * @txn: a transaction
 * @who: whose, and to what
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists when a person has agreed to a version of a document before, the latest first.
 *
 * Returns: (transfer full) (element-type DoorEulaAcceptance): the rows, or %NULL with an error
 */
GPtrArray *
door_eula_store_list_earlier (DoorTxn *txn, const DoorEulaWho *who, int64_t limit, GError **error)
{
  static const char sql[] =
      SELECT "WHERE a.person_id = :who AND a.document = :document AND a.version = :version " ORDER;

  return door_txn_list (txn, sql,
                        door_params_new ("who", "s", who->person_id, "document", "s", who->document,
                                         "version", "s", who->version, "limit", "x", limit, NULL),
                        door_eula_acceptance_decode, (GDestroyNotify) door_eula_acceptance_free, error);
}

/**
 * door_eula_store_list_before:
 * @txn: a transaction
 * @page: which
 * @error: return location for an error
 *
 * Lists acceptances page by page, the latest first.
 *
 * Returns: (transfer full) (element-type DoorEulaAcceptance): the rows, or %NULL with an error
 */
GPtrArray *
door_eula_store_list_before (DoorTxn *txn, const DoorEulaPage *page, GError **error)
{
  static const char all[] = SELECT "WHERE " OF_DOCUMENT "AND " BEHIND ORDER;
  static const char in_teams[] =
      SELECT "WHERE " OF_DOCUMENT "AND " BEHIND "AND a.team IN " DOOR_TEAM_SCOPE_SQL " " ORDER;
  int64_t at = page->last != NULL ? page->last->accepted_at : INT64_MAX;
  const char *id = page->last != NULL ? page->last->id : "";
  const char *document = page->document != NULL ? page->document : "";

  if (page->scope == NULL)
    return door_txn_list (txn, all,
                          door_params_new ("document", "s", document, "at", "x", at, "id", "s", id, "limit",
                                           "x", page->limit, NULL),
                          door_eula_acceptance_decode, (GDestroyNotify) door_eula_acceptance_free, error);
  return door_txn_list (txn, in_teams,
                        door_params_new ("document", "s", document, "at", "x", at, "id", "s", id,
                                         DOOR_TEAM_SCOPE_PARAMS (page->scope), "limit", "x", page->limit,
                                         NULL),
                        door_eula_acceptance_decode, (GDestroyNotify) door_eula_acceptance_free, error);
}

static gpointer
door_eula_count_decode (DoorRow *row)
{
  DoorEulaCount *self = g_new0 (DoorEulaCount, 1);

  self->document = door_row_dup_text (row, "document");
  self->version = door_row_dup_text (row, "version");
  self->people = door_row_get_int (row, "people");
  self->times = door_row_get_int (row, "times");
  return self;
}

/**
 * door_eula_count_free:
 * @self: (transfer full): a row
 */
void
door_eula_count_free (DoorEulaCount *self)
{
  g_free (self->document);
  g_free (self->version);
  g_free (self);
}

/**
 * door_eula_store_list_counts:
 * @txn: a transaction
 * @error: return location for an error
 *
 * Counts acceptances of each version of each document; there are as many rows as versions were ever in force.
 *
 * Returns: (transfer full) (element-type DoorEulaCount): the rows, or %NULL with an error
 */
GPtrArray *
door_eula_store_list_counts (DoorTxn *txn, GError **error)
{
  static const char sql[] = "SELECT document, version, COUNT(DISTINCT person_id) AS people, COUNT(*) AS "
                            "times FROM eula_acceptance GROUP BY document, version ORDER BY "
                            "document, version";

  return door_txn_list (txn, sql, NULL, door_eula_count_decode, (GDestroyNotify) door_eula_count_free, error);
}
