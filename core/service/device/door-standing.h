/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-enrollment-id.h"
#include "door-known-device.h"
#include "door-policy.h"

/**
 * DoorSpeaker:
 * @known: who the identity certificate of the device stands for
 * @id_kind: whether it gives a UDID or an EnrollmentID
 * @apple_id: which one
 * @bearer: (nullable): the access token it sent
 * @now_ms: milliseconds since 1970, UTC
 * @policy: what is decided by
 *
 * A device that says something, after its signature was verified.
 */
typedef struct
{
  const DoorKnownDevice *known;
  DoorEnrollmentIdKind id_kind;
  const char *apple_id;
  const char *bearer;
  int64_t now_ms;
  const DoorPolicy *policy;
} DoorSpeaker;

bool door_standing_check_pinned (const DoorSpeaker *speaker, GError **error);
bool door_standing_check_pending (DoorTxn *txn, const DoorSpeaker *speaker, GError **error);
bool door_standing_needs_bearer (const DoorSpeaker *speaker);
bool door_standing_check_bearer (DoorTxn *txn, const DoorSpeaker *speaker, GError **error);
bool door_standing_confirm_bearer (DoorTxn *txn, const DoorSpeaker *speaker, GError **error);
bool door_standing_confirm (DoorTxn *txn, const DoorSpeaker *speaker, GError **error);
