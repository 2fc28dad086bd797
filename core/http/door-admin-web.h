/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-session.h"
#include "door-web.h"

#define DOOR_ADMIN_COOKIE "__Host-dw_admin"
#define DOOR_LOGOUT_COOKIE "__Host-dw_logout"
/* Values of the parameter out of the sign-in page. */
#define DOOR_ADMIN_OUT_HERE "1"
#define DOOR_ADMIN_OUT_THERE "idp"

bool door_admin_web_lookup_session (const DoorWeb *web, DoorRequest *request, DoorSession **out,
                                    GError **error);
DoorSession *door_admin_web_require_cookie (const DoorWeb *web, DoorRequest *request, GError **error);
DoorSession *door_admin_web_require_session (const DoorWeb *web, DoorRequest *request, GError **error);
bool door_admin_web_check_same_origin (const DoorWeb *web, DoorRequest *request, GError **error);
bool door_admin_web_check_origin (const DoorWeb *web, DoorRequest *request, GError **error);
void door_admin_web_set_cookie (DoorResponse *response, const char *token, int64_t lifetime_s);
DoorResponse *door_admin_web_end_logout (bool at_provider, GError **error);
const char *door_admin_web_check_return_path (const char *path, const char *name, GError **error);
const char *door_admin_web_get_browser (DoorRequest *request);
DoorResponse *door_admin_web_render_failure (const DoorWeb *web, DoorRequest *request,
                                             const DoorErrorPage *page, const GError *failure);
