/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-owner.h"
#include "door-secret.h"

/* For the core; a plugin reads secrets through its settings. Not installed. */
DoorSecret *door_secret_file_read (const char *path, GError **error);
DoorSecret *door_secret_file_read_of (const char *path, const DoorOwner *owner, GError **error);
