/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-request-params.h"

/**
 * door_request_params_fill:
 * @params: (element-type utf8 utf8): query parameters of the provider's profile
 * @user_identifier: account typed, "" when none was
 *
 * Fills the account in where it is asked for; a parameter that asks for it is left out when there is none.
 *
 * Returns: (transfer full) (element-type utf8 utf8): what is sent
 */
GHashTable *
door_request_params_fill (GHashTable *params, const char *user_identifier)
{
  GHashTable *filled = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, params);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      if (!g_str_equal (value, "{user-identifier}"))
        g_hash_table_insert (filled, g_strdup (name), g_strdup (value));
      else if (*user_identifier != '\0')
        g_hash_table_insert (filled, g_strdup (name), g_strdup (user_identifier));
    }
  return filled;
}
