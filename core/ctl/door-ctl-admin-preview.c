/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-admin-account.h"
#include "door-admin-roles.h"
#include "door-administrator.h"
#include "door-attempt-store.h"
#include "door-ctl-admin.h"
#include "door-ctl-file.h"
#include "door-ctl-output.h"
#include "door-ctl-signin.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-role-claims.h"

#define MAX_BYTES (256 * 1024)

/* Of whom roles are to be decided, and by what. */
typedef struct
{
  DoorClaims *claims;
  DoorIdentity *groups;
  DoorAdministrator *account; /* (nullable) */
} Person;

static void
person_clear (Person *self)
{
  g_clear_pointer (&self->claims, door_claims_unref);
  g_clear_pointer (&self->groups, door_identity_unref);
  g_clear_pointer (&self->account, door_administrator_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Person, person_clear)

/* What a member of another name says would be left out without a word. */
static bool
check_members (JsonNode *node, GError **error)
{
  static const char *const known[] = { "email", "attributes", "repeated", "groups", "groups_complete", NULL };

  return door_json_member_check_names (json_node_get_object (node), known, error);
}

static bool
find_email (DoorTxn *txn, GBytes *text, DoorAdministrator **out, GError **error)
{
  g_autoptr (JsonNode) node = door_json_parse (text, DOOR_ROLE_CLAIMS_MAX_DEPTH, error);
  g_autofree char *key = NULL;
  const char *email = NULL;

  if (node == NULL || !check_members (node, error) ||
      !door_json_member_read_string (json_node_get_object (node), "email", &email, error))
    return false;
  key = email != NULL ? door_administrator_dup_email_key (email) : NULL;
  return key == NULL || door_administrator_store_lookup_by_email (txn, key, out, error);
}

static DoorCtlExit
read_person (DoorCtlContext *context, DoorTxn *txn, Person *person, GError **error)
{
  g_autoptr (GBytes) text = door_ctl_file_read (context->words[0], MAX_BYTES, error);

  if (text != NULL && door_role_claims_parse (text, &person->claims, &person->groups, error) &&
      find_email (txn, text, &person->account, error))
    return DOOR_CTL_OK;
  return door_ctl_status_of (*error);
}

static DoorCtlExit
find_last (DoorCtlContext *context, DoorTxn *txn, Person *person, DoorAttempt **out, GError **error)
{
  const char *idp = door_command_line_get_value (context->line, "idp");

  person->account = door_ctl_admin_find (txn, context->words[0], error);
  if (person->account == NULL)
    return door_ctl_status_of (*error);
  if (!door_attempt_store_lookup_last (txn, person->account->id, idp != NULL ? idp : "", out, error))
    return DOOR_CTL_ERROR;
  if (*out != NULL)
    return DOOR_CTL_OK;
  door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                  "there is no record of a sign-in of %s as an administrator%s%s", person->account->email,
                  idp != NULL ? " at " : "", idp != NULL ? idp : "");
  return DOOR_CTL_NOT_FOUND;
}

static DoorCtlExit
find_code (DoorCtlContext *context, DoorTxn *txn, Person *person, DoorAttempt **out, GError **error)
{
  g_autofree char *code = door_ctl_signin_dup_code (context->words[0]);

  if (!door_attempt_store_lookup (txn, code, out, error))
    return DOOR_CTL_ERROR;
  if (*out != NULL && *(*out)->role_claims != '\0')
    return door_administrator_store_lookup (txn, (*out)->person_id, &person->account, error) ? DOOR_CTL_OK
                                                                                             : DOOR_CTL_ERROR;
  door_error_set (
      error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
      "there is no record %s of a verified sign-in of an administrator; doorctl signin list shows "
      "what there is",
      code);
  return DOOR_CTL_NOT_FOUND;
}

/* What the provider really sent, at the last sign-in or at one of those on the record. */
static DoorCtlExit
read_attempt (DoorCtlContext *context, DoorTxn *txn, Person *person, GError **error)
{
  g_autoptr (DoorAttempt) attempt = NULL;
  g_autoptr (GBytes) text = NULL;
  DoorCtlExit status = door_command_line_has (context->line, "last")
                           ? find_last (context, txn, person, &attempt, error)
                           : find_code (context, txn, person, &attempt, error);

  if (status != DOOR_CTL_OK)
    return status;
  text = g_bytes_new (attempt->role_claims, strlen (attempt->role_claims));
  if (!door_role_claims_parse (text, &person->claims, &person->groups, error))
    return DOOR_CTL_ERROR;
  if (!context->json)
    {
      g_autofree char *at = door_ctl_output_dup_time (attempt->at);

      g_print ("by the sign-in %s, %s, at %s\n", attempt->code, at, attempt->connection);
    }
  return DOOR_CTL_OK;
}

static DoorCtlExit
report (DoorCtlContext *context, const GPtrArray *before, const GPtrArray *after)
{
  g_autofree char *old = before != NULL ? door_admin_roles_to_text (before) : NULL;
  g_autofree char *text = door_admin_roles_to_text (after);
  JsonObject *object = json_object_new ();

  if (!context->json)
    g_print ("now:    %s\nafter:  %s\n", old != NULL ? old : "no account", text);
  door_json_member_set_text (object, "before", old);
  json_object_set_string_member (object, "after", text);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/* By the rules of a sign-in, where the provider has been believed already. */
static DoorCtlExit
decide (DoorCtlContext *context, const DoorCtlDatabase *database, const Person *person, GError **error)
{
  g_autoptr (DoorPolicy) policy = door_setup_make_policy (door_setup_get_config (database->setup));
  g_auto (DoorAdminAccount) account = { NULL };
  g_autoptr (GPtrArray) after = NULL;

  if (!door_admin_account_check_state (person->account, door_policy_get_admin_rules (policy), error))
    return DOOR_CTL_PROBLEMS;
  if (person->account != NULL)
    {
      account.roles_before = door_administrator_store_list_roles (database->txn, person->account->id, error);
      if (account.roles_before == NULL)
        return DOOR_CTL_ERROR;
    }
  after = door_admin_account_decide_roles (&account, policy, person->claims, person->groups, error);
  return after != NULL ? report (context, account.roles_before, after) : DOOR_CTL_PROBLEMS;
}

/**
 * door_ctl_admin_preview:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin preview FILE`, `--last EMAIL` or `--signin CODE`: which roles somebody would have after a
 * sign-in, by the rules of `[admin]` as they are now. Changes nothing. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_PROBLEMS when the sign-in would be refused, %DOOR_CTL_USAGE,
 *   %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_preview (DoorCtlContext *context, GError **error)
{
  bool last = door_command_line_has (context->line, "last"),
       signin = door_command_line_has (context->line, "signin");
  g_auto (Person) person = { NULL };
  g_autoptr (DoorCtlDatabase) database = NULL;
  DoorCtlExit status;

  if ((last && signin) || (!last && door_command_line_has (context->line, "idp")))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                      "--last and --signin exclude each other, and --idp goes with --last");
      return DOOR_CTL_USAGE;
    }
  database = door_ctl_database_open (context->line, error);
  if (database == NULL)
    return DOOR_CTL_ERROR;
  status = last || signin ? read_attempt (context, database->txn, &person, error)
                          : read_person (context, database->txn, &person, error);
  return status == DOOR_CTL_OK ? decide (context, database, &person, error) : status;
}
