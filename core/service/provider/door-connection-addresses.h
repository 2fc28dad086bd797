/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-idp-profile.h"

/**
 * DoorConnectionName:
 * @external_url: address of this server, without a slash at the end
 * @name: the NAME of `[idp/NAME]`
 * @protocol: how the provider is spoken with
 * @entity_id: (nullable): the key SpEntityId
 *
 * All that the addresses of a connection follow from.
 */
typedef struct
{
  const char *external_url;
  const char *name;
  DoorProtocol protocol;
  const char *entity_id;
} DoorConnectionName;

/**
 * DoorConnectionAddresses:
 * @entity_id: what this server is called
 * @acs_url: where the provider's answers come to: ACS or callback
 * @start_url: where a sign-in begins
 * @metadata_url: (nullable): where this server describes itself; %NULL with OpenID Connect, which has none
 * @logout_url: where logouts come to
 *
 * What this server is towards one provider.
 */
typedef struct
{
  char *entity_id;
  char *acs_url;
  char *start_url;
  char *metadata_url;
  char *logout_url;
} DoorConnectionAddresses;

DoorConnectionAddresses door_connection_addresses_build (const DoorConnectionName *of);
void door_connection_addresses_clear (DoorConnectionAddresses *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorConnectionAddresses, door_connection_addresses_clear)
