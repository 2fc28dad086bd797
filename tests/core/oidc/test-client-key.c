/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-client-key.h"
#include "door-error.h"
#include "door-jwk-set.h"
#include "door-jwt.h"
#include "door-saml-sp-key.h"
#include "oidc-fixture.h"

#define NOW_MS INT64_C (1800014400000)

static DoorClientKey *
make_key (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlSpKey) made = door_saml_sp_key_new ("https://mdm.example.com/oidc", NOW_MS, &error);
  g_autoptr (DoorSecret) secret = door_saml_sp_key_dup_private_key (made, &error);
  DoorClientKey *key = door_client_key_new (secret, door_saml_sp_key_get_certificate (made), &error);

  g_assert_no_error (error);
  return key;
}

static DoorJwkSet *
publish (DoorClientKey *first, DoorClientKey *second, char **text)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  g_autoptr (GBytes) set = NULL;
  g_autoptr (GError) error = NULL;
  DoorJwkSet *parsed;

  g_ptr_array_add (keys, first);
  if (second != NULL)
    g_ptr_array_add (keys, second);
  set = door_client_key_build_set (keys);
  parsed = door_jwk_set_parse (set, &error);
  g_assert_no_error (error);
  *text = g_strndup (g_bytes_get_data (set, NULL), g_bytes_get_size (set));
  return parsed;
}

static const char *
get_text (const DoorJwt *jwt, const char *name)
{
  return json_object_get_string_member (door_jwt_get_claims (jwt), name);
}

/* What the published half verifies, and what it says; nothing private is published. */
static void
test_assertion (void)
{
  static const char *const types[] = { "JWT", NULL };
  g_autoptr (DoorClientKey) key = make_key ();
  g_autofree char *text = NULL;
  g_autoptr (DoorJwkSet) set = publish (key, NULL, &text);
  const DoorJwsAlgorithms algorithms[] = { DOOR_JWS_RS256, DOOR_JWS_PS256 };

  g_assert_null (strstr (text, "\"d\""));
  g_assert_nonnull (strstr (text, "\"x5c\""));
  for (size_t i = 0; i < G_N_ELEMENTS (algorithms); i++)
    {
      const DoorClientAssertion says = { "client-1", "https://idp.example.com", "jti-1", algorithms[i],
                                         NOW_MS };
      g_autoptr (GError) error = NULL;
      g_autofree char *assertion = door_client_key_build_assertion (key, &says, &error);
      g_autoptr (DoorJwt) jwt = door_jwt_verify (assertion, set, algorithms[i], types, &error);
      JsonObject *claims;

      g_assert_no_error (error);
      claims = door_jwt_get_claims (jwt);
      g_assert_cmpstr (get_text (jwt, "iss"), ==, "client-1");
      g_assert_cmpstr (get_text (jwt, "sub"), ==, "client-1");
      g_assert_cmpstr (get_text (jwt, "aud"), ==, "https://idp.example.com");
      g_assert_cmpstr (get_text (jwt, "jti"), ==, "jti-1");
      g_assert_cmpint (json_object_get_int_member (claims, "iat"), ==, NOW_MS / 1000);
      g_assert_cmpint (json_object_get_int_member (claims, "exp"), ==, NOW_MS / 1000 + 120);
      g_assert_cmpuint (json_object_get_size (claims), ==, 6);
    }
}

/* Two keys stand beside each other, each under a name of its own. */
static void
test_two (void)
{
  g_autoptr (DoorClientKey) first = make_key ();
  g_autoptr (DoorClientKey) second = make_key ();
  g_autofree char *text = NULL;
  g_autoptr (DoorJwkSet) set = publish (first, second, &text);

  g_assert_cmpuint (door_jwk_set_get_n_keys (set), ==, 2);
}

static void
test_refused (void)
{
  g_autoptr (DoorSecret) nonsense = door_secret_new ("nonsense", 8);
  g_autoptr (GBytes) certificate = g_bytes_new_static ("a", 1);
  g_autoptr (GError) error = NULL;

  g_assert_null (door_client_key_new (nonsense, certificate, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/client-key/assertion", test_assertion);
  g_test_add_func ("/client-key/two", test_two);
  g_test_add_func ("/client-key/refused", test_refused);
  return g_test_run ();
}
