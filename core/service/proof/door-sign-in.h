/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-login-store.h"
#include "door-proof.h"

/**
 * DoorSignInNote:
 * @person_id: (nullable): whose account it was about
 * @role_claims: (nullable): what roles were decided by, see door_role_claims_build()
 *
 * What the record of a sign-in has beside, accepted or not. All %NULL at first.
 */
typedef struct
{
  char *person_id;
  char *role_claims;
} DoorSignInNote;

void door_sign_in_note_clear (DoorSignInNote *self);

/**
 * DoorSignIn:
 * @connection: the identity provider that answered
 * @proof: its verified answer
 * @request: the request it answers
 * @code: code of the record
 * @request_id: id of the HTTP request
 * @received: what the answer said, for the record
 * @note: what becomes known on the way, for the record
 * @must_wait: (nullable): set when the provider must be asked, in a thread that may not wait for it; %NULL in
 *   one that may
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A sign-in whose proof holds; what is left is to decide about the person.
 */
typedef struct
{
  DoorConnection *connection;
  const DoorProof *proof;
  const DoorSignInRequest *request;
  const char *code;
  const char *request_id;
  const char *received;
  DoorSignInNote *note;
  bool *must_wait;
  GCancellable *cancellable;
} DoorSignIn;

bool door_sign_in_use_up (DoorTxn *txn, const DoorSignIn *self, int64_t now_ms, GError **error);
bool door_sign_in_add_record (DoorTxn *txn, const DoorSignIn *self, int64_t now_ms, const char *person_id,
                              GError **error);
void door_sign_in_log_success (const DoorContext *context, const DoorSignIn *self, const char *account);
