/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-machine-info.h"

#include "door-message-dict.h"

#define MAX_BYTES (64 * 1024)

struct _DoorMachineInfo
{
  char *product;
  char *build_version;
  char *os_version;
  char *language;
  bool had_identifiers;
};

static bool
has_identifiers (const DoorMessageDict *message)
{
  static const char *const keys[] = { "UDID", "SERIAL", "IMEI", "MEID" };

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    if (door_message_dict_has (message, keys[i]))
      return true;
  return false;
}

/**
 * door_machine_info_parse:
 * @plist: the content of the CMS message, after its signature was verified
 * @error: return location for an error
 *
 * Reads what a device says about itself when it asks for an account-driven enrollment (Apple,
 * MachineInfo). `PRODUCT` and `VERSION` are required, `OS_VERSION` (since iOS 17 and macOS 14) and
 * `LANGUAGE` are not.
 *
 * A user enrollment must not tell which device it is, and Apple forbids `UDID`, `SERIAL`, `IMEI` and
 * `MEID` here. A message that has them all the same is not refused, since nothing is wrong with the
 * person's sign-in, but the values are dropped right here and cannot reach a log or the database;
 * door_machine_info_had_identifiers() tells that there were some. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): the information, or %NULL with %DOOR_ERROR_INVALID_DATA and
 *   %DOOR_FAULT_DEV_INFO
 */
DoorMachineInfo *
door_machine_info_parse (GBytes *plist, GError **error)
{
  g_auto (DoorMessageDict) message = { .fault = DOOR_FAULT_DEV_INFO };
  g_autoptr (DoorMachineInfo) self = g_new0 (DoorMachineInfo, 1);

  if (!door_message_dict_parse (&message, plist, MAX_BYTES, error) ||
      !door_message_dict_dup_string (&message, "PRODUCT", DOOR_MESSAGE_REQUIRED, &self->product, error) ||
      !door_message_dict_dup_string (&message, "VERSION", DOOR_MESSAGE_REQUIRED, &self->build_version,
                                     error) ||
      !door_message_dict_dup_string (&message, "OS_VERSION", DOOR_MESSAGE_OPTIONAL, &self->os_version,
                                     error) ||
      !door_message_dict_dup_string (&message, "LANGUAGE", DOOR_MESSAGE_OPTIONAL, &self->language, error))
    return NULL;
  self->had_identifiers = has_identifiers (&message);
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
  g_free (self->build_version);
  g_free (self->os_version);
  g_free (self->language);
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

/**
 * door_machine_info_get_build_version:
 * @self: information about a device
 *
 * Returns: (transfer none): "22C161"
 */
const char *
door_machine_info_get_build_version (const DoorMachineInfo *self)
{
  return self->build_version;
}

/**
 * door_machine_info_get_os_version:
 * @self: information about a device
 *
 * Returns: (transfer none) (nullable): "18.2.1"
 */
const char *
door_machine_info_get_os_version (const DoorMachineInfo *self)
{
  return self->os_version;
}

/**
 * door_machine_info_get_language:
 * @self: information about a device
 *
 * Returns: (transfer none) (nullable): the language of the device as it names it, "de" or "pt-BR"; input
 *   of door_language_choose()
 */
const char *
door_machine_info_get_language (const DoorMachineInfo *self)
{
  return self->language;
}

/**
 * door_machine_info_had_identifiers:
 * @self: information about a device
 *
 * Returns: whether the message named the device (UDID, serial number, IMEI, MEID); the values are gone
 */
bool
door_machine_info_had_identifiers (const DoorMachineInfo *self)
{
  return self->had_identifiers;
}
