/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"
#include "door-request.h"

#include <string.h>

static DoorRequest *
make (const char *method, const char *target, GError **error)
{
  DoorRequestParts parts = { .method = method, .target = target };

  return door_request_new (&parts, error);
}

static void
test_path (void)
{
  static const struct
  {
    const char *target, *path, *query;
  } cases[] = {
    { "/", "/", NULL },
    { "/a/b?x=1", "/a/b", "x=1" },
    { "/a?", "/a", "" },
    { "/a?b?c", "/a", "b?c" },
    { "/%61%C3%A4", "/a\xc3\xa4", NULL },
    { "/a%252fb", "/a%2fb", NULL },
    { "/a%20b", "/a b", NULL },
    { "/...", "/...", NULL },
    { "/a/..b", "/a/..b", NULL },
    { "/.well-known/x", "/.well-known/x", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorRequest) request = make ("GET", cases[i].target, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (door_request_get_path (request), ==, cases[i].path);
      g_assert_cmpstr (door_request_get_query (request), ==, cases[i].query);
    }
}

static void
test_bad_path (void)
{
  static const char *const bad[] = {
    "",      "a",         "*",    "http://a/", "/a%2fb", "/a%2Fb", "/a%5cb",    "/a\\b",   "/%00", "/%01",
    "/%7f",  "/%0a",      "/%",   "/%4",       "/%zz",   "/%ff",   "/\xc3\xa4", "/a b",    "/..",  "/a/../b",
    "/a/..", "/%2e%2e/b", "/./a", "/a/%2E",    "/a#b",   "/a?b#c", "/a\tb",     "/%c0%ae",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i]);
      g_assert_null (make ("GET", bad[i], &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_HTTP_BADREQUEST);
    }
}

static void
test_bad_method (void)
{
  static const char *const bad[] = { "", "get", "GE T", "GET\r", "ABCDEFGHIJKLMNOPQ" };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (make (bad[i], "/", NULL));
}

static void
test_query (void)
{
  g_autoptr (DoorRequest) request = make ("GET", "/?a=1&b=x%20y&c=1&c=2", NULL);
  g_autoptr (DoorRequest) broken = make ("GET", "/?a=%", NULL);
  g_autoptr (DoorRequest) none = make ("GET", "/", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *b = NULL, *c = NULL;

  g_assert_true (door_request_lookup_query (request, "b", &b, &error));
  g_assert_cmpstr (b, ==, "x y");
  g_assert_false (door_request_lookup_query (request, "c", &c, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_false (door_request_lookup_query (broken, "z", &c, NULL));
  g_assert_true (door_request_lookup_query (none, "z", &c, NULL));
  g_assert_null (c);
}

static void
test_whole (void)
{
  const char *const pairs[] = { "Content-Type", "Application/X-WWW-Form-urlencoded ; charset=x", "Cookie",
                                "__Host-a=1", NULL };
  const char *const params[] = { "idp", "okta", "id", "7", NULL };
  g_autoptr (DoorHeaders) headers = door_headers_new (pairs, NULL);
  g_autoptr (GBytes) body = g_bytes_new_static ("a=1", 3);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  DoorRequestParts parts = { "POST", "/saml/okta",   headers, params, body,       "192.0.2.1",
                             "http", "a.example:80", body,    "ABC",  cancellable };
  g_autoptr (DoorRequest) request = door_request_new (&parts, NULL);
  g_autoptr (DoorForm) form = door_request_parse_form (request, 4, NULL);
  g_autofree char *cookie = NULL;

  g_assert_cmpstr (door_request_get_method (request), ==, "POST");
  g_assert_cmpstr (door_request_get_path_param (request, "id"), ==, "7");
  g_assert_null (door_request_get_path_param (request, "okta"));
  g_assert_cmpstr (door_request_get_header (request, "cookie"), ==, "__Host-a=1");
  g_assert_true (door_request_lookup_cookie (request, "__Host-a", &cookie, NULL));
  g_assert_cmpstr (cookie, ==, "1");
  g_assert_true (door_request_get_body (request) == body);
  g_assert_true (door_request_get_client_certificate (request) == body);
  g_assert_cmpstr (door_request_get_peer (request), ==, "192.0.2.1");
  g_assert_cmpstr (door_request_get_scheme (request), ==, "http");
  g_assert_cmpstr (door_request_get_host (request), ==, "a.example:80");
  g_assert_cmpstr (door_request_get_id (request), ==, "ABC");
  g_assert_true (door_request_get_cancellable (request) == cancellable);
  g_assert_cmpstr (door_form_get_value (form, 0), ==, "1");
}

static void
test_content_type (void)
{
  static const char *const bad[] = { "text/plain", "application/x-www-form-urlencodedx", "", NULL };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *const pairs[] = { bad[i] == NULL ? "X" : "Content-Type", bad[i] == NULL ? "" : bad[i],
                                    NULL };
      g_autoptr (DoorHeaders) headers = door_headers_new (pairs, NULL);
      DoorRequestParts parts = { .method = "POST", .target = "/", .headers = headers };
      g_autoptr (DoorRequest) request = door_request_new (&parts, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_null (door_request_parse_form (request, 4, &error));
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_HTTP_MEDIATYPE);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/request/path", test_path);
  g_test_add_func ("/http/request/bad-path", test_bad_path);
  g_test_add_func ("/http/request/bad-method", test_bad_method);
  g_test_add_func ("/http/request/query", test_query);
  g_test_add_func ("/http/request/whole", test_whole);
  g_test_add_func ("/http/request/content-type", test_content_type);
  return g_test_run ();
}
