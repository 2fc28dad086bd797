/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/**
 * DoorOidcTokens:
 * @id_token: (nullable): not verified; a refresh need not give one
 * @access_token: for the userinfo endpoint
 * @refresh_token: (nullable): for later
 * @lifetime_s: how long the access token is good, in seconds; -1: not said
 *
 * What the token endpoint gave. All of it is secret.
 */
typedef struct
{
  char *id_token;
  char *access_token;
  char *refresh_token;
  int64_t lifetime_s;
} DoorOidcTokens;

void door_oidc_tokens_free (DoorOidcTokens *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorOidcTokens, door_oidc_tokens_free)

DoorOidcTokens *door_oidc_tokens_parse (unsigned int status, GBytes *body, GError **error);
GVariant *door_oidc_userinfo_parse (unsigned int status, GBytes *body, const char *subject, GError **error);
bool door_oidc_error_set (GError **error, const char *code, const char *description);
