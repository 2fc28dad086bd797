/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-http.h"

#include "sim-error.h"

#define MAX_BODY_BYTES (4 * 1024 * 1024)

struct _SimHttp
{
  SoupSession *session;
  char **extra_headers;
  bool has_anchors;
  int timeout_s;
  int repeats;
  GHashTable *servers; /* origins of the server under test */
};

/* What an asynchronous call left behind while the loop turned. */
typedef struct
{
  GAsyncResult *result;
  GCancellable *cancellable;
  bool timed_out;
} Wait;

/**
 * sim_request_new:
 * @method: the HTTP method
 * @uri: where to
 *
 * Returns: (transfer full): a request without headers and body
 */
SimRequest *
sim_request_new (const char *method, GUri *uri)
{
  SimRequest *self = g_new0 (SimRequest, 1);

  self->method = g_strdup (method);
  self->uri = g_uri_ref (uri);
  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  return self;
}

/**
 * sim_request_set_header:
 * @self: a request
 * @name: header name
 * @value: (nullable): its value; %NULL changes nothing
 *
 * Sets one header, replacing an earlier one of this name.
 */
void
sim_request_set_header (SimRequest *self, const char *name, const char *value)
{
  if (value != NULL)
    soup_message_headers_replace (self->headers, name, value);
}

/**
 * sim_request_take_body:
 * @self: a request without a body
 * @content_type: media type
 * @body: (transfer full): the bytes
 *
 * Gives the request its body.
 */
void
sim_request_take_body (SimRequest *self, const char *content_type, GBytes *body)
{
  self->content_type = g_strdup (content_type);
  self->body = body;
}

/**
 * sim_request_free:
 * @self: (transfer full): a request
 */
void
sim_request_free (SimRequest *self)
{
  g_free (self->method);
  g_uri_unref (self->uri);
  soup_message_headers_unref (self->headers);
  g_free (self->content_type);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self);
}

/**
 * sim_reply_get_header:
 * @self: an answer
 * @name: header name
 *
 * Returns: (transfer none) (nullable): the last value of this header
 */
const char *
sim_reply_get_header (const SimReply *self, const char *name)
{
  return soup_message_headers_get_one (self->headers, name);
}

/**
 * sim_reply_has_type:
 * @self: an answer
 * @content_type: media type without parameters
 *
 * Returns: whether the body says it is of that type
 */
bool
sim_reply_has_type (const SimReply *self, const char *content_type)
{
  const char *found = soup_message_headers_get_content_type (self->headers, NULL);

  return found != NULL && g_ascii_strcasecmp (found, content_type) == 0;
}

/**
 * sim_reply_dup:
 * @self: an answer
 *
 * Returns: (transfer full): the same, without those before it
 */
SimReply *
sim_reply_dup (const SimReply *self)
{
  SimReply *copy = g_new0 (SimReply, 1);

  copy->uri = g_uri_ref (self->uri);
  copy->status = self->status;
  copy->headers = soup_message_headers_ref (self->headers);
  copy->body = g_bytes_ref (self->body);
  copy->earlier = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_reply_free);
  return copy;
}

/**
 * sim_reply_free:
 * @self: (transfer full): an answer
 */
void
sim_reply_free (SimReply *self)
{
  g_uri_unref (self->uri);
  soup_message_headers_unref (self->headers);
  g_bytes_unref (self->body);
  g_ptr_array_unref (self->earlier);
  g_free (self);
}

static gboolean
check_header (const char *header, GError **error)
{
  const char *colon = strchr (header, ':');

  if (colon != NULL && colon != header && strpbrk (header, "\r\n") == NULL)
    return TRUE;
  g_set_error (error, SIM_ERROR, SIM_ERROR_USAGE, "“%s” is not a header of the form 'Name: value'", header);
  return FALSE;
}

/**
 * sim_http_new:
 * @ca_file: (nullable): PEM file with the only TLS anchors to accept; %NULL: those of the system
 * @extra_headers: (nullable): lines `Name: value` for each request to the server under test
 * @timeout_s: how long one request may take
 * @error: return location for an error
 *
 * A client that follows no redirect, keeps no cookie and uses no proxy: those are the caller's business.
 *
 * Returns: (transfer full): the client, or %NULL with %SIM_ERROR_USAGE
 */
SimHttp *
sim_http_new (const char *ca_file, const char *const *extra_headers, int timeout_s, GError **error)
{
  g_autoptr (GTlsDatabase) anchors = NULL;
  SimHttp *self = NULL;

  for (size_t i = 0; extra_headers != NULL && extra_headers[i] != NULL; i++)
    if (!check_header (extra_headers[i], error))
      return NULL;
  if (ca_file != NULL)
    {
      g_autofree char *path = g_canonicalize_filename (ca_file, NULL);
      g_autoptr (GError) local = NULL;

      anchors = g_tls_file_database_new (path, &local);
      if (anchors == NULL)
        {
          g_set_error (error, SIM_ERROR, SIM_ERROR_USAGE, "%s: %s", ca_file, local->message);
          return NULL;
        }
    }
  self = g_new0 (SimHttp, 1);
  self->session = soup_session_new ();
  soup_session_set_timeout (self->session, (guint) timeout_s);
  soup_session_set_proxy_resolver (self->session, NULL);
  if (anchors != NULL)
    soup_session_set_tls_database (self->session, anchors);
  self->extra_headers = g_strdupv ((char **) extra_headers);
  self->has_anchors = anchors != NULL;
  self->timeout_s = timeout_s;
  self->servers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/**
 * sim_http_free:
 * @self: (transfer full): a client
 */
void
sim_http_free (SimHttp *self)
{
  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_strfreev (self->extra_headers);
  g_hash_table_unref (self->servers);
  g_free (self);
}

/**
 * sim_http_add_server:
 * @self: a client
 * @uri: any address of the server under test
 *
 * Remembers that this origin belongs to the server under test and not to an identity provider.
 */
void
sim_http_add_server (SimHttp *self, GUri *uri)
{
  g_hash_table_add (self->servers, sim_uri_dup_origin (uri));
}

/**
 * sim_http_is_server:
 * @self: a client
 * @uri: an address
 *
 * Returns: whether the address belongs to the server under test
 */
bool
sim_http_is_server (SimHttp *self, GUri *uri)
{
  g_autofree char *origin = sim_uri_dup_origin (uri);

  return g_hash_table_contains (self->servers, origin);
}

/**
 * sim_http_set_repeats:
 * @self: a client
 * @repeats: how often each request to the server under test is sent again, 0 for normal behaviour
 *
 * Behaves as if that many answers got lost on the way.
 */
void
sim_http_set_repeats (SimHttp *self, int repeats)
{
  self->repeats = repeats;
}

static void
ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;

  wait->result = g_object_ref (result);
}

static gboolean
timeout_cb (gpointer user_data)
{
  Wait *wait = user_data;

  wait->timed_out = true;
  g_cancellable_cancel (wait->cancellable);
  return G_SOURCE_REMOVE;
}

/* Turns the loop until ready_cb ran; the cancellable sees to it that it will. */
static GAsyncResult *
wait_for_result (Wait *wait)
{
  while (wait->result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (&wait->result);
}

static GBytes *
read_body (GInputStream *stream, Wait *wait, GError **error)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();

  while (body->len <= MAX_BODY_BYTES)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GBytes) part = NULL;

      g_input_stream_read_bytes_async (stream, 65536, G_PRIORITY_DEFAULT, wait->cancellable, ready_cb, wait);
      result = wait_for_result (wait);
      part = g_input_stream_read_bytes_finish (stream, result, error);
      if (part == NULL)
        return NULL;
      if (g_bytes_get_size (part) == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&body));
      g_byte_array_append (body, g_bytes_get_data (part, NULL), (guint) g_bytes_get_size (part));
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "the answer is larger than %d bytes",
               MAX_BODY_BYTES);
  return NULL;
}

static GBytes *
exchange (SimHttp *self, SoupMessage *message, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) local = NULL;
  GBytes *body = NULL;
  Wait wait = { .cancellable = cancellable };
  guint timer = g_timeout_add_seconds ((guint) self->timeout_s, timeout_cb, &wait);

  soup_session_send_async (self->session, message, G_PRIORITY_DEFAULT, cancellable, ready_cb, &wait);
  result = wait_for_result (&wait);
  stream = soup_session_send_finish (self->session, result, &local);
  if (stream != NULL)
    body = read_body (stream, &wait, &local);
  if (!wait.timed_out)
    g_source_remove (timer);
  if (body == NULL)
    {
      g_autofree char *origin = sim_uri_dup_origin (soup_message_get_uri (message));

      g_set_error (error, SIM_ERROR, SIM_ERROR_UNREACHABLE, "%s: %s%s", origin,
                   wait.timed_out ? "no answer in time" : local->message,
                   wait.timed_out || !g_error_matches (local, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE) ? ""
                   : self->has_anchors ? "; the file of --ca does not have its authority"
                                       : "; --ca FILE names its authority, if the system does not know it");
    }
  return body;
}

static void
copy_header_cb (const char *name, const char *value, gpointer user_data)
{
  soup_message_headers_replace (user_data, name, value);
}

static SoupMessage *
build_message (SimHttp *self, const SimRequest *request)
{
  SoupMessage *message = soup_message_new_from_uri (request->method, request->uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  soup_message_headers_foreach (request->headers, copy_header_cb, headers);
  if (request->body != NULL)
    soup_message_set_request_body_from_bytes (message, request->content_type, request->body);
  for (size_t i = 0; self->extra_headers != NULL && self->extra_headers[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (self->extra_headers[i], ":", 2);

      if (sim_http_is_server (self, request->uri))
        soup_message_headers_replace (headers, g_strstrip (parts[0]), g_strstrip (parts[1]));
    }
  return message;
}

/**
 * sim_http_send:
 * @self: a client
 * @request: what to send
 * @error: return location for an error
 *
 * Sends the request, and again as often as sim_http_set_repeats() says; the last answer counts.
 * Blocks up to the time limit for each.
 *
 * Returns: (transfer full): the answer, whatever its status, or %NULL with %SIM_ERROR_UNREACHABLE
 */
SimReply *
sim_http_send (SimHttp *self, const SimRequest *request, GError **error)
{
  int sends = 1 + (sim_http_is_server (self, request->uri) ? self->repeats : 0);
  g_autoptr (GPtrArray) earlier = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_reply_free);
  SimReply *reply = NULL;

  for (int i = 0; i < sends; i++)
    {
      g_autoptr (SoupMessage) message = build_message (self, request);
      g_autoptr (GBytes) body = exchange (self, message, error);

      if (reply != NULL)
        g_ptr_array_add (earlier, g_steal_pointer (&reply));
      if (body == NULL)
        return NULL;
      reply = g_new0 (SimReply, 1);
      reply->uri = g_uri_ref (request->uri);
      reply->status = (int) soup_message_get_status (message);
      reply->headers = soup_message_headers_ref (soup_message_get_response_headers (message));
      reply->body = g_steal_pointer (&body);
      reply->earlier = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_reply_free);
    }
  g_ptr_array_unref (reply->earlier);
  reply->earlier = g_steal_pointer (&earlier);
  return reply;
}

/**
 * sim_uri_parse:
 * @text: an absolute http or https address
 * @error: return location for an error
 *
 * Returns: (transfer full): the address, or %NULL with %SIM_ERROR_UNEXPECTED
 */
GUri *
sim_uri_parse (const char *text, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, NULL);
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;
  const char *const schemes[] = { "https", "http", NULL };

  if (host != NULL && *host != '\0' && g_strv_contains (schemes, g_uri_get_scheme (uri)))
    return g_steal_pointer (&uri);
  g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "“%s” is not a web address", text);
  return NULL;
}

/**
 * sim_uri_add_query:
 * @uri: an address, with or without a query
 * @name: name of the parameter
 * @value: its value, not yet escaped
 *
 * Appends a parameter behind what is there. An at sign stays readable, as Apple's devices leave it.
 *
 * Returns: (transfer full): the longer address
 */
GUri *
sim_uri_add_query (GUri *uri, const char *name, const char *value)
{
  const char *query = g_uri_get_query (uri);
  g_autofree char *escaped = g_uri_escape_string (value, "@", FALSE);
  g_autofree char *longer = g_strdup_printf ("%s%s%s=%s", query != NULL ? query : "",
                                             query != NULL && *query != '\0' ? "&" : "", name, escaped);

  return soup_uri_copy (uri, SOUP_URI_QUERY, longer, SOUP_URI_NONE);
}

/**
 * sim_uri_dup_origin:
 * @uri: an http or https address
 *
 * Returns: (transfer full): scheme, host and, where it is not the usual one, port
 */
char *
sim_uri_dup_origin (GUri *uri)
{
  const char *scheme = g_uri_get_scheme (uri);
  int usual = g_str_equal (scheme, "https") ? 443 : 80;
  int port = g_uri_get_port (uri);
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (uri), -1);
  bool v6 = strchr (host, ':') != NULL;

  if (port == -1 || port == usual)
    return g_strdup_printf (v6 ? "%s://[%s]" : "%s://%s", scheme, host);
  return g_strdup_printf (v6 ? "%s://[%s]:%d" : "%s://%s:%d", scheme, host, port);
}
