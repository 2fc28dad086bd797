/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-admin-person.h"
#include "door-administrator-store.h"

/**
 * DoorAdminAccount:
 * @before: (nullable): the account, %NULL when there is none yet
 * @roles_before: (nullable) (element-type DoorRoleGrant): its roles
 * @linked: whether the identity is new to the account
 * @refusal: (nullable): why the person may not sign in to it, or have one made
 *
 * The account of an administrator who signs in. All %NULL at first.
 */
typedef struct
{
  DoorAdministrator *before;
  GPtrArray *roles_before;
  bool linked;
  GError *refusal;
} DoorAdminAccount;

bool door_admin_account_find (DoorTxn *txn, const DoorContext *context, DoorConnection *connection,
                              const DoorAdminPerson *person, DoorAdminAccount *out, GError **error);
bool door_admin_account_check_state (const DoorAdministrator *account, const DoorAdminRules *rules,
                                     GError **refusal);
GPtrArray *door_admin_account_decide_roles (const DoorAdminAccount *self, const DoorPolicy *policy,
                                            const DoorClaims *claims, const DoorIdentity *identity,
                                            GError **refusal);
void door_admin_account_clear (DoorAdminAccount *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorAdminAccount, door_admin_account_clear)
