/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-device-store.h"
#include "door-token-store.h"

/**
 * DoorProfileWish:
 * @token: an access token or a ticket that was found good
 * @mode: %DOOR_MODE_USER, %DOOR_MODE_DEVICE or "", see #DoorAccessToken
 * @language: (nullable): of the texts in the profile
 * @request_id: id of the HTTP request
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A profile that is asked for.
 */
typedef struct
{
  const DoorAccessToken *token;
  const char *mode;
  const char *language;
  const char *request_id;
  GCancellable *cancellable;
} DoorProfileWish;

bool door_profile_check_unspent (DoorTxn *txn, const DoorAccessToken *token, GError **error);
GBytes *door_profile_build_again (const DoorContext *context, const DoorEnrollment *enrollment,
                                  const char *challenge, GError **error);
int64_t door_profile_get_access_rights (const DoorEnrollment *enrollment);
char *door_profile_dup_challenge (const DoorContext *context, const char *token_hash);
GBytes *door_profile_make_identity (const DoorContext *context, const DoorProfileWish *wish, GError **error);
GBytes *door_profile_issue_service (const DoorContext *context, const DoorProfileWish *wish,
                                    const char *ticket, GError **error);
GBytes *door_profile_issue (const DoorContext *context, const DoorProfileWish *wish, GError **error);
