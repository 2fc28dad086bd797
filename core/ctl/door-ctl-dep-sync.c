/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <unistd.h>

#include "door-ctl-output.h"
#include "door-ctl-service.h"
#include "door-dep-server.h"
#include "door-dep-sync.h"
#include "door-error.h"

#define LINE_S 10
#define BAR_WIDTH 30
/* Rounds that Apple puts off are gone on with this often. */
#define MAX_WAITS 100

/* Where progress goes, and when the last was said. */
typedef struct
{
  bool bar;
  bool json;
  DoorClock *clock;
  int64_t said_s;
  int64_t expected; /* devices the time before; 0: not known */
} Progress;

static void
draw_bar (const Progress *self, const DoorDepSyncResult *result)
{
  int64_t of = MAX (self->expected, 1);
  int filled = self->expected > 0 ? (int) MIN (result->n_read * BAR_WIDTH / of, BAR_WIDTH) : 0;

  g_printerr ("\r[%.*s%*s] %" G_GINT64_FORMAT " devices read, %" G_GINT64_FORMAT " assigned ", filled,
              "##############################", BAR_WIDTH - filled, "", result->n_read, result->n_assigned);
}

static void
progress_cb (const DoorDepSyncResult *result, gpointer data)
{
  Progress *self = data;
  int64_t now_s = door_clock_monotonic_s (self->clock);

  if (self->json)
    g_printerr ("{\"read\": %" G_GINT64_FORMAT ", \"assigned\": %" G_GINT64_FORMAT
                ", \"refused\": %" G_GINT64_FORMAT ", \"calls\": %" G_GINT64_FORMAT "}\n",
                result->n_read, result->n_assigned, result->n_refused, result->n_calls);
  else if (self->bar)
    draw_bar (self, result);
  else if (now_s - self->said_s >= LINE_S)
    {
      self->said_s = now_s;
      g_printerr ("%" G_GINT64_FORMAT " devices read, %" G_GINT64_FORMAT " assigned\n", result->n_read,
                  result->n_assigned);
    }
}

/* Until Apple wants to be asked again, or whoever is at it has ended. */
static void
wait_for (int64_t seconds, const char *why)
{
  g_printerr ("%s: going on in %" G_GINT64_FORMAT " s (Ctrl-C ends it, and what was read stays)\n", why,
              seconds);
  g_usleep ((gulong) seconds * G_USEC_PER_SEC);
}

static bool
run_rounds (const DoorContext *context, DoorDepSyncRequest *request, DoorDepSyncResult *result,
            GError **error)
{
  g_autofree char *reason = NULL;
  int64_t n_assigned = 0, n_refused = 0, n_calls = 0;

  for (int i = 0; i < MAX_WAITS; i++)
    {
      g_autoptr (GError) local = NULL;
      bool good = door_dep_sync (context, request, result, &local);

      n_assigned += result->n_assigned;
      n_refused += result->n_refused;
      n_calls += result->n_calls;
      result->n_assigned = n_assigned;
      result->n_refused = n_refused;
      result->n_calls = n_calls;
      if (good && !result->busy)
        return true;
      if (!good && result->retry_after_s == 0)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return false;
        }
      /* the whole list is begun once, not after each pause */
      request->full = request->full && result->busy;
      g_free (reason);
      reason = g_strdup (good ? "another process is at it" : local->message);
      wait_for (good ? 1 : result->retry_after_s, reason);
    }
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DEP_UNAVAILABLE,
                         "given up after %d pauses, the last of which was for this: %s", MAX_WAITS, reason);
}

static DoorCtlExit
tell (DoorCtlContext *context, const DoorDepSyncResult *result)
{
  JsonObject *object = json_object_new ();

  if (!context->json)
    g_print ("%s: %" G_GINT64_FORMAT " devices read, %" G_GINT64_FORMAT
             " have got their profile, %" G_GINT64_FORMAT " refused; %" G_GINT64_FORMAT
             " questions to Apple\n",
             context->words[0], result->n_read, result->n_assigned, result->n_refused, result->n_calls);
  json_object_set_string_member (object, "server", context->words[0]);
  json_object_set_boolean_member (object, "whole", result->whole);
  json_object_set_int_member (object, "read", result->n_read);
  json_object_set_int_member (object, "assigned", result->n_assigned);
  json_object_set_int_member (object, "refused", result->n_refused);
  json_object_set_int_member (object, "calls", result->n_calls);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

static int64_t
count_known (const DoorContext *context, const char *name)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, NULL);
  DoorDepCounts counts = { 0 };

  /* not known: then the bar shows no end */
  return txn != NULL && door_dep_store_count_devices (txn, name, &counts, NULL) ? counts.devices : 0;
}

/**
 * door_ctl_dep_sync:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl dep sync NAME`: asks Apple now. Blocks on the network.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_dep_sync (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlService) service = door_ctl_service_open (context->line, error);
  Progress progress = { .bar = isatty (STDERR_FILENO) == 1 };
  DoorDepSyncRequest request = { .name = context->words[0], .progress = progress_cb, .data = &progress };
  g_autoptr (DoorDepServer) server = NULL;
  DoorDepSyncResult result = { 0 };
  bool good;

  if (service == NULL || !door_ctl_service_load_state_key (service, error))
    return DOOR_CTL_ERROR;
  if (!door_dep_server_read (&service->context, context->words[0], &server, error))
    return door_ctl_status_of (*error);
  request.full = door_command_line_has (context->line, "full");
  progress.json = door_command_line_has (context->line, "json-progress");
  progress.clock = service->context.clock;
  progress.said_s = door_clock_monotonic_s (progress.clock);
  progress.expected = count_known (&service->context, server->name);
  good = run_rounds (&service->context, &request, &result, error);
  if (progress.bar && !progress.json)
    g_printerr ("\n");
  return good ? tell (context, &result) : door_ctl_status_of (*error);
}
