/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

char *door_discovery_dup_base_url (const DoorContext *context, const char *user_identifier,
                                   const char *model_family, GError **error);
