/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connections.h"
#include "door-oidc-documents.h"
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

/* DiscoveryUrl= is where the keys are named, whatever the issuer: so who answers there must be the same too.
 */
static bool
asks_same_server (const DoorConnection *connection, const DoorConnection *other)
{
  g_autofree char *here = door_oidc_documents_dup_source (connection);
  g_autofree char *there = door_oidc_documents_dup_source (other);
  g_autoptr (GUri) one = g_uri_parse (here, G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
  g_autoptr (GUri) two = g_uri_parse (there, G_URI_FLAGS_SCHEME_NORMALIZE, NULL);

  return one != NULL && two != NULL && g_uri_get_host (one) != NULL && g_uri_get_host (two) != NULL &&
         g_ascii_strcasecmp (g_uri_get_host (one), g_uri_get_host (two)) == 0 &&
         g_uri_get_port (one) == g_uri_get_port (two);
}

/**
 * door_same_provider:
 * @connections: (element-type DoorConnection): all of them
 * @connection: the one that answered
 * @name: name of the one by which an identity was first seen
 *
 * In SAML every provider says for itself what its entity id is. Whoever takes the one of another must not
 * get its people: an identity belongs to the connection by which it came, and to others that have no key
 * which that one does not have. With OpenID Connect the issuer is what the configuration names; its keys come
 * from there, or from where DiscoveryUrl= says, which must be of the same server. Where the connection is
 * gone nothing is left to compare with: whoever may make connections could take its people over, so somebody
 * at the server has to say who takes its place, once, with `doorctl idp adopt`. Any thread.
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
    return oidc && door_connection_speaks_oidc (first) && asks_same_server (connection, first);
  return has_no_other_key (connection, first);
}
