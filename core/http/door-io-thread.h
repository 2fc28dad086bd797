/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <gio/gio.h>

#include "door-client.h"
#include "door-handshakes.h"
#include "door-listener.h"
#include "door-metrics.h"
#include "door-peer-trust.h"

typedef void (*DoorIoFunc) (gpointer data);

/**
 * DoorIoPressure:
 * @since_us: when a thread last was out of descriptors, monotonic time; 0: never
 *
 * What the threads of one process tell each other: what one of them keeps for later, another may need now.
 */
typedef struct
{
  atomic_int_fast64_t since_us;
} DoorIoPressure;

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
 * @max_connections: most connections at once; for one more the longest idle one ends, and if there is none
 *   the new one is closed
 * @client_timeout_us: how long a client may take to send a request, to take an answer, or to be idle
 * @handshakes: what they may do before they have finished the TLS handshake
 * @trust: (transfer none) (nullable): its proxies may have any number of handshakes
 * @metrics: (transfer none) (nullable): counts what clients were refused
 * @pressure: (transfer none): shared by all threads; must outlive them
 *
 * What clients may do to one thread.
 */
typedef struct
{
  unsigned int max_connections;
  int64_t client_timeout_us;
  DoorHandshakeLimits handshakes;
  DoorPeerTrust *trust;
  DoorMetrics *metrics;
  DoorIoPressure *pressure;
} DoorIoLimits;

DoorIoThread *door_io_thread_new (const DoorIoHooks *hooks, gpointer data, const DoorIoLimits *limits);
void door_io_thread_add_listener (DoorIoThread *self, DoorListener *listener);
void door_io_thread_set_certificate (DoorIoThread *self, GTlsCertificate *certificate);
void door_io_thread_start (DoorIoThread *self, const char *name);
void door_io_thread_post (DoorIoThread *self, DoorIoFunc func, gpointer data);
void door_io_thread_drain (DoorIoThread *self, int64_t deadline_us);
void door_io_thread_free (DoorIoThread *self);
bool door_io_thread_is_ending (DoorIoThread *self);

DoorClient *door_io_thread_lookup (DoorIoThread *self, GSocketAddress *remote);
