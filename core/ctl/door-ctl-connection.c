/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections that are kept in the database. */
#include <string.h>

#include "door-connection-object.h"
#include "door-ctl-file.h"
#include "door-ctl-output.h"
#include "door-ctl-service.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-metadata-kept.h"
#include "door-saml-metadata.h"
#include "door-saml.h"

#define DEFAULT_ROWS 500
#define DEFAULT_TYPE "saml"

typedef DoorCtlExit (*Work) (DoorCtlContext *context, const DoorCtlService *service, GError **error);

/* A new connection must not be of a provider that is here already. What cannot be read is no twin of
 * anything, and what is wrong with it is told by others. */
static void
load_providers (const DoorCtlService *service)
{
  const DoorContext *context = &service->context;

  for (guint i = 0; i < context->connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (context->connections, i);
      int64_t fetched_ms = 0;

      if (door_connection_get_source (connection) != NULL)
        door_metadata_kept_recall (context, connection, &fetched_ms, NULL);
      else if (!door_connection_speaks_oidc (connection))
        door_connection_load (connection, context->development, NULL);
    }
}

static DoorCtlExit
run (DoorCtlContext *context, Work work, GError **error)
{
  g_autoptr (DoorCtlService) service = NULL;
  DoorCtlExit status;

  /* first, because libgda reads its own files by libxml2, which SAML then keeps from reading any */
  service = door_ctl_service_open (context->line, error);
  if (service == NULL || !door_saml_init (error))
    {
      g_clear_pointer (&service, door_ctl_service_free);
      return DOOR_CTL_ERROR;
    }
  load_providers (service);
  status = work (context, service, error);
  g_clear_pointer (&service, door_ctl_service_free);
  door_saml_shutdown ();
  return status;
}

static JsonObject *
info_object (const DoorConnectionInfo *info)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", info->id);
  json_object_set_string_member (object, "name", info->name);
  door_json_member_set_text (object, "type", info->type);
  door_json_member_set_text (object, "title", info->title);
  door_json_member_set_text (object, "file", info->file);
  json_object_set_string_member (object, "entity_id", info->addresses.entity_id);
  json_object_set_string_member (object, "acs_url", info->addresses.acs_url);
  json_object_set_string_member (object, "start_url", info->addresses.start_url);
  door_json_member_set_text (object, "sp_metadata_url", info->addresses.metadata_url);
  json_object_set_string_member (object, "metadata", info->metadata_source != NULL ? "present" : "missing");
  door_json_member_set_text (object, "metadata_source", info->metadata_source);
  door_json_member_set_text (object, "idp_entity_id", info->idp_entity_id);
  door_json_member_set_time (object, "created_at", info->created_at);
  door_json_member_set_time (object, "updated_at", info->updated_at);
  return object;
}

static DoorCtlExit
show (DoorCtlContext *context, const DoorConnectionInfo *info)
{
  if (!context->json)
    g_print ("%s\n  entity id       %s\n  ACS             %s\n  start           %s\n  our metadata    %s\n"
             "  provider        %s\n  metadata        %s\n",
             info->name, info->addresses.entity_id, info->addresses.acs_url, info->addresses.start_url,
             info->addresses.metadata_url != NULL ? info->addresses.metadata_url : "none",
             info->idp_entity_id != NULL ? info->idp_entity_id : "not known yet",
             info->metadata_source != NULL ? info->metadata_source
                                           : "missing: doorctl connection set-metadata");
  if (!context->json && info->file != NULL)
    g_print ("  file            %s\n", info->file);
  context->result = door_ctl_output_take_object (info_object (info));
  return DOOR_CTL_OK;
}

/* KEY=VALUE … as keys and texts in turn. */
static bool
split_keys (const char *const *words, GPtrArray *keys, GError **error)
{
  bool has_type = false;

  for (; *words != NULL; words++)
    {
      const char *equals = strchr (*words, '=');

      if (equals == NULL || equals == *words)
        return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID,
                               "\"%s\" is not KEY=VALUE", *words);
      g_ptr_array_add (keys, g_strndup (*words, (gsize) (equals - *words)));
      g_ptr_array_add (keys, g_strdup (equals + 1));
      has_type = has_type || g_str_has_prefix (*words, "Type=");
    }
  if (!has_type)
    {
      g_ptr_array_add (keys, g_strdup ("Type"));
      g_ptr_array_add (keys, g_strdup (DEFAULT_TYPE));
    }
  g_ptr_array_add (keys, NULL);
  return true;
}

static DoorCtlExit
run_add (DoorCtlContext *context, const DoorCtlService *service, GError **error)
{
  const char *path = door_command_line_get_value (context->line, "metadata");
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (DoorConnectionInfo) info = NULL;
  DoorConnectionWish wish = { .name = context->words[0], .actor = service->actor };

  if (!split_keys (context->words + 1, keys, error))
    return DOOR_CTL_USAGE;
  if (path != NULL && (xml = door_ctl_file_read (path, DOOR_SAML_METADATA_MAX_BYTES, error)) == NULL)
    return door_ctl_status_of (*error);
  wish.keys = (const char *const *) keys->pdata;
  wish.metadata.xml = xml;
  wish.metadata.url = door_command_line_get_value (context->line, "metadata-url");
  info = door_connection_object_create (&service->context, &wish, error);
  return info != NULL ? show (context, info) : DOOR_CTL_ERROR;
}

/**
 * door_ctl_connection_add:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl connection add NAME [KEY=VALUE...]`: a new connection, with metadata or without. Blocks on the
 * file system, the database and, for `--metadata-url`, the network.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_USAGE or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_connection_add (DoorCtlContext *context, GError **error)
{
  return run (context, run_add, error);
}

static DoorCtlExit
run_set_metadata (DoorCtlContext *context, const DoorCtlService *service, GError **error)
{
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (DoorConnectionInfo) info = NULL;
  DoorConnectionWish wish = { .name = context->words[0], .actor = service->actor };

  if (g_str_has_prefix (context->words[1], "https://") || g_str_has_prefix (context->words[1], "http://"))
    wish.metadata.url = context->words[1];
  else if ((xml = door_ctl_file_read (context->words[1], DOOR_SAML_METADATA_MAX_BYTES, error)) == NULL)
    return door_ctl_status_of (*error);
  wish.metadata.xml = xml;
  info = door_connection_object_set_metadata (&service->context, &wish, error);
  return info != NULL ? show (context, info) : door_ctl_status_of (*error);
}

/**
 * door_ctl_connection_set_metadata:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl connection set-metadata NAME FILE`: all that is known of the provider, anew. Blocks on the file
 * system, the database and, for an address, the network.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_connection_set_metadata (DoorCtlContext *context, GError **error)
{
  return run (context, run_set_metadata, error);
}

static DoorCtlExit
run_remove (DoorCtlContext *context, const DoorCtlService *service, GError **error)
{
  const DoorConnectionWish wish = { .name = context->words[0], .actor = service->actor };
  JsonObject *object;

  if (!door_connection_object_remove (&service->context, &wish, error))
    return door_ctl_status_of (*error);
  if (!context->json)
    g_print ("%s is gone; its name is not given again.\n", context->words[0]);
  object = json_object_new ();
  json_object_set_string_member (object, "name", context->words[0]);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_connection_remove:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl connection remove NAME`. Blocks on the file system and the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_connection_remove (DoorCtlContext *context, GError **error)
{
  return run (context, run_remove, error);
}

static DoorCtlExit
run_show (DoorCtlContext *context, const DoorCtlService *service, GError **error)
{
  g_autoptr (DoorConnectionInfo) info =
      door_connection_object_lookup (&service->context, context->words[0], error);

  return info != NULL ? show (context, info) : door_ctl_status_of (*error);
}

/**
 * door_ctl_connection_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl connection show NAME`. Blocks on the file system and the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_connection_show (DoorCtlContext *context, GError **error)
{
  return run (context, run_show, error);
}

static DoorCtlExit
run_list (DoorCtlContext *context, const DoorCtlService *service, GError **error)
{
  const char *after = door_command_line_get_value (context->line, "after");
  g_autoptr (GPtrArray) infos =
      door_connection_object_list (&service->context, after != NULL ? after : "", DEFAULT_ROWS, error);
  JsonArray *array;
  JsonObject *object;

  if (infos == NULL)
    return DOOR_CTL_ERROR;
  array = json_array_new ();
  if (!context->json)
    g_print ("%-32s %-9s %s\n", "CONNECTION", "METADATA", "PROVIDER");
  for (guint i = 0; i < infos->len; i++)
    {
      const DoorConnectionInfo *info = g_ptr_array_index (infos, i);

      if (!context->json)
        g_print ("%-32s %-9s %s\n", info->name, info->metadata_source != NULL ? "present" : "missing",
                 info->idp_entity_id != NULL ? info->idp_entity_id : "");
      json_array_add_object_element (array, info_object (info));
    }
  door_ctl_output_print_none (context->json, infos->len,
                              after != NULL ? "the page before was the last"
                                            : "doorctl connection add or doorctl idp add makes one");
  object = json_object_new ();
  json_object_set_array_member (object, "connections", array);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_connection_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl connection list`: connections of the database and of files. Blocks on the file system and the
 * database.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_connection_list (DoorCtlContext *context, GError **error)
{
  return run (context, run_list, error);
}
