/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <openssl/evp.h>

typedef enum
{
  IDP_KEY_RSA,
  IDP_KEY_ECDSA,
} IdpKeyType;

typedef struct IdpKey IdpKey;

IdpKey *idp_key_new (IdpKeyType type, GError **error);
IdpKey *idp_key_load_or_create (const char *state_dir, IdpKeyType type, GError **error);
void idp_key_free (IdpKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IdpKey, idp_key_free)

IdpKeyType idp_key_get_key_type (const IdpKey *key);
const char *idp_key_get_private_pem (const IdpKey *key);
const char *idp_key_get_certificate_pem (const IdpKey *key);
char *idp_key_dup_certificate_base64 (const IdpKey *key);
GBytes *idp_key_get_certificate_der (const IdpKey *key);
GBytes *idp_key_sign_sha256 (const IdpKey *key, const void *data, size_t size, GError **error);
char *idp_random_hex (size_t n_bytes);
