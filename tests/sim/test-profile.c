/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include <string.h>

#include "sim-error.h"
#include "sim-profile.h"

#define ACCOUNT "anna.chao@example.test"
#define REFERENCE "6F0C1C4E-5C7B-8E0A-9B1D-2F3A4B5C6D7E"

static const char good[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><plist version=\"1.0\"><dict>"
    "<key>PayloadType</key><string>Configuration</string><key>PayloadUUID</key><string>U0</string>"
    "<key>PayloadScope</key><string>User</string><key>PayloadContent</key><array>"
    "<dict><key>PayloadType</key><string>com.apple.security.scep</string>"
    "<key>PayloadUUID</key><string>U1</string><key>PayloadContent</key><dict>"
    "<key>URL</key><string>https://door.test/scep</string><key>Keysize</key><integer>2048</integer>"
    "<key>Challenge</key><string>secret</string><key>CAFingerprint</key><data>AAECAw==</data>"
    "<key>Subject</key><array><array><array><string>O</string><string>Example</string></array></array>"
    "<array><array><string>CN</string><string>device</string></array></array></array></dict></dict>"
    "<dict><key>PayloadType</key><string>com.apple.mdm</string><key>PayloadUUID</key><string>U2</string>"
    "<key>EnrollmentMode</key><string>BYOD</string><key>AssignedManagedAppleID</key><string>" ACCOUNT
    "</string>"
    "<key>SignMessage</key><true/><key>Topic</key><string>com.apple.mgmt.External.X</string>"
    "<key>ServerURL</key><string>https://door.test/mdm</string>"
    "<key>IdentityCertificateUUID</key><string>U1</string><key>CheckOutWhenRemoved</key><true/></dict>"
    "</array></dict></plist>";

/* The good profile with one text in place of another. */
static SimProfile *
parse_changed (const char *from, const char *to, GError **error)
{
  g_autoptr (GString) text = g_string_new (good);
  g_autoptr (GBytes) bytes = NULL;

  if (from != NULL)
    g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  bytes = g_bytes_new (text->str, text->len);
  return sim_profile_parse (bytes, SIM_PROFILE_USER, ACCOUNT, error);
}

/* The good profile as a device that is managed as a whole gets it, by a ticket or with an account; @from and
 * @to as above. */
static SimProfile *
parse_device (SimProfileKind kind, const char *from, const char *to, GError **error)
{
  const char *account = "<string>" ACCOUNT "</string>";
  g_autofree char *mode = g_strconcat (
      "<key>EnrollmentMode</key><string>BYOD</string><key>AssignedManagedAppleID</key>", account, NULL);
  const char *rights = "<key>AccessRights</key><integer>8191</integer>";
  g_autofree char *adde =
      g_strconcat ("<key>EnrollmentMode</key><string>ADDE</string><key>AssignedManagedAppleID</key>", account,
                   rights, NULL);
  g_autoptr (GString) text = g_string_new (good);
  g_autoptr (GBytes) bytes = NULL;

  g_assert_cmpuint (g_string_replace (text, mode, kind == SIM_PROFILE_ADDE ? adde : rights, 1), ==, 1);
  g_assert_cmpuint (g_string_replace (text, "<string>User</string>", "<string>System</string>", 1), ==, 1);
  if (from != NULL)
    g_assert_cmpuint (g_string_replace (text, from, to, 1), ==, 1);
  bytes = g_bytes_new (text->str, text->len);
  return sim_profile_parse (bytes, kind, kind == SIM_PROFILE_ADDE ? ACCOUNT : "", error);
}

static void
test_devices (void)
{
  static const struct
  {
    SimProfileKind kind;
    const char *from, *to;
    bool good;
  } cases[] = {
    { SIM_PROFILE_DEVICE, NULL, NULL, true },
    { SIM_PROFILE_ADDE, NULL, NULL, true },
    { SIM_PROFILE_DEVICE, "<string>System</string>", "<string>User</string>", false },
    { SIM_PROFILE_DEVICE, "8191", "0", false },
    { SIM_PROFILE_DEVICE, "8191", "8192", false },
    { SIM_PROFILE_DEVICE, "8191", "2", false },
    { SIM_PROFILE_DEVICE, "8191", "128", false },
    { SIM_PROFILE_DEVICE, "<key>AccessRights</key><integer>8191</integer>", "", false },
    { SIM_PROFILE_DEVICE, "<key>AccessRights",
      "<key>EnrollmentMode</key><string>ADDE</string><key>AccessRights", false },
    { SIM_PROFILE_ADDE, "ADDE", "BYOD", false },
    { SIM_PROFILE_ADDE, "anna.chao", "ben", false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SimProfile) profile = parse_device (cases[i].kind, cases[i].from, cases[i].to, &error);

      g_assert_cmpint (profile != NULL, ==, cases[i].good);
    }
}

static void
test_good (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SimProfile) profile = parse_changed (NULL, NULL, &error);
  char **last = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (profile->server_url, ==, "https://door.test/mdm");
  g_assert_cmpstr (profile->check_in_url, ==, "https://door.test/mdm");
  g_assert_cmpstr (profile->scep_url, ==, "https://door.test/scep");
  g_assert_cmpstr (profile->topic, ==, "com.apple.mgmt.External.X");
  g_assert_cmpstr (profile->challenge, ==, "secret");
  g_assert_cmpint (profile->key_size, ==, 2048);
  g_assert_cmpuint (g_bytes_get_size (profile->ca_fingerprint), ==, 4);
  g_assert_cmpuint (profile->subject->len, ==, 2);
  last = g_ptr_array_index (profile->subject, 1);
  g_assert_cmpstr (last[0], ==, "CN");
  g_assert_cmpstr (last[1], ==, "device");
  g_assert_true (profile->checks_out);
}

/* The address is used as it stands there. */
static void
test_reference (void)
{
  static const char url[] = "https://door.test/mdm?enroll_reference=" REFERENCE;
  g_autoptr (GError) error = NULL;
  g_autoptr (SimProfile) profile = parse_changed ("https://door.test/mdm", url, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (profile->server_url, ==, url);
  g_assert_cmpstr (profile->check_in_url, ==, url);
}

/* Each of these is a check of its own: without it the profile would pass. */
static void
test_bad (void)
{
  static const char *const changes[][2] = {
    { "<string>Configuration</string>", "<string>Other</string>" },
    { "<string>User</string>", "<string>System</string>" },
    { "<key>PayloadScope</key><string>User</string>", "" },
    { "<string>BYOD</string>", "<string>ADDE</string>" },
    { "<key>EnrollmentMode</key><string>BYOD</string>", "" },
    { "<string>" ACCOUNT "</string>", "<string>ben@example.test</string>" },
    { "<key>SignMessage</key>", "<key>AccessRights</key><integer>8191</integer><key>SignMessage</key>" },
    { "<key>SignMessage</key><true/>", "<key>SignMessage</key><false/>" },
    { "<key>SignMessage</key><true/>", "" },
    { "https://door.test/mdm", "http://door.test/mdm" },
    { "https://door.test/mdm", "https://door.test/mdm?enroll_reference=1" },
    { "https://door.test/mdm", "https://door.test/mdm?reference=" REFERENCE },
    { "https://door.test/mdm", "https://door.test/mdm?enroll_reference=" REFERENCE "&amp;user=anna" },
    { "https://door.test/mdm", "https://door.test/mdm?enroll_reference=" REFERENCE "#x" },
    { "https://door.test/mdm", "https://door.test/mdm/Anna.Chao%40example.test" },
    { "<key>SignMessage</key>",
      "<key>CheckInURL</key><string>https://door.test/c?x=1</string><key>SignMessage</key>" },
    { "<key>Topic</key><string>com.apple.mgmt.External.X</string>", "" },
    { "<key>IdentityCertificateUUID</key><string>U1", "<key>IdentityCertificateUUID</key><string>U2" },
    { "<key>PayloadUUID</key><string>U0</string>", "" },
    { "<key>PayloadUUID</key><string>U2</string>", "" },
    { "com.apple.security.scep", "com.apple.security.acme" },
    { "com.apple.mdm", "com.apple.security.scep" },
    { "<dict><key>PayloadType</key><string>com.apple.security.scep",
      "<dict><key>PayloadType</key><string>com.apple.mdm</string><key>PayloadUUID</key><string>U3</string></"
      "dict>"
      "<dict><key>PayloadType</key><string>com.apple.security.scep" },
    { "<integer>2048</integer>", "<integer>1024</integer>" },
    { "<key>Keysize</key><integer>2048</integer>", "" },
    { "<array><string>CN</string><string>device</string></array>", "<array><string>CN</string></array>" },
    { "<key>Subject</key>", "<key>Other</key>" },
    { "https://door.test/scep", "ldap://door.test" },
    { "<dict><key>PayloadType</key><string>com.apple.mdm",
      "<string>x</string><dict><key>PayloadType</key><string>y" },
    { "</dict></plist>", "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse_changed (changes[i][0], changes[i][1], &error));
      g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
    }
}

static void
test_difference (void)
{
  static const char *const changes[][2] = {
    { "<string>U0</string>", "<string>U9</string>" },
    { "<string>secret</string>", "<string>other</string>" },
    { "https://door.test/scep", "https://door.test/scep2" },
    { "https://door.test/mdm", "https://door.test/mdm2" },
    { "https://door.test/mdm", "https://door.test/mdm?enroll_reference=" REFERENCE },
  };
  g_autoptr (SimProfile) first = parse_changed (NULL, NULL, NULL);
  g_autoptr (SimProfile) same = parse_changed (NULL, NULL, NULL);

  g_assert_null (sim_profile_find_difference (first, same));
  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (SimProfile) other = parse_changed (changes[i][0], changes[i][1], NULL);

      g_assert_nonnull (sim_profile_find_difference (first, other));
    }
}

/* Whoever plays the wrong way is told the right one. */
static void
test_profile_service (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (
      parse_changed ("<string>Configuration</string>", "<string>Profile Service</string>", &error));
  g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
  g_assert_nonnull (strstr (error->message, "doorward-sim ota"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/profile/good", test_good);
  g_test_add_func ("/sim/profile/reference", test_reference);
  g_test_add_func ("/sim/profile/devices", test_devices);
  g_test_add_func ("/sim/profile/bad", test_bad);
  g_test_add_func ("/sim/profile/difference", test_difference);
  g_test_add_func ("/sim/profile/profile-service", test_profile_service);
  return g_test_run ();
}
