/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct _DoorMachineInfo DoorMachineInfo;

DoorMachineInfo *door_machine_info_parse (GBytes *plist, GError **error);
void door_machine_info_free (DoorMachineInfo *self);
const char *door_machine_info_get_product (const DoorMachineInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorMachineInfo, door_machine_info_free)
