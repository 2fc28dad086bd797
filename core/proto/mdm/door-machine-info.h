/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

typedef struct _DoorMachineInfo DoorMachineInfo;

DoorMachineInfo *door_machine_info_parse (GBytes *plist, GError **error);
void door_machine_info_free (DoorMachineInfo *self);
const char *door_machine_info_get_product (const DoorMachineInfo *self);
const char *door_machine_info_get_build_version (const DoorMachineInfo *self);
const char *door_machine_info_get_os_version (const DoorMachineInfo *self);
const char *door_machine_info_get_language (const DoorMachineInfo *self);
bool door_machine_info_had_identifiers (const DoorMachineInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorMachineInfo, door_machine_info_free)
