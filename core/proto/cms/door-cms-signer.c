/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-cms-signer-private.h"

#include <string.h>

#include "door-certificate.h"
#include "door-secret.h"

#define MAX_CHAIN 8
#define MIN_RSA_BITS 2048

struct _DoorCmsSigner
{
  DoorX509Stack *certificates; /* the signer's first */
  EVP_PKEY *key;
  GPtrArray *chain; /* DoorCertificate, the same in the same order */
};

/**
 * door_cms_signer_free:
 * @self: (transfer full): a signer
 *
 * Frees it; the key is wiped.
 */
void
door_cms_signer_free (DoorCmsSigner *self)
{
  g_clear_pointer (&self->certificates, door_x509_stack_free);
  g_clear_pointer (&self->key, EVP_PKEY_free);
  g_clear_pointer (&self->chain, g_ptr_array_unref);
  g_free (self);
}

static bool
add_certificate (DoorCmsSigner *self, X509 *certificate)
{
  unsigned char *der = NULL;
  int size = i2d_X509 (certificate, &der);
  g_autoptr (GBytes) bytes = size > 0 ? g_bytes_new (der, (size_t) size) : g_bytes_new (NULL, 0);
  DoorCertificate *value;

  OPENSSL_free (der);
  /* the caller names the configuration as the cause */
  value = door_certificate_parse (bytes, NULL);
  if (value == NULL)
    return false;
  g_ptr_array_add (self->chain, value);
  sk_X509_push (self->certificates, X509_dup (certificate));
  return true;
}

static bool
load_chain (DoorCmsSigner *self, GBytes *pem, GError **error)
{
  g_autoptr (BIO) bio = BIO_new_mem_buf (g_bytes_get_data (pem, NULL), (int) g_bytes_get_size (pem));

  while (self->chain->len < MAX_CHAIN)
    {
      g_autoptr (X509) certificate = PEM_read_bio_X509 (bio, NULL, NULL, NULL);

      if (certificate == NULL)
        break;
      if (!add_certificate (self, certificate))
        {
          door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "a certificate cannot be read");
          return false;
        }
    }
  /* the end of the text is reported as an error too */
  ERR_clear_error ();
  if (self->chain->len == 0)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "no certificate in PEM form");
  return self->chain->len > 0;
}

/* Without it the library asks for the pass phrase on the terminal. */
static int
no_pass_phrase_cb (char *buffer, int size, int writing, void *user_data)
{
  return -1;
}

static bool
load_key (DoorCmsSigner *self, DoorSecret *pem, GError **error)
{
  size_t size;
  const uint8_t *data = door_secret_get_data (pem, &size);
  g_autoptr (BIO) bio = size <= DOOR_CMS_MAX_PEM_BYTES ? BIO_new_mem_buf (data, (int) size) : NULL;

  if (bio != NULL)
    self->key = PEM_read_bio_PrivateKey (bio, NULL, no_pass_phrase_cb, NULL);
  if (self->key == NULL)
    {
      door_libcrypto_fail (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET,
                           "the key is not an unencrypted private key in PEM form");
      return false;
    }
  if (EVP_PKEY_get_base_id (self->key) != EVP_PKEY_EC &&
      (EVP_PKEY_get_base_id (self->key) != EVP_PKEY_RSA || EVP_PKEY_get_bits (self->key) < MIN_RSA_BITS))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "the key is neither EC nor RSA of %d bits or more", MIN_RSA_BITS);
      return false;
    }
  return true;
}

/**
 * door_cms_signer_new:
 * @certificate_chain_pem: CERTIFICATE blocks, the signer's first, then those above it
 * @key_pem: the signer's private key, RSA of 2048 bits or more or EC, unencrypted
 * @error: return location for an error
 *
 * Loads what signs configuration profiles. Never blocks.
 *
 * Returns: (transfer full): the signer, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorCmsSigner *
door_cms_signer_new (GBytes *certificate_chain_pem, DoorSecret *key_pem, GError **error)
{
  g_autoptr (DoorCmsSigner) self = g_new0 (DoorCmsSigner, 1);

  self->certificates = sk_X509_new_null ();
  self->chain = g_ptr_array_new_with_free_func ((GDestroyNotify) door_certificate_unref);
  if (g_bytes_get_size (certificate_chain_pem) > DOOR_CMS_MAX_PEM_BYTES)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "the certificates are too large");
      return NULL;
    }
  if (!load_chain (self, certificate_chain_pem, error) || !load_key (self, key_pem, error))
    return NULL;
  if (X509_check_private_key (sk_X509_value (self->certificates, 0), self->key) != 1)
    {
      door_libcrypto_fail (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "the key does not belong to the first certificate");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * door_cms_signer_get_chain:
 * @self: a signer
 *
 * Returns: (transfer none) (element-type DoorCertificate): its certificate, then those above it; not to be
 *   changed
 */
GPtrArray *
door_cms_signer_get_chain (const DoorCmsSigner *self)
{
  return self->chain;
}

/**
 * door_cms_signer_get_x509: (skip)
 * @self: a signer
 *
 * Returns: (transfer none): its certificate
 */
X509 *
door_cms_signer_get_x509 (const DoorCmsSigner *self)
{
  return sk_X509_value (self->certificates, 0);
}

/**
 * door_cms_signer_get_key: (skip)
 * @self: a signer
 *
 * Returns: (transfer none): its private key
 */
EVP_PKEY *
door_cms_signer_get_key (const DoorCmsSigner *self)
{
  return self->key;
}

static bool
add_attribute (CMS_SignerInfo *info, const DoorCmsAttribute *attribute)
{
  g_autoptr (ASN1_OBJECT) oid = OBJ_txt2obj (attribute->oid, 1);

  return oid != NULL && CMS_signed_add1_attr_by_OBJ (info, oid, attribute->type, attribute->data,
                                                     (int) attribute->size) == 1;
}

/* The library would take the time of the clock. */
static bool
add_attributes (CMS_SignerInfo *info, const DoorCmsSignOptions *options)
{
  g_autoptr (ASN1_STRING) now = ASN1_TIME_set (NULL, (time_t) (options->now_ms / 1000));

  if (now == NULL || CMS_signed_add1_attr_by_NID (info, NID_pkcs9_signingTime, now->type, now, -1) != 1)
    return false;
  for (size_t i = 0; i < options->n_attributes; i++)
    if (!add_attribute (info, &options->attributes[i]))
      return false;
  return true;
}

static bool
add_chain (const DoorCmsSigner *self, CMS_ContentInfo *cms)
{
  for (int i = 1; i < sk_X509_num (self->certificates); i++)
    if (CMS_add1_cert (cms, sk_X509_value (self->certificates, i)) != 1)
      return false;
  return true;
}

static GBytes *
encode (const CMS_ContentInfo *cms)
{
  unsigned char *der = NULL;
  int size = i2d_CMS_ContentInfo (cms, &der);
  GBytes *bytes = size > 0 ? g_bytes_new (der, (size_t) size) : NULL;

  OPENSSL_free (der);
  return bytes;
}

/**
 * door_cms_signer_build: (skip)
 * @self: a signer
 * @data: (array length=size): the content
 * @size: its bytes
 * @options: how
 * @error: return location for an error
 *
 * Builds a SignedData (RFC 5652, 5) with signed attributes, the signer's certificate and its chain, in DER.
 *
 * Returns: (transfer full): the message, or %NULL with %DOOR_ERROR_FAILED
 */
GBytes *
door_cms_signer_build (const DoorCmsSigner *self, const void *data, size_t size,
                       const DoorCmsSignOptions *options, GError **error)
{
  const unsigned int flags =
      CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP | (options->detached ? CMS_DETACHED : 0);
  g_autoptr (CMS_ContentInfo) cms = CMS_sign (NULL, NULL, NULL, NULL, flags);
  g_autoptr (BIO) content = size <= INT_MAX ? BIO_new_mem_buf (size > 0 ? data : "", (int) size) : NULL;
  CMS_SignerInfo *info = NULL;
  GBytes *bytes = NULL;

  if (cms != NULL && content != NULL)
    info = CMS_add1_signer (cms, door_cms_signer_get_x509 (self), self->key, options->digest, flags);
  if (info != NULL && add_attributes (info, options) && add_chain (self, cms) &&
      CMS_final (cms, content, NULL, flags) == 1)
    bytes = encode (cms);
  if (bytes == NULL)
    door_libcrypto_fail (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "cannot sign");
  return bytes;
}

/**
 * door_cms_sign:
 * @signer: a signer
 * @content: what to sign
 * @now_ms: the signing time
 * @error: return location for an error
 *
 * Builds a SignedData (RFC 5652) with the content inside, SHA-256, in DER: the form of a signed
 * configuration profile. Costs a private key operation; never blocks.
 *
 * Returns: (transfer full): the message, or %NULL with %DOOR_ERROR_FAILED
 */
GBytes *
door_cms_sign (const DoorCmsSigner *signer, GBytes *content, int64_t now_ms, GError **error)
{
  const DoorCmsSignOptions options = { .digest = EVP_sha256 (), .now_ms = now_ms };
  size_t size;
  const void *data = g_bytes_get_data (content, &size);

  return door_cms_signer_build (signer, data, size, &options, error);
}

/**
 * door_cms_build_certificates: (skip)
 * @certificates: what to carry
 * @error: return location for an error
 *
 * Builds a SignedData without content or signers (RFC 5652, 5.1), the usual wrapping of certificates.
 *
 * Returns: (transfer full): the message, or %NULL with %DOOR_ERROR_FAILED
 */
GBytes *
door_cms_build_certificates (DoorX509Stack *certificates, GError **error)
{
  g_autoptr (CMS_ContentInfo) cms = CMS_sign (NULL, NULL, certificates, NULL, CMS_PARTIAL | CMS_DETACHED);
  GBytes *bytes = cms != NULL ? encode (cms) : NULL;

  if (bytes == NULL)
    door_libcrypto_fail (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "cannot wrap certificates");
  return bytes;
}
