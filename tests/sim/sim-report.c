/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-report.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

#include "sim-error.h"

#define TIME_COLUMNS 8
#define WHO_COLUMNS 19
#define WHAT_COLUMNS 53

struct _SimReport
{
  bool quiet;
  bool json;
  gint64 started;
  JsonArray *steps;
  SimRefusal *refusal; /* (nullable) */
};

static void
refusal_free (SimRefusal *refusal)
{
  g_free (refusal->code);
  g_free (refusal->sentence);
  g_free (refusal->request_id);
  g_free (refusal);
}

/**
 * sim_report_new:
 * @quiet: tell a person nothing but errors
 * @json: tell a program
 *
 * Returns: (transfer full): a report whose clock starts now
 */
SimReport *
sim_report_new (bool quiet, bool json)
{
  SimReport *self = g_new0 (SimReport, 1);

  self->quiet = quiet;
  self->json = json;
  self->started = g_get_monotonic_time ();
  self->steps = json_array_new ();
  return self;
}

/**
 * sim_report_free:
 * @self: (transfer full): a report
 */
void
sim_report_free (SimReport *self)
{
  json_array_unref (self->steps);
  g_clear_pointer (&self->refusal, refusal_free);
  g_free (self);
}

/**
 * sim_report_heading:
 * @self: a report
 * @device: what is being enrolled
 * @way: how
 * @account: for whom
 *
 * Says what is about to happen and starts the clock again.
 */
void
sim_report_heading (SimReport *self, const char *device, const char *way, const char *account)
{
  self->started = g_get_monotonic_time ();
  if (!self->quiet && !self->json)
    printf ("\n  %s · %s · %s\n", device, way, account);
}

/* Prints @text and as many spaces as make it @columns characters, at least one. */
static void
print_column (const char *text, int columns)
{
  int length = (int) g_utf8_strlen (text, -1);

  printf ("%s%*s", text, MAX (columns - length, 0) + 1, "");
}

/**
 * sim_report_step:
 * @self: a report
 * @who: who acted: the device, the server, or the identity provider's host
 * @what: what they did
 * @result: what came of it; what stands behind %SIM_REPORT_BREAK goes on a line of its own
 */
void
sim_report_step (SimReport *self, const char *who, const char *what, const char *result)
{
  double at_s = (double) (g_get_monotonic_time () - self->started) / G_USEC_PER_SEC;
  g_auto (GStrv) parts = g_strsplit (result, SIM_REPORT_BREAK, 2);
  JsonObject *step = NULL;

  if (!self->quiet && !self->json)
    {
      printf ("  %5.2fs  ", at_s);
      print_column (who, WHO_COLUMNS);
      print_column (what, WHAT_COLUMNS);
      printf ("%s\n", parts[0] != NULL ? parts[0] : "");
      if (parts[0] != NULL && parts[1] != NULL)
        printf ("  %*s%s\n", TIME_COLUMNS, "", parts[1]);
      return;
    }
  step = json_object_new ();
  json_object_set_double_member (step, "at", (double) (gint64) (at_s * 1000) / 1000);
  json_object_set_string_member (step, "who", who);
  json_object_set_string_member (step, "what", what);
  json_object_set_string_member (step, "result", result);
  json_array_add_object_element (self->steps, step);
}

/**
 * sim_report_take_refusal:
 * @self: a report
 * @refusal: (transfer full): the page with which the server said no
 */
void
sim_report_take_refusal (SimReport *self, SimRefusal *refusal)
{
  g_clear_pointer (&self->refusal, refusal_free);
  self->refusal = refusal;
}

static void
set_string (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
  else
    json_object_set_null_member (object, name);
}

static const char *
get_kind (const GError *error)
{
  static const char *const kinds[] = { "usage", "unreachable", "unexpected", "refused" };

  return error->domain == SIM_ERROR ? kinds[error->code] : "unexpected";
}

static JsonNode *
build_document (SimReport *self, const SimVerdict *verdict)
{
  JsonObject *root = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (root, "outcome", verdict->outcome);
  json_object_set_boolean_member (root, "expected", verdict->exit_status == 0);
  json_object_set_int_member (root, "exit_status", verdict->exit_status);
  set_string (root, "account", verdict->account);
  set_string (root, "enrollment_id", verdict->enrollment_id);
  json_object_set_array_member (root, "steps", json_array_ref (self->steps));
  json_object_set_null_member (root, "refusal");
  json_object_set_null_member (root, "error");
  if (self->refusal != NULL)
    {
      JsonObject *refusal = json_object_new ();

      json_object_set_int_member (refusal, "status", self->refusal->status);
      set_string (refusal, "code", self->refusal->code);
      set_string (refusal, "text", self->refusal->sentence);
      set_string (refusal, "request_id", self->refusal->request_id);
      json_object_set_object_member (root, "refusal", refusal);
    }
  if (verdict->error != NULL && verdict->exit_status != 0)
    {
      JsonObject *error = json_object_new ();

      json_object_set_string_member (error, "kind", get_kind (verdict->error));
      json_object_set_string_member (error, "message", verdict->error->message);
      json_object_set_object_member (root, "error", error);
    }
  json_node_take_object (node, root);
  return node;
}

/**
 * sim_report_finish:
 * @self: a report
 * @verdict: how it ended
 *
 * Prints the last line, or the one JSON document, always in UTF-8. Errors go to stderr unless JSON is wanted.
 */
void
sim_report_finish (SimReport *self, const SimVerdict *verdict)
{
  if (self->json)
    {
      g_autoptr (JsonNode) document = build_document (self, verdict);
      g_autofree char *text = json_to_string (document, TRUE);

      printf ("%s\n", text);
      return;
    }
  fflush (stdout); /* so that what went wrong stands below what went well */
  if (verdict->exit_status != 0 && verdict->error != NULL)
    fprintf (stderr, "doorward-sim: %s\n", verdict->error->message);
  else if (!self->quiet && g_str_equal (verdict->outcome, "enrolled"))
    printf ("         ✓ %s  %s ↔ %s\n", verdict->outcome, verdict->account, verdict->enrollment_id);
  else if (!self->quiet)
    printf ("         ✓ %s\n", verdict->outcome);
}

/* (transfer full) (nullable): the words of DOORWARD_CHECKS in one line of the log, if it is about that
 * request */
static char *
read_checks (const char *line, const char *request_id)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root = NULL;
  JsonObject *entry = NULL;

  if (!json_parser_load_from_data (parser, line, -1, NULL))
    return NULL; /* a line that is still being written, or not of the server */
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NULL;
  entry = json_node_get_object (root);
  if (g_strcmp0 (json_object_get_string_member_with_default (entry, "DOORWARD_REQUEST", ""), request_id) != 0)
    return NULL;
  return g_strdup (json_object_get_string_member_with_default (entry, "DOORWARD_CHECKS", NULL));
}

static char *
find_checks (const char *path, const char *request_id)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return NULL; /* not there yet: the caller waits and asks again */
  lines = g_strsplit (text, "\n", -1);
  for (size_t i = g_strv_length (lines); i > 0; i--)
    {
      char *checks = read_checks (lines[i - 1], request_id);

      if (checks != NULL)
        return checks;
    }
  return NULL;
}

/**
 * sim_server_log_dup_checks:
 * @path: file to which the server writes one JSON object a line
 * @request_id: the request in question
 *
 * Looks up what the server checked in a request, and waits up to a second for the line to be written.
 *
 * Returns: (transfer full) (nullable): the checks, each with a tick
 */
char *
sim_server_log_dup_checks (const char *path, const char *request_id)
{
  gint64 until = g_get_monotonic_time () + G_USEC_PER_SEC;
  g_autofree char *checks = find_checks (path, request_id);
  g_autoptr (GString) ticked = g_string_new (NULL);
  g_auto (GStrv) words = NULL;

  while (checks == NULL && g_get_monotonic_time () < until)
    {
      g_usleep (50 * 1000);
      checks = find_checks (path, request_id);
    }
  if (checks == NULL)
    return NULL;
  words = g_strsplit_set (checks, " ,;", -1);
  for (size_t i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_string_append_printf (ticked, "%s%s ✓", ticked->len > 0 ? " " : "", words[i]);
  return g_string_free (g_steal_pointer (&ticked), FALSE);
}
