/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fixture.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <glib/gstdio.h>

#include "door-error.h"

/* no answer for this long is a failure */
#define PATIENCE_S 20

static DoorResponse *
handle_hello (gpointer context, DoorRequest *request, GError **error)
{
  return door_response_new_text (200, "text/plain", "hello");
}

/* what the handler sees of the request */
static DoorResponse *
handle_echo (gpointer context, DoorRequest *request, GError **error)
{
  const char *signature = door_request_get_header (request, "Mdm-Signature");
  g_autofree char *text = g_strdup_printf (
      "%s %s %s peer=%s scheme=%s host=%s body=%zu signature=%zu certificate=%s forwarded=%s id=%s",
      door_request_get_method (request), door_request_get_path (request),
      door_request_get_path_param (request, "name"), door_request_get_peer (request),
      door_request_get_scheme (request), door_request_get_host (request),
      g_bytes_get_size (door_request_get_body (request)), signature == NULL ? 0 : strlen (signature),
      door_request_get_client_certificate (request) == NULL ? "no" : "yes",
      door_request_get_header (request, "X-Forwarded-For") == NULL ? "no" : "yes",
      door_request_get_header (request, "X-Request-Id") == NULL ? "own" : "theirs");

  return door_response_new_text (200, "text/plain", text);
}

static DoorResponse *
handle_empty (gpointer context, DoorRequest *request, GError **error)
{
  return door_response_new (204);
}

static DoorResponse *
handle_large (gpointer context, DoorRequest *request, GError **error)
{
  DoorResponse *response = door_response_new (200);

  door_response_take_body (response, g_bytes_new_take (g_malloc0 (8 << 20), 8 << 20), "text/plain");
  return response;
}

static DoorResponse *
handle_gate (gpointer context, DoorRequest *request, GError **error)
{
  Gate *gate = &((Fixture *) context)->gate;

  pthread_mutex_lock (&gate->lock);
  gate->waiting++;
  pthread_cond_broadcast (&gate->changed);
  while (!gate->open)
    pthread_cond_wait (&gate->changed, &gate->lock);
  pthread_mutex_unlock (&gate->lock);
  return door_response_new_text (200, "text/plain", "through the gate");
}

/* waits as a handler would that polls something else */
static DoorResponse *
handle_patient (gpointer context, DoorRequest *request, GError **error)
{
  Gate *gate = &((Fixture *) context)->gate;
  GPollFD poll_fd;

  g_assert_true (g_cancellable_make_pollfd (door_request_get_cancellable (request), &poll_fd));
  pthread_mutex_lock (&gate->lock);
  gate->waiting++;
  pthread_cond_broadcast (&gate->changed);
  pthread_mutex_unlock (&gate->lock);
  g_assert_cmpint (g_poll (&poll_fd, 1, PATIENCE_S * 1000), ==, 1);
  g_cancellable_release_fd (door_request_get_cancellable (request));
  door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY, "cancelled");
  return NULL;
}

static DoorResponse *
handle_thread (gpointer context, DoorRequest *request, GError **error)
{
  char name[16] = "";

  pthread_getname_np (pthread_self (), name, sizeof name);
  return door_response_new_text (200, "text/plain", name);
}

/* asks for a thread that may wait, and says in which one it is then */
static DoorResponse *
handle_wish (gpointer context, DoorRequest *request, GError **error)
{
  return door_request_is_waiting (request) ? handle_thread (context, request, error)
                                           : door_request_ask_to_wait (request);
}

static DoorResponse *
handle_error (gpointer context, DoorRequest *request, GError **error)
{
  door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_GROUP, "the reason for the log");
  return NULL;
}

static const DoorRoute routes[] = {
  { DOOR_METHOD_GET, "/hello", 0, DOOR_POOL_WORKER, handle_hello, "hello" },
  { DOOR_METHOD_GET | DOOR_METHOD_POST, "/echo/{name}", 4096, DOOR_POOL_WORKER, handle_echo, "echo" },
  { DOOR_METHOD_POST, "/big/{name}", 1 << 20, DOOR_POOL_WORKER, handle_echo, "big" },
  { DOOR_METHOD_GET, "/empty", 0, DOOR_POOL_WORKER, handle_empty, "empty" },
  { DOOR_METHOD_GET, "/large", 0, DOOR_POOL_WORKER, handle_large, "large" },
  { DOOR_METHOD_GET, "/gate", 0, DOOR_POOL_WORKER, handle_gate, "gate" },
  { DOOR_METHOD_GET, "/patient", 0, DOOR_POOL_WORKER, handle_patient, "patient" },
  { DOOR_METHOD_GET, "/thread", 0, DOOR_POOL_WORKER, handle_thread, "thread" },
  { DOOR_METHOD_GET, "/patient-crypto", 0, DOOR_POOL_CRYPTO, handle_patient, "patient" },
  { DOOR_METHOD_GET, "/crypto", 0, DOOR_POOL_CRYPTO, handle_thread, "crypto" },
  { DOOR_METHOD_GET, "/waiting", 0, DOOR_POOL_WAITING, handle_thread, "waiting" },
  { DOOR_METHOD_GET, "/wish", 0, DOOR_POOL_CRYPTO, handle_wish, "wish" },
  { DOOR_METHOD_GET, "/error", 0, DOOR_POOL_WORKER, handle_error, "error" },
};

static void
set_defaults (DoorHttpOptions *options)
{
  options->n_io_threads = MAX (options->n_io_threads, 1);
  options->n_workers = options->n_workers == 0 ? 2 : options->n_workers;
  options->n_crypto_workers = MAX (options->n_crypto_workers, 1);
  options->n_waiting_workers = MAX (options->n_waiting_workers, 1);
  options->max_queue = options->max_queue == 0 ? 64 : options->max_queue;
  options->max_connections = options->max_connections == 0 ? 512 : options->max_connections;
  options->max_handshakes = options->max_handshakes == 0 ? 256 : options->max_handshakes;
  options->max_peer_handshakes = options->max_peer_handshakes == 0 ? 256 : options->max_peer_handshakes;
  options->max_running_handshakes = MAX (options->max_running_handshakes, 4);
  options->handshake_timeout_s = options->handshake_timeout_s == 0 ? 60 : options->handshake_timeout_s;
  options->client_timeout_s = options->client_timeout_s == 0 ? 60 : options->client_timeout_s;
  options->handler_timeout_s = options->handler_timeout_s == 0 ? 60 : options->handler_timeout_s;
}

/* starts an engine with these options, and defaults where they are 0 */
void
fixture_init (Fixture *self, const DoorHttpOptions *wanted)
{
  DoorHttpOptions options = wanted == NULL ? (DoorHttpOptions){ NULL } : *wanted;
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_X, NULL, "Client-Cert", NULL);
  g_autoptr (DoorRandom) random = door_random_new_fake (1);
  g_autoptr (GError) error = NULL;
  const char *paths[2] = { NULL };
  const char *tcp[] = { "127.0.0.1:0", NULL };

  pthread_mutex_init (&self->gate.lock, NULL);
  pthread_cond_init (&self->gate.changed, NULL);
  self->dir = g_dir_make_tmp ("doorward-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->dir, "http-0.sock", NULL);
  paths[0] = self->path;
  set_defaults (&options);
  if (options.unix_sockets == NULL)
    options.unix_sockets = paths;
  if (options.http == NULL && options.https == NULL)
    options.http = tcp;
  options.trust = trust;
  options.random = random;
  self->router = door_router_new (routes, G_N_ELEMENTS (routes), self, NULL, &error);
  g_assert_no_error (error);
  options.times = self->times = door_route_times_new (self->router, G_N_ELEMENTS (routes));
  self->engine = door_http_engine_new (&options, self->router, &error);
  g_assert_no_error (error);
  door_http_engine_start (self->engine);
}

void
fixture_clear (Fixture *self)
{
  gate_open (&self->gate);
  g_clear_pointer (&self->engine, door_http_engine_free);
  g_clear_pointer (&self->times, door_route_times_free);
  g_clear_pointer (&self->router, door_router_unref);
  g_assert_cmpint (g_rmdir (self->dir), ==, 0);
  g_free (self->dir);
  g_free (self->path);
  pthread_cond_destroy (&self->gate.changed);
  pthread_mutex_destroy (&self->gate.lock);
}

static void
set_patience (int fd)
{
  struct timeval patience = { PATIENCE_S, 0 };

  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

/* a connection to the unix socket, -1 when it cannot be had */
int
fixture_connect (const Fixture *self)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_strlcpy (address.sun_path, self->path, sizeof address.sun_path);
  set_patience (fd);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

/* a connection to the TCP port */
int
fixture_connect_tcp (const Fixture *self)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  address.sin_port = htons ((uint16_t) door_http_engine_get_port (self->engine, 1));
  set_patience (fd);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

void
gate_wait_for (Gate *self, unsigned int waiting)
{
  pthread_mutex_lock (&self->lock);
  while (self->waiting < waiting)
    pthread_cond_wait (&self->changed, &self->lock);
  pthread_mutex_unlock (&self->lock);
}

void
gate_open (Gate *self)
{
  pthread_mutex_lock (&self->lock);
  self->open = true;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->lock);
}

/* sends all; a peer that has closed meanwhile is no failure here */
void
client_send (int fd, const char *text, size_t length)
{
  while (length > 0)
    {
      ssize_t n = send (fd, text, length, MSG_NOSIGNAL);

      if (n < 0)
        {
          g_assert_true (errno == EPIPE || errno == ECONNRESET);
          return;
        }
      text += n;
      length -= (size_t) n;
    }
}

static bool
read_some (int fd, GString *text)
{
  char buffer[65536];
  ssize_t n = recv (fd, buffer, sizeof buffer, 0);

  if (n < 0)
    g_assert_cmpint (errno, ==, ECONNRESET);
  if (n > 0)
    g_string_append_len (text, buffer, n);
  return n > 0;
}

/* everything up to the end of the connection */
char *
client_read_all (int fd)
{
  GString *text = g_string_new (NULL);

  while (read_some (fd, text))
    ;
  return g_string_free (text, FALSE);
}

static bool
is_whole (const GString *text)
{
  const char *end = strstr (text->str, "\r\n\r\n");
  const char *length = strcasestr (text->str, "\r\nContent-Length: ");

  if (end == NULL)
    return false;
  if (length == NULL || length > end)
    return true;
  return text->len - (size_t) (end + 4 - text->str) >=
         g_ascii_strtoull (length + strlen ("\r\nContent-Length: "), NULL, 10);
}

/* one answer on a connection that lives on; "" when there is none */
char *
client_read_answer (int fd)
{
  GString *text = g_string_new (NULL);

  while (!is_whole (text) && read_some (fd, text))
    ;
  return g_string_free (text, FALSE);
}

char *
client_ask (int fd, const char *text)
{
  client_send (fd, text, strlen (text));
  return client_read_answer (fd);
}

/* 0 when it is no answer */
unsigned int
client_status (const char *answer)
{
  return g_str_has_prefix (answer, "HTTP/1.") ? (unsigned int) g_ascii_strtoull (answer + 9, NULL, 10) : 0;
}
