/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-error.h"
#include "door-jwt.h"

/* A token that is not the one of the file is refused, whatever was done to it. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const char *const types[] = { "JWT", NULL };
  g_autofree char *token = g_strndup ((const char *) data, size), *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) document = NULL;
  g_autoptr (DoorJwkSet) keys = NULL;
  g_autoptr (DoorJwt) jwt = NULL;
  gsize length = 0;

  g_file_get_contents (OIDC_KEYS, &text, &length, &error);
  g_assert_no_error (error);
  document = g_bytes_new_take (g_steal_pointer (&text), length);
  keys = door_jwk_set_parse (document, &error);
  g_assert_no_error (error);
  jwt = door_jwt_verify (token, keys, DOOR_JWS_ALL, types, &error);
  g_assert_true ((jwt == NULL) == (error != NULL));
  if (jwt != NULL)
    g_assert_cmpstr (json_object_get_string_member (door_jwt_get_claims (jwt), "sub"), ==, "u-1");
  return 0;
}
