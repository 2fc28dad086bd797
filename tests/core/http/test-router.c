/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"
#include "door-router.h"

#include <string.h>

static DoorResponse *
hello (gpointer context, DoorRequest *request, GError **error)
{
  return door_response_new_text (200, "text/plain", door_request_get_path_param (request, "idp"));
}

static DoorResponse *
refuse (gpointer context, DoorRequest *request, GError **error)
{
  door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_GROUP, "not in the group");
  return NULL;
}

static DoorResponse *
render (gpointer context, DoorRequest *request, const DoorRoute *route, const char *request_id,
        const GError *error)
{
  (*(int *) context)++;
  g_assert_cmpstr (route->name, ==, "refuse");
  return door_response_new (door_response_status_for_error (error));
}

static const DoorRoute routes[] = {
  { DOOR_METHOD_GET, "/", 0, DOOR_POOL_WORKER, hello, "root" },
  { DOOR_METHOD_GET, "/saml/{idp}/start", 0, DOOR_POOL_WORKER, hello, "start" },
  { DOOR_METHOD_POST, "/saml/{idp}/acs", 100, DOOR_POOL_CRYPTO, hello, "acs" },
  { DOOR_METHOD_GET, "/saml/{idp}/acs", 0, DOOR_POOL_WORKER, hello, "acs-get" },
  { DOOR_METHOD_GET, "/scim/{name}/Users/{id}", 0, DOOR_POOL_WORKER, hello, "user" },
  { DOOR_METHOD_GET, "/scim/{name}/Users/me", 0, DOOR_POOL_WORKER, hello, "shadowed" },
  { DOOR_METHOD_GET, "/refuse", 0, DOOR_POOL_WORKER, refuse, "refuse" },
};

static DoorRouter *
make (gpointer context, DoorErrorRenderer renderer)
{
  g_autoptr (GError) error = NULL;
  DoorRouter *router = door_router_new (routes, G_N_ELEMENTS (routes), context, renderer, &error);

  g_assert_no_error (error);
  return router;
}

static void
test_match (void)
{
  static const struct
  {
    const char *method, *path, *name, *idp;
    unsigned int allowed;
  } cases[] = {
    { "GET", "/", "root", NULL, DOOR_METHOD_GET },
    { "HEAD", "/", "root", NULL, DOOR_METHOD_GET },
    { "GET", "/saml/okta/start", "start", "okta", DOOR_METHOD_GET },
    { "POST", "/saml/okta/acs", "acs", "okta", DOOR_METHOD_POST },
    { "GET", "/saml/{idp}/acs", "acs-get", "{idp}", DOOR_METHOD_GET | DOOR_METHOD_POST },
    { "GET", "/scim/x/Users/me", "user", NULL, DOOR_METHOD_GET },
    { "PUT", "/saml/okta/acs", NULL, NULL, DOOR_METHOD_GET | DOOR_METHOD_POST },
    { "OPTIONS", "/", NULL, NULL, DOOR_METHOD_GET },
    { "get", "/", NULL, NULL, DOOR_METHOD_GET },
    { "GET", "", NULL, NULL, 0 },
    { "GET", "//", NULL, NULL, 0 },
    { "GET", "/saml//acs", NULL, NULL, 0 },
    { "GET", "/saml/okta/acs/", NULL, NULL, 0 },
    { "GET", "/saml/okta", NULL, NULL, 0 },
    { "GET", "/saml/okta/acsx", NULL, NULL, 0 },
    { "GET", "/saml/okta/ac", NULL, NULL, 0 },
    { "GET", "/SAML/okta/acs", NULL, NULL, 0 },
  };
  g_autoptr (DoorRouter) router = make (NULL, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (DoorMatch) match = { NULL };

      g_test_message ("%s %s", cases[i].method, cases[i].path);
      door_router_match (router, cases[i].method, cases[i].path, &match);
      g_assert_cmpstr (match.route == NULL ? NULL : match.route->name, ==, cases[i].name);
      if (match.route == NULL)
        g_assert_cmpuint (match.allowed, ==, cases[i].allowed);
      if (cases[i].idp != NULL)
        {
          g_assert_cmpstr (match.params[0], ==, "idp");
          g_assert_cmpstr (match.params[1], ==, cases[i].idp);
        }
    }
}

static void
test_allow (void)
{
  g_autofree char *both = door_methods_to_allow (DOOR_METHOD_GET | DOOR_METHOD_POST);
  g_autofree char *one = door_methods_to_allow (DOOR_METHOD_DELETE);

  g_assert_cmpstr (both, ==, "GET, HEAD, POST");
  g_assert_cmpstr (one, ==, "DELETE");
}

static void
test_bad_tables (void)
{
  static const struct
  {
    const char *first, *second;
    unsigned int methods;
  } bad[] = {
    { "", "/a", DOOR_METHOD_GET },
    { "a", "/b", DOOR_METHOD_GET },
    { "/{", "/a", DOOR_METHOD_GET },
    { "/{}", "/a", DOOR_METHOD_GET },
    { "/{a}b", "/a", DOOR_METHOD_GET },
    { "/x{a}", "/a", DOOR_METHOD_GET },
    { "/a", "/a", DOOR_METHOD_GET },
    { "/{x}/b", "/{y}/b", DOOR_METHOD_GET },
    { "/a", "/b", 0 },
    { "/{a}/{b}/{c}/{d}/{e}", "/a", DOOR_METHOD_GET },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      DoorRoute two[] = { { bad[i].methods, bad[i].first, 0, DOOR_POOL_WORKER, hello, "a" },
                          { bad[i].methods, bad[i].second, 0, DOOR_POOL_WORKER, hello, "b" } };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s %s", bad[i].first, bad[i].second);
      g_assert_null (door_router_new (two, 2, NULL, NULL, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
    }
}

/* What handlers get may be replaced between requests: each holds what it began with until it is answered. */
static gpointer
pin_counter (gpointer owner)
{
  int *counter = owner;

  counter[0]++;
  counter[1]++;
  return owner;
}

static void
unpin_counter (gpointer pinned)
{
  ((int *) pinned)[0]--;
}

static DoorResponse *
tell_pins (gpointer context, DoorRequest *request, GError **error)
{
  g_assert_cmpint (((int *) context)[0], ==, 1);
  return door_response_new (200);
}

static DoorResponse *
render_pinned (gpointer context, DoorRequest *request, const DoorRoute *route, const char *request_id,
               const GError *error)
{
  g_assert_cmpint (((int *) context)[0], ==, 1);
  return door_response_new (500);
}

static void
test_pins (void)
{
  static const DoorRoute route = { DOOR_METHOD_GET, "/", 0, DOOR_POOL_WORKER, tell_pins, "pins" };
  int counter[2] = { 0 };
  DoorPins pins = { pin_counter, unpin_counter, counter };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorRouter) router = door_router_new_pinned (&route, 1, &pins, render_pinned, &error);
  g_autoptr (DoorResponse) good = NULL, bad = NULL;

  g_assert_no_error (error);
  g_assert_cmpint (counter[1], ==, 0);
  good = door_router_run (router, &route, NULL);
  g_assert_cmpuint (door_response_get_status (good), ==, 200);
  g_assert_cmpint (counter[0], ==, 0);
  bad = door_router_render_error (router, NULL, NULL, "id", NULL);
  g_assert_cmpuint (door_response_get_status (bad), ==, 500);
  g_assert_cmpint (counter[0], ==, 0);
  g_assert_cmpint (counter[1], ==, 2);
}

static void
test_bounded (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree DoorRoute *many = g_new0 (DoorRoute, 129);

  g_assert_null (door_router_new (many, 129, NULL, NULL, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
}

static void
test_run (void)
{
  int rendered = 0;
  const char *const params[] = { "idp", "okta", NULL };
  DoorRequestParts parts = { .method = "GET", .target = "/saml/okta/start", .params = params };
  g_autoptr (DoorRequest) request = door_request_new (&parts, NULL);
  g_autoptr (DoorRouter) router = make (&rendered, render);
  g_autoptr (DoorResponse) good = door_router_run (router, door_router_get_route (router, 1), request);
  g_autoptr (DoorResponse) bad = door_router_run (router, door_router_get_route (router, 6), request);

  g_assert_cmpuint (door_response_get_status (good), ==, 200);
  g_assert_cmpmem (g_bytes_get_data (door_response_get_body (good), NULL), 4, "okta", 4);
  g_assert_cmpuint (door_response_get_status (bad), ==, 403);
  g_assert_cmpint (rendered, ==, 1);
  g_assert_null (door_router_get_route (router, G_N_ELEMENTS (routes)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/router/pins", test_pins);
  g_test_add_func ("/http/router/match", test_match);
  g_test_add_func ("/http/router/allow", test_allow);
  g_test_add_func ("/http/router/bad-tables", test_bad_tables);
  g_test_add_func ("/http/router/bounded", test_bounded);
  g_test_add_func ("/http/router/run", test_run);
  return g_test_run ();
}
