/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* No role is a word of more of them. */
#define DOOR_TEAM_SCOPE_ROLES 6

/**
 * DoorTeamScope:
 * @administrator_id: an administrator
 * @roles: (array zero-terminated=1): words of roles, at most %DOOR_TEAM_SCOPE_ROLES
 *
 * The teams in which the administrator has one of the roles.
 */
typedef struct
{
  const char *administrator_id;
  const char *const *roles;
} DoorTeamScope;

/* The same in a statement, with the parameters of DOOR_TEAM_SCOPE_PARAMS. */
#define DOOR_TEAM_SCOPE_SQL                                                                                  \
  "(SELECT team FROM administrator_role WHERE administrator_id = :administrator AND team <> '' AND role IN " \
  "(:role0, :role1, :role2, :role3, :role4, :role5))"
#define DOOR_TEAM_SCOPE_PARAMS(scope)                                                                        \
  "administrator", "s", (scope)->administrator_id, "role0", "s", door_team_scope_get_role (scope, 0),        \
      "role1", "s", door_team_scope_get_role (scope, 1), "role2", "s", door_team_scope_get_role (scope, 2),  \
      "role3", "s", door_team_scope_get_role (scope, 3), "role4", "s", door_team_scope_get_role (scope, 4),  \
      "role5", "s", door_team_scope_get_role (scope, 5)

const char *door_team_scope_get_role (const DoorTeamScope *self, unsigned int i);
