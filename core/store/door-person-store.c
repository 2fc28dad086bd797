/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-person-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define PERSON_COLUMNS                                                                                       \
  "id, state, user_name, email, full_name, given_name, family_name, department, managed_account, "           \
  "group_names, created_at, updated_at, signed_in_at"

static gpointer
door_person_decode (DoorRow *row)
{
  DoorPerson *self = g_new0 (DoorPerson, 1);

  self->id = door_row_dup_text (row, "id");
  self->state = door_row_dup_text (row, "state");
  self->user_name = door_row_dup_text (row, "user_name");
  self->email = door_row_dup_text (row, "email");
  self->full_name = door_row_dup_text (row, "full_name");
  self->given_name = door_row_dup_text (row, "given_name");
  self->family_name = door_row_dup_text (row, "family_name");
  self->department = door_row_dup_text (row, "department");
  self->managed_account = door_row_dup_text (row, "managed_account");
  self->group_names = door_row_dup_text (row, "group_names");
  self->created_at = door_row_get_int (row, "created_at");
  self->updated_at = door_row_get_int (row, "updated_at");
  self->signed_in_at = door_row_get_int (row, "signed_in_at");
  return self;
}

/**
 * door_person_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_person_free (DoorPerson *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->state);
  g_free (self->user_name);
  g_free (self->email);
  g_free (self->full_name);
  g_free (self->given_name);
  g_free (self->family_name);
  g_free (self->department);
  g_free (self->managed_account);
  g_free (self->group_names);
  g_free (self);
}

static gpointer
door_person_identity_decode (DoorRow *row)
{
  DoorPersonIdentity *self = g_new0 (DoorPersonIdentity, 1);

  self->issuer = door_row_dup_text (row, "issuer");
  self->subject = door_row_dup_text (row, "subject");
  self->person_id = door_row_dup_text (row, "person_id");
  self->connection = door_row_dup_text (row, "connection");
  self->created_at = door_row_get_int (row, "created_at");
  return self;
}

/**
 * door_person_identity_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_person_identity_free (DoorPersonIdentity *self)
{
  if (self == NULL)
    return;
  g_free (self->issuer);
  g_free (self->subject);
  g_free (self->person_id);
  g_free (self->connection);
  g_free (self);
}

/**
 * door_person_store_add:
 * @txn: a transaction
 * @person: the person
 * @error: return location for an error
 *
 * Stores a new person.
 *
 * Returns: false with an error
 */
bool
door_person_store_add (DoorTxn *txn, const DoorPerson *person, GError **error)
{
  static const char sql[] =
      "INSERT INTO person (" PERSON_COLUMNS
      ") VALUES (:id, :state, :user_name, :email, :full_name, :given_name, :family_name, :department, "
      ":managed_account, :group_names, :created_at, :updated_at, :signed_in_at)";

  return door_txn_change (
      txn, sql,
      door_params_new ("id", "s", person->id, "state", "s", person->state, "user_name", "s",
                       person->user_name, "email", "s", person->email, "full_name", "s", person->full_name,
                       "given_name", "s", person->given_name, "family_name", "s", person->family_name,
                       "department", "s", person->department, "managed_account", "s", person->managed_account,
                       "group_names", "s", person->group_names, "created_at", "x", person->created_at,
                       "updated_at", "x", person->updated_at, "signed_in_at", "x", person->signed_in_at,
                       NULL),
      NULL, error);
}

/**
 * door_person_store_move_identities:
 * @txn: a transaction
 * @from: name of a connection that is gone
 * @to: name of the connection that takes its place
 * @changed: (out) (optional): whether anybody was known by @from
 * @error: return location for an error
 *
 * Says that the people whose identity came by one connection are those of another.
 *
 * Returns: false with an error
 */
bool
door_person_store_move_identities (DoorTxn *txn, const char *from, const char *to, bool *changed,
                                   GError **error)
{
  static const char sql[] = "UPDATE person_identity SET connection = :new WHERE connection = :old";

  return door_txn_change (txn, sql, door_params_new ("new", "s", to, "old", "s", from, NULL), changed, error);
}

static gpointer
decode_count (DoorRow *row)
{
  int64_t *count = g_new (int64_t, 1);

  *count = door_row_get_int (row, "n");
  return count;
}

/**
 * door_person_store_count_identities:
 * @txn: a transaction
 * @connection: name of a connection, which may be gone
 * @count: (out): how many identities of people came by it
 * @error: return location for an error
 *
 * Counts the identities that belong to a connection.
 *
 * Returns: false with an error
 */
bool
door_person_store_count_identities (DoorTxn *txn, const char *connection, int64_t *count, GError **error)
{
  static const char sql[] = "SELECT COUNT(*) AS n FROM person_identity WHERE connection = :connection";
  g_autofree int64_t *found = NULL;

  if (!door_txn_lookup (txn, sql, door_params_new ("connection", "s", connection, NULL), decode_count,
                        (gpointer *) &found, error))
    return false;
  *count = found != NULL ? *found : 0;
  return true;
}

/**
 * door_person_store_add_identity:
 * @txn: a transaction
 * @identity: the identity
 * @changed: (out) (optional): whether a row was touched
 * @error: return location for an error
 *
 * Gives a person an identity; one that exists changes nothing.
 *
 * Returns: false with an error
 */
bool
door_person_store_add_identity (DoorTxn *txn, const DoorPersonIdentity *identity, bool *changed,
                                GError **error)
{
  static const char sql[] =
      "INSERT INTO person_identity (issuer, subject, person_id, connection, created_at) "
      "VALUES (:issuer, :subject, :person_id, :connection, :created_at) ON CONFLICT DO NOTHING";

  return door_txn_change (txn, sql,
                          door_params_new ("issuer", "s", identity->issuer, "subject", "s", identity->subject,
                                           "person_id", "s", identity->person_id, "connection", "s",
                                           identity->connection, "created_at", "x", identity->created_at,
                                           NULL),
                          changed, error);
}

/**
 * door_person_store_lookup:
 * @txn: a transaction
 * @id: id of the person
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds a person by id.
 *
 * Returns: false with an error
 */
bool
door_person_store_lookup (DoorTxn *txn, const char *id, DoorPerson **out, GError **error)
{
  static const char sql[] = "SELECT " PERSON_COLUMNS " FROM person WHERE id = :id";

  return door_txn_lookup (txn, sql, door_params_new ("id", "s", id, NULL), door_person_decode,
                          (gpointer *) out, error);
}

/**
 * door_person_store_lookup_by_identity:
 * @txn: a transaction
 * @issuer: entity id of the identity provider
 * @subject: the stable subject there
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the person an identity provider speaks of.
 *
 * Returns: false with an error
 */
bool
door_person_store_lookup_by_identity (DoorTxn *txn, const char *issuer, const char *subject, DoorPerson **out,
                                      GError **error)
{
  static const char sql[] =
      "SELECT " PERSON_COLUMNS " FROM person WHERE id = (SELECT person_id FROM person_identity "
      "WHERE issuer = :issuer AND subject = :subject)";

  return door_txn_lookup (txn, sql, door_params_new ("issuer", "s", issuer, "subject", "s", subject, NULL),
                          door_person_decode, (gpointer *) out, error);
}

/**
 * door_person_store_update:
 * @txn: a transaction
 * @person: the person
 * @error: return location for an error
 *
 * Stores what the identity provider last said; id, state and creation stay.
 *
 * Returns: false with an error
 */
bool
door_person_store_update (DoorTxn *txn, const DoorPerson *person, GError **error)
{
  static const char sql[] = "UPDATE person SET user_name = :user_name, email = :email, full_name = "
                            ":full_name, given_name = :given_name, family_name = :family_name, department = "
                            ":department, managed_account = :managed_account, group_names = :group_names, "
                            "updated_at = :updated_at, signed_in_at = :signed_in_at WHERE id = :id";

  return door_txn_change (txn, sql,
                          door_params_new ("user_name", "s", person->user_name, "email", "s", person->email,
                                           "full_name", "s", person->full_name, "given_name", "s",
                                           person->given_name, "family_name", "s", person->family_name,
                                           "department", "s", person->department, "managed_account", "s",
                                           person->managed_account, "group_names", "s", person->group_names,
                                           "updated_at", "x", person->updated_at, "signed_in_at", "x",
                                           person->signed_in_at, "id", "s", person->id, NULL),
                          NULL, error);
}

/**
 * door_person_store_list:
 * @txn: a transaction
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists people page by page, ordered by id.
 *
 * Returns: (transfer full) (element-type DoorPerson): the rows, or %NULL with an error
 */
GPtrArray *
door_person_store_list (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " PERSON_COLUMNS " FROM person WHERE id > :after ORDER BY id LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("after", "s", after, "limit", "x", limit, NULL),
                        door_person_decode, (GDestroyNotify) door_person_free, error);
}

/**
 * door_person_store_list_in_teams:
 * @txn: a transaction
 * @scope: teams
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * The same for the people who have a device that is enrolled in some teams.
 *
 * Returns: (transfer full) (element-type DoorPerson): the rows, or %NULL with an error
 */
GPtrArray *
door_person_store_list_in_teams (DoorTxn *txn, const DoorTeamScope *scope, const char *after, int64_t limit,
                                 GError **error)
{
  static const char sql[] =
      "SELECT " PERSON_COLUMNS " FROM person WHERE id > :after AND EXISTS (SELECT 1 FROM association a "
      "JOIN enrollment e ON e.device_id = a.device_id AND e.ended_at = 0 WHERE a.person_id = person.id "
      "AND a.to_at = 0 AND e.team IN " DOOR_TEAM_SCOPE_SQL ") ORDER BY id LIMIT :limit";

  return door_txn_list (
      txn, sql,
      door_params_new ("after", "s", after, DOOR_TEAM_SCOPE_PARAMS (scope), "limit", "x", limit, NULL),
      door_person_decode, (GDestroyNotify) door_person_free, error);
}

/**
 * door_person_store_find:
 * @txn: a transaction
 * @name: e-mail address, user name or id
 * @limit: most rows
 * @error: return location for an error
 *
 * Finds people by what an administrator types.
 *
 * Returns: (transfer full) (element-type DoorPerson): the rows, or %NULL with an error
 */
GPtrArray *
door_person_store_find (DoorTxn *txn, const char *name, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " PERSON_COLUMNS
      " FROM person WHERE id = :name OR email = :name OR user_name = :name ORDER BY id LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("name", "s", name, "limit", "x", limit, NULL),
                        door_person_decode, (GDestroyNotify) door_person_free, error);
}

/**
 * door_person_store_list_identities:
 * @txn: a transaction
 * @person_id: id of the person
 * @error: return location for an error
 *
 * Lists what a person is at the identity providers.
 *
 * Returns: (transfer full) (element-type DoorPersonIdentity): the rows, or %NULL with an error
 */
GPtrArray *
door_person_store_list_identities (DoorTxn *txn, const char *person_id, GError **error)
{
  static const char sql[] = "SELECT issuer, subject, person_id, connection, created_at FROM person_identity "
                            "WHERE person_id = :person_id ORDER BY issuer, subject";

  return door_txn_list (txn, sql, door_params_new ("person_id", "s", person_id, NULL),
                        door_person_identity_decode, (GDestroyNotify) door_person_identity_free, error);
}
