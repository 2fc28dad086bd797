/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-request.h"

#include <stdatomic.h>
#include <string.h>

#include "door-cookie.h"
#include "door-error.h"
#include "door-percent.h"

#define MAX_QUERY_FIELDS 64

struct _DoorRequest
{
  char *method;
  char *path;
  char *query;
  DoorHeaders *headers;
  char **params; /* name, value, … */
  GBytes *body;
  char *peer;
  char *scheme;
  char *host;
  GBytes *client_certificate;
  char *id;
  GCancellable *cancellable;
  atomic_bool is_abandoned;
  bool asks_to_wait;
  bool is_waiting;
};

static gboolean
fail (GError **error, const char *reason)
{
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "%s", reason);
  return FALSE;
}

static void
request_clear (gpointer box)
{
  DoorRequest *self = box;

  g_free (self->method);
  g_free (self->path);
  g_free (self->query);
  g_clear_pointer (&self->headers, door_headers_unref);
  g_strfreev (self->params);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self->peer);
  g_free (self->scheme);
  g_free (self->host);
  g_clear_pointer (&self->client_certificate, g_bytes_unref);
  g_free (self->id);
  g_clear_object (&self->cancellable);
}

/* one byte of the path; a slash, backslash or control character behind an escape would mean one thing to a
 * proxy and another to us */
static int
decode_byte (const char **at, const char *end)
{
  bool escaped = **at == '%';
  int byte = door_percent_take_byte (at, end);

  if (byte < ' ' || byte == 0x7f || byte == '\\' || (escaped && byte == '/'))
    return -1;
  return byte;
}

static bool
has_dot_segment (const char *path)
{
  g_auto (GStrv) segments = g_strsplit (path, "/", -1);

  return g_strv_contains ((const char *const *) segments, ".") ||
         g_strv_contains ((const char *const *) segments, "..");
}

static char *
decode_path (const char *at, const char *end, GError **error)
{
  g_autofree char *path = g_malloc ((size_t) (end - at) + 1);
  size_t n = 0;

  while (at < end)
    {
      int byte = decode_byte (&at, end);

      if (byte < 0)
        {
          fail (error, "the path has a malformed escape or a forbidden character");
          return NULL;
        }
      path[n++] = (char) byte;
    }
  path[n] = '\0';
  if (path[0] != '/' || !g_utf8_validate (path, (gssize) n, NULL) || has_dot_segment (path))
    {
      fail (error, "the path is not absolute, not UTF-8 or has a dot segment");
      return NULL;
    }
  return g_steal_pointer (&path);
}

static bool
is_method (const char *method)
{
  size_t length = strlen (method);

  return length > 0 && length <= 16 && strspn (method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == length;
}

/**
 * door_request_new:
 * @parts: what it is made of
 * @error: return location for an error
 *
 * Makes a request. The path is percent-decoded once and refused with NUL, control characters, an escaped
 * slash or backslash, a dot segment, or when it is not UTF-8. Once another thread sees it, a request never
 * changes. Never blocks.
 *
 * Returns: (transfer full): the request, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorRequest *
door_request_new (const DoorRequestParts *parts, GError **error)
{
  g_autoptr (DoorRequest) self = g_atomic_rc_box_new0 (DoorRequest);
  size_t length = strcspn (parts->target, "?#");

  if (!is_method (parts->method))
    {
      fail (error, "the method is malformed");
      return NULL;
    }
  if (strchr (parts->target, '#') != NULL)
    {
      fail (error, "the target has a fragment");
      return NULL;
    }
  self->path = decode_path (parts->target, parts->target + length, error);
  if (self->path == NULL)
    return NULL;
  self->method = g_strdup (parts->method);
  if (parts->target[length] == '?')
    self->query = g_strdup (parts->target + length + 1);
  self->headers = parts->headers == NULL ? door_headers_new (NULL, NULL) : door_headers_ref (parts->headers);
  self->peer = g_strdup (parts->peer == NULL ? "local" : parts->peer);
  self->scheme = g_strdup (parts->scheme == NULL ? "https" : parts->scheme);
  self->host = g_strdup (parts->host == NULL ? "localhost" : parts->host);
  self->client_certificate =
      parts->client_certificate == NULL ? NULL : g_bytes_ref (parts->client_certificate);
  self->id = g_strdup (parts->id == NULL ? "-" : parts->id);
  self->cancellable = parts->cancellable == NULL ? NULL : g_object_ref (parts->cancellable);
  door_request_complete (self, parts->params, parts->body);
  return g_steal_pointer (&self);
}

/**
 * door_request_complete:
 * @self: a request that no other thread has seen yet
 * @params: (nullable) (array zero-terminated=1): variables of the path: name, value, …
 * @body: (nullable): the body
 *
 * Adds what is known only after routing and reading. For the engine, which must judge the head of a
 * request before its body is there.
 */
void
door_request_complete (DoorRequest *self, const char *const *params, GBytes *body)
{
  g_clear_pointer (&self->params, g_strfreev);
  g_clear_pointer (&self->body, g_bytes_unref);
  self->params = g_strdupv ((char **) params);
  self->body = body == NULL ? g_bytes_new_static ("", 0) : g_bytes_ref (body);
}

/**
 * door_request_ref:
 * @self: a request
 *
 * Returns: (transfer full): @self
 */
DoorRequest *
door_request_ref (DoorRequest *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_request_unref:
 * @self: (transfer full): a request
 */
void
door_request_unref (DoorRequest *self)
{
  g_atomic_rc_box_release_full (self, request_clear);
}

/**
 * door_request_get_method:
 * @self: a request
 *
 * Returns: (transfer none): its method as received, so "HEAD" on a route for GET
 */
const char *
door_request_get_method (DoorRequest *self)
{
  return self->method;
}

/**
 * door_request_get_path:
 * @self: a request
 *
 * Returns: (transfer none): its path, percent-decoded, UTF-8
 */
const char *
door_request_get_path (DoorRequest *self)
{
  return self->path;
}

/**
 * door_request_get_path_param:
 * @self: a request
 * @name: name of a variable in the route's pattern
 *
 * Returns: (transfer none) (nullable): the segment of the path that stands for it, never empty; %NULL when
 *   the pattern has no such variable
 */
const char *
door_request_get_path_param (DoorRequest *self, const char *name)
{
  for (char **pair = self->params; pair != NULL && *pair != NULL; pair += 2)
    if (strcmp (pair[0], name) == 0)
      return pair[1];
  return NULL;
}

/**
 * door_request_get_query:
 * @self: a request
 *
 * Gets the query, still encoded, as the HTTP library hands it on: it writes the escapes with capitals and
 * characters that need none as themselves (RFC 3986, 6.2.2). Who holds it against a signature must know.
 *
 * Returns: (transfer none) (nullable): its query, %NULL when it has none
 */
const char *
door_request_get_query (DoorRequest *self)
{
  return self->query;
}

/**
 * door_request_parse_query:
 * @self: a request
 * @error: return location for an error
 *
 * Decodes the query as strictly as door_form_parse() does.
 *
 * Returns: (transfer full): its fields, none when there is no query; or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorForm *
door_request_parse_query (DoorRequest *self, GError **error)
{
  const char *query = self->query == NULL ? "" : self->query;

  return door_form_parse (query, strlen (query), MAX_QUERY_FIELDS, error);
}

/**
 * door_request_lookup_query:
 * @self: a request
 * @name: name of a parameter that may stand once
 * @value: (out) (transfer full) (nullable): its decoded value, %NULL when it is not there
 * @error: return location for an error
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA when the query is malformed or names it twice
 */
gboolean
door_request_lookup_query (DoorRequest *self, const char *name, char **value, GError **error)
{
  g_autoptr (DoorForm) form = door_request_parse_query (self, error);
  const char *found = NULL;

  if (form == NULL || !door_form_lookup (form, name, &found, error))
    return FALSE;
  *value = g_strdup (found);
  return TRUE;
}

/**
 * door_request_has_content_type:
 * @self: a request
 * @media_type: "text/xml"; letter case does not matter
 *
 * Returns: whether the body claims to be of that type, whatever parameters follow it
 */
bool
door_request_has_content_type (DoorRequest *self, const char *media_type)
{
  const char *type = door_headers_lookup (self->headers, "Content-Type");
  size_t length = strlen (media_type);

  if (type == NULL || g_ascii_strncasecmp (type, media_type, length) != 0)
    return false;
  type += length;
  type += strspn (type, " \t");
  return *type == '\0' || *type == ';';
}

/**
 * door_request_parse_form:
 * @self: a request
 * @max_fields: most fields accepted
 * @error: return location for an error
 *
 * Decodes the body of a form.
 *
 * Returns: (transfer full): its fields, or %NULL with %DOOR_ERROR_INVALID_DATA; the fault is
 *   %DOOR_FAULT_HTTP_MEDIATYPE when the body does not claim to be a form
 */
DoorForm *
door_request_parse_form (DoorRequest *self, size_t max_fields, GError **error)
{
  size_t length;
  const char *text = g_bytes_get_data (self->body, &length);

  if (!door_request_has_content_type (self, "application/x-www-form-urlencoded"))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_MEDIATYPE, "the body is not a form");
      return NULL;
    }
  return door_form_parse (length == 0 ? "" : text, length, max_fields, error);
}

/**
 * door_request_get_header:
 * @self: a request
 * @name: a name, letter case does not matter
 *
 * Headers that only a proxy may set are never among them.
 *
 * Returns: (transfer none) (nullable): the value, %NULL when there is no such header
 */
const char *
door_request_get_header (DoorRequest *self, const char *name)
{
  return door_headers_lookup (self->headers, name);
}

/**
 * door_request_lookup_cookie:
 * @self: a request
 * @name: name of a cookie
 * @value: (out) (transfer full) (nullable): its value, %NULL when it was not sent
 * @error: return location for an error
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA when it stands twice or is malformed
 */
gboolean
door_request_lookup_cookie (DoorRequest *self, const char *name, char **value, GError **error)
{
  return door_cookie_lookup (door_headers_lookup (self->headers, "Cookie"), name, value, error);
}

/**
 * door_request_get_body:
 * @self: a request
 *
 * Returns: (transfer none): its body, empty when there is none
 */
GBytes *
door_request_get_body (DoorRequest *self)
{
  return self->body;
}

/**
 * door_request_get_peer:
 * @self: a request
 *
 * Returns: (transfer none): address of the client as far as we believe it, "local" when unknown
 */
const char *
door_request_get_peer (DoorRequest *self)
{
  return self->peer;
}

/**
 * door_request_get_scheme:
 * @self: a request
 *
 * Returns: (transfer none): "http" or "https", as the client spoke it
 */
const char *
door_request_get_scheme (DoorRequest *self)
{
  return self->scheme;
}

/**
 * door_request_get_host:
 * @self: a request
 *
 * Returns: (transfer none): the host asked for, lower case, with the port if one was named
 */
const char *
door_request_get_host (DoorRequest *self)
{
  return self->host;
}

/**
 * door_request_get_client_certificate:
 * @self: a request
 *
 * Returns: (transfer none) (nullable): DER of the client certificate a trusted proxy passed on; nobody has
 *   verified it
 */
GBytes *
door_request_get_client_certificate (DoorRequest *self)
{
  return self->client_certificate;
}

/**
 * door_request_get_id:
 * @self: a request
 *
 * Returns: (transfer none): its id, which is also in the answer's X-Request-Id
 */
const char *
door_request_get_id (DoorRequest *self)
{
  return self->id;
}

/**
 * door_request_get_cancellable:
 * @self: a request
 *
 * Returns: (transfer none) (nullable): cancelled when the client has gone or the time for an answer is over
 */
GCancellable *
door_request_get_cancellable (DoorRequest *self)
{
  return self->cancellable;
}

/**
 * door_request_abandon:
 * @self: a request
 *
 * The client has left: whatever waits on its behalf is told to stop. Does not block; any thread.
 */
void
door_request_abandon (DoorRequest *self)
{
  atomic_store (&self->is_abandoned, true);
  g_cancellable_cancel (self->cancellable);
}

/**
 * door_request_is_abandoned:
 * @self: a request
 *
 * Returns: whether nobody will see the answer
 */
bool
door_request_is_abandoned (DoorRequest *self)
{
  return atomic_load (&self->is_abandoned);
}

/**
 * door_request_ask_to_wait:
 * @self: a request whose handler runs
 *
 * What a handler returns when it finds that it must wait for the network, in a thread that may not, and has
 * changed nothing yet: it runs once more in %DOOR_POOL_WAITING.
 *
 * Returns: (transfer full): an answer that nobody gets
 */
DoorResponse *
door_request_ask_to_wait (DoorRequest *self)
{
  self->asks_to_wait = true;
  return door_response_new (503);
}

/**
 * door_request_take_wish_to_wait:
 * @self: a request whose handler has run
 *
 * Lets it run in a thread that may wait, if its handler has asked for that. Whoever has it now gives it to
 * such a thread.
 *
 * Returns: whether it has, for the first time
 */
bool
door_request_take_wish_to_wait (DoorRequest *self)
{
  bool first = self->asks_to_wait && !self->is_waiting;

  self->asks_to_wait = false;
  self->is_waiting = self->is_waiting || first;
  return first;
}

/**
 * door_request_is_waiting:
 * @self: a request
 *
 * Returns: whether its handler runs a second time, in a thread that may wait
 */
bool
door_request_is_waiting (const DoorRequest *self)
{
  return self->is_waiting;
}
