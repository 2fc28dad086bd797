/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"
#include "door-headers.h"

#include <string.h>

static void
test_lookup (void)
{
  const char *const pairs[] = { "Host",   "a.example", "Cookie", "a=1", "cookie", "b=2",
                                "Accept", "text/html", "Accept", "*/*", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorHeaders) headers = door_headers_new (pairs, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_headers_lookup (headers, "hOST"), ==, "a.example");
  g_assert_cmpstr (door_headers_lookup (headers, "Cookie"), ==, "a=1; b=2");
  g_assert_cmpstr (door_headers_lookup (headers, "accept"), ==, "text/html, */*");
  g_assert_null (door_headers_lookup (headers, "Hos"));
  g_assert_cmpuint (door_headers_get_count (headers), ==, 3);
}

static void
test_single_valued (void)
{
  static const char *const names[] = {
    "Host",       "content-length", "Content-Type",      "Transfer-Encoding",
    "Expect",     "Authorization",  "Mdm-Signature",     "Origin",
    "Referer",    "Range",          "X-Forwarded-Proto", "x-apple-aspen-deviceinfo",
    "Client-Cert"
  };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *const pairs[] = { names[i], "1", "Other", "x", names[i], "1", NULL };
      g_autoptr (GError) error = NULL;

      g_assert_null (door_headers_new (pairs, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_HTTP_BADREQUEST);
    }
}

static void
test_characters (void)
{
  static const char *const bad[][2] = { { "", "x" },     { "a b", "x" },  { "a:", "x" },   { "a\x80", "x" },
                                        { "a", "x\ny" }, { "a", "x\ry" }, { "a", "\x01" }, { "a", "\x7f" } };
  const char *const good[] = { "a", "tab\there \x80\xff", NULL };
  g_autoptr (DoorHeaders) headers = door_headers_new (good, NULL);

  g_assert_nonnull (headers);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *const pairs[] = { bad[i][0], bad[i][1], NULL };
      g_autoptr (GError) error = NULL;

      g_assert_null (door_headers_new (pairs, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_count (void)
{
  const char *pairs[2 * (DOOR_HEADERS_MAX_COUNT + 1) + 1] = { NULL };
  g_autoptr (GError) error = NULL;
  DoorHeaders *headers;

  for (size_t i = 0; i < DOOR_HEADERS_MAX_COUNT; i++)
    {
      pairs[2 * i] = "Accept";
      pairs[2 * i + 1] = "x";
    }
  headers = door_headers_new (pairs, NULL);
  g_assert_nonnull (headers);
  door_headers_unref (headers);
  pairs[2 * DOOR_HEADERS_MAX_COUNT] = "Accept";
  pairs[2 * DOOR_HEADERS_MAX_COUNT + 1] = "x";
  g_assert_null (door_headers_new (pairs, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_HTTP_TOOLARGE);
}

static void
test_size (void)
{
  g_autofree char *fits = g_strnfill (DOOR_HEADERS_MAX_BYTES - strlen ("Mdm-Signature: \r\n"), 'x');
  g_autofree char *long_value = g_strconcat (fits, "x", NULL);
  const char *const good[] = { "Mdm-Signature", fits, NULL };
  const char *const bad[] = { "Mdm-Signature", long_value, NULL };
  g_autoptr (DoorHeaders) headers = door_headers_new (good, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (headers);
  g_assert_null (door_headers_new (bad, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_HTTP_TOOLARGE);
}

static void
test_without (void)
{
  const char *const pairs[] = { "A", "1", "B", "2", "C", "3", NULL };
  const char *const drop[] = { "b", "x", NULL };
  g_autoptr (DoorHeaders) all = door_headers_new (pairs, NULL);
  g_autoptr (DoorHeaders) rest = door_headers_new_without (all, drop);

  g_assert_cmpuint (door_headers_get_count (rest), ==, 2);
  g_assert_cmpstr (door_headers_get_name (rest, 1), ==, "C");
  g_assert_cmpstr (door_headers_get_value (rest, 1), ==, "3");
  g_assert_cmpstr (door_headers_lookup (all, "B"), ==, "2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/headers/lookup", test_lookup);
  g_test_add_func ("/http/headers/single-valued", test_single_valued);
  g_test_add_func ("/http/headers/characters", test_characters);
  g_test_add_func ("/http/headers/count", test_count);
  g_test_add_func ("/http/headers/size", test_size);
  g_test_add_func ("/http/headers/without", test_without);
  return g_test_run ();
}
