/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-api-list.h"

#include "door-api-answer.h"
#include "door-error.h"
#include "door-json-member.h"

#define USUAL_LIMIT 100
#define MAX_LIMIT 500

/**
 * door_api_page_read:
 * @request: a request, with the optional parameters after and limit
 * @out: (out caller-allocates): the page; clear it
 * @error: return location for an error
 *
 * Reads which page of a list is wanted.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_api_page_read (DoorRequest *request, DoorApiPage *out, GError **error)
{
  g_autofree char *after = NULL, *text = NULL;
  guint64 limit = USUAL_LIMIT;

  if (!door_request_lookup_query (request, "after", &after, error) ||
      !door_request_lookup_query (request, "limit", &text, error))
    return false;
  if (text != NULL && !g_ascii_string_to_unsigned (text, 10, 1, MAX_LIMIT, &limit, NULL)) /* said here */
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "limit must be a number from 1 to %d", MAX_LIMIT);
  out->after = after != NULL ? g_steal_pointer (&after) : g_strdup ("");
  out->limit = (int64_t) limit;
  return true;
}

/**
 * door_api_page_clear:
 * @self: a page
 */
void
door_api_page_clear (DoorApiPage *self)
{
  g_clear_pointer (&self->after, g_free);
}

/**
 * door_api_list_answer:
 * @self: a list
 * @rows: its rows, as many as @page wants or fewer
 * @page: (nullable): which page they are; %NULL: they are all there is
 *
 * Answers with rows of a list; next is what to give as after for the page behind, null on the last.
 *
 * Returns: (transfer full): the answer
 */
DoorResponse *
door_api_list_answer (const DoorApiList *self, const GPtrArray *rows, const DoorApiPage *page)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();
  bool more = page != NULL && rows->len == page->limit;

  for (guint i = 0; i < rows->len; i++)
    json_array_add_object_element (array, self->view (g_ptr_array_index (rows, i)));
  json_object_set_array_member (object, self->member, array);
  door_json_member_set_text (object, "next",
                             more ? self->get_name (g_ptr_array_index (rows, rows->len - 1)) : NULL);
  return door_api_answer_new (200, object);
}
