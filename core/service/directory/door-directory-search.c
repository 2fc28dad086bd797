/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-directory-search.h"

#include <string.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-provisioning.h"
#include "door-scim-message.h"

/* A cursor says behind which resource the next page begins, where the list is in the order of the store, so
 * that what comes and goes before it moves nothing; else how many were told. Who writes one by hand sees
 * nothing that the list would not show. */
#define BEHIND 'b'
#define SKIP 's'

static bool
refuse_cursor (GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_CURSOR,
                         "cursor: it was not given out for this list");
}

static bool
is_in_order_of_store (const DoorScimSearch *search)
{
  return search->sort_by.attribute == NULL && !search->descending;
}

static bool
read_number (const char *text, size_t length, int64_t *out)
{
  g_autofree char *digits = g_strndup (text, length);

  return g_ascii_string_to_signed (digits, 10, 0, G_MAXINT64, out, NULL);
}

/* "bTIME:ID" or "sNUMBER". */
static bool
read_cursor (const DoorScimSearch *search, char **id, DoorScimPlace *place, GError **error)
{
  g_autoptr (GBytes) bytes = door_base64_decode_url (search->cursor, strlen (search->cursor), 1024);
  gsize size = 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  g_autofree char *text =
      data != NULL && g_utf8_validate_len (data, size, NULL) ? g_strndup (data, size) : NULL;
  const char *colon = text != NULL ? strchr (text, ':') : NULL;
  const bool behind = is_in_order_of_store (search);

  if (text == NULL || *text != (behind ? BEHIND : SKIP) || (colon == NULL) == behind)
    return refuse_cursor (error);
  if (!behind)
    return read_number (text + 1, strlen (text + 1), &place->skip) || refuse_cursor (error);
  if (!read_number (text + 1, (size_t) (colon - text - 1), &place->created_at) || colon[1] == '\0')
    return refuse_cursor (error);
  place->id = *id = g_strdup (colon + 1);
  return true;
}

static char *
dup_cursor (const DoorScimSearch *search, const DoorScimPlace *place, GPtrArray *rows)
{
  const DoorDirectoryResource *last = g_ptr_array_index (rows, rows->len - 1);
  g_autofree char *text =
      is_in_order_of_store (search)
          ? g_strdup_printf ("%c%" G_GINT64_FORMAT ":%s", BEHIND, last->created_at, last->id)
          : g_strdup_printf ("%c%" G_GINT64_FORMAT, SKIP, place->skip + (int64_t) rows->len);

  return door_base64_encode_url ((const uint8_t *) text, strlen (text));
}

static JsonArray *
build_page (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearch *search, GPtrArray *rows,
            GError **error)
{
  g_autoptr (JsonArray) array = json_array_sized_new (rows->len);

  for (guint i = 0; i < rows->len; i++)
    {
      JsonObject *object =
          door_provisioned_build (txn, scope, g_ptr_array_index (rows, i), search->projection, error);

      if (object == NULL)
        return NULL;
      json_array_add_object_element (array, object);
    }
  return g_steal_pointer (&array);
}

/**
 * door_directory_search:
 * @txn: a transaction
 * @scope: the directory, and the kind of resource
 * @search: what is looked for
 * @error: return location for an error
 *
 * Answers a query (RFC 7644 section 3.4.2), by index or by cursor (RFC 9865 section 2). What it costs is a
 * page, and the number of those that match.
 *
 * Returns: (transfer full): the list, or %NULL with an error as door_scim_query_list(), or
 * %DOOR_FAULT_SCIM_CURSOR
 */
JsonObject *
door_directory_search (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearch *search, GError **error)
{
  DoorScimPlace place = { .skip = search->by_cursor ? 0 : search->start_index - 1, .limit = search->count };
  DoorScimList list = { .start_index = search->start_index };
  g_autofree char *id = NULL, *cursor = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autoptr (JsonArray) page = NULL;

  if ((search->cursor != NULL && !read_cursor (search, &id, &place, error)) ||
      !door_scim_query_count (txn, scope, search, &list.total, error))
    return NULL;
  if (search->count == 0)
    return door_scim_message_new_list (&list);
  place.limit++; /* whether there is another page */
  rows = door_scim_query_list (txn, scope, search, &place, error);
  if (rows == NULL)
    return NULL;
  if (rows->len == place.limit)
    {
      g_ptr_array_set_size (rows, (gint) (rows->len - 1));
      cursor = search->by_cursor ? dup_cursor (search, &place, rows) : NULL;
    }
  page = build_page (txn, scope, search, rows, error);
  list.resources = page;
  list.next_cursor = cursor;
  return page != NULL ? door_scim_message_new_list (&list) : NULL;
}
