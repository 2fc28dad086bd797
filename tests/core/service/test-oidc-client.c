/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the server proves to a provider of OpenID Connect that it is the client. */
#include <string.h>

#include "door-connections.h"
#include "door-jwt.h"
#include "door-oidc-client.h"
#include "door-saml-keys.h"
#include "oidc-provider.h"
#include "sign-in.h"

#define KEYED(more)                                                                                          \
  "[idp/keyed]\nType=oidc\nIssuer=" PROVIDER_ISSUER "\nClientId=" OIDC_CLIENT                                \
  "\nClientAuth=private_key_jwt\n" more
#define OFFERED ",\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\",\"client_secret_basic\"]"
#define JWKS "/oidc/keyed/jwks.json"

static const Provider keyed = { .key = KEY_P256, .discovery = OFFERED, .assertion = true };

static DoorJwkSet *
fetch_keys (World *world)
{
  g_autoptr (DoorResponse) response = world_get (world, JWKS, NULL);
  g_autofree char *text = world_dup_body (response);
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  DoorJwkSet *keys;

  assert_status (response, 200);
  keys = door_jwk_set_parse (body, &error);
  g_assert_no_error (error);
  return keys;
}

/* Gives what the provider was shown, verified by what is published. */
static DoorJwt *
sign_in_keyed (World *world, const DoorJwkSet *keys)
{
  static const char *const types[] = { "JWT", NULL };
  g_autoptr (OidcPending) pending = provider_begin (world, "/oidc/keyed/start", NULL);
  g_autofree char *query =
      g_strdup_printf ("/oidc/keyed/callback?state=%s&code=code-0123456789", pending->state);
  g_autoptr (DoorResponse) response = provider_answer (world, pending, query);
  g_autoptr (GError) error = NULL;
  DoorJwt *jwt;

  assert_status (response, 308);
  jwt = door_jwt_verify (provider_get_assertion (), keys, DOOR_JWS_RS256, types, &error);
  g_assert_no_error (error);
  return jwt;
}

static void
test_assertion (void)
{
  static const char *const configs[][2] = {
    { KEYED (""), PROVIDER_ISSUER },
    { KEYED ("ClientAudience=token-endpoint\n"), PROVIDER_ISSUER "/token" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      g_autoptr (World) world = provider_world_new ("", configs[i][0]);
      g_autoptr (DoorJwkSet) keys = NULL;
      g_autoptr (DoorJwt) first = NULL, second = NULL;
      const char *id;

      provider_set (&keyed);
      keys = fetch_keys (world);
      first = sign_in_keyed (world, keys);
      second = sign_in_keyed (world, keys);
      id = json_object_get_string_member (door_jwt_get_claims (first), "jti");
      g_assert_cmpstr (json_object_get_string_member (door_jwt_get_claims (first), "aud"), ==, configs[i][1]);
      g_assert_cmpstr (json_object_get_string_member (door_jwt_get_claims (first), "iss"), ==, OIDC_CLIENT);
      g_assert_cmpuint (strlen (id), >=, 20);
      g_assert_cmpstr (json_object_get_string_member (door_jwt_get_claims (second), "jti"), !=, id);
      assert_count (world, 1, "sp_key WHERE connection = 'keyed' AND key_use = 'client'");
    }
}

/* The administrator wants a key: a provider that takes a secret only gets nobody sent and nothing told. */
static void
test_no_downgrade (void)
{
  g_autoptr (World) world = provider_world_new ("", KEYED (""));
  g_autoptr (DoorResponse) response = NULL;
  g_autofree char *log = NULL, *drop = world_dup_log ();

  response = world_get (world, "/oidc/keyed/start", NULL);
  g_assert_cmpuint (door_response_get_status (response), >=, 400);
  g_assert_cmpuint (provider_get_asked ().token, ==, 0);
  assert_count (world, 0, "sign_in_request");
}

/* Nobody else's address has keys. */
static void
test_addresses (void)
{
  g_autoptr (World) world = provider_world_new ("", KEYED (""));
  static const char *const paths[] = { "/oidc/campus/jwks.json", "/oidc/okta/jwks.json",
                                       "/oidc/none/jwks.json" };

  for (size_t i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (DoorResponse) response = world_get (world, paths[i], NULL);

      assert_status (response, 404);
    }
  assert_count (world, 0, "sp_key");
}

typedef struct
{
  DoorStoredSpKey *next; /* (nullable): begins the change, else it ends */
} Change;

static gboolean
write_change (DoorTxn *txn, gpointer data, GError **error)
{
  const Change *change = data;

  return change->next != NULL ? door_saml_keys_prepare (txn, change->next, error)
                              : door_saml_keys_finish (txn, "keyed", DOOR_OIDC_USE_CLIENT, error);
}

/* During a change both are published and the former signs; then the new one, alone. */
static void
test_rotation (void)
{
  g_autoptr (World) world = provider_world_new ("", KEYED (""));
  g_autoptr (DoorJwkSet) before = fetch_keys (world), during = NULL, after = NULL;
  const DoorSamlKeySource source = { world->context.state_key, world->context.random, "keyed", "x",
                                     WORLD_NOW_MS };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorStoredSpKey) next =
      door_saml_keys_make (&source, DOOR_OIDC_USE_CLIENT, DOOR_SP_KEY_NEXT, &error);
  g_autoptr (DoorJwt) old = NULL, new = NULL;
  Change change = { next };

  provider_set (&keyed);
  door_writer_run (world->context.writer, write_change, &change, NULL, &error);
  g_assert_no_error (error);
  during = fetch_keys (world);
  g_assert_cmpuint (door_jwk_set_get_n_keys (during), ==, 2);
  old = sign_in_keyed (world, before);
  change.next = NULL;
  door_writer_run (world->context.writer, write_change, &change, NULL, &error);
  g_assert_no_error (error);
  after = fetch_keys (world);
  g_assert_cmpuint (door_jwk_set_get_n_keys (after), ==, 1);
  new = sign_in_keyed (world, after);
}

static void
add_tests (void)
{
  g_test_add_func ("/service/oidc-client/assertion", test_assertion);
  g_test_add_func ("/service/oidc-client/no-downgrade", test_no_downgrade);
  g_test_add_func ("/service/oidc-client/addresses", test_addresses);
  g_test_add_func ("/service/oidc-client/rotation", test_rotation);
}

int
main (int argc, char **argv)
{
  int result = world_run (argc, argv, add_tests);

  provider_end ();
  return result;
}
