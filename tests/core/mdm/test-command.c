/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-command-schema.h"
#include "door-command.h"
#include "door-error.h"
#include "door-plist.h"

#define ALL_RIGHTS 8191

static const DoorCommandTarget mac = { "MacBookPro18,1", "14.5", false, false, ALL_RIGHTS, true };

static DoorCommandSchema *
load (void)
{
  g_autoptr (GError) error = NULL;
  DoorCommandSchema *schema = door_command_schema_new (&error);

  g_assert_no_error (error);
  return schema;
}

static GVariant *
parse (const char *keys)
{
  g_autofree char *text = g_strdup_printf ("<plist version=\"1.0\"><dict>%s</dict></plist>", keys);
  g_autoptr (GBytes) plist = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  GVariant *command = door_command_parse (plist, &error);

  g_assert_no_error (error);
  return command;
}

#define TYPE(name) "<key>RequestType</key><string>" name "</string>"
#define KEY(name, value) "<key>" name "</key>" value

/* What Apple publishes, key by key. */
static const struct
{
  const char *keys;
  const char *problem; /* NULL: it is right */
} commands[] = {
  { TYPE ("ProfileList"), NULL },
  { TYPE ("ProfileList") KEY ("RequestRequiresNetworkTether", "<true/>"), NULL },
  { TYPE ("ProfileList") KEY ("ManagedOnly", "<true/>"), NULL },
  { TYPE ("ProfileList") KEY ("ManagedOnly", "<string>true</string>"), "ManagedOnly: boolean is expected" },
  { TYPE ("ProfileList") KEY ("Managed", "<true/>"),
    "Managed: no such key; there are RequestType, ManagedOnly" },
  { TYPE ("Nonsense"), "RequestType: Nonsense is not a command that is known here" },
  { TYPE ("InstallProfile"), "Payload: data is required" },
  { TYPE ("InstallProfile") KEY ("Payload", "<data>AAAA</data>"), NULL },
  { TYPE ("RemoveProfile") KEY ("Identifier", "<integer>1</integer>"), "Identifier: string is expected" },
  { TYPE ("DeviceInformation"), "Queries: array is required" },
  { TYPE ("DeviceInformation") KEY ("Queries", "<array><string>UDID</string></array>"), NULL },
  { TYPE ("DeviceInformation") KEY ("Queries", "<array><string>UDID</string><true/></array>"),
    "Queries[1]: string is expected" },
  { TYPE ("DeviceInformation") KEY ("Queries", "<array><string>Shoe</string></array>"),
    "Queries[0]: one of UDID," },
  { TYPE ("EraseDevice") KEY ("ObliterationBehavior", "<string>Always</string>"), NULL },
  { TYPE ("EraseDevice") KEY ("ObliterationBehavior", "<string>Never</string>"),
    "ObliterationBehavior: one of Default, DoNotObliterate, ObliterateWithWarning, Always is expected" },
  { TYPE ("EraseDevice") KEY ("ReturnToService", "<dict/>"), "ReturnToService.Enabled: boolean is required" },
  { TYPE ("EraseDevice")
        KEY ("ReturnToService", "<dict><key>Enabled</key><true/><key>Off</key><true/></dict>"),
    "ReturnToService.Off: no such key" },
  { TYPE ("DeviceLock") KEY ("PIN", "<string>123456</string>"), NULL },
  { TYPE ("DeviceLock") KEY ("PIN", "<string>12</string>"), "PIN: 6 digits are expected" },
  { TYPE ("DeviceLock") KEY ("PIN", "<string>1234567</string>"), "PIN: 6 digits are expected" },
  { TYPE ("DeviceLock") KEY ("PIN", "<string>abcdef</string>"), "PIN: 6 digits are expected" },
  { TYPE ("DeviceLock") KEY ("PIN", "<string></string>"), "PIN: 6 digits are expected" },
  { TYPE ("EraseDevice") KEY ("PIN", "<string>x</string>"), "PIN: 6 digits are expected" },
  { TYPE ("RestartDevice"), NULL },
  { TYPE ("SecurityInfo"), NULL },
  { TYPE ("CertificateList"), NULL },
  { TYPE ("InstalledApplicationList"), NULL },
  { TYPE ("DeviceConfigured"), NULL },
  { TYPE ("DeclarativeManagement") KEY ("Data", "<data>AAAA</data>"), NULL },
  { TYPE ("UserConfigured"), "RequestType: UserConfigured is not for the channel of a device" },
  { TYPE ("AccountConfiguration")
        KEY ("AutoSetupAdminAccounts", "<array><dict><key>shortName</key><string>a</string></dict></array>"),
    NULL },
  { TYPE ("AccountConfiguration") KEY ("AutoSetupAdminAccounts", "<array><dict/></array>"),
    "AutoSetupAdminAccounts[0].shortName: string is required" },
};

static void
test_check (void)
{
  g_autoptr (DoorCommandSchema) schema = load ();

  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (GVariant) command = parse (commands[i].keys);
      g_autoptr (GError) error = NULL;
      bool good = door_command_schema_check (schema, command, &mac, &error);

      g_test_message ("%s: %s", commands[i].keys, error != NULL ? error->message : "right");
      g_assert_true (good == (commands[i].problem == NULL));
      if (commands[i].problem == NULL)
        continue;
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CMD_INVALID);
      g_assert_true (g_str_has_prefix (error->message, commands[i].problem));
    }
}

/* For which systems, versions and channels. */
static void
test_target (void)
{
  static const struct
  {
    const char *request_type;
    DoorCommandTarget target;
    bool good;
  } cases[] = {
    { "RestartDevice", { "Mac15,3", "10.13", false, false, ALL_RIGHTS }, true },
    { "RestartDevice", { "Mac15,3", "10.12.6", false, false, ALL_RIGHTS }, false },
    { "RestartDevice", { "Mac15,3", "", false, false, ALL_RIGHTS }, true },
    { "RestartDevice", { "iPhone15,4", "17.0", false, false, ALL_RIGHTS }, true },
    { "RestartDevice", { "iPhone15,4", "17.0", false, true, ALL_RIGHTS }, false },
    { "RestartDevice", { "Watch7,1", "11.0", false, false, ALL_RIGHTS }, false },
    { "RestartDevice", { "Toaster1,1", "11.0", false, false, ALL_RIGHTS }, true },
    { "RestartDevice", { "Mac15,3", "14.0", true, false, ALL_RIGHTS }, false },
    { "ProfileList", { "Mac15,3", "14.0", true, false }, true },
    { "ProfileList", { "iPhone15,4", "17.0", false, true }, true },
    /* rights that a person's own device does not give; a user enrollment has none, and can be locked */
    { "EraseDevice", { "iPhone15,4", "17.0", false, false, ALL_RIGHTS & ~8 }, false },
    { "EraseDevice", { "Toaster1,1", "17.0", false, false, ALL_RIGHTS & ~8 }, false },
    { "EraseDevice", { "iPhone15,4", "17.0", false, false, ALL_RIGHTS & ~4 }, true },
    { "DeviceLock", { "iPhone15,4", "17.0", false, false, ALL_RIGHTS & ~4 }, false },
    { "DeviceLock", { "iPhone15,4", "17.0", false, false, ALL_RIGHTS & ~8 }, true },
    { "DeviceLock", { "iPhone15,4", "17.0", false, true, 0 }, true },
    { "EraseDevice", { "iPhone15,4", "17.0", false, true, 0 }, false },
    { "SetRecoveryLock", { "Mac15,3", "14.0", false, false, ALL_RIGHTS & ~12 }, false },
    { "ProfileList", { "iPhone15,4", "17.0", false, false, ALL_RIGHTS & ~12 }, true },
  };
  g_autoptr (DoorCommandSchema) schema = load ();

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) command = door_command_new (cases[i].request_type, NULL);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s %s %s", cases[i].request_type, cases[i].target.product, cases[i].target.os_version);
      g_assert_true (door_command_schema_check (schema, command, &cases[i].target, &error) == cases[i].good);
    }
}

/* A PIN is for Macs; an iPhone would be locked without it, and erased the same. */
static void
test_keys_of_systems (void)
{
  static const struct
  {
    const char *request_type, *product, *os_version, *part;
  } cases[] = {
    { "DeviceLock", "Mac15,3", "14.0", NULL },
    { "DeviceLock", "Mac15,3", "10.7", "PIN: needs macOS 10.8" },
    { "DeviceLock", "iPhone15,4", "17.0", "PIN: is for macOS only, and the device has iOS" },
    { "EraseDevice", "iPad14,1", "17.0", "PIN: is for macOS only" },
    { "EraseDevice", "Mac15,3", "", NULL },
    { "DeviceLock", "Toaster1,1", "17.0", NULL },
  };
  static const char *const words[] = { "PIN=123456", NULL };
  g_autoptr (DoorCommandSchema) schema = load ();

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const DoorCommandTarget target = { cases[i].product, cases[i].os_version, false, false, ALL_RIGHTS };
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) command =
          door_command_schema_read_words (schema, cases[i].request_type, words, &error);

      g_assert_no_error (error);
      g_assert_true (door_command_schema_check (schema, command, &target, &error) == (cases[i].part == NULL));
      if (cases[i].part != NULL)
        g_assert_nonnull (strstr (error->message, cases[i].part));
    }
}

/* What is not known of a device is said. */
static void
test_doubt (void)
{
  static const struct
  {
    const char *request_type;
    DoorCommandTarget target;
    const char *part; /* NULL: nothing */
  } cases[] = {
    { "EnableLostMode", { "iPhone15,4", "17.0", false, false, ALL_RIGHTS, false }, "supervised devices" },
    { "EnableLostMode", { "iPhone15,4", "17.0", false, false, ALL_RIGHTS, true }, NULL },
    { "RestartDevice", { "Mac15,3", "14.0", false, false, ALL_RIGHTS, false }, NULL },
    { "DeviceLock", { "iPhone15,4", "17.0", false, false, ALL_RIGHTS, false }, NULL },
    { "DeviceLock", { "Toaster1,1", "17.0", false, false, ALL_RIGHTS, false }, "which system" },
    { "Brandnew", { "iPhone15,4", "17.0", false, false, ALL_RIGHTS, true }, "not a command that is known" },
  };
  g_autoptr (DoorCommandSchema) schema = load ();

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) command = door_command_new (cases[i].request_type, NULL);
      g_autofree char *doubt = door_command_schema_dup_doubt (schema, command, &cases[i].target);

      g_test_message ("%s %s: %s", cases[i].request_type, cases[i].target.product, doubt);
      g_assert_true ((doubt != NULL) == (cases[i].part != NULL));
      g_assert_true (doubt == NULL || strstr (doubt, cases[i].part) != NULL);
    }
}

/* A near miss, and a word that was left unfinished. */
static void
test_suggestion (void)
{
  static const char *const names[][2] = {
    { "DeviceLok", "did you mean DeviceLock?" },
    { "DeviceInfo", "did you mean DeviceInformation?" },
    { "profilelist", "did you mean ProfileList?" },
  };
  g_autoptr (DoorCommandSchema) schema = load ();
  g_autoptr (GError) far = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (door_command_schema_read_words (schema, names[i][0], NULL, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_nonnull (strstr (error->message, names[i][1]));
    }
  g_assert_null (door_command_schema_read_words (schema, "Nonsense", NULL, &far));
  g_assert_null (strstr (far->message, "did you mean"));
}

static void
test_words (void)
{
  static const char *const queries[] = { "Queries=UDID", "Queries=OSVersion", NULL };
  static const char *const profile[] = { "Payload=AQID", NULL };
  static const char *const twice[] = { "PIN=123456", "PIN=123457", NULL };
  static const char *const bad[][2] = {
    { "ProfileList", "ManagedOnly=yes" }, { "ProfileList", "ManagedOnly" },
    { "InstallProfile", "Payload=?" },    { "EraseDevice", "ReturnToService=1" },
    { "ProfileList", "Other=1" },
  };
  g_autoptr (DoorCommandSchema) schema = load ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) info = door_command_schema_read_words (schema, "DeviceInformation", queries, &error);
  g_autoptr (GVariant) install = door_command_schema_read_words (schema, "InstallProfile", profile, &error);
  g_autofree char *info_text = NULL, *install_text = NULL;

  g_assert_no_error (error);
  info_text = g_variant_print (info, FALSE);
  install_text = g_variant_print (install, FALSE);
  g_assert_nonnull (strstr (info_text, "'Queries': <[<'UDID'>, <'OSVersion'>]>"));
  g_assert_nonnull (strstr (install_text, "'Payload': <[byte 0x01, 0x02, 0x03]>"));
  g_assert_true (door_command_schema_check (schema, info, &mac, &error));
  g_assert_null (door_command_schema_read_words (schema, "DeviceLock", twice, &error));
  g_assert_nonnull (strstr (error->message, "PIN: is given twice"));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *const words[] = { bad[i][1], NULL };
      g_autoptr (GError) problem = NULL;

      g_assert_null (door_command_schema_read_words (schema, bad[i][0], words, &problem));
      g_assert_error (problem, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_build (void)
{
  g_autoptr (GVariant) command = parse (KEY ("CommandUUID", "<string>theirs</string>")
                                            KEY ("Command", "<dict>" TYPE ("ProfileList") "</dict>"));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) message = door_command_build ("ours", command, &error), again = NULL;
  g_autoptr (GVariant) read = NULL, inner = NULL;
  const char *uuid = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_command_get_request_type (command), ==, "ProfileList");
  read = door_plist_parse (message, DOOR_COMMAND_MAX_BYTES, &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (read, "CommandUUID", "&s", &uuid));
  g_assert_cmpstr (uuid, ==, "ours");
  inner = g_variant_lookup_value (read, "Command", G_VARIANT_TYPE_VARDICT);
  g_assert_cmpstr (door_command_get_request_type (inner), ==, "ProfileList");
  again = door_command_build ("ours", command, &error);
  g_assert_true (g_bytes_equal (message, again)); /* so that a repeat is known */
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "",
    "<plist version=\"1.0\"><array/></plist>",
    "<plist version=\"1.0\"><dict/></plist>",
    "<plist version=\"1.0\"><dict><key>RequestType</key><true/></dict></plist>",
    "<plist version=\"1.0\"><dict><key>RequestType</key><string></string></dict></plist>",
  };
  static const char *const uuids[] = {
    "", "-a", ".a", "a b", "a/b", "a\n", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  };
  g_autofree char *wide = g_strnfill (DOOR_COMMAND_MAX_BYTES, 'a');
  g_autoptr (GVariant) large = door_command_new (wide, NULL);
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) plist = g_bytes_new (texts[i], strlen (texts[i]));
      g_autoptr (GError) problem = NULL;

      g_assert_null (door_command_parse (plist, &problem));
      g_assert_error (problem, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (uuids); i++)
    g_assert_false (door_command_is_uuid (uuids[i]));
  g_assert_true (door_command_is_uuid ("6C9D1E2F-0A3B-4C5D-8E7F-112233445566"));
  g_assert_null (door_command_build ("a", large, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/command/check", test_check);
  g_test_add_func ("/command/target", test_target);
  g_test_add_func ("/command/doubt", test_doubt);
  g_test_add_func ("/command/keys-of-systems", test_keys_of_systems);
  g_test_add_func ("/command/suggestion", test_suggestion);
  g_test_add_func ("/command/words", test_words);
  g_test_add_func ("/command/build", test_build);
  g_test_add_func ("/command/refused", test_refused);
  return g_test_run ();
}
