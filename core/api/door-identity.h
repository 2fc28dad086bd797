/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-claims.h"
#include "door-settings.h"
#include "door-types.h"

/**
 * DoorIdentityField:
 * @DOOR_IDENTITY_USER_NAME: the name people sign in with
 * @DOOR_IDENTITY_EMAIL: e-mail address
 * @DOOR_IDENTITY_FULL_NAME: display name
 * @DOOR_IDENTITY_GIVEN_NAME: given name
 * @DOOR_IDENTITY_FAMILY_NAME: family name
 * @DOOR_IDENTITY_DEPARTMENT: department
 * @DOOR_IDENTITY_MANAGED_ACCOUNT: Managed Apple Account, for account-driven enrollment
 * @DOOR_IDENTITY_N_FIELDS: their number
 *
 * What is known of a person beside the stable subject and the groups.
 */
typedef enum
{
  DOOR_IDENTITY_USER_NAME,
  DOOR_IDENTITY_EMAIL,
  DOOR_IDENTITY_FULL_NAME,
  DOOR_IDENTITY_GIVEN_NAME,
  DOOR_IDENTITY_FAMILY_NAME,
  DOOR_IDENTITY_DEPARTMENT,
  DOOR_IDENTITY_MANAGED_ACCOUNT,
  DOOR_IDENTITY_N_FIELDS,
} DoorIdentityField;

#define DOOR_TYPE_IDENTITY (door_identity_get_type ())

GType door_identity_get_type (void);
DoorIdentity *door_identity_new (const char *issuer, const char *subject);
DoorIdentity *door_identity_ref (DoorIdentity *self);
void door_identity_unref (DoorIdentity *self);
void door_identity_set (DoorIdentity *self, DoorIdentityField field, const char *value);
void door_identity_set_groups (DoorIdentity *self, const char *const *groups, bool complete);
void door_identity_set_groups_incomplete (DoorIdentity *self);
const char *door_identity_get_issuer (const DoorIdentity *self);
const char *door_identity_get_subject (const DoorIdentity *self);
const char *door_identity_get (const DoorIdentity *self, DoorIdentityField field);
const char *const *door_identity_get_groups (const DoorIdentity *self);
bool door_identity_groups_complete (const DoorIdentity *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorIdentity, door_identity_unref)

/**
 * DoorClaimDefaults:
 * @subject: (nullable): claim that is the stable subject; %NULL for the NameID with its format and qualifiers
 * @subject_scope: (nullable): claim with the tenant or realm in which @subject is unique; both are required
 *   then, and the subject is SCOPE/SUBJECT. The key Subject= replaces the two together
 * @user_name: (nullable): claim names to try in order, separated by `;`; so are all below
 * @email: (nullable): e-mail address
 * @full_name: (nullable): display name
 * @given_name: (nullable): given name
 * @family_name: (nullable): family name
 * @department: (nullable): department
 * @managed_account: (nullable): Managed Apple Account
 * @groups: (nullable): groups
 * @groups_separator: (nullable): what stands between groups that arrive in one value; %NULL when each has a
 * value of its own
 *
 * A provider's preset: what the keys UserName=, Email= … fall back to.
 */
typedef struct
{
  const char *subject;
  const char *subject_scope;
  const char *user_name;
  const char *email;
  const char *full_name;
  const char *given_name;
  const char *family_name;
  const char *department;
  const char *managed_account;
  const char *groups;
  const char *groups_separator;
} DoorClaimDefaults;

/**
 * DOOR_CLAIM_DEFAULTS_OIDC: (skip)
 *
 * The members of #DoorClaimDefaults for what a provider sends under the standard names (OpenID Connect Core
 * 1.0, 5.1), to stand first in an initialiser; @user_name and @groups are the provider's own.
 */
#define DOOR_CLAIM_DEFAULTS_OIDC                                                                             \
  .email = "email", .full_name = "name", .given_name = "given_name", .family_name = "family_name",           \
  .department = "department", .managed_account = "email"

DoorClaimMap *door_claim_map_new (const DoorSettings *settings, const DoorClaimDefaults *defaults);
void door_claim_map_free (DoorClaimMap *self);
DoorIdentity *door_claim_map_apply (const DoorClaimMap *self, const DoorClaims *claims, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorClaimMap, door_claim_map_free)
