/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-io-thread.h"
#include "door-job-pool.h"
#include "door-peer-trust.h"
#include "door-random.h"
#include "door-route-times.h"
#include "door-router.h"

/**
 * DoorHttpShared:
 * @router: the routes
 * @trust: who is believed about the client
 * @random: makes the request ids
 * @pools: the threads handlers run in
 * @metrics: (nullable): counts what was refused
 * @times: (nullable): how long requests take
 * @handler_timeout_us: how long a handler may take before its cancellable is cancelled
 *
 * What the servers of one engine share.
 */
typedef struct
{
  DoorRouter *router;
  DoorPeerTrust *trust;
  DoorRandom *random;
  DoorJobPool *pools[DOOR_N_POOLS];
  DoorMetrics *metrics;
  DoorRouteTimes *times;
  int64_t handler_timeout_us;
} DoorHttpShared;

typedef struct _DoorHttpServer DoorHttpServer;

DoorHttpServer *door_http_server_new (const DoorHttpShared *shared, const DoorIoLimits *limits);
DoorIoThread *door_http_server_get_thread (DoorHttpServer *self);
void door_http_server_free (DoorHttpServer *self);
