/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

bool door_cms_key_pair_new (const char *name, int64_t now_ms, char **certificate_pem, DoorSecret **key_pem,
                            GError **error);
