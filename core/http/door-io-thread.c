/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-io-thread.h"

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include <sys/eventfd.h>

#include <glib-unix.h>

#include "door-handshakes.h"
#include "door-tls-hello.h"

#define MAX_ACCEPTS_AT_ONCE 32
#define MAX_ACCEPTS_AT_END 4096
#define EXHAUSTED_PAUSE_MS 10
#define IDLE_TO_END 8
/* how long the threads keep no connection for later after descriptors were short */
#define PRESSURE_US (5 * G_USEC_PER_SEC)
#define WARNING_INTERVAL_US (60 * G_USEC_PER_SEC)
#define DRAIN_TICK_MS 50
#define MAX_TICK_MS 1000

/* a connection accepted at the very end of our life may still have its first request on the way */
#define FIRST_REQUEST_US G_USEC_PER_SEC

typedef struct
{
  DoorIoThread *thread;
  DoorListener *listener;
  GSource *source; /* NULL while paused */
} Acceptor;

typedef struct
{
  DoorIoFunc func;
  gpointer data;
} Call;

struct _DoorIoThread
{
  const DoorIoHooks *hooks;
  gpointer data;
  DoorIoLimits limits;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  pthread_mutex_t lock; /* guards calls and certificate; pthread, so that TSan sees it */
  GArray *calls;        /* Call */
  GTlsCertificate *certificate;
  int wake_fd;
  /* from here on: the thread's own */
  GPtrArray *acceptors;
  GHashTable *connections; /* GSocketAddress → DoorClient, by identity */
  DoorHandshakes *handshakes;
  GSource *tick;
  int64_t warned_us; /* 0: never */
  bool draining;
  bool cut;
  int64_t drain_since_us;
  int64_t drain_deadline_us;
};

static bool begin_handshake (gpointer client);
static void drop_handshake (gpointer client);

static const DoorHandshakeHooks handshake_hooks = { begin_handshake, drop_handshake };

static bool
is_pressed (DoorIoThread *self, int64_t now_us)
{
  int64_t since_us = atomic_load_explicit (&self->limits.pressure->since_us, memory_order_relaxed);

  return since_us != 0 && now_us - since_us < PRESSURE_US;
}

static void
forget_client (gpointer data)
{
  DoorClient *client = data;

  door_metrics_add (client->thread->limits.metrics, DOOR_METRIC_CONNECTIONS, -1);
  door_client_unref (client);
}

static void
acceptor_pause (Acceptor *self)
{
  if (self->source == NULL)
    return;
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

static void
acceptor_free (gpointer data)
{
  Acceptor *self = data;

  acceptor_pause (self);
  door_listener_unref (self->listener);
  g_free (self);
}

static void
attach (DoorIoThread *self, GSource *source, GSourceFunc func, gpointer data)
{
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, self->context);
}

/**
 * door_io_thread_new:
 * @hooks: what happens in it; must outlive it
 * @data: given to the hooks
 * @limits: what clients may do
 *
 * Makes a thread that accepts connections; it does not run yet.
 *
 * Returns: (transfer full): the thread
 */
DoorIoThread *
door_io_thread_new (const DoorIoHooks *hooks, gpointer data, const DoorIoLimits *limits)
{
  DoorIoThread *self = g_new0 (DoorIoThread, 1);

  self->hooks = hooks;
  self->data = data;
  self->limits = *limits;
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  pthread_mutex_init (&self->lock, NULL);
  self->calls = g_array_new (FALSE, FALSE, sizeof (Call));
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->wake_fd < 0)
    g_error ("eventfd: %s", g_strerror (errno));
  self->acceptors = g_ptr_array_new_with_free_func (acceptor_free);
  self->handshakes = door_handshakes_new (&limits->handshakes, &handshake_hooks);
  self->connections = g_hash_table_new_full (NULL, NULL, NULL, forget_client);
  return self;
}

/**
 * door_io_thread_add_listener:
 * @self: a thread that has not been started
 * @listener: where it accepts; several threads may share one
 */
void
door_io_thread_add_listener (DoorIoThread *self, DoorListener *listener)
{
  Acceptor *acceptor = g_new0 (Acceptor, 1);

  acceptor->thread = self;
  acceptor->listener = door_listener_ref (listener);
  g_ptr_array_add (self->acceptors, acceptor);
}

/**
 * door_io_thread_set_certificate:
 * @self: a thread
 * @certificate: certificate and key for the handshakes that begin from now on
 *
 * May be called from any thread.
 */
void
door_io_thread_set_certificate (DoorIoThread *self, GTlsCertificate *certificate)
{
  pthread_mutex_lock (&self->lock);
  g_set_object (&self->certificate, certificate);
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_io_thread_post:
 * @self: a thread
 * @func: what to run in it
 * @data: its argument
 *
 * May be called from any thread; never blocks beyond the queue's lock.
 */
void
door_io_thread_post (DoorIoThread *self, DoorIoFunc func, gpointer data)
{
  Call call = { func, data };
  uint64_t one = 1;
  bool first;

  pthread_mutex_lock (&self->lock);
  first = self->calls->len == 0;
  g_array_append_val (self->calls, call);
  pthread_mutex_unlock (&self->lock);
  if (first && write (self->wake_fd, &one, sizeof one) < 0)
    g_critical ("cannot wake an I/O thread");
}

static gboolean
run_calls_cb (int fd, GIOCondition condition, gpointer data)
{
  DoorIoThread *self = data;
  g_autoptr (GArray) calls = NULL;
  uint64_t count;

  if (read (fd, &count, sizeof count) < 0)
    return G_SOURCE_CONTINUE;
  pthread_mutex_lock (&self->lock);
  calls = g_steal_pointer (&self->calls);
  self->calls = g_array_new (FALSE, FALSE, sizeof (Call));
  pthread_mutex_unlock (&self->lock);
  for (guint i = 0; i < calls->len; i++)
    g_array_index (calls, Call, i).func (g_array_index (calls, Call, i).data);
  return G_SOURCE_CONTINUE;
}

static gboolean
is_gone (gpointer remote, gpointer value, gpointer unused)
{
  return g_socket_is_closed (((DoorClient *) value)->socket);
}

static void
drop_gone (DoorIoThread *self)
{
  g_hash_table_foreach_remove (self->connections, is_gone, NULL);
}

static void
count (DoorIoThread *self, DoorMetric metric)
{
  door_metrics_add (self->limits.metrics, metric, 1);
}

/* A proxy keeps connections for later; what it keeps must not keep out those who come now. */
static bool
end_longest_idle (DoorIoThread *self)
{
  DoorClient *idle = door_client_find_longest_idle (self->connections);

  if (idle == NULL)
    return false;
  count (self, DOOR_METRIC_LIMIT_IDLE);
  door_client_leave (idle);
  return true;
}

static void
end_idle (DoorIoThread *self)
{
  for (size_t i = 0; i < IDLE_TO_END && end_longest_idle (self); i++)
    continue;
}

static bool
is_full (DoorIoThread *self)
{
  if (g_hash_table_size (self->connections) < self->limits.max_connections)
    return false;
  drop_gone (self);
  if (g_hash_table_size (self->connections) < self->limits.max_connections || end_longest_idle (self))
    return false;
  count (self, DOOR_METRIC_LIMIT_CONNECTIONS);
  return true;
}

static void
hand_over (DoorClient *self, GIOStream *base)
{
  door_client_take_stream (self, base);
  self->thread->hooks->connected (self, self->stream, self->thread->data);
}

static void
handshake_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  DoorClient *self = data;
  g_autoptr (GError) error = NULL;

  if (!g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, &error))
    {
      g_debug ("TLS handshake: %s", error->message);
      g_socket_close (self->socket, NULL);
    }
  else if (self->is_cut)
    g_socket_close (self->socket, NULL);
  else
    hand_over (self, G_IO_STREAM (source));
  door_handshakes_remove (self->thread->handshakes, self, g_get_monotonic_time ());
  door_client_unref (self);
}

static GIOStream *
wrap_tls (DoorClient *self)
{
  static const char *const protocols[] = { "http/1.1", NULL };
  g_autoptr (GIOStream) plain = G_IO_STREAM (g_socket_connection_factory_create_connection (self->socket));
  g_autoptr (GTlsCertificate) certificate = NULL;
  GTlsBackend *backend = g_tls_backend_get_default ();
  GIOStream *stream;

  pthread_mutex_lock (&self->thread->lock);
  certificate = self->thread->certificate == NULL ? NULL : g_object_ref (self->thread->certificate);
  pthread_mutex_unlock (&self->thread->lock);
  /* Without a certificate or a TLS backend there is no handshake: the caller closes the connection. The
   * database is left out because we ask no client for a certificate, and with it every connection would hold
   * a copy of all authorities of the system. */
  stream = certificate == NULL
               ? NULL
               : g_initable_new (g_tls_backend_get_server_connection_type (backend), NULL, NULL,
                                 "base-io-stream", plain, "certificate", certificate, "database", NULL, NULL);
  if (stream != NULL)
    {
      g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (stream), protocols);
      g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (stream), FALSE);
    }
  return stream;
}

static void
give_up_handshake (DoorClient *self)
{
  g_socket_close (self->socket, NULL);
  door_handshakes_remove (self->thread->handshakes, self, g_get_monotonic_time ());
  door_client_unref (self);
}

static bool
begin_handshake (gpointer data)
{
  DoorClient *self = data;
  g_autoptr (GIOStream) stream = wrap_tls (self);

  self->is_waiting = false;
  if (stream == NULL)
    {
      g_socket_close (self->socket, NULL);
      door_client_unref (self);
      return false;
    }
  g_tls_connection_handshake_async (G_TLS_CONNECTION (stream), G_PRIORITY_DEFAULT, NULL, handshake_cb, self);
  return true;
}

static void
cut (DoorClient *self)
{
  self->is_cut = true;
  g_socket_shutdown (self->socket, TRUE, TRUE, NULL);
  if (self->is_waiting)
    {
      self->is_waiting = false;
      give_up_handshake (self);
    }
}

static void
drop_handshake (gpointer client)
{
  count (((DoorClient *) client)->thread, DOOR_METRIC_LIMIT_HANDSHAKES);
  cut (client);
}

/* The handshake runs, blocking, in a pool of few threads that the whole process shares, so it begins only
 * when the client has said all that it has to say first: those that say nothing or half of it cost none. */
static gboolean
client_spoke_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  DoorClient *self = data;
  DoorTlsHello hello = self->is_cut ? DOOR_TLS_HELLO_NONE : door_tls_hello_check (socket);

  if (hello == DOOR_TLS_HELLO_PART)
    return G_SOURCE_CONTINUE;
  if (hello == DOOR_TLS_HELLO_NONE)
    give_up_handshake (self);
  else
    {
      self->is_waiting = true;
      door_handshakes_set_ready (self->thread->handshakes, self, g_get_monotonic_time ());
    }
  return G_SOURCE_REMOVE;
}

static void
await_handshake (DoorClient *self)
{
  g_autoptr (GSource) source = g_socket_create_source (self->socket, G_IO_IN, NULL);
  GInetAddress *address = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (self->remote));
  g_autofree char *origin = self->thread->limits.trust == NULL
                                ? NULL
                                : door_peer_trust_dup_origin (self->thread->limits.trust, address);

  self->refs++;
  self->deadline_us = self->since_us + self->thread->limits.handshakes.timeout_us;
  attach (self->thread, source, G_SOURCE_FUNC (client_spoke_cb), self);
  door_handshakes_add (self->thread->handshakes, self, origin);
}

static void
welcome (DoorIoThread *self, DoorListener *listener, GSocket *socket)
{
  DoorClient *connection;
  GSocketAddress *remote = g_socket_get_remote_address (socket, NULL);
  g_autoptr (GIOStream) base = NULL;

  /* no address: the client has gone again already */
  if (remote == NULL || is_full (self))
    {
      g_clear_object (&remote);
      g_socket_close (socket, NULL);
      return;
    }
  connection = door_client_new (socket, remote, self->limits.client_timeout_us, self);
  connection->is_proxy = door_listener_is_unix (listener);
  connection->is_tls = door_listener_is_tls (listener);
  g_hash_table_insert (self->connections, remote, connection);
  count (self, DOOR_METRIC_CONNECTIONS);
  if (connection->is_tls)
    {
      await_handshake (connection);
      return;
    }
  base = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  hand_over (connection, base);
}

static DoorAccept
accept_some (Acceptor *self, size_t most)
{
  DoorAccept result = DOOR_ACCEPT_OK;

  for (size_t i = 0; i < most && (result == DOOR_ACCEPT_OK || result == DOOR_ACCEPT_REFUSED); i++)
    {
      g_autoptr (GSocket) socket = NULL;

      result = door_listener_accept (self->listener, &socket);
      if (result == DOOR_ACCEPT_OK)
        welcome (self->thread, self->listener, socket);
    }
  return result;
}

static void acceptor_resume (Acceptor *self);

static gboolean
resume_cb (gpointer data)
{
  DoorIoThread *self = data;

  for (guint i = 0; i < self->acceptors->len; i++)
    acceptor_resume (self->acceptors->pdata[i]);
  return G_SOURCE_REMOVE;
}

/* An attack must not fill the log. */
static void
warn_exhausted (DoorIoThread *self)
{
  int64_t now_us = g_get_monotonic_time ();

  if (self->warned_us != 0 && now_us - self->warned_us < WARNING_INTERVAL_US)
    return;
  self->warned_us = now_us;
  g_warning ("out of file descriptors or memory for connections; raise LimitNOFILE=");
}

/* Out of file descriptors the listener stays readable for ever: look away for a while, in which some that are
 * idle end. */
static void
pause_all (DoorIoThread *self)
{
  g_autoptr (GSource) timer = g_timeout_source_new (EXHAUSTED_PAUSE_MS);

  count (self, DOOR_METRIC_LIMIT_DESCRIPTORS);
  warn_exhausted (self);
  atomic_store_explicit (&self->limits.pressure->since_us, g_get_monotonic_time (), memory_order_relaxed);
  end_idle (self);
  for (guint i = 0; i < self->acceptors->len; i++)
    acceptor_pause (self->acceptors->pdata[i]);
  attach (self, timer, resume_cb, self);
}

static gboolean
accept_cb (int fd, GIOCondition condition, gpointer data)
{
  Acceptor *self = data;

  if (accept_some (self, MAX_ACCEPTS_AT_ONCE) == DOOR_ACCEPT_EXHAUSTED)
    pause_all (self->thread);
  return G_SOURCE_CONTINUE;
}

static void
acceptor_resume (Acceptor *self)
{
  if (self->source != NULL)
    return;
  self->source = g_unix_fd_source_new (door_listener_get_fd (self->listener), G_IO_IN);
  attach (self->thread, self->source, G_SOURCE_FUNC (accept_cb), self);
}

/* What had reached us when we began to end is a request by now, if it was one. */
static bool
is_unfinished (DoorClient *self, int64_t now_us)
{
  return self->stream == NULL ||
         (self->phase != DOOR_CLIENT_ANSWERING && now_us - self->thread->drain_since_us > FIRST_REQUEST_US);
}

/* between two requests, or after it was told to end, it is the end of a connection, not of anybody's patience
 */
static void
count_late (DoorIoThread *self, const DoorClient *connection)
{
  if (connection->is_cut || connection->is_leaving)
    return;
  if (connection->stream == NULL)
    count (self, DOOR_METRIC_LIMIT_HANDSHAKE_TIME);
  else if (connection->phase != DOOR_CLIENT_IDLE || !connection->used)
    count (self, DOOR_METRIC_LIMIT_CLIENT_TIME);
}

static void
check_connections (DoorIoThread *self, int64_t now_us)
{
  GHashTableIter iter;
  gpointer value;

  drop_gone (self);
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      DoorClient *connection = value;
      bool late = connection->deadline_us != 0 && now_us > connection->deadline_us;

      if (late)
        count_late (self, connection);
      if (self->cut || (late && (connection->phase != DOOR_CLIENT_IDLE || connection->stream == NULL)) ||
          (self->draining && is_unfinished (connection, now_us)))
        cut (connection);
      else if (late || (self->draining && door_client_is_idle (connection, now_us)))
        door_client_leave (connection);
    }
}

static gboolean
tick_cb (gpointer data)
{
  DoorIoThread *self = data;
  int64_t now_us = g_get_monotonic_time ();

  self->hooks->tick (now_us, self->data);
  check_connections (self, now_us);
  door_handshakes_run (self->handshakes, now_us);
  if (is_pressed (self, now_us))
    end_idle (self);
  if (!self->draining)
    return G_SOURCE_CONTINUE;
  if (!self->cut && now_us >= self->drain_deadline_us)
    {
      self->cut = true;
      self->hooks->cut (self->data);
      check_connections (self, now_us);
    }
  if (g_hash_table_size (self->connections) == 0 && self->hooks->is_quiet (self->data))
    g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
set_tick (DoorIoThread *self, int64_t ms)
{
  if (self->tick != NULL)
    {
      g_source_destroy (self->tick);
      g_source_unref (self->tick);
    }
  self->tick = g_timeout_source_new ((guint) ms);
  attach (self, self->tick, tick_cb, self);
}

static void
drain_cb (gpointer data)
{
  DoorIoThread *self = data;

  if (self->draining)
    return;
  self->draining = true;
  self->drain_since_us = g_get_monotonic_time ();
  for (guint i = 0; i < self->acceptors->len; i++)
    accept_some (self->acceptors->pdata[i], MAX_ACCEPTS_AT_END);
  g_ptr_array_set_size (self->acceptors, 0);
  set_tick (self, DRAIN_TICK_MS);
}

/**
 * door_io_thread_drain:
 * @self: a running thread
 * @deadline_us: when it gives up, monotonic time
 *
 * Lets the thread end: it takes the connections that wait already, accepts no more, closes those that are
 * idle and, after a moment, those of which no complete request has come, and ends when no connection is left
 * and the user is quiet. At the deadline it cuts the rest. May be
 * called once, from any thread; does not wait.
 */
void
door_io_thread_drain (DoorIoThread *self, int64_t deadline_us)
{
  self->drain_deadline_us = deadline_us;
  door_io_thread_post (self, drain_cb, self);
}

static gpointer
run (gpointer data)
{
  DoorIoThread *self = data;
  g_autoptr (GSource) wake = g_unix_fd_source_new (self->wake_fd, G_IO_IN);

  g_main_context_push_thread_default (self->context);
  attach (self, wake, G_SOURCE_FUNC (run_calls_cb), self);
  self->hooks->begin (self->data);
  resume_cb (self);
  set_tick (self, MIN (MAX_TICK_MS, MAX (self->limits.client_timeout_us / 2000, 1)));
  g_main_loop_run (self->loop);
  self->hooks->end (self->data);
  g_source_destroy (self->tick);
  g_clear_pointer (&self->tick, g_source_unref);
  g_source_destroy (wake);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/**
 * door_io_thread_start:
 * @self: a thread
 * @name: its name, at most 15 bytes
 */
void
door_io_thread_start (DoorIoThread *self, const char *name)
{
  self->thread = g_thread_new (name, run, self);
}

/**
 * door_io_thread_free:
 * @self: (transfer full): a thread that was never started, or has been told to drain
 *
 * Waits for the thread to end.
 */
void
door_io_thread_free (DoorIoThread *self)
{
  if (self->thread != NULL)
    g_thread_join (self->thread);
  g_ptr_array_unref (self->acceptors);
  g_hash_table_unref (self->connections);
  door_handshakes_free (self->handshakes);
  g_array_unref (self->calls);
  g_clear_object (&self->certificate);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  close (self->wake_fd);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

/**
 * door_io_thread_is_ending:
 * @self: a thread, which must be the calling one
 *
 * Returns: whether connections shall end with the request they carry: at the end of our life, and for a
 *   while after descriptors were short
 */
bool
door_io_thread_is_ending (DoorIoThread *self)
{
  return self->draining || is_pressed (self, g_get_monotonic_time ());
}

/**
 * door_io_thread_lookup:
 * @self: a thread, which must be the calling one
 * @remote: (nullable): the very address object of a connection
 *
 * Returns: (transfer none) (nullable): the connection
 */
DoorClient *
door_io_thread_lookup (DoorIoThread *self, GSocketAddress *remote)
{
  return remote == NULL ? NULL : g_hash_table_lookup (self->connections, remote);
}
