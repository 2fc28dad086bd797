/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "administrator.h"

/* Ways in beside the sign-in page: answers nobody asked for, and the spec's own addresses. */

#define JIT "Use=enrollment;admin\n[listen]\nSignInsPerMinute=999\n[admin]\nJit=true\n"

static const char *
location (const DoorResponse *response)
{
  return door_response_lookup_header (response, "Location");
}

static DoorResponse *
post_unsolicited (World *world, const char *acs_path, const char *relay_state, const char *id)
{
  g_autofree char *value =
      answer_build (world, &(Answer){ .in_response_to = "", .assertion_id = id, .acs_path = acs_path });
  const Carried carried = { .saml_response = value, .relay_state = relay_state, .acs_path = acs_path };

  return sign_in_post (world, &carried);
}

/* Off, such an answer begins a sign-in from here and is worth nothing itself. */
static void
test_unsolicited_off (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autoptr (World) enroll = world_new (NULL);
  g_autoptr (DoorResponse) restarted = post_unsolicited (world, NULL, "https://evil.example", "_a1");
  g_autoptr (DoorResponse) shared = post_unsolicited (world, ADMIN_ACS, NULL, "_a1");
  g_autoptr (DoorResponse) device = post_unsolicited (enroll, NULL, NULL, "_a1");
  g_autoptr (DoorResponse) devices = post_unsolicited (world, SHARED_ACS, NULL, "_a1");
  g_autoptr (DoorResponse) stale = NULL;
  g_autofree char *value = answer_build (world, &(Answer){ .in_response_to = "_gone" });
  const Carried carried = { .saml_response = value, .relay_state = "gone" };

  assert_status (restarted, 303);
  g_assert_cmpstr (location (restarted), ==, "/admin/login?idp=okta");
  assert_status (shared, 303);
  g_assert_cmpstr (location (shared), ==, "/admin/login?idp=okta");
  sign_in_assert_refused (enroll, device, 400, "DW-FLOW-UNKNOWN");
  sign_in_assert_refused (world, devices, 400, "DW-FLOW-UNKNOWN");
  stale = sign_in_post (world, &carried);
  sign_in_assert_refused (world, stale, 400, "DW-FLOW-UNKNOWN");
  assert_count (world, 0, "administrator");
  assert_count (world, 0, "replay");
}

/* On, it counts once, for administrators, and leads nowhere but where the configuration says. */
static void
test_unsolicited_on (void)
{
  static const struct
  {
    const char *relay_state, *path;
  } cases[] = {
    { NULL, "/admin" },
    { "/admin?tab=1", "/admin?tab=1" },
    { "/other", "/admin" },
    { "//evil.example", "/admin" },
    { "https://evil.example", "/admin" },
  };
  g_autoptr (World) world = world_new ("AllowIdpInitiated=true\nRelayStatePaths=/admin?tab=1\n" JIT);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *id = g_strdup_printf ("_a%zu", i);
      g_autoptr (DoorResponse) accepted = post_unsolicited (world, NULL, cases[i].relay_state, id);
      g_autofree char *cookie = world_dup_cookie (accepted);
      g_autoptr (DoorResponse) replayed = post_unsolicited (world, NULL, cases[i].relay_state, id);
      g_autoptr (DoorResponse) without = NULL, entered = NULL;

      assert_status (accepted, 303);
      g_assert_nonnull (cookie);
      sign_in_assert_refused (world, replayed, 403, "DW-SAML-REPLAY");
      without = administrator_enter (world, location (accepted), NULL, NULL);
      assert_status (without, 400);
      entered = administrator_enter (world, location (accepted), cookie, NULL);
      assert_status (entered, 303);
      g_assert_cmpstr (location (entered), ==, cases[i].path);
    }
  assert_count (world, 0, "access_token");
  assert_count (world, 0, "person");
}

/* What is allowed to come unasked must hold all the same. */
static void
test_unsolicited_checks (void)
{
  static const struct
  {
    Answer answer;
    unsigned int status;
    const char *fault;
  } cases[] = {
    { { .in_response_to = "", .audience = "other" }, 403, "DW-SAML-AUDIENCE" },
    { { .in_response_to = "", .key = "rsa-other" }, 403, "DW-SAML-SIGNATURE" },
    { { .in_response_to = "", .at_ms = WORLD_NOW_MS - HOUR_MS }, 403, "DW-SAML-LATE" },
    { { .in_response_to = "_made_up" }, 400, "DW-FLOW-UNKNOWN" },
  };
  g_autoptr (World) world = world_new ("AllowIdpInitiated=true\n" JIT);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *value = answer_build (world, &cases[i].answer);
      const Carried carried = { .saml_response = value };
      g_autoptr (DoorResponse) response = sign_in_post (world, &carried);

      g_test_message ("%s", cases[i].fault);
      sign_in_assert_refused (world, response, cases[i].status, cases[i].fault);
    }
  assert_count (world, 0, "administrator");
  assert_count (world, 0, "flow");
}

/* The spec's own addresses. */
static void
test_fleet_sso (void)
{
  g_autoptr (World) world = world_new ("DisplayName=Company\n" JIT);
  g_autoptr (World) off = world_new (NULL);
  g_autoptr (DoorResponse) settings = administrator_get (world, "/api/v1/fleet/sso", NULL);
  g_autoptr (DoorResponse) latest = administrator_get (world, "/api/latest/fleet/sso", NULL);
  g_autoptr (DoorResponse) none = administrator_get (off, "/api/v1/fleet/sso", NULL);
  g_autofree char *text = world_dup_body (settings), *same = world_dup_body (latest),
                  *no = world_dup_body (none);

  assert_status (settings, 200);
  g_assert_cmpstr (text, ==,
                   "{\"settings\":{\"idp_name\":\"Company\",\"idp_image_url\":\"\",\"sso_enabled\":true}}");
  g_assert_cmpstr (text, ==, same);
  g_assert_cmpstr (no, ==, "{\"settings\":{\"idp_name\":\"\",\"idp_image_url\":\"\",\"sso_enabled\":false}}");
}

static char *
dup_url (const DoorResponse *response)
{
  g_autofree char *body = world_dup_body (response);

  g_assert_true (g_str_has_prefix (body, "{\"url\":\""));
  return g_strndup (body + 8, strlen (body) - 8 - 2);
}

static void
test_fleet_sso_start (void)
{
  g_autoptr (World) world = world_new (JIT);
  g_autoptr (DoorResponse) begun =
      administrator_send (world, "POST", "/api/v1/fleet/sso", NULL, "{\"relay_url\":\"/dashboard\"}");
  g_autofree char *cookie = world_dup_cookie (begun), *url = NULL, *session = NULL;
  g_autoptr (Pending) pending = NULL;
  g_autoptr (DoorResponse) accepted = NULL, entered = NULL, next = NULL;

  assert_status (begun, 200);
  url = dup_url (begun);
  pending = pending_from_url (url, cookie);
  g_assert_nonnull (strstr (pending->xml, "https://mdm.example.com" ADMIN_ACS));
  accepted = sign_in_answer (world, pending, &(Answer){ .acs_path = ADMIN_ACS });
  assert_status (accepted, 303);
  entered = administrator_enter (world, location (accepted), cookie, NULL);
  g_assert_cmpstr (location (entered), ==, "/dashboard");
  session = administrator_dup_cookie (entered);
  next = administrator_get (world, "/dashboard", session);
  g_assert_cmpstr (location (next), ==, "/admin");
}

static void
test_fleet_sso_refused (void)
{
  static const struct
  {
    const char *body;
    unsigned int status;
  } cases[] = {
    { "{\"relay_url\":\"//evil.example\"}", 400 },
    { "{\"relay_url\":\"https://evil.example/\"}", 400 },
    { "{\"relay_url\":\"javascript:alert(1)\"}", 400 },
    { "{\"relay_url\":\"vbscript:x\"}", 400 },
    { "{\"relay_url\":\"data:text/html,x\"}", 400 },
    { "{\"relay_url\":\"/\\\\evil.example\"}", 400 },
    { "{\"relay_url\":7}", 400 },
    { "[]", 400 },
    { "{", 400 },
    { "", 400 },
    { "{}", 200 },
    { "{\"relay_url\":\"\"}", 200 },
    { "{\"relay_url\":\"/dashboard\"}", 200 },
  };
  g_autoptr (World) world = world_new (JIT);
  g_autoptr (World) off = world_new (NULL);
  g_autoptr (DoorResponse) disabled = administrator_send (off, "POST", "/api/v1/fleet/sso", NULL, "{}");

  assert_status (disabled, 400);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      int64_t flows = world_count (world, "flow");
      g_autoptr (DoorResponse) response =
          administrator_send (world, "POST", "/api/v1/fleet/sso", NULL, cases[i].body);

      g_test_message ("%s", cases[i].body);
      assert_status (response, cases[i].status);
      assert_count (world, flows + (cases[i].status == 200 ? 1 : 0), "flow");
    }
}

static void
add (void)
{
  g_test_add_func ("/admin-entry/unsolicited-off", test_unsolicited_off);
  g_test_add_func ("/admin-entry/unsolicited-on", test_unsolicited_on);
  g_test_add_func ("/admin-entry/unsolicited-checks", test_unsolicited_checks);
  g_test_add_func ("/admin-entry/fleet-sso", test_fleet_sso);
  g_test_add_func ("/admin-entry/fleet-sso-start", test_fleet_sso_start);
  g_test_add_func ("/admin-entry/fleet-sso-refused", test_fleet_sso_refused);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
