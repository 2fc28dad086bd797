/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-provisioning.h"

JsonObject *door_provisioned_parse (const DoorDirectoryResource *resource, GError **error);
