/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/**
 * DoorOidcLogoutMessage:
 * @connection: name in the address
 * @logout_token: (nullable): form value
 * @address: where the request came from, for the limit
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A provider's message that a session has ended (OpenID Connect Back-Channel Logout 1.0, 2.5).
 */
typedef struct
{
  const char *connection;
  const char *logout_token;
  const char *address;
  GCancellable *cancellable;
} DoorOidcLogoutMessage;

bool door_oidc_logout_received (const DoorContext *context, const DoorOidcLogoutMessage *message,
                                GError **error);
