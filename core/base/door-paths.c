/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-paths.h"

#include <glib.h>

/**
 * door_paths_dup_entity_id:
 * @external_url: address of this server, without a slash at the end
 * @connection: the NAME of `[idp/NAME]`
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): what this server is called towards an identity provider unless it is given
 *   another name
 */
char *
door_paths_dup_entity_id (const char *external_url, const char *connection)
{
  return g_strdup_printf ("%s" DOOR_PATH_SAML ("%s"), external_url, connection);
}
