/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-rules.h"

#define DAY_MS (24 * INT64_C (60 * 60 * 1000))

/* The first that fits counts. */
static const struct
{
  DoorRole role;
  const char *key;
} group_keys[] = {
  { DOOR_ROLE_ADMIN, "AdminGroups" },
  { DOOR_ROLE_MAINTAINER, "MaintainerGroups" },
  { DOOR_ROLE_HELPDESK, "HelpdeskGroups" },
  { DOOR_ROLE_OBSERVER, "ObserverGroups" },
};

/**
 * door_role_groups_read:
 * @self: (out caller-allocates): what is read; clear it
 * @settings: (nullable): `[admin]` or a `[team/NAME]`; %NULL for no team
 *
 * Reads the groups of each role.
 */
void
door_role_groups_read (DoorRoleGroups *self, const DoorSettings *settings)
{
  *self = (DoorRoleGroups){ { NULL } };
  for (size_t i = 0; settings != NULL && i < G_N_ELEMENTS (group_keys); i++)
    self->groups[group_keys[i].role] = door_settings_dup_list (settings, group_keys[i].key);
}

/**
 * door_role_groups_clear:
 * @self: what was read
 */
void
door_role_groups_clear (DoorRoleGroups *self)
{
  for (size_t i = 0; i < DOOR_N_ROLES; i++)
    g_clear_pointer (&self->groups[i], g_strfreev);
}

/**
 * door_role_groups_any:
 * @self: what was read
 *
 * Returns: whether any group has a role
 */
bool
door_role_groups_any (const DoorRoleGroups *self)
{
  for (size_t i = 0; i < DOOR_N_ROLES; i++)
    if (self->groups[i] != NULL && self->groups[i][0] != NULL)
      return true;
  return false;
}

/**
 * door_role_groups_find:
 * @self: what was read
 * @groups: (array zero-terminated=1): the groups of a person
 *
 * Returns: the highest role of any of them, %DOOR_ROLE_NONE for none
 */
DoorRole
door_role_groups_find (const DoorRoleGroups *self, const char *const *groups)
{
  for (size_t i = 0; i < G_N_ELEMENTS (group_keys); i++)
    {
      char *const *named = self->groups[group_keys[i].role];

      for (size_t j = 0; named != NULL && named[j] != NULL; j++)
        if (g_strv_contains (groups, named[j]))
          return group_keys[i].role;
    }
  return DOOR_ROLE_NONE;
}

static DoorRoleSync
sync_from_word (const char *word)
{
  if (g_str_equal (word, "first-login"))
    return DOOR_ROLE_SYNC_FIRST_LOGIN;
  if (g_str_equal (word, "authoritative"))
    return DOOR_ROLE_SYNC_AUTHORITATIVE;
  return DOOR_ROLE_SYNC_ALWAYS;
}

/* One key decides what the others are, unless they are set; door-config-rules.c refuses what contradicts it.
 */
static void
read_token_mode (DoorAdminRules *self, const DoorSettings *admin)
{
  if (!g_str_equal (door_settings_get_string (admin, "TokenMode"), "day"))
    return;
  self->token_mode = DOOR_TOKEN_MODE_DAY;
  self->token_lifetime_ms = DAY_MS;
  self->federated_tokens = false;
  self->session_lifetime_ms = MAX (self->session_lifetime_ms, DAY_MS);
}

/**
 * door_admin_rules_read:
 * @self: (out caller-allocates): what is read; clear it
 * @admin: the group `[admin]`
 *
 * Reads what administrators' sign-ins are decided by.
 */
void
door_admin_rules_read (DoorAdminRules *self, const DoorSettings *admin)
{
  const char *attributes = door_settings_get_string (admin, "RoleAttributes");
  bool both = g_str_equal (attributes, "both");

  *self = (DoorAdminRules){
    .jit = door_settings_get_boolean (admin, "Jit"),
    .default_role = door_role_from_word (door_settings_get_string (admin, "DefaultRole")),
    .fleet_attributes = both || g_str_equal (attributes, "fleet"),
    .own_attributes = both || g_str_equal (attributes, "doorward"),
    .role_sync = sync_from_word (door_settings_get_string (admin, "RoleSync")),
    .token_lifetime_ms = door_settings_get_duration_s (admin, "TokenLifetime") * 1000,
    .federated_tokens = door_settings_get_boolean (admin, "FederatedTokens"),
    .passwords = door_settings_get_boolean (admin, "Passwords"),
    .session_lifetime_ms = door_settings_get_duration_s (admin, "SessionLifetime") * 1000,
    .session_idle_ms = door_settings_get_duration_s (admin, "SessionIdle") * 1000,
  };
  read_token_mode (self, admin);
  door_role_groups_read (&self->groups, admin);
}

/**
 * door_admin_rules_clear:
 * @self: what was read
 */
void
door_admin_rules_clear (DoorAdminRules *self)
{
  door_role_groups_clear (&self->groups);
}
