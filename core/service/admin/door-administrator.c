/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-administrator.h"

#include <string.h>

#include "door-admin-roles.h"
#include "door-error.h"
#include "door-log.h"
#include "door-personal-token-store.h"
#include "door-session-store.h"
#include "door-text.h"

/* RFC 5322, 3.2.3, without what no provider of accounts gives out. */
#define LOCAL_PART G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "!#$%&'*+-/=?^_{|}~."
#define DOMAIN G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-."

static bool
has_dots_inside (const char *text, size_t length)
{
  if (length == 0 || text[0] == '.' || text[length - 1] == '.')
    return false;
  for (size_t i = 1; i < length; i++)
    if (text[i] == '.' && text[i - 1] == '.')
      return false;
  return true;
}

/**
 * door_administrator_dup_email_key:
 * @email: what is said to be an e-mail address
 *
 * Addresses have ASCII letters only here: so no two that look alike, or that some rule of Unicode makes
 * equal, ever name the same administrator. Pure; any thread.
 *
 * Returns: (transfer full) (nullable): the address in lower case, by which it is found; %NULL when it is none
 */
char *
door_administrator_dup_email_key (const char *email)
{
  const char *at = strchr (email, '@');
  size_t local, domain;

  if (at == NULL || strlen (email) > DOOR_ADMINISTRATOR_EMAIL_MAX_BYTES)
    return NULL;
  local = (size_t) (at - email);
  domain = strlen (at + 1);
  if (strspn (email, LOCAL_PART) != local || strspn (at + 1, DOMAIN) != domain ||
      !has_dots_inside (email, local) || !has_dots_inside (at + 1, domain))
    return NULL;
  return g_ascii_strdown (email, -1);
}

/**
 * door_administrator_check_name:
 * @full_name: a name that somebody wrote
 * @error: return location for an error
 *
 * Pure.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_administrator_check_name (const char *full_name, GError **error)
{
  return (strlen (full_name) <= DOOR_ADMINISTRATOR_NAME_MAX_BYTES && door_text_is_plain (full_name)) ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                         "a name has at most %d bytes, which can be printed",
                         DOOR_ADMINISTRATOR_NAME_MAX_BYTES);
}

/**
 * door_administrator_new:
 * @id: a new UUID
 * @email: an e-mail address
 * @full_name: the name people read, "" for none yet
 * @now_ms: milliseconds since 1970, UTC
 *
 * Returns: (transfer full): an active administrator without password, who signs in at identity providers;
 *   its @email_key is %NULL when @email is no address
 */
DoorAdministrator *
door_administrator_new (const char *id, const char *email, const char *full_name, int64_t now_ms)
{
  DoorAdministrator *self = g_new0 (DoorAdministrator, 1);

  self->id = g_strdup (id);
  self->email = g_strdup (email);
  self->email_key = door_administrator_dup_email_key (email);
  self->full_name = g_strdup (full_name);
  self->state = g_strdup ("active");
  self->sso_enabled = 1;
  self->password_hash = g_strdup ("");
  self->created_at = now_ms;
  self->updated_at = now_ms;
  return self;
}

/**
 * door_administrator_copy:
 * @administrator: an administrator
 *
 * Returns: (transfer full): the same
 */
DoorAdministrator *
door_administrator_copy (const DoorAdministrator *administrator)
{
  DoorAdministrator *self = g_memdup2 (administrator, sizeof *administrator);

  self->id = g_strdup (administrator->id);
  self->email = g_strdup (administrator->email);
  self->email_key = g_strdup (administrator->email_key);
  self->full_name = g_strdup (administrator->full_name);
  self->state = g_strdup (administrator->state);
  self->password_hash = g_strdup (administrator->password_hash);
  return self;
}

static bool
add_roles (DoorTxn *txn, const char *id, const GPtrArray *roles, GError **error)
{
  for (guint i = 0; i < roles->len; i++)
    {
      const DoorRoleGrant *grant = g_ptr_array_index (roles, i);

      if (!door_administrator_store_add_role (txn, id, grant->team, grant->role, error))
        return false;
    }
  return true;
}

/**
 * door_administrator_add:
 * @txn: a transaction
 * @administrator: a new one
 * @roles: (element-type DoorRoleGrant): their roles
 * @error: return location for an error
 *
 * Stores a new administrator.
 *
 * Returns: false with an error, %DOOR_ERROR_CONFLICT when the e-mail address is taken
 */
bool
door_administrator_add (DoorTxn *txn, const DoorAdministrator *administrator, const GPtrArray *roles,
                        GError **error)
{
  bool added = false;

  if (!door_administrator_store_add (txn, administrator, &added, error))
    return false;
  if (!added)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_ADM_EXISTS,
                           "there is an administrator %s already", administrator->email);
  return add_roles (txn, administrator->id, roles, error);
}

/**
 * door_administrator_may_use_password:
 * @administrator: an administrator
 * @rules: what `[admin]` says
 *
 * A password and single sign-on exclude each other: or either would be a way around the other. Pure.
 *
 * Returns: whether they may sign in with their password
 */
bool
door_administrator_may_use_password (const DoorAdministrator *administrator, const DoorAdminRules *rules)
{
  return rules->passwords && g_str_equal (administrator->state, "active") &&
         administrator->sso_enabled == 0 && *administrator->password_hash != '\0';
}

static bool
can_administer (const DoorAdministrator *administrator, const GPtrArray *roles, bool passwords)
{
  return g_str_equal (administrator->state, "active") && administrator->api_only == 0 &&
         (administrator->sso_enabled != 0 || (passwords && *administrator->password_hash != '\0')) &&
         door_admin_roles_have_global_admin (roles);
}

/* Of two who take each other's role away at the same moment, one waits here and then finds nobody left. */
static bool
check_last_admin (DoorTxn *txn, const DoorAdministratorChange *change, GError **error)
{
  int64_t n_admins = 0;

  if (!can_administer (change->before, change->roles_before, change->passwords) ||
      can_administer (change->after, change->roles_after, change->passwords))
    return true;
  if (!door_administrator_store_take_turn (txn, error) ||
      !door_administrator_store_count_global_admins (txn, change->passwords, &n_admins, error))
    return false;
  return n_admins > 1 ||
         door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_ADM_LASTADMIN,
                         "%s is the last one with the role admin everywhere", change->before->email);
}

static bool
has_same_password (const DoorAdministratorChange *change)
{
  return g_str_equal (change->before->password_hash, change->after->password_hash);
}

/* A token has the roles of its owner at the moment it is used, but does not outlive the owner. */
static bool
remove_tokens (DoorTxn *txn, const DoorAdministratorChange *change, GError **error)
{
  bool stays = g_str_equal (change->after->state, "active") && has_same_password (change) &&
               (change->after->sso_enabled != 0 || change->before->sso_enabled == 0);

  return stays || door_personal_token_store_remove_all (txn, change->after->id, error);
}

/**
 * door_administrator_change:
 * @txn: a transaction, which is the writer's or has nothing else in it
 * @change: what changes
 * @error: return location for an error
 *
 * Stores the change, and ends all sessions if it takes or gives any right; personal access tokens too if who
 * has them is deactivated, gets another password or none, or single sign-on is switched off. The last one who
 * may do everything stays, and so does everything else then.
 *
 * Returns: false with an error, %DOOR_FAULT_ADM_LASTADMIN among them
 */
bool
door_administrator_change (DoorTxn *txn, const DoorAdministratorChange *change, GError **error)
{
  const DoorAdministrator *before = change->before, *after = change->after;
  bool same_roles = door_admin_roles_equal (change->roles_before, change->roles_after);

  if (!check_last_admin (txn, change, error) || !door_administrator_store_update (txn, after, error) ||
      !remove_tokens (txn, change, error))
    return false;
  if (!same_roles && (!door_administrator_store_remove_roles (txn, after->id, error) ||
                      !add_roles (txn, after->id, change->roles_after, error)))
    return false;
  if (same_roles && g_str_equal (before->state, after->state) && before->sso_enabled == after->sso_enabled &&
      before->api_only == after->api_only && has_same_password (change))
    return true;
  return door_session_store_end_all (txn, after->id, change->reason, change->now_ms, NULL, error);
}

static bool
set_password (DoorAdministrator *after, const DoorAdministratorEdit *edit, GError **error)
{
  const char *hash = after->sso_enabled != 0 && edit->sso != NULL ? "" : NULL;

  if (edit->password_hash != NULL)
    hash = edit->password_hash;
  if (hash == NULL)
    return true;
  if (*hash != '\0' && after->sso_enabled != 0)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "who has single sign-on has no password: switch it off first, or in the same step "
                           "(sso_enabled, --no-sso)");
  g_free (after->password_hash);
  after->password_hash = g_strdup (hash);
  return true;
}

static bool
apply (DoorTxn *txn, const DoorAdministratorEdit *edit, const DoorAdministrator *before, GError **error)
{
  g_autoptr (DoorAdministrator) after = door_administrator_copy (before);
  g_autoptr (GPtrArray) roles = door_administrator_store_list_roles (txn, before->id, error);
  DoorAdministratorChange change;

  if (roles == NULL)
    return false;
  if (edit->state != NULL)
    {
      g_free (after->state);
      after->state = g_strdup (edit->state);
    }
  if (edit->sso != NULL)
    after->sso_enabled = g_str_equal (edit->sso, "on");
  if (edit->full_name != NULL)
    {
      g_free (after->full_name);
      after->full_name = g_strdup (edit->full_name);
    }
  if (!set_password (after, edit, error))
    return false;
  after->updated_at = edit->now_ms;
  change = (DoorAdministratorChange){ .before = before,
                                      .roles_before = roles,
                                      .after = after,
                                      .roles_after = edit->roles != NULL ? edit->roles : roles,
                                      .passwords = edit->passwords,
                                      .reason = "changed",
                                      .now_ms = edit->now_ms };
  return door_administrator_change (txn, &change, error);
}

/**
 * door_administrator_edit:
 * @txn: a transaction, which is the writer's or has nothing else in it
 * @edit: what shall change
 * @error: return location for an error
 *
 * Changes an administrator, by door_administrator_change().
 *
 * Returns: false with an error, %DOOR_ERROR_NOT_FOUND among them
 */
bool
door_administrator_edit (DoorTxn *txn, const DoorAdministratorEdit *edit, GError **error)
{
  g_autoptr (DoorAdministrator) before = NULL;

  if (!door_administrator_store_lookup (txn, edit->id, &before, error))
    return false;
  if (before == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND,
                           "there is no administrator %s", edit->id);
  return apply (txn, edit, before, error);
}

/**
 * door_administrator_remove:
 * @txn: a transaction, which is the writer's or has nothing else in it
 * @id: an administrator
 * @passwords: whether who has a password only can sign in
 * @error: return location for an error
 *
 * Removes an administrator, and all that lets them in: the last one who may do everything stays.
 *
 * Returns: false with an error, %DOOR_ERROR_NOT_FOUND and %DOOR_FAULT_ADM_LASTADMIN among them
 */
bool
door_administrator_remove (DoorTxn *txn, const char *id, bool passwords, GError **error)
{
  g_autoptr (DoorAdministrator) before = NULL;
  g_autoptr (GPtrArray) roles = NULL, none = g_ptr_array_new ();

  if (!door_administrator_store_lookup (txn, id, &before, error))
    return false;
  if (before == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND,
                           "there is no administrator %s", id);
  roles = door_administrator_store_list_roles (txn, id, error);
  if (roles == NULL)
    return false;
  return check_last_admin (txn,
                           &(DoorAdministratorChange){ .before = before,
                                                       .roles_before = roles,
                                                       .after = before,
                                                       .roles_after = none,
                                                       .passwords = passwords },
                           error) &&
         door_administrator_store_remove (txn, id, error);
}

/**
 * door_administrator_log_added:
 * @id: an administrator
 * @roles: (element-type DoorRoleGrant): their roles
 * @by: who did it: id of an administrator, or somebody at this machine
 *
 * Logs that an administrator was added by hand, once that is stored.
 */
void
door_administrator_log_added (const char *id, const GPtrArray *roles, const char *by)
{
  g_autofree char *text = door_admin_roles_to_text (roles);

  door_log_event (G_LOG_LEVEL_MESSAGE, "administrator", "administrator added", "DOORWARD_OUTCOME", "added",
                  "DOORWARD_ADMINISTRATOR", id, "DOORWARD_BY", by, "DOORWARD_ROLES", text, NULL);
}

/**
 * door_administrator_log_edited:
 * @edit: what was changed
 * @by: who did it: id of an administrator, or somebody at this machine
 *
 * Logs a change of an administrator, once it is stored.
 */
void
door_administrator_log_edited (const DoorAdministratorEdit *edit, const char *by)
{
  g_autofree char *roles =
      edit->roles != NULL ? door_admin_roles_to_text (edit->roles) : g_strdup ("unchanged");

  door_log_event (G_LOG_LEVEL_MESSAGE, "administrator", "administrator changed", "DOORWARD_OUTCOME",
                  "changed", "DOORWARD_ADMINISTRATOR", edit->id, "DOORWARD_BY", by, "DOORWARD_ROLES", roles,
                  "DOORWARD_STATE", edit->state != NULL ? edit->state : "unchanged", "DOORWARD_SSO",
                  edit->sso != NULL ? edit->sso : "unchanged", "DOORWARD_PASSWORD",
                  edit->password_hash != NULL ? "changed" : "unchanged", NULL);
}

/**
 * door_administrator_log_sessions_ended:
 * @id: an administrator
 * @by: who did it: id of an administrator, or somebody at this machine
 *
 * Logs that an administrator was signed out everywhere, once that is stored.
 */
void
door_administrator_log_sessions_ended (const char *id, const char *by)
{
  door_log_event (G_LOG_LEVEL_MESSAGE, "admin-session", "sessions of an administrator ended",
                  "DOORWARD_OUTCOME", "ended", "DOORWARD_ADMINISTRATOR", id, "DOORWARD_BY", by, NULL);
}
