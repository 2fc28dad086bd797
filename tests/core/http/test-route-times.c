/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <locale.h>
#include <string.h>

#include "door-route-times.h"

static DoorResponse *
handle (gpointer context, DoorRequest *request, GError **error)
{
  return door_response_new (200);
}

static const DoorRoute routes[] = {
  { DOOR_METHOD_GET, "/a", 0, DOOR_POOL_WORKER, handle, "first" },
  { DOOR_METHOD_GET, "/b", 0, DOOR_POOL_WORKER, handle, "second" },
  { DOOR_METHOD_GET, "/c", 0, DOOR_POOL_WORKER, handle, "first" },
};

static DoorRouter *
make_router (void)
{
  g_autoptr (GError) error = NULL;
  DoorRouter *router = door_router_new (routes, G_N_ELEMENTS (routes), NULL, NULL, &error);

  g_assert_no_error (error);
  return router;
}

#define BUCKET "doorward_http_request_duration_seconds_bucket{route=\"first\",code=\"2xx\",le="

/* buckets add up, their edges belong to them, and two routes of one name are one series */
static void
test_buckets (void)
{
  static const char expected[] =
      BUCKET "\"0.001\"} 2\n" BUCKET "\"0.005\"} 3\n" BUCKET "\"0.025\"} 3\n" BUCKET "\"0.1\"} 3\n" BUCKET
             "\"0.5\"} 3\n" BUCKET "\"2.5\"} 3\n" BUCKET "\"10\"} 3\n" BUCKET "\"+Inf\"} 4\n"
             "doorward_http_request_duration_seconds_sum{route=\"first\","
             "code=\"2xx\"} 20.0025\n"
             "doorward_http_request_duration_seconds_count{route=\"first\","
             "code=\"2xx\"} 4\n";
  g_autoptr (DoorRouter) router = make_router ();
  g_autoptr (DoorRouteTimes) times = door_route_times_new (router, G_N_ELEMENTS (routes));
  g_autoptr (GString) out = g_string_new (NULL);

  door_route_times_add (times, door_router_get_route (router, 0), 200, 500);
  door_route_times_add (times, door_router_get_route (router, 2), 204, 1000);
  door_route_times_add (times, door_router_get_route (router, 0), 200, 1001);
  door_route_times_add (times, door_router_get_route (router, 0), 200, 20 * G_USEC_PER_SEC - 1);
  door_route_times_print (times, out);
  g_assert_nonnull (strstr (out->str, expected));
  g_assert_null (strstr (out->str, "\"second\""));
  g_assert_null (strstr (out->str, "\"none\""));
}

static void
test_classes (void)
{
  g_autoptr (DoorRouter) router = make_router ();
  g_autoptr (DoorRouteTimes) times = door_route_times_new (router, G_N_ELEMENTS (routes));
  g_autoptr (GString) out = g_string_new (NULL);

  door_route_times_add (times, NULL, 404, 10);
  door_route_times_add (times, door_router_get_route (router, 1), 503, 10);
  door_route_times_add (times, door_router_get_route (router, 1), 999, 10);
  door_route_times_add (NULL, NULL, 404, 10);
  door_route_times_print (times, out);
  g_assert_nonnull (strstr (out->str, "_count{route=\"none\",code=\"4xx\"} 1\n"));
  g_assert_nonnull (strstr (out->str, "_count{route=\"second\",code=\"5xx\"} 1\n"));
  g_assert_null (strstr (out->str, "9xx"));
  g_assert_true (g_str_has_prefix (out->str, "# HELP doorward_http_request_duration_seconds "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/route-times/buckets", test_buckets);
  g_test_add_func ("/http/route-times/classes", test_classes);
  return g_test_run ();
}
