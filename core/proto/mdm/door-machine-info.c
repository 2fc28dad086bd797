/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-machine-info.h"

#include "door-error.h"
#include "door-message-dict.h"

#define MAX_BYTES (64 * 1024)

struct _DoorMachineInfo
{
  char *texts[DOOR_N_MACHINE_KEYS]; /* NULL: it does not say */
  bool can_update;
};

static const struct
{
  const char *name;
  DoorMessageNeed need;
} keys[DOOR_N_MACHINE_KEYS] = {
  [DOOR_MACHINE_PRODUCT] = { "PRODUCT", DOOR_MESSAGE_REQUIRED },
  [DOOR_MACHINE_VERSION] = { "VERSION", DOOR_MESSAGE_REQUIRED },
  [DOOR_MACHINE_OS_VERSION] = { "OS_VERSION", DOOR_MESSAGE_OPTIONAL },
  [DOOR_MACHINE_LANGUAGE] = { "LANGUAGE", DOOR_MESSAGE_OPTIONAL },
  [DOOR_MACHINE_SOFTWARE_UPDATE_DEVICE_ID] = { "SOFTWARE_UPDATE_DEVICE_ID", DOOR_MESSAGE_OPTIONAL },
  [DOOR_MACHINE_SUPPLEMENTAL_BUILD] = { "SUPPLEMENTAL_BUILD_VERSION", DOOR_MESSAGE_OPTIONAL },
  [DOOR_MACHINE_SUPPLEMENTAL_EXTRA] = { "SUPPLEMENTAL_OS_VERSION_EXTRA", DOOR_MESSAGE_OPTIONAL },
  [DOOR_MACHINE_SERIAL] = { "SERIAL", DOOR_MESSAGE_REQUIRED },
  [DOOR_MACHINE_UDID] = { "UDID", DOOR_MESSAGE_REQUIRED },
  [DOOR_MACHINE_IMEI] = { "IMEI", DOOR_MESSAGE_OPTIONAL },
  [DOOR_MACHINE_MEID] = { "MEID", DOOR_MESSAGE_OPTIONAL },
  [DOOR_MACHINE_CHALLENGE] = { "CHALLENGE", DOOR_MESSAGE_OPTIONAL },
};

/* A value that is none is as good as no value: it only offers an update. */
static bool
read_flag (const DoorMessageDict *message, const char *key)
{
  gboolean value = FALSE;

  return g_variant_lookup (message->dict, key, "b", &value) && value;
}

static DoorMachineInfo *
parse (GBytes *plist, size_t n_keys, GError **error)
{
  g_auto (DoorMessageDict) message = { .fault = DOOR_FAULT_DEV_INFO };
  g_autoptr (DoorMachineInfo) self = g_new0 (DoorMachineInfo, 1);

  if (!door_message_dict_parse (&message, plist, MAX_BYTES, error))
    return NULL;
  for (size_t i = 0; i < n_keys; i++)
    if (!door_message_dict_dup_string (&message, keys[i].name, keys[i].need, &self->texts[i], error))
      return NULL;
  self->can_update = read_flag (&message, "MDM_CAN_REQUEST_SOFTWARE_UPDATE");
  return g_steal_pointer (&self);
}

/**
 * door_machine_info_parse:
 * @plist: the content of the CMS message, after its signature was verified
 * @error: return location for an error
 *
 * Reads what a device says about itself when it asks for an account-driven enrollment (Apple,
 * MachineInfo). `PRODUCT` and `VERSION` are required.
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
  return parse (plist, DOOR_MACHINE_SERIAL, error);
}

/**
 * door_machine_info_parse_device:
 * @plist: the content of the CMS message, after door_apple_device_open() has verified it
 * @error: return location for an error
 *
 * The same of a device that is to be managed as a whole, which must say which one it is. What has a CHALLENGE
 * was signed for a Profile Service, perhaps not ours, and is none. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): the information, or %NULL with %DOOR_ERROR_INVALID_DATA and
 *   %DOOR_FAULT_DEV_INFO
 */
DoorMachineInfo *
door_machine_info_parse_device (GBytes *plist, GError **error)
{
  g_autoptr (DoorMachineInfo) info = parse (plist, DOOR_N_MACHINE_KEYS, error);

  if (info == NULL || door_machine_info_get (info, DOOR_MACHINE_CHALLENGE) == NULL)
    return g_steal_pointer (&info);
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_INFO,
                  "CHALLENGE: it was signed for a Profile Service");
  return NULL;
}

/**
 * door_machine_info_parse_service:
 * @plist: the content of the CMS message, after its signature was verified
 * @error: return location for an error
 *
 * The same of a device at the Profile Service, with the challenge that it repeats (Apple, "Over-the-Air
 * Profile Delivery and Configuration"). Pure; never blocks; any thread.
 *
 * Returns: (transfer full): the information, or %NULL with %DOOR_ERROR_INVALID_DATA and
 *   %DOOR_FAULT_DEV_INFO
 */
DoorMachineInfo *
door_machine_info_parse_service (GBytes *plist, GError **error)
{
  return parse (plist, DOOR_N_MACHINE_KEYS, error);
}

/**
 * door_machine_info_free:
 * @self: (transfer full): information about a device
 */
void
door_machine_info_free (DoorMachineInfo *self)
{
  for (size_t i = 0; i < G_N_ELEMENTS (self->texts); i++)
    g_free (self->texts[i]);
  g_free (self);
}

/**
 * door_machine_info_get:
 * @self: information about a device
 * @key: what of it
 *
 * Returns: (transfer none) (nullable): the text, %NULL when the device does not say it, or was not asked
 */
const char *
door_machine_info_get (const DoorMachineInfo *self, DoorMachineKey key)
{
  return self->texts[key];
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
  return self->texts[DOOR_MACHINE_PRODUCT];
}

/**
 * door_machine_info_can_update:
 * @self: information about a device
 *
 * Returns: whether it installs an update when it is told to in place of a profile
 */
bool
door_machine_info_can_update (const DoorMachineInfo *self)
{
  return self->can_update;
}
