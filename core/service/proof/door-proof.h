/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-claims.h"
#include "door-secret.h"

/**
 * DoorProof:
 * @claims: who it is about and what is said of them; the issuer is the one that was verified
 * @request_id: (nullable): the request it answers; %NULL where the protocol has bound it already
 * @id: what makes it unique among all of the issuer, remembered until @expires_at_ms
 * @expires_at_ms: from when on it is refused for its age; milliseconds since 1970, UTC
 * @checks: names of the checks it has passed, separated by spaces
 * @session_index: (nullable): what the provider calls its session with the person: SessionIndex, sid
 * @session_ends_at_ms: when that session ends; 0: not said
 * @refresh: (nullable): asks the provider later whether the session is still good; made by
 *   door_vouch_pack()
 *
 * An identity provider's answer after its verification, whatever the protocol. All %NULL at first.
 */
typedef struct
{
  DoorClaims *claims;
  char *request_id;
  char *id;
  int64_t expires_at_ms;
  char *checks;
  char *session_index;
  int64_t session_ends_at_ms;
  DoorSecret *refresh;
} DoorProof;

void door_proof_clear (DoorProof *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorProof, door_proof_clear)
