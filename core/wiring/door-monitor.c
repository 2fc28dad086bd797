/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-monitor.h"

#include "door-management.h"

#define MAX_CONNECTIONS 64
#define MAX_QUEUE 16
/* those who ask are near and ask at once; others must not keep them out */
#define CLIENT_TIMEOUT_S 5
#define HANDLER_TIMEOUT_S 10
#define STOP_DEADLINE_S 2

struct _DoorMonitor
{
  DoorRouteTimes *times;
  DoorReadiness *readiness;
  DoorPeerTrust *trust;
  DoorManagement management;
  DoorRouter *router;
  DoorHttpEngine *engine; /* NULL: nobody asked for it */
};

/* Threads and a queue of its own: it answers also while the server is overloaded. */
static DoorHttpEngine *
make_engine (DoorMonitor *self, const DoorContext *context, char *const *where, GError **error)
{
  g_autoptr (GPtrArray) sockets = g_ptr_array_new (), ports = g_ptr_array_new ();
  DoorHttpOptions options = {
    .trust = self->trust,
    .random = context->random,
    .n_io_threads = 1,
    .n_workers = 1,
    .n_crypto_workers = 1,
    .n_waiting_workers = 1,
    .max_queue = MAX_QUEUE,
    .max_connections = MAX_CONNECTIONS,
    .max_handshakes = 1,
    .max_peer_handshakes = 1,
    .max_running_handshakes = 1,
    .handshake_timeout_s = CLIENT_TIMEOUT_S,
    .client_timeout_s = CLIENT_TIMEOUT_S,
    .handler_timeout_s = HANDLER_TIMEOUT_S,
  };

  for (char *const *one = where; *one != NULL; one++)
    g_ptr_array_add (g_path_is_absolute (*one) ? sockets : ports, *one);
  g_ptr_array_add (sockets, NULL);
  g_ptr_array_add (ports, NULL);
  options.unix_sockets = (const char *const *) sockets->pdata;
  options.http = (const char *const *) ports->pdata;
  return door_http_engine_new (&options, self->router, error);
}

static bool
open_listener (DoorMonitor *self, const DoorContext *context, const DoorPins *contexts, char *const *where,
               GError **error)
{
  self->readiness = door_readiness_new (contexts, error);
  self->trust = door_peer_trust_new (DOOR_FORWARDED_NONE, NULL, NULL, error);
  if (self->readiness == NULL || self->trust == NULL)
    return false;
  self->management = (DoorManagement){ context->metrics, self->times, self->readiness, *contexts };
  self->router =
      door_router_new (door_management_routes, door_n_management_routes, &self->management, NULL, error);
  if (self->router == NULL)
    return false;
  self->engine = make_engine (self, context, where, error);
  return self->engine != NULL;
}

/**
 * door_monitor_new:
 * @listen: group `[listen]`
 * @context: what lasts from one configuration to the next; must outlive the result
 * @contexts: give the #DoorContext in force; their owner must outlive the result
 * @router: the routes of the server; must outlive the result
 * @n_routes: how many
 * @error: return location for an error
 *
 * Makes what keeps account of the server and, where `Management=` says so, the listener that tells it. Opens
 * sockets; blocking.
 *
 * Returns: (transfer full): the monitor, or %NULL with an error
 */
DoorMonitor *
door_monitor_new (const DoorSettings *listen, const DoorContext *context, const DoorPins *contexts,
                  DoorRouter *router, size_t n_routes, GError **error)
{
  DoorMonitor *self = g_new0 (DoorMonitor, 1);
  g_auto (GStrv) where = door_settings_dup_list (listen, "Management");

  self->times = door_route_times_new (router, n_routes);
  if (where[0] != NULL && !open_listener (self, context, contexts, where, error))
    {
      door_monitor_free (self);
      return NULL;
    }
  return self;
}

/**
 * door_monitor_start:
 * @self: a monitor
 *
 * Begins to answer operators. Does not block.
 */
void
door_monitor_start (DoorMonitor *self)
{
  if (self->engine != NULL)
    door_http_engine_start (self->engine);
}

/**
 * door_monitor_free:
 * @self: (transfer full): a monitor, which no engine uses any more
 *
 * Ends the listener. Blocking.
 */
void
door_monitor_free (DoorMonitor *self)
{
  if (self->engine != NULL)
    door_http_engine_stop (self->engine, STOP_DEADLINE_S);
  g_clear_pointer (&self->engine, door_http_engine_free);
  g_clear_pointer (&self->router, door_router_unref);
  g_clear_pointer (&self->trust, door_peer_trust_unref);
  g_clear_pointer (&self->readiness, door_readiness_free);
  g_clear_pointer (&self->times, door_route_times_free);
  g_free (self);
}

/**
 * door_monitor_get_times:
 * @self: a monitor
 *
 * Returns: (transfer none): where an engine keeps how long requests take
 */
DoorRouteTimes *
door_monitor_get_times (DoorMonitor *self)
{
  return self->times;
}
