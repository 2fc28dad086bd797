/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "door-saml-signer.h"

#define DOOR_SAML_METADATA_MAX_BYTES (1024 * 1024)

typedef struct _DoorSamlMetadata DoorSamlMetadata;

/**
 * DoorSamlKeyInfo:
 * @sha256: SHA-256 of the DER certificate, lower-case hexadecimal
 * @not_after_ms: end of the certificate, milliseconds since 1970, UTC; a warning at most, never enforced
 * @type: "RSA" or "EC"
 * @bits: size of the key
 *
 * What an administrator wants to know of a signing key.
 */
typedef struct
{
  const char *sha256;
  int64_t not_after_ms;
  const char *type;
  unsigned int bits;
} DoorSamlKeyInfo;

DoorSamlMetadata *door_saml_metadata_parse (GBytes *xml, const char *entity_id, bool allow_http,
                                            GError **error);
DoorSamlMetadata *door_saml_metadata_parse_signed (GBytes *xml, const char *entity_id, bool allow_http,
                                                   const DoorSamlSigner *signer, GError **error);
void door_saml_metadata_keep_keys (DoorSamlMetadata *self, const DoorSamlMetadata *before);
DoorSamlMetadata *door_saml_metadata_new_static (const char *entity_id, const char *sso_url,
                                                 GPtrArray *certificates, bool allow_http, GError **error);
DoorSamlMetadata *door_saml_metadata_ref (DoorSamlMetadata *self);
void door_saml_metadata_unref (DoorSamlMetadata *self);
const char *door_saml_metadata_get_entity_id (const DoorSamlMetadata *self);
const char *door_saml_metadata_get_sso_redirect_url (const DoorSamlMetadata *self);
const char *door_saml_metadata_get_sso_post_url (const DoorSamlMetadata *self);
const char *door_saml_metadata_get_logout_url (const DoorSamlMetadata *self, bool post, bool answer);
const char *door_saml_metadata_lookup_resolver_url (const DoorSamlMetadata *self, unsigned int index);
bool door_saml_metadata_resolves_artifacts (const DoorSamlMetadata *self);
bool door_saml_metadata_wants_signed_requests (const DoorSamlMetadata *self);
int64_t door_saml_metadata_get_valid_until_ms (const DoorSamlMetadata *self);
int64_t door_saml_metadata_get_cache_duration_s (const DoorSamlMetadata *self);
GPtrArray *door_saml_metadata_list_keys (const DoorSamlMetadata *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSamlMetadata, door_saml_metadata_unref)
