/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-http-server.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

#include <libsoup/soup.h>

#include "door-body-slots.h"
#include "door-error.h"
#include "door-forwarded.h"
#include "door-log.h"

#define ID_LENGTH 16
#define MAX_LENGTH_DIGITS 12

/* What is recorded of a request whose client did not wait for the answer; nginx has the same number for it.
 */
#define STATUS_ABANDONED 499

/* The body of a request that is refused is read and thrown away up to this size, so that a proxy's
 * connection survives; beyond it the connection is given up. */
#define MAX_DISCARD_BYTES (64 * 1024)

/* Nearly every body is small. Of those that are not, so many may be on their way at once in one thread: a
 * client that sends half a body costs us that half for as long as it likes to be slow. One client has only
 * some of these places, and the last of them go to those who have none, so that a few do not keep the
 * others out. */
#define LARGE_BODY_BYTES (64 * 1024)
#define MAX_LARGE_BODIES 32
#define MAX_CLIENT_LARGE_BODIES 8
#define KEPT_LARGE_BODIES 8

struct _DoorHttpServer
{
  const DoorHttpShared *shared;
  DoorIoThread *thread;
  SoupServer *server;
  int silent_peer;       /* other end of the server's one listener, on which nobody ever calls */
  GHashTable *exchanges; /* SoupServerMessage → Exchange */
  size_t n_jobs;         /* given to a pool and not back yet */
  DoorBodySlots *slots;  /* of exchanges with a large body */
};

/* One request from its head to the end of its answer. The I/O thread's own, but for the job. */
typedef struct
{
  DoorHttpServer *server;
  DoorClient *connection;
  SoupServerMessage *message; /* NULL when it has ended */
  DoorRequest *request;
  const DoorRoute *route;
  DoorMatch match;
  GCancellable *cancellable;
  char id[ID_LENGTH + 1];
  int64_t began_us;
  bool settled; /* the answer is fixed, nothing more to do but send */
  bool job;     /* a pool has it */
  bool large;   /* counts among the server's large bodies */
  char *origin; /* (nullable): whom it counts for then */
  GByteArray *body;
} Exchange;

/* What travels to a pool and back. */
typedef struct
{
  Exchange *exchange;
  const DoorHttpShared *shared;
  DoorRequest *request;
  const DoorRoute *route;
  DoorResponse *response;
  int64_t began_us;
} Job;

static void
exchange_free (Exchange *self)
{
  g_clear_pointer (&self->request, door_request_unref);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->body, g_byte_array_unref);
  door_match_clear (&self->match);
  g_free (self->origin);
  g_free (self);
}

/* one line a request; no path, query or address: they may name persons and devices */
static void
log_answer (const char *method, const DoorRoute *route, const char *id, const DoorResponse *response,
            int64_t took_us)
{
  g_autofree char *status = g_strdup_printf ("%u", door_response_get_status (response));
  const char *name = route == NULL ? "none" : route->name;
  g_autofree char *line =
      g_strdup_printf ("%s %s %s %" G_GINT64_FORMAT " ms %zu bytes %s", method, name, status, took_us / 1000,
                       g_bytes_get_size (door_response_get_body (response)), id);

  door_log_event (G_LOG_LEVEL_INFO, "request", line, "DOORWARD_REQUEST", id, "DOORWARD_ROUTE", name,
                  "DOORWARD_STATUS", status, NULL);
}

/* a request that no pool has had */
static void
record_answer (const Exchange *self, const DoorResponse *response)
{
  int64_t took_us = g_get_monotonic_time () - self->began_us;

  door_route_times_add (self->server->shared->times, self->route, door_response_get_status (response),
                        took_us);
  log_answer (self->request == NULL ? "-" : door_request_get_method (self->request), self->route, self->id,
              response, took_us);
}

static void
count (const DoorHttpShared *shared, DoorMetric metric)
{
  door_metrics_add (shared->metrics, metric, 1);
}

static DoorMetric
queue_of (DoorPool pool)
{
  static const DoorMetric queues[] = {
    [DOOR_POOL_WORKER] = DOOR_METRIC_QUEUED_WORKER,
    [DOOR_POOL_CRYPTO] = DOOR_METRIC_QUEUED_CRYPTO,
    [DOOR_POOL_WAITING] = DOOR_METRIC_QUEUED_WAITING,
  };

  return queues[pool];
}

/* while it writes the head of a 204, the library forgets that there is no body, and would close the
 * connection to mark its end */
static void
wrote_headers_cb (SoupServerMessage *message, gpointer data)
{
  soup_message_headers_set_encoding (soup_server_message_get_response_headers (message), SOUP_ENCODING_NONE);
}

static void
set_body (SoupServerMessage *message, unsigned int status, GBytes *bytes)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  if (status == 204 || status == 304)
    {
      soup_message_headers_set_encoding (headers, SOUP_ENCODING_NONE);
      g_signal_connect (message, "wrote-headers", G_CALLBACK (wrote_headers_cb), NULL);
      return;
    }
  soup_message_headers_set_content_length (headers, (goffset) g_bytes_get_size (bytes));
  if (g_bytes_get_size (bytes) > 0)
    soup_message_body_append_bytes (soup_server_message_get_response_body (message), bytes);
}

/* gives the answer to the server library; the caller sees to it that it is sent */
static void
set_answer (Exchange *self, const DoorResponse *response)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  unsigned int status = door_response_get_status (response);

  self->settled = true;
  soup_server_message_set_status (self->message, status, NULL);
  for (size_t i = 0; i < door_response_get_n_headers (response); i++)
    soup_message_headers_append (headers, door_response_get_header_name (response, i),
                                 door_response_get_header_value (response, i));
  if (door_io_thread_is_ending (self->server->thread))
    soup_message_headers_replace (headers, "Connection", "close");
  set_body (self->message, status, door_response_get_body (response));
  door_client_begin_answer (self->connection);
}

/* the same answer as bytes, for when the server library must not go on with the connection */
static void
send_and_close (Exchange *self, const DoorResponse *response)
{
  g_autoptr (GString) text = g_string_new (NULL);
  GBytes *body = door_response_get_body (response);
  gsize size;
  const char *data = g_bytes_get_data (body, &size);

  g_string_printf (text, "HTTP/1.1 %u %s\r\nConnection: close\r\nContent-Length: %zu\r\n",
                   door_response_get_status (response),
                   soup_status_get_phrase (door_response_get_status (response)), size);
  for (size_t i = 0; i < door_response_get_n_headers (response); i++)
    g_string_append_printf (text, "%s: %s\r\n", door_response_get_header_name (response, i),
                            door_response_get_header_value (response, i));
  g_string_append (text, "\r\n");
  if (strcmp (soup_server_message_get_method (self->message), "HEAD") != 0)
    g_string_append_len (text, data, (gssize) size);
  self->settled = true;
  soup_server_message_set_status (self->message, SOUP_STATUS_BAD_REQUEST, NULL);
  door_client_refuse (self->connection, text->str, text->len);
}

static DoorResponse *
render (Exchange *self, unsigned int status, const GError *error)
{
  DoorResponse *response =
      door_router_render_error (self->server->shared->router, self->request, self->route, self->id, error);

  if (status != 0)
    door_response_set_status (response, status);
  if (self->route == NULL && self->match.allowed != 0)
    {
      g_autofree char *allow = door_methods_to_allow (self->match.allowed);

      door_response_set_header (response, "Allow", allow);
    }
  door_response_add_defaults (response, self->id);
  return response;
}

/* How much body follows, from the head alone. A length that two readers could read in two ways ends the
 * connection (RFC 9112, 6.3); chunks are not read at all, because the server library's reader of them takes
 * what it should not, and everything that talks to us can tell the length. */
static gboolean
read_length (DoorHeaders *headers, uint64_t *length, unsigned int *status, GError **error)
{
  const char *text = door_headers_lookup (headers, "Content-Length");

  if (door_headers_lookup (headers, "Transfer-Encoding") != NULL)
    {
      *status = text != NULL ? 400 : 411;
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                      "the body has no Content-Length of its own");
      return FALSE;
    }
  *length = 0;
  if (text == NULL)
    return TRUE;
  if (*text == '\0' || strlen (text) > MAX_LENGTH_DIGITS || text[strspn (text, "0123456789")] != '\0')
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                      "Content-Length is malformed");
      return FALSE;
    }
  *length = g_ascii_strtoull (text, NULL, 10);
  return TRUE;
}

static DoorHeaders *
collect_headers (SoupServerMessage *message, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  g_autoptr (GPtrArray) pairs = g_ptr_array_new ();
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      g_ptr_array_add (pairs, (gpointer) name);
      g_ptr_array_add (pairs, (gpointer) value);
    }
  g_ptr_array_add (pairs, NULL);
  return door_headers_new ((const char *const *) pairs->pdata, error);
}

/* whether the name in Host, port aside, is the one of the target */
static bool
is_same_host (const char *host, GUri *uri)
{
  const char *name = g_uri_get_host (uri);
  size_t length = strlen (name);

  if (*host == '[')
    host++;
  return g_ascii_strncasecmp (host, name, length) == 0 &&
         (host[length] == '\0' || strchr ("]:", host[length]) != NULL);
}

/* The library has taken the target apart; a target with an authority of its own would name another host
 * than the one we believe. */
static char *
dup_target (SoupServerMessage *message, const char *host, GError **error)
{
  GUri *uri = soup_server_message_get_uri (message);
  const char *query = g_uri_get_query (uri);

  if (soup_server_message_is_options_ping (message) || g_uri_get_userinfo (uri) != NULL ||
      g_uri_get_fragment (uri) != NULL || !is_same_host (host, uri))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                      "the target is no path, or names another host than Host");
      return NULL;
    }
  return g_strconcat (g_uri_get_path (uri), query == NULL ? NULL : "?", query, NULL);
}

/* everything the head says, believed or refused */
static gboolean
read_head (Exchange *self, DoorHeaders *headers, GError **error)
{
  const DoorHttpShared *shared = self->server->shared;
  g_autofree char *address = NULL, *target = NULL;
  g_auto (DoorPeer) peer = { NULL };
  DoorDirectPeer direct = { NULL, self->connection->is_proxy, self->connection->is_tls ? "https" : "http" };
  DoorRequestParts parts = { .method = soup_server_message_get_method (self->message), .id = self->id };
  const char *host = door_headers_lookup (headers, "Host");

  if (!direct.is_proxy)
    direct.address = address = g_inet_address_to_string (
        g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (self->connection->remote)));
  if (!door_peer_trust_resolve (shared->trust, &direct, headers, &peer, error))
    return FALSE;
  target = dup_target (self->message, host == NULL ? "" : host, error);
  if (target == NULL)
    return FALSE;
  parts.target = target;
  parts.headers = peer.headers;
  parts.peer = peer.address;
  parts.scheme = peer.scheme;
  parts.host = peer.host;
  parts.client_certificate = peer.certificate;
  parts.cancellable = self->cancellable;
  self->request = door_request_new (&parts, error);
  return self->request != NULL;
}

/* the route and its limit */
static gboolean
find_route (Exchange *self, uint64_t length, GError **error)
{
  door_router_match (self->server->shared->router, door_request_get_method (self->request),
                     door_request_get_path (self->request), &self->match);
  self->route = self->match.route;
  if (self->route == NULL && self->match.allowed == 0)
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND, "no route has this path");
  else if (self->route == NULL)
    door_error_set (error, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_HTTP_METHOD, "no route has this method");
  else if (length > self->route->limit_bytes)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_TOOLARGE, "the body is too large");
  else
    return TRUE;
  return FALSE;
}

/* By the address that we believe, so behind a proxy that of its client. */
static char *
dup_origin (const Exchange *self)
{
  g_autoptr (GInetAddress) address = door_forwarded_parse_address (door_request_get_peer (self->request));

  return address != NULL ? door_peer_trust_dup_origin (self->server->shared->trust, address) : NULL;
}

static gboolean
reserve_body (Exchange *self, uint64_t length, GError **error)
{
  if (length <= LARGE_BODY_BYTES)
    return TRUE;
  self->origin = dup_origin (self);
  if (!door_body_slots_take (self->server->slots, self->origin))
    {
      count (self->server->shared, DOOR_METRIC_LIMIT_LARGE_BODIES);
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY, "too many large bodies at once");
      return FALSE;
    }
  self->large = true;
  return TRUE;
}

/* Judges the head. On failure says whether the connection may live on: that is, whether we know where the
 * request ends, it is not long, and the client does not wait for leave to send it. */
static gboolean
judge (Exchange *self, bool *may_go_on, unsigned int *status, GError **error)
{
  g_autoptr (DoorHeaders) headers = collect_headers (self->message, error);
  uint64_t length;

  *may_go_on = false;
  if (headers == NULL)
    {
      *status = door_error_get_fault (*error) == DOOR_FAULT_HTTP_TOOLARGE ? 431 : 0;
      if (*status != 0)
        count (self->server->shared, DOOR_METRIC_LIMIT_HEAD);
      return FALSE;
    }
  if (!read_length (headers, &length, status, error) || !read_head (self, headers, error))
    return FALSE;
  *may_go_on = length <= MAX_DISCARD_BYTES && door_headers_lookup (headers, "Expect") == NULL;
  if (find_route (self, length, error) && reserve_body (self, length, error))
    return TRUE;
  if (door_error_get_fault (*error) == DOOR_FAULT_HTTP_TOOLARGE)
    {
      count (self->server->shared, DOOR_METRIC_LIMIT_BODY);
      *may_go_on = false;
    }
  return FALSE;
}

/* The library would keep every piece as a thing of its own, however small: ten times and more of what the
 * client has sent. */
static void
got_chunk_cb (SoupServerMessage *message, GBytes *chunk, gpointer data)
{
  Exchange *self = g_hash_table_lookup (((DoorHttpServer *) data)->exchanges, message);
  gsize size;
  const guint8 *bytes = g_bytes_get_data (chunk, &size);

  if (self != NULL && !self->settled)
    g_byte_array_append (self->body, bytes, (guint) size);
}

static void
got_headers_cb (SoupServerMessage *message, gpointer data)
{
  DoorHttpServer *server = data;
  DoorClient *connection =
      door_io_thread_lookup (server->thread, soup_server_message_get_remote_address (message));
  Exchange *self = g_new0 (Exchange, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorResponse) response = NULL;
  unsigned int status = 0;
  bool may_go_on = false;

  self->server = server;
  self->connection = connection;
  self->message = message;
  self->cancellable = g_cancellable_new ();
  self->body = g_byte_array_new ();
  self->began_us = g_get_monotonic_time ();
  door_random_fill_readable (server->shared->random, self->id, ID_LENGTH);
  g_hash_table_insert (server->exchanges, message, self);
  door_client_begin_request (connection);
  /* the library would cut a resource into as many parts as the client names */
  soup_message_headers_remove (soup_server_message_get_request_headers (message), "Range");
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  if (judge (self, &may_go_on, &status, &error))
    return;

  g_info ("%s %s: %s", self->id, self->route != NULL ? self->route->name : "none", error->message);
  response = render (self, status, error);
  record_answer (self, response);
  if (may_go_on)
    set_answer (self, response);
  else
    send_and_close (self, response);
}

static void
request_started_cb (SoupServer *soup, SoupServerMessage *message, gpointer data)
{
  g_signal_connect (message, "got-headers", G_CALLBACK (got_headers_cb), data);
  g_signal_connect (message, "got-chunk", G_CALLBACK (got_chunk_cb), data);
}

static void
finish_job (gpointer data)
{
  Job *job = data;
  Exchange *exchange = job->exchange;

  exchange->server->n_jobs--;
  exchange->job = false;
  if (exchange->message == NULL)
    exchange_free (exchange);
  else
    {
      set_answer (exchange, job->response);
      soup_server_message_unpause (exchange->message);
    }
  door_response_free (job->response);
  g_free (job);
}

static DoorPool
get_pool (const Job *job)
{
  return door_request_is_waiting (job->request) ? DOOR_POOL_WAITING : job->route->pool;
}

static DoorResponse *
render_late (const Job *job, const char *reason)
{
  g_autoptr (GError) error = NULL;

  door_error_set (&error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY, "%s", reason);
  return door_router_render_error (job->shared->router, job->request, job->route,
                                   door_request_get_id (job->request), error);
}

static void run_job (gpointer data);

/* Once more from the beginning, in a thread that may wait for another server. */
static bool
go_and_wait (Job *job)
{
  DoorResponse *nobodys = g_steal_pointer (&job->response);
  DoorMetrics *metrics = job->shared->metrics;

  door_metrics_add (metrics, DOOR_METRIC_QUEUED_WAITING, 1);
  if (door_job_pool_push (job->shared->pools[DOOR_POOL_WAITING], run_job, job))
    {
      door_response_free (nobodys);
      return true;
    }
  door_metrics_add (metrics, DOOR_METRIC_QUEUED_WAITING, -1);
  job->response = nobodys;
  return false;
}

/* in a thread of the pool */
static void
run_job (gpointer data)
{
  Job *job = data;
  DoorIoThread *thread = job->exchange->server->thread;
  const char *id = door_request_get_id (job->request);
  int64_t took_us;

  door_metrics_add (job->shared->metrics, queue_of (get_pool (job)), -1);
  if (door_request_is_abandoned (job->request))
    job->response = door_response_new (STATUS_ABANDONED);
  else if (g_cancellable_is_cancelled (door_request_get_cancellable (job->request)))
    /* doing it now would only make the others wait as long */
    job->response = render_late (job, "no thread became free in time");
  else
    job->response = door_router_run (job->shared->router, job->route, job->request);
  if (door_request_take_wish_to_wait (job->request))
    {
      if (go_and_wait (job))
        return;
      door_response_free (job->response);
      job->response = render_late (job, "the queue is full");
    }
  if (door_request_is_abandoned (job->request))
    door_response_set_status (job->response, STATUS_ABANDONED);
  door_response_add_defaults (job->response, id);
  took_us = g_get_monotonic_time () - job->began_us;
  door_route_times_add (job->shared->times, job->route, door_response_get_status (job->response), took_us);
  log_answer (door_request_get_method (job->request), job->route, id, job->response, took_us);
  g_clear_pointer (&job->request, door_request_unref);
  door_io_thread_post (thread, finish_job, job);
}

static void
refuse_busy (Exchange *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorResponse) response = NULL;

  door_error_set (&error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY, "the queue is full");
  response = render (self, 0, error);
  count (self->server->shared, DOOR_METRIC_LIMIT_QUEUE);
  record_answer (self, response);
  set_answer (self, response);
}

/* the body is there: over to a pool */
static void
request_read_cb (SoupServer *soup, SoupServerMessage *message, gpointer data)
{
  DoorHttpServer *server = data;
  Exchange *self = g_hash_table_lookup (server->exchanges, message);
  g_autoptr (GBytes) body = NULL;
  Job *job;

  if (self == NULL || self->settled)
    return;
  body = g_byte_array_free_to_bytes (g_steal_pointer (&self->body));
  door_request_complete (self->request, (const char *const *) self->match.params, body);
  job = g_new0 (Job, 1);
  *job = (Job){ self, server->shared, door_request_ref (self->request), self->route, NULL, self->began_us };
  count (server->shared, queue_of (self->route->pool));
  if (!door_job_pool_push (server->shared->pools[self->route->pool], run_job, job))
    {
      door_metrics_add (server->shared->metrics, queue_of (self->route->pool), -1);
      door_request_unref (job->request);
      g_free (job);
      refuse_busy (self);
      return;
    }
  server->n_jobs++;
  self->job = true;
  door_client_await_answer (self->connection);
  /* any status keeps the library from looking for a handler of its own */
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_pause (message);
}

static void
request_ended_cb (SoupServer *soup, SoupServerMessage *message, gpointer data)
{
  DoorHttpServer *server = data;
  Exchange *self = g_hash_table_lookup (server->exchanges, message);

  if (self == NULL)
    return;
  g_hash_table_remove (server->exchanges, message);
  door_client_end_request (self->connection);
  if (self->large)
    door_body_slots_give_back (server->slots, self->origin);
  self->connection = NULL;
  self->message = NULL;
  if (self->job)
    g_cancellable_cancel (self->cancellable);
  else
    exchange_free (self);
}

static void
io_begin (gpointer data)
{
  DoorHttpServer *self = data;
  g_autoptr (GSocket) listener = NULL;
  g_autoptr (GError) error = NULL;
  int pair[2];

  self->server = soup_server_new ("raw-paths", TRUE, NULL);
  self->exchanges = g_hash_table_new (NULL, NULL);
  g_signal_connect (self->server, "request-started", G_CALLBACK (request_started_cb), self);
  g_signal_connect (self->server, "request-read", G_CALLBACK (request_read_cb), self);
  g_signal_connect (self->server, "request-finished", G_CALLBACK (request_ended_cb), self);
  g_signal_connect (self->server, "request-aborted", G_CALLBACK (request_ended_cb), self);

  /* connections are accepted elsewhere; but the library keeps them alive between requests only while it
   * listens on something */
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
    g_error ("socketpair: %s", g_strerror (errno));
  self->silent_peer = pair[1];
  listener = g_socket_new_from_fd (pair[0], &error);
  if (listener == NULL || !soup_server_listen_socket (self->server, listener, 0, &error))
    g_error ("cannot start an I/O thread: %s", error->message);
}

static void
io_connected (DoorClient *connection, GIOStream *stream, gpointer data)
{
  DoorHttpServer *self = data;
  g_autoptr (GInetAddress) any = g_inet_address_new_any (G_SOCKET_FAMILY_IPV4);
  /* the library wants an internet address of our own end, and asserts so for HTTP/1.0 without Host */
  g_autoptr (GSocketAddress) local = g_inet_socket_address_new (any, 0);
  g_autoptr (GError) error = NULL;

  if (!soup_server_accept_iostream (self->server, stream, local, connection->remote, &error))
    g_warning ("cannot serve a connection: %s", error->message);
}

static int
compare_begin (gconstpointer a, gconstpointer b)
{
  const Exchange *first = *(Exchange *const *) a, *second = *(Exchange *const *) b;

  return first->began_us < second->began_us ? -1 : first->began_us > second->began_us;
}

/* Whose client has left. Looked for in the order in which they came and given up in the other one: who waits
 * in the queue leaves it before a worker that has been set free looks there. */
static void
abandon_left (DoorHttpServer *self)
{
  g_autoptr (GPtrArray) working = g_ptr_array_new (), left = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->exchanges);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Exchange *) value)->job)
      g_ptr_array_add (working, value);
  g_ptr_array_sort (working, compare_begin);
  for (guint i = 0; i < working->len; i++)
    if (door_client_has_left (((Exchange *) working->pdata[i])->connection))
      g_ptr_array_add (left, working->pdata[i]);
  for (guint i = left->len; i > 0; i--)
    door_request_abandon (((Exchange *) left->pdata[i - 1])->request);
}

static void
io_tick (int64_t now_us, gpointer data)
{
  DoorHttpServer *self = data;
  GHashTableIter iter;
  gpointer value;

  abandon_left (self);
  g_hash_table_iter_init (&iter, self->exchanges);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Exchange *exchange = value;

      if (exchange->job && now_us - exchange->began_us > self->shared->handler_timeout_us &&
          !g_cancellable_is_cancelled (exchange->cancellable))
        {
          count (self->shared, DOOR_METRIC_LIMIT_REQUEST_TIME);
          g_cancellable_cancel (exchange->cancellable);
        }
    }
}

static void
io_cut (gpointer data)
{
  DoorHttpServer *self = data;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->exchanges);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_cancellable_cancel (((Exchange *) value)->cancellable);
}

static bool
io_is_quiet (gpointer data)
{
  return ((DoorHttpServer *) data)->n_jobs == 0;
}

static void
io_end (gpointer data)
{
  DoorHttpServer *self = data;

  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  g_clear_pointer (&self->exchanges, g_hash_table_unref);
  close (self->silent_peer);
}

static const DoorIoHooks io_hooks = { io_begin, io_connected, io_tick, io_cut, io_is_quiet, io_end };

/**
 * door_http_server_new:
 * @shared: what all servers of the engine share; must outlive it
 * @limits: what clients may do
 *
 * Makes an I/O thread that speaks HTTP. It does not run yet.
 *
 * Returns: (transfer full): the server
 */
DoorHttpServer *
door_http_server_new (const DoorHttpShared *shared, const DoorIoLimits *limits)
{
  DoorHttpServer *self = g_new0 (DoorHttpServer, 1);

  self->shared = shared;
  self->slots = door_body_slots_new (MAX_LARGE_BODIES, MAX_CLIENT_LARGE_BODIES, KEPT_LARGE_BODIES);
  self->thread = door_io_thread_new (&io_hooks, self, limits);
  return self;
}

/**
 * door_http_server_get_thread:
 * @self: a server
 *
 * Returns: (transfer none): its thread, to be given listeners, started and drained
 */
DoorIoThread *
door_http_server_get_thread (DoorHttpServer *self)
{
  return self->thread;
}

/**
 * door_http_server_free:
 * @self: (transfer full): a server whose thread was never started, or has been told to drain
 *
 * Waits for the thread to end.
 */
void
door_http_server_free (DoorHttpServer *self)
{
  door_io_thread_free (self->thread);
  door_body_slots_free (self->slots);
  g_free (self);
}
