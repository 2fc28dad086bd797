/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-administrator-store.h"
#include "door-identity.h"
#include "door-policy.h"

/**
 * DoorRoleQuestion:
 * @policy: teams, and what `[admin]` says
 * @claims: what the provider says, verified
 * @groups: (nullable): the groups of the person, by the provider's adapter; %NULL: nothing is known of them
 * @before: (nullable) (element-type DoorRoleGrant): roles of the account; %NULL: there is no account yet
 *
 * Somebody signs in; which roles do they have from now on?
 */
typedef struct
{
  const DoorPolicy *policy;
  const DoorClaims *claims;
  const DoorIdentity *groups;
  const GPtrArray *before;
} DoorRoleQuestion;

GPtrArray *door_admin_roles_decide (const DoorRoleQuestion *question, GError **error);
bool door_admin_roles_check (GPtrArray *grants, const DoorPolicy *policy, GError **error);
bool door_admin_roles_is_attribute (const char *name);
bool door_admin_roles_depend_on_groups (const DoorPolicy *policy);
GPtrArray *door_admin_roles_copy (const GPtrArray *grants);
bool door_admin_roles_equal (const GPtrArray *a, const GPtrArray *b);
bool door_admin_roles_have_global_admin (const GPtrArray *grants);
char *door_admin_roles_to_text (const GPtrArray *grants);
DoorRoleGrant *door_role_grant_new (const char *team, DoorRole role);
