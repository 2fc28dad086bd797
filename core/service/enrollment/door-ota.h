/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-profile-issue.h"

/**
 * DoorOtaVisit:
 * @message: what the device says of itself, CMS
 * @language: (nullable): of the texts in the profile
 * @request_id: id of the HTTP request
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A device that comes to the Profile Service.
 */
typedef struct
{
  GBytes *message;
  const char *language;
  const char *request_id;
  GCancellable *cancellable;
} DoorOtaVisit;

bool door_ota_is_wanted (const DoorContext *context, const DoorAccessToken *token);
GBytes *door_ota_answer (const DoorContext *context, const DoorOtaVisit *visit, GError **error);
