/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-ade.h"
#include "door-token-store.h"

/**
 * DoorTicketVisit:
 * @ticket: what stands in the address
 * @language: (nullable): of the texts in the profile
 * @request_id: id of the HTTP request
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * Somebody who has a ticket and asks for a profile.
 */
typedef struct
{
  const char *ticket;
  const char *language;
  const char *request_id;
  GCancellable *cancellable;
} DoorTicketVisit;

bool door_ticket_read (const DoorContext *context, const char *ticket, GCancellable *cancellable,
                       DoorAccessToken **out, GError **error);
GBytes *door_ticket_fetch_profile (const DoorContext *context, const DoorTicketVisit *visit, GError **error);
GBytes *door_ticket_answer_device (const DoorContext *context, const DoorAdeDevice *device,
                                   const DoorTicketVisit *visit, GError **error);
