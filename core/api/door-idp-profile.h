/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-settings.h"
#include "door-types.h"

/**
 * DoorSignedPart:
 * @DOOR_SIGNED_EITHER: the assertion or the response around it
 * @DOOR_SIGNED_ASSERTION: at least the assertion
 * @DOOR_SIGNED_RESPONSE: at least the response
 * @DOOR_SIGNED_BOTH: both
 *
 * Which signature is demanded. Something that covers the assertion always must be signed.
 */
typedef enum
{
  DOOR_SIGNED_EITHER,
  DOOR_SIGNED_ASSERTION,
  DOOR_SIGNED_RESPONSE,
  DOOR_SIGNED_BOTH,
} DoorSignedPart;

/**
 * DoorProtocol:
 * @DOOR_PROTOCOL_SAML: SAML 2.0
 * @DOOR_PROTOCOL_OIDC: OpenID Connect
 *
 * How a provider is spoken with.
 */
typedef enum
{
  DOOR_PROTOCOL_SAML,
  DOOR_PROTOCOL_OIDC,
} DoorProtocol;

#define DOOR_TYPE_IDP_PROFILE (door_idp_profile_get_type ())

GType door_idp_profile_get_type (void);
DoorIdpProfile *door_idp_profile_new (const DoorSettings *settings, GError **error);
DoorIdpProfile *door_idp_profile_ref (DoorIdpProfile *self);
void door_idp_profile_unref (DoorIdpProfile *self);
bool door_idp_profile_set_metadata_url (DoorIdpProfile *self, const char *base, const char *path,
                                        GError **error);
void door_idp_profile_set_request_param (DoorIdpProfile *self, const char *name, const char *value);
void door_idp_profile_set_offline_param (DoorIdpProfile *self, const char *name, const char *value);
void door_idp_profile_require_signed (DoorIdpProfile *self, DoorSignedPart part);
bool door_idp_profile_set_issuer (DoorIdpProfile *self, const char *issuer, GError **error);
void door_idp_profile_add_issuer_spelling (DoorIdpProfile *self, const char *issuer);
bool door_idp_profile_set_discovery_url (DoorIdpProfile *self, const char *url, GError **error);
void door_idp_profile_set_tenants (DoorIdpProfile *self, const char *const *tenants);

DoorProtocol door_idp_profile_get_protocol (const DoorIdpProfile *self);
const char *const *door_idp_profile_get_issuers (const DoorIdpProfile *self);
const char *door_idp_profile_get_discovery_url (const DoorIdpProfile *self);
const char *const *door_idp_profile_get_tenants (const DoorIdpProfile *self);
const char *door_idp_profile_get_client_id (const DoorIdpProfile *self);
const char *door_idp_profile_get_scope (const DoorIdpProfile *self);
bool door_idp_profile_get_use_userinfo (const DoorIdpProfile *self);
const char *door_idp_profile_get_client_auth (const DoorIdpProfile *self);
bool door_idp_profile_needs_client_secret (const DoorIdpProfile *self);
bool door_idp_profile_get_asserts_to_endpoint (const DoorIdpProfile *self);
int64_t door_idp_profile_get_liveness_s (const DoorIdpProfile *self);
GHashTable *door_idp_profile_get_offline_params (const DoorIdpProfile *self);
const char *door_idp_profile_get_metadata_url (const DoorIdpProfile *self);
const char *door_idp_profile_get_metadata_file (const DoorIdpProfile *self);
const char *door_idp_profile_get_metadata_signer (const DoorIdpProfile *self);
bool door_idp_profile_get_metadata_upload (const DoorIdpProfile *self);
bool door_idp_profile_get_allow_private (const DoorIdpProfile *self);
const char *door_idp_profile_get_entity_id (const DoorIdpProfile *self);
const char *door_idp_profile_get_sso_url (const DoorIdpProfile *self);
const char *const *door_idp_profile_get_certificate_files (const DoorIdpProfile *self);
const char *door_idp_profile_get_name_id_format (const DoorIdpProfile *self);
const char *door_idp_profile_get_sp_entity_id (const DoorIdpProfile *self);
DoorSignedPart door_idp_profile_get_signed_part (const DoorIdpProfile *self);
bool door_idp_profile_get_allow_sha1 (const DoorIdpProfile *self);
bool door_idp_profile_get_force_authn (const DoorIdpProfile *self);
GHashTable *door_idp_profile_get_request_params (const DoorIdpProfile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorIdpProfile, door_idp_profile_unref)
