/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-ctl.h"
#include "door-storage.h"

/**
 * DoorCtlList:
 * @member: what the rows are called with `--json`: "devices"
 * @list_page: (transfer full): blocking; the rows behind the one named @after, %NULL for the first page
 * @of: (nullable): what they are of, where the command has a word for it
 * @list_of: (transfer full): in place of @list_page where @of is set
 * @print_head: prints the names of the columns
 * @print: prints a row
 * @build_object: (transfer full): a row for `--json`
 * @none: where rows come from, said of an empty list
 * @get_name: (transfer none): what `--after` takes to go on behind a row
 *
 * What differs between the commands that list rows of the database.
 */
typedef struct
{
  const char *member;
  GPtrArray *(*list_page) (DoorTxn *txn, const char *after, int64_t limit, GError **error);
  const char *of;
  GPtrArray *(*list_of) (DoorTxn *txn, const char *of, const char *after, int64_t limit, GError **error);
  void (*print_head) (void);
  void (*print) (gconstpointer row);
  JsonObject *(*build_object) (gconstpointer row);
  const char *none;
  const char *(*get_name) (gconstpointer row);
} DoorCtlList;

DoorCtlExit door_ctl_list_run (DoorCtlContext *context, const DoorCtlList *list, GError **error);
