/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connection.h"
#include "door-ctl-database.h"
#include "door-ctl-idp-preset.h"
#include "door-ctl-output.h"
#include "door-error.h"

static GPtrArray *
list_connections (const DoorSetup *setup)
{
  const DoorConfig *config = door_setup_get_config (setup);
  g_autoptr (DoorPolicy) policy = door_setup_make_policy (config);
  g_autoptr (GPtrArray) failures = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *connections = door_setup_make_connections (setup, config, policy, failures);

  for (guint i = 0; i < failures->len; i++)
    g_warning ("%s", (const char *) g_ptr_array_index (failures, i));
  return connections;
}

/**
 * door_ctl_idp_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp list`: the identity providers in force. Blocks on the file
 * system.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_list (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorSetup) setup = door_ctl_open_setup (context->line, error);
  g_autoptr (GPtrArray) connections = setup != NULL ? list_connections (setup) : NULL;
  JsonArray *array;
  JsonObject *result;

  if (connections == NULL)
    return DOOR_CTL_ERROR;
  array = json_array_new ();
  for (guint i = 0; i < connections->len; i++)
    {
      const DoorConnection *connection = g_ptr_array_index (connections, i);
      const char *title = door_connection_get_title (connection, NULL);
      JsonObject *object = json_object_new ();

      if (!context->json)
        g_print ("%-16s %s\n", door_connection_get_name (connection), title);
      json_object_set_string_member (object, "name", door_connection_get_name (connection));
      json_object_set_string_member (object, "title", title);
      json_array_add_object_element (array, object);
    }
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
  g_autoptr (DoorSetup) setup = door_ctl_open_setup (context->line, error);
  g_autoptr (GPtrArray) connections = setup != NULL ? list_connections (setup) : NULL;
  const DoorConnection *connection;
  const DoorIdpPreset *preset;
  g_autofree char *metadata = NULL;
  g_auto (DoorCtlAddresses) addresses = { NULL };
  JsonObject *object;

  if (connections == NULL)
    return DOOR_CTL_ERROR;
  connection = door_connections_lookup (connections, context->words[0]);
  if (connection == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                      "there is no usable [idp/%s]; doorctl config check tells "
                      "why, doorctl idp list shows the others",
                      context->words[0]);
      return DOOR_CTL_NOT_FOUND;
    }
  preset = door_idp_get_preset (door_connection_get_idp (connection));
  metadata = dup_metadata_source (connection);
  addresses = door_ctl_addresses_of_connection (connection);
  object = json_object_new ();
  if (!context->json)
    g_print ("%s\nPaste these into %s:\n", door_connection_get_title (connection, NULL), preset->where);
  json_object_set_string_member (object, "name", door_connection_get_name (connection));
  json_object_set_string_member (object, "where", preset->where);
  json_object_set_array_member (object, "values",
                                door_ctl_preset_show_values (preset, &addresses, context->json));
  if (!context->json)
    g_print ("Its metadata: %s\nMind:\n", metadata);
  json_object_set_string_member (object, "metadata", metadata);
  json_object_set_array_member (object, "notes", door_ctl_preset_show_notes (preset, context->json));
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
