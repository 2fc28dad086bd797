/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-list.h"

#include "door-ctl-database.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-json-member.h"

#define DEFAULT_LIMIT 500
#define MAX_LIMIT 10000

static bool
read_limit (const DoorCommandLine *line, int64_t *limit, GError **error)
{
  const char *text = door_command_line_get_value (line, "limit");
  guint64 number = DEFAULT_LIMIT;

  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, MAX_LIMIT, &number, NULL))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "--limit takes a number from 1 to %d",
                      MAX_LIMIT);
      return false;
    }
  *limit = (int64_t) number;
  return true;
}

static GPtrArray *
list_rows (const DoorCtlList *list, DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  return list->of != NULL ? list->list_of (txn, list->of, after, limit, error)
                          : list->list_page (txn, after, limit, error);
}

static void
print_rows (const DoorCtlList *list, const GPtrArray *rows, const char *after, const char *next)
{
  list->print_head ();
  for (guint i = 0; i < rows->len; i++)
    list->print (g_ptr_array_index (rows, i));
  door_ctl_output_print_none (false, rows->len, after != NULL ? "the page before was the last" : list->none);
  if (next != NULL)
    g_print ("next: --after %s\n", next);
}

static JsonNode *
build_document (const DoorCtlList *list, const GPtrArray *rows, const char *next)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < rows->len; i++)
    json_array_add_object_element (array, list->build_object (g_ptr_array_index (rows, i)));
  json_object_set_array_member (object, list->member, array);
  door_json_member_set_text (object, "next", next);
  return door_ctl_output_take_object (object);
}

/**
 * door_ctl_list_run:
 * @context: the run
 * @list: what is listed
 * @error: return location for an error
 *
 * Shows one page of rows, by `--after` and `--limit`, and how to get the next one. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_USAGE, %DOOR_CTL_NOT_FOUND for an unknown `--after`, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_list_run (DoorCtlContext *context, const DoorCtlList *list, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  const char *after = door_command_line_get_value (context->line, "after"), *next = NULL;
  int64_t limit;

  if (!read_limit (context->line, &limit, error))
    return DOOR_CTL_USAGE;
  database = door_ctl_database_open (context->line, error);
  rows = database != NULL ? list_rows (list, database->txn, after, limit, error) : NULL;
  if (rows == NULL)
    return door_ctl_status_of (*error);
  if (rows->len == limit)
    next = list->get_name (g_ptr_array_index (rows, rows->len - 1));
  if (!context->json)
    print_rows (list, rows, after, next);
  context->result = build_document (list, rows, next);
  return DOOR_CTL_OK;
}
