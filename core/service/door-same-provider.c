/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connections.h"
#include "door-same-provider.h"

static bool
has_key (const GPtrArray *keys, const DoorSamlKeyInfo *wanted)
{
  for (guint i = 0; i < keys->len; i++)
    if (g_str_equal (((const DoorSamlKeyInfo *) g_ptr_array_index (keys, i))->sha256, wanted->sha256))
      return true;
  return false;
}

/* That it lists a key of the other as well proves nothing: anybody can list that. */
static bool
has_no_other_key (DoorConnection *connection, DoorConnection *than)
{
  g_autoptr (DoorSamlMetadata) metadata = door_connection_dup_metadata (connection, NULL);
  g_autoptr (DoorSamlMetadata) other = door_connection_dup_metadata (than, NULL);
  g_autoptr (GPtrArray) keys = metadata != NULL ? door_saml_metadata_list_keys (metadata) : NULL;
  g_autoptr (GPtrArray) known = other != NULL ? door_saml_metadata_list_keys (other) : NULL;

  for (guint i = 0; keys != NULL && known != NULL && i < keys->len; i++)
    if (!has_key (known, g_ptr_array_index (keys, i)))
      return false;
  return keys != NULL && known != NULL;
}

/**
 * door_same_provider:
 * @connections: (element-type DoorConnection): all of them
 * @connection: the one that answered
 * @name: name of the one by which an identity was first seen
 *
 * In SAML every provider says for itself what its entity id is. Whoever takes the one of another must not
 * get its people: an identity belongs to the connection by which it came, and to others that have no key
 * which that one does not have. With OpenID Connect the issuer is what the configuration names, and its keys
 * come from there. Where the connection is gone nothing is left to compare with: whoever may make connections
 * could take its people over, so somebody at the server has to say who takes its place, once, with
 * `doorctl idp adopt`. Any thread.
 *
 * Returns: whether the identity may be believed
 */
bool
door_same_provider (const GPtrArray *connections, DoorConnection *connection, const char *name)
{
  DoorConnection *first = door_connections_lookup (connections, name);
  bool oidc = door_connection_speaks_oidc (connection);

  if (first == NULL)
    return false;
  if (first == connection)
    return true;
  if (oidc || door_connection_speaks_oidc (first))
    return oidc && door_connection_speaks_oidc (first);
  return has_no_other_key (connection, first);
}
