/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-search.h"

#include <string.h>

#include "door-error.h"
#include "door-scim-message.h"

#define MAX_CURSOR_BYTES 1024

/**
 * door_scim_search_free:
 * @self: (transfer full) (nullable): what is looked for
 */
void
door_scim_search_free (DoorScimSearch *self)
{
  if (self == NULL)
    return;
  door_scim_filter_free (self->filter);
  g_free (self->cursor);
  g_clear_pointer (&self->projection, door_scim_projection_free);
  g_free (self);
}

/* A number that is too large for one is as good as the largest. */
static bool
read_number (const char *name, const char *text, int64_t fallback, int64_t *out, GError **error)
{
  const char *digits = text != NULL && (*text == '-' || *text == '+') ? text + 1 : text;

  *out = fallback;
  if (text == NULL)
    return true;
  if (*digits == '\0' || strspn (digits, "0123456789") != strlen (digits))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_VALUE,
                           "%s: an integer is expected", name);
  *out = g_ascii_strtoll (text, NULL, 10);
  return true;
}

/* RFC 7644 section 3.4.2.4: what is too small counts as the smallest; of too many there are fewer. */
static bool
read_page (const DoorScimSearchWords *words, DoorScimSearch *search, GError **error)
{
  if (!read_number ("startIndex", words->start_index, 1, &search->start_index, error) ||
      !read_number ("count", words->count, DOOR_SCIM_DEFAULT_RESULTS, &search->count, error))
    return false;
  search->count = CLAMP (search->count, 0, DOOR_SCIM_MAX_RESULTS);
  search->start_index = MAX (search->start_index, 1);
  if (words->cursor == NULL)
    return true;
  if (strlen (words->cursor) > MAX_CURSOR_BYTES)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_CURSOR, "cursor: it is too long");
  search->by_cursor = true;
  search->start_index = 0;
  search->cursor = *words->cursor != '\0' ? g_strdup (words->cursor) : NULL;
  return true;
}

/* A value that is never told would be guessed by the order of the list. */
static bool
check_sort (const DoorScimPath *path, GError **error)
{
  const DoorScimAttribute *compared = path->attribute != NULL ? door_scim_path_get_compared (path) : NULL;

  if (compared == NULL || path->attribute->returned == DOOR_SCIM_RETURNED_NEVER ||
      compared->returned == DOOR_SCIM_RETURNED_NEVER)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_PATH,
                           "sortBy: nothing is sorted by this attribute");
  return true;
}

static bool
read_order (const DoorScimResourceType *type, const DoorScimSearchWords *words, DoorScimSearch *search,
            GError **error)
{
  const char *order = words->sort_order != NULL ? words->sort_order : "ascending";

  search->descending = g_ascii_strcasecmp (order, "descending") == 0;
  if (!search->descending && g_ascii_strcasecmp (order, "ascending") != 0)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_VALUE,
                           "sortOrder: ascending or descending is expected");
  if (words->sort_by == NULL || *words->sort_by == '\0')
    return true;
  return door_scim_path_resolve (type, words->sort_by, strlen (words->sort_by), &search->sort_by, error) &&
         check_sort (&search->sort_by, error);
}

/**
 * door_scim_search_new:
 * @type: the kind of resource
 * @dialect: what is taken beside the RFCs
 * @words: the parameters
 * @error: return location for an error
 *
 * Reads what is looked for. A page has at most %DOOR_SCIM_MAX_RESULTS, and where both are given a cursor
 * counts and no index. Pure; any thread.
 *
 * Returns: (transfer full): what is looked for, or %NULL with %DOOR_ERROR_INVALID_DATA:
 * %DOOR_FAULT_SCIM_FILTER, _PATH, _VALUE or _CURSOR
 */
DoorScimSearch *
door_scim_search_new (const DoorScimResourceType *type, DoorScimDialect dialect,
                      const DoorScimSearchWords *words, GError **error)
{
  g_autoptr (DoorScimSearch) search = g_new0 (DoorScimSearch, 1);

  search->projection = door_scim_projection_parse (type, words->attributes, words->excluded);
  if (!read_page (words, search, error) || !read_order (type, words, search, error))
    return NULL;
  if (words->filter == NULL)
    return g_steal_pointer (&search);
  search->filter = door_scim_filter_parse (type, dialect, words->filter, error);
  return search->filter != NULL ? g_steal_pointer (&search) : NULL;
}

/* A list of names, with commas as in an address; %NULL where there is none. */
static bool
read_names (JsonObject *message, const char *name, char **out, GError **error)
{
  JsonNode *node = door_scim_message_find (message, name);
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  g_autoptr (GString) names = g_string_new (NULL);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return true;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      const char *text = door_scim_message_get_text (json_array_get_element (array, i));

      if (text == NULL)
        array = NULL;
      else
        g_string_append_printf (names, "%s%s", i > 0 ? "," : "", text);
    }
  if (array == NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_SYNTAX,
                           "%s: a list of texts is expected", name);
  *out = g_string_free (g_steal_pointer (&names), FALSE);
  return true;
}

static bool
read_text (JsonObject *message, const char *name, const char **out, GError **error)
{
  JsonNode *node = door_scim_message_find (message, name);

  *out = door_scim_message_get_text (node);
  return *out != NULL || node == NULL || JSON_NODE_HOLDS_NULL (node) ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_SYNTAX, "%s: a text is expected",
                         name);
}

static bool
read_integer (JsonObject *message, const char *name, char **out, GError **error)
{
  JsonNode *node = door_scim_message_find (message, name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return true;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_VALUE,
                           "%s: an integer is expected", name);
  *out = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return true;
}

/**
 * door_scim_search_parse:
 * @type: the kind of resource
 * @dialect: what is taken beside the RFCs
 * @message: a SearchRequest (RFC 7644 section 3.4.3)
 * @error: return location for an error
 *
 * The same as door_scim_search_new(), sent as a message, so that nothing of it stands in an address. Pure;
 * any thread.
 *
 * Returns: (transfer full): what is looked for, or %NULL with an error as there, or %DOOR_FAULT_SCIM_SYNTAX
 */
DoorScimSearch *
door_scim_search_parse (const DoorScimResourceType *type, DoorScimDialect dialect, JsonObject *message,
                        GError **error)
{
  g_autofree char *attributes = NULL, *excluded = NULL, *start_index = NULL, *count = NULL;
  DoorScimSearchWords words = { 0 };

  if (!door_scim_message_check (message, "SearchRequest", dialect, error) ||
      !read_names (message, "attributes", &attributes, error) ||
      !read_names (message, "excludedAttributes", &excluded, error) ||
      !read_text (message, "filter", &words.filter, error) ||
      !read_text (message, "sortBy", &words.sort_by, error) ||
      !read_text (message, "sortOrder", &words.sort_order, error) ||
      !read_text (message, "cursor", &words.cursor, error) ||
      !read_integer (message, "startIndex", &start_index, error) ||
      !read_integer (message, "count", &count, error))
    return NULL;
  words.attributes = attributes;
  words.excluded = excluded;
  words.start_index = start_index;
  words.count = count;
  return door_scim_search_new (type, dialect, &words, error);
}
