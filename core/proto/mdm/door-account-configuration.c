/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-account-configuration.h"

#include "door-plist.h"

/**
 * door_account_configuration_is_empty:
 * @self: accounts
 *
 * Returns: whether it says nothing, so that it need not be sent
 */
bool
door_account_configuration_is_empty (const DoorAccountConfiguration *self)
{
  return self->user_name == NULL && self->full_name == NULL && self->admin_name == NULL;
}

static GVariant *
bytes_variant (GBytes *bytes)
{
  return g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static GVariant *
build_admins (const DoorAccountConfiguration *self)
{
  GVariantDict admin = G_VARIANT_DICT_INIT (NULL);
  GVariant *one;

  g_variant_dict_insert (&admin, "shortName", "s", self->admin_name);
  g_variant_dict_insert (&admin, "fullName", "s", self->admin_full_name);
  g_variant_dict_insert_value (&admin, "passwordHash", bytes_variant (self->admin_hash));
  g_variant_dict_insert (&admin, "hidden", "b", self->admin_hidden);
  one = g_variant_dict_end (&admin);
  return g_variant_new_array (G_VARIANT_TYPE_VARDICT, &one, 1);
}

/**
 * door_account_configuration_build:
 * @self: accounts
 *
 * Builds the keys of the command AccountConfiguration (Apple, AccountConfigurationCommand). The two keys that
 * need a managed administrator stand there only with one. Pure.
 *
 * Returns: (transfer full): a value of type `a{sv}`
 */
GVariant *
door_account_configuration_build (const DoorAccountConfiguration *self)
{
  GVariantDict dict = G_VARIANT_DICT_INIT (NULL);
  bool managed = self->admin_name != NULL;

  if (self->user_name != NULL)
    g_variant_dict_insert (&dict, "PrimaryAccountUserName", "s", self->user_name);
  if (self->full_name != NULL)
    g_variant_dict_insert (&dict, "PrimaryAccountFullName", "s", self->full_name);
  if (self->user_name != NULL)
    g_variant_dict_insert (&dict, "LockPrimaryAccountInfo", "b", self->lock);
  if (managed && self->primary == DOOR_PRIMARY_ACCOUNT_STANDARD)
    g_variant_dict_insert (&dict, "SetPrimarySetupAccountAsRegularUser", "b", TRUE);
  if (managed && self->primary == DOOR_PRIMARY_ACCOUNT_NONE)
    g_variant_dict_insert (&dict, "SkipPrimarySetupAccountCreation", "b", TRUE);
  if (managed)
    g_variant_dict_insert_value (&dict, "AutoSetupAdminAccounts", build_admins (self));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

/**
 * door_account_configuration_build_hash:
 * @salt: the salt
 * @iterations: how often the password was hashed, 20,000 to 40,000
 * @entropy: the derived key
 * @error: return location for an error
 *
 * Builds passwordHash: a binary property list (Apple, AutoSetupAdminAccountItem). Pure.
 *
 * Returns: (transfer full): its bytes, or %NULL with an error
 */
GBytes *
door_account_configuration_build_hash (GBytes *salt, unsigned int iterations, GBytes *entropy, GError **error)
{
  GVariantDict inner = G_VARIANT_DICT_INIT (NULL), outer = G_VARIANT_DICT_INIT (NULL);
  g_autoptr (GVariant) dict = NULL;

  g_variant_dict_insert_value (&inner, "entropy", bytes_variant (entropy));
  g_variant_dict_insert (&inner, "iterations", "x", (gint64) iterations);
  g_variant_dict_insert_value (&inner, "salt", bytes_variant (salt));
  g_variant_dict_insert_value (&outer, "SALTED-SHA512-PBKDF2", g_variant_dict_end (&inner));
  dict = g_variant_ref_sink (g_variant_dict_end (&outer));
  return door_plist_build_binary (dict, error);
}
