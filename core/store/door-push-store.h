/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorPushDue:
 *
 * A push that somebody has taken, and what it takes to send it: @topic, @push_magic and @push_token
 * (hexadecimal) are the channel's now; @is_open is 0 when it has ended, or never gave a token.
 */
typedef struct
{
  char *channel_id;
  char *topic;
  char *push_magic;
  char *push_token;
  int64_t token_updated_at;
  int64_t wished_at;
  int64_t attempts;
  int64_t is_open;
} DoorPushDue;

void door_push_due_free (DoorPushDue *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPushDue, door_push_due_free)

/**
 * DoorPushOutcome:
 * @due_at: when it is to be sent again; 0: not until the device gives a new token
 * @attempts: how often in a row it was not taken
 * @sent_at: when it was taken; 0: not
 * @status: what APNs answered, an HTTP status; 0: nothing
 * @reason: its word for it
 *
 * What came of a push.
 */
typedef struct
{
  int64_t due_at;
  int64_t attempts;
  int64_t sent_at;
  int64_t status;
  const char *reason;
} DoorPushOutcome;

/**
 * DoorPushWish:
 *
 * A push that is wished and not answered by the device yet, see #DoorPushOutcome.
 */
typedef struct
{
  int64_t wished_at;
  int64_t due_at;
  int64_t attempts;
  int64_t sent_at;
  int64_t status;
  char *reason;
} DoorPushWish;

void door_push_wish_free (DoorPushWish *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPushWish, door_push_wish_free)

/**
 * DoorPushQueue:
 * @waiting: to be sent, now or later
 * @stopped: their devices have to give a new token first
 * @unanswered: sent, and the device has not polled
 * @oldest_wished_at: of those that wait; 0: none does
 *
 * How many pushes there are.
 */
typedef struct
{
  int64_t waiting;
  int64_t stopped;
  int64_t unanswered;
  int64_t oldest_wished_at;
} DoorPushQueue;

/**
 * DoorPushFailure:
 *
 * How many pushes of those that wait were not taken for one @reason with one @status, see #DoorPushOutcome.
 */
typedef struct
{
  int64_t status;
  char *reason;
  int64_t count;
} DoorPushFailure;

void door_push_failure_free (DoorPushFailure *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPushFailure, door_push_failure_free)

bool door_push_store_wish (DoorTxn *txn, const char *channel_id, const char *enrollment_id, int64_t now_ms,
                           GError **error);
bool door_push_store_lookup (DoorTxn *txn, const char *channel_id, DoorPushWish **out, GError **error);
bool door_push_store_poll_seen (DoorTxn *txn, const char *channel_id, GError **error);
bool door_push_store_token_updated (DoorTxn *txn, const char *channel_id, int64_t now_ms, GError **error);
bool door_push_store_is_due (DoorTxn *txn, int64_t now_ms, bool *due, GError **error);
bool door_push_store_claim (DoorTxn *txn, const char *claim, int64_t now_ms, int64_t until_ms, int64_t limit,
                            GError **error);
GPtrArray *door_push_store_list_claimed (DoorTxn *txn, const char *claim, GError **error);
bool door_push_store_put_outcome (DoorTxn *txn, const char *claim, const char *channel_id,
                                  const DoorPushOutcome *outcome, GError **error);
bool door_push_store_put_rest (DoorTxn *txn, const char *claim, const DoorPushOutcome *outcome,
                               GError **error);
bool door_push_store_forget (DoorTxn *txn, const char *claim, const char *channel_id, GError **error);
GPtrArray *door_push_store_list_failures (DoorTxn *txn, int64_t limit, GError **error);
bool door_push_store_count (DoorTxn *txn, DoorPushQueue *out, GError **error);
