/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-headers.h"

#include <stdbool.h>
#include <string.h>

#include "door-error.h"

typedef struct
{
  char *name;  /* GRefString */
  char *value; /* GRefString */
} Header;

struct _DoorHeaders
{
  GArray *list; /* Header */
};

/* Fields of which a second line is a contradiction: whoever reads the first and whoever reads the last
 * would see different requests (RFC 9110, 5.3). */
static const char *const single_valued[] = {
  "authorization",
  "client-cert",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "idempotency-key",
  "if-modified-since",
  "if-unmodified-since",
  "mdm-signature",
  "origin",
  "range",
  "referer",
  "transfer-encoding",
  "user-agent",
  "x-apple-aspen-deviceinfo",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-request-id",
};

static void
header_clear (gpointer item)
{
  Header *header = item;

  g_ref_string_release (header->name);
  g_ref_string_release (header->value);
}

static void
headers_clear (gpointer box)
{
  DoorHeaders *self = box;

  g_array_unref (self->list);
}

static DoorHeaders *
headers_alloc (size_t reserve)
{
  DoorHeaders *self = g_atomic_rc_box_new0 (DoorHeaders);

  self->list = g_array_sized_new (FALSE, FALSE, sizeof (Header), (guint) reserve);
  g_array_set_clear_func (self->list, header_clear);
  return self;
}

static Header *
find (DoorHeaders *self, const char *name)
{
  for (guint i = 0; i < self->list->len; i++)
    {
      Header *header = &g_array_index (self->list, Header, i);

      if (g_ascii_strcasecmp (header->name, name) == 0)
        return header;
    }
  return NULL;
}

static bool
is_token (const char *text)
{
  if (*text == '\0')
    return false;
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isalnum (*c) && strchr ("!#$%&'*+-.^_`|~", *c) == NULL)
      return false;
  return true;
}

static bool
has_control (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_iscntrl (*c) && *c != '\t')
      return true;
  return false;
}

static bool
is_single_valued (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (single_valued); i++)
    if (g_ascii_strcasecmp (single_valued[i], name) == 0)
      return true;
  return false;
}

static gboolean
add (DoorHeaders *self, const char *name, const char *value, GError **error)
{
  Header *same = find (self, name);
  Header header;
  g_autofree char *joined = NULL;

  if (same == NULL)
    {
      header.name = g_ref_string_new (name);
      header.value = g_ref_string_new (value);
      g_array_append_val (self->list, header);
      return TRUE;
    }
  if (is_single_valued (name))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "header %s stands twice",
                      name);
      return FALSE;
    }
  joined = g_strconcat (same->value, g_ascii_strcasecmp (name, "cookie") == 0 ? "; " : ", ", value, NULL);
  g_ref_string_release (same->value);
  same->value = g_ref_string_new (joined);
  return TRUE;
}

/**
 * door_headers_new:
 * @pairs: (nullable) (array zero-terminated=1): name, value, name, value …, %NULL
 * @error: return location for an error
 *
 * Collects the header fields of one request (RFC 9110, 5): names must be tokens, values free of control
 * characters, together at most %DOOR_HEADERS_MAX_COUNT fields and %DOOR_HEADERS_MAX_BYTES bytes. A field
 * that has one value by definition may stand once; others are joined as RFC 9110, 5.3 allows. Never blocks.
 *
 * Returns: (transfer full): the fields, or %NULL with %DOOR_ERROR_INVALID_DATA; the fault is
 *   %DOOR_FAULT_HTTP_TOOLARGE when they are too many or too long
 */
DoorHeaders *
door_headers_new (const char *const *pairs, GError **error)
{
  g_autoptr (DoorHeaders) self = headers_alloc (16);
  size_t bytes = 0, count = 0;

  for (; pairs != NULL && pairs[0] != NULL; pairs += 2)
    {
      bytes += strlen (pairs[0]) + strlen (pairs[1]) + strlen (": \r\n");
      if (++count > DOOR_HEADERS_MAX_COUNT || bytes > DOOR_HEADERS_MAX_BYTES)
        {
          door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_TOOLARGE,
                          "more than %d header fields or %d bytes of them", DOOR_HEADERS_MAX_COUNT,
                          DOOR_HEADERS_MAX_BYTES);
          return NULL;
        }
      if (!is_token (pairs[0]) || has_control (pairs[1]))
        {
          door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                          "a header field has a forbidden character");
          return NULL;
        }
      if (!add (self, pairs[0], pairs[1], error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * door_headers_new_without:
 * @self: header fields
 * @names: (array zero-terminated=1): names to leave out, letter case does not matter; an empty one is
 *   skipped
 *
 * Returns: (transfer full): the other fields
 */
DoorHeaders *
door_headers_new_without (DoorHeaders *self, const char *const *names)
{
  DoorHeaders *rest = headers_alloc (self->list->len);

  for (guint i = 0; i < self->list->len; i++)
    {
      Header *header = &g_array_index (self->list, Header, i);
      bool drop = false;

      for (size_t n = 0; names[n] != NULL && !drop; n++)
        drop = g_ascii_strcasecmp (names[n], header->name) == 0;
      if (!drop)
        {
          Header copy = { g_ref_string_acquire (header->name), g_ref_string_acquire (header->value) };

          g_array_append_val (rest->list, copy);
        }
    }
  return rest;
}

/**
 * door_headers_ref:
 * @self: header fields
 *
 * Returns: (transfer full): @self
 */
DoorHeaders *
door_headers_ref (DoorHeaders *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_headers_unref:
 * @self: (transfer full): header fields
 */
void
door_headers_unref (DoorHeaders *self)
{
  g_atomic_rc_box_release_full (self, headers_clear);
}

/**
 * door_headers_lookup:
 * @self: header fields
 * @name: a name, letter case does not matter
 *
 * Returns: (transfer none) (nullable): the value, %NULL when there is no such field
 */
const char *
door_headers_lookup (DoorHeaders *self, const char *name)
{
  const Header *header = find (self, name);

  return header == NULL ? NULL : header->value;
}

/**
 * door_headers_get_count:
 * @self: header fields
 *
 * Returns: how many different names there are
 */
size_t
door_headers_get_count (DoorHeaders *self)
{
  return self->list->len;
}

/**
 * door_headers_get_name:
 * @self: header fields
 * @i: which one, below the count
 *
 * Returns: (transfer none): its name as received
 */
const char *
door_headers_get_name (DoorHeaders *self, size_t i)
{
  return g_array_index (self->list, Header, i).name;
}

/**
 * door_headers_get_value:
 * @self: header fields
 * @i: which one, below the count
 *
 * Returns: (transfer none): its value
 */
const char *
door_headers_get_value (DoorHeaders *self, size_t i)
{
  return g_array_index (self->list, Header, i).value;
}
