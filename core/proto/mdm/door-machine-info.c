/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-machine-info.h"

#include "door-message-dict.h"

#define MAX_BYTES (64 * 1024)

struct _DoorMachineInfo
{
  char *product;
};

/**
 * door_machine_info_parse:
 * @plist: the content of the CMS message, after its signature was verified
 * @error: return location for an error
 *
 * Reads what a device says about itself when it asks for an account-driven enrollment (Apple,
 * MachineInfo). `PRODUCT` and `VERSION` are required; of the rest nothing is read.
 *
 * A user enrollment must not tell which device it is, and Apple forbids `UDID`, `SERIAL`, `IMEI` and
 * `MEID` here. A message that has them all the same is not refused, since nothing is wrong with the
 * person's sign-in, but they are never taken out of it and cannot reach a log or the database. Pure; never
 * blocks; any thread.
 *
 * Returns: (transfer full): the information, or %NULL with %DOOR_ERROR_INVALID_DATA and
 *   %DOOR_FAULT_DEV_INFO
 */
DoorMachineInfo *
door_machine_info_parse (GBytes *plist, GError **error)
{
  g_auto (DoorMessageDict) message = { .fault = DOOR_FAULT_DEV_INFO };
  g_autoptr (DoorMachineInfo) self = g_new0 (DoorMachineInfo, 1);
  g_autofree char *build_version = NULL; /* must be there, and is not used */

  if (!door_message_dict_parse (&message, plist, MAX_BYTES, error) ||
      !door_message_dict_dup_string (&message, "PRODUCT", DOOR_MESSAGE_REQUIRED, &self->product, error) ||
      !door_message_dict_dup_string (&message, "VERSION", DOOR_MESSAGE_REQUIRED, &build_version, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_machine_info_free:
 * @self: (transfer full): information about a device
 */
void
door_machine_info_free (DoorMachineInfo *self)
{
  g_free (self->product);
  g_free (self);
}

/**
 * door_machine_info_get_product:
 * @self: information about a device
 *
 * Returns: (transfer none): "iPhone15,4"
 */
const char *
door_machine_info_get_product (const DoorMachineInfo *self)
{
  return self->product;
}
