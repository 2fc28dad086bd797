/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

char *door_keyfile_edit (const char *text, const char *group, const char *key, const char *value);
