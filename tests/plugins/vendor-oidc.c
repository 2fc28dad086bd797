/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "vendor-oidc.h"

#include "oidc-fixture.h"

/* An ID token of these claims, beside those every one has: the engine checks all of it, then the provider
 * maps the claims. Its issuer is given with them. */
DoorIdentity *
vendor_sign_in_by_oidc (const Vendor *vendor, const char *config, const char *claims, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (DoorIdp) idp = vendor_configure (vendor, config, &local);
  g_autoptr (DoorIdpProfile) profile = NULL;
  g_autoptr (DoorJwkSet) keys = oidc_fixture_keys (oidc_fixture_jwk (KEY_P256, ""), NULL);
  g_autofree char *all = g_strdup_printf ("{\"aud\":\"" VENDOR_CLIENT "\",\"nonce\":\"" OIDC_NONCE
                                          "\",\"iat\":" OIDC_NOW ",\"exp\":1767269400,%s}",
                                          claims);
  g_autofree char *text = oidc_fixture_token (KEY_P256, "{\"alg\":\"ES256\"}", all);
  const DoorIdTokenRequest request = { .nonce = OIDC_NONCE, .max_age_s = -1 };
  g_autoptr (DoorIdToken) token = NULL;
  g_autoptr (DoorClaims) verified = NULL;
  DoorOidcExpectation expect = oidc_fixture_expectation (keys);

  g_assert_no_error (local);
  profile = door_idp_dup_profile (idp);
  expect.issuers = door_idp_profile_get_issuers (profile);
  expect.tenants = door_idp_profile_get_tenants (profile);
  expect.client_id = door_idp_profile_get_client_id (profile);
  token = door_id_token_verify (text, &expect, &request, error);
  oidc_fixture_free_keys ();
  if (token == NULL)
    return NULL;
  verified = door_id_token_dup_claims (token, NULL);
  return door_idp_map_claims (idp, verified, error);
}

void
vendor_assert_refused_by_oidc (const Vendor *vendor, const char *config, const char *claims, DoorFault fault)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in_by_oidc (vendor, config, claims, &error);

  g_test_message ("%s: %s", claims, error != NULL ? error->message : "accepted");
  g_assert_null (identity);
  g_assert_cmpint (door_error_get_fault (error), ==, fault);
}

void
vendor_assert_issuer (const Vendor *vendor, const char *config, const char *issuer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdp) idp = vendor_configure (vendor, config, &error);
  g_autoptr (DoorIdpProfile) profile = NULL;

  g_assert_no_error (error);
  profile = door_idp_dup_profile (idp);
  g_assert_cmpint (door_idp_profile_get_protocol (profile), ==, DOOR_PROTOCOL_OIDC);
  g_assert_cmpstr (door_idp_profile_get_issuers (profile)[0], ==, issuer);
}
