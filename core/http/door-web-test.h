/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-web.h"

DoorResponse *door_web_render_test (const DoorWeb *web, DoorRequest *request, GVariant *result,
                                    GError **error);
