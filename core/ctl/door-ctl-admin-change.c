/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What doorctl changes about administrators, beside the server that may run. */
#include <string.h>

#include "door-admin-roles.h"
#include "door-administrator-json.h"
#include "door-administrator.h"
#include "door-clock.h"
#include "door-ctl-actor.h"
#include "door-ctl-admin.h"
#include "door-ctl-output.h"
#include "door-ctl-password.h"
#include "door-error.h"
#include "door-log.h"
#include "door-personal-token-store.h"
#include "door-session-store.h"

/* One change; the transaction has nothing else in it. */
typedef bool (*ChangeFunc) (DoorTxn *txn, const DoorAdministrator *administrator, bool passwords,
                            gpointer data, GError **error);

/* Tells the log of a change that is stored. */
typedef void (*TellFunc) (const DoorAdministrator *administrator, gconstpointer data, const char *by);

/* Whether it is so already. */
typedef bool (*IsDoneFunc) (DoorTxn *txn, const DoorAdministrator *administrator, gconstpointer data,
                            bool *done, GError **error);

typedef struct
{
  ChangeFunc write;
  TellFunc tell;
  IsDoneFunc is_done; /* NULL: it always changes something */
} Kind;

static int64_t
now_ms (void)
{
  g_autoptr (DoorClock) clock = door_clock_new_system ();

  return door_clock_now_ms (clock);
}

static bool
show (DoorCtlContext *context, DoorTxn *txn, const char *id, GError **error)
{
  g_autoptr (DoorAdministrator) administrator = NULL;
  g_autoptr (GPtrArray) roles = door_administrator_store_list_roles (txn, id, error);

  if (roles == NULL || !door_administrator_store_lookup (txn, id, &administrator, error))
    return false;
  if (!context->json)
    {
      g_autofree char *text = door_admin_roles_to_text (roles);

      g_print ("%s: %s, single sign-on %s, %s\n", administrator->email, administrator->state,
               administrator->sso_enabled != 0 ? "on" : "off", text);
    }
  context->result = door_ctl_output_take_object (door_administrator_json_build (administrator, roles));
  return true;
}

/* Whether the server lets anybody in by password. */
static bool
take_passwords (const DoorCtlDatabase *database)
{
  g_autoptr (DoorPolicy) policy = door_setup_make_policy (door_setup_get_config (database->setup));

  return door_policy_get_admin_rules (policy)->passwords;
}

static DoorCtlExit
change (DoorCtlContext *context, const Kind *kind, gpointer data, GError **error)
{
  g_autofree char *by = door_ctl_actor_dup ();
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorTxn) txn = database != NULL ? door_ctl_database_begin_write (database, error) : NULL;
  g_autoptr (DoorAdministrator) administrator = NULL;
  bool done = false;

  if (txn == NULL)
    return DOOR_CTL_ERROR;
  administrator = door_ctl_admin_find (txn, context->words[0], error);
  if (administrator == NULL)
    return door_ctl_status_of (*error);
  if (kind->is_done != NULL && !kind->is_done (txn, administrator, data, &done, error))
    return DOOR_CTL_ERROR;
  if (done)
    return show (context, txn, administrator->id, error)
               ? door_ctl_nothing (context->json, "%s is so already", administrator->email)
               : DOOR_CTL_ERROR;
  if (!kind->write (txn, administrator, take_passwords (database), data, error) ||
      !show (context, txn, administrator->id, error) || !door_txn_commit (txn, error))
    return DOOR_CTL_ERROR;
  kind->tell (administrator, data, by);
  return DOOR_CTL_OK;
}

static bool
write_edit (DoorTxn *txn, const DoorAdministrator *administrator, bool passwords, gpointer data,
            GError **error)
{
  DoorAdministratorEdit *edit = data;

  edit->id = administrator->id;
  edit->passwords = passwords;
  edit->now_ms = now_ms ();
  return door_administrator_edit (txn, edit, error);
}

static void
tell_edit (const DoorAdministrator *administrator, gconstpointer data, const char *by)
{
  door_administrator_log_edited (data, by);
}

/* A new password is never the one before. */
static bool
is_edit_done (DoorTxn *txn, const DoorAdministrator *administrator, gconstpointer data, bool *done,
              GError **error)
{
  const DoorAdministratorEdit *edit = data;
  g_autoptr (GPtrArray) roles = door_administrator_store_list_roles (txn, administrator->id, error);
  bool has_password = *administrator->password_hash != '\0';

  if (roles == NULL)
    return false;
  *done =
      (edit->password_hash == NULL || (*edit->password_hash == '\0' && !has_password)) &&
      (edit->state == NULL || strcmp (edit->state, administrator->state) == 0) &&
      (edit->sso == NULL || (strcmp (edit->sso, "on") == 0 ? administrator->sso_enabled != 0 && !has_password
                                                           : administrator->sso_enabled == 0)) &&
      (edit->roles == NULL || door_admin_roles_equal (edit->roles, roles));
  return true;
}

static const Kind edit_kind = { write_edit, tell_edit, is_edit_done };

/* The role everywhere, or in each of the teams of `--team`. */
static GPtrArray *
read_roles (DoorCtlContext *context, const char *word, GError **error)
{
  const char *const *teams = door_command_line_get_values (context->line, "team");
  g_autoptr (GPtrArray) roles = g_ptr_array_new_with_free_func ((GDestroyNotify) door_role_grant_free);
  g_autoptr (DoorSetup) setup = NULL;
  g_autoptr (DoorPolicy) policy = NULL;
  DoorRole role = door_role_from_word (word);

  if (role == DOOR_ROLE_NONE)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                      "%s is not a role: admin, maintainer, observer_plus, observer, technician or helpdesk",
                      word);
      return NULL;
    }
  for (size_t i = 0; teams != NULL && teams[i] != NULL; i++)
    g_ptr_array_add (roles, door_role_grant_new (teams[i], role));
  if (roles->len == 0)
    g_ptr_array_add (roles, door_role_grant_new ("", role));
  setup = door_ctl_open_setup (context->line, error);
  if (setup == NULL)
    return NULL;
  policy = door_setup_make_policy (door_setup_get_config (setup));
  return door_admin_roles_check (roles, policy, error) ? g_steal_pointer (&roles) : NULL;
}

static DoorAdministrator *
read_new (DoorCtlContext *context, GError **error)
{
  const char *name = door_command_line_get_value (context->line, "name");
  g_autoptr (DoorRandom) random = door_random_new_system ();
  g_autofree char *id = door_random_dup_uuid (random);
  g_autoptr (DoorAdministrator) administrator =
      door_administrator_new (id, context->words[0], name != NULL ? name : "", now_ms ());

  if (administrator->email_key == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                      "%s is not an e-mail address of plain letters", context->words[0]);
      return NULL;
    }
  administrator->sso_enabled = !door_command_line_has (context->line, "no-sso") &&
                               door_command_line_get_value (context->line, "password-file") == NULL;
  administrator->api_only = door_command_line_has (context->line, "api-only");
  return g_steal_pointer (&administrator);
}

/* With --password-file only. */
static bool
read_new_password (DoorCtlContext *context, DoorAdministrator *administrator, GError **error)
{
  const char *path = door_command_line_get_value (context->line, "password-file");
  char *hash = path != NULL ? door_ctl_password_read_hash (path, error) : NULL;

  if (hash == NULL)
    return path == NULL;
  g_free (administrator->password_hash);
  administrator->password_hash = hash;
  return true;
}

/**
 * door_ctl_admin_add:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin add EMAIL --role ROLE`: somebody who may sign in from now on. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_USAGE or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_add (DoorCtlContext *context, GError **error)
{
  const char *word = door_command_line_get_value (context->line, "role");
  g_autofree char *by = door_ctl_actor_dup ();
  g_autoptr (DoorAdministrator) administrator = read_new (context, error);
  g_autoptr (GPtrArray) roles = NULL;
  g_autoptr (DoorCtlDatabase) database = NULL;
  g_autoptr (DoorTxn) txn = NULL;

  if (administrator == NULL)
    return DOOR_CTL_USAGE;
  if (word == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "--role is needed");
      return DOOR_CTL_USAGE;
    }
  if (!read_new_password (context, administrator, error))
    return door_ctl_status_of (*error);
  roles = read_roles (context, word, error);
  database = roles != NULL ? door_ctl_database_open (context->line, error) : NULL;
  txn = database != NULL ? door_ctl_database_begin_write (database, error) : NULL;
  if (txn == NULL || !door_administrator_add (txn, administrator, roles, error) ||
      !show (context, txn, administrator->id, error) || !door_txn_commit (txn, error))
    return DOOR_CTL_ERROR;
  door_administrator_log_added (administrator->id, roles, by);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_admin_set_role:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin set-role NAME ROLE`: another role in place of all there were. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_set_role (DoorCtlContext *context, GError **error)
{
  g_autoptr (GPtrArray) roles = read_roles (context, context->words[1], error);
  DoorAdministratorEdit edit = { .roles = roles };

  return roles != NULL ? change (context, &edit_kind, &edit, error) : DOOR_CTL_ERROR;
}

/**
 * door_ctl_admin_set_sso:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin set-sso NAME on|off`: the switch for single sign-on. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING, %DOOR_CTL_USAGE, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_set_sso (DoorCtlContext *context, GError **error)
{
  DoorAdministratorEdit edit = { .sso = context->words[1] };

  if (strcmp (edit.sso, "on") != 0 && strcmp (edit.sso, "off") != 0)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "on or off, not %s", edit.sso);
      return DOOR_CTL_USAGE;
    }
  return change (context, &edit_kind, &edit, error);
}

/**
 * door_ctl_admin_password:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin password NAME`: a new password, read from a file or standard input, or none any more. Blocks
 * for the database and whoever types.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING, %DOOR_CTL_USAGE, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_password (DoorCtlContext *context, GError **error)
{
  const char *path = door_command_line_get_value (context->line, "password-file");
  bool remove = door_command_line_has (context->line, "remove");
  DoorAdministratorEdit edit = { .password_hash = "" };
  g_autofree char *hash = NULL;

  if (remove && path != NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                      "--remove and --password-file exclude each other");
      return DOOR_CTL_USAGE;
    }
  if (!remove)
    {
      hash = door_ctl_password_read_hash (path, error);
      if (hash == NULL)
        return door_ctl_status_of (*error);
      edit.password_hash = hash;
      edit.sso = door_command_line_has (context->line, "no-sso") ? "off" : NULL;
    }
  return change (context, &edit_kind, &edit, error);
}

/**
 * door_ctl_admin_deactivate:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin deactivate NAME`: an account that nobody can sign in with. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_deactivate (DoorCtlContext *context, GError **error)
{
  DoorAdministratorEdit edit = { .state = "deactivated" };

  return change (context, &edit_kind, &edit, error);
}

/**
 * door_ctl_admin_activate:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin activate NAME`: the same the other way. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_activate (DoorCtlContext *context, GError **error)
{
  DoorAdministratorEdit edit = { .state = "active" };

  return change (context, &edit_kind, &edit, error);
}

static bool
write_end_sessions (DoorTxn *txn, const DoorAdministrator *administrator, bool passwords, gpointer data,
                    GError **error)
{
  return door_session_store_end_all (txn, administrator->id, "doorctl", now_ms (), NULL, error);
}

static void
tell_end_sessions (const DoorAdministrator *administrator, gconstpointer data, const char *by)
{
  door_administrator_log_sessions_ended (administrator->id, by);
}

/**
 * door_ctl_admin_end_sessions:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin end-sessions NAME`: signs an administrator out everywhere. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_end_sessions (DoorCtlContext *context, GError **error)
{
  static const Kind kind = { write_end_sessions, tell_end_sessions };

  return change (context, &kind, NULL, error);
}

static bool
write_unlink (DoorTxn *txn, const DoorAdministrator *administrator, bool passwords, gpointer data,
              GError **error)
{
  return door_administrator_store_remove_identities (txn, administrator->id, NULL, error) &&
         door_personal_token_store_remove_all (txn, administrator->id, error) &&
         write_end_sessions (txn, administrator, passwords, data, error);
}

static void
tell_unlink (const DoorAdministrator *administrator, gconstpointer data, const char *by)
{
  door_log_event (G_LOG_LEVEL_MESSAGE, "administrator", "identities of an administrator forgotten",
                  "DOORWARD_OUTCOME", "unlinked", "DOORWARD_ADMINISTRATOR", administrator->id, "DOORWARD_BY",
                  by, NULL);
}

/**
 * door_ctl_admin_unlink:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin unlink NAME`: the next sign-in with the address is joined with the account. Blocks for the
 * database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_unlink (DoorCtlContext *context, GError **error)
{
  static const Kind kind = { write_unlink, tell_unlink };

  return change (context, &kind, NULL, error);
}
