/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "door-secret.h"

bool door_basic_parse (const char *header, char **user, DoorSecret **password, GError **error);
