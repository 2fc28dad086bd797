/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include <glib.h>

/**
 * DoorOauth1Request:
 * @method: "GET"
 * @url: whole, with its query
 * @realm: (nullable): what the credentials are for
 * @consumer_key: who asks
 * @consumer_secret: its secret
 * @token: whose things
 * @token_secret: its secret
 * @nonce: used once
 * @timestamp_s: seconds since 1970, UTC
 * @version: whether oauth_version is sent
 *
 * A request that is signed.
 */
typedef struct
{
  const char *method;
  const char *url;
  const char *realm;
  const char *consumer_key;
  const char *consumer_secret;
  const char *token;
  const char *token_secret;
  const char *nonce;
  int64_t timestamp_s;
  gboolean version;
} DoorOauth1Request;

char *door_oauth1_build_authorization (const DoorOauth1Request *request);
