/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-checkin-message.h"
#include "door-context.h"
#include "door-dep-store.h"
#include "door-known-device.h"
#include "door-standing.h"

/**
 * DoorCheckinWrite:
 * @context: what every service needs
 * @message: what the device says
 * @certificate_sha256: the identity certificate that has signed it
 * @bearer: (nullable): the access token it sent
 * @enroll_reference: (nullable): the reference in the address of the request
 * @new_ids: ids for a device, an enrollment and an association, for Authenticate alone; for TokenUpdate one
 *   for a channel
 * @now_ms: milliseconds since 1970, UTC
 * @team: (out) (transfer full): of the certificate, for a challenge
 * @change: (out): what became of enrollments
 * @judged: (out) (nullable): what was found of @enroll_reference, see door_enroll_reference_judge()
 * @awaiting_id: (out) (transfer full) (nullable): the enrollment, when its device waits in Setup Assistant
 * @answer: (out) (transfer full) (nullable): body of the answer
 * @token_server: (out) (transfer full) (nullable): who signs the token that a GetToken asks for
 * @handed_out: (out): whether the answer has a secret of the device
 * @former_person: (out) (transfer full) (nullable): whose enrollment of the device ended for that of somebody
 * else
 * @new_person: (out) (transfer full) (nullable): to whom the device went then, "" for nobody
 *
 * A check-in message, as the writer gets it: values only, so that it may run more than once.
 */
typedef struct
{
  const DoorContext *context;
  const DoorCheckinMessage *message;
  const char *certificate_sha256;
  const char *bearer;
  const char *enroll_reference;
  const char *new_ids[3];
  int64_t now_ms;
  char *team;
  struct
  {
    bool begun;
    bool active;
    bool checked_out;
    bool replaced;
  } change;
  const char *judged;
  GBytes *answer;
  char *awaiting_id;
  DoorDepServer *token_server;
  bool handed_out;
  char *former_person;
  char *new_person;
} DoorCheckinWrite;

DoorSpeaker door_checkin_write_get_speaker (const DoorCheckinWrite *checkin, const DoorKnownDevice *known);
bool door_checkin_end_enrollment (DoorTxn *txn, const char *enrollment_id, const char *reason, int64_t now_ms,
                                  GError **error);
bool door_checkin_authenticate (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                                GError **error);
bool door_checkin_confirm_active (DoorTxn *txn, const DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                                  GError **error);
bool door_checkin_token_update (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                                GError **error);
bool door_checkin_user_authenticate (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                                     GError **error);
bool door_checkin_set_bootstrap_token (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                                       GError **error);
bool door_checkin_get_bootstrap_token (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                                       GError **error);
bool door_checkin_declarative_management (DoorTxn *txn, DoorCheckinWrite *checkin,
                                          const DoorKnownDevice *known, GError **error);
bool door_checkin_get_token (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                             GError **error);
GBytes *door_checkin_build_token (const DoorCheckinWrite *checkin, GError **error);
