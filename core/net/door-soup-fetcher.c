/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-soup-fetcher.h"

#include <libsoup/soup.h>

#include "door-error.h"
#include "door-host.h"
#include "door-version.h"

#define MAX_REDIRECTS 2

static bool
is_allowed (GUri *uri, bool allow_http)
{
  const char *scheme = g_uri_get_scheme (uri);
  const char *host = g_uri_get_host (uri);

  return host != NULL && *host != '\0' &&
         (g_str_equal (scheme, "https") ||
          (g_str_equal (scheme, "http") && allow_http && door_host_is_this_machine (host)));
}

/* Within one server an address may move; anywhere else a redirect could lead into a network of its choosing.
 */
static bool
is_same_server (GUri *from, GUri *to)
{
  return g_str_equal (g_uri_get_scheme (from), g_uri_get_scheme (to)) &&
         g_strcmp0 (g_uri_get_host (from), g_uri_get_host (to)) == 0 &&
         g_uri_get_port (from) == g_uri_get_port (to);
}

static GBytes *
read_bounded (GInputStream *stream, size_t max_bytes, GCancellable *cancellable, GError **error)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  uint8_t chunk[8192];

  for (;;)
    {
      gssize got = g_input_stream_read (stream, chunk, sizeof chunk, cancellable, error);

      if (got < 0)
        return NULL;
      if (got == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&all));
      if (all->len + (size_t) got > max_bytes)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "answer larger than %zu bytes",
                       max_bytes);
          return NULL;
        }
      g_byte_array_append (all, chunk, (guint) got);
    }
}

/* Where an answer sends us, NULL with an error when it may not. */
static GUri *
follow (SoupMessage *message, GError **error)
{
  GUri *from = soup_message_get_uri (message);
  const char *location =
      soup_message_headers_get_one (soup_message_get_response_headers (message), "Location");
  g_autoptr (GUri) to =
      location != NULL ? g_uri_parse_relative (from, location, SOUP_HTTP_URI_FLAGS, NULL) : NULL;

  if (to != NULL && is_same_server (from, to))
    return g_steal_pointer (&to);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
               "answered %u with an address of another server; name the final one",
               soup_message_get_status (message));
  return NULL;
}

/* One request; with *uri changed and NULL returned without error it is to be repeated there. */
static GBytes *
fetch_once (SoupSession *session, GUri **uri, size_t max_bytes, GCancellable *cancellable, GError **error)
{
  g_autoptr (SoupMessage) message = soup_message_new_from_uri ("GET", *uri);
  g_autoptr (GInputStream) stream = NULL;
  unsigned int status;
  GUri *next;

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  stream = soup_session_send (session, message, cancellable, error);
  if (stream == NULL)
    return NULL;
  status = soup_message_get_status (message);
  if (status == SOUP_STATUS_OK)
    return read_bounded (stream, max_bytes, cancellable, error);
  if (!SOUP_STATUS_IS_REDIRECTION (status))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "answered %u", status);
      return NULL;
    }
  next = follow (message, error);
  if (next != NULL)
    {
      g_uri_unref (*uri);
      *uri = next;
    }
  return NULL;
}

/**
 * door_soup_fetch:
 * @request: what to fetch and how much of it
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Fetches a document over HTTPS, following at most two redirects within the same server. Blocking; call it
 * from a thread that may wait.
 *
 * Returns: (transfer full): the body of a 200 answer, or %NULL with %DOOR_ERROR_UNAVAILABLE, or
 *   %DOOR_ERROR_CONFIG for an address that is not allowed
 */
GBytes *
door_soup_fetch (const DoorFetchRequest *request, GCancellable *cancellable, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (request->url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (SoupSession) session = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) local = NULL;

  if (uri == NULL || !is_allowed (uri, request->allow_http))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_NONE, "%s: not an https address", request->url);
      return NULL;
    }
  session = soup_session_new_with_options ("timeout", request->timeout_s, "user-agent",
                                           "doorward/" DOOR_VERSION, NULL);
  for (int hops = 0; body == NULL && local == NULL && hops <= MAX_REDIRECTS; hops++)
    body = fetch_once (session, &uri, request->max_bytes, cancellable, &local);
  if (body == NULL)
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "%s: %s", request->url,
                    local != NULL ? local->message : "too many redirects");
  return g_steal_pointer (&body);
}
