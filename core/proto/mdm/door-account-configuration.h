/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

/**
 * DoorPrimaryAccount:
 * @DOOR_PRIMARY_ACCOUNT_ADMIN: the person makes an administrator
 * @DOOR_PRIMARY_ACCOUNT_STANDARD: the person makes a standard user
 * @DOOR_PRIMARY_ACCOUNT_NONE: the person makes no account
 *
 * Which account Setup Assistant has the person make. But for the first there must be a managed administrator.
 */
typedef enum
{
  DOOR_PRIMARY_ACCOUNT_ADMIN,
  DOOR_PRIMARY_ACCOUNT_STANDARD,
  DOOR_PRIMARY_ACCOUNT_NONE,
} DoorPrimaryAccount;

/**
 * DoorAccountConfiguration:
 * @primary: which account the person makes
 * @user_name: (nullable): its short name
 * @full_name: (nullable): its full name
 * @lock: whether the person cannot change the two
 * @admin_name: (nullable): short name of the managed administrator
 * @admin_full_name: (nullable): its full name
 * @admin_hash: (nullable): hash of its password, as Apple describes it
 * @admin_hidden: whether it is not shown at the login window
 *
 * The accounts of a Mac.
 */
typedef struct
{
  DoorPrimaryAccount primary;
  const char *user_name;
  const char *full_name;
  bool lock;
  const char *admin_name;
  const char *admin_full_name;
  GBytes *admin_hash;
  bool admin_hidden;
} DoorAccountConfiguration;

bool door_account_configuration_is_empty (const DoorAccountConfiguration *self);
GVariant *door_account_configuration_build (const DoorAccountConfiguration *self);
GBytes *door_account_configuration_build_hash (GBytes *salt, unsigned int iterations, GBytes *entropy,
                                               GError **error);
