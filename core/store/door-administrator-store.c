/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-administrator-store.h"

#include "door-row.h"

/* Each of them is read where a row is decoded. */
#define COLUMNS                                                                                              \
  "id, email, email_key, full_name, state, sso_enabled, api_only, password_hash, created_at, updated_at, "   \
  "signed_in_at"

static gpointer
door_administrator_decode (DoorRow *row)
{
  DoorAdministrator *self = g_new0 (DoorAdministrator, 1);

  self->id = door_row_dup_text (row, "id");
  self->email = door_row_dup_text (row, "email");
  self->email_key = door_row_dup_text (row, "email_key");
  self->full_name = door_row_dup_text (row, "full_name");
  self->state = door_row_dup_text (row, "state");
  self->sso_enabled = door_row_get_int (row, "sso_enabled");
  self->api_only = door_row_get_int (row, "api_only");
  self->password_hash = door_row_dup_text (row, "password_hash");
  self->created_at = door_row_get_int (row, "created_at");
  self->updated_at = door_row_get_int (row, "updated_at");
  self->signed_in_at = door_row_get_int (row, "signed_in_at");
  return self;
}

/**
 * door_administrator_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_administrator_free (DoorAdministrator *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->email);
  g_free (self->email_key);
  g_free (self->full_name);
  g_free (self->state);
  g_free (self->password_hash);
  g_free (self);
}

static gpointer
door_administrator_identity_decode (DoorRow *row)
{
  DoorAdministratorIdentity *self = g_new0 (DoorAdministratorIdentity, 1);

  self->issuer = door_row_dup_text (row, "issuer");
  self->subject = door_row_dup_text (row, "subject");
  self->administrator_id = door_row_dup_text (row, "administrator_id");
  self->connection = door_row_dup_text (row, "connection");
  self->created_at = door_row_get_int (row, "created_at");
  return self;
}

/**
 * door_administrator_identity_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_administrator_identity_free (DoorAdministratorIdentity *self)
{
  if (self == NULL)
    return;
  g_free (self->issuer);
  g_free (self->subject);
  g_free (self->administrator_id);
  g_free (self->connection);
  g_free (self);
}

static gpointer
door_role_grant_decode (DoorRow *row)
{
  DoorRoleGrant *self = g_new0 (DoorRoleGrant, 1);

  self->team = door_row_dup_text (row, "team");
  self->role = door_row_dup_text (row, "role");
  return self;
}

/**
 * door_role_grant_free:
 * @self: (transfer full) (nullable): a row
 */
void
door_role_grant_free (DoorRoleGrant *self)
{
  if (self == NULL)
    return;
  g_free (self->team);
  g_free (self->role);
  g_free (self);
}

static GVariant *
params_of (const DoorAdministrator *administrator)
{
  return door_params_new ("id", "s", administrator->id, "email", "s", administrator->email, "email_key", "s",
                          administrator->email_key, "full_name", "s", administrator->full_name, "state", "s",
                          administrator->state, "sso_enabled", "x", administrator->sso_enabled, "api_only",
                          "x", administrator->api_only, "password_hash", "s", administrator->password_hash,
                          "created_at", "x", administrator->created_at, "updated_at", "x",
                          administrator->updated_at, "signed_in_at", "x", administrator->signed_in_at, NULL);
}

/**
 * door_administrator_store_add:
 * @txn: a transaction
 * @administrator: the administrator
 * @added: (out): whether there was none of that e-mail address
 * @error: return location for an error
 *
 * Stores a new administrator; one whose address is taken changes nothing.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_add (DoorTxn *txn, const DoorAdministrator *administrator, bool *added,
                              GError **error)
{
  static const char sql[] =
      "INSERT INTO administrator (" COLUMNS ") VALUES (:id, :email, :email_key, :full_name, :state, "
      ":sso_enabled, :api_only, :password_hash, :created_at, :updated_at, :signed_in_at) "
      "ON CONFLICT DO NOTHING";

  return door_txn_change (txn, sql, params_of (administrator), added, error);
}

/**
 * door_administrator_store_update:
 * @txn: a transaction
 * @administrator: the administrator
 * @error: return location for an error
 *
 * Stores what may change; id, address and creation stay.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_update (DoorTxn *txn, const DoorAdministrator *administrator, GError **error)
{
  static const char sql[] =
      "UPDATE administrator SET full_name = :full_name, state = :state, sso_enabled = :sso_enabled, "
      "api_only = :api_only, password_hash = :password_hash, updated_at = :updated_at, "
      "signed_in_at = :signed_in_at WHERE id = :id";

  return door_txn_change (
      txn, sql,
      door_params_new ("full_name", "s", administrator->full_name, "state", "s", administrator->state,
                       "sso_enabled", "x", administrator->sso_enabled, "api_only", "x",
                       administrator->api_only, "password_hash", "s", administrator->password_hash,
                       "updated_at", "x", administrator->updated_at, "signed_in_at", "x",
                       administrator->signed_in_at, "id", "s", administrator->id, NULL),
      NULL, error);
}

/**
 * door_administrator_store_lookup:
 * @txn: a transaction
 * @id: id of the administrator
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds an administrator by id.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_lookup (DoorTxn *txn, const char *id, DoorAdministrator **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM administrator WHERE id = :id";

  return door_txn_lookup (txn, sql, door_params_new ("id", "s", id, NULL), door_administrator_decode,
                          (gpointer *) out, error);
}

/**
 * door_administrator_store_lookup_by_email:
 * @txn: a transaction
 * @email_key: an e-mail address in lower case
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds an administrator by e-mail address.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_lookup_by_email (DoorTxn *txn, const char *email_key, DoorAdministrator **out,
                                          GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM administrator WHERE email_key = :email_key";

  return door_txn_lookup (txn, sql, door_params_new ("email_key", "s", email_key, NULL),
                          door_administrator_decode, (gpointer *) out, error);
}

/**
 * door_administrator_store_lookup_by_identity:
 * @txn: a transaction
 * @issuer: entity id or issuer of the identity provider
 * @subject: the stable subject there
 * @out: (out) (transfer full) (nullable): the row, %NULL when there is none
 * @error: return location for an error
 *
 * Finds the administrator an identity provider speaks of.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_lookup_by_identity (DoorTxn *txn, const char *issuer, const char *subject,
                                             DoorAdministrator **out, GError **error)
{
  static const char sql[] = "SELECT " COLUMNS " FROM administrator WHERE id = (SELECT administrator_id FROM "
                            "administrator_identity WHERE issuer = :issuer AND subject = :subject)";

  return door_txn_lookup (txn, sql, door_params_new ("issuer", "s", issuer, "subject", "s", subject, NULL),
                          door_administrator_decode, (gpointer *) out, error);
}

/**
 * door_administrator_store_list:
 * @txn: a transaction
 * @after: id of the last row seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists administrators page by page, ordered by id.
 *
 * Returns: (transfer full) (element-type DoorAdministrator): the rows, or %NULL with an error
 */
GPtrArray *
door_administrator_store_list (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  static const char sql[] =
      "SELECT " COLUMNS " FROM administrator WHERE id > :after ORDER BY id LIMIT :limit";

  return door_txn_list (txn, sql, door_params_new ("after", "s", after, "limit", "x", limit, NULL),
                        door_administrator_decode, (GDestroyNotify) door_administrator_free, error);
}

/**
 * door_administrator_store_move_identities:
 * @txn: a transaction
 * @from: name of a connection that is gone
 * @to: name of the connection that takes its place
 * @changed: (out) (optional): whether anybody was known by @from
 * @error: return location for an error
 *
 * Says that the administrators whose identity came by one connection are those of another.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_move_identities (DoorTxn *txn, const char *from, const char *to, bool *changed,
                                          GError **error)
{
  static const char sql[] = "UPDATE administrator_identity SET connection = :new WHERE connection = :old";

  return door_txn_change (txn, sql, door_params_new ("new", "s", to, "old", "s", from, NULL), changed, error);
}

/**
 * door_administrator_store_add_identity:
 * @txn: a transaction
 * @identity: the identity
 * @added: (out): whether it was new
 * @error: return location for an error
 *
 * Gives an administrator an identity; one that exists changes nothing.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_add_identity (DoorTxn *txn, const DoorAdministratorIdentity *identity, bool *added,
                                       GError **error)
{
  static const char sql[] =
      "INSERT INTO administrator_identity (issuer, subject, administrator_id, connection, created_at) "
      "VALUES (:issuer, :subject, :administrator_id, :connection, :created_at) ON CONFLICT DO NOTHING";

  return door_txn_change (txn, sql,
                          door_params_new ("issuer", "s", identity->issuer, "subject", "s", identity->subject,
                                           "administrator_id", "s", identity->administrator_id, "connection",
                                           "s", identity->connection, "created_at", "x", identity->created_at,
                                           NULL),
                          added, error);
}

/**
 * door_administrator_store_list_identities:
 * @txn: a transaction
 * @administrator_id: id of the administrator
 * @error: return location for an error
 *
 * Lists what an administrator is at the identity providers.
 *
 * Returns: (transfer full) (element-type DoorAdministratorIdentity): the rows, or %NULL with an error
 */
GPtrArray *
door_administrator_store_list_identities (DoorTxn *txn, const char *administrator_id, GError **error)
{
  static const char sql[] =
      "SELECT issuer, subject, administrator_id, connection, created_at FROM administrator_identity "
      "WHERE administrator_id = :administrator_id ORDER BY issuer, subject";

  return door_txn_list (txn, sql, door_params_new ("administrator_id", "s", administrator_id, NULL),
                        door_administrator_identity_decode, (GDestroyNotify) door_administrator_identity_free,
                        error);
}

/**
 * door_administrator_store_remove_identities:
 * @txn: a transaction
 * @administrator_id: id of the administrator
 * @changed: (out) (optional): whether there was any
 * @error: return location for an error
 *
 * Takes all identities away, so that the next sign-in with the address makes a new one.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_remove_identities (DoorTxn *txn, const char *administrator_id, bool *changed,
                                            GError **error)
{
  static const char sql[] = "DELETE FROM administrator_identity WHERE administrator_id = :administrator_id";

  return door_txn_change (txn, sql, door_params_new ("administrator_id", "s", administrator_id, NULL),
                          changed, error);
}

/**
 * door_administrator_store_add_role:
 * @txn: a transaction
 * @administrator_id: id of the administrator, who has no role in @team
 * @team: name of the team, "" for everywhere
 * @role: word of the role
 * @error: return location for an error
 *
 * Gives an administrator a role.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_add_role (DoorTxn *txn, const char *administrator_id, const char *team,
                                   const char *role, GError **error)
{
  static const char sql[] = "INSERT INTO administrator_role (administrator_id, team, role) "
                            "VALUES (:administrator_id, :team, :role)";

  return door_txn_change (
      txn, sql,
      door_params_new ("administrator_id", "s", administrator_id, "team", "s", team, "role", "s", role, NULL),
      NULL, error);
}

/**
 * door_administrator_store_remove_roles:
 * @txn: a transaction
 * @administrator_id: id of the administrator
 * @error: return location for an error
 *
 * Takes all roles away.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_remove_roles (DoorTxn *txn, const char *administrator_id, GError **error)
{
  static const char sql[] = "DELETE FROM administrator_role WHERE administrator_id = :administrator_id";

  return door_txn_change (txn, sql, door_params_new ("administrator_id", "s", administrator_id, NULL), NULL,
                          error);
}

/**
 * door_administrator_store_list_roles:
 * @txn: a transaction
 * @administrator_id: id of the administrator
 * @error: return location for an error
 *
 * Lists roles, ordered by team.
 *
 * Returns: (transfer full) (element-type DoorRoleGrant): the rows, or %NULL with an error
 */
GPtrArray *
door_administrator_store_list_roles (DoorTxn *txn, const char *administrator_id, GError **error)
{
  static const char sql[] = "SELECT team, role FROM administrator_role "
                            "WHERE administrator_id = :administrator_id ORDER BY team";

  return door_txn_list (txn, sql, door_params_new ("administrator_id", "s", administrator_id, NULL),
                        door_role_grant_decode, (GDestroyNotify) door_role_grant_free, error);
}

/**
 * door_administrator_store_take_turn:
 * @txn: a transaction
 * @error: return location for an error
 *
 * Waits until nobody else may take a global administrator away, on any instance, until this transaction ends.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_take_turn (DoorTxn *txn, GError **error)
{
  static const char sql[] = "UPDATE global_admin_guard SET turn = turn + 1 WHERE name = 'global-admin'";

  return door_txn_change (txn, sql, NULL, NULL, error);
}

static gpointer
decode_count (DoorRow *row)
{
  int64_t *count = g_new0 (int64_t, 1);

  *count = door_row_get_int (row, "n");
  return count;
}

/**
 * door_administrator_store_count_global_admins:
 * @txn: a transaction
 * @passwords: whether who has a password only can sign in
 * @count: (out): how many there are
 * @error: return location for an error
 *
 * Counts the administrators who may do everything and can sign in.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_count_global_admins (DoorTxn *txn, bool passwords, int64_t *count, GError **error)
{
  static const char sql[] =
      "SELECT COUNT(*) AS n FROM administrator_role JOIN administrator ON id = administrator_id "
      "WHERE team = '' AND role = 'admin' AND state = 'active' AND api_only = 0 "
      "AND (sso_enabled = 1 OR (password_hash <> '' AND :passwords = 1))";
  g_autofree int64_t *found = NULL;

  if (!door_txn_lookup (txn, sql, door_params_new ("passwords", "x", (int64_t) passwords, NULL), decode_count,
                        (gpointer *) &found, error))
    return false;
  *count = found != NULL ? *found : 0;
  return true;
}

/**
 * door_administrator_store_count_identities:
 * @txn: a transaction
 * @connection: name of a connection, which may be gone
 * @count: (out): how many identities of administrators came by it
 * @error: return location for an error
 *
 * Counts the identities that belong to a connection.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_count_identities (DoorTxn *txn, const char *connection, int64_t *count,
                                           GError **error)
{
  static const char sql[] = "SELECT COUNT(*) AS n FROM administrator_identity WHERE connection = :connection";
  g_autofree int64_t *found = NULL;

  if (!door_txn_lookup (txn, sql, door_params_new ("connection", "s", connection, NULL), decode_count,
                        (gpointer *) &found, error))
    return false;
  *count = found != NULL ? *found : 0;
  return true;
}

/**
 * door_administrator_store_remove:
 * @txn: a transaction
 * @id: id of the administrator
 * @error: return location for an error
 *
 * Removes an administrator, with roles, identities, sessions and tokens: the schema says so of each of them.
 *
 * Returns: false with an error
 */
bool
door_administrator_store_remove (DoorTxn *txn, const char *id, GError **error)
{
  static const char sql[] = "DELETE FROM administrator WHERE id = :id";

  return door_txn_change (txn, sql, door_params_new ("id", "s", id, NULL), NULL, error);
}
