/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-soup-fetcher.h"

#include <libsoup/soup.h>

#include "door-error.h"
#include "door-version.h"

static bool
is_this_machine (const char *host)
{
  return g_str_equal (host, "localhost") || g_str_has_suffix (host, ".localhost") ||
         g_str_equal (host, "127.0.0.1") || g_str_equal (host, "::1");
}

static SoupMessage *
make_message (const DoorFetchRequest *request, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (request->url, SOUP_HTTP_URI_FLAGS, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : "";
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  SoupMessage *message;

  if (host == NULL || !(g_str_equal (scheme, "https") ||
                        (g_str_equal (scheme, "http") && request->allow_http && is_this_machine (host))))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_IDP_METADATA, "%s: not an https address",
                      request->url);
      return NULL;
    }
  message = soup_message_new_from_uri ("GET", uri);
  /* a redirect may lead anywhere: the administrator names the final address */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  return message;
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

/**
 * door_soup_fetch:
 * @request: what to fetch and how much of it
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Fetches a document over HTTPS, following no redirect. Blocking; call it from a thread that may wait.
 *
 * Returns: (transfer full): the body of a 200 answer, or %NULL with %DOOR_ERROR_UNAVAILABLE
 */
GBytes *
door_soup_fetch (const DoorFetchRequest *request, GCancellable *cancellable, GError **error)
{
  g_autoptr (SoupMessage) message = make_message (request, error);
  g_autoptr (SoupSession) session = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) local = NULL;

  if (message == NULL)
    return NULL;
  session = soup_session_new_with_options ("timeout", request->timeout_s, "user-agent",
                                           "doorward/" DOOR_VERSION, NULL);
  stream = soup_session_send (session, message, cancellable, &local);
  if (stream != NULL && soup_message_get_status (message) != SOUP_STATUS_OK)
    g_set_error (&local, G_IO_ERROR, G_IO_ERROR_FAILED, "answered %u", soup_message_get_status (message));
  else if (stream != NULL)
    body = read_bounded (stream, request->max_bytes, cancellable, &local);
  if (body == NULL)
    {
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA, "%s: %s", request->url,
                      local->message);
      return NULL;
    }
  return g_steal_pointer (&body);
}
