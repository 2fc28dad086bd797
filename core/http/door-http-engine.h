/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include <sys/types.h>

#include <gio/gio.h>

#include "door-metrics.h"
#include "door-peer-trust.h"
#include "door-random.h"
#include "door-route-times.h"
#include "door-router.h"

/**
 * DoorHttpOptions:
 * @unix_sockets: (nullable) (array zero-terminated=1): paths of sockets for the proxy, best one for each I/O
 *   thread
 * @http: (nullable) (array zero-terminated=1): TCP addresses without TLS, "127.0.0.1:8080"
 * @https: (nullable) (array zero-terminated=1): TCP addresses with TLS
 * @fds: (nullable) (array length=n_fds): listening sockets passed by a service manager; those on TCP speak
 *   TLS when there is a certificate
 * @fd_names: (nullable) (array length=n_fds): their names; one named "http" speaks no TLS in any case
 * @n_fds: how many
 * @socket_group: (nullable): the group the unix sockets belong to and the proxy runs in
 * @proxy_uids: (nullable) (array length=n_proxy_uids): users the proxy may run as
 * @n_proxy_uids: how many
 * @certificate: (nullable): certificate and key, needed with @https
 * @trust: who is believed about the client
 * @random: makes the request ids
 * @metrics: (nullable): counts what was refused
 * @times: (nullable) (transfer none): where is kept how long requests take; must outlive the engine
 * @n_io_threads: threads that read and write, at least 1
 * @n_workers: threads of %DOOR_POOL_WORKER, at least 1
 * @n_crypto_workers: threads of %DOOR_POOL_CRYPTO, at least 1
 * @n_waiting_workers: threads of %DOOR_POOL_WAITING, at least 1
 * @max_queue: requests that may wait for a thread, in each pool; further ones get 503
 * @max_connections: connections at once; for a further one the longest idle one ends, or, if none is idle,
 *   the further one is closed
 * @client_timeout_s: how long a client may take to send a request or to take its answer, and be idle; more
 *   than the proxy's own keep-alive time
 * @max_handshakes: connections at once, for each I/O thread, that have not finished the TLS handshake; the
 *   oldest makes room for a new one, as it does when half of @max_connections are such
 * @max_peer_handshakes: how many of them may come from one address
 * @max_running_handshakes: how many may be under way at once, in all I/O threads; each holds a thread
 * @handshake_timeout_s: how long a client may take from its connection to the end of the handshake
 * @handler_timeout_s: how long a handler may take before its cancellable is cancelled
 *
 * How the engine works. Everything is copied or referenced.
 */
typedef struct
{
  const char *const *unix_sockets;
  const char *const *http;
  const char *const *https;
  const int *fds;
  const char *const *fd_names;
  size_t n_fds;
  const char *socket_group;
  const uid_t *proxy_uids;
  size_t n_proxy_uids;
  GTlsCertificate *certificate;
  DoorPeerTrust *trust;
  DoorRandom *random;
  DoorMetrics *metrics;
  DoorRouteTimes *times;
  unsigned int n_io_threads;
  unsigned int n_workers;
  unsigned int n_crypto_workers;
  unsigned int n_waiting_workers;
  unsigned int max_queue;
  unsigned int max_connections;
  unsigned int max_handshakes;
  unsigned int max_peer_handshakes;
  unsigned int max_running_handshakes;
  unsigned int handshake_timeout_s;
  unsigned int client_timeout_s;
  unsigned int handler_timeout_s;
} DoorHttpOptions;

typedef struct _DoorHttpEngine DoorHttpEngine;

DoorHttpEngine *door_http_engine_new (const DoorHttpOptions *options, DoorRouter *router, GError **error);
void door_http_engine_start (DoorHttpEngine *self);
void door_http_engine_stop (DoorHttpEngine *self, unsigned int deadline_s);
void door_http_engine_free (DoorHttpEngine *self);
void door_http_engine_set_certificate (DoorHttpEngine *self, GTlsCertificate *certificate);
bool door_http_engine_check (DoorHttpEngine *self);
unsigned int door_http_engine_get_port (DoorHttpEngine *self, size_t listener);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorHttpEngine, door_http_engine_free)
