/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-idp.h"

/**
 * DoorIdpOidcKind:
 * @preset: what an administrator is shown
 * @claims: what the keys UserName=, Email= … fall back to
 * @derive_profile: (nullable): reads and checks the keys of the kind and adds what follows from them, the
 * issuer above all; false with %DOOR_ERROR_CONFIG naming the key
 * @check_identity: (nullable): pure; decides about an identity made from verified claims and may correct it;
 *   false with %DOOR_ERROR_NOT_ALLOWED
 * @offline_params: (nullable) (array zero-terminated=1): names and values, in turns, of what the provider
 * needs in a request to give a refresh token, beside the scope or instead of it
 *
 * What differs when a provider is spoken with by OpenID Connect.
 */
typedef struct
{
  DoorIdpPreset preset;
  DoorClaimDefaults claims;
  bool (*derive_profile) (const DoorSettings *settings, DoorIdpProfile *profile, GError **error);
  bool (*check_identity) (const DoorSettings *settings, const DoorClaims *claims, DoorIdentity *identity,
                          GError **error);
  const char *const *offline_params;
} DoorIdpOidcKind;

/**
 * DoorIdpKind:
 * @type_name: name of the class, "DoorExampleIdp"
 * @preset: what an administrator is shown
 * @claims: what the keys UserName=, Email= … fall back to
 * @metadata_template: (nullable): address of the metadata, with keys of this kind in it:
 * "{Url}/app/{AppId}/metadata". A key that begins it is an address, the others are single names. It counts
 * when one of its keys is set; then all of them are needed that have no default. For addresses that need more
 * than this there is @derive_profile
 * @derive_profile: (nullable): reads and checks the keys of this kind and adds what follows from them to the
 *   profile; it can only tighten it; false with %DOOR_ERROR_CONFIG naming the key
 * @check_identity: (nullable): pure; decides about an identity made from verified claims and may correct it;
 *   false with %DOOR_ERROR_NOT_ALLOWED
 * @oidc: (nullable): the same for OpenID Connect, while the other members are for SAML; %NULL: it speaks SAML
 *   only. A @preset without a title says that it speaks OpenID Connect only
 * @dup_access: (nullable): how the provider's own API is asked; returns %NULL when the keys for it are not
 * set
 * @fetch_groups: (nullable): asks for all groups of a person; needed with @dup_access. Either protocol
 *
 * An identity provider that differs from others in data and in at most two decisions. An implementation of
 * #DoorIdp is made of it by door_idp_kind_ensure_type(). Constant for the life of the process.
 */
typedef struct
{
  const char *type_name;
  DoorIdpPreset preset;
  DoorClaimDefaults claims;
  const char *metadata_template;
  bool (*derive_profile) (const DoorSettings *settings, DoorIdpProfile *profile, GError **error);
  bool (*check_identity) (const DoorSettings *settings, const DoorClaims *claims, DoorIdentity *identity,
                          GError **error);
  const DoorIdpOidcKind *oidc;
  DoorFetcherAccess *(*dup_access) (const DoorSettings *settings);
  char **(*fetch_groups) (const DoorSettings *settings, const DoorIdentity *identity, DoorFetcher *fetcher,
                          GCancellable *cancellable, GError **error);
} DoorIdpKind;

GType door_idp_kind_ensure_type (const DoorIdpKind *kind);
const DoorIdpPreset *door_idp_kind_lookup_preset (DoorIdp *idp, DoorProtocol protocol);
