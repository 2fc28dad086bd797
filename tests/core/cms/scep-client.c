/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scep-client.h"

#include <string.h>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#define OID "2.16.840.1.113733.1.9."

static const uint8_t nonce[65] = "0123456789abcdef";

ScepClient
scep_client_default (void)
{
  return (ScepClient){
    .message_type = "19",
    .transaction_id = "C195B5B30AA23BF7",
    .nonce_bytes = 16,
    .recipient = "ca.pem",
    .signer = "rsa-2048.pem",
    .key = "rsa-2048.key",
    .content = "csr-challenge-PRINTABLE.der",
    .cipher = EVP_aes_256_cbc (),
    .digest = EVP_sha256 (),
  };
}

static BIO *
open_fixture (const char *name)
{
  g_autoptr (GBytes) bytes = fixture_load (name);
  BIO *bio = BIO_new (BIO_s_mem ());

  BIO_write (bio, g_bytes_get_data (bytes, NULL), (int) g_bytes_get_size (bytes));
  return bio;
}

X509 *
scep_client_load_x509 (const char *name)
{
  BIO *bio = open_fixture (name);
  X509 *certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);

  g_assert_nonnull (certificate);
  BIO_free (bio);
  return certificate;
}

EVP_PKEY *
scep_client_load_key (const char *name)
{
  BIO *bio = open_fixture (name);
  EVP_PKEY *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);

  g_assert_nonnull (key);
  BIO_free (bio);
  return key;
}

static GBytes *
take_der (unsigned char *der, int size)
{
  GBytes *bytes;

  g_assert_cmpint (size, >, 0);
  bytes = g_bytes_new (der, (size_t) size);
  OPENSSL_free (der);
  return bytes;
}

/* The content of the fixture, encrypted to the recipient. */
GBytes *
scep_client_seal (const ScepClient *client)
{
  X509 *recipient = scep_client_load_x509 (client->recipient);
  BIO *content = open_fixture (client->content);
  CMS_ContentInfo *cms = CMS_encrypt (NULL, NULL, client->cipher, CMS_PARTIAL | CMS_BINARY);
  CMS_RecipientInfo *info = CMS_add1_recipient_cert (cms, recipient, client->oaep ? CMS_KEY_PARAM : 0);
  unsigned char *der = NULL;
  int size;

  if (client->oaep)
    EVP_PKEY_CTX_set_rsa_padding (CMS_RecipientInfo_get0_pkey_ctx (info), RSA_PKCS1_OAEP_PADDING);
  g_assert_cmpint (CMS_final (cms, content, NULL, CMS_BINARY), ==, 1);
  size = i2d_CMS_ContentInfo (cms, &der);
  CMS_ContentInfo_free (cms);
  BIO_free (content);
  X509_free (recipient);
  return take_der (der, size);
}

/* The same as a structure whose every field can be changed. */
PKCS7 *
scep_client_seal_pkcs7 (const ScepClient *client)
{
  g_autoptr (GBytes) sealed = scep_client_seal (client);
  const uint8_t *data = g_bytes_get_data (sealed, NULL);
  PKCS7 *envelope = d2i_PKCS7 (NULL, &data, (long) g_bytes_get_size (sealed));

  g_assert_nonnull (envelope);
  return envelope;
}

GBytes *
scep_client_encode_pkcs7 (PKCS7 *envelope)
{
  unsigned char *der = NULL;
  int size = i2d_PKCS7 (envelope, &der);

  return take_der (der, size);
}

static void
add_attribute (CMS_SignerInfo *info, const char *oid, int type, const void *data, size_t size)
{
  g_assert_cmpint (CMS_signed_add1_attr_by_txt (info, oid, type, data, (int) size), ==, 1);
}

static void
add_attributes (CMS_SignerInfo *info, const ScepClient *client)
{
  if (client->message_type != NULL)
    add_attribute (info, OID "2", V_ASN1_PRINTABLESTRING, client->message_type,
                   strlen (client->message_type));
  if (client->transaction_id != NULL)
    add_attribute (info, OID "7", V_ASN1_PRINTABLESTRING, client->transaction_id,
                   strlen (client->transaction_id));
  if (client->nonce_bytes > 0)
    add_attribute (info, OID "5", V_ASN1_OCTET_STRING, nonce, client->nonce_bytes);
  if (client->two_nonces)
    add_attribute (info, OID "5", V_ASN1_OCTET_STRING, nonce, client->nonce_bytes);
}

/* Puts the signed outer part around an envelope. */
GBytes *
scep_client_sign (const ScepClient *client, GBytes *envelope)
{
  const unsigned int flags =
      CMS_PARTIAL | CMS_BINARY | CMS_NOSMIMECAP | (client->indefinite ? CMS_STREAM : 0) |
      (client->without_attributes ? CMS_NOATTR : 0) | (client->without_content ? CMS_DETACHED : 0);
  X509 *signer = scep_client_load_x509 (client->signer);
  EVP_PKEY *key = scep_client_load_key (client->key);
  CMS_ContentInfo *cms = CMS_sign (NULL, NULL, NULL, NULL, flags);
  CMS_SignerInfo *info = CMS_add1_signer (cms, signer, key, client->digest, flags);
  BIO *content = BIO_new_mem_buf (g_bytes_get_size (envelope) > 0 ? g_bytes_get_data (envelope, NULL) : "",
                                  (int) g_bytes_get_size (envelope));
  BIO *out = BIO_new (BIO_s_mem ());
  char *data;
  long size;
  GBytes *message;

  if (!client->without_attributes)
    add_attributes (info, client);
  if (!client->indefinite)
    g_assert_cmpint (CMS_final (cms, content, NULL, flags), ==, 1);
  g_assert_cmpint (i2d_CMS_bio_stream (out, cms, content, (int) flags), ==, 1);
  size = BIO_get_mem_data (out, &data);
  message = g_bytes_new (data, (size_t) size);
  BIO_free (out);
  BIO_free (content);
  CMS_ContentInfo_free (cms);
  EVP_PKEY_free (key);
  X509_free (signer);
  return message;
}

GBytes *
scep_client_build (const ScepClient *client)
{
  g_autoptr (GBytes) envelope = scep_client_seal (client);

  return scep_client_sign (client, envelope);
}
