/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <openssl/evp.h>

#include "door-saml-metadata.h"

/* One public key of the identity provider; internal to this folder. */
typedef struct
{
  DoorSamlKeyInfo info;
  EVP_PKEY *pkey;
} DoorSamlKey;

bool door_saml_keys_add_certificate (GPtrArray *keys, const void *der, size_t size, GError **error);
bool door_saml_keys_add_certificates (GPtrArray *keys, GBytes *file, GError **error);
bool door_saml_keys_add_public_key (GPtrArray *keys, GBytes *file, GError **error);
void door_saml_keys_keep (GPtrArray *keys, const GPtrArray *before);
void door_saml_key_free (DoorSamlKey *self);
const GPtrArray *door_saml_metadata_get_keys (const DoorSamlMetadata *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSamlKey, door_saml_key_free)
