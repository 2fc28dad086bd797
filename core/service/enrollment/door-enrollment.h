/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/**
 * DoorEnrollmentRequest:
 * @team: name in the path, "" for none
 * @body: what the device sent, CMS
 * @bearer: (nullable): access token, %NULL on the first visit
 * @whole_device: whether it came to the address for devices that are managed as a whole
 * @language: (nullable): of the texts in the profile
 * @address: where the request came from
 * @request_id: id of the HTTP request
 * @must_wait: (nullable): set when the provider must be asked, in a thread that may not wait for it; %NULL in
 *   one that may
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A device at the enrollment address.
 */
typedef struct
{
  const char *team;
  GBytes *body;
  const char *bearer;
  bool whole_device;
  const char *language;
  const char *address;
  const char *request_id;
  bool *must_wait;
  GCancellable *cancellable;
} DoorEnrollmentRequest;

GBytes *door_enrollment_answer (const DoorContext *context, const DoorEnrollmentRequest *request,
                                GError **error);
char *door_enrollment_dup_sign_in_url (const DoorContext *context, const char *team);
