/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* EnrollReference: what stands behind ServerURL, and how little it means. */
#include <string.h>

#include "device.h"
#include "door-cms.h"
#include "door-identity-renewal.h"
#include "sign-in.h"

#define OFF "Use=enrollment\n"
#define COMPATIBLE OFF "[enrollment]\nEnrollReference=compatible\n"
#define TEAMS COMPATIBLE "[team/red]\nEnrollReference=off\n"
#define UNTIL_DUE_MS (INT64_C (340) * 24 * HOUR_MS)
#define START "<key>ServerURL</key>"
#define ADDRESS "https://devices.example.com/mdm/apple/mdm"
#define PARAMETER "?enroll_reference="
#define FOREIGN "00000000-0000-8000-8000-000000000000"
#define TOO_LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const Answer ada = { .assertion_id = "_ada1" }, again = { .assertion_id = "_ada2" };

/* The ServerURL of a profile. */
static char *
dup_address (const char *profile)
{
  const char *at = strstr (profile, START);

  g_assert_nonnull (at);
  at = strstr (at, "<string>") + strlen ("<string>");
  return g_strndup (at, strcspn (at, "<"));
}

static char *
fetch (World *world, const char *path, const char *token)
{
  g_autoptr (DoorResponse) response = device_ask_profile (world, path, token);
  g_autofree char *profile = NULL;

  assert_status (response, 200);
  profile = device_dup_profile (response);
  return dup_address (profile);
}

/* What stands behind the address, which must be ours. */
static const char *
reference_of (const char *address)
{
  g_assert_true (g_str_has_prefix (address, ADDRESS PARAMETER));
  return address + strlen (ADDRESS PARAMETER);
}

static void
set_option (World *world, bool compatible)
{
  ((DoorTeam *) door_policy_lookup_team (world->policy, ""))->enroll_reference = compatible;
}

/* Says something by an address with this query. */
static void
say (World *world, Device *device, const char *type, const char *query)
{
  g_free (device->query);
  device->query = g_strdup (query);
  g_assert_cmpuint (device_say (world, device, type, device->token), ==, 200);
}

/* What the log says of the reference of the last message: a word, or none. */
static void
assert_judged (const char *word)
{
  g_autofree char *log = world_dup_log ();
  g_autofree char *line = g_strdup_printf ("DOORWARD_REFERENCE=%s\n", word != NULL ? word : "");
  bool warned = strstr (log, "DOORWARD_EVENT=enroll-reference\n") != NULL;

  if ((strstr (log, word != NULL ? line : "DOORWARD_REFERENCE=") != NULL) != (word != NULL))
    g_error ("%s was expected in %s", word != NULL ? line : "no reference", log);
  g_assert_cmpint (warned, ==, word != NULL && !g_str_equal (word, "matched"));
  g_assert_null (strstr (log, "-8000-8")); /* no value */
}

static void
assert_kept (World *world, const char *reference)
{
  g_autofree char *where = g_strdup_printf ("enrollment WHERE enroll_reference = '%s'", reference);

  assert_count (world, 1, where);
}

static void
test_off (void)
{
  g_autoptr (World) world = world_new (OFF);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *address = fetch (world, NULL, token);
  g_autofree char *drop = NULL;
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");

  g_assert_cmpstr (address, ==, ADDRESS);
  drop = world_dup_log ();
  say (world, device, "Authenticate", NULL);
  assert_judged (NULL);
  say (world, device, "TokenUpdate", PARAMETER);
  assert_judged (NULL);
  assert_kept (world, "");
  say (world, device, "TokenUpdate", PARAMETER FOREIGN);
  assert_judged ("other");
}

/* Each enrollment has its own, which a repeat gets again, and by which nothing else is told. */
static void
test_compatible (void)
{
  g_autoptr (World) world = world_new (COMPATIBLE);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *other = sign_in (world, "/mdm/sso", &again);
  g_autofree char *first = fetch (world, NULL, token), *repeat = fetch (world, NULL, token);
  g_autofree char *second = fetch (world, NULL, other), *drop = NULL;
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");
  const char *query = first + strlen (ADDRESS);

  g_assert_true (g_uuid_string_is_valid (reference_of (first)));
  g_assert_cmpstr (first, ==, repeat);
  g_assert_cmpstr (reference_of (first), !=, reference_of (second));
  drop = world_dup_log ();
  say (world, device, "Authenticate", query);
  assert_judged ("matched");
  assert_kept (world, reference_of (first));
  say (world, device, "TokenUpdate", query);
  assert_judged ("matched");
  say (world, device, "Authenticate", query);
  assert_judged ("matched");
  say (world, device, "Idle", PARAMETER FOREIGN);
  assert_judged (NULL); /* it would be said for each poll */
}

static void
test_team (void)
{
  g_autoptr (World) world = world_new (TEAMS);
  g_autofree char *red = sign_in (world, "/mdm/sso?team=red", &ada);
  g_autofree char *none = sign_in (world, "/mdm/sso", &again);
  g_autofree char *with = fetch (world, NULL, none);
  g_autofree char *without = fetch (world, "/mdm/apple/account_driven_enroll/red", red);

  g_assert_cmpstr (without, ==, ADDRESS);
  g_assert_nonnull (reference_of (with));
}

/* Whatever is sent, the enrollment is that of the certificate, and goes on. */
static void
test_queries (void)
{
  static const struct
  {
    const char *query;
    const char *word;
  } cases[] = {
    { NULL, "missing" },
    { "?", "missing" },
    { PARAMETER, "missing" },
    { "?enroll_reference", "missing" },
    { "?enroll_reference=%zz", "missing" },
    { "?enroll_reference=%00", "missing" },
    { "?enroll_reference=%ff%fe", "missing" },
    { PARAMETER FOREIGN "&enroll_reference=" FOREIGN, "missing" },
    { PARAMETER FOREIGN "&enrollment_reference=" FOREIGN, "missing" },
    { PARAMETER TOO_LONG, "missing" },
    { PARAMETER FOREIGN, "other" },
    { "?enrollment_reference=" FOREIGN, "other" },
    { PARAMETER "x", "other" },
  };
  g_autoptr (World) world = world_new (COMPATIBLE);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *address = fetch (world, NULL, token);
  g_autofree char *drop = NULL, *second_name = NULL, *twice = NULL;
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");

  drop = world_dup_log ();
  say (world, device, "Authenticate", cases[0].query);
  assert_judged (cases[0].word);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      say (world, device, "TokenUpdate", cases[i].query);
      assert_judged (cases[i].word);
    }
  second_name = g_strdup_printf ("?x=1&enrollment_reference=%s", reference_of (address));
  say (world, device, "TokenUpdate", second_name);
  assert_judged ("matched");
  twice = g_strdup_printf ("%s&enroll_reference=%s", strchr (address, '?'), reference_of (address));
  say (world, device, "TokenUpdate", twice);
  assert_judged ("missing");
  assert_count (world, 1, "enrollment WHERE state = 'active'");
  assert_kept (world, reference_of (address)); /* the profile had it, whatever a proxy took away */
}

/* With somebody else's value a device stays what its certificate says. */
static void
test_swapped (void)
{
  g_autoptr (World) world = world_new (COMPATIBLE);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autofree char *other = sign_in (world, "/mdm/sso", &again), *drop = NULL;
  g_autofree char *mine = fetch (world, NULL, token), *yours = fetch (world, NULL, other);
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");
  g_autoptr (Device) second = device_get_certificate (world, NULL, other, "scepclient.key");

  g_free (second->enrollment_id);
  second->enrollment_id = g_strdup ("5D1E0A4C-93A7-4E1B-8C5C-0B6C3F1A2D78");
  say (world, device, "Authenticate", strchr (mine, '?'));
  drop = world_dup_log ();
  say (world, second, "Authenticate", strchr (mine, '?'));
  assert_judged ("other");
  say (world, second, "TokenUpdate", strchr (mine, '?'));
  assert_judged ("other");
  assert_kept (world, reference_of (mine));
  assert_kept (world, reference_of (yours));
  assert_count (world, 1, "enrollment WHERE state = 'active'"); /* the second, which alone said TokenUpdate */
  assert_count (world, 1, "enrollment WHERE state = 'pending'");
}

/* A value that only the profile of the sign-in can have is believed of ServerURL, another one is not. */
static void
test_unrecorded (void)
{
  for (int right = 0; right < 2; right++)
    {
      g_autoptr (World) world = world_new (COMPATIBLE);
      g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *address = fetch (world, NULL, token);
      g_autofree char *drop = NULL;
      g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");

      world_write (world, "UPDATE access_token SET enroll_reference = ''");
      drop = world_dup_log ();
      say (world, device, "Authenticate", right ? strchr (address, '?') : PARAMETER FOREIGN);
      assert_judged (right ? "matched" : "other");
      assert_kept (world, right ? reference_of (address) : "");
    }
}

/* The profile came with an access token that was renewed before Authenticate: what counts is the profile. */
static void
test_other_token (void)
{
  g_autoptr (World) world = world_new (COMPATIBLE);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autofree char *other = sign_in (world, "/mdm/sso", &again);
  g_autofree char *address = fetch (world, NULL, token), *drop = NULL;
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");

  g_free (device->token);
  device->token = g_strdup (other);
  drop = world_dup_log ();
  say (world, device, "Authenticate", strchr (address, '?'));
  assert_judged ("matched");
  assert_kept (world, reference_of (address));
}

/* The ServerURL in the profile that a renewal brings. */
static char *
dup_renewed_address (World *world, Device *device)
{
  g_autoptr (GBytes) body = device_build_message ("Idle", device->enrollment_id);
  g_autoptr (GBytes) der = NULL, content = NULL;
  g_autoptr (DoorResponse) response = NULL;
  g_autoptr (DoorCertificate) signer = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *command = NULL, *base64 = NULL, *profile = NULL;
  const char *at;
  guchar *data;
  gsize size = 0;

  world_advance (world, UNTIL_DUE_MS);
  g_assert_true (door_identity_renewal_run (&world->context, &error));
  response = device_put (world, device, body, device->token);
  assert_status (response, 200);
  command = world_dup_body (response);
  at = strstr (command, "<key>Payload</key>");
  g_assert_nonnull (at);
  at = strstr (at, "<data>") + strlen ("<data>");
  base64 = g_strndup (at, strcspn (at, "<"));
  data = g_base64_decode (base64, &size);
  der = g_bytes_new_take (data, size);
  content = door_cms_open_signed (der, &signer, &error);
  g_assert_no_error (error);
  profile = g_strndup (g_bytes_get_data (content, NULL), g_bytes_get_size (content));
  return dup_address (profile);
}

/* Apple: a profile with another ServerURL does not take the place of the first, so the option is one for new
 * enrollments. */
static void
test_stays (gconstpointer data)
{
  const bool first = GPOINTER_TO_INT (data) != 0;
  g_autoptr (World) world = world_new (OFF);
  g_autofree char *token = NULL, *before = NULL, *repeat = NULL, *after = NULL;
  g_autoptr (Device) device = NULL;

  set_option (world, first);
  token = sign_in (world, "/mdm/sso", &ada);
  before = fetch (world, NULL, token);
  g_assert_cmpint (strchr (before, '?') != NULL, ==, first);
  set_option (world, !first);
  repeat = fetch (world, NULL, token);
  g_assert_cmpstr (repeat, ==, before);
  device = device_get_certificate (world, NULL, token, "device.key");
  say (world, device, "Authenticate", strchr (before, '?'));
  say (world, device, "TokenUpdate", strchr (before, '?'));
  after = dup_renewed_address (world, device);
  g_assert_cmpstr (after, ==, before);
}

static void
add (void)
{
  g_test_add_func ("/enroll-reference/off", test_off);
  g_test_add_func ("/enroll-reference/compatible", test_compatible);
  g_test_add_func ("/enroll-reference/team", test_team);
  g_test_add_func ("/enroll-reference/queries", test_queries);
  g_test_add_func ("/enroll-reference/swapped", test_swapped);
  g_test_add_func ("/enroll-reference/unrecorded", test_unrecorded);
  g_test_add_func ("/enroll-reference/other-token", test_other_token);
  g_test_add_data_func ("/enroll-reference/stays-on", GINT_TO_POINTER (1), test_stays);
  g_test_add_data_func ("/enroll-reference/stays-off", GINT_TO_POINTER (0), test_stays);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
