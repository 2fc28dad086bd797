/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

/**
 * DoorSignInPath:
 * @connection: (nullable): identity provider to go to at once
 * @team: (nullable): name of the team; "" and %NULL are none
 * @account: (nullable): account typed on the device; "" and %NULL are none
 * @flow: (nullable): name of the flow, see door_flow_dup_address(); for a device that may lose its cookies
 * @again: the person wants to sign in as somebody else; goes with @connection
 *
 * What a link to the sign-in page says, so that it works without the cookie too.
 */
typedef struct
{
  const char *connection;
  const char *team;
  const char *account;
  const char *flow;
  bool again;
} DoorSignInPath;

char *door_sign_in_path_build (const DoorSignInPath *self);
char *door_admin_login_path_build (const char *connection, const char *return_path, bool again);
