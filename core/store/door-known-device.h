/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorKnownDevice:
 * @certificate_sha256: the identity certificate it was found by
 * @person_id: whom the certificate was issued to
 * @team: and for which team
 * @revoked_at: when the certificate was revoked, 0: it was not
 * @enrollment_id: the enrollment it is pinned to, empty before Authenticate
 * @pinned_sha256: the certificate that enrollment uses at present
 * @active_at: of the first TokenUpdate, 0: none yet
 * @ended_at: 0: the enrollment goes on
 * @end_reason: why it has ended: %DOOR_END_CHECK_OUT and the others, or empty
 * @device_id: its device, empty before Authenticate
 * @apple_id: the device's UDID or EnrollmentID
 * @kind: which of them, %DOOR_DEVICE_WHOLE or %DOOR_DEVICE_USER
 * @awaiting: whether it waits in Setup Assistant and was not let go
 * @way: how its enrollment came, see #DoorEnrollment
 * @enroll_reference: what stands behind ServerURL in its profile, empty for nothing
 * @product: the device's model identifier
 * @seen_at: when the device was last seen
 * @open_command: position of the first command of its channel that is not done, 0: there is none
 * @push_wished_at: when somebody wanted it to poll, 0: nobody did since it last had nothing left to do
 *
 * Who a certificate stands for: all that is asked of it at a check-in, read at once.
 */
typedef struct
{
  char *certificate_sha256;
  char *person_id;
  char *team;
  int64_t revoked_at;
  char *enrollment_id;
  char *pinned_sha256;
  int64_t active_at;
  int64_t ended_at;
  char *end_reason;
  char *device_id;
  char *apple_id;
  char *kind;
  bool awaiting;
  char *way;
  char *enroll_reference;
  char *product;
  int64_t seen_at;
  int64_t open_command;
  int64_t push_wished_at;
} DoorKnownDevice;

void door_known_device_free (DoorKnownDevice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorKnownDevice, door_known_device_free)

bool door_known_device_lookup (DoorTxn *txn, const char *certificate_sha256, DoorKnownDevice **out,
                               GError **error);
