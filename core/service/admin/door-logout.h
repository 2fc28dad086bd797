/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-saml-message.h"
#include "door-session.h"

/**
 * DoorLogoutStep:
 * @connection: (nullable): the identity provider that is told; %NULL when none is
 * @url: (nullable): its address, for a message by redirect
 * @form: what is posted to it, where @url is %NULL
 * @cookie: (nullable): ties the provider's answer to this browser
 *
 * How a browser goes on that has been signed out here. All %NULL at first.
 */
typedef struct
{
  const DoorConnection *connection;
  char *url;
  DoorSamlForm form;
  char *cookie;
} DoorLogoutStep;

void door_logout_step_clear (DoorLogoutStep *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorLogoutStep, door_logout_step_clear)

bool door_logout_leads_away (const DoorContext *context, const DoorSession *session);
bool door_logout_begin (const DoorContext *context, const DoorSession *session, GCancellable *cancellable,
                        DoorLogoutStep *out, GError **error);
bool door_logout_check_answer (const DoorContext *context, const DoorConnection *connection,
                               const char *cookie, const char *id);
bool door_logout_check_return (const DoorContext *context, const char *connection, const char *cookie,
                               const char *state, GError **error);
