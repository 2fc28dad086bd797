/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "device.h"
#include "sign-in.h"

#define PATH "/mdm/apple/account_driven_enroll"

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer ada_again = { .assertion_id = "_ada2" };
static const char teams[] = "[team/red]\nTitle=Red\n[team/mac]\nTitle=Macs\nModelFamilies=Mac\n";

static void
assert_challenge (const DoorResponse *response, const char *url)
{
  g_autofree char *expected = g_strdup_printf ("Bearer method=\"apple-as-web\", url=\"%s\"", url);

  assert_status (response, 401);
  g_assert_cmpstr (door_response_lookup_header (response, "WWW-Authenticate"), ==, expected);
}

static void
test_challenge (void)
{
  static const struct
  {
    const char *path, *url;
  } cases[] = {
    { PATH, "https://devices.example.com/mdm/sso" },
    { PATH "/red", "https://devices.example.com/mdm/sso?team=red" },
    { "/api" PATH, "https://devices.example.com/mdm/sso" },
    { "/api" PATH "/red", "https://devices.example.com/mdm/sso?team=red" },
    { "/account_driven_enroll", "https://devices.example.com/mdm/sso" },
    { "/api/mdm/apple/enroll", "https://devices.example.com/mdm/sso" },
  };
  g_autoptr (World) world = world_new (teams);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorResponse) response = device_ask_profile (world, cases[i].path, NULL);

      assert_challenge (response, cases[i].url);
    }
  assert_count (world, 0, "scep_challenge");
}

/* Another language, another day, another start of the program: the same profile. */
static void
test_repeat (void)
{
  g_autoptr (World) world = world_new ("[sign-in]\nAccessTokenLifetime=24h\n");
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada),
                  *other = sign_in (world, "/mdm/sso", &ada_again);
  g_autoptr (DoorResponse) first = device_ask_profile (world, NULL, token), again = NULL, third = NULL;
  g_autofree char *profile = device_dup_profile (first), *same = NULL, *different = NULL;

  g_assert_cmpstr (door_response_lookup_header (first, "Content-Type"), ==,
                   "application/x-apple-aspen-config");
  world_advance (world, 20 * HOUR_MS);
  world_reopen (world);
  again = device_ask_profile (world, NULL, token);
  same = device_dup_profile (again);
  g_assert_cmpstr (same, ==, profile);
  assert_count (world, 1, "scep_challenge");
  third = device_ask_profile (world, NULL, other);
  different = device_dup_profile (third);
  g_assert_cmpstr (different, !=, profile);
  assert_count (world, 2, "scep_challenge");
}

static void
test_profile (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso?user-identifier=ADA@example.com", &ada);
  g_autoptr (DoorResponse) response = device_ask_profile (world, NULL, token);
  g_autofree char *profile = device_dup_profile (response);
  static const char *const parts[] = {
    "<string>https://devices.example.com/mdm/apple/mdm</string>",
    "<string>https://devices.example.com/mdm/apple/scep</string>",
    "<string>ada@example.com</string>",
    "<string>" WORLD_TOPIC "</string>",
    "<string>com.example.devices.enrollment",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (parts); i++)
    if (strstr (profile, parts[i]) == NULL)
      g_error ("%s is not in %s", parts[i], profile);
  g_assert_null (strstr (profile, "mdm/apple/mdm?"));
  g_assert_null (strstr (profile, token));
}

static void
test_token (void)
{
  g_autoptr (World) world = world_new (teams);
  g_autofree char *token = sign_in (world, "/mdm/sso?team=red", &ada), *long_one = g_strnfill (8193, 'a');
  g_autoptr (DoorResponse) good = device_ask_profile (world, PATH "/red", token);
  g_autoptr (DoorResponse) foreign = device_ask_profile (world, PATH, token);
  g_autoptr (DoorResponse) unknown = device_ask_profile (world, PATH "/red", "nonsense");
  g_autoptr (DoorResponse) too_long = device_ask_profile (world, PATH "/red", long_one);
  g_autofree char *log = world_dup_log ();
  static const char *const bad[] = {
    "UPDATE access_token SET revoked_at = 5",
    "UPDATE access_token SET revoked_at = 0, person_id = (SELECT id FROM person), expires_at = 1800014400000",
    "UPDATE access_token SET expires_at = 1800014400001",
  };

  assert_status (good, 200);
  assert_challenge (foreign, "https://devices.example.com/mdm/sso");
  assert_challenge (unknown, "https://devices.example.com/mdm/sso?team=red");
  assert_challenge (too_long, "https://devices.example.com/mdm/sso?team=red");
  g_assert_nonnull (strstr (log, "access token too long"));
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (DoorResponse) response = NULL;

      world_write (world, bad[i]);
      response = device_ask_profile (world, PATH "/red", token);
      assert_status (response, i < 2 ? 401 : 200);
    }
  world_write (world, "UPDATE person SET state = 'deactivated'");
  g_clear_pointer (&good, door_response_free);
  good = device_ask_profile (world, PATH "/red", token);
  assert_status (good, 401);
}

static void
assert_fetch (World *world, const char *token, unsigned int status)
{
  g_autoptr (DoorResponse) response = device_ask_profile (world, NULL, token);

  if (status == 401)
    assert_challenge (response, "https://devices.example.com/mdm/sso");
  else
    assert_status (response, status);
}

/* Up to the first TokenUpdate any answer may have been lost; then the token has done its work. */
static void
test_token_spent (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *other = NULL;
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");

  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
  assert_count (world, 1, "access_token WHERE certificate_sha256 <> ''");
  assert_fetch (world, token, 200);
  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", token), ==, 200);
  assert_fetch (world, token, 401);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", token), ==, 200);
  other = sign_in (world, "/mdm/sso", &ada_again);
  assert_fetch (world, other, 200);
}

/* The enrollment may end before it was ever active. */
static void
test_token_ended (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");

  g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
  g_assert_cmpuint (device_say (world, device, "CheckOut", token), ==, 200);
  assert_fetch (world, token, 401);
}

static DoorResponse *
post (World *world, const char *path, const char *content_type, GBytes *body)
{
  const Visit visit = { .method = "POST", .target = path, .content_type = content_type, .body = body };

  return world_visit (world, &visit);
}

static void
test_body (void)
{
  g_autoptr (World) world = world_new (teams);
  g_autoptr (GBytes) good = device_build_machine_info ("iPhone12,1"), tampered = NULL, plain = NULL;
  gsize size = 0;
  g_autofree char *copy = g_memdup2 (g_bytes_get_data (good, &size), g_bytes_get_size (good));
  char *product = memmem (copy, g_bytes_get_size (good), "iPhone12,1", 10);
  static const char cms[] = "application/pkcs7-signature";
  g_autoptr (EVP_PKEY) key = device_load_key ("device.key");
  const SimIssuer self_signed = { NULL, key };
  g_autoptr (X509) certificate = sim_certificate_new ("device", key, &self_signed, false, NULL);
  g_autoptr (GBytes) empty = NULL;
  g_autoptr (DoorResponse) no_product = NULL, changed = NULL, unsigned_one = NULL, type = NULL,
                           no_type = NULL, team = NULL;

  g_assert_nonnull (product);
  product[7] = '3';
  tampered = g_bytes_new (copy, size);
  plain = g_bytes_new_static ("<plist version=\"1.0\"><dict/></plist>", 36);
  changed = post (world, PATH, cms, tampered);
  assert_status (changed, 403);
  g_assert_null (door_response_lookup_header (changed, "WWW-Authenticate"));
  unsigned_one = post (world, PATH, cms, plain);
  g_assert_null (door_response_lookup_header (unsigned_one, "WWW-Authenticate"));
  g_assert_cmpuint (door_response_get_status (unsigned_one), >=, 400);
  empty = device_sign (plain, key, certificate, SIM_CMS_EMBEDDED);
  no_product = post (world, PATH, cms, empty);
  assert_status (no_product, 400);
  type = post (world, PATH, "application/xml", good);
  assert_status (type, 415);
  no_type = post (world, PATH, NULL, good);
  assert_status (no_type, 415);
  team = post (world, PATH "/green", cms, good);
  assert_status (team, 404);
}

/* A device that said nothing of its kind in service discovery says it here. */
static void
test_model_family (void)
{
  g_autoptr (World) world = world_new (teams);
  static const struct
  {
    const char *product;
    unsigned int status;
  } cases[] = { { "Mac14,2", 401 }, { "iPhone12,1", 403 }, { "iPad13,1", 403 }, { "Novelty1,1", 401 } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) body = device_build_machine_info (cases[i].product);
      g_autoptr (DoorResponse) response = post (world, PATH "/mac", "application/pkcs7-signature", body);

      assert_status (response, cases[i].status);
    }
}

/* No configuration of this version leads here, since there is but one way to enroll. */
static void
switch_off (World *world, const char *team)
{
  ((DoorTeam *) door_policy_lookup_team (world->policy, team))->flows &= ~DOOR_TEAM_FLOW_ACCOUNT;
}

static void
test_flow_off (void)
{
  g_autoptr (World) world = world_new (teams);
  g_autoptr (DoorResponse) off = NULL, on = NULL;

  switch_off (world, "");
  off = device_ask_profile (world, PATH, NULL);
  on = device_ask_profile (world, PATH "/red", NULL);
  assert_status (off, 403);
  assert_status (on, 401);
}

static void
test_database_down (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (DoorResponse) response = NULL;

  world_break_table (world, "scep_challenge");
  response = device_ask_profile (world, NULL, token);
  g_assert_cmpuint (door_response_get_status (response), >=, 500);
  world_write (world, "DROP TABLE access_token");
  g_clear_pointer (&response, door_response_free);
  response = device_ask_profile (world, NULL, token);
  g_assert_cmpuint (door_response_get_status (response), >=, 500);
}

static void
test_discovery (void)
{
  static const struct
  {
    const char *query;
    unsigned int status;
    const char *text;
  } cases[] = {
    { "?user-identifier=ada@example.com", 200,
      "https://devices.example.com/mdm/apple/account_driven_enroll\"" },
    { "?user-identifier=ada@mac.example", 200, "account_driven_enroll/mac\"" },
    { "?user-identifier=ada@MAC.example&model-family=Mac", 200, "account_driven_enroll/mac\"" },
    { "?user-identifier=ada@mac.example&model-family=iPhone", 403, "DW-DISC-FAMILY" },
    { "?user-identifier=ada@off.example", 403, "DW-DISC-OFF" },
    { "?user-identifier=ada@else.example", 403, "DW-DISC-DOMAIN" },
    { "?user-identifier=ada", 403, "DW-DISC-USER" },
    { "", 403, "DW-DISC-USER" },
  };
  g_autoptr (World) world = world_new ("[enrollment]\nAllowedDomains=example.com\n"
                                       "[team/mac]\nAllowedDomains=mac.example\nModelFamilies=Mac\n"
                                       "[team/off]\nAllowedDomains=off.example\n");

  switch_off (world, "off");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/.well-known/com.apple.remotemanagement", cases[i].query, NULL);
      g_autoptr (DoorResponse) response = world_get (world, path, NULL);
      g_autofree char *body = world_dup_body (response), *drop = world_dup_log ();

      assert_status (response, cases[i].status);
      g_assert_cmpstr (door_response_lookup_header (response, "Content-Type"), ==, "application/json");
      if (strstr (body, cases[i].text) == NULL)
        g_error ("%s is not in %s", cases[i].text, body);
    }
}

/* Behind the sign-in such an account would be refused, and again at every further try. */
static void
test_discovery_needs_provider (void)
{
  static const char path[] = "/.well-known/com.apple.remotemanagement?user-identifier=ada@";
  static const struct
  {
    const char *domain;
    unsigned int status;
  } cases[] = { { "EXAMPLE.com", 200 }, { "else.example", 403 }, { "red.example", 403 } };
  g_autoptr (World) world =
      world_new ("EmailDomains=example.com\n[team/red]\nAllowedDomains=red.example\nIdps=okta\n");
  g_autofree char *log = NULL, *nobody = NULL;
  g_autoptr (DoorResponse) unready = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *target = g_strconcat (path, cases[i].domain, NULL);
      g_autoptr (DoorResponse) response = world_get (world, target, NULL);
      g_autofree char *body = world_dup_body (response);

      assert_status (response, cases[i].status);
      if (cases[i].status == 403)
        {
          g_assert_nonnull (strstr (body, "DW-DISC-DOMAIN"));
          g_assert_nonnull (strstr (body, "com.apple.well-known.failed"));
        }
    }
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "domain else.example is in the EmailDomains of no provider offered here"));
  g_ptr_array_set_size (world->context.connections, 0);
  nobody = g_strconcat (path, "else.example", NULL);
  unready = world_get (world, nobody, NULL);
  assert_status (unready, 200); /* the page says that sign-in does not work yet */
}

static void
add (void)
{
  g_test_add_func ("/enrollment/challenge", test_challenge);
  g_test_add_func ("/enrollment/repeat", test_repeat);
  g_test_add_func ("/enrollment/profile", test_profile);
  g_test_add_func ("/enrollment/token", test_token);
  g_test_add_func ("/enrollment/token-spent", test_token_spent);
  g_test_add_func ("/enrollment/token-ended", test_token_ended);
  g_test_add_func ("/enrollment/body", test_body);
  g_test_add_func ("/enrollment/model-family", test_model_family);
  g_test_add_func ("/enrollment/flow-off", test_flow_off);
  g_test_add_func ("/enrollment/database-down", test_database_down);
  g_test_add_func ("/enrollment/discovery", test_discovery);
  g_test_add_func ("/enrollment/discovery-needs-provider", test_discovery_needs_provider);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
