/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include "door-pins.h"
#include "door-request.h"
#include "door-response.h"

/**
 * DoorMethods:
 * @DOOR_METHOD_GET: GET, and with it HEAD
 * @DOOR_METHOD_POST: POST
 * @DOOR_METHOD_PUT: PUT
 * @DOOR_METHOD_PATCH: PATCH
 * @DOOR_METHOD_DELETE: DELETE
 *
 * Methods a route takes.
 */
typedef enum
{
  DOOR_METHOD_GET = 1 << 0,
  DOOR_METHOD_POST = 1 << 1,
  DOOR_METHOD_PUT = 1 << 2,
  DOOR_METHOD_PATCH = 1 << 3,
  DOOR_METHOD_DELETE = 1 << 4,
} DoorMethods;

/**
 * DoorPool:
 * @DOOR_POOL_WORKER: what takes microseconds and a read of the database
 * @DOOR_POOL_CRYPTO: what costs milliseconds of computing
 * @DOOR_POOL_WAITING: what asks another server, with a deadline
 *
 * The threads in which a handler runs.
 */
typedef enum
{
  DOOR_POOL_WORKER,
  DOOR_POOL_CRYPTO,
  DOOR_POOL_WAITING,
  DOOR_N_POOLS,
} DoorPool;

/**
 * DoorHandler:
 * @context: what the router was made with, or its pins gave for the request
 * @request: the request
 * @error: return location for an error
 *
 * Answers one request, in a thread of the route's pool. May wait for the database, and for the network in
 * %DOOR_POOL_WAITING only.
 *
 * Returns: (transfer full): the answer, or %NULL with an error, which the error renderer turns into one
 */
typedef DoorResponse *(*DoorHandler) (gpointer context, DoorRequest *request, GError **error);

/**
 * DoorRoute:
 * @methods: what it takes
 * @pattern: path with {name} for one whole segment, "/saml/{idp}/acs"
 * @limit_bytes: largest body
 * @pool: where the handler runs
 * @handler: what answers
 * @name: short name for logs and metrics
 * @is_page: whether a person looks at what it answers, so that errors are pages too
 */
typedef struct
{
  DoorMethods methods;
  const char *pattern;
  size_t limit_bytes;
  DoorPool pool;
  DoorHandler handler;
  const char *name;
  bool is_page;
} DoorRoute;

/**
 * DoorErrorRenderer:
 * @context: what the router was made with, or its pins gave for the request
 * @request: (nullable): the request, %NULL when it could not even be read
 * @route: (nullable): its route, %NULL when there is none
 * @request_id: id of the request
 * @error: what went wrong
 *
 * Makes the answer for an error. Runs in a worker or in an I/O thread: must not block.
 *
 * Returns: (transfer full): the answer
 */
typedef DoorResponse *(*DoorErrorRenderer) (gpointer context, DoorRequest *request, const DoorRoute *route,
                                            const char *request_id, const GError *error);

/**
 * DoorMatch:
 * @route: (nullable): the route, %NULL when none has the path and the method
 * @params: (nullable) (array zero-terminated=1): variables of the path: name, value, …
 * @allowed: methods of the routes that have the path, 0 when none has it
 */
typedef struct
{
  const DoorRoute *route;
  char **params;
  DoorMethods allowed;
} DoorMatch;

typedef struct _DoorRouter DoorRouter;

DoorRouter *door_router_new (const DoorRoute *routes, size_t n_routes, gpointer context,
                             DoorErrorRenderer renderer, GError **error);
DoorRouter *door_router_new_pinned (const DoorRoute *routes, size_t n_routes, const DoorPins *contexts,
                                    DoorErrorRenderer renderer, GError **error);
DoorRouter *door_router_ref (DoorRouter *self);
void door_router_unref (DoorRouter *self);
const DoorRoute *door_router_get_route (DoorRouter *self, size_t i);
void door_router_match (DoorRouter *self, const char *method, const char *path, DoorMatch *match);
DoorResponse *door_router_run (DoorRouter *self, const DoorRoute *route, DoorRequest *request);
DoorResponse *door_router_render_error (DoorRouter *self, DoorRequest *request, const DoorRoute *route,
                                        const char *request_id, const GError *error);
void door_router_log_failure (DoorRequest *request, const char *what, const GError *failure);
char *door_methods_to_allow (DoorMethods methods);
void door_match_clear (DoorMatch *match);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorRouter, door_router_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorMatch, door_match_clear)
