/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connections that are kept in the database. */
#include <string.h>

#include "door-connection-object.h"
#include "door-ctl-actor.h"
#include "door-ctl-database.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-objects.h"
#include "door-saml-metadata.h"
#include "door-saml.h"
#include "door-soup-fetcher.h"

#define WRITER_QUEUE 4
#define DEFAULT_ROWS 500
#define DEFAULT_TYPE "saml"

/* The part of a server that these commands need, beside the one that may run. */
typedef struct
{
  DoorCtlDatabase *database;
  DoorPolicy *policy;
  DoorObjects *objects;
  DoorContext service;
  char *actor;
} World;

typedef DoorCtlExit (*Work) (DoorCtlContext *context, const World *world, GError **error);

static void
world_free (World *self)
{
  g_clear_pointer (&self->service.writer, door_writer_free);
  g_clear_pointer (&self->service.connections, g_ptr_array_unref);
  g_clear_pointer (&self->objects, door_objects_free);
  g_clear_pointer (&self->service.random, door_random_unref);
  g_clear_pointer (&self->service.clock, door_clock_free);
  g_clear_pointer (&self->policy, door_policy_free);
  g_clear_pointer (&self->database, door_ctl_database_free);
  g_free (self->actor);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static World *
world_open (const DoorCommandLine *line, GError **error)
{
  g_autoptr (World) self = g_new0 (World, 1);
  g_autoptr (GPtrArray) failures = g_ptr_array_new_with_free_func (g_free);
  DoorContext *service = &self->service;
  const DoorSetup *setup;

  self->database = door_ctl_database_open (line, error);
  if (self->database == NULL)
    return NULL;
  self->actor = door_ctl_actor_dup ();
  setup = self->database->setup;
  self->policy = door_setup_make_policy (door_setup_get_config (setup));
  service->policy = self->policy;
  service->storage = self->database->storage;
  service->clock = door_clock_new_system ();
  service->random = door_random_new_system ();
  service->fetch = door_soup_fetch;
  service->development = door_setup_is_development (setup);
  service->connections =
      door_setup_make_connections (setup, door_setup_get_config (setup), self->policy, failures);
  self->objects = door_objects_new (setup, service->storage);
  service->objects = door_objects_get_host (self->objects);
  g_clear_pointer (&self->database->txn, door_txn_free); /* nothing may be older than what is written here */
  service->writer = door_writer_new (service->storage, 1, WRITER_QUEUE, 1);
  return g_steal_pointer (&self);
}

static DoorCtlExit
run (DoorCtlContext *context, Work work, GError **error)
{
  g_autoptr (World) world = NULL;
  DoorCtlExit status = DOOR_CTL_ERROR;

  if (!door_saml_init (error))
    return DOOR_CTL_ERROR;
  world = world_open (context->line, error);
  if (world != NULL)
    status = work (context, world, error);
  g_clear_pointer (&world, world_free);
  door_saml_shutdown ();
  return status;
}

static JsonObject *
info_object (const DoorConnectionInfo *info)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", info->id);
  json_object_set_string_member (object, "name", info->name);
  door_ctl_output_set_text (object, "type", info->type);
  door_ctl_output_set_text (object, "title", info->title);
  door_ctl_output_set_text (object, "file", info->file);
  json_object_set_string_member (object, "entity_id", info->entity_id);
  json_object_set_string_member (object, "acs_url", info->acs_url);
  json_object_set_string_member (object, "start_url", info->start_url);
  door_ctl_output_set_text (object, "sp_metadata_url", info->sp_metadata_url);
  json_object_set_string_member (object, "metadata", info->metadata_source != NULL ? "present" : "missing");
  door_ctl_output_set_text (object, "metadata_source", info->metadata_source);
  door_ctl_output_set_text (object, "idp_entity_id", info->idp_entity_id);
  door_ctl_output_set_time (object, "created_at", info->created_at);
  door_ctl_output_set_time (object, "updated_at", info->updated_at);
  return object;
}

static DoorCtlExit
show (DoorCtlContext *context, const DoorConnectionInfo *info)
{
  if (!context->json)
    g_print ("%s\n  entity id       %s\n  ACS             %s\n  start           %s\n  our metadata    %s\n"
             "  provider        %s\n  metadata        %s\n",
             info->name, info->entity_id, info->acs_url, info->start_url,
             info->sp_metadata_url != NULL ? info->sp_metadata_url : "none",
             info->idp_entity_id != NULL ? info->idp_entity_id : "not known yet",
             info->metadata_source != NULL ? info->metadata_source
                                           : "missing: doorctl connection set-metadata");
  if (!context->json && info->file != NULL)
    g_print ("  file            %s\n", info->file);
  context->result = door_ctl_output_take_object (info_object (info));
  return DOOR_CTL_OK;
}

/* Of the file named, or of standard input. */
static GBytes *
read_metadata (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (g_str_equal (path, "-") ? "/dev/stdin" : path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  g_autoptr (GBytes) bytes = NULL;

  if (stream != NULL)
    bytes =
        g_input_stream_read_bytes (G_INPUT_STREAM (stream), DOOR_SAML_METADATA_MAX_BYTES + 1, NULL, error);
  if (bytes == NULL || g_bytes_get_size (bytes) <= DOOR_SAML_METADATA_MAX_BYTES)
    return g_steal_pointer (&bytes);
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CONN_INVALID, "%s: larger than %d bytes", path,
                  DOOR_SAML_METADATA_MAX_BYTES);
  return NULL;
}

/* KEY=VALUE … as keys and texts in turn. */
static bool
split_keys (const char *const *words, GPtrArray *keys, GError **error)
{
  bool has_type = false;

  for (; *words != NULL; words++)
    {
      const char *equals = strchr (*words, '=');

      if (equals == NULL)
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
run_add (DoorCtlContext *context, const World *world, GError **error)
{
  const char *path = door_command_line_get_value (context->line, "metadata");
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (DoorConnectionInfo) info = NULL;
  DoorConnectionWish wish = { .name = context->words[0], .actor = world->actor };

  if (!split_keys (context->words + 1, keys, error))
    return DOOR_CTL_USAGE;
  if (path != NULL && (xml = read_metadata (path, error)) == NULL)
    return DOOR_CTL_ERROR;
  wish.keys = (const char *const *) keys->pdata;
  wish.metadata.xml = xml;
  wish.metadata.url = door_command_line_get_value (context->line, "metadata-url");
  info = door_connection_object_create (&world->service, &wish, error);
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
run_set_metadata (DoorCtlContext *context, const World *world, GError **error)
{
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (DoorConnectionInfo) info = NULL;
  DoorConnectionWish wish = { .name = context->words[0], .actor = world->actor };

  if (g_str_has_prefix (context->words[1], "https://") || g_str_has_prefix (context->words[1], "http://"))
    wish.metadata.url = context->words[1];
  else if ((xml = read_metadata (context->words[1], error)) == NULL)
    return DOOR_CTL_ERROR;
  wish.metadata.xml = xml;
  info = door_connection_object_set_metadata (&world->service, &wish, error);
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
run_remove (DoorCtlContext *context, const World *world, GError **error)
{
  const DoorConnectionWish wish = { .name = context->words[0], .actor = world->actor };
  JsonObject *object;

  if (!door_connection_object_remove (&world->service, &wish, error))
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
run_show (DoorCtlContext *context, const World *world, GError **error)
{
  g_autoptr (DoorConnectionInfo) info =
      door_connection_object_lookup (&world->service, context->words[0], error);

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
run_list (DoorCtlContext *context, const World *world, GError **error)
{
  const char *after = door_command_line_get_value (context->line, "after");
  g_autoptr (GPtrArray) infos =
      door_connection_object_list (&world->service, after != NULL ? after : "", DEFAULT_ROWS, error);
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
