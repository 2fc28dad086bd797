/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-watchdog.h"

#include <unistd.h>

#include "door-notify.h"

/* How often within the time the service manager gives us: one slow answer is no reason to be killed. */
#define CHECKS_PER_TIMEOUT 4

struct _DoorWatchdog
{
  DoorHttpEngine *engine;
  DoorWriter *writer;
  guint source;
  bool silent;
};

/* What does not come back here is the main loop itself; that stops the signs of life as well. */
static gboolean
check_cb (gpointer data)
{
  DoorWatchdog *self = data;
  bool served = door_http_engine_check (self->engine);
  bool written = door_writer_answers (self->writer);
  bool silent = !served || !written;

  if (silent && !self->silent)
    g_warning ("no sign of life for the watchdog: %s not answering",
               served ? "the writer is" : "threads that serve requests are");
  self->silent = silent;
  if (!silent)
    door_notify ("WATCHDOG=1");
  return G_SOURCE_CONTINUE;
}

/**
 * door_watchdog_parse_us:
 * @usec: (nullable): WATCHDOG_USEC of the environment
 * @pid: (nullable): WATCHDOG_PID
 *
 * Returns: within how many microseconds the service manager wants a sign of life (sd_watchdog_enabled(3)), 0
 * when it wants none of this process
 */
int64_t
door_watchdog_parse_us (const char *usec, const char *pid)
{
  guint64 timeout, owner;

  if (usec == NULL || !g_ascii_string_to_unsigned (usec, 10, 1, G_MAXINT64, &timeout, NULL))
    return 0;
  if (pid != NULL &&
      (!g_ascii_string_to_unsigned (pid, 10, 1, G_MAXINT, &owner, NULL) || owner != (guint64) getpid ()))
    return 0;
  return (int64_t) timeout;
}

/**
 * door_watchdog_start:
 * @timeout_us: within how many microseconds a sign of life is wanted
 * @engine: an engine that runs; must outlive the watchdog, as @writer
 * @writer: a writer
 *
 * Gives the service manager signs of life from the main loop as long as I/O threads, workers and writer
 * answer. When they do not, the service manager ends the process, and the next one begins with what is
 * durable.
 *
 * Returns: (transfer full): the watchdog
 */
DoorWatchdog *
door_watchdog_start (int64_t timeout_us, DoorHttpEngine *engine, DoorWriter *writer)
{
  DoorWatchdog *self = g_new0 (DoorWatchdog, 1);
  int64_t pause_ms = MAX (timeout_us / 1000 / CHECKS_PER_TIMEOUT, 1);

  self->engine = engine;
  self->writer = writer;
  self->source = g_timeout_add ((guint) MIN (pause_ms, G_MAXINT), check_cb, self);
  return self;
}

/**
 * door_watchdog_stop:
 * @self: (transfer full): a watchdog
 *
 * Main loop only.
 */
void
door_watchdog_stop (DoorWatchdog *self)
{
  g_source_remove (self->source);
  g_free (self);
}
