/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

/**
 * DOOR_CLAIM_NAME_ID:
 *
 * The name under which mappings address the SAML NameID.
 */
#define DOOR_CLAIM_NAME_ID "NameID"

/**
 * DoorSubject:
 * @issuer: the identity provider's entity id or issuer
 * @value: the NameID or subject
 * @format: (nullable): NameID Format, as sent
 * @name_qualifier: (nullable): NameQualifier, as sent
 * @sp_name_qualifier: (nullable): SPNameQualifier, as sent
 *
 * Who an answer is about, in the issuer's words (SAML core 2.2.2).
 */
typedef struct
{
  const char *issuer;
  const char *value;
  const char *format;
  const char *name_qualifier;
  const char *sp_name_qualifier;
} DoorSubject;

#define DOOR_TYPE_CLAIMS (door_claims_get_type ())

GType door_claims_get_type (void);
DoorClaims *door_claims_new (const DoorSubject *subject, GVariant *values);
DoorClaims *door_claims_ref (DoorClaims *self);
void door_claims_unref (DoorClaims *self);
const DoorSubject *door_claims_get_subject (const DoorClaims *self);
const char *door_claims_get_string (const DoorClaims *self, const char *name);
char **door_claims_dup_strings (const DoorClaims *self, const char *name);
GVariant *door_claims_get_values (const DoorClaims *self);
void door_claims_set_repeated (DoorClaims *self, const char *const *names);
bool door_claims_is_repeated (const DoorClaims *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorClaims, door_claims_unref)
