/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-command.h"

#include <string.h>

#include "door-error.h"
#include "door-message-dict.h"
#include "door-plist.h"

#define MAX_UUID 64

/**
 * door_command_new:
 * @request_type: its RequestType
 * @parameters: (nullable) (transfer none): its other keys, of type `a{sv}`
 *
 * Puts a command together (Apple, "Commands and queries"). Pure.
 *
 * Returns: (transfer full): the command, a dict with a RequestType
 */
GVariant *
door_command_new (const char *request_type, GVariant *parameters)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, parameters);
  g_variant_dict_insert (&dict, "RequestType", "s", request_type);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static bool
refuse (GError **error, const char *text)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CMD_INVALID, "%s", text);
}

/**
 * door_command_parse:
 * @plist: a property list that somebody wants to be sent: the command, or a message with a command in it
 * @error: return location for an error
 *
 * Reads a command. The id of a message is not looked at: each is given one of its own. Pure.
 *
 * Returns: (transfer full): the command, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
GVariant *
door_command_parse (GBytes *plist, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GVariant) dict = door_plist_parse (plist, DOOR_COMMAND_MAX_BYTES, &local);
  g_autoptr (GVariant) inner = NULL, type = NULL;

  if (dict == NULL)
    {
      refuse (error, local->message);
      return NULL;
    }
  inner = g_variant_lookup_value (dict, "Command", G_VARIANT_TYPE_VARDICT);
  if (inner == NULL)
    inner = g_variant_ref (dict);
  type = g_variant_lookup_value (inner, "RequestType", G_VARIANT_TYPE_STRING);
  if (type != NULL && *g_variant_get_string (type, NULL) != '\0' &&
      strlen (g_variant_get_string (type, NULL)) <= DOOR_MESSAGE_MAX_STRING)
    return g_steal_pointer (&inner);
  refuse (error, "RequestType: a text of at most 256 bytes is expected in the property list");
  return NULL;
}

/**
 * door_command_get_request_type:
 * @command: a command
 *
 * Returns: (transfer none): its RequestType
 */
const char *
door_command_get_request_type (GVariant *command)
{
  const char *type = "";

  g_variant_lookup (command, "RequestType", "&s", &type);
  return type;
}

/**
 * door_command_is_uuid:
 * @uuid: what somebody wants to call a command
 *
 * Apple asks for a text that is unique; ours are UUIDs. What stands in addresses and logs is kept plain.
 *
 * Returns: whether it is 1 to 64 letters, digits, `-`, `_` and `.`, and a letter or digit first
 */
bool
door_command_is_uuid (const char *uuid)
{
  size_t length = strspn (uuid, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.");

  return length > 0 && length <= MAX_UUID && uuid[length] == '\0' && g_ascii_isalnum (uuid[0]);
}

/**
 * door_command_build:
 * @uuid: its CommandUUID
 * @command: (transfer none): a command
 * @error: return location for an error
 *
 * Writes what a device is sent. Pure.
 *
 * Returns: (transfer full): the property list, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
GBytes *
door_command_build (const char *uuid, GVariant *command, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  g_autoptr (GVariant) message = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_variant_builder_add (&builder, "{sv}", "Command", command);
  g_variant_builder_add (&builder, "{sv}", "CommandUUID", g_variant_new_string (uuid));
  message = g_variant_ref_sink (g_variant_builder_end (&builder));
  bytes = door_plist_build (message, error);
  if (bytes != NULL && g_bytes_get_size (bytes) <= DOOR_COMMAND_MAX_BYTES)
    return g_steal_pointer (&bytes);
  if (bytes != NULL)
    refuse (error, "the command is larger than 1 MiB");
  return NULL;
}
