/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"
#include "door-response.h"

#include <string.h>

static void
test_headers (void)
{
  g_autoptr (DoorResponse) response = door_response_new (200);

  g_assert_true (door_response_add_header (response, "Set-Cookie", "a=1"));
  g_assert_true (door_response_add_header (response, "Set-Cookie", "b=2"));
  g_assert_cmpuint (door_response_get_n_headers (response), ==, 2);
  g_assert_true (door_response_set_header (response, "set-cookie", "c=3"));
  g_assert_cmpuint (door_response_get_n_headers (response), ==, 1);
  g_assert_cmpstr (door_response_lookup_header (response, "Set-Cookie"), ==, "c=3");
}

static void
test_injection (void)
{
  static const char *const bad[] = { "a\r\nSet-Cookie: x", "a\nb", "a\rb", "a\x01", "\x7f" };
  g_autoptr (DoorResponse) response = door_response_new (200);

  door_response_set_header (response, "X", "before");
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (door_response_set_header (response, "X", bad[i]));
      g_assert_false (door_response_add_header (response, "X", bad[i]));
    }
  g_assert_cmpuint (door_response_get_n_headers (response), ==, 1);
  g_assert_cmpstr (door_response_lookup_header (response, "X"), ==, "before");
}

static void
test_redirect (void)
{
  static const char *const bad[] = { "", "/a b", "/a\r\nX: y", "/\xc3\xa4", "/\x7f" };
  static const char *const good[] = {
    "/mdm/sso?f=1", "https://idp.example/sso?SAMLRequest=x",
    "apple-remotemanagement-user-login://authentication-results?access-token=x"
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (door_response_new_redirect (303, bad[i], &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (DoorResponse) response = door_response_new_redirect (308, good[i], NULL);

      g_assert_cmpuint (door_response_get_status (response), ==, 308);
      g_assert_cmpstr (door_response_lookup_header (response, "Location"), ==, good[i]);
    }
}

static void
test_defaults (void)
{
  g_autoptr (DoorResponse) page = door_response_new_text (200, "text/html; charset=utf-8", "<p>x");
  g_autoptr (DoorResponse) json = door_response_new_text (200, "application/json", "{}");

  door_response_set_header (json, "Cache-Control", "max-age=60");
  door_response_add_defaults (page, "ID1");
  door_response_add_defaults (json, "ID2");
  g_assert_cmpstr (door_response_lookup_header (page, "X-Request-Id"), ==, "ID1");
  g_assert_cmpstr (door_response_lookup_header (page, "X-Content-Type-Options"), ==, "nosniff");
  g_assert_cmpstr (door_response_lookup_header (page, "Cache-Control"), ==, "no-store");
  g_assert_cmpstr (door_response_lookup_header (page, "Referrer-Policy"), ==, "no-referrer");
  g_assert_cmpstr (door_response_lookup_header (page, "Cross-Origin-Opener-Policy"), ==, "same-origin");
  g_assert_cmpstr (door_response_lookup_header (page, "Content-Security-Policy"), ==,
                   "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
                   "frame-ancestors 'none'; base-uri 'none'");
  g_assert_cmpstr (door_response_lookup_header (json, "Cache-Control"), ==, "max-age=60");
  g_assert_cmpstr (door_response_lookup_header (json, "X-Content-Type-Options"), ==, "nosniff");
  g_assert_cmpstr (door_response_lookup_header (json, "Cross-Origin-Resource-Policy"), ==, "same-origin");
  g_assert_null (door_response_lookup_header (json, "Content-Security-Policy"));
}

static void
test_own_policy_kept (void)
{
  g_autoptr (DoorResponse) page = door_response_new_text (200, "text/html", "<p>x");

  door_response_set_header (page, "Content-Security-Policy", "default-src 'none'");
  door_response_add_defaults (page, "ID");
  g_assert_cmpstr (door_response_lookup_header (page, "Content-Security-Policy"), ==, "default-src 'none'");
}

static void
test_status (void)
{
  static const struct
  {
    DoorError code;
    DoorFault fault;
    unsigned int status;
  } cases[] = {
    { DOOR_ERROR_FAILED, DOOR_FAULT_NONE, 500 },
    { DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, 400 },
    { DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_NONE, 401 },
    { DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_NONE, 403 },
    { DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE, 404 },
    { DOOR_ERROR_CONFLICT, DOOR_FAULT_NONE, 409 },
    { DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, 503 },
    { DOOR_ERROR_CONFIG, DOOR_FAULT_NONE, 503 },
    { DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_NONE, 400 },
    { DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_TOOLARGE, 413 },
    { DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SAML_AUDIENCE, 403 },
    { DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY, 503 },
  };
  g_autoptr (GError) foreign = g_error_new_literal (G_FILE_ERROR, 0, "x");

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      door_error_set (&error, cases[i].code, cases[i].fault, "x");
      g_assert_cmpuint (door_response_status_for_error (error), ==, cases[i].status);
    }
  g_assert_cmpuint (door_response_status_for_error (foreign), ==, 500);
  g_assert_cmpuint (door_response_status_for_error (NULL), ==, 500);
}

static void
test_plain_error (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorResponse) response = NULL;
  GBytes *body;
  g_autofree char *text = NULL;

  door_error_set (&error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "precise reason");
  response = door_response_new_for_error (error, "REQ1");
  body = door_response_get_body (response);
  text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_assert_nonnull (strstr (text, "DW-HTTP-BADREQUEST REQ1"));
  g_assert_null (strstr (text, "precise reason"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/response/headers", test_headers);
  g_test_add_func ("/http/response/injection", test_injection);
  g_test_add_func ("/http/response/redirect", test_redirect);
  g_test_add_func ("/http/response/defaults", test_defaults);
  g_test_add_func ("/http/response/own-policy-kept", test_own_policy_kept);
  g_test_add_func ("/http/response/status", test_status);
  g_test_add_func ("/http/response/plain-error", test_plain_error);
  return g_test_run ();
}
