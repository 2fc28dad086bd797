/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-push-outcome.h"

#define NOW_MS INT64_C (1700000000000)
#define TOKEN_MS (NOW_MS - 5000)
#define HALF (UINT32_MAX / 2)

static DoorPushVerdict
judge (unsigned int status, const char *reason, int64_t at_ms)
{
  DoorPushAttempt attempt = {
    .status = status,
    .refusal.at_ms = at_ms,
    .token_updated_at = TOKEN_MS,
    .attempts = 2,
    .now_ms = NOW_MS,
    .jitter = HALF,
  };

  g_strlcpy (attempt.refusal.reason, reason, sizeof attempt.refusal.reason);
  return door_push_judge (&attempt);
}

static void
test_taken (void)
{
  DoorPushVerdict verdict = judge (200, "", 0);

  g_assert_cmpint (verdict.outcome.sent_at, ==, NOW_MS);
  g_assert_cmpint (verdict.outcome.due_at, ==, NOW_MS + INT64_C (86400000));
  g_assert_cmpint (verdict.outcome.attempts, ==, 0);
  g_assert_cmpint (verdict.pause_ms, ==, 0);
}

/* A token that the device gave after APNs found the former dead is not the dead one. */
static void
test_tokens (void)
{
  static const struct
  {
    unsigned int status;
    const char *reason;
    int64_t at_ms;
    bool stopped;
  } cases[] = {
    { 410, "Unregistered", NOW_MS, true },  { 410, "ExpiredToken", TOKEN_MS, true },
    { 410, "Unregistered", 0, true },       { 410, "Unregistered", TOKEN_MS - 1, false },
    { 400, "BadDeviceToken", 0, true },     { 400, "DeviceTokenNotForTopic", 0, true },
    { 400, "BadExpirationDate", 0, false }, { 500, "InternalServerError", 0, false },
    { 500, "BadDeviceToken", 0, false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DoorPushVerdict verdict = judge (cases[i].status, cases[i].reason, cases[i].at_ms);

      g_assert_cmpint (verdict.is_stopped, ==, cases[i].stopped);
      g_assert_cmpint (verdict.outcome.due_at == 0, ==, cases[i].stopped);
      g_assert_cmpint (verdict.outcome.sent_at, ==, 0);
      g_assert_cmpint (verdict.pause_ms, ==, 0);
      if (!cases[i].stopped)
        g_assert_cmpint (verdict.outcome.due_at, >, NOW_MS + 10000);
    }
}

static void
test_pauses (void)
{
  static const struct
  {
    unsigned int status;
    const char *reason;
    bool identity;
  } cases[] = {
    { 429, "", false },
    { 503, "ServiceUnavailable", false },
    { 503, "", false },
    { 0, "", false },
    { 403, "BadCertificate", true },
    { 403, "", true },
    { 400, "TopicDisallowed", true },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      DoorPushVerdict verdict = judge (cases[i].status, cases[i].reason, 0);

      g_assert_cmpint (verdict.pause_ms, >, 0);
      g_assert_cmpint (verdict.is_identity, ==, cases[i].identity);
      g_assert_cmpint (verdict.outcome.due_at, >=, NOW_MS + verdict.pause_ms);
      g_assert_cmpint (verdict.outcome.attempts, ==, cases[i].status == 0 ? 3 : 2);
    }
}

/* Too much for one device is nothing to the others, and counts as this one's failure. */
static void
test_too_much_for_device (void)
{
  DoorPushVerdict verdict = judge (429, "TooManyRequests", 0);
  DoorPushAttempt attempt = { .status = 429, .now_ms = NOW_MS, .retry_after_s = 600, .jitter = HALF };

  g_assert_cmpint (verdict.pause_ms, ==, 0);
  g_assert_cmpint (verdict.outcome.attempts, ==, 3);
  g_assert_cmpint (verdict.outcome.due_at, >, NOW_MS + 10000);
  g_assert_false (verdict.is_stopped);
  g_strlcpy (attempt.refusal.reason, "TooManyRequests", sizeof attempt.refusal.reason);
  g_assert_cmpint (door_push_judge (&attempt).outcome.due_at, ==, NOW_MS + 600000);
  attempt.retry_after_s = INT32_MAX;
  g_assert_cmpint (door_push_judge (&attempt).outcome.due_at, ==, NOW_MS + 3600000);
}

static void
test_backoff (void)
{
  DoorPushAttempt attempt = { .status = 500, .now_ms = NOW_MS, .jitter = HALF };
  int64_t before_ms = 0;

  for (attempt.attempts = 0; attempt.attempts < 9; attempt.attempts++)
    {
      int64_t wait_ms = door_push_judge (&attempt).outcome.due_at - NOW_MS;

      g_assert_cmpint (wait_ms, >, before_ms);
      before_ms = wait_ms;
    }
  attempt.attempts = INT64_MAX / 2;
  g_assert_cmpint (door_push_judge (&attempt).outcome.due_at, <=, NOW_MS + 75 * 60 * 1000);
  attempt = (DoorPushAttempt){ .status = 429, .now_ms = NOW_MS, .retry_after_s = 600, .jitter = HALF };
  g_assert_cmpint (door_push_judge (&attempt).pause_ms, ==, 600000);
  attempt.retry_after_s = INT32_MAX;
  g_assert_cmpint (door_push_judge (&attempt).pause_ms, ==, 3600000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/push-outcome/taken", test_taken);
  g_test_add_func ("/push-outcome/tokens", test_tokens);
  g_test_add_func ("/push-outcome/pauses", test_pauses);
  g_test_add_func ("/push-outcome/too-much-for-device", test_too_much_for_device);
  g_test_add_func ("/push-outcome/backoff", test_backoff);
  return g_test_run ();
}
