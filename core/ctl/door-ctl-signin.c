/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-signin.h"

#include <string.h>

#include "door-attempt-store.h"
#include "door-clock.h"
#include "door-ctl-database.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-key-value.h"
#include "door-saml-checks.h"

#define DEFAULT_LIMIT 50
#define MAX_LIMIT 10000

/**
 * door_ctl_signin_dup_code:
 * @word: a code as somebody typed it
 *
 * Returns: (transfer full): the code as it was made: upper case, with its hyphen; what people mistake is put
 * right
 */
char *
door_ctl_signin_dup_code (const char *word)
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

static const DoorFaultInfo *
get_info (const DoorAttempt *attempt)
{
  DoorFault fault = door_fault_from_id (attempt->fault);

  return fault != DOOR_FAULT_NONE ? door_fault_get_info (fault) : NULL;
}

/* Faults of people have no check of their own name; they are one. */
static const char *
get_failed_check (const DoorAttempt *attempt)
{
  const char *check = door_saml_checks_get_failed (door_fault_from_id (attempt->fault));

  return check != NULL ? check : attempt->fault;
}

/**
 * door_ctl_signin_build_fault:
 * @info: an entry of the catalogue
 *
 * Returns: (transfer full): it as a document
 */
JsonObject *
door_ctl_signin_build_fault (const DoorFaultInfo *info)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", info->id);
  json_object_set_string_member (object, "severity", info->severity);
  json_object_set_int_member (object, "status", info->status);
  json_object_set_string_member (object, "text", info->admin_text);
  json_object_set_string_member (object, "fix", info->fix);
  door_json_member_set_text (object, "user_text", info->user_text);
  return object;
}

/**
 * door_ctl_signin_print_fault:
 * @info: an entry of the catalogue
 */
void
door_ctl_signin_print_fault (const DoorFaultInfo *info)
{
  g_print ("%s (%s, HTTP %u)\n\nWhat is the matter:  %s\nWhat to do:          %s\n", info->id, info->severity,
           info->status, info->admin_text, info->fix);
  if (info->user_text != NULL)
    g_print ("The person sees:     %s\n", info->user_text);
}

static void
print_checks (const DoorAttempt *attempt)
{
  g_auto (GStrv) passed = g_strsplit (attempt->checks, " ", -1);

  g_print ("\nChecks\n");
  for (char **check = passed; *check != NULL; check++)
    if (**check != '\0')
      g_print ("  passed  %s\n", *check);
  if (*attempt->fault != '\0')
    g_print ("  failed  %s\n", get_failed_check (attempt));
}

static void
print_received (const DoorAttempt *attempt)
{
  g_auto (GStrv) lines = g_strsplit (attempt->received, "\n", -1);

  if (*attempt->received == '\0')
    return;
  g_print ("\nWhat was received%s\n",
           *attempt->fault != '\0' ? " (as it says; not all of it was verified)" : "");
  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0')
      g_print ("  %s\n", *line);
}

static void
print_attempt (const DoorAttempt *attempt, const DoorFaultInfo *info)
{
  g_autofree char *at = door_ctl_output_dup_time (attempt->at);

  g_print ("%s  %s  identity provider %s%s%s  request %s\n", attempt->code, at,
           *attempt->connection != '\0' ? attempt->connection : "unknown",
           *attempt->team != '\0' ? ", team " : "", attempt->team, attempt->request_id);
  if (info == NULL)
    g_print ("\naccepted; person %s\n", attempt->person_id);
  else
    {
      g_print ("\nrefused: %s\n\n", attempt->detail);
      door_ctl_signin_print_fault (info);
    }
  print_checks (attempt);
  print_received (attempt);
}

static JsonArray *
build_received (const DoorAttempt *attempt)
{
  g_auto (GStrv) lines = g_strsplit (attempt->received, "\n", -1);
  JsonArray *array = json_array_new ();

  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) parts = g_strsplit (*line, ": ", 2);
      JsonObject *object;

      if (g_strv_length (parts) != 2)
        continue;
      object = json_object_new ();
      json_object_set_string_member (object, "what", parts[0]);
      json_object_set_string_member (object, "value", parts[1]);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonObject *
build_attempt (const DoorAttempt *attempt)
{
  const DoorFaultInfo *info = get_info (attempt);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "code", attempt->code);
  door_json_member_set_time (object, "at", attempt->at);
  json_object_set_string_member (object, "idp", attempt->connection);
  json_object_set_string_member (object, "team", attempt->team);
  json_object_set_string_member (object, "purpose", attempt->purpose);
  json_object_set_string_member (object, "request", attempt->request_id);
  json_object_set_string_member (object, "outcome", info != NULL ? "refused" : "accepted");
  json_object_set_string_member (object, "detail", attempt->detail);
  json_object_set_string_member (object, "checks", attempt->checks);
  json_object_set_string_member (object, "person", attempt->person_id);
  if (info != NULL)
    {
      json_object_set_string_member (object, "failed_check", get_failed_check (attempt));
      json_object_set_object_member (object, "fault", door_ctl_signin_build_fault (info));
    }
  return object;
}

/**
 * door_ctl_signin_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl signin show CODE`. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_signin_show (DoorCtlContext *context, GError **error)
{
  g_autofree char *code = door_ctl_signin_dup_code (context->words[0]);
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorAttempt) attempt = NULL;
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
  if (!context->json)
    print_attempt (attempt, get_info (attempt));
  object = build_attempt (attempt);
  json_object_set_array_member (object, "received", build_received (attempt));
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

static bool
read_filter (const DoorCommandLine *line, DoorAttemptFilter *filter, int64_t *limit, GError **error)
{
  const char *since = door_command_line_get_value (line, "since"),
             *rows = door_command_line_get_value (line, "limit"),
             *idp = door_command_line_get_value (line, "idp");
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  guint64 number = DEFAULT_LIMIT;
  uint64_t ago_s = 0;

  if (rows != NULL && !g_ascii_string_to_unsigned (rows, 10, 1, MAX_LIMIT, &number, NULL))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                           "--limit takes a number from 1 to %d", MAX_LIMIT);
  if (since != NULL && !door_key_value_parse_number (DOOR_KEY_DURATION, since, &ago_s))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                           "--since takes a duration such as 30min, 24h or 7d");
  filter->failed_only = door_command_line_has (line, "failed");
  filter->connection = idp != NULL ? idp : "";
  filter->since_ms = since != NULL ? door_clock_now_ms (clock) - (int64_t) ago_s * 1000 : 0;
  *limit = (int64_t) number;
  return true;
}

static void
print_rows (const GPtrArray *rows)
{
  g_print ("%-10s %-21s %-16s %-14s %s\n", "CODE", "AT", "IDP", "PURPOSE", "OUTCOME");
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorAttempt *attempt = g_ptr_array_index (rows, i);
      g_autofree char *at = door_ctl_output_dup_time (attempt->at);

      g_print ("%-10s %-21s %-16s %-14s %s\n", attempt->code, at,
               *attempt->connection != '\0' ? attempt->connection : "-",
               *attempt->purpose != '\0' ? attempt->purpose : "-",
               *attempt->fault != '\0' ? attempt->fault : "accepted");
    }
  door_ctl_output_print_none (false, rows->len, "nobody has signed in, or nobody that the options name");
}

/**
 * door_ctl_signin_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl signin list`: the latest sign-ins. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_USAGE or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_signin_list (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  DoorAttemptFilter filter = { 0 };
  JsonObject *object;
  JsonArray *array;
  int64_t limit = 0;

  if (!read_filter (context->line, &filter, &limit, error))
    return DOOR_CTL_USAGE;
  database = door_ctl_database_open (context->line, error);
  rows = database != NULL ? door_attempt_store_list (database->txn, &filter, limit, error) : NULL;
  if (rows == NULL)
    return DOOR_CTL_ERROR;
  if (!context->json)
    print_rows (rows);
  array = json_array_new ();
  for (guint i = 0; i < rows->len; i++)
    json_array_add_object_element (array, build_attempt (g_ptr_array_index (rows, i)));
  object = json_object_new ();
  json_object_set_array_member (object, "signins", array);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
