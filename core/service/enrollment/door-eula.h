/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-eula-document.h"
#include "door-token-store.h"

/**
 * DoorEulaTicket:
 * @token: the token or ticket that the address names
 * @document: (transfer none): what must be agreed to
 *
 * What a page about a document is for.
 */
typedef struct
{
  DoorAccessToken *token;
  const DoorEulaDocument *document;
} DoorEulaTicket;

/**
 * DoorEulaAnswer:
 * @ticket: as it stands in the address
 * @sha256: hash of the document that was shown
 * @address: where the answer came from
 * @request_id: id of the HTTP request
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * What a person has answered.
 */
typedef struct
{
  const char *ticket;
  const char *sha256;
  const char *address;
  const char *request_id;
  GCancellable *cancellable;
} DoorEulaAnswer;

bool door_eula_choose (const DoorContext *context, DoorTxn *txn, DoorAccessToken *token, GError **error);
bool door_eula_open (const DoorContext *context, const char *ticket, GCancellable *cancellable,
                     DoorEulaTicket *out, GError **error);
void door_eula_ticket_clear (DoorEulaTicket *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorEulaTicket, door_eula_ticket_clear)
bool door_eula_agree (const DoorContext *context, const DoorEulaAnswer *answer, GError **error);
bool door_eula_decline (const DoorContext *context, const DoorEulaAnswer *answer, GError **error);
