/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * DoorOauth2Challenge:
 * @authorization_url: where the device's browser asks for a code; https, without a query, which the device
 * adds
 * @token_url: where the device exchanges it
 * @redirect_uri: where the browser ends; constant
 * @client_id: what the device calls itself: letters, digits, "-", "." and "_"
 * @scope: what it asks for; constant
 *
 * What a device needs to know to sign its user in by OAuth 2.
 */
typedef struct
{
  const char *authorization_url;
  const char *token_url;
  const char *redirect_uri;
  const char *client_id;
  const char *scope;
} DoorOauth2Challenge;

char *door_oauth2_challenge_build (const DoorOauth2Challenge *challenge, GError **error);
char *door_web_challenge_build (const char *url, GError **error);
