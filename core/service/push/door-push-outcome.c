/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-push-outcome.h"

#include <string.h>

#include "door-backoff.h"

#define SECOND_MS INT64_C (1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)

/* So long APNs keeps a push for a device that it cannot reach (apns-expiration). Then it is sent again. */
#define KEPT_MS (24 * HOUR_MS)
#define RETRY_MS (5 * SECOND_MS)
#define MAX_RETRY_MS HOUR_MS
/* A connection that ended is made anew at once, mostly. */
#define LINE_PAUSE_MS SECOND_MS
#define MAX_LINE_PAUSE_MS MINUTE_MS
#define BUSY_PAUSE_MS (5 * SECOND_MS)
#define IDENTITY_PAUSE_MS (30 * SECOND_MS)
#define MAX_PAUSE_MS (15 * MINUTE_MS)

static bool
is_one_of (const char *reason, const char *const *list)
{
  return g_strv_contains (list, reason);
}

/* The token is not good, or not for us (Apple, "Handling notification responses from APNs"). One that the
 * device gave after APNs found out is another. */
static bool
is_token_bad (const DoorPushAttempt *attempt)
{
  static const char *const reasons[] = { "BadDeviceToken", "DeviceTokenNotForTopic", "MissingDeviceToken",
                                         NULL };

  if (attempt->status == 410)
    return attempt->refusal.at_ms == 0 || attempt->refusal.at_ms >= attempt->token_updated_at;
  return attempt->status == 400 && is_one_of (attempt->refusal.reason, reasons);
}

static bool
is_identity_bad (const DoorPushAttempt *attempt)
{
  static const char *const reasons[] = { "BadTopic", "MissingTopic", "TopicDisallowed", NULL };

  return attempt->status == 403 || (attempt->status == 400 && is_one_of (attempt->refusal.reason, reasons));
}

/* Too much for this one device is said by the same status as too much for all. */
static bool
is_too_much_for_device (const DoorPushAttempt *attempt)
{
  return attempt->status == 429 && strcmp (attempt->refusal.reason, "TooManyRequests") == 0;
}

static int64_t
choose_pause_ms (const DoorPushAttempt *attempt, bool is_identity)
{
  bool busy = (attempt->status == 429 && !is_too_much_for_device (attempt)) || attempt->status == 503;
  int64_t pause_ms;

  if (!busy && !is_identity && attempt->status != 0)
    return 0;
  if (is_identity)
    pause_ms = door_backoff_double (IDENTITY_PAUSE_MS, attempt->topic_failures, MAX_PAUSE_MS);
  else if (busy)
    pause_ms = door_backoff_double (BUSY_PAUSE_MS, attempt->topic_failures, MAX_PAUSE_MS);
  else
    pause_ms = door_backoff_double (LINE_PAUSE_MS, attempt->topic_failures, MAX_LINE_PAUSE_MS);
  pause_ms = door_backoff_spread (pause_ms, attempt->jitter);
  return busy ? MAX (pause_ms, MIN (attempt->retry_after_s, HOUR_MS / 1000) * 1000) : pause_ms;
}

static const char *
choose_reason (const DoorPushAttempt *attempt)
{
  if (*attempt->refusal.reason != '\0')
    return attempt->refusal.reason;
  return attempt->status == 0 ? "NoAnswer" : "";
}

/**
 * door_push_name_reason:
 * @attempt: a push that was refused
 *
 * Returns: (transfer none): why, one of the words that are counted
 */
const char *
door_push_name_reason (const DoorPushAttempt *attempt)
{
  static const char *const known[] = {
    "BadCertificate",
    "BadCertificateEnvironment",
    "BadDeviceToken",
    "DeviceTokenNotForTopic",
    "ExpiredToken",
    "Forbidden",
    "IdleTimeout",
    "InternalServerError",
    "ServiceUnavailable",
    "Shutdown",
    "TooManyRequests",
    "TopicDisallowed",
    "Unregistered",
    "BadTopic",
    NULL,
  };
  const char *reason = choose_reason (attempt);

  for (size_t i = 0; known[i] != NULL; i++)
    if (strcmp (known[i], reason) == 0)
      return known[i];
  return attempt->status == 0 ? "NoAnswer" : "other";
}

/**
 * door_push_judge:
 * @attempt: a push that was tried; the result refers to it
 *
 * Decides what comes of a push. Taken: the device polls, or it is sent again when APNs keeps it no longer. A
 * bad token: nothing until the device gives another. Anything else is tried again, later each time; when it
 * is not the device's matter but the connection's, the certificate's or Apple's, all of the topic waits.
 * Pure.
 *
 * Returns: what follows
 */
DoorPushVerdict
door_push_judge (const DoorPushAttempt *attempt)
{
  DoorPushVerdict verdict = {
    .outcome = { .status = attempt->status, .reason = choose_reason (attempt) },
  };
  int64_t wait_ms;

  if (attempt->status == 200)
    {
      verdict.outcome.sent_at = attempt->now_ms;
      verdict.outcome.due_at = attempt->now_ms + KEPT_MS;
      return verdict;
    }
  verdict.is_stopped = is_token_bad (attempt);
  verdict.is_identity = !verdict.is_stopped && is_identity_bad (attempt);
  verdict.pause_ms = verdict.is_stopped ? 0 : choose_pause_ms (attempt, verdict.is_identity);
  verdict.outcome.attempts = attempt->attempts + 1;
  if (attempt->status == 0)
    wait_ms = door_backoff_double (LINE_PAUSE_MS, attempt->attempts, MAX_LINE_PAUSE_MS);
  else
    wait_ms = door_backoff_double (RETRY_MS, attempt->attempts, MAX_RETRY_MS);
  wait_ms = door_backoff_spread (wait_ms, attempt->jitter);
  /* what makes the whole topic wait is not this device's failure; that no answer came may be */
  if (verdict.pause_ms > 0 && attempt->status != 0)
    {
      verdict.outcome.attempts = attempt->attempts;
      wait_ms = 0;
    }
  wait_ms = MAX (wait_ms, verdict.pause_ms);
  if (is_too_much_for_device (attempt))
    wait_ms = MAX (wait_ms, MIN (attempt->retry_after_s, HOUR_MS / 1000) * 1000);
  verdict.outcome.due_at = verdict.is_stopped ? 0 : attempt->now_ms + wait_ms;
  return verdict;
}
