/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-fault-private.h"

static const DoorFaultInfo *const subjects[] = {
  door_fault_devices, door_fault_sign_in, door_fault_providers, door_fault_server, door_fault_directory,
};

/**
 * door_fault_get_info:
 * @fault: an entry of the catalogue, not %DOOR_FAULT_NONE
 *
 * Gets what the catalogue says about an entry. Never blocks.
 *
 * Returns: (transfer none): its texts
 */
const DoorFaultInfo *
door_fault_get_info (DoorFault fault)
{
  g_return_val_if_fail (fault > DOOR_FAULT_NONE && fault < DOOR_N_FAULTS,
                        &door_fault_server[DOOR_FAULT_INTERNAL]);
  for (gsize i = 0; i < G_N_ELEMENTS (subjects); i++)
    if (subjects[i][fault].id != NULL)
      return &subjects[i][fault];
  return &door_fault_server[DOOR_FAULT_INTERNAL];
}

/**
 * door_fault_from_id:
 * @id: a stable name, "DW-SAML-AUDIENCE"; letter case does not matter
 *
 * Looks an entry up by its stable name. Never blocks.
 *
 * Returns: the entry, %DOOR_FAULT_NONE when there is none of that name
 */
DoorFault
door_fault_from_id (const char *id)
{
  for (int i = DOOR_FAULT_NONE + 1; i < DOOR_N_FAULTS; i++)
    if (g_ascii_strcasecmp (door_fault_get_info ((DoorFault) i)->id, id) == 0)
      return (DoorFault) i;
  return DOOR_FAULT_NONE;
}
