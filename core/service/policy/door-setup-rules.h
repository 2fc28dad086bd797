/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-account-configuration.h"
#include "door-settings.h"

/**
 * DoorSetupRules:
 * @account_name: (nullable): pattern of the short name of the person's account on a Mac; %NULL: it is not
 * prepared
 * @account_full_name: pattern of its full name
 * @lock_account: whether the person cannot change the two
 * @primary: which account the person makes
 * @admin_name: (nullable): short name of a managed administrator; %NULL: there is none
 * @admin_full_name: (nullable): its full name
 * @hide_admin: whether it is not shown at the login window
 * @release_after_ms: how long a device waits in Setup Assistant at most
 *
 * What a team does for devices that wait in Setup Assistant.
 */
typedef struct
{
  char *account_name;
  char *account_full_name;
  bool lock_account;
  DoorPrimaryAccount primary;
  char *admin_name;
  char *admin_full_name;
  bool hide_admin;
  int64_t release_after_ms;
} DoorSetupRules;

void door_setup_rules_read (DoorSetupRules *self, const DoorSettings *team, const DoorSettings *defaults);
void door_setup_rules_clear (DoorSetupRules *self);
