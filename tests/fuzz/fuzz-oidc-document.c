/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "door-jwk-set.h"
#include "door-oidc-answer.h"
#include "door-oidc-discovery.h"

/* What a provider's endpoints answer, each taken for all of them. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autoptr (GError) no_discovery = NULL;
  g_autoptr (GError) no_keys = NULL;
  g_autoptr (GError) no_tokens = NULL;
  g_autoptr (GError) no_values = NULL;
  g_autoptr (DoorOidcDiscovery) discovery =
      door_oidc_discovery_parse (bytes, "https://idp.example.com/tenant", &no_discovery);
  g_autoptr (DoorJwkSet) keys = door_jwk_set_parse (bytes, &no_keys);
  g_autoptr (DoorOidcTokens) tokens = door_oidc_tokens_parse (200, bytes, &no_tokens);
  g_autoptr (GVariant) values = door_oidc_userinfo_parse (200, bytes, "u-1", &no_values);

  if (values != NULL)
    values = g_variant_ref_sink (g_steal_pointer (&values));
  g_assert_true ((discovery == NULL) == (no_discovery != NULL));
  g_assert_true ((keys == NULL) == (no_keys != NULL));
  g_assert_true ((tokens == NULL) == (no_tokens != NULL));
  g_assert_true ((values == NULL) == (no_values != NULL));
  if (keys != NULL)
    g_assert_cmpuint (door_jwk_set_get_n_keys (keys), >, 0);
  if (discovery != NULL)
    g_assert_true (g_str_has_prefix (door_oidc_discovery_get_token_endpoint (discovery), "https://"));
  if (tokens != NULL)
    g_assert_nonnull (tokens->access_token);
  return 0;
}
