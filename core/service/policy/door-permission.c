/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-permission.h"

#include "door-administrator-store.h"

static const char *const role_words[DOOR_N_ROLES] = {
  [DOOR_ROLE_NONE] = "none",
  [DOOR_ROLE_ADMIN] = "admin",
  [DOOR_ROLE_MAINTAINER] = "maintainer",
  [DOOR_ROLE_OBSERVER_PLUS] = "observer_plus",
  [DOOR_ROLE_OBSERVER] = "observer",
  [DOOR_ROLE_TECHNICIAN] = "technician",
  [DOOR_ROLE_HELPDESK] = "helpdesk",
};

/* One row of the table of docs/roles.md. @roles are the words of those who may, for statements too. */
typedef struct
{
  const char *word;
  const char *roles[DOOR_N_ROLES];
  bool api_only; /* those who use the API only may too */
  bool in_team;  /* a role in a team allows it there */
} Row;

#define EVERYBODY                                                                                            \
  {                                                                                                          \
    "admin", "maintainer", "observer_plus", "observer", "technician", "helpdesk"                             \
  }

static const Row table[DOOR_N_ACTIONS] = {
  [DOOR_ACTION_PAGES] = { "pages", EVERYBODY, false, true },
  [DOOR_ACTION_READ_DEVICES] = { "read devices", EVERYBODY, true, true },
  [DOOR_ACTION_READ_PEOPLE] = { "read people", EVERYBODY, true, true },
  [DOOR_ACTION_READ_SIGN_INS] = { "read sign-ins",
                                  { "admin", "maintainer", "observer_plus", "technician", "helpdesk" },
                                  true,
                                  true },
  [DOOR_ACTION_READ_ACCEPTANCES] = { "read acceptances",
                                     { "admin", "maintainer", "observer_plus", "technician", "helpdesk" },
                                     true,
                                     true },
  [DOOR_ACTION_READ_ADMINISTRATORS] = { "read administrators", { "admin", "maintainer" }, true, false },
  [DOOR_ACTION_WRITE_ADMINISTRATORS] = { "write administrators", { "admin" }, true, false },
  [DOOR_ACTION_END_SESSIONS] = { "end sessions", { "admin" }, true, false },
  [DOOR_ACTION_READ_CONNECTIONS] = { "read connections", { "admin", "maintainer" }, true, false },
  [DOOR_ACTION_WRITE_CONNECTIONS] = { "write connections", { "admin" }, true, false },
  [DOOR_ACTION_READ_COMMANDS] = { "read commands",
                                  { "admin", "maintainer", "observer_plus", "technician" },
                                  true,
                                  true },
  [DOOR_ACTION_ASK_DEVICES] = { "ask devices", { "admin", "maintainer", "technician" }, true, true },
  [DOOR_ACTION_COMMAND_DEVICES] = { "command devices", { "admin", "maintainer" }, true, true },
  [DOOR_ACTION_OWN_TOKENS] = { "own tokens", EVERYBODY, true, true },
  [DOOR_ACTION_ENROLLMENT_LINKS] = { "enrollment links",
                                     { "admin", "maintainer", "technician", "helpdesk" },
                                     true,
                                     true },
  [DOOR_ACTION_READ_DECLARATIONS] = { "read declarations",
                                      { "admin", "maintainer", "observer_plus", "technician" },
                                      true,
                                      true },
  [DOOR_ACTION_WRITE_DECLARATIONS] = { "write declarations", { "admin", "maintainer" }, true, true },
};

/**
 * door_role_to_word:
 * @role: a role
 *
 * Returns: (transfer none): how it is written, "observer_plus"
 */
const char *
door_role_to_word (DoorRole role)
{
  return role_words[role];
}

/**
 * door_role_from_word:
 * @word: how a role is written; letter case matters
 *
 * Returns: the role, %DOOR_ROLE_NONE when it is none
 */
DoorRole
door_role_from_word (const char *word)
{
  for (int role = DOOR_ROLE_NONE + 1; role < DOOR_N_ROLES; role++)
    if (g_str_equal (role_words[role], word))
      return (DoorRole) role;
  return DOOR_ROLE_NONE;
}

/**
 * door_action_to_word:
 * @action: an action
 *
 * Returns: (transfer none): what the table in docs/roles.md calls it
 */
const char *
door_action_to_word (DoorAction action)
{
  return table[action].word;
}

/**
 * door_permission_allows:
 * @role: a role
 * @action: an action
 * @api_only: whether who has the role may use the API only
 * @in_team: whether the role is one in a team
 *
 * The one place that says what a role may do. Pure.
 *
 * Returns: whether the role allows the action, everywhere or in its team
 */
bool
door_permission_allows (DoorRole role, DoorAction action, bool api_only, bool in_team)
{
  const Row *row = &table[action];

  return role != DOOR_ROLE_NONE && (row->api_only || !api_only) && (row->in_team || !in_team) &&
         g_strv_contains (row->roles, role_words[role]);
}

/**
 * door_permission_get_reach:
 * @grants: (element-type DoorRoleGrant): the roles of an administrator
 * @api_only: whether the administrator may use the API only
 * @action: an action
 *
 * Pure.
 *
 * Returns: how far they allow the action
 */
DoorReach
door_permission_get_reach (const GPtrArray *grants, bool api_only, DoorAction action)
{
  DoorReach reach = DOOR_REACH_NOTHING;

  for (guint i = 0; i < grants->len; i++)
    {
      const DoorRoleGrant *grant = g_ptr_array_index (grants, i);
      bool in_team = *grant->team != '\0';

      if (door_permission_allows (door_role_from_word (grant->role), action, api_only, in_team))
        reach = MAX (reach, in_team ? DOOR_REACH_TEAMS : DOOR_REACH_ALL);
    }
  return reach;
}

/**
 * door_permission_reaches_team:
 * @grants: (element-type DoorRoleGrant): the roles of an administrator
 * @api_only: whether the administrator may use the API only
 * @action: an action
 * @team: name of a team, "" for none
 *
 * Pure.
 *
 * Returns: whether they allow the action there; where there is no team a role everywhere is needed
 */
bool
door_permission_reaches_team (const GPtrArray *grants, bool api_only, DoorAction action, const char *team)
{
  for (guint i = 0; i < grants->len; i++)
    {
      const DoorRoleGrant *grant = g_ptr_array_index (grants, i);
      bool in_team = *grant->team != '\0';

      if ((!in_team || g_str_equal (grant->team, team)) &&
          door_permission_allows (door_role_from_word (grant->role), action, api_only, in_team))
        return true;
    }
  return false;
}

/**
 * door_permission_get_roles:
 * @action: an action
 *
 * For statements that look for the teams in which somebody may do something.
 *
 * Returns: (transfer none) (array zero-terminated=1): the words of the roles that allow it
 */
const char *const *
door_permission_get_roles (DoorAction action)
{
  return table[action].roles;
}
