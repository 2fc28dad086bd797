/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-clock.h"

#include <stdatomic.h>
#include <stdbool.h>

struct _DoorClock
{
  bool fake;
  _Atomic int64_t now_ms; /* of a fake clock */
};

/**
 * door_clock_new_system:
 *
 * Returns: (transfer full): the clock of the system
 */
DoorClock *
door_clock_new_system (void)
{
  return g_new0 (DoorClock, 1);
}

/**
 * door_clock_new_fake:
 * @now_ms: milliseconds since 1970, UTC
 *
 * Returns: (transfer full): a clock that stands still until it is set
 */
DoorClock *
door_clock_new_fake (int64_t now_ms)
{
  DoorClock *self = g_new0 (DoorClock, 1);

  self->fake = true;
  atomic_store (&self->now_ms, now_ms);
  return self;
}

/**
 * door_clock_free:
 * @self: (transfer full): a clock
 */
void
door_clock_free (DoorClock *self)
{
  g_free (self);
}

/**
 * door_clock_now_ms:
 * @self: a clock
 *
 * May be called from any thread.
 *
 * Returns: milliseconds since 1970, UTC
 */
int64_t
door_clock_now_ms (DoorClock *self)
{
  return self->fake ? atomic_load (&self->now_ms) : g_get_real_time () / 1000;
}

/**
 * door_clock_monotonic_s:
 * @self: a clock
 *
 * For pauses and schedules: nobody sets this time back or forward. May be called from any thread.
 *
 * Returns: seconds since some moment before, of a fake clock those of door_clock_now_ms()
 */
int64_t
door_clock_monotonic_s (DoorClock *self)
{
  return self->fake ? atomic_load (&self->now_ms) / 1000 : g_get_monotonic_time () / G_USEC_PER_SEC;
}

/**
 * door_clock_set_fake:
 * @self: a clock of door_clock_new_fake()
 * @now_ms: milliseconds since 1970, UTC
 */
void
door_clock_set_fake (DoorClock *self, int64_t now_ms)
{
  g_return_if_fail (self->fake);
  atomic_store (&self->now_ms, now_ms);
}

/**
 * door_clock_format_iso8601:
 * @now_ms: milliseconds since 1970, UTC
 *
 * Returns: (transfer full): "2026-11-22T03:07:43Z", whole seconds
 */
char *
door_clock_format_iso8601 (int64_t now_ms)
{
  g_autoptr (GDateTime) at = g_date_time_new_from_unix_utc (now_ms / 1000);

  return at != NULL ? g_date_time_format (at, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("-");
}
