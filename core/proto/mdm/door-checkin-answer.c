/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checkin-answer.h"

#include <string.h>

#include "door-plist.h"

/* Takes @value, which may be floating; NULL leaves the key out. */
static GBytes *
build (const char *key, GVariant *value, GError **error)
{
  g_autoptr (GVariant) dict = NULL;
  GVariantDict keys;

  g_variant_dict_init (&keys, NULL);
  if (value != NULL)
    g_variant_dict_insert_value (&keys, key, value);
  dict = g_variant_ref_sink (g_variant_dict_end (&keys));
  return door_plist_build (dict, error);
}

/**
 * door_checkin_answer_build_challenge:
 * @error: return location for an error
 *
 * Builds the answer to a UserAuthenticate that lets the user in: a challenge of no length (Apple,
 * UserAuthenticate). Pure.
 *
 * Returns: (transfer full): a property list, or %NULL with an error
 */
GBytes *
door_checkin_answer_build_challenge (GError **error)
{
  return build ("DigestChallenge", g_variant_new_string (""), error);
}

/**
 * door_checkin_answer_build_bootstrap_token:
 * @token: (nullable) (array length=size): the bootstrap token, %NULL when there is none
 * @size: of it
 * @error: return location for an error
 *
 * Builds the answer to a GetBootstrapToken (Apple, GetBootstrapToken). Pure.
 *
 * Returns: (transfer full): a property list, or %NULL with an error
 */
GBytes *
door_checkin_answer_build_bootstrap_token (const uint8_t *token, size_t size, GError **error)
{
  return build ("BootstrapToken",
                token != NULL ? g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, token, size, 1) : NULL,
                error);
}

/**
 * door_checkin_answer_build_token:
 * @token: a token for a service
 * @error: return location for an error
 *
 * Builds the answer to a GetToken (Apple, GetToken). Pure.
 *
 * Returns: (transfer full): a property list, or %NULL with an error
 */
GBytes *
door_checkin_answer_build_token (const char *token, GError **error)
{
  return build ("TokenData", g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, token, strlen (token), 1),
                error);
}
