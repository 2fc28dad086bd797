/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-push-note.h"
#include "door-push-store.h"

/**
 * DoorPushAttempt:
 * @status: HTTP status; 0: no answer
 * @refusal: why it was refused
 * @retry_after_s: how long APNs wants to be left alone, 0: it does not say
 * @token_updated_at: when the device gave the token that was used
 * @attempts: how often it was not taken before
 * @topic_failures: how often in a row the whole topic had to wait
 * @now_ms: milliseconds since 1970, UTC
 * @jitter: a random number
 *
 * A push that was tried.
 */
typedef struct
{
  unsigned int status;
  DoorPushRefusal refusal;
  int64_t retry_after_s;
  int64_t token_updated_at;
  int64_t attempts;
  int64_t topic_failures;
  int64_t now_ms;
  uint32_t jitter;
} DoorPushAttempt;

/**
 * DoorPushVerdict:
 * @outcome: what is stored of it; its @reason is @refusal's, or a word of ours
 * @pause_ms: how long nothing is sent for the topic; 0: it goes on
 * @is_identity: it is the certificate that APNs does not take
 * @is_stopped: nothing is sent until the device gives a new token
 *
 * What follows from it.
 */
typedef struct
{
  DoorPushOutcome outcome;
  int64_t pause_ms;
  bool is_identity;
  bool is_stopped;
} DoorPushVerdict;

const char *door_push_name_reason (const DoorPushAttempt *attempt);
DoorPushVerdict door_push_judge (const DoorPushAttempt *attempt);
