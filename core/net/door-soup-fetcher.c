/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-soup-fetcher.h"

#include <libsoup/soup.h>

#include "door-checked-host.h"
#include "door-deadline.h"
#include "door-error.h"
#include "door-host.h"
#include "door-version.h"

#define MAX_REDIRECTS 3

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

/* Asked when none of the authorities of the system vouches for the server: dates and names are judged again.
 */
static gboolean
accept_certificate_cb (SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags flags,
                       gpointer data)
{
  const char *host = g_uri_get_host (soup_message_get_uri (message));
  g_autoptr (GSocketConnectable) identity = g_network_address_new (host, 443);

  return g_tls_certificate_verify (certificate, identity, data) == 0;
}

static bool
add_trust (SoupMessage *message, const char *trust, GError **error)
{
  GTlsCertificate *authority;

  if (trust == NULL)
    return true;
  authority = g_tls_certificate_new_from_pem (trust, -1, error);
  if (authority == NULL)
    return false;
  g_signal_connect_data (message, "accept-certificate", G_CALLBACK (accept_certificate_cb), authority,
                         (GClosureNotify) (void (*) (void)) g_object_unref, G_CONNECT_DEFAULT);
  return true;
}

static SoupMessage *
make_message (const DoorFetchRequest *request, GUri *uri)
{
  SoupMessage *message =
      soup_message_new_from_uri (request->method != NULL ? request->method : SOUP_METHOD_GET, uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  for (size_t i = 0; request->headers != NULL && request->headers[i] != NULL; i += 2)
    soup_message_headers_append (headers, request->headers[i], request->headers[i + 1]);
  if (request->body != NULL)
    soup_message_set_request_body_from_bytes (message, request->content_type, request->body);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  return message;
}

static int64_t
get_max_age_s (SoupMessageHeaders *headers)
{
  const char *list = soup_message_headers_get_list (headers, "Cache-Control");
  g_autoptr (GHashTable) params = list != NULL ? soup_header_parse_param_list (list) : NULL;
  const char *max_age = params != NULL ? g_hash_table_lookup (params, "max-age") : NULL;
  guint64 seconds;

  if (params != NULL &&
      (g_hash_table_contains (params, "no-store") || g_hash_table_contains (params, "no-cache")))
    return 0;
  return max_age != NULL && g_ascii_string_to_unsigned (max_age, 10, 0, G_MAXINT32, &seconds, NULL)
             ? (int64_t) seconds
             : -1;
}

static int64_t
get_date_ms (SoupMessageHeaders *headers)
{
  const char *text = soup_message_headers_get_one (headers, "Date");
  g_autoptr (GDateTime) date = text != NULL ? soup_date_time_new_from_http_string (text) : NULL;

  return date != NULL ? g_date_time_to_unix (date) * 1000 : 0;
}

/* In seconds only; a date is taken for nothing. */
static int64_t
get_retry_after_s (SoupMessageHeaders *headers)
{
  const char *text = soup_message_headers_get_one (headers, "Retry-After");
  guint64 seconds = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT32, &seconds, NULL)
             ? (int64_t) seconds
             : 0;
}

/* A POST is never repeated at another address: what it carries was meant for this one. */
static bool
is_moved (const DoorFetchRequest *request, unsigned int status)
{
  return request->body == NULL && !request->take_redirect && SOUP_STATUS_IS_REDIRECTION (status) &&
         status != SOUP_STATUS_NOT_MODIFIED;
}

/* One request; with *uri changed and no body in the answer it is to be repeated there. */
static bool
fetch_once (SoupSession *session, GUri **uri, const DoorFetchRequest *request, DoorFetchAnswer *answer,
            GCancellable *cancellable, GError **error)
{
  g_autoptr (SoupMessage) message = make_message (request, *uri);
  g_autoptr (GInputStream) stream = add_trust (message, request->trust, error)
                                        ? soup_session_send (session, message, cancellable, error)
                                        : NULL;
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *type;

  if (stream == NULL)
    return false;
  answer->status = soup_message_get_status (message);
  if (is_moved (request, answer->status))
    {
      GUri *next = follow (message, error);

      if (next == NULL)
        return false;
      g_uri_unref (*uri);
      *uri = next;
      return true;
    }
  type = soup_message_headers_get_content_type (headers, NULL);
  answer->max_age_s = get_max_age_s (headers);
  answer->retry_after_s = get_retry_after_s (headers);
  answer->date_ms = get_date_ms (headers);
  if (request->take_header != NULL)
    answer->header = g_strdup (soup_message_headers_get_one (headers, request->take_header));
  answer->body = read_bounded (stream, request->max_bytes, cancellable, error);
  if (answer->body != NULL)
    answer->content_type = g_strdup (type);
  return answer->body != NULL;
}

/* No proxy: it would resolve the name for itself, and what the environment of the service says about
 * proxies is not meant for this. No address but those of @host is ever connected to. */
static SoupSession *
make_session (const DoorFetchRequest *request, DoorCheckedHost *host)
{
  return soup_session_new_with_options ("timeout", request->timeout_s, "user-agent", "doorward/" DOOR_VERSION,
                                        "proxy-resolver", NULL, "remote-connectable", host, NULL);
}

static bool
fetch_all (const DoorFetchRequest *request, GUri **uri, DoorFetchAnswer *got, GCancellable *cancellable,
           GError **error)
{
  DoorAddressScope least = request->allow_private ? DOOR_ADDRESS_LOOPBACK : DOOR_ADDRESS_PUBLIC;
  g_autoptr (DoorCheckedHost) host = door_checked_host_new (*uri, least, cancellable, error);
  g_autoptr (SoupSession) session = host != NULL ? make_session (request, host) : NULL;

  for (int hops = 0; session != NULL && hops <= MAX_REDIRECTS; hops++)
    if (!fetch_once (session, uri, request, got, cancellable, error))
      return false;
    else if (got->body != NULL)
      return true;
  if (session != NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "too many redirects");
  return false;
}

static bool
set_failure (GError **error, const DoorFetchRequest *request, DoorDeadline *deadline, const GError *failure)
{
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_NONE, "%s: %s", request->url,
                           failure->message);
  if (door_deadline_has_passed (deadline))
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "%s: not done within %u s",
                           request->url, request->timeout_s);
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "%s: %s", request->url,
                         failure->message);
}

/**
 * door_soup_fetch:
 * @request: what to ask
 * @answer: (out caller-allocates): the answer, whatever its status; clear it
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Asks another server over HTTPS, following at most three redirects within the same server, and none for a
 * request with a body. The name is resolved once; each of its addresses must be public unless the request
 * says otherwise, and only those are connected to. No proxy is used. Blocking; call it from a thread that may
 * wait.
 *
 * Returns: false with %DOOR_ERROR_UNAVAILABLE, or %DOOR_ERROR_CONFIG for an address that is not allowed
 */
bool
door_soup_fetch (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (request->url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (DoorDeadline) deadline = NULL;
  g_auto (DoorFetchAnswer) got = { 0 };
  g_autoptr (GError) local = NULL;

  if (uri == NULL || !is_allowed (uri, request->allow_http))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_NONE, "%s: not an https address",
                           request->url);
  deadline = door_deadline_new (request->timeout_s, cancellable);
  if (!fetch_all (request, &uri, &got, door_deadline_get_cancellable (deadline), &local))
    return set_failure (error, request, deadline, local);
  *answer = got;
  got = (DoorFetchAnswer){ 0 };
  return true;
}
