/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "door-request.h"
#include "door-response.h"

/**
 * DoorApiPage:
 * @after: the name of the last row of the page before, "" for the first page
 * @limit: how many rows at most
 *
 * Which rows of a list are wanted.
 */
typedef struct
{
  char *after;
  int64_t limit;
} DoorApiPage;

bool door_api_page_read (DoorRequest *request, DoorApiPage *out, GError **error);
void door_api_page_clear (DoorApiPage *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorApiPage, door_api_page_clear)

/**
 * DoorApiView:
 * @row: a row
 *
 * Returns: (transfer full): what the list shows of it
 */
typedef JsonObject *(*DoorApiView) (gconstpointer row);

/**
 * DoorApiName:
 * @row: a row
 *
 * Returns: (transfer none): by what the rows are ordered
 */
typedef const char *(*DoorApiName) (gconstpointer row);

/**
 * DoorApiList:
 * @member: what the list is called in the answer
 * @view: shows a row
 * @get_name: names a row
 *
 * One list of the API.
 */
typedef struct
{
  const char *member;
  DoorApiView view;
  DoorApiName get_name;
} DoorApiList;

DoorResponse *door_api_list_answer (const DoorApiList *self, const GPtrArray *rows, const DoorApiPage *page);
