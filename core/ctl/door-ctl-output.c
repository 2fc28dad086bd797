/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-output.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "door-clock.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"

/**
 * door_ctl_output_has_colour:
 *
 * Returns: whether colours may be printed: standard output is a terminal and NO_COLOR is not set
 */
bool
door_ctl_output_has_colour (void)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return isatty (STDOUT_FILENO) && (no_color == NULL || *no_color == '\0') &&
         g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
}

/**
 * door_ctl_output_print_json:
 * @node: a document
 *
 * Prints it and a newline on standard output.
 */
void
door_ctl_output_print_json (JsonNode *node)
{
  g_autoptr (GBytes) json = door_json_build_pretty (node);
  gsize size;
  const char *text = g_bytes_get_data (json, &size);

  /* g_print() would convert to the character set of the locale; JSON is UTF-8 */
  fwrite (text, 1, size, stdout);
  fputc ('\n', stdout);
}

/**
 * door_ctl_output_dup_time:
 * @at_ms: milliseconds since 1970, UTC, 0 for never
 *
 * Returns: (transfer full): "2026-11-22T03:07:43Z" or "-"
 */
char *
door_ctl_output_dup_time (int64_t at_ms)
{
  return at_ms != 0 ? door_clock_format_iso8601 (at_ms) : g_strdup ("-");
}

/**
 * door_ctl_output_dup_day:
 * @at_ms: milliseconds since 1970, UTC
 *
 * Returns: (transfer full): "2026-11-22"
 */
char *
door_ctl_output_dup_day (int64_t at_ms)
{
  char *day = door_clock_format_iso8601 (at_ms);

  day[strlen ("2026-11-22")] = '\0';
  return day;
}

/**
 * door_ctl_output_error_object:
 * @error: what went wrong
 * @hint: (nullable): the next step, in place of the one in the catalogue
 *
 * Returns: (transfer full): `{"error": {"id", "text", "fix"}}`
 */
JsonObject *
door_ctl_output_error_object (const GError *error, const char *hint)
{
  JsonObject *object = json_object_new (), *inner = json_object_new ();
  DoorFault fault = door_error_get_fault (error);
  const DoorFaultInfo *info = fault != DOOR_FAULT_NONE ? door_fault_get_info (fault) : NULL;

  door_json_member_set_text (inner, "id", info != NULL ? info->id : NULL);
  json_object_set_string_member (inner, "text", error->message);
  door_json_member_set_text (inner, "fix", hint != NULL || info == NULL ? hint : info->fix);
  json_object_set_object_member (object, "error", inner);
  return object;
}

/**
 * door_ctl_output_take_object:
 * @object: (transfer full): an object
 *
 * Returns: (transfer full): a node that holds it
 */
JsonNode *
door_ctl_output_take_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

/**
 * door_ctl_output_or_dash:
 * @text: what is in a column
 *
 * Returns: (transfer none): @text, or "-" where it is empty
 */
const char *
door_ctl_output_or_dash (const char *text)
{
  return *text != '\0' ? text : "-";
}

/**
 * door_ctl_output_print_none:
 * @json: print nothing
 * @n_rows: how many rows were printed
 * @step: where rows come from: a sentence without its full stop
 *
 * Ends a list: says that it is empty if it is, so that nobody takes it for one that did not work.
 */
void
door_ctl_output_print_none (bool json, guint n_rows, const char *step)
{
  if (!json && n_rows == 0)
    g_print ("(none; %s)\n", step);
}

/**
 * door_ctl_nothing:
 * @json: print nothing
 * @format: what is so already
 * @...: what @format takes
 *
 * Ends a command for which there was nothing to do.
 *
 * Returns: %DOOR_CTL_NOTHING
 */
DoorCtlExit
door_ctl_nothing (bool json, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (!json)
    g_print ("nothing to do: %s\n", text);
  return DOOR_CTL_NOTHING;
}
