/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-error.h"
#include "door-logout-token.h"
#include "oidc-fixture.h"

#define HEADER "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"logout+jwt\"}"
#define EVENT "\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":{}}"
#define BASE "\"iss\":\"" OIDC_ISSUER "\",\"aud\":\"" OIDC_CLIENT "\",\"exp\":1767268920,\"iat\":1767268800"
#define TOKEN(more) "{" BASE "," more "}"

static void
test_good (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);
  g_autofree char *text =
      oidc_fixture_token (KEY_P256, HEADER, TOKEN (EVENT ",\"jti\":\"j\",\"sub\":\"u-1\",\"sid\":\"s-1\""));
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorLogoutToken) token = door_logout_token_verify (text, &expect, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (token->issuer, ==, OIDC_ISSUER);
  g_assert_cmpstr (token->subject, ==, "u-1");
  g_assert_cmpstr (token->session_id, ==, "s-1");
  g_assert_cmpstr (token->id, ==, "j");
  g_assert_cmpint (token->expires_at_ms, ==, INT64_C (1767269100000));
}

static void
test_rows (void)
{
  static const struct
  {
    const char *header;
    const char *claims;
    DoorFault fault;
  } rows[] = {
    { HEADER, TOKEN (EVENT ",\"jti\":\"j\",\"sub\":\"u-1\""), DOOR_FAULT_NONE },
    { HEADER, TOKEN (EVENT ",\"jti\":\"j\",\"sid\":\"s-1\""), DOOR_FAULT_NONE },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\"}", TOKEN (EVENT ",\"jti\":\"j\",\"sid\":\"s-1\""),
      DOOR_FAULT_NONE },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"JWT\"}", TOKEN (EVENT ",\"jti\":\"j\",\"sid\":\"s-1\""),
      DOOR_FAULT_NONE },
    { "{\"alg\":\"ES256\",\"kid\":\"p256\",\"typ\":\"at+jwt\"}",
      TOKEN (EVENT ",\"jti\":\"j\",\"sid\":\"s-1\""), DOOR_FAULT_OIDC_TOKEN },
    { HEADER, TOKEN (EVENT ",\"jti\":\"j\""), DOOR_FAULT_OIDC_LOGOUT },
    { HEADER, TOKEN (EVENT ",\"sub\":\"u-1\""), DOOR_FAULT_OIDC_LOGOUT },
    { HEADER, TOKEN (EVENT ",\"jti\":\"j\",\"sub\":\"\""), DOOR_FAULT_OIDC_SUBJECT },
    { HEADER, TOKEN (EVENT ",\"jti\":\"j\",\"sub\":\"u-1\",\"nonce\":\"n\""), DOOR_FAULT_OIDC_LOGOUT },
    { HEADER, TOKEN (EVENT ",\"jti\":\"j\",\"sub\":\"u-1\",\"nonce\":null"), DOOR_FAULT_OIDC_LOGOUT },
    { HEADER, TOKEN ("\"jti\":\"j\",\"sub\":\"u-1\""), DOOR_FAULT_OIDC_LOGOUT },
    { HEADER, TOKEN ("\"events\":{},\"jti\":\"j\",\"sub\":\"u-1\""), DOOR_FAULT_OIDC_LOGOUT },
    { HEADER, TOKEN ("\"events\":[],\"jti\":\"j\",\"sub\":\"u-1\""), DOOR_FAULT_OIDC_LOGOUT },
    { HEADER,
      TOKEN ("\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":true},\"jti\":\"j\","
             "\"sub\":\"u-1\""),
      DOOR_FAULT_OIDC_LOGOUT },
    { HEADER,
      "{\"iss\":\"https://evil.example\",\"aud\":\"client-1\",\"exp\":1767268920,\"iat\":1767268800," EVENT
      ",\"jti\":\"j\",\"sub\":\"u-1\"}",
      DOOR_FAULT_OIDC_ISSUER },
    { HEADER,
      "{\"iss\":\"" OIDC_ISSUER "\",\"aud\":\"other\",\"exp\":1767268920,\"iat\":1767268800," EVENT
      ",\"jti\":\"j\",\"sub\":\"u-1\"}",
      DOOR_FAULT_OIDC_AUDIENCE },
    { HEADER,
      "{\"iss\":\"" OIDC_ISSUER "\",\"aud\":\"client-1\",\"exp\":1767268600,\"iat\":1767268500," EVENT
      ",\"jti\":\"j\",\"sub\":\"u-1\"}",
      DOOR_FAULT_OIDC_LATE },
    { HEADER,
      "{\"iss\":\"" OIDC_ISSUER "\",\"aud\":\"client-1\",\"exp\":1767268920," EVENT
      ",\"jti\":\"j\",\"sub\":\"u-1\"}",
      DOOR_FAULT_OIDC_TOKEN },
  };
  g_autoptr (DoorJwkSet) keys = oidc_fixture_all_keys ();
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = oidc_fixture_token (KEY_P256, rows[i].header, rows[i].claims);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorLogoutToken) token = door_logout_token_verify (text, &expect, &error);

      g_test_message ("%s %s", rows[i].header, rows[i].claims);
      g_assert_true ((token != NULL) == (rows[i].fault == DOOR_FAULT_NONE));
      g_assert_cmpint (error != NULL ? door_error_get_fault (error) : DOOR_FAULT_NONE, ==, rows[i].fault);
    }
}

static void
test_stranger (void)
{
  g_autoptr (DoorJwkSet) keys = oidc_fixture_keys (oidc_fixture_jwk (KEY_P256, ",\"kid\":\"p256\""),
                                                   oidc_fixture_jwk (KEY_RSA, ",\"kid\":\"rsa\""), NULL);
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);
  g_autofree char *text = oidc_fixture_token (KEY_RSA_OTHER, "{\"alg\":\"RS256\",\"kid\":\"rsa\"}",
                                              TOKEN (EVENT ",\"jti\":\"j\",\"sub\":\"u-1\""));
  g_autoptr (GError) error = NULL;

  g_assert_null (door_logout_token_verify (text, &expect, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_OIDC_SIGNATURE);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/logout-token/good", test_good);
  g_test_add_func ("/logout-token/rows", test_rows);
  g_test_add_func ("/logout-token/stranger", test_stranger);
  result = g_test_run ();
  oidc_fixture_free_keys ();
  return result;
}
