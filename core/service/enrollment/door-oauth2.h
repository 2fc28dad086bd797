/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/* The only address that a code is sent to: it is the device's own, whoever the client says it is. */
#define DOOR_OAUTH2_REDIRECT_URI "apple-remotemanagement-user-login:/oauth2/redirection"
#define DOOR_OAUTH2_SCOPE "mdm"

/**
 * DoorOauth2Ask:
 * @client_id: (nullable): the rest as it was sent too, decoded
 * @state: (nullable): as it stands in the query, so that it comes back byte for byte
 *
 * What a device asks the authorization endpoint (RFC 6749, 4.1.1; RFC 7636, 4.3).
 */
typedef struct
{
  const char *response_type;
  const char *client_id;
  const char *redirect_uri;
  const char *state;
  const char *login_hint;
  const char *scope;
  const char *code_challenge;
  const char *code_challenge_method;
} DoorOauth2Ask;

char *door_oauth2_dup_challenge (const DoorContext *context, const char *team, GError **error);
const DoorTeam *door_oauth2_lookup_client (const DoorContext *context, const char *client_id, GError **error);
const DoorTeam *door_oauth2_check_client (const DoorContext *context, const DoorOauth2Ask *ask,
                                          GError **error);
const char *door_oauth2_judge (const DoorTeam *team, const DoorOauth2Ask *ask);
char *door_oauth2_build_redirect (const char *redirect_uri, const char *name, const char *value,
                                  const char *state);
bool door_oauth2_is_verifier (const char *verifier);
bool door_oauth2_verify_challenge (const char *challenge, const char *verifier);
