/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-connection.h"
#include "door-ctl-database.h"
#include "door-ctl-output.h"
#include "door-error.h"

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
  g_autoptr (GPtrArray) connections = setup != NULL ? door_ctl_list_connections (setup) : NULL;
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

/* "{acs}" and the like stand for this server's values. */
static char *
fill (const char *text, const DoorConnection *connection)
{
  GString *filled = g_string_new (text);

  g_string_replace (filled, "{acs}", door_connection_get_acs_url (connection), 0);
  g_string_replace (filled, "{entity-id}", door_connection_get_sp_entity_id (connection), 0);
  return g_string_free (filled, FALSE);
}

/* {…} stands for something this server does not have; ${…} belongs to the provider. */
static bool
has_placeholder (const char *text)
{
  for (const char *at = strchr (text, '{'); at != NULL; at = strchr (at + 1, '{'))
    if (at == text || at[-1] != '$')
      return true;
  return false;
}

static JsonArray *
show_values (const DoorConnection *connection, const DoorIdpPreset *preset, bool json)
{
  JsonArray *array = json_array_new ();

  for (const DoorIdpValue *value = preset->values; value->label != NULL; value++)
    {
      g_autofree char *text = fill (value->value, connection);
      JsonObject *object;

      if (has_placeholder (text))
        continue;
      object = json_object_new ();
      if (!json)
        g_print ("  %-44s %s\n", value->label, text);
      json_object_set_string_member (object, "label", value->label);
      json_object_set_string_member (object, "value", text);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
show_notes (const DoorIdpPreset *preset, bool json)
{
  JsonArray *array = json_array_new ();

  for (size_t i = 0; preset->notes[i] != NULL; i++)
    {
      if (!json)
        g_print ("  - %s\n", preset->notes[i]);
      json_array_add_string_element (array, preset->notes[i]);
    }
  return array;
}

/* A connection that is usable has a source already. */
static char *
dup_metadata_source (const DoorConnection *connection)
{
  const DoorIdpProfile *profile = door_connection_get_profile (connection);
  const char *url = door_idp_profile_get_metadata_url (profile);
  const char *file = door_idp_profile_get_metadata_file (profile);

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
  g_autoptr (DoorSetup) setup = door_ctl_open_setup (context->line, error);
  g_autoptr (GPtrArray) connections = setup != NULL ? door_ctl_list_connections (setup) : NULL;
  const DoorConnection *connection;
  const DoorIdpPreset *preset;
  g_autofree char *metadata = NULL;
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
  json_object_set_array_member (object, "values", show_values (connection, preset, context->json));
  if (!context->json)
    g_print ("Its metadata: %s\nMind:\n", metadata);
  json_object_set_string_member (object, "metadata", metadata);
  json_object_set_array_member (object, "notes", show_notes (preset, context->json));
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
