/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <malloc.h>
#include <string.h>

#include "door-cms-key-pair.h"
#include "door-dep-answer.h"
#include "door-dep-profile.h"
#include "door-dep-token.h"
#include "door-error.h"
#include "door-smime.h"

#define TOKEN                                                                                                \
  "{\"consumer_key\":\"CK\",\"consumer_secret\":\"CS\",\"access_token\":\"AT\",\"access_secret\":\"AS\","    \
  "\"access_token_expiry\":\"2030-01-02T03:04:05Z\"}"

static GBytes *
bytes (const char *text)
{
  return g_bytes_new (text, strlen (text));
}

static void
assert_fault (GError **error, DoorFault fault)
{
  g_assert_cmpstr (door_fault_get_info (door_error_get_fault (*error))->id, ==,
                   door_fault_get_info (fault)->id);
  g_clear_error (error);
}

static void
test_token (void)
{
  static const char mail[] =
      "Content-Type: text/plain\r\n\r\n-----BEGIN MESSAGE-----\r\n" TOKEN "\r\n-----END MESSAGE-----\r\n";
  g_autoptr (DoorSecret) text = door_secret_new (mail, strlen (mail));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSecret) json = door_dep_token_take_message (text, &error);
  g_autoptr (DoorDepToken) token = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_secret_get_text (json), ==, TOKEN);
  token = door_dep_token_parse (json, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (token->access_secret, ==, "AS");
  g_assert_cmpint (token->expires_at_ms, ==, INT64_C (1893553445000));
}

static void
test_bad_tokens (void)
{
  static const char *const messages[] = { "", TOKEN, "-----END MESSAGE----------BEGIN MESSAGE-----",
                                          "-----BEGIN MESSAGE-----" TOKEN };
  static const char *const tokens[] = {
    "",
    "[]",
    "{}",
    "{\"consumer_key\":1}",
    TOKEN "x",
    "{\"consumer_key\":\"a b\",\"consumer_secret\":\"b\",\"access_token\":\"c\",\"access_secret\":\"d\","
    "\"access_token_expiry\":\"2030-01-02T03:04:05Z\"}",
    "{\"consumer_key\":\"a\",\"consumer_secret\":\"b\",\"access_token\":\"c\",\"access_secret\":\"d\","
    "\"access_token_expiry\":\"2030-01-02T03:04:05\"}",
    "{\"consumer_key\":\"a\",\"consumer_secret\":\"b\",\"access_token\":\"c\",\"access_secret\":\"\","
    "\"access_token_expiry\":\"2030-01-02T03:04:05Z\"}"
  };
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (DoorSecret) text = door_secret_new (messages[i], strlen (messages[i]));

      g_assert_null (door_dep_token_take_message (text, &error));
      assert_fault (&error, DOOR_FAULT_DEP_TOKEN);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (tokens); i++)
    {
      g_autoptr (DoorSecret) json = door_secret_new (tokens[i], strlen (tokens[i]));

      g_assert_null (door_dep_token_parse (json, &error));
      assert_fault (&error, DOOR_FAULT_DEP_TOKEN);
    }
}

/* What openssl makes is opened by tests/integration/test-dep.py. */
static void
test_bad_mails (void)
{
  static const char *const mails[] = {
    "", "\n\n", "Header: x\n\n%%%%", "no header\n\nMIIB", "A: b\n\nMIIB", "A: b\nMIIB"
  };
  g_autoptr (GError) error = NULL;
  g_autofree char *pem = NULL;
  g_autoptr (DoorSecret) key = NULL;
  g_autoptr (DoorCmsSigner) recipient = NULL;
  g_autoptr (GBytes) certificate = NULL;

  g_assert_true (door_cms_key_pair_new ("Doorward abm", 1, &pem, &key, &error));
  g_assert_no_error (error);
  certificate = bytes (pem);
  recipient = door_cms_signer_new (certificate, key, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (mails); i++)
    {
      g_autoptr (GBytes) mail = bytes (mails[i]);

      g_assert_null (door_smime_open (mail, recipient, &error));
      assert_fault (&error, DOOR_FAULT_DEP_TOKEN);
    }
}

static void
test_codes (void)
{
  static const struct
  {
    const char *body;
    const char *code;
  } rows[] = {
    { "\"T_C_NOT_SIGNED\"", "T_C_NOT_SIGNED" },
    { "EXPIRED_CURSOR\n", "EXPIRED_CURSOR" },
    { "<html>", "" },
    { "", "" },
    { "{\"code\": 1}", "" },
    { "\"A\" \"B\"", "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GBytes) body = bytes (rows[i].body);
      g_autofree char *code = door_dep_answer_dup_code (body);

      g_assert_cmpstr (code, ==, rows[i].code);
    }
}

static void
test_page (void)
{
  g_autoptr (GBytes) body = bytes ("{\"devices\":[{\"serial_number\":\"A\",\"model\":\"old\",\"op_type\":"
                                   "\"added\",\"op_date\":\"2026-01-02T00:00:"
                                   "00Z\"},{\"serial_number\":\"A\",\"model\":\"new\",\"asset_tag\":null,"
                                   "\"op_type\":\"modified\",\"op_date\":"
                                   "\"2026-01-03T00:00:00Z\",\"profile_status\":\"removed\",\"profile_uuid\":"
                                   "\"P\"},{\"serial_number\":\"A\","
                                   "\"op_type\":\"deleted\",\"op_date\":\"2026-01-01T00:00:00Z\"},{\"serial_"
                                   "number\":\"B\",\"op_type\":\"deleted\","
                                   "\"op_date\":\"2026-01-01T00:00:00Z\"}],\"cursor\":\"c\",\"more_to_"
                                   "follow\":true,\"fetched_until\":\"x\"}");
  g_auto (DoorDepPage) page = { NULL };
  g_autoptr (GError) error = NULL;
  const DoorDepRecord *record;

  g_assert_true (door_dep_answer_parse_page (body, true, &page, &error));
  g_assert_no_error (error);
  g_assert_true (page.more);
  g_assert_cmpstr (page.cursor, ==, "c");
  g_assert_cmpuint (page.records->len, ==, 2);
  record = page.records->pdata[0];
  g_assert_cmpstr (record->model, ==, "new");
  g_assert_cmpstr (record->profile_uuid, ==, "");
  g_assert_false (record->deleted);
  record = page.records->pdata[1];
  g_assert_true (record->deleted);
}

/* A family that no rule can name is none, so that there are no more of them than Apple has. */
static void
test_families (void)
{
  g_autoptr (GBytes) body = bytes (
      "{\"devices\":[{\"serial_number\":\"A\",\"device_family\":\"Mac\"},{\"serial_number\":\"B\","
      "\"device_family\":\"Made up 1\"}],\"cursor\":\"c\",\"more_to_follow\":false,\"fetched_until\":\"x\"}");
  g_auto (DoorDepPage) page = { NULL };
  g_autoptr (GError) error = NULL;

  g_assert_true (door_dep_answer_parse_page (body, false, &page, &error));
  g_assert_cmpuint (page.records->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const DoorDepRecord *record = page.records->pdata[i];

      g_assert_cmpstr (record->family, ==, g_str_equal (record->serial, "A") ? "Mac" : "");
    }
}

static void
test_bad_pages (void)
{
  static const char *const pages[] = {
    "",
    "null",
    "{}",
    "{\"devices\":[],\"cursor\":\"\",\"more_to_follow\":false}",
    "{\"devices\":[],\"cursor\":\"a b\",\"more_to_follow\":false}",
    "{\"devices\":[],\"cursor\":\"a\",\"more_to_follow\":\"no\"}",
    "{\"devices\":{},\"cursor\":\"a\",\"more_to_follow\":false}",
    "{\"devices\":[1],\"cursor\":\"a\",\"more_to_follow\":false}",
    "{\"devices\":[{\"serial_number\":\"a/b\"}],\"cursor\":\"a\",\"more_to_follow\":false}",
    "{\"devices\":[{\"serial_number\":\"a\",\"os\":[]}],\"cursor\":\"a\",\"more_to_follow\":false}",
  };
  static const char *const changes[] = {
    "{\"devices\":[{\"serial_number\":\"a\"}],\"cursor\":\"a\",\"more_to_follow\":false}",
    "{\"devices\":[{\"serial_number\":\"a\",\"op_type\":\"eaten\",\"op_date\":\"2026-01-01T00:00:00Z\"}],"
    "\"cursor\":\"a\",\"more_to_follow\":false}",
    "{\"devices\":[{\"serial_number\":\"a\",\"op_type\":\"added\",\"op_date\":\"soon\"}],\"cursor\":\"a\","
    "\"more_to_follow\":false}",
  };
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (pages) + G_N_ELEMENTS (changes); i++)
    {
      bool is_change = i >= G_N_ELEMENTS (pages);
      g_autoptr (GBytes) body = bytes (is_change ? changes[i - G_N_ELEMENTS (pages)] : pages[i]);
      g_auto (DoorDepPage) page = { NULL };

      g_assert_false (door_dep_answer_parse_page (body, is_change, &page, &error));
      assert_fault (&error, DOOR_FAULT_DEP_ANSWER);
      g_assert_null (page.records);
    }
}

static void
test_statuses (void)
{
  g_autoptr (GBytes) good =
      bytes ("{\"devices\":{\"A\":\"THROTTLED\"},\"retry_after_seconds\":99999999,\"profile_uuid\":\"P\"}");
  g_autoptr (GBytes) bad = bytes ("{\"devices\":{\"A\":1}}");
  g_auto (DoorDepStatuses) statuses = { NULL, 0 };
  g_auto (DoorDepStatuses) none = { NULL, 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (door_dep_answer_parse_statuses (good, &statuses, &error));
  g_assert_no_error (error);
  g_assert_cmpint (statuses.retry_after_s, ==, 86400);
  g_assert_false (door_dep_answer_parse_statuses (bad, &none, &error));
  assert_fault (&error, DOOR_FAULT_DEP_ANSWER);
}

static void
test_profile (void)
{
  static const char *const anchors[] = { "QUJD", NULL };
  g_autoptr (GBytes) custom =
      bytes ("{\"department\":\"IT\",\"is_mandatory\":false,\"anchor_certs\":[\"WFla\"],"
             "\"skip_setup_items\":[\"Siri\",\"Sirup\"]}");
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  const DoorDepProfileParts parts = {
    custom, "Doorward", "abm", "https://a.example/e", "https://a.example/mdm/sso", anchors
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) json = door_dep_profile_build (&parts, &error), again = NULL;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  again = door_dep_profile_build (&parts, &error);
  g_assert_true (g_bytes_equal (json, again));
  text = g_strndup (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  g_assert_nonnull (strstr (text, "\"await_device_configured\":true"));
  g_assert_nonnull (strstr (text, "\"configuration_web_url\":\"https://a.example/mdm/sso\""));
  g_assert_nonnull (strstr (text, "\"is_mandatory\":false"));
  g_assert_nonnull (strstr (text, "\"anchor_certs\":[\"WFla\",\"QUJD\"]"));
  g_assert_true (door_dep_profile_check (custom, warnings, &error));
  g_assert_cmpuint (warnings->len, ==, 1);
}

static void
test_profile_for_nobody (void)
{
  const DoorDepProfileParts parts = { NULL, "Doorward", "abm", "https://a.example/e", NULL, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) json = door_dep_profile_build (&parts, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = g_strndup (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  g_assert_null (strstr (text, "configuration_web_url"));
  g_assert_nonnull (strstr (text, "\"url\":\"https://a.example/e\""));
}

static void
test_bad_profiles (void)
{
  static const char *const profiles[] = { "[]",
                                          "{",
                                          "{\"url\":\"https://x\"}",
                                          "{\"configuration_web_url\":\"https://x\"}",
                                          "{\"await_device_configured\":false}",
                                          "{\"devices\":[]}",
                                          "{\"department\":7}",
                                          "{\"is_mandatory\":\"yes\"}",
                                          "{\"skip_setup_items\":\"Siri\"}" };
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (profiles); i++)
    {
      g_autoptr (GBytes) custom = bytes (profiles[i]);
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

      g_assert_false (door_dep_profile_check (custom, warnings, &error));
      assert_fault (&error, DOOR_FAULT_DEP_PROFILE);
    }
}

/* A hundred thousand devices are told of in batches, of which nothing stays. */
static void
test_batches_are_forgotten (void)
{
  g_autoptr (GPtrArray) serials = g_ptr_array_new ();
  size_t before = 0;

  for (int i = 0; i < 500; i++)
    g_ptr_array_add (serials, (gpointer) "C02ABCDEFGHI");
  for (int round = 0; round < 200; round++)
    {
      g_autoptr (GBytes) json = door_dep_request_build_devices ("UUID", serials);

      g_assert_cmpuint (g_bytes_get_size (json), >, 500 * strlen ("C02ABCDEFGHI"));
      if (round == 9)
        before = mallinfo2 ().uordblks;
    }
  g_assert_cmpuint (mallinfo2 ().uordblks, <, before + (1 << 20));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dep/token", test_token);
  g_test_add_func ("/dep/bad-tokens", test_bad_tokens);
  g_test_add_func ("/dep/bad-mails", test_bad_mails);
  g_test_add_func ("/dep/codes", test_codes);
  g_test_add_func ("/dep/page", test_page);
  g_test_add_func ("/dep/families", test_families);
  g_test_add_func ("/dep/bad-pages", test_bad_pages);
  g_test_add_func ("/dep/statuses", test_statuses);
  g_test_add_func ("/dep/profile", test_profile);
  g_test_add_func ("/dep/profile-for-nobody", test_profile_for_nobody);
  g_test_add_func ("/dep/bad-profiles", test_bad_profiles);
  g_test_add_func ("/dep/batches-are-forgotten", test_batches_are_forgotten);
  return g_test_run ();
}
