/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <gio/gio.h>

#include "door-handshakes.h"
#include "door-listener.h"
#include "door-peer-trust.h"

typedef struct _DoorIoThread DoorIoThread;
typedef struct _DoorClient DoorClient;
typedef void (*DoorIoFunc) (gpointer data);

/**
 * DoorIoHooks:
 * @begin: called first in the thread
 * @connected: a client is there and, where TLS is spoken, has finished the handshake
 * @tick: called about once a second, and more often while draining
 * @cut: the time for draining is over: end what still runs
 * @is_quiet: whether nothing of the user's is under way that needs the thread
 * @end: called last in the thread
 *
 * What the user of an I/O thread does in it. All run in the thread.
 */
typedef struct
{
  void (*begin) (gpointer data);
  void (*connected) (DoorClient *connection, GIOStream *stream, gpointer data);
  void (*tick) (int64_t now_us, gpointer data);
  void (*cut) (gpointer data);
  bool (*is_quiet) (gpointer data);
  void (*end) (gpointer data);
} DoorIoHooks;

/**
 * DoorIoLimits:
 * @max_connections: most connections at once; more are closed at once
 * @client_timeout_us: how long a client may take to send a request, to take an answer, or to be idle
 * @handshakes: what they may do before they have finished the TLS handshake
 * @trust: (transfer none) (nullable): its proxies may have any number of handshakes
 *
 * What clients may do to one thread.
 */
typedef struct
{
  unsigned int max_connections;
  int64_t client_timeout_us;
  DoorHandshakeLimits handshakes;
  DoorPeerTrust *trust;
} DoorIoLimits;

DoorIoThread *door_io_thread_new (const DoorIoHooks *hooks, gpointer data, const DoorIoLimits *limits);
void door_io_thread_add_listener (DoorIoThread *self, DoorListener *listener);
void door_io_thread_set_certificate (DoorIoThread *self, GTlsCertificate *certificate);
void door_io_thread_start (DoorIoThread *self, const char *name);
void door_io_thread_post (DoorIoThread *self, DoorIoFunc func, gpointer data);
void door_io_thread_drain (DoorIoThread *self, int64_t deadline_us);
void door_io_thread_free (DoorIoThread *self);
bool door_io_thread_is_draining (DoorIoThread *self);

GSocketAddress *door_client_get_remote (DoorClient *self);
DoorClient *door_io_thread_lookup (DoorIoThread *self, GSocketAddress *remote);
bool door_client_is_proxy (DoorClient *self);
bool door_client_is_tls (DoorClient *self);
void door_client_begin_request (DoorClient *self);
void door_client_await_answer (DoorClient *self);
void door_client_begin_answer (DoorClient *self);
void door_client_end_request (DoorClient *self);
void door_client_refuse (DoorClient *self, const char *answer, size_t length);
