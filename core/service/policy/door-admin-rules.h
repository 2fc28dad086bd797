/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "door-permission.h"
#include "door-settings.h"

/**
 * DoorRoleSync:
 * @DOOR_ROLE_SYNC_ALWAYS: roles change whenever the provider names any
 * @DOOR_ROLE_SYNC_FIRST_LOGIN: they are taken when the account is made
 * @DOOR_ROLE_SYNC_AUTHORITATIVE: they are what the provider says, each time
 *
 * When roles are taken from the identity provider.
 */
typedef enum
{
  DOOR_ROLE_SYNC_ALWAYS,
  DOOR_ROLE_SYNC_FIRST_LOGIN,
  DOOR_ROLE_SYNC_AUTHORITATIVE,
} DoorRoleSync;

/**
 * DoorRoleGroups:
 * @groups: (nullable): for each role the groups whose members have it, %NULL where the role has no key
 *
 * Which groups have which role, everywhere or in one team.
 */
typedef struct
{
  char **groups[DOOR_N_ROLES];
} DoorRoleGroups;

void door_role_groups_read (DoorRoleGroups *self, const DoorSettings *settings);
void door_role_groups_clear (DoorRoleGroups *self);
bool door_role_groups_any (const DoorRoleGroups *self);
DoorRole door_role_groups_find (const DoorRoleGroups *self, const char *const *groups);

/**
 * DoorTokenMode:
 * @DOOR_TOKEN_MODE_SHORT: tokens of minutes, and refresh tokens
 * @DOOR_TOKEN_MODE_DAY: tokens of a day, and no refresh tokens: what programs written for the spec expect
 *
 * How long a program can do with what a session gave it.
 */
typedef enum
{
  DOOR_TOKEN_MODE_SHORT,
  DOOR_TOKEN_MODE_DAY,
} DoorTokenMode;

/**
 * DoorAdminRules:
 * @jit: whether who signs in for the first time becomes an administrator
 * @default_role: role of a new one of whom the provider says nothing
 * @fleet_attributes: whether FLEET_JIT_USER_ROLE_… is looked at
 * @own_attributes: whether DOORWARD_ROLE_… is looked at
 * @role_sync: when roles are taken from the provider
 * @groups: groups whose members have a role everywhere
 * @token_mode: what a session gives to programs
 * @token_lifetime_ms: how long a token of a session lives at most
 * @federated_tokens: whether who signs in at a provider may have personal access tokens
 * @passwords: whether administrators without single sign-on may sign in by password
 * @session_lifetime_ms: how long a session lives at most
 * @session_idle_ms: how long it lives without a request
 *
 * What `[admin]` says.
 */
typedef struct
{
  bool jit;
  DoorRole default_role;
  bool fleet_attributes;
  bool own_attributes;
  DoorRoleSync role_sync;
  DoorRoleGroups groups;
  DoorTokenMode token_mode;
  int64_t token_lifetime_ms;
  bool federated_tokens;
  bool passwords;
  int64_t session_lifetime_ms;
  int64_t session_idle_ms;
} DoorAdminRules;

void door_admin_rules_read (DoorAdminRules *self, const DoorSettings *admin);
void door_admin_rules_clear (DoorAdminRules *self);
