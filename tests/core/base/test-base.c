/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdatomic.h>
#include <string.h>

#include "door-base64.h"
#include "door-clock.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-hex.h"
#include "door-host.h"
#include "door-name.h"
#include "door-random.h"
#include "door-secret.h"
#include "door-text.h"

static void
test_base64url (void)
{
  const uint8_t bytes[] = { 0xfb, 0xff, 0xfe, 0x01 };
  g_autofree char *text = door_base64_encode_url (bytes, sizeof bytes);

  g_assert_cmpstr (text, ==, "-__-AQ");
}

static void
test_base64_strict (void)
{
  static const char *const bad[] = { "QUJ", "QUJD=", "QU=D", "QUJ*", "Q===", "QUJDRA", "QUJD\x80" };
  g_autoptr (GBytes) good = door_base64_decode_strict ("QU\r\n JD RA==", 12, 16);

  g_assert_cmpmem (g_bytes_get_data (good, NULL), g_bytes_get_size (good), "ABCD", 4);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (door_base64_decode_strict (bad[i], strlen (bad[i]), 16));
  g_assert_null (door_base64_decode_strict ("QUJDRA==", 8, 3));
}

static void
test_hex (void)
{
  const uint8_t bytes[] = { 0x00, 0x0f, 0xa5, 0xff };
  g_autofree char *text = door_hex_encode (bytes, sizeof bytes), *none = door_hex_encode (bytes, 0);

  g_assert_cmpstr (text, ==, "000fa5ff");
  g_assert_cmpstr (none, ==, "");
}

static void
test_clock (void)
{
  g_autoptr (DoorClock) clock = door_clock_new_fake (1000);
  g_autofree char *text = NULL;

  g_assert_cmpint (door_clock_now_ms (clock), ==, 1000);
  door_clock_set_fake (clock, INT64_C (1795316863000));
  text = door_clock_format_iso8601 (door_clock_now_ms (clock));
  g_assert_cmpstr (text, ==, "2026-11-22T03:07:43Z");
}

static void
test_random (void)
{
  g_autoptr (DoorRandom) a = door_random_new_system ();
  g_autoptr (DoorRandom) f = door_random_new_fake (1), g = door_random_new_fake (1);
  g_autofree char *one = door_random_dup_token (a), *two = door_random_dup_token (a);
  g_autofree char *uuid = door_random_dup_uuid (a), *code = door_random_dup_code (a);
  g_autofree char *same1 = door_random_dup_uuid (f), *same2 = NULL;

  g_assert_cmpuint (strlen (one), ==, 43);
  g_assert_cmpstr (one, !=, two);
  g_assert_true (g_uuid_string_is_valid (uuid));
  g_assert_cmpuint (strlen (code), ==, 9);
  g_assert_true (code[4] == '-');
  same2 = door_random_dup_uuid (g);
  g_assert_cmpstr (same1, ==, same2);
}

static void
test_digest (void)
{
  g_autofree char *hex = door_digest_sha256_text ("abc");
  uint8_t a[DOOR_SHA256_SIZE], b[DOOR_SHA256_SIZE];

  g_assert_cmpstr (hex, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  door_digest_hmac_sha256 ((const uint8_t *) "k", 1, "label", "text", a);
  door_digest_hmac_sha256 ((const uint8_t *) "k", 1, "labelt", "ext", b);
  g_assert_false (memcmp (a, b, sizeof a) == 0);
  g_assert_true (door_digest_equal ("same", "same"));
  g_assert_false (door_digest_equal ("same", "sama"));
  g_assert_false (door_digest_equal ("same", "samer"));
}

static void
test_faults (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GError) error = NULL;

  for (int i = DOOR_FAULT_NONE + 1; i < DOOR_N_FAULTS; i++)
    {
      const DoorFaultInfo *info = door_fault_get_info ((DoorFault) i);

      g_assert_true (g_str_has_prefix (info->id, "DW-"));
      g_assert_true (g_hash_table_add (seen, (gpointer) info->id));
      g_assert_cmpuint (info->status, >=, 400);
      g_assert_cmpuint (info->status, <, 600);
      g_assert_nonnull (info->severity);
      g_assert_nonnull (info->admin_text);
      g_assert_nonnull (info->fix);
      g_assert_cmpint (door_fault_from_id (info->id), ==, i);
      door_error_set (&error, DOOR_ERROR_FAILED, (DoorFault) i, "%s", "reason");
      g_assert_nonnull (door_error_get_user_text (error));
      g_clear_error (&error);
    }
  g_assert_cmpint (door_fault_from_id ("DW-NONE"), ==, DOOR_FAULT_NONE);

  g_assert_cmpstr (door_error_get_info (NULL)->id, ==, "DW-INT-ERROR");
  g_assert_false (door_error_set (NULL, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "nobody wants to know"));
  g_assert_false (door_error_set (&error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_GROUP, "group %s", "x"));
  g_prefix_error (&error, "person %d: ", 7);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED);
  g_assert_cmpstr (error->message, ==, "person 7: group x");
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_ID_GROUP);
  g_assert_cmpstr (door_error_get_info (error)->id, ==, "DW-ID-GROUP");
}

/* What is quoted may end in the middle of a character, or be no text at all. */
static void
test_error_is_text (void)
{
  g_autoptr (GError) error = NULL;

  door_error_set (&error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_ISSUER, "from %.2s", "a\xc3\xa9");
  g_assert_cmpstr (error->message, ==, "from a\xef\xbf\xbd");
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_ISSUER);
}

static void
test_text_plain (void)
{
  static const char *const plain[] = { "", "Anna Chao", "Zo\xc3\xab \xe2\x80\x8d\xf0\x9f\x99\x82",
                                       "\xd7\x90\xd7\xa0\xd7\x94\xe2\x80\x8f" };
  static const char *const tricky[] = { "a\nb",
                                        "\x1b[2J",
                                        "a\x7f",
                                        "\xc2\x9b"
                                        "2J",
                                        "\xe2\x80\xa8",
                                        "\xe2\x80\xae"
                                        "abc",
                                        "\xe2\x81\xa6"
                                        "a",
                                        "a\xc3" };

  for (size_t i = 0; i < G_N_ELEMENTS (plain); i++)
    g_assert_true (door_text_is_plain (plain[i]));
  for (size_t i = 0; i < G_N_ELEMENTS (tricky); i++)
    g_assert_false (door_text_is_plain (tricky[i]));
}

static void
test_text_line (void)
{
  g_autofree char *whole = door_text_dup_line ("a\nb\xc2\x9b"
                                               "c\xc3",
                                               500);
  g_autofree char *cut = door_text_dup_line ("ab\xc3\xa9"
                                             "cd",
                                             3);
  g_autofree char *many = NULL;

  g_assert_cmpstr (whole, ==,
                   "a\xef\xbf\xbd"
                   "b\xef\xbf\xbd"
                   "c\xef\xbf\xbd");
  g_assert_cmpstr (cut, ==, "ab");
  many = door_text_dup_lines ("a\n\tb\xc2\x9b"
                              "c");
  g_assert_cmpstr (many, ==,
                   "a\n\tb\xef\xbf\xbd"
                   "c");
}

static void
test_host (void)
{
  static const char *const ours[] = { "localhost", "LocalHost", "a.localhost", "a.LOCALHOST",
                                      "127.0.0.1", "127.8.9.1", "::1",         "0:0::1" };
  static const char *const others[] = {
    "",
    ".localhost",
    "localhost.",
    "alocalhost",
    "localhost.example",
    "128.0.0.1",
    "127.1",
    "127.0.0.1.example",
    "::",
    "::ffff:127.0.0.1",
    "[::1]",
    "0.0.0.0",
    "::1%lo",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (ours); i++)
    g_assert_true (door_host_is_this_machine (ours[i]));
  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (door_host_is_this_machine (others[i]));
  g_assert_true (door_host_of_endpoint_is_this_machine ("127.0.0.2:80"));
  g_assert_true (door_host_of_endpoint_is_this_machine ("[::1]:80"));
  g_assert_false (door_host_of_endpoint_is_this_machine ("[::]:80"));
  g_assert_false (door_host_of_endpoint_is_this_machine ("192.0.2.1:80"));
  g_assert_false (door_host_of_endpoint_is_this_machine ("127.0.0.1"));
}

static void
test_endpoint (void)
{
  static const struct
  {
    const char *text;
    const char *host; /* NULL: not of this form */
    uint16_t port;
  } rows[] = {
    { "127.0.0.1:8080", "127.0.0.1", 8080 },
    { "[2001:db8::1]:65535", "2001:db8::1", 65535 },
    { "[::]:0", "::", 0 },
    { "127.0.0.1", NULL, 0 },
    { "127.0.0.1:", NULL, 0 },
    { ":80", NULL, 0 },
    { "127.0.0.1:65536", NULL, 0 },
    { "127.0.0.1:+80", NULL, 0 },
    { "127.0.0.1: 80", NULL, 0 },
    { "::1:80", NULL, 0 },
    { "[127.0.0.1]:80", NULL, 0 },
    { "[]:80", NULL, 0 },
    { "[::1:80", NULL, 0 },
    { "", NULL, 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *host = NULL;
      uint16_t port = 0;

      g_test_message ("%s", rows[i].text);
      g_assert_true (door_host_split_endpoint (rows[i].text, &host, &port) == (rows[i].host != NULL));
      g_assert_cmpstr (host, ==, rows[i].host);
      g_assert_cmpuint (port, ==, rows[i].port);
    }
}

static void
test_name (void)
{
  g_assert_true (door_name_is_valid ("a"));
  g_assert_true (door_name_is_valid ("okta-2-"));
  g_assert_true (door_name_is_valid ("abcdefghijklmnopqrstuvwxyz012345"));
  g_assert_false (door_name_is_valid (""));
  g_assert_false (door_name_is_valid ("-a"));
  g_assert_false (door_name_is_valid ("A"));
  g_assert_false (door_name_is_valid ("a/b"));
  g_assert_false (door_name_is_valid ("../a"));
  g_assert_false (door_name_is_valid ("a\n"));
  g_assert_false (door_name_is_valid ("abcdefghijklmnopqrstuvwxyz0123456"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/base64url", test_base64url);
  g_test_add_func ("/base/base64-strict", test_base64_strict);
  g_test_add_func ("/base/hex", test_hex);
  g_test_add_func ("/base/clock", test_clock);
  g_test_add_func ("/base/random", test_random);
  g_test_add_func ("/base/digest", test_digest);
  g_test_add_func ("/base/faults", test_faults);
  g_test_add_func ("/base/error-is-text", test_error_is_text);
  g_test_add_func ("/base/text/plain", test_text_plain);
  g_test_add_func ("/base/text/line", test_text_line);
  g_test_add_func ("/base/host", test_host);
  g_test_add_func ("/base/endpoint", test_endpoint);
  g_test_add_func ("/base/name", test_name);
  return g_test_run ();
}
