/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-secret.h"

/**
 * DoorDepToken:
 *
 * What a server of Apple Business Manager lets us in with, for a year.
 */
typedef struct
{
  char *consumer_key;
  char *consumer_secret;
  char *access_token;
  char *access_secret;
  int64_t expires_at_ms;
} DoorDepToken;

DoorSecret *door_dep_token_take_message (const DoorSecret *text, GError **error);
DoorDepToken *door_dep_token_parse (const DoorSecret *json, GError **error);
void door_dep_token_free (DoorDepToken *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDepToken, door_dep_token_free)
