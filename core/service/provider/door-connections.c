/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connections.h"

/**
 * door_connections_lookup:
 * @connections: (element-type DoorConnection): all of them
 * @name: a name
 *
 * Returns: (transfer none) (nullable): the connection of that name
 */
DoorConnection *
door_connections_lookup (const GPtrArray *connections, const char *name)
{
  for (guint i = 0; i < connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (connections, i);

      if (g_str_equal (door_connection_get_name (connection), name))
        return connection;
    }
  return NULL;
}

static bool
has_a_use_of (const DoorConnection *connection, const char *const *uses)
{
  for (; *uses != NULL; uses++)
    if (door_connection_has_use (connection, *uses))
      return true;
  return false;
}

/**
 * door_connections_lookup_twin:
 * @connections: (element-type DoorConnection): all of them
 * @twin: one of them, or one that is wanted
 *
 * Finds a connection that @twin must not stand beside: one to a provider of the same entity id, unless the
 * administrator has said so and people sign in there for something else. With OpenID Connect the issuer is
 * checked by its address, and several clients of one issuer are nothing unusual. Any thread.
 *
 * Returns: (transfer none) (nullable): the other one
 */
DoorConnection *
door_connections_lookup_twin (const GPtrArray *connections, const DoorConnectionTwin *twin)
{
  for (guint i = 0; i < connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (connections, i);
      g_autoptr (DoorSamlMetadata) metadata = NULL;

      if (door_connection_speaks_oidc (connection) ||
          g_str_equal (door_connection_get_name (connection), twin->name))
        continue;
      metadata =
          door_connection_dup_metadata (connection, NULL); /* without any there is nothing to compare */
      if (metadata != NULL && g_str_equal (door_saml_metadata_get_entity_id (metadata), twin->entity_id) &&
          (!twin->shared || has_a_use_of (connection, twin->uses)))
        return connection;
    }
  return NULL;
}

static bool
team_uses (const DoorTeam *team, const DoorConnection *connection)
{
  return team->idps[0] == NULL ||
         g_strv_contains ((const char *const *) team->idps, door_connection_get_name (connection));
}

/* One that still waits for its metadata is a way to nowhere. Where there is no other it is told of by what
 * goes wrong. */
static GPtrArray *
list_ready (GPtrArray *choices)
{
  GPtrArray *ready = g_ptr_array_new ();

  for (guint i = 0; i < choices->len; i++)
    if (!door_connection_awaits_metadata (g_ptr_array_index (choices, i)))
      g_ptr_array_add (ready, g_ptr_array_index (choices, i));
  if (ready->len == 0)
    g_ptr_array_extend (ready, choices, NULL, NULL);
  return ready;
}

/**
 * door_connections_choose:
 * @connections: (element-type DoorConnection): all of them
 * @use: what for, a word of Use=
 * @team: (nullable): the team the device is for; %NULL where there is no device
 * @domain: (nullable): domain of the account typed
 *
 * Finds the identity providers a person may choose from: those for the use and of the team that may vouch for
 * the domain; the ones that name the domain go before the ones that name none. One whose metadata nobody has
 * uploaded yet is not among them, unless there is no other.
 *
 * Returns: (transfer container) (element-type DoorConnection): possibly empty
 */
GPtrArray *
door_connections_choose (const GPtrArray *connections, const char *use, const DoorTeam *team,
                         const char *domain)
{
  g_autoptr (GPtrArray) named = g_ptr_array_new ();
  g_autoptr (GPtrArray) others = g_ptr_array_new ();

  for (guint i = 0; i < connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (connections, i);

      if (!door_connection_has_use (connection, use) || (team != NULL && !team_uses (team, connection)))
        continue;
      if (domain == NULL || door_connection_names_none (connection))
        g_ptr_array_add (others, connection);
      else if (door_connection_names_domain (connection, domain))
        g_ptr_array_add (named, connection);
    }
  return list_ready (named->len > 0 ? named : others);
}
