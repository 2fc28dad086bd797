/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "door-saml-sp-key.h"
#include "saml-fixture.h"

#define XMLENC "http://www.w3.org/2001/04/xmlenc#"
#define XMLENC11 "http://www.w3.org/2009/xmlenc11#"

/* How an assertion is encrypted; what is %NULL or 0 is as usual. */
typedef struct
{
  const char *cipher;      /* uri; NULL is aes256-gcm */
  const char *wrap;        /* uri; NULL is rsa-oaep-mgf1p */
  const char *digest;      /* uri of a DigestMethod */
  const char *mgf;         /* uri of an MGF */
  const char *extra;       /* elements in the EncryptionMethod of the key */
  const char *certificate; /* PEM, instead of @key */
  const char *key;         /* file under keys/; NULL is "rsa-other" */
  const char *attributes;  /* of EncryptedKey */
  bool beside;             /* EncryptedKey behind EncryptedData */
  bool twice;              /* EncryptedKey three times */
  int spoil_key;           /* which byte of the wrapped key is changed, from 1 */
  int spoil_data;          /* which byte of the cipher text is changed, from 1; from the end when negative */
  size_t key_bytes;        /* of the content key that is wrapped */
  int padding;             /* last byte of the clear text in CBC */
} Encrypt;

char *fixture_encrypt (const char *plain, const Encrypt *how);
guchar *fixture_ecdsa_numbers (const guchar *der, gsize size, gsize half);
char *fixture_sign_octets (const char *key, const char *octets);
DoorSamlSpKey *fixture_sp_key (const char *name);
GPtrArray *fixture_sp_keys (const char *const *names);
