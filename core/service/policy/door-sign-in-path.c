/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-sign-in-path.h"

#include <string.h>

#include <glib.h>

#include "door-paths.h"

static void
append (GString *path, const char *name, const char *value)
{
  g_autofree char *escaped = NULL;

  if (value == NULL || *value == '\0')
    return;
  escaped = g_uri_escape_string (value, NULL, FALSE);
  g_string_append_printf (path, "%c%s=%s", strchr (path->str, '?') == NULL ? '?' : '&', name, escaped);
}

/**
 * door_sign_in_path_build:
 * @self: where to
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): path and query of the sign-in page, or of the way past it
 */
char *
door_sign_in_path_build (const DoorSignInPath *self)
{
  GString *path = g_string_new (self->connection != NULL ? DOOR_PATH_SIGN_IN_START : DOOR_PATH_SIGN_IN);

  append (path, "idp", self->connection);
  append (path, "team", self->team);
  append (path, "user-identifier", self->account);
  append (path, "flow", self->flow);
  append (path, "again", self->again ? "1" : NULL);
  return g_string_free (path, FALSE);
}

/**
 * door_admin_login_path_build:
 * @connection: (nullable): identity provider to go to at once
 * @return_path: (nullable): where to go on afterwards; "" and %NULL are nowhere in particular
 * @again: the person wants to sign in as somebody else
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): path and query of the sign-in page of administrators
 */
char *
door_admin_login_path_build (const char *connection, const char *return_path, bool again)
{
  GString *path = g_string_new (DOOR_PATH_ADMIN_LOGIN);

  append (path, "idp", connection);
  append (path, "return_to", return_path);
  append (path, "again", again ? "1" : NULL);
  return g_string_free (path, FALSE);
}
