/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-attempt-store.h"
#include "door-ctl-database.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-suggest.h"

/* as core/http makes it */
#define REQUEST_ID_LENGTH 16

static void
set_unknown_error (const char *id, GError **error)
{
  g_autoptr (DoorSuggest) suggest = door_suggest_new (id);

  for (int fault = DOOR_FAULT_NONE + 1; fault < DOOR_N_FAULTS; fault++)
    door_suggest_add (suggest, door_fault_get_info ((DoorFault) fault)->id);
  if (door_suggest_get_best (suggest) != NULL)
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                    "there is no entry %s in the catalogue (did you mean %s?)", id,
                    door_suggest_get_best (suggest));
  else
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                    "there is no entry %s in the catalogue; doorward-errors(7) lists them", id);
}

/* Pages about anything but an answer of a provider show the id of the request instead of a code. */
static bool
is_request_id (const char *word)
{
  return strlen (word) == REQUEST_ID_LENGTH && word[strspn (word, G_CSET_A_2_Z G_CSET_DIGITS)] == '\0';
}

/* The code as it was made: upper case, with its hyphen; what people mistake is put right. */
static char *
dup_code (const char *word)
{
  GString *code = g_string_new (NULL);

  for (const char *c = word; *c != '\0'; c++)
    {
      char upper = g_ascii_toupper (*c);

      if (g_ascii_isalnum (upper))
        g_string_append_c (code, upper == 'O' ? '0' : upper == 'I' || upper == 'L' ? '1' : upper);
    }
  if (code->len == 8)
    g_string_insert_c (code, 4, '-');
  return g_string_free (code, FALSE);
}

static bool
is_code (const char *word)
{
  g_autofree char *code = dup_code (word);

  return strlen (code) == 9 && !g_str_has_prefix (word, "DW-") && !g_str_has_prefix (word, "dw-");
}

static JsonObject *
fault_object (const DoorFaultInfo *info)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", info->id);
  json_object_set_string_member (object, "severity", info->severity);
  json_object_set_int_member (object, "status", info->status);
  json_object_set_string_member (object, "text", info->admin_text);
  json_object_set_string_member (object, "fix", info->fix);
  door_ctl_output_set_text (object, "user_text", info->user_text);
  return object;
}

static void
print_fault (const DoorFaultInfo *info)
{
  g_print ("%s (%s, HTTP %u)\n\nWhat is the matter:  %s\nWhat to do:          %s\n", info->id, info->severity,
           info->status, info->admin_text, info->fix);
  if (info->user_text != NULL)
    g_print ("The person sees:     %s\n", info->user_text);
}

static void
print_attempt (const DoorAttempt *attempt, const DoorFaultInfo *info)
{
  g_autofree char *at = door_ctl_output_dup_time (attempt->at);

  g_print ("%s  %s  identity provider %s%s%s  request %s\n", attempt->code, at,
           *attempt->connection != '\0' ? attempt->connection : "unknown",
           *attempt->team != '\0' ? ", team " : "", attempt->team, attempt->request_id);
  if (info == NULL)
    {
      g_print ("\naccepted; checks passed: %s\nperson %s\n", attempt->checks, attempt->person_id);
      return;
    }
  g_print ("\nrefused: %s\n\n", attempt->detail);
  print_fault (info);
}

static DoorCtlExit
explain_attempt (DoorCtlContext *context, GError **error)
{
  g_autofree char *code = dup_code (context->words[0]);
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorAttempt) attempt = NULL;
  const DoorFaultInfo *info = NULL;
  JsonObject *object;

  if (database == NULL || !door_attempt_store_lookup (database->txn, code, &attempt, error))
    return DOOR_CTL_ERROR;
  if (attempt == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                      "there is no record of a sign-in %s; records are kept for [sign-in] AttemptRetention",
                      code);
      return DOOR_CTL_NOT_FOUND;
    }
  if (door_fault_from_id (attempt->fault) != DOOR_FAULT_NONE)
    info = door_fault_get_info (door_fault_from_id (attempt->fault));
  if (!context->json)
    print_attempt (attempt, info);
  object = json_object_new ();
  json_object_set_string_member (object, "code", attempt->code);
  door_ctl_output_set_time (object, "at", attempt->at);
  json_object_set_string_member (object, "idp", attempt->connection);
  json_object_set_string_member (object, "team", attempt->team);
  json_object_set_string_member (object, "request", attempt->request_id);
  json_object_set_string_member (object, "outcome", info != NULL ? "refused" : "accepted");
  json_object_set_string_member (object, "detail", attempt->detail);
  json_object_set_string_member (object, "checks", attempt->checks);
  json_object_set_string_member (object, "person", attempt->person_id);
  if (info != NULL)
    json_object_set_object_member (object, "fault", fault_object (info));
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_explain:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl explain CODE`: the record of a sign-in, or an entry of the catalogue. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_explain (DoorCtlContext *context, GError **error)
{
  DoorFault fault = door_fault_from_id (context->words[0]);

  if (fault == DOOR_FAULT_NONE && is_code (context->words[0]))
    return explain_attempt (context, error);
  if (fault == DOOR_FAULT_NONE)
    {
      if (is_request_id (context->words[0]))
        door_error_set (
            error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
            "%s is the id of a request that was no sign-in; the log has it: journalctl -u doorward -g %s",
            context->words[0], context->words[0]);
      else
        set_unknown_error (context->words[0], error);
      return DOOR_CTL_NOT_FOUND;
    }
  if (!context->json)
    print_fault (door_fault_get_info (fault));
  context->result = door_ctl_output_take_object (fault_object (door_fault_get_info (fault)));
  return DOOR_CTL_OK;
}
