/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-directory.h"

#include "door-contract.h"

G_DEFINE_INTERFACE (DoorDirectory, door_directory, G_TYPE_OBJECT)

static void
door_directory_default_init (DoorDirectoryInterface *iface)
{
}

/**
 * door_directory_configure:
 * @self: a directory
 * @settings: its group of the configuration
 * @error: return location for an error
 *
 * Reads and checks the configuration. No I/O. Called once, before any other function.
 *
 * Returns: true, or false with %DOOR_ERROR_CONFIG naming the key
 */
gboolean
door_directory_configure (DoorDirectory *self, DoorSettings *settings, GError **error)
{
  GError *from = NULL;
  gboolean success;

  g_return_val_if_fail (DOOR_IS_DIRECTORY (self), FALSE);
  success = DOOR_DIRECTORY_GET_IFACE (self)->configure (self, settings, &from);
  return door_contract_check ("DoorDirectory.configure", success && from == NULL, from, error);
}

/**
 * door_directory_get_mode:
 * @self: a directory
 *
 * Says who calls whom. Never blocks; any thread.
 *
 * Returns: whether the vendor pushes or is pulled
 */
DoorDirectoryMode
door_directory_get_mode (DoorDirectory *self)
{
  g_return_val_if_fail (DOOR_IS_DIRECTORY (self), DOOR_DIRECTORY_MODE_PUSH);
  return DOOR_DIRECTORY_GET_IFACE (self)->get_mode (self);
}

/**
 * door_directory_normalize:
 * @self: a directory
 * @target: what the request is about
 * @body: (transfer none): the vendor's body
 * @error: return location for an error
 *
 * Makes a vendor's request conform to RFC 7643 and RFC 7644; without an implementation the body is taken
 * as it is. Pure; any thread.
 *
 * Returns: (transfer full): the body to validate, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
JsonNode *
door_directory_normalize (DoorDirectory *self, const DoorScimTarget *target, JsonNode *body, GError **error)
{
  GError *from = NULL;
  JsonNode *node;

  g_return_val_if_fail (DOOR_IS_DIRECTORY (self), NULL);
  if (DOOR_DIRECTORY_GET_IFACE (self)->normalize == NULL)
    return json_node_ref (body);
  node = DOOR_DIRECTORY_GET_IFACE (self)->normalize (self, target, body, &from);
  if (from != NULL)
    g_clear_pointer (&node, json_node_unref);
  return door_contract_check ("DoorDirectory.normalize", node != NULL, from, error) ? node : NULL;
}

/**
 * door_directory_present:
 * @self: a directory
 * @target: what the request was about
 * @resource: (transfer none): the conforming answer
 * @error: return location for an error
 *
 * Shapes an answer the vendor insists on; without an implementation it is sent as it is. Pure; any thread.
 *
 * Returns: (transfer full): the answer to send, or %NULL with an error
 */
JsonNode *
door_directory_present (DoorDirectory *self, const DoorScimTarget *target, JsonNode *resource, GError **error)
{
  GError *from = NULL;
  JsonNode *node;

  g_return_val_if_fail (DOOR_IS_DIRECTORY (self), NULL);
  if (DOOR_DIRECTORY_GET_IFACE (self)->present == NULL)
    return json_node_ref (resource);
  node = DOOR_DIRECTORY_GET_IFACE (self)->present (self, target, resource, &from);
  if (from != NULL)
    g_clear_pointer (&node, json_node_unref);
  return door_contract_check ("DoorDirectory.present", node != NULL, from, error) ? node : NULL;
}
