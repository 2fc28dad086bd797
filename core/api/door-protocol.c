/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-protocol.h"

/**
 * door_protocol_choose:
 * @word: (nullable): the key Protocol
 * @names_client: whether there is a key ClientId
 *
 * Who names a client speaks OpenID Connect, unless the word says otherwise. Pure.
 *
 * Returns: how the provider is spoken with
 */
DoorProtocol
door_protocol_choose (const char *word, bool names_client)
{
  bool oidc = word != NULL ? g_str_equal (word, "oidc") : names_client;

  return oidc ? DOOR_PROTOCOL_OIDC : DOOR_PROTOCOL_SAML;
}

/**
 * door_protocol_read:
 * @settings: a provider's group, with the keys every provider has
 *
 * Reads door_protocol_choose() from the keys. Never blocks; any thread.
 *
 * Returns: how the provider is spoken with
 */
DoorProtocol
door_protocol_read (const DoorSettings *settings)
{
  return door_protocol_choose (door_settings_get_string (settings, "Protocol"),
                               door_settings_is_set (settings, "ClientId"));
}

/**
 * door_protocol_uses_secret:
 * @client_auth: (nullable): the key ClientAuth; %NULL as auto
 *
 * Tells a client with a secret from one with a key, or with nothing. Pure.
 *
 * Returns: whether ClientSecret= is used
 */
bool
door_protocol_uses_secret (const char *client_auth)
{
  return client_auth == NULL || g_str_equal (client_auth, "auto") ||
         g_str_has_prefix (client_auth, "secret_");
}
