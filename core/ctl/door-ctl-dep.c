/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Servers of Apple Business Manager, their devices, and what is asked of Apple. */
#include <string.h>

#include "door-ctl-file.h"
#include "door-ctl-list.h"
#include "door-ctl-output.h"
#include "door-ctl-service.h"
#include "door-dep-server.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-log.h"
#include "door-name.h"
#include "door-smime.h"

static DoorCtlService *
open_with_key (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlService) service = door_ctl_service_open (context->line, error);

  return service != NULL && door_ctl_service_load_state_key (service, error) ? g_steal_pointer (&service)
                                                                             : NULL;
}

static void
log_change (const DoorCtlService *service, const char *what, const char *name)
{
  g_autofree char *text = g_strdup_printf ("%s: %s", what, name);

  door_log_event (G_LOG_LEVEL_MESSAGE, "dep", text, "DOORWARD_BY", service->actor, NULL);
}

static DoorCtlExit
give_certificate (DoorCtlContext *context, const DoorDepServer *server, bool made, GError **error)
{
  const char *path = door_command_line_get_value (context->line, "output");
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "server", server->name);
  json_object_set_boolean_member (object, "made", made);
  json_object_set_string_member (object, "certificate", server->certificate);
  context->result = door_ctl_output_take_object (object);
  if (path != NULL && !g_file_set_contents (path, server->certificate, -1, error))
    {
      g_prefix_error (
          error,
          "the server %s is added, but not its certificate written; a repeat with another --output "
          "gives the same one: ",
          server->name);
      return DOOR_CTL_ERROR;
    }
  if (context->json)
    return DOOR_CTL_OK;
  if (path == NULL)
    g_print ("%s", server->certificate);
  else
    g_print ("%s: upload it at business.apple.com, download the server token there, then:\n"
             "doorctl dep import-token %s FILE\n",
             path, server->name);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_dep_keypair:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl dep keypair NAME`: the certificate that Apple encrypts the token for. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_USAGE or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_dep_keypair (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlService) service = NULL;
  g_autoptr (DoorDepServer) server = NULL;
  const char *name = context->words[0];
  bool made = false;

  if (!door_name_is_valid (name))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                      "\"%s\" cannot be a name: small letters, digits and hyphens", name);
      return DOOR_CTL_USAGE;
    }
  service = open_with_key (context, error);
  server = service != NULL ? door_dep_server_ensure (&service->context, name, &made, error) : NULL;
  if (server == NULL)
    return DOOR_CTL_ERROR;
  if (made)
    log_change (service, "a server of Apple Business Manager was added", name);
  return give_certificate (context, server, made, error);
}

/**
 * door_ctl_dep_import_token:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl dep import-token NAME FILE`: keeps the server token. Blocks for file and database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_dep_import_token (DoorCtlContext *context, GError **error)
{
  g_autoptr (GBytes) file = door_ctl_file_read (context->words[1], DOOR_SMIME_MAX_BYTES, error);
  g_autoptr (DoorCtlService) service = file != NULL ? open_with_key (context, error) : NULL;
  g_autofree char *day = NULL;
  JsonObject *object;
  int64_t expires_at = 0;

  if (service == NULL)
    return door_ctl_status_of (*error);
  if (!door_dep_server_import_token (&service->context, context->words[0], file, &expires_at, error))
    return door_ctl_status_of (*error);
  log_change (service, "a server token was imported", context->words[0]);
  day = door_ctl_output_dup_day (expires_at);
  if (!context->json)
    g_print ("%s: the token is good until %s; the server asks Apple at once if it runs\n", context->words[0],
             day);
  object = json_object_new ();
  json_object_set_string_member (object, "server", context->words[0]);
  door_json_member_set_time (object, "token_expires_at", expires_at);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

static JsonObject *
server_object (const DoorDepServer *server)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", server->name);
  json_object_set_boolean_member (object, "token", *server->sealed_token != '\0');
  door_json_member_set_time (object, "token_expires_at", server->token_expires_at);
  json_object_set_string_member (object, "server_uuid", server->server_uuid);
  json_object_set_string_member (object, "server_name", server->server_name);
  json_object_set_string_member (object, "organization", server->organization);
  json_object_set_string_member (object, "phase", server->phase);
  json_object_set_int_member (object, "read", server->n_read);
  door_json_member_set_time (object, "whole_list_at", server->full_sync_at);
  door_json_member_set_time (object, "synced_at", server->synced_at);
  door_json_member_set_time (object, "due_at", server->due_at);
  json_object_set_string_member (object, "fault", server->fault);
  json_object_set_string_member (object, "detail", server->detail);
  json_object_set_string_member (object, "discovery_url", server->discovery_url);
  json_object_set_string_member (object, "discovery_detail", server->discovery_detail);
  return object;
}

/**
 * door_ctl_dep_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl dep list`: servers of Apple Business Manager. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_dep_list (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (GPtrArray) servers =
      database != NULL ? door_dep_store_list_servers (database->txn, error) : NULL;
  JsonObject *object;
  JsonArray *array;

  if (servers == NULL)
    return DOOR_CTL_ERROR;
  array = json_array_new ();
  if (!context->json)
    g_print ("%-20s %-28s %-22s %s\n", "SERVER", "ORGANIZATION", "SYNCED", "FAULT");
  for (guint i = 0; i < servers->len; i++)
    {
      const DoorDepServer *server = g_ptr_array_index (servers, i);
      g_autofree char *synced = door_ctl_output_dup_time (server->synced_at);

      json_array_add_object_element (array, server_object (server));
      if (!context->json)
        g_print ("%-20s %-28s %-22s %s\n", server->name, door_ctl_output_or_dash (server->organization),
                 server->synced_at > 0 ? synced : "never", door_ctl_output_or_dash (server->fault));
    }
  door_ctl_output_print_none (context->json, servers->len, "doorctl dep keypair begins one");
  object = json_object_new ();
  json_object_set_array_member (object, "servers", array);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

static void
print_server (const DoorDepServer *server, const DoorDepCounts *counts)
{
  g_autofree char *synced = door_ctl_output_dup_time (server->synced_at);
  g_autofree char *whole = door_ctl_output_dup_time (server->full_sync_at);
  g_autofree char *token = door_ctl_output_dup_day (server->token_expires_at);
  bool has_token = *server->sealed_token != '\0';

  g_print ("%s\n  at Apple      %s (%s)\n  organization  %s\n", server->name,
           door_ctl_output_or_dash (server->server_name), door_ctl_output_or_dash (server->server_uuid),
           door_ctl_output_or_dash (server->organization));
  if (has_token)
    g_print ("  token         until %s\n", token);
  else
    g_print (
        "  token         none was given: upload the certificate of doorctl dep keypair %s at Apple, download "
        "the\n                server token there, and run: doorctl dep import-token %s FILE.p7m\n",
        server->name, server->name);
  g_print ("  synced        %s\n  whole list    %s%s\n", server->synced_at > 0 ? synced : "never",
           server->full_sync_at > 0 ? whole : "never",
           has_token && strcmp (server->phase, DOOR_DEP_PHASE_FETCH) == 0 ? ", is being read" : "");
  g_print ("  devices       %" G_GINT64_FORMAT " there, %" G_GINT64_FORMAT " have left\n"
           "  profiles      %" G_GINT64_FORMAT " devices wait for theirs, %" G_GINT64_FORMAT
           " were refused one\n",
           counts->devices, counts->removed, counts->waiting, counts->refused);
  if (*server->discovery_url != '\0' || *server->discovery_detail != '\0')
    g_print ("  discovery     %s%s\n", server->discovery_url, server->discovery_detail);
  if (*server->fault != '\0')
    g_print ("  fault         %s: %s\n                doorctl explain %s\n", server->fault, server->detail,
             server->fault);
}

static bool
find_server (DoorCtlDatabase *database, const char *name, DoorDepServer **out, GError **error)
{
  g_autoptr (DoorDepServer) server = NULL;

  if (!door_dep_store_lookup_server (database->txn, name, &server, error))
    return false;
  if (server == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                           "there is no server %s; doorctl dep list shows them", name);
  *out = g_steal_pointer (&server);
  return true;
}

/**
 * door_ctl_dep_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl dep show NAME`: what is known of a server, and what is wrong. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND, %DOOR_CTL_PROBLEMS when Apple cannot be asked, or
 *   %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_dep_show (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorDepServer) server = NULL;
  DoorDepCounts counts = { 0 };
  JsonObject *object;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  if (!find_server (database, context->words[0], &server, error) ||
      !door_dep_store_count_devices (database->txn, server->name, &counts, error))
    return door_ctl_status_of (*error);
  if (!context->json)
    print_server (server, &counts);
  object = server_object (server);
  json_object_set_int_member (object, "devices", counts.devices);
  json_object_set_int_member (object, "removed", counts.removed);
  json_object_set_int_member (object, "waiting", counts.waiting);
  json_object_set_int_member (object, "refused", counts.refused);
  context->result = door_ctl_output_take_object (object);
  return *server->fault != '\0' ? DOOR_CTL_PROBLEMS : DOOR_CTL_OK;
}

static JsonObject *
device_object (gconstpointer data)
{
  const DoorDepDevice *row = data;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", row->id);
  json_object_set_string_member (object, "serial", row->serial);
  json_object_set_string_member (object, "server", row->server);
  json_object_set_string_member (object, "model", row->model);
  json_object_set_string_member (object, "description", row->description);
  json_object_set_string_member (object, "color", row->color);
  json_object_set_string_member (object, "asset_tag", row->asset_tag);
  json_object_set_string_member (object, "family", row->family);
  json_object_set_string_member (object, "os", row->os);
  json_object_set_string_member (object, "team", row->team);
  json_object_set_boolean_member (object, "chosen", row->chosen != 0);
  json_object_set_string_member (object, "profile", row->profile_uuid);
  json_object_set_string_member (object, "profile_status", row->profile_status);
  json_object_set_string_member (object, "status", row->assign_status);
  door_json_member_set_time (object, "assign_due_at", row->assign_due_at);
  door_json_member_set_time (object, "seen_at", row->seen_at);
  door_json_member_set_time (object, "removed_at", row->removed_at);
  return object;
}

static void
print_head (void)
{
  g_print ("%-14s %-9s %-22s %-16s %-16s %s\n", "SERIAL", "FAMILY", "MODEL", "TEAM", "SERVER", "PROFILE");
}

static void
print_device (gconstpointer data)
{
  const DoorDepDevice *row = data;
  const char *profile = row->removed_at > 0      ? "has left"
                        : row->assign_due_at > 0 ? "waits"
                        : *row->profile_uuid     ? "assigned"
                                                 : "none";

  g_print ("%-14s %-9s %-22s %-16s %-16s %s%s%s\n", row->serial, door_ctl_output_or_dash (row->family),
           door_ctl_output_or_dash (row->model), door_ctl_output_or_dash (row->team), row->server, profile,
           row->assign_failures > 0 || strcmp (row->assign_status, "THROTTLED") == 0 ? ": " : "",
           row->assign_failures > 0 || strcmp (row->assign_status, "THROTTLED") == 0 ? row->assign_status
                                                                                     : "");
}

static const char *
get_id (gconstpointer data)
{
  return ((const DoorDepDevice *) data)->id;
}

static GPtrArray *
list_all (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  return door_dep_store_list_devices (txn, after != NULL ? after : "", limit, error);
}

/* A device is one row for each server that knows it. */
static GPtrArray *
list_serial (DoorTxn *txn, const char *serial, const char *after, int64_t limit, GError **error)
{
  return door_dep_store_list_devices_of_serial (txn, serial, after != NULL ? after : "", limit, error);
}

static GPtrArray *
list_team (DoorTxn *txn, const char *team, const char *after, int64_t limit, GError **error)
{
  return door_dep_store_list_devices_of_team (txn, team, after != NULL ? after : "", limit, error);
}

/**
 * door_ctl_dep_devices:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl dep devices`: devices that Apple assigns to this server, enrolled or not. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_USAGE or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_dep_devices (DoorCtlContext *context, GError **error)
{
  const char *team = door_command_line_get_value (context->line, "team");
  const char *serial = door_command_line_get_value (context->line, "serial");
  const DoorCtlList list = {
    .member = "devices",
    .none = "doorctl dep sync asks Apple for them",
    .list_page = list_all,
    .of = serial != NULL ? serial : team,
    .list_of = serial != NULL ? list_serial : list_team,
    .print_head = print_head,
    .print = print_device,
    .build_object = device_object,
    .get_name = get_id,
  };

  return door_ctl_list_run (context, &list, error);
}

/**
 * door_ctl_dep_assign:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl dep assign SERIAL --team TEAM`: gives a device a team before it enrolls. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND, %DOOR_CTL_USAGE or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_dep_assign (DoorCtlContext *context, GError **error)
{
  const char *team = door_command_line_get_value (context->line, "team"), *serial = context->words[0];
  g_autoptr (DoorCtlService) service = NULL;

  if (team == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "--team is needed");
      return DOOR_CTL_USAGE;
    }
  service = door_ctl_service_open (context->line, error);
  if (service == NULL)
    return DOOR_CTL_ERROR;
  if (!door_dep_server_assign_team (&service->context, serial, team, error))
    return door_ctl_status_of (*error);
  log_change (service, "a device was given a team", serial);
  if (!context->json)
    g_print ("%s: team %s; Apple is asked at once if the server runs\n", serial,
             door_ctl_output_or_dash (team));
  return DOOR_CTL_OK;
}

/**
 * door_ctl_dep_remove:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl dep remove NAME`: takes our profiles off the devices of a server and forgets it. Blocks for
 * network and database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_dep_remove (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlService) service = open_with_key (context, error);
  bool keep = door_command_line_has (context->line, "keep-profiles");

  if (service == NULL)
    return DOOR_CTL_ERROR;
  if (!door_dep_server_remove (&service->context, context->words[0], keep, NULL, error))
    return door_ctl_status_of (*error);
  log_change (service, "a server of Apple Business Manager was removed", context->words[0]);
  if (!context->json)
    g_print ("%s is removed\n", context->words[0]);
  return DOOR_CTL_OK;
}
