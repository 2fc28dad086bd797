/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "door-ctl-database.h"
#include "door-ctl-file.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-metadata-kept.h"
#include "door-metadata-refresh.h"
#include "door-saml.h"
#include "door-soup-fetcher.h"

/* What of a server stores metadata. */
typedef struct
{
  DoorCtlDatabase *database;
  DoorContext context;
  DoorConnection *connection;
} Workshop;

static void
workshop_clear (Workshop *self)
{
  g_clear_pointer (&self->context.writer, door_writer_free);
  g_clear_pointer (&self->context.connections, g_ptr_array_unref);
  g_clear_pointer (&self->context.clock, door_clock_free);
  g_clear_pointer (&self->database, door_ctl_database_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Workshop, workshop_clear)

static bool
open_workshop (Workshop *self, const DoorCtlContext *context, GError **error)
{
  self->database = door_ctl_database_open (context->line, error);
  if (self->database == NULL || !door_saml_init (error))
    return false;
  g_clear_pointer (&self->database->txn, door_txn_free); /* the writer has its own */
  self->context.storage = self->database->storage;
  self->context.writer = door_writer_new (self->database->storage, 1, 1, 1);
  self->context.clock = door_clock_new_system ();
  self->context.fetch = door_soup_fetch;
  self->context.development = door_setup_is_development (self->database->setup);
  self->context.connections = door_ctl_list_connections (self->database->setup);
  self->connection = door_ctl_find_connection (self->context.connections, context->words[0], error);
  return self->connection != NULL;
}

static void
show_key (const DoorSamlKeyInfo *key, bool json, JsonArray *keys)
{
  JsonObject *object = json_object_new ();
  g_autofree char *end = door_ctl_output_dup_time (key->not_after_ms);

  if (!json)
    g_print ("  %s %u, ends %s, sha256 %s\n", key->type, key->bits, end, key->sha256);
  json_object_set_string_member (object, "type", key->type);
  json_object_set_int_member (object, "bits", key->bits);
  json_object_set_string_member (object, "sha256", key->sha256);
  door_json_member_set_time (object, "ends", key->not_after_ms);
  json_array_add_object_element (keys, object);
}

/* What is in force now. */
static void
show (DoorCtlContext *context, DoorConnection *connection)
{
  g_autoptr (DoorSamlMetadata) metadata = door_connection_dup_metadata (connection, NULL);
  g_autoptr (GPtrArray) keys = door_saml_metadata_list_keys (metadata); /* it was stored a moment ago */
  int64_t until_ms = door_saml_metadata_get_valid_until_ms (metadata);
  JsonArray *array = json_array_new ();
  JsonObject *object = json_object_new ();

  if (!context->json)
    g_print ("%s: metadata of %s is stored; a running server takes it within a minute\n",
             door_connection_get_name (connection), door_saml_metadata_get_entity_id (metadata));
  for (guint i = 0; i < keys->len; i++)
    show_key (g_ptr_array_index (keys, i), context->json, array);
  json_object_set_string_member (object, "name", door_connection_get_name (connection));
  json_object_set_string_member (object, "entity_id", door_saml_metadata_get_entity_id (metadata));
  if (until_ms != 0)
    door_json_member_set_time (object, "valid_until", until_ms);
  json_object_set_array_member (object, "keys", array);
  context->result = door_ctl_output_take_object (object);
}

/**
 * door_ctl_idp_set_metadata:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp set-metadata NAME FILE`: puts metadata into the database. Blocking.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_set_metadata (DoorCtlContext *context, GError **error)
{
  g_auto (Workshop) workshop = { NULL };
  g_autoptr (GBytes) xml = door_ctl_file_read (context->words[1], DOOR_SAML_METADATA_MAX_BYTES, error);

  if (xml == NULL || !open_workshop (&workshop, context, error) ||
      !door_metadata_kept_upload (&workshop.context, workshop.connection, xml, NULL, error))
    return door_ctl_status_of (*error);
  show (context, workshop.connection);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_idp_refresh:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp refresh NAME`: fetches metadata now. Blocking.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_refresh (DoorCtlContext *context, GError **error)
{
  g_auto (Workshop) workshop = { NULL };
  const DoorIdpProfile *profile;

  if (!open_workshop (&workshop, context, error))
    return door_ctl_status_of (*error);
  profile = door_connection_get_profile (workshop.connection);
  if (door_idp_profile_get_metadata_url (profile) == NULL)
    door_error_set (
        error, DOOR_ERROR_CONFIG, DOOR_FAULT_NONE,
        "idp/%s names no MetadataUrl=, so there is nothing to fetch; doorctl idp show %s says where "
        "its metadata is from",
        context->words[0], context->words[0]);
  else if (door_metadata_refresh_once (&workshop.context, workshop.connection, NULL, error))
    {
      show (context, workshop.connection);
      return DOOR_CTL_OK;
    }
  return DOOR_CTL_ERROR;
}
