/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door-error.h"
#include "door-settings.h"

static const DoorKey keys[] = {
  { "Title", DOOR_KEY_STRING, DOOR_KEY_FLAG_LOCALISED, "none", NULL, "a text" },
  { "Groups", DOOR_KEY_LIST, DOOR_KEY_FLAG_NONE, "a;b", NULL, "a list" },
  { "Flows", DOOR_KEY_LIST, DOOR_KEY_FLAG_NONE, NULL, "account;link", "a list of words" },
  { "Enabled", DOOR_KEY_BOOLEAN, DOOR_KEY_FLAG_NONE, "true", NULL, "a switch" },
  { "Count", DOOR_KEY_INTEGER, DOOR_KEY_FLAG_NONE, "8", "1..64", "a number" },
  { "Large", DOOR_KEY_INTEGER, DOOR_KEY_FLAG_NONE, NULL, NULL, "a number" },
  { "Lifetime", DOOR_KEY_DURATION, DOOR_KEY_FLAG_NONE, "24h", "1s..36500d", "a duration" },
  { "Bytes", DOOR_KEY_SIZE, DOOR_KEY_FLAG_NONE, "4M", NULL, "a size" },
  { "Url", DOOR_KEY_URL, DOOR_KEY_FLAG_NONE, NULL, NULL, "an address" },
  { "Mode", DOOR_KEY_ENUM, DOOR_KEY_FLAG_NONE, "proxy", "proxy;files", "a word" },
  { "File", DOOR_KEY_PATH, DOOR_KEY_FLAG_NONE, NULL, NULL, "a file" },
  { "Key", DOOR_KEY_SECRET, DOOR_KEY_FLAG_NONE, NULL, NULL, "a secret" },
  { NULL },
};
static const DoorKey more_keys[] = {
  { "Tenant", DOOR_KEY_STRING, DOOR_KEY_FLAG_REQUIRED, NULL, NULL, "of a second table" },
  { NULL },
};
static const DoorKey *const one_table[] = { keys, NULL };
static const DoorKey *const two_tables[] = { keys, more_keys, NULL };

typedef struct
{
  const char *name;
  const char *text;
} Pair;

static GHashTable *
table_of (const Pair *pairs)
{
  GHashTable *values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (; pairs->name != NULL; pairs++)
    g_hash_table_insert (values, g_strdup (pairs->name), g_strdup (pairs->text));
  return values;
}

static DoorSettings *
settings_of (const Pair *pairs, const char *folder, bool allow_env, GError **error)
{
  const DoorSettingsSource source = { .group = "idp/okta",
                                      .tables = one_table,
                                      .values = table_of (pairs),
                                      .credentials_folder = folder,
                                      .allow_env = allow_env };

  return door_settings_new (&source, error);
}

static void
test_defaults (void)
{
  const DoorSettingsSource source = { .group = "sign-in", .tables = one_table };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSettings) settings = door_settings_new (&source, &error);
  g_auto (GStrv) groups = NULL, flows = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_settings_get_name (settings), ==, "sign-in");
  g_assert_false (door_settings_is_set (settings, "Title"));
  g_assert_cmpstr (door_settings_get_string (settings, "Title"), ==, "none");
  g_assert_null (door_settings_get_string (settings, "Url"));
  g_assert_true (door_settings_get_boolean (settings, "Enabled"));
  g_assert_cmpint (door_settings_get_integer (settings, "Count"), ==, 8);
  g_assert_cmpint (door_settings_get_integer (settings, "Large"), ==, 0);
  g_assert_cmpint (door_settings_get_duration_s (settings, "Lifetime"), ==, 86400);
  g_assert_cmpuint (door_settings_get_size (settings, "Bytes"), ==, 4 * 1024 * 1024);
  groups = door_settings_dup_list (settings, "Groups");
  flows = door_settings_dup_list (settings, "Flows");
  g_assert_cmpuint (g_strv_length (groups), ==, 2);
  g_assert_cmpuint (g_strv_length (flows), ==, 0);
}

static void
test_values (void)
{
  static const Pair pairs[] = { { "Title", "a\\\\b\\sc" },
                                { "Title[de_AT]", "Servus" },
                                { "Title[de]", "Hallo" },
                                { "Groups", " CORP\\\\admins ; a\\;b;; c" },
                                { "Enabled", "no" },
                                { "Lifetime", "30min" },
                                { "Bytes", "64K" },
                                { "Url", "https://[::1]:8443/x?y=z" },
                                { NULL } };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSettings) settings = settings_of (pairs, NULL, false, &error);
  g_auto (GStrv) groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_settings_get_name (settings), ==, "okta");
  g_assert_true (door_settings_is_set (settings, "Title"));
  g_assert_cmpstr (door_settings_get_string (settings, "Title"), ==, "a\\b c");
  g_assert_cmpstr (door_settings_get_localised (settings, "Title", "de-AT"), ==, "Servus");
  g_assert_cmpstr (door_settings_get_localised (settings, "Title", "DE-ch-1996"), ==, "Hallo");
  g_assert_cmpstr (door_settings_get_localised (settings, "Title", "fr"), ==, "a\\b c");
  g_assert_cmpstr (door_settings_get_localised (settings, "Title", NULL), ==, "a\\b c");
  g_assert_false (door_settings_get_boolean (settings, "Enabled"));
  g_assert_cmpint (door_settings_get_duration_s (settings, "Lifetime"), ==, 1800);
  g_assert_cmpuint (door_settings_get_size (settings, "Bytes"), ==, 65536);
  groups = door_settings_dup_list (settings, "Groups");
  g_assert_cmpuint (g_strv_length (groups), ==, 3);
  g_assert_cmpstr (groups[0], ==, "CORP\\admins");
  g_assert_cmpstr (groups[1], ==, "a;b");
  g_assert_cmpstr (groups[2], ==, "c");
}

static const struct
{
  const char *name;
  const char *text;
  DoorFault fault;
} rejected[] = {
  { "Titel", "x", DOOR_FAULT_CFG_UNKNOWNKEY },
  { "Groups[de]", "x", DOOR_FAULT_CFG_UNKNOWNKEY },
  { "Title[]", "x", DOOR_FAULT_CFG_UNKNOWNKEY },
  { "Title[de", "x", DOOR_FAULT_CFG_UNKNOWNKEY },
  { "Title", "", DOOR_FAULT_CFG_TYPE },
  { "Title", "a\\b", DOOR_FAULT_CFG_TYPE },
  { "Title", "a\\", DOOR_FAULT_CFG_TYPE },
  { "Title", "a\\;b", DOOR_FAULT_CFG_TYPE },
  { "Title", "a\tb", DOOR_FAULT_CFG_TYPE },
  { "Title", "a\xc2\x85", DOOR_FAULT_CFG_TYPE },
  { "Title", "a\xff", DOOR_FAULT_CFG_TYPE },
  { "Groups", " ; ;", DOOR_FAULT_CFG_TYPE },
  { "Groups", "CORP\\admins", DOOR_FAULT_CFG_TYPE },
  { "Flows", "account;lnk", DOOR_FAULT_CFG_TYPE },
  { "Enabled", "True", DOOR_FAULT_CFG_TYPE },
  { "Enabled", "1", DOOR_FAULT_CFG_TYPE },
  { "Count", "0", DOOR_FAULT_CFG_TYPE },
  { "Count", "65", DOOR_FAULT_CFG_TYPE },
  { "Count", "-1", DOOR_FAULT_CFG_TYPE },
  { "Count", "+1", DOOR_FAULT_CFG_TYPE },
  { "Count", " 1", DOOR_FAULT_CFG_TYPE },
  { "Count", "0x1", DOOR_FAULT_CFG_TYPE },
  { "Large", "9223372036854775808", DOOR_FAULT_CFG_TYPE },
  { "Large", "18446744073709551617", DOOR_FAULT_CFG_TYPE },
  { "Lifetime", "90", DOOR_FAULT_CFG_TYPE },
  { "Lifetime", "90 s", DOOR_FAULT_CFG_TYPE },
  { "Lifetime", "1m", DOOR_FAULT_CFG_TYPE },
  { "Lifetime", "0s", DOOR_FAULT_CFG_TYPE },
  { "Lifetime", "36501d", DOOR_FAULT_CFG_TYPE },
  { "Lifetime", "213503982334602d", DOOR_FAULT_CFG_TYPE },
  { "Bytes", "4m", DOOR_FAULT_CFG_TYPE },
  { "Bytes", "8589934592G", DOOR_FAULT_CFG_TYPE },
  { "Bytes", "17179869185G", DOOR_FAULT_CFG_TYPE },
  { "Url", "mdm.example.com", DOOR_FAULT_CFG_TYPE },
  { "Url", "ftp://mdm.example.com", DOOR_FAULT_CFG_TYPE },
  { "Url", "https://", DOOR_FAULT_CFG_TYPE },
  { "Url", "https://u:p@mdm.example.com", DOOR_FAULT_CFG_TYPE },
  { "Url", "https://u@mdm.example.com", DOOR_FAULT_CFG_TYPE },
  { "Url", "https://mdm.example.com/#x", DOOR_FAULT_CFG_TYPE },
  { "Url", "https://mdm.example.com/a b", DOOR_FAULT_CFG_TYPE },
  { "Url", "https://mdm.example.com:99999/", DOOR_FAULT_CFG_TYPE },
  { "Mode", "Proxy", DOOR_FAULT_CFG_TYPE },
  { "Mode", "proxy;files", DOOR_FAULT_CFG_TYPE },
  { "File", "x.pem", DOOR_FAULT_CFG_TYPE },
  { "Key", "hunter2-secret", DOOR_FAULT_CFG_INLINE_SECRET },
  { "Key", "credentials:x", DOOR_FAULT_CFG_INLINE_SECRET },
  { "Key", "credential:", DOOR_FAULT_CFG_TYPE },
  { "Key", "credential:../x", DOOR_FAULT_CFG_TYPE },
  { "Key", "credential:a/x", DOOR_FAULT_CFG_TYPE },
  { "Key", "credential:..", DOOR_FAULT_CFG_TYPE },
  { "Key", "file:x", DOOR_FAULT_CFG_TYPE },
  { "Key", "env:X", DOOR_FAULT_CFG_TYPE },
  { "Key", "env:", DOOR_FAULT_CFG_TYPE },
};

/* Who wrote -1 or a unit that does not exist learns what would do, not only that this does not. */
static void
test_range_is_named (void)
{
  static const Pair wrong[] = { { "Count", "-1" }, { "Count", "65" }, { "Count", "99999999999999999999" } };

  for (size_t i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      const Pair pairs[] = { wrong[i], { NULL } };
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorSettings) settings = settings_of (pairs, NULL, false, &error);

      g_assert_null (settings);
      g_assert_nonnull (strstr (error->message, "within 1..64"));
    }
}

static void
test_rejected (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (rejected); i++)
    {
      const Pair pairs[] = { { rejected[i].name, rejected[i].text }, { NULL } };
      g_autoptr (GError) error = NULL;

      g_test_message ("%s=%s", rejected[i].name,
                      g_utf8_validate (rejected[i].text, -1, NULL) ? rejected[i].text : "?");
      g_assert_null (settings_of (pairs, NULL, false, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
      g_assert_cmpint (door_error_get_fault (error), ==, rejected[i].fault);
      g_assert_nonnull (strstr (error->message, "idp/okta"));
      g_assert_null (strstr (error->message, "hunter2"));
    }
}

static void
test_twice (void)
{
  static const Pair pairs[] = { { "Title[de_AT]", "a" }, { "Title[de-at]", "b" }, { NULL } };
  g_autoptr (GError) error = NULL;

  g_assert_null (settings_of (pairs, NULL, false, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_DUPLICATE);
}

static void
test_required (void)
{
  static const Pair pairs[] = { { "Tenant", "x" }, { NULL } };
  DoorSettingsSource source = { .group = "idp/entra", .tables = two_tables };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSettings) settings = NULL;

  g_assert_null (door_settings_new (&source, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_REQUIRED);
  g_clear_error (&error);
  source.values = table_of (pairs);
  settings = door_settings_new (&source, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (door_settings_get_string (settings, "Tenant"), ==, "x");
}

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("door-settings-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
}

static void
put_file (Fixture *fixture, const char *name, const char *text, mode_t mode)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, (int) mode), ==, 0);
}

static DoorSecret *
read_key (Fixture *fixture, const char *reference, bool allow_env, GError **error)
{
  const Pair pairs[] = { { "Key", reference }, { NULL } };
  g_autoptr (DoorSettings) settings = settings_of (pairs, fixture->folder, allow_env, error);

  g_assert_nonnull (settings);
  return door_settings_dup_secret (settings, "Key", error);
}

static void
assert_secret (Fixture *fixture, const char *reference, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSecret) secret = read_key (fixture, reference, true, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_secret_get_text (secret), ==, expected);
}

static void
test_secret (Fixture *fixture, gconstpointer data)
{
  g_autofree char *reference = g_strdup_printf ("file:%s/plain", fixture->folder);
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);

  put_file (fixture, "secrets_both", "first\n", 0600);
  put_file (fixture, "both", "second\n", 0600);
  put_file (fixture, "plain", "a\nb\r\n", 0640);
  assert_secret (fixture, "credential:both", "first");
  assert_secret (fixture, "credential:plain", "a\nb");
  assert_secret (fixture, reference, "a\nb");
  g_assert_cmpint (symlink ("plain", link), ==, 0);
  assert_secret (fixture, "credential:link", "a\nb");
  g_assert_true (g_setenv ("DOOR_TEST_SECRET", "from the environment", TRUE));
  assert_secret (fixture, "env:DOOR_TEST_SECRET", "from the environment");
}

static void
test_secret_refused (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *reference;
    DoorFault fault;
  } bad[] = {
    { "credential:absent", DOOR_FAULT_CFG_SECRET },
    { "credential:readable", DOOR_FAULT_CFG_PERMISSIONS },
    { "credential:writable", DOOR_FAULT_CFG_PERMISSIONS },
    { "credential:group", DOOR_FAULT_CFG_PERMISSIONS },
    { "credential:foreign", DOOR_FAULT_CFG_PERMISSIONS },
    { "credential:large", DOOR_FAULT_CFG_SECRET },
    { "credential:empty", DOOR_FAULT_CFG_SECRET },
    { "credential:pipe", DOOR_FAULT_CFG_SECRET },
    { "env:DOOR_TEST_UNSET", DOOR_FAULT_CFG_SECRET },
    { "file:/proc/self", DOOR_FAULT_CFG_SECRET },
  };
  g_autofree char *large = g_strnfill (64 * 1024 + 1, '\n');
  g_autofree char *pipe = g_build_filename (fixture->folder, "pipe", NULL);
  g_autofree char *foreign = g_build_filename (fixture->folder, "foreign", NULL);

  put_file (fixture, "readable", "x", 0644);
  put_file (fixture, "writable", "x", 0602);
  put_file (fixture, "group", "x", 0660);
  put_file (fixture, "foreign", "x", 0600);
  memset (large, 'x', 64 * 1024); /* one newline too many */
  put_file (fixture, "large", large, 0600);
  put_file (fixture, "empty", "\n", 0600);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      /* giving a file away takes root */
      if (g_str_has_suffix (bad[i].reference, ":foreign") && chown (foreign, 4711, 4711) != 0)
        continue;
      g_test_message ("%s", bad[i].reference);
      g_assert_null (read_key (fixture, bad[i].reference, true, &error));
      g_assert_cmpint (door_error_get_fault (error), ==, bad[i].fault);
    }
}

static void
test_secret_missing (Fixture *fixture, gconstpointer data)
{
  static const Pair none[] = { { NULL } }, reference[] = { { "Key", "credential:x" }, { NULL } };
  g_autoptr (DoorSettings) unset = settings_of (none, NULL, false, NULL);
  g_autoptr (DoorSettings) no_folder = settings_of (reference, NULL, false, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (door_settings_dup_secret (unset, "Key", &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_SECRET);
  g_clear_error (&error);
  g_assert_null (door_settings_dup_secret (no_folder, "Key", &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_SECRET);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/defaults", test_defaults);
  g_test_add_func ("/settings/values", test_values);
  g_test_add_func ("/settings/rejected", test_rejected);
  g_test_add_func ("/settings/range-is-named", test_range_is_named);
  g_test_add_func ("/settings/twice", test_twice);
  g_test_add_func ("/settings/required", test_required);
  g_test_add ("/settings/secret/read", Fixture, NULL, set_up, test_secret, tear_down);
  g_test_add ("/settings/secret/refused", Fixture, NULL, set_up, test_secret_refused, tear_down);
  g_test_add ("/settings/secret/missing", Fixture, NULL, set_up, test_secret_missing, tear_down);
  return g_test_run ();
}
