/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-clock.h"
#include "door-connection.h"
#include "door-ctl-database.h"
#include "door-ctl-idp-preset.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-metadata-store.h"
#include "door-oidc-documents.h"

/* What the database knows of metadata that is fetched; without one that can be read, nothing is known. */
static char *
dup_fetched (const DoorConnection *connection, DoorCtlDatabase *database)
{
  g_autoptr (DoorStoredMetadata) row = NULL;
  g_autofree char *at = NULL;

  if (database == NULL ||
      !door_metadata_store_lookup (database->txn, door_connection_get_name (connection), &row, NULL))
    return g_strdup ("unknown: the database cannot be read");
  if (row == NULL)
    return g_strdup ("none yet");
  at = door_clock_format_iso8601 (row->fetched_at);
  return g_strdup_printf ("%s %s", g_str_equal (row->source, DOOR_METADATA_UPLOAD) ? "uploaded" : "fetched",
                          at);
}

static char *
dup_metadata_state (const DoorConnection *connection, DoorCtlDatabase *database)
{
  const DoorIdpProfile *profile = door_connection_get_profile (connection);

  if (door_connection_speaks_oidc (connection))
    return g_strdup ("discovered");
  if (door_connection_get_source (connection) != NULL)
    return dup_fetched (connection, database);
  return g_strdup (door_idp_profile_get_metadata_file (profile) != NULL ? "file"
                                                                        : "keys of the configuration");
}

static void
list_one (const DoorConnection *connection, DoorCtlDatabase *database, JsonArray *array, bool json)
{
  const char *name = door_connection_get_name (connection),
             *title = door_connection_get_title (connection, NULL);
  const char *protocol = door_connection_speaks_oidc (connection) ? "oidc" : "saml";
  g_autofree char *metadata = dup_metadata_state (connection, database);
  g_auto (GStrv) uses = door_settings_dup_list (door_connection_get_settings (connection), "Use");
  g_autofree char *use = g_strjoinv (",", uses);
  JsonArray *words = json_array_new ();
  JsonObject *object = json_object_new ();

  if (!json)
    g_print ("%-16s %-9s %-22s %-30s %s\n", name, protocol, use, metadata, title);
  for (size_t i = 0; uses[i] != NULL; i++)
    json_array_add_string_element (words, uses[i]);
  json_object_set_array_member (object, "use", words);
  json_object_set_string_member (object, "name", name);
  json_object_set_string_member (object, "title", title);
  json_object_set_string_member (object, "protocol", protocol);
  json_object_set_string_member (object, "metadata", metadata);
  json_array_add_object_element (array, object);
}

/**
 * door_ctl_idp_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp list`: the identity providers in force, how they are spoken with, and what is known of their
 * metadata. Blocks on the file system and for the database.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_list (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorSetup) setup = door_ctl_open_whole_setup (context->line, error);
  g_autoptr (GPtrArray) connections = setup != NULL ? door_ctl_list_connections (setup) : NULL;
  g_autoptr (DoorCtlDatabase) database = NULL;
  JsonArray *array;
  JsonObject *result;

  if (connections == NULL)
    return DOOR_CTL_ERROR;
  database = door_ctl_database_open (context->line, NULL); /* the list is good without it */
  array = json_array_new ();
  if (!context->json)
    g_print ("%-16s %-9s %-22s %-30s %s\n", "CONNECTION", "PROTOCOL", "USE", "METADATA", "TITLE");
  for (guint i = 0; i < connections->len; i++)
    list_one (g_ptr_array_index (connections, i), database, array, context->json);
  door_ctl_output_print_none (context->json, connections->len, "doorctl idp add makes one");
  result = json_object_new ();
  json_object_set_array_member (result, "idps", array);
  context->result = door_ctl_output_take_object (result);
  return DOOR_CTL_OK;
}

/* A connection that is usable has a source already. */
static char *
dup_metadata_source (const DoorConnection *connection)
{
  const DoorIdpProfile *profile = door_connection_get_profile (connection);
  const char *url = door_idp_profile_get_metadata_url (profile);
  const char *file = door_idp_profile_get_metadata_file (profile);

  if (door_connection_speaks_oidc (connection))
    {
      g_autofree char *source = door_oidc_documents_dup_source (connection);

      return g_strdup_printf ("read from %s, and the keys from where that says", source);
    }
  if (door_idp_profile_get_metadata_upload (profile))
    return g_strdup_printf ("put in with: doorctl idp set-metadata %s FILE",
                            door_connection_get_name (connection));
  if (url == NULL && file == NULL)
    return g_strdup ("not read: EntityId=, SsoUrl= and Certificates= stand in its place");
  return g_strdup_printf ("read from %s", url != NULL ? url : file);
}

/**
 * door_ctl_idp_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp show NAME`: what to paste at the provider, under its own labels.
 * Blocks on the file system.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_show (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorSetup) setup = door_ctl_open_whole_setup (context->line, error);
  g_autoptr (GPtrArray) connections = setup != NULL ? door_ctl_list_connections (setup) : NULL;
  const DoorConnection *connection;
  const DoorIdpPreset *preset;
  g_autofree char *metadata = NULL, *group = NULL;
  JsonObject *object;

  if (connections == NULL)
    return DOOR_CTL_ERROR;
  connection = door_ctl_find_connection (connections, context->words[0], error);
  if (connection == NULL)
    return DOOR_CTL_NOT_FOUND;
  preset = door_idp_get_preset (door_connection_get_idp (connection));
  metadata = dup_metadata_source (connection);
  object = json_object_new ();
  if (!context->json)
    g_print ("%s\nPaste these into %s:\n", door_connection_get_title (connection, NULL), preset->where);
  json_object_set_string_member (object, "name", door_connection_get_name (connection));
  json_object_set_string_member (object, "where", preset->where);
  json_object_set_array_member (
      object, "values",
      door_ctl_preset_show_values (preset, door_connection_get_addresses (connection), context->json));
  group = g_strconcat ("idp/", door_connection_get_name (connection), NULL);
  if (door_config_is_forwarded_to (door_setup_get_config (setup), group))
    json_object_set_object_member (
        object, "oauth2_forward",
        door_ctl_preset_show_forward (door_connection_get_settings (connection), context->json));
  if (!context->json)
    g_print ("Its metadata: %s\nMind:\n", metadata);
  json_object_set_string_member (object, "metadata", metadata);
  json_object_set_array_member (object, "notes", door_ctl_preset_show_notes (preset, context->json));
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
