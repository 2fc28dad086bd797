/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-setup-rules.h"

static const DoorSettings *
choose (const DoorSettings *team, const DoorSettings *defaults, const char *key)
{
  return team != NULL && door_settings_is_set (team, key) ? team : defaults;
}

static char *
dup_text (const DoorSettings *team, const DoorSettings *defaults, const char *key)
{
  const char *text = door_settings_get_string (choose (team, defaults, key), key);

  return text != NULL && !g_str_equal (text, "none") ? g_strdup (text) : NULL;
}

static DoorPrimaryAccount
primary_from_word (const char *word)
{
  if (g_str_equal (word, "standard"))
    return DOOR_PRIMARY_ACCOUNT_STANDARD;
  return g_str_equal (word, "none") ? DOOR_PRIMARY_ACCOUNT_NONE : DOOR_PRIMARY_ACCOUNT_ADMIN;
}

/**
 * door_setup_rules_read:
 * @self: (out): the rules
 * @team: (nullable): group of the team, whose keys win
 * @defaults: `[enrollment]`
 *
 * Reads what a team does for devices that wait in Setup Assistant. No I/O.
 */
void
door_setup_rules_read (DoorSetupRules *self, const DoorSettings *team, const DoorSettings *defaults)
{
  self->account_name = dup_text (team, defaults, "LocalAccountName");
  self->account_full_name = dup_text (team, defaults, "LocalAccountFullName");
  self->lock_account =
      door_settings_get_boolean (choose (team, defaults, "LockLocalAccount"), "LockLocalAccount");
  self->primary = primary_from_word (
      door_settings_get_string (choose (team, defaults, "PrimaryAccount"), "PrimaryAccount"));
  self->admin_name = dup_text (team, defaults, "ManagedAdmin");
  self->admin_full_name = dup_text (team, defaults, "ManagedAdminFullName");
  if (self->admin_full_name == NULL)
    self->admin_full_name = g_strdup (self->admin_name);
  self->hide_admin =
      door_settings_get_boolean (choose (team, defaults, "HideManagedAdmin"), "HideManagedAdmin");
  self->release_after_ms =
      door_settings_get_duration_s (choose (team, defaults, "ReleaseAfter"), "ReleaseAfter") * 1000;
}

/**
 * door_setup_rules_clear:
 * @self: rules
 *
 * Frees what they hold.
 */
void
door_setup_rules_clear (DoorSetupRules *self)
{
  g_free (self->account_name);
  g_free (self->account_full_name);
  g_free (self->admin_name);
  g_free (self->admin_full_name);
}
