/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-admin-web.h"
#include "sign-in.h"

#define ADMIN_ACS "/api/v1/fleet/sso/callback"

DoorResponse *administrator_visit (World *world, const char *method, const char *target, const char *session);
DoorResponse *administrator_get (World *world, const char *target, const char *session);
DoorResponse *administrator_send (World *world, const char *method, const char *target, const char *session,
                                  const char *json);
DoorResponse *administrator_enter (World *world, const char *target, const char *flow_cookie,
                                   const char *session);
char *administrator_dup_cookie (const DoorResponse *response);
char *administrator_sign_in (World *world, const Answer *answer);
void administrator_add (World *world, const char *name, const char *roles);
void administrator_open_session (World *world, const char *name, const char *token);
DoorResponse *administrator_answer (World *world, const char *target, const Answer *answer);
void administrator_assert_refused (World *world, const Answer *answer, unsigned int status, const char *fault,
                                   const char *word);
