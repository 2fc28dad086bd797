/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct _DoorMachineInfo DoorMachineInfo;

/**
 * DoorMachineKey:
 * @DOOR_MACHINE_PRODUCT: its model identifier, "iPhone15,4"
 * @DOOR_MACHINE_VERSION: its build
 * @DOOR_MACHINE_OS_VERSION: its version, since iOS 17 and macOS 14
 * @DOOR_MACHINE_LANGUAGE: the language chosen, "en-US"
 * @DOOR_MACHINE_SOFTWARE_UPDATE_DEVICE_ID: what updates call the model, "J413AP"
 * @DOOR_MACHINE_SUPPLEMENTAL_BUILD: build of a rapid security response
 * @DOOR_MACHINE_SUPPLEMENTAL_EXTRA: its letter, "(a)"
 * @DOOR_MACHINE_SERIAL: its serial number
 * @DOOR_MACHINE_UDID: its UDID
 * @DOOR_MACHINE_IMEI: its IMEI
 * @DOOR_MACHINE_MEID: its MEID
 * @DOOR_MACHINE_CHALLENGE: what the Profile Service has told it
 *
 * What a device says of itself in a text. From the serial number on it is which device it is.
 */
typedef enum
{
  DOOR_MACHINE_PRODUCT,
  DOOR_MACHINE_VERSION,
  DOOR_MACHINE_OS_VERSION,
  DOOR_MACHINE_LANGUAGE,
  DOOR_MACHINE_SOFTWARE_UPDATE_DEVICE_ID,
  DOOR_MACHINE_SUPPLEMENTAL_BUILD,
  DOOR_MACHINE_SUPPLEMENTAL_EXTRA,
  DOOR_MACHINE_SERIAL,
  DOOR_MACHINE_UDID,
  DOOR_MACHINE_IMEI,
  DOOR_MACHINE_MEID,
  DOOR_MACHINE_CHALLENGE,
  DOOR_N_MACHINE_KEYS,
} DoorMachineKey;

DoorMachineInfo *door_machine_info_parse (GBytes *plist, GError **error);
DoorMachineInfo *door_machine_info_parse_device (GBytes *plist, GError **error);
DoorMachineInfo *door_machine_info_parse_service (GBytes *plist, GError **error);
void door_machine_info_free (DoorMachineInfo *self);
const char *door_machine_info_get (const DoorMachineInfo *self, DoorMachineKey key);
const char *door_machine_info_get_product (const DoorMachineInfo *self);
bool door_machine_info_can_update (const DoorMachineInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorMachineInfo, door_machine_info_free)
