/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-team-scope.h"

#include <glib.h>

/**
 * door_team_scope_get_role:
 * @self: a scope
 * @i: which of its roles
 *
 * Returns: (transfer none): its word, "" behind the last, which is no role
 */
const char *
door_team_scope_get_role (const DoorTeamScope *self, unsigned int i)
{
  return i < g_strv_length ((char **) self->roles) ? self->roles[i] : "";
}
