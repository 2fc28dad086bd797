/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-http-engine.h"

#include <grp.h>
#include <stdatomic.h>

#include "door-error.h"
#include "door-http-server.h"

/* One I/O thread, as the watchdog sees it. */
typedef struct
{
  atomic_bool asked; /* it has not answered yet */
} Pulse;

struct _DoorHttpEngine
{
  DoorHttpShared shared;
  DoorIoPressure pressure;
  GPtrArray *listeners; /* DoorListener; emptied when draining begins */
  GArray *ports;
  GPtrArray *servers; /* DoorHttpServer */
  unsigned int workers[DOOR_N_POOLS];
  unsigned int max_queue;
  bool running;
  uint64_t begun[DOOR_N_POOLS];
  Pulse *pulses; /* one for each server */
};

static gboolean
find_group (const char *name, DoorProxyPeers *peers, GError **error)
{
  const struct group *group;

  if (name == NULL)
    return TRUE;
  group = getgrnam (name);
  if (group == NULL)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "[listen] SocketGroup: there is no group %s", name);
      return FALSE;
    }
  peers->gid = group->gr_gid;
  peers->has_gid = true;
  return TRUE;
}

static gboolean
take_listener (DoorHttpEngine *self, DoorListener *listener)
{
  unsigned int port;

  if (listener == NULL)
    return FALSE;
  port = door_listener_get_port (listener);
  g_ptr_array_add (self->listeners, listener);
  g_array_append_val (self->ports, port);
  return TRUE;
}

static gboolean
listen_tcp (DoorHttpEngine *self, const char *const *addresses, bool is_tls, GError **error)
{
  for (size_t i = 0; addresses != NULL && addresses[i] != NULL; i++)
    if (!take_listener (self, door_listener_new_tcp (addresses[i], is_tls, error)))
      return FALSE;
  return TRUE;
}

static bool
speaks_tls (const DoorHttpOptions *options, size_t i)
{
  return options->certificate != NULL &&
         (options->fd_names == NULL || g_strcmp0 (options->fd_names[i], "http") != 0);
}

static gboolean
listen_all (DoorHttpEngine *self, const DoorHttpOptions *options, GError **error)
{
  DoorProxyPeers peers = { options->proxy_uids, options->n_proxy_uids, 0, false };
  const char *const *paths = options->unix_sockets;

  if (!find_group (options->socket_group, &peers, error))
    return FALSE;
  if (options->https != NULL && options->https[0] != NULL && options->certificate == NULL)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "Https= needs a certificate");
      return FALSE;
    }
  for (size_t i = 0; paths != NULL && paths[i] != NULL; i++)
    if (!take_listener (self, door_listener_new_unix (paths[i], &peers, error)))
      return FALSE;
  if (!listen_tcp (self, options->http, false, error) || !listen_tcp (self, options->https, true, error))
    return FALSE;
  for (size_t i = 0; i < options->n_fds; i++)
    if (!take_listener (self,
                        door_listener_new_from_fd (options->fds[i], speaks_tls (options, i), &peers, error)))
      return FALSE;
  return TRUE;
}

/* A unix socket belongs to one thread, so that the proxy balances; a port is accepted from by all. */
static void
add_server (DoorHttpEngine *self, const DoorHttpOptions *options)
{
  unsigned int most = MAX (options->max_connections / options->n_io_threads, 1);
  DoorIoLimits limits = {
    .max_connections = most,
    .client_timeout_us = (int64_t) options->client_timeout_s * G_USEC_PER_SEC,
    .handshakes = { .max = MAX (MIN (options->max_handshakes, most / 2), 1),
                    .max_per_peer = MAX (options->max_peer_handshakes, 1),
                    .max_running = MAX (options->max_running_handshakes / options->n_io_threads, 1),
                    .timeout_us = (int64_t) options->handshake_timeout_s * G_USEC_PER_SEC },
    .trust = self->shared.trust,
    .metrics = self->shared.metrics,
    .pressure = &self->pressure,
  };
  DoorHttpServer *server = door_http_server_new (&self->shared, &limits);
  DoorIoThread *thread = door_http_server_get_thread (server);

  if (options->certificate != NULL)
    door_io_thread_set_certificate (thread, options->certificate);
  for (guint i = 0; i < self->listeners->len; i++)
    if (!door_listener_is_unix (self->listeners->pdata[i]) || i % options->n_io_threads == self->servers->len)
      door_io_thread_add_listener (thread, self->listeners->pdata[i]);
  g_ptr_array_add (self->servers, server);
}

static DoorIoThread *
get_thread (DoorHttpEngine *self, size_t i)
{
  return door_http_server_get_thread (self->servers->pdata[i]);
}

static void
note_expiry (DoorHttpEngine *self, GTlsCertificate *certificate)
{
  g_autoptr (GDateTime) ends = g_tls_certificate_get_not_valid_after (certificate);
  DoorMetricSample sample = { DOOR_METRIC_FAMILY_CERTIFICATE_EXPIRY, { "tls" }, 0 };

  if (ends == NULL)
    return;
  sample.value = g_date_time_to_unix (ends);
  door_metrics_note (self->shared.metrics, &sample);
}

/**
 * door_http_engine_new:
 * @options: how it works
 * @router: the routes
 * @error: return location for an error
 *
 * Makes an HTTP/1.1 server for a proxy in front of it, and binds its sockets. It does not answer before
 * door_http_engine_start(). Does not block.
 *
 * Returns: (transfer full): the engine, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorHttpEngine *
door_http_engine_new (const DoorHttpOptions *options, DoorRouter *router, GError **error)
{
  g_autoptr (DoorHttpEngine) self = g_new0 (DoorHttpEngine, 1);

  self->shared.router = door_router_ref (router);
  self->shared.trust = door_peer_trust_ref (options->trust);
  self->shared.random = door_random_ref (options->random);
  self->shared.metrics = options->metrics != NULL ? door_metrics_ref (options->metrics) : NULL;
  self->shared.times = options->times;
  self->shared.handler_timeout_us = (int64_t) options->handler_timeout_s * G_USEC_PER_SEC;
  self->servers = g_ptr_array_new_with_free_func ((GDestroyNotify) door_http_server_free);
  self->listeners = g_ptr_array_new_with_free_func ((GDestroyNotify) door_listener_unref);
  self->ports = g_array_new (FALSE, FALSE, sizeof (unsigned int));
  self->workers[DOOR_POOL_WORKER] = options->n_workers;
  self->workers[DOOR_POOL_CRYPTO] = options->n_crypto_workers;
  self->workers[DOOR_POOL_WAITING] = options->n_waiting_workers;
  self->max_queue = options->max_queue;
  if (!listen_all (self, options, error))
    return NULL;
  self->pulses = g_new0 (Pulse, options->n_io_threads);
  for (unsigned int i = 0; i < options->n_io_threads; i++)
    add_server (self, options);
  if (options->certificate != NULL)
    note_expiry (self, options->certificate);
  return g_steal_pointer (&self);
}

/**
 * door_http_engine_start:
 * @self: an engine that has not been started
 *
 * Starts its threads. Does not block.
 */
void
door_http_engine_start (DoorHttpEngine *self)
{
  static const char *const names[] = {
    [DOOR_POOL_WORKER] = "worker",
    [DOOR_POOL_CRYPTO] = "crypto",
    [DOOR_POOL_WAITING] = "waiting",
  };

  for (size_t i = 0; i < DOOR_N_POOLS; i++)
    self->shared.pools[i] = door_job_pool_new (names[i], self->workers[i], self->max_queue);
  for (guint i = 0; i < self->servers->len; i++)
    {
      g_autofree char *name = g_strdup_printf ("http-%u", i);

      door_io_thread_start (get_thread (self, i), name);
    }
  self->running = true;
}

/**
 * door_http_engine_stop:
 * @self: an engine
 * @deadline_s: how long requests under way may take to finish
 *
 * Stops: removes the unix sockets, takes the connections that wait already, answers what is under way with
 * "Connection: close", and ends. What is not finished by the deadline is cut and its cancellable cancelled.
 * Blocks until it is done, which includes the handlers that run.
 */
void
door_http_engine_stop (DoorHttpEngine *self, unsigned int deadline_s)
{
  int64_t deadline_us = g_get_monotonic_time () + (int64_t) deadline_s * G_USEC_PER_SEC;

  for (guint i = 0; i < self->listeners->len; i++)
    door_listener_unlink (self->listeners->pdata[i]);
  g_ptr_array_set_size (self->listeners, 0);
  for (guint i = 0; i < self->servers->len && self->running; i++)
    door_io_thread_drain (get_thread (self, i), deadline_us);
  g_ptr_array_set_size (self->servers, 0);
  for (size_t i = 0; i < DOOR_N_POOLS; i++)
    g_clear_pointer (&self->shared.pools[i], door_job_pool_free);
  self->running = false;
}

/**
 * door_http_engine_free:
 * @self: (transfer full): an engine
 *
 * Stops it at once if it still runs.
 */
void
door_http_engine_free (DoorHttpEngine *self)
{
  door_http_engine_stop (self, 0);
  g_ptr_array_unref (self->servers);
  g_ptr_array_unref (self->listeners);
  g_array_unref (self->ports);
  door_router_unref (self->shared.router);
  door_peer_trust_unref (self->shared.trust);
  door_random_unref (self->shared.random);
  g_free (self->pulses);
  g_clear_pointer (&self->shared.metrics, door_metrics_unref);
  g_free (self);
}

/**
 * door_http_engine_set_certificate:
 * @self: an engine
 * @certificate: certificate and key
 *
 * Changes the certificate for the TLS handshakes that begin from now on. May be called while it runs.
 */
void
door_http_engine_set_certificate (DoorHttpEngine *self, GTlsCertificate *certificate)
{
  note_expiry (self, certificate);
  for (guint i = 0; i < self->servers->len; i++)
    door_io_thread_set_certificate (get_thread (self, i), certificate);
}

static void
beat (gpointer data)
{
  atomic_store (&((Pulse *) data)->asked, false);
}

static void
do_nothing (gpointer data)
{
}

/* A pool that has nothing to do is asked to do nothing: threads that hang would not even do that. */
static bool
check_pool (DoorHttpEngine *self, DoorPool pool)
{
  if (!door_job_pool_is_moving (self->shared.pools[pool], &self->begun[pool]))
    return false;
  door_job_pool_push (self->shared.pools[pool], do_nothing, NULL);
  return true;
}

/**
 * door_http_engine_check:
 * @self: an engine that runs
 *
 * For a watchdog, at intervals; one thread at a time. Does not block.
 *
 * Returns: whether every I/O thread has answered and every pool has begun a job since the last call, where
 * there was one
 */
bool
door_http_engine_check (DoorHttpEngine *self)
{
  bool alive = true;

  for (guint i = 0; i < self->servers->len; i++)
    {
      if (atomic_exchange (&self->pulses[i].asked, true))
        alive = false;
      else
        door_io_thread_post (get_thread (self, i), beat, &self->pulses[i]);
    }
  for (size_t i = 0; i < DOOR_N_POOLS; i++)
    alive = check_pool (self, i) && alive;
  return alive;
}

/**
 * door_http_engine_get_port:
 * @self: an engine
 * @listener: which listener, counted through the unix sockets, HTTP, HTTPS and passed sockets
 *
 * Returns: its TCP port, 0 for a unix socket or when there is no such listener
 */
unsigned int
door_http_engine_get_port (DoorHttpEngine *self, size_t listener)
{
  return listener < self->ports->len ? g_array_index (self->ports, unsigned int, listener) : 0;
}
