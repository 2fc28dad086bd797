/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <openssl/cms.h>
#include <openssl/pkcs7.h>

#include "cms-fixture.h"

/* How a client makes its request; scep_client_default() is one that is accepted. Names are of fixtures. */
typedef struct
{
  const char *message_type;   /* NULL: no such attribute */
  const char *transaction_id; /* likewise */
  size_t nonce_bytes;         /* 0: no such attribute; 65 at most */
  bool two_nonces;
  const char *recipient;
  const char *signer;
  const char *key;
  const char *content;
  const EVP_CIPHER *cipher;
  const EVP_MD *digest;
  bool oaep;
  bool indefinite;
  bool without_attributes;
  bool without_content;
} ScepClient;

ScepClient scep_client_default (void);
GBytes *scep_client_seal (const ScepClient *client);
PKCS7 *scep_client_seal_pkcs7 (const ScepClient *client);
GBytes *scep_client_encode_pkcs7 (PKCS7 *envelope);
GBytes *scep_client_sign (const ScepClient *client, GBytes *envelope);
GBytes *scep_client_build (const ScepClient *client);
X509 *scep_client_load_x509 (const char *name);
EVP_PKEY *scep_client_load_key (const char *name);
