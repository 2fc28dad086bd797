/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-sealing.h"

/**
 * DoorVouchOutcome:
 * @DOOR_VOUCH_ALIVE: the provider still vouches for the person
 * @DOOR_VOUCH_GONE: it does not, or nobody can ever say so
 * @DOOR_VOUCH_FAILED: it could not be asked, which says nothing about the person
 *
 * What comes of a question to a provider.
 */
typedef enum
{
  DOOR_VOUCH_ALIVE,
  DOOR_VOUCH_GONE,
  DOOR_VOUCH_FAILED,
} DoorVouchOutcome;

/**
 * DoorVouchQuestion:
 * @context: what every service needs
 * @connection: the provider that is asked
 * @cancellable: (nullable): ends the waiting early
 * @place: where @sealed belongs
 * @sealed: what door_vouch_pack() made, sealed there
 * @issuer: who must answer
 * @subject: whom it must speak of
 *
 * Somebody who has signed in, about whom the provider is asked.
 */
typedef struct
{
  const DoorContext *context;
  DoorConnection *connection;
  GCancellable *cancellable;
  DoorSealedPlace place;
  const char *sealed;
  const char *issuer;
  const char *subject;
} DoorVouchQuestion;

/**
 * DoorVouchAnswer:
 * @sealed: (nullable): what takes the place of what was sealed, whatever the outcome
 * @reason: (nullable): set unless the outcome is %DOOR_VOUCH_ALIVE
 *
 * What else comes of a question. All %NULL at first.
 */
typedef struct
{
  char *sealed;
  GError *reason;
} DoorVouchAnswer;

void door_vouch_answer_clear (DoorVouchAnswer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorVouchAnswer, door_vouch_answer_clear)

DoorSecret *door_vouch_pack (const char *nonce, const char *refresh_token);
DoorVouchOutcome door_vouch_ask (const DoorVouchQuestion *question, DoorVouchAnswer *answer);
void door_vouch_count (const DoorContext *context, const char *connection, DoorVouchOutcome outcome);
