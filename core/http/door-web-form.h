/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-login.h"
#include "door-web.h"

DoorResponse *door_web_render_form (const DoorWeb *web, DoorRequest *request, const char *page,
                                    const DoorLoginStep *step, GError **error);
