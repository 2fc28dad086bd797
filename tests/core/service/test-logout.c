/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Logout that begins here: our session ends whatever the provider does, and its answer counts for one
 * browser. */
#include <string.h>

#include "administrator.h"
#include "door-connections.h"
#include "door-logout.h"
#include "door-saml-logout.h"
#include "oidc-provider.h"
#include "saml-encrypt.h"

#define CONFIG "Use=enrollment;admin\nSingleLogout=true\n[admin]\nJit=true\n"
#define ENDS "https://idp.example.com/slo"

static void
set_metadata (World *world, const char *entity_id, const char *binding, const char *valid_until)
{
  g_autofree char *pem = fixture_read ("keys/rsa.crt.pem");
  g_auto (GStrv) lines = g_strsplit (pem, "-----", -1);
  g_autofree char *text = g_strdup_printf (
      "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' entityID='%s'%s><IDPSSODescriptor"
      " protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'><KeyDescriptor>"
      "<ds:KeyInfo xmlns:ds='http://www.w3.org/2000/09/xmldsig#'><ds:X509Data><ds:X509Certificate>%s"
      "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor><SingleLogoutService"
      " Binding='urn:oasis:names:tc:SAML:2.0:bindings:%s' Location='" ENDS "'/><SingleSignOnService"
      " Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect' Location='https://idp.example.com/sso'/>"
      "</IDPSSODescriptor></EntityDescriptor>",
      entity_id, valid_until, lines[2], binding);
  g_autoptr (GBytes) xml = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = door_saml_metadata_parse (xml, NULL, false, &error);

  g_assert_no_error (error);
  door_connection_set_metadata (door_connections_lookup (world->context.connections, "okta"), metadata);
}

static const char *
location (const DoorResponse *response)
{
  return door_response_lookup_header (response, "Location");
}

/* (nullable): the cookie of the logout that an answer sets, with its name */
static char *
dup_logout_cookie (const DoorResponse *response)
{
  const char *name, *value;

  for (size_t i = 0; (name = door_response_get_header_name (response, i)) != NULL; i++)
    {
      value = door_response_get_header_value (response, i);
      if (g_ascii_strcasecmp (name, "Set-Cookie") == 0 && g_str_has_prefix (value, DOOR_LOGOUT_COOKIE "="))
        return g_strndup (value, strcspn (value, ";"));
    }
  return NULL;
}

static DoorResponse *
visit_with (World *world, const char *target, const char *cookie)
{
  const Visit visit = { .target = target,
                        .header = { cookie != NULL ? "Cookie" : "X-None", cookie != NULL ? cookie : "" } };

  return world_visit (world, &visit);
}

/* Logs out, and sees that nothing but the browser's way depends on the provider. */
static DoorResponse *
log_out (World *world, const char *session)
{
  g_autoptr (DoorResponse) before = administrator_get (world, "/api/v1/me", session), after = NULL;
  DoorResponse *response = administrator_send (world, "POST", "/admin/logout", session, NULL);

  assert_status (before, 200);
  after = administrator_get (world, "/api/v1/me", session);
  assert_status (after, 401);
  return response;
}

static DoorResponse *
answer (World *world, const char *cookie, const char *in_response_to, bool success)
{
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa");
  const DoorSamlLogoutMessage message = { .id = "_l1",
                                          .issued_at_ms = WORLD_NOW_MS,
                                          .destination = "https://mdm.example.com/saml/okta/slo",
                                          .issuer = SAML_IDP,
                                          .signing_key = key,
                                          .in_response_to = in_response_to,
                                          .success = success };
  g_autoptr (GError) error = NULL;
  g_autofree char *url = door_saml_logout_build_redirect_url (&message, &error);

  g_assert_no_error (error);
  return visit_with (world, url + strlen ("https://mdm.example.com"), cookie);
}

/* The person is named just as the provider did, and only this browser can bring the answer. */
static void
test_saml (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autofree char *session = NULL, *cookie = NULL, *page = NULL;
  g_autoptr (DoorResponse) home = NULL, away = NULL, good = NULL, partial = NULL, login = NULL;
  g_autoptr (Pending) request = NULL;

  set_metadata (world, SAML_IDP, "HTTP-Redirect", "");
  session = administrator_sign_in (world, &(Answer){ NULL });
  home = administrator_get (world, "/admin", session);
  g_assert_nonnull (
      strstr (door_response_lookup_header (home, "Content-Security-Policy"), "form-action 'self' https:"));
  away = log_out (world, session);
  assert_status (away, 303);
  g_assert_true (g_str_has_prefix (location (away), ENDS "?SAMLRequest="));
  g_assert_nonnull (strstr (location (away), "&Signature="));
  request = pending_from_url (location (away), NULL);
  g_assert_nonnull (strstr (request->xml,
                            "<saml:NameID Format=\"urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress\">"
                            "ada</saml:NameID><samlp:SessionIndex>_s1</samlp:SessionIndex>"));
  cookie = dup_logout_cookie (away);
  g_assert_nonnull (cookie);
  good = answer (world, cookie, request->request_id, true);
  partial = answer (world, cookie, request->request_id, false);
  assert_status (good, 303);
  g_assert_cmpstr (location (good), ==, "/admin/login?out=idp");
  assert_status (partial, 303);
  g_assert_cmpstr (location (partial), ==, "/admin/login?out=1");
  login = administrator_get (world, "/admin/login?out=idp", NULL);
  assert_status (login, 200);
  page = world_dup_body (login);
  g_assert_nonnull (strstr (page, "You are signed out, here and at"));
}

static void
test_saml_answer_refused (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autofree char *session = NULL, *cookie = NULL;
  g_autoptr (DoorResponse) away = NULL, without = NULL, other = NULL, unknown = NULL;
  g_autoptr (Pending) request = NULL;

  set_metadata (world, SAML_IDP, "HTTP-Redirect", "");
  session = administrator_sign_in (world, &(Answer){ NULL });
  away = log_out (world, session);
  request = pending_from_url (location (away), NULL);
  cookie = dup_logout_cookie (away);
  without = answer (world, NULL, request->request_id, true);
  other = answer (world, DOOR_LOGOUT_COOKIE "=AAAAAAAAAAAAAAAAAAAAAA", request->request_id, true);
  unknown = answer (world, cookie, "_0123456789", true);
  assert_status (without, 403);
  assert_status (other, 403);
  assert_status (unknown, 403);
}

static void
test_saml_by_form (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autofree char *session = NULL, *cookie = NULL, *page = NULL;
  g_autoptr (DoorResponse) away = NULL;

  set_metadata (world, SAML_IDP, "HTTP-POST", "");
  session = administrator_sign_in (world, &(Answer){ NULL });
  away = log_out (world, session);
  assert_status (away, 200);
  page = world_dup_body (away);
  g_assert_nonnull (strstr (page, "action=\"" ENDS "\""));
  g_assert_nonnull (strstr (page, "name=\"SAMLRequest\""));
  g_assert_nonnull (strstr (door_response_lookup_header (away, "Content-Security-Policy"),
                            "form-action https://idp.example.com;"));
  cookie = dup_logout_cookie (away);
  g_assert_nonnull (cookie);
}

/* A provider with an address for POST only gets its answer there too. */
static void
test_saml_answer_by_form (void)
{
  static const DoorSubject ada = { .value = "ada" };
  g_autoptr (World) world = world_new (CONFIG);
  g_autoptr (DoorSamlSpKey) key = fixture_sp_key ("rsa");
  const DoorSamlLogoutMessage message = { .id = "_l1",
                                          .issued_at_ms = WORLD_NOW_MS,
                                          .destination = "https://mdm.example.com/saml/okta/slo",
                                          .issuer = SAML_IDP,
                                          .signing_key = key,
                                          .subject = &ada };
  g_autoptr (GError) error = NULL;
  g_autofree char *url = door_saml_logout_build_redirect_url (&message, &error), *page = NULL;
  g_autofree char *session = NULL;
  g_autoptr (DoorResponse) response = NULL, me = NULL;

  g_assert_no_error (error);
  set_metadata (world, SAML_IDP, "HTTP-POST", "");
  session = administrator_sign_in (world, &(Answer){ NULL });
  response = world_get (world, url + strlen ("https://mdm.example.com"), NULL);
  assert_status (response, 200);
  page = world_dup_body (response);
  g_assert_nonnull (strstr (page, "name=\"SAMLResponse\""));
  g_assert_nonnull (strstr (page, "action=\"" ENDS "\""));
  me = administrator_get (world, "/api/v1/me", session);
  assert_status (me, 401);
}

/* Whatever is wrong with the provider, the person is signed out and reads so. */
static void
test_stays_here (void)
{
  static const struct
  {
    const char *config, *entity_id, *binding, *valid_until;
  } rows[] = {
    { CONFIG, "https://other.example.com/", "HTTP-Redirect", "" }, /* the name belongs to another one */
    { CONFIG, SAML_IDP, "SOAP", "" },
    { CONFIG, SAML_IDP, "HTTP-Redirect", " validUntil='2020-01-01T00:00:00Z'" },
    { "Use=enrollment;admin\n[admin]\nJit=true\n", SAML_IDP, "HTTP-Redirect", "" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (World) world = world_new (rows[i].config);
      g_autofree char *session = administrator_sign_in (world, &(Answer){ NULL }), *cookie = NULL;
      g_autoptr (DoorResponse) response = NULL;

      g_test_message ("row %zu", i);
      set_metadata (world, rows[i].entity_id, rows[i].binding, rows[i].valid_until);
      response = log_out (world, session);
      assert_status (response, 303);
      g_assert_cmpstr (location (response), ==, "/admin/login?out=1");
      cookie = dup_logout_cookie (response);
      g_assert_cmpstr (cookie, ==, DOOR_LOGOUT_COOKIE "="); /* taken away */
    }
}

/* (transfer full): the session's cookie, of a sign-in by OpenID Connect */
static char *
sign_in_by_oidc (World *world)
{
  g_autoptr (OidcPending) pending = provider_begin (world, "/admin/login?idp=campus", NULL);
  g_autoptr (DoorResponse) accepted = provider_answer (world, pending, NULL), entered = NULL;

  assert_status (accepted, 303);
  entered = administrator_enter (world, location (accepted), pending->cookie, NULL);
  assert_status (entered, 303);
  return administrator_dup_cookie (entered);
}

/* What one provider gives back is not what another one may bring. */
static void
assert_of_one_provider (World *world, const char *cookie, const char *state)
{
  const DoorConnection *asked = door_connections_lookup (world->context.connections, "campus");
  const DoorConnection *other = door_connections_lookup (world->context.connections, "okta");

  g_assert_nonnull (other);
  g_assert_true (door_logout_check_answer (&world->context, asked, cookie, state));
  g_assert_false (door_logout_check_answer (&world->context, other, cookie, state));
}

static void
test_oidc (void)
{
  g_autoptr (World) world = provider_world_new ("Use=admin\nSingleLogout=true\n", "[admin]\nJit=true\n");
  g_autofree char *session = NULL, *cookie = NULL, *good = NULL;
  g_autoptr (DoorResponse) away = NULL, back = NULL, without = NULL, wrong = NULL, none = NULL, saml = NULL;
  const char *state;

  provider_set (
      &(Provider){ .key = KEY_P256, .discovery = ",\"end_session_endpoint\":\"" PROVIDER_ISSUER "/end\"" });
  session = sign_in_by_oidc (world);
  away = log_out (world, session);
  assert_status (away, 303);
  g_assert_true (g_str_has_prefix (location (away), PROVIDER_ISSUER
                                   "/end?client_id=" OIDC_CLIENT "&post_logout_redirect_uri="
                                   "https%3A%2F%2Fmdm.example.com%2Foidc%2Fcampus%2Flogout&state="));
  state = strstr (location (away), "&state=") + strlen ("&state=");
  good = g_strconcat ("/oidc/campus/logout?state=", state, NULL);
  cookie = dup_logout_cookie (away);
  assert_of_one_provider (world, strchr (cookie, '=') + 1, state);
  back = visit_with (world, good, cookie);
  assert_status (back, 303);
  g_assert_cmpstr (location (back), ==, "/admin/login?out=idp");
  without = visit_with (world, good, NULL);
  wrong = visit_with (world, "/oidc/campus/logout?state=_00", cookie);
  none = visit_with (world, "/oidc/campus/logout", cookie);
  saml = visit_with (world, "/oidc/okta/logout", cookie);
  assert_status (without, 400);
  assert_status (wrong, 400);
  assert_status (none, 400);
  assert_status (saml, 404);
}

/* A provider without an address for it is not told. */
static void
test_oidc_without_address (void)
{
  g_autoptr (World) world = provider_world_new ("Use=admin\nSingleLogout=true\n", "[admin]\nJit=true\n");
  g_autofree char *session = sign_in_by_oidc (world);
  g_autoptr (DoorResponse) response = log_out (world, session);

  assert_status (response, 303);
  g_assert_cmpstr (location (response), ==, "/admin/login?out=1");
}

static void
add (void)
{
  g_test_add_func ("/logout/saml", test_saml);
  g_test_add_func ("/logout/saml-answer-refused", test_saml_answer_refused);
  g_test_add_func ("/logout/saml-by-form", test_saml_by_form);
  g_test_add_func ("/logout/saml-answer-by-form", test_saml_answer_by_form);
  g_test_add_func ("/logout/stays-here", test_stays_here);
  g_test_add_func ("/logout/oidc", test_oidc);
  g_test_add_func ("/logout/oidc-without-address", test_oidc_without_address);
}

int
main (int argc, char **argv)
{
  int status = world_run (argc, argv, add);

  provider_end ();
  return status;
}
