/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Declarations of teams, beside the server that may run: it looks every two seconds whether devices are to be
 * told. */
#include "door-clock.h"
#include "door-ctl-actor.h"
#include "door-ctl-database.h"
#include "door-ctl-device.h"
#include "door-ctl-file.h"
#include "door-ctl-output.h"
#include "door-declaration-json.h"
#include "door-declarations.h"
#include "door-error.h"

/* The team that was asked for; without one, devices of no team. */
static const char *
get_team (const DoorCtlContext *context)
{
  const char *team = door_command_line_get_value (context->line, "team");

  return team != NULL ? team : "";
}

static bool
check_team (const DoorCtlDatabase *database, const char *team, GError **error)
{
  g_autoptr (DoorPolicy) policy = door_setup_make_policy (door_setup_get_config (database->setup));

  return door_declarations_check_team (policy, team, error);
}

/**
 * door_ctl_declaration_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl declaration list`: the declarations of a team. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_declaration_list (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (JsonArray) array = json_array_new ();
  JsonObject *object;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  if (!check_team (database, get_team (context), error))
    return door_ctl_status_of (*error);
  rows = door_declaration_store_list (database->txn, get_team (context), "", DOOR_DECLARATION_MAX_SET, error);
  if (rows == NULL)
    return DOOR_CTL_ERROR;
  if (!context->json)
    g_print ("%-40s %s\n", "DECLARATION", "TYPE");
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorStoredDeclaration *row = g_ptr_array_index (rows, i);

      if (!context->json)
        g_print ("%-40s %s\n", row->identifier, row->type);
      json_array_add_object_element (array, door_declaration_json_build (row, true));
    }
  door_ctl_output_print_none (context->json, rows->len,
                              "doorctl declaration set adds one, with --team to that team");
  object = json_object_new ();
  json_object_set_array_member (object, "declarations", g_steal_pointer (&array));
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_declaration_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl declaration show IDENTIFIER`: one declaration, as devices get it. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_declaration_show (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorStoredDeclaration) row = NULL;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  if (!check_team (database, get_team (context), error) ||
      !door_declaration_store_lookup (database->txn, get_team (context), context->words[0], &row, error))
    return door_ctl_status_of (*error);
  if (row == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE, "there is no declaration %s",
                      context->words[0]);
      return DOOR_CTL_NOT_FOUND;
    }
  if (!context->json)
    {
      const DoorDeclarationItem item = { row->identifier, row->type, row->server_token };
      g_autoptr (GBytes) json = door_declaration_build (&item, row->payload);

      g_print ("%.*s\n", (int) g_bytes_get_size (json), (const char *) g_bytes_get_data (json, NULL));
    }
  context->result = door_ctl_output_take_object (door_declaration_json_build (row, true));
  return DOOR_CTL_OK;
}

static void
report (DoorCtlContext *context, const char *identifier, const char *outcome, const char *what)
{
  g_autofree char *by = door_ctl_actor_dup ();
  JsonObject *object = json_object_new ();

  if (outcome != NULL)
    door_declarations_log (get_team (context), identifier, outcome, by);
  if (!context->json)
    g_print ("%s: %s\n", identifier, what);
  json_object_set_string_member (object, "identifier", identifier);
  json_object_set_string_member (object, "result", what);
  context->result = door_ctl_output_take_object (object);
}

/**
 * door_ctl_declaration_set:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl declaration set FILE`: adds or changes a declaration. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_declaration_set (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  g_autoptr (GBytes) json = door_ctl_file_read (context->words[0], DOOR_DECLARATION_MAX_BYTES, error);
  g_autoptr (DoorDeclaration) declaration = json != NULL ? door_declaration_parse (json, error) : NULL;
  const DoorDeclarationChange change = { get_team (context), door_clock_now_ms (clock) };
  g_autoptr (DoorCtlDatabase) database = NULL;
  g_autoptr (DoorTxn) txn = NULL;
  bool changed = false;

  if (declaration == NULL)
    return door_ctl_status_of (*error);
  database = door_ctl_database_open (context->line, error);
  if (database == NULL)
    return DOOR_CTL_ERROR;
  if (!check_team (database, change.team, error))
    return door_ctl_status_of (*error);
  txn = door_ctl_database_begin_write (database, error);
  if (txn == NULL || !door_declarations_save (txn, &change, declaration, &changed, error) ||
      !door_txn_commit (txn, error))
    return door_ctl_status_of (*error);
  report (context, declaration->identifier, changed ? "stored" : NULL,
          changed ? "stored; devices are told" : "nothing to do: it is there already");
  return changed ? DOOR_CTL_OK : DOOR_CTL_NOTHING;
}

/**
 * door_ctl_declaration_remove:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl declaration remove IDENTIFIER`: takes a declaration from a team. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_declaration_remove (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  const DoorDeclarationChange change = { get_team (context), door_clock_now_ms (clock) };
  g_autoptr (DoorTxn) txn = NULL;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  txn = door_ctl_database_begin_write (database, error);
  if (txn == NULL || !door_declarations_remove (txn, &change, context->words[0], error) ||
      !door_txn_commit (txn, error))
    return door_ctl_status_of (*error);
  report (context, context->words[0], "removed", "removed; devices are told");
  return DOOR_CTL_OK;
}

static void
print_channel (JsonObject *channel)
{
  JsonArray *array = json_object_get_array_member (channel, "declarations");

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *entry = json_array_get_object_element (array, i);
      JsonArray *reasons = json_object_get_array_member (entry, "reasons");

      g_print ("%-40s %-8s %-8s %-21s %s\n", json_object_get_string_member (entry, "identifier"),
               json_object_get_boolean_member (entry, "active") ? "active" : "inactive",
               json_object_get_string_member_with_default (entry, "valid", "-"),
               json_object_get_string_member (entry, "reported_at"),
               json_object_get_boolean_member (channel, "user")
                   ? json_object_get_string_member (channel, "channel")
                   : "");
      for (guint j = 0; j < json_array_get_length (reasons); j++)
        {
          JsonObject *reason = json_array_get_object_element (reasons, j);

          g_print ("  %s: %s\n", json_object_get_string_member_with_default (reason, "code", "-"),
                   json_object_get_string_member_with_default (reason, "description", "-"));
        }
    }
}

/**
 * door_ctl_device_declarations:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device declarations DEVICE`: what a device has reported of its declarations. Blocks for the
 * database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_declarations (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorDevice) device = NULL;
  JsonObject *object;
  JsonArray *channels;
  guint n_declarations = 0;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  if (!door_ctl_find_device (database->txn, context->words[0], &device, error))
    return door_ctl_status_of (*error);
  object = door_declaration_json_build_device (database->txn, device, error);
  if (object == NULL)
    return DOOR_CTL_ERROR;
  channels = json_object_get_array_member (object, "channels");
  for (guint i = 0; i < json_array_get_length (channels); i++)
    {
      JsonObject *channel = json_array_get_object_element (channels, i);

      n_declarations += json_array_get_length (json_object_get_array_member (channel, "declarations"));
      if (!context->json)
        print_channel (channel);
    }
  if (n_declarations == 0 && !context->json)
    g_print ("%s has reported no declaration%s. doorctl declaration list shows what there is for its team.\n",
             context->words[0],
             json_array_get_length (channels) == 0 ? " yet: it has not been told of any, or has not answered"
                                                   : "");
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
