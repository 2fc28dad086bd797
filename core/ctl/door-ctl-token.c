/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Personal access tokens of administrators, beside the server that may run. */
#include "door-clock.h"
#include "door-ctl-actor.h"
#include "door-ctl-admin.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-personal-token.h"

#define USUAL_DAYS 90
#define MAX_DAYS 365
#define DAY_S (24 * 60 * 60)
/* more than one administrator can have */
#define MAX_ROWS 500

/* One run: the administrator that the first word names, and a transaction to write. */
typedef struct
{
  DoorCtlDatabase *database;
  DoorTxn *txn;
  DoorAdministrator *administrator;
} Run;

static void
run_clear (Run *self)
{
  g_clear_pointer (&self->administrator, door_administrator_free);
  g_clear_pointer (&self->txn, door_txn_free);
  g_clear_pointer (&self->database, door_ctl_database_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static bool
run_open (Run *self, const DoorCtlContext *context, GError **error)
{
  self->database = door_ctl_database_open (context->line, error);
  if (self->database == NULL)
    return false;
  self->txn = door_ctl_database_begin_write (self->database, error);
  if (self->txn != NULL)
    self->administrator = door_ctl_admin_find (self->txn, context->words[0], error);
  return self->administrator != NULL;
}

static JsonObject *
build_object (const DoorPersonalToken *token)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", token->id);
  json_object_set_string_member (object, "name", token->name);
  door_json_member_set_time (object, "created_at", token->created_at);
  door_json_member_set_time (object, "expires_at", token->expires_at);
  door_json_member_set_time (object, "used_at", token->used_at);
  return object;
}

static bool
read_days (const DoorCtlContext *context, int64_t *lifetime_s, GError **error)
{
  const char *text = door_command_line_get_value (context->line, "days");
  guint64 days = USUAL_DAYS;

  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, MAX_DAYS, &days, NULL)) /* said here */
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                           "--days must be a number from 1 to %d", MAX_DAYS);
  *lifetime_s = (int64_t) days * DAY_S;
  return true;
}

/**
 * door_ctl_token_create:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl token create ADMINISTRATOR NAME`: a token, shown this once. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_USAGE, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_token_create (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  g_autoptr (DoorRandom) random = door_random_new_system ();
  g_autoptr (DoorPolicy) policy = NULL;
  g_autoptr (DoorPersonalToken) token = NULL;
  g_autofree char *secret = NULL, *by = door_ctl_actor_dup ();
  g_auto (Run) run = { NULL };
  DoorPersonalTokenWish wish = { .connection = "",
                                 .name = context->words[1],
                                 .now_ms = door_clock_now_ms (clock) };
  JsonObject *object;

  if (!read_days (context, &wish.lifetime_s, error))
    return DOOR_CTL_USAGE;
  if (!run_open (&run, context, error))
    return door_ctl_status_of (*error);
  wish.administrator_id = run.administrator->id;
  token = door_personal_token_new (&wish, random, &secret, error);
  if (token == NULL)
    return DOOR_CTL_USAGE;
  policy = door_setup_make_policy (door_setup_get_config (run.database->setup));
  if (!door_personal_token_add (run.txn, token, door_policy_get_admin_rules (policy), error) ||
      !door_txn_commit (run.txn, error))
    return DOOR_CTL_ERROR;
  door_personal_token_log (token->administrator_id, token->id, "made", by);
  if (!context->json)
    g_print ("%s\n", secret);
  object = build_object (token);
  json_object_set_string_member (object, "token", secret);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

static void
print_token (const DoorPersonalToken *token)
{
  g_autofree char *to = door_ctl_output_dup_time (token->expires_at);
  g_autofree char *used = token->used_at != 0 ? door_ctl_output_dup_time (token->used_at) : NULL;

  g_print ("%-36s %-20s %-20s %s\n", token->id, to, used != NULL ? used : "never", token->name);
}

/**
 * door_ctl_token_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl token list ADMINISTRATOR`: their tokens, without the secrets. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_token_list (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorAdministrator) administrator = NULL;
  g_autoptr (GPtrArray) tokens = NULL;
  JsonObject *object;
  JsonArray *array;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  administrator = door_ctl_admin_find (database->txn, context->words[0], error);
  if (administrator == NULL)
    return door_ctl_status_of (*error);
  tokens = door_personal_token_store_list (database->txn, administrator->id, "", MAX_ROWS, error);
  if (tokens == NULL)
    return DOOR_CTL_ERROR;
  array = json_array_new ();
  if (!context->json)
    g_print ("%-36s %-20s %-20s %s\n", "TOKEN", "ENDS", "USED", "NAME");
  for (guint i = 0; i < tokens->len; i++)
    {
      if (!context->json)
        print_token (g_ptr_array_index (tokens, i));
      json_array_add_object_element (array, build_object (g_ptr_array_index (tokens, i)));
    }
  door_ctl_output_print_none (context->json, tokens->len, "doorctl token create makes one");
  object = json_object_new ();
  json_object_set_array_member (object, "tokens", array);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_token_revoke:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl token revoke ADMINISTRATOR ID`: ends a token for good. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_token_revoke (DoorCtlContext *context, GError **error)
{
  g_autofree char *by = door_ctl_actor_dup ();
  g_auto (Run) run = { NULL };
  JsonObject *object;
  bool changed = false;

  if (!run_open (&run, context, error))
    return door_ctl_status_of (*error);
  if (!door_personal_token_store_remove (run.txn, run.administrator->id, context->words[1], &changed, error))
    return DOOR_CTL_ERROR;
  if (!changed)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                      "%s has no token %s; doorctl token list shows them", run.administrator->email,
                      context->words[1]);
      return DOOR_CTL_NOT_FOUND;
    }
  if (!door_txn_commit (run.txn, error))
    return DOOR_CTL_ERROR;
  door_personal_token_log (run.administrator->id, context->words[1], "revoked", by);
  object = json_object_new ();
  json_object_set_string_member (object, "id", context->words[1]);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
