/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-router.h"

#include <string.h>

#include "door-error.h"

#define MAX_ROUTES 128
#define MAX_PARAMS 4

struct _DoorRouter
{
  DoorRoute *routes; /* patterns and names are the caller's constants */
  size_t n_routes;
  DoorPins contexts;
  DoorErrorRenderer renderer;
};

static const struct
{
  DoorMethods method;
  const char *name;
} methods[] = {
  { DOOR_METHOD_GET, "GET" }, { DOOR_METHOD_GET, "HEAD" },    { DOOR_METHOD_POST, "POST" },
  { DOOR_METHOD_PUT, "PUT" }, { DOOR_METHOD_PATCH, "PATCH" }, { DOOR_METHOD_DELETE, "DELETE" },
};

static DoorResponse *
render_plain (gpointer context, DoorRequest *request, const DoorRoute *route, const char *request_id,
              const GError *error)
{
  return door_response_new_for_error (error, request_id);
}

/* "{name}" or a literal without braces */
static bool
is_segment (const char *at, size_t length, size_t *n_params)
{
  if (length > 0 && at[0] == '{')
    {
      if (length < 3 || at[length - 1] != '}')
        return false;
      at++;
      length -= 2;
      (*n_params)++;
    }
  for (size_t i = 0; i < length; i++)
    if (at[i] == '{' || at[i] == '}')
      return false;
  return true;
}

static bool
is_pattern (const char *pattern)
{
  size_t n_params = 0;

  if (*pattern != '/')
    return false;
  while (*pattern == '/')
    {
      size_t length = strcspn (++pattern, "/");

      if (!is_segment (pattern, length, &n_params))
        return false;
      pattern += length;
    }
  return n_params <= MAX_PARAMS;
}

/* whether some path would match both */
static bool
is_same_shape (const char *a, const char *b)
{
  while (*a == '/' && *b == '/')
    {
      size_t a_length = strcspn (++a, "/"), b_length = strcspn (++b, "/");
      bool a_var = *a == '{', b_var = *b == '{';

      if (a_var != b_var || (!a_var && (a_length != b_length || memcmp (a, b, a_length) != 0)))
        return false;
      a += a_length;
      b += b_length;
    }
  return *a == *b;
}

static gboolean
check_route (const DoorRoute *routes, size_t i, GError **error)
{
  if (!is_pattern (routes[i].pattern) || routes[i].methods == 0 || routes[i].handler == NULL)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "route %s is malformed",
                      routes[i].pattern);
      return FALSE;
    }
  for (size_t other = 0; other < i; other++)
    if ((routes[other].methods & routes[i].methods) != 0 &&
        is_same_shape (routes[other].pattern, routes[i].pattern))
      {
        door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "route %s stands twice",
                        routes[i].pattern);
        return FALSE;
      }
  return TRUE;
}

/**
 * door_router_new_pinned:
 * @routes: (array length=n_routes): the routes; their texts must outlive the router
 * @n_routes: how many, at most 128
 * @contexts: gives each request the context its handler gets; its owner must outlive the router
 * @renderer: (nullable): makes answers for errors, %NULL: plain text
 * @error: return location for an error
 *
 * Makes a router. Where two patterns match a path, the one that stands first wins. Immutable, may be used by
 * any thread.
 *
 * Returns: (transfer full): the router, or %NULL with %DOOR_ERROR_FAILED when a pattern is malformed or two
 *   routes are the same
 */
DoorRouter *
door_router_new_pinned (const DoorRoute *routes, size_t n_routes, const DoorPins *contexts,
                        DoorErrorRenderer renderer, GError **error)
{
  DoorRouter *self;

  if (n_routes > MAX_ROUTES)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "more than %d routes", MAX_ROUTES);
      return NULL;
    }
  for (size_t i = 0; i < n_routes; i++)
    if (!check_route (routes, i, error))
      return NULL;
  self = g_atomic_rc_box_new0 (DoorRouter);
  self->routes = g_memdup2 (routes, n_routes * sizeof *routes);
  self->n_routes = n_routes;
  self->contexts = *contexts;
  self->renderer = renderer != NULL ? renderer : render_plain;
  return self;
}

/**
 * door_router_new:
 * @routes: (array length=n_routes): the routes
 * @n_routes: how many
 * @context: given to the handlers; must outlive the router
 * @renderer: (nullable): makes answers for errors
 * @error: return location for an error
 *
 * As door_router_new_pinned() with a context that is never replaced.
 *
 * Returns: (transfer full): the router, or %NULL with %DOOR_ERROR_FAILED
 */
DoorRouter *
door_router_new (const DoorRoute *routes, size_t n_routes, gpointer context, DoorErrorRenderer renderer,
                 GError **error)
{
  DoorPins contexts = door_pins_constant (context);

  return door_router_new_pinned (routes, n_routes, &contexts, renderer, error);
}

/**
 * door_router_ref:
 * @self: a router
 *
 * Returns: (transfer full): @self
 */
DoorRouter *
door_router_ref (DoorRouter *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
router_clear (gpointer box)
{
  DoorRouter *self = box;

  g_free (self->routes);
}

/**
 * door_router_unref:
 * @self: (transfer full): a router
 */
void
door_router_unref (DoorRouter *self)
{
  g_atomic_rc_box_release_full (self, router_clear);
}

/**
 * door_router_get_route:
 * @self: a router
 * @i: which route
 *
 * Lets tests and documentation go through the table.
 *
 * Returns: (transfer none) (nullable): the route, %NULL beyond the last
 */
const DoorRoute *
door_router_get_route (DoorRouter *self, size_t i)
{
  return i < self->n_routes ? &self->routes[i] : NULL;
}

static DoorMethods
method_from_name (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++)
    if (strcmp (methods[i].name, name) == 0)
      return methods[i].method;
  return 0;
}

/**
 * door_methods_to_allow:
 * @allowed: methods
 *
 * Returns: (transfer full): the value of an Allow header, "GET, HEAD, POST"
 */
char *
door_methods_to_allow (DoorMethods allowed)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++)
    if ((allowed & methods[i].method) != 0)
      g_string_append_printf (text, "%s%s", text->len == 0 ? "" : ", ", methods[i].name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* compares segment by segment; with @params, also collects the variables */
static bool
match_path (const char *pattern, const char *path, GPtrArray *params)
{
  while (*pattern == '/' && *path == '/')
    {
      size_t want = strcspn (++pattern, "/"), have = strcspn (++path, "/");

      if (*pattern == '{' && have > 0)
        {
          if (params != NULL)
            {
              g_ptr_array_add (params, g_strndup (pattern + 1, want - 2));
              g_ptr_array_add (params, g_strndup (path, have));
            }
        }
      else if (*pattern == '{' || want != have || memcmp (pattern, path, want) != 0)
        return false;
      pattern += want;
      path += have;
    }
  return *pattern == '\0' && *path == '\0';
}

static char **
collect_params (const DoorRoute *route, const char *path)
{
  g_autoptr (GPtrArray) params = g_ptr_array_new ();

  match_path (route->pattern, path, params);
  g_ptr_array_add (params, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&params), FALSE);
}

/**
 * door_router_match:
 * @self: a router
 * @method: the method as received
 * @path: the path, percent-decoded
 * @match: (out caller-allocates): what was found, to be cleared with door_match_clear()
 *
 * Finds the route of a request. Never blocks.
 */
void
door_router_match (DoorRouter *self, const char *method, const char *path, DoorMatch *match)
{
  DoorMethods wanted = method_from_name (method);

  *match = (DoorMatch){ NULL };
  for (size_t i = 0; i < self->n_routes; i++)
    {
      const DoorRoute *route = &self->routes[i];

      if (!match_path (route->pattern, path, NULL))
        continue;
      match->allowed |= route->methods;
      if ((route->methods & wanted) == 0)
        continue;
      match->route = route;
      match->params = collect_params (route, path);
      return;
    }
}

/**
 * door_match_clear:
 * @match: what door_router_match() filled in
 *
 * Frees what @match holds, not @match itself.
 */
void
door_match_clear (DoorMatch *match)
{
  g_clear_pointer (&match->params, g_strfreev);
  match->route = NULL;
}

/**
 * door_router_render_error:
 * @self: a router
 * @request: (nullable): the request
 * @route: (nullable): its route
 * @request_id: its id
 * @error: what went wrong
 *
 * Returns: (transfer full): the answer for the error
 */
DoorResponse *
door_router_render_error (DoorRouter *self, DoorRequest *request, const DoorRoute *route,
                          const char *request_id, const GError *error)
{
  gpointer context = self->contexts.pin (self->contexts.owner);
  DoorResponse *response = self->renderer (context, request, route, request_id, error);

  self->contexts.unpin (context);
  return response;
}

/**
 * door_router_log_failure:
 * @request: a request
 * @what: the name of its route
 * @failure: why it gets no better answer
 *
 * Logs it, as a warning where an administrator has to act. A client that hung up is no such thing, whatever
 * failed because of it; and that nothing can be written is said by the writer, once.
 */
void
door_router_log_failure (DoorRequest *request, const char *what, const GError *failure)
{
  const char *id = door_request_get_id (request);
  DoorFault fault = door_error_get_fault (failure);
  const char *entry =
      fault != DOOR_FAULT_NONE ? door_fault_get_info (fault)->id : "no entry in the catalogue";

  if (door_response_status_for_error (failure) >= 500 && !door_request_is_abandoned (request) &&
      fault != DOOR_FAULT_DB_WRITE)
    g_warning ("%s %s: %s (%s)", id, what, failure->message, entry);
  else
    g_info ("%s %s: %s (%s)", id, what, failure->message, entry);
}

static DoorResponse *
run (DoorRouter *self, gpointer context, const DoorRoute *route, DoorRequest *request)
{
  g_autoptr (GError) error = NULL;
  DoorResponse *response = route->handler (context, request, &error);

  if (response != NULL)
    return response;
  if (error == NULL)
    {
      g_critical ("the handler of %s returned neither an answer nor an error", route->name);
      door_error_set (&error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "no answer");
    }
  door_router_log_failure (request, route->name, error);
  return self->renderer (context, request, route, door_request_get_id (request), error);
}

/**
 * door_router_run:
 * @self: a router
 * @route: one of its routes
 * @request: a request for that route
 *
 * Runs the handler with the context that is in force now, and holds that until the answer is made. May block
 * as the handler does; for the threads of the route's pool.
 *
 * Returns: (transfer full): its answer, or the answer for its error
 */
DoorResponse *
door_router_run (DoorRouter *self, const DoorRoute *route, DoorRequest *request)
{
  gpointer context = self->contexts.pin (self->contexts.owner);
  DoorResponse *response = run (self, context, route, request);

  self->contexts.unpin (context);
  return response;
}
