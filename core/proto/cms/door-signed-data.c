/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-signed-data.h"

#include <string.h>

#include <openssl/core_names.h>

#include "door-asn1-scan.h"
#include "door-error.h"

#define MAX_CERTIFICATES 16
#define MIN_RSA_BITS 1024 /* Apple's device certificates have no more */
#define MAX_RSA_BITS 8192
/* All that is in use have 17 at most; a long one makes a verification as dear as a signature. */
#define MAX_EXPONENT_BITS 64

static const int digests[] = { NID_sha1, NID_sha256, NID_sha384, NID_sha512 };
static const int rsa_algorithms[] = {
  NID_rsaEncryption,           NID_sha1WithRSAEncryption,   NID_sha256WithRSAEncryption,
  NID_sha384WithRSAEncryption, NID_sha512WithRSAEncryption,
};
static const int ec_algorithms[] = {
  NID_X9_62_id_ecPublicKey, NID_ecdsa_with_SHA1,   NID_ecdsa_with_SHA256,
  NID_ecdsa_with_SHA384,    NID_ecdsa_with_SHA512,
};

static bool
is_one_of (int nid, const int *list, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (list[i] == nid)
      return true;
  return false;
}

/**
 * door_signed_data_free: (skip)
 * @self: (transfer full): a message
 */
void
door_signed_data_free (DoorSignedData *self)
{
  g_clear_pointer (&self->cms, CMS_ContentInfo_free);
  g_clear_pointer (&self->certificate, X509_free);
  g_clear_pointer (&self->signer, door_certificate_unref);
  g_free (self);
}

static CMS_ContentInfo *
decode (GBytes *message, size_t max_bytes)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (message, &size);
  const uint8_t *end = data;
  g_autoptr (CMS_ContentInfo) cms = NULL;

  if (size == 0 || size > max_bytes || !door_asn1_scan (data, size))
    return NULL;
  cms = d2i_CMS_ContentInfo (NULL, &end, (long) size);
  if (cms == NULL || end != data + size)
    return NULL;
  return g_steal_pointer (&cms);
}

/* Other kinds of message have none. */
static CMS_SignerInfo *
get_only_signer (CMS_ContentInfo *cms)
{
  STACK_OF (CMS_SignerInfo) *infos = CMS_get0_SignerInfos (cms);

  return sk_CMS_SignerInfo_num (infos) == 1 ? sk_CMS_SignerInfo_value (infos, 0) : NULL;
}

static X509 *
find_certificate (CMS_ContentInfo *cms, CMS_SignerInfo *info)
{
  g_autoptr (DoorX509Stack) certificates = CMS_get1_certs (cms);

  if (sk_X509_num (certificates) > MAX_CERTIFICATES)
    return NULL;
  for (int i = 0; i < sk_X509_num (certificates); i++)
    {
      X509 *certificate = sk_X509_value (certificates, i);

      if (CMS_SignerInfo_cert_cmp (info, certificate) == 0)
        {
          X509_up_ref (certificate);
          return certificate;
        }
    }
  return NULL;
}

static DoorCertificate *
convert_certificate (X509 *certificate)
{
  unsigned char *der = NULL;
  int size = i2d_X509 (certificate, &der);
  g_autoptr (GBytes) bytes = size > 0 ? g_bytes_new (der, (size_t) size) : NULL;

  OPENSSL_free (der);
  /* the caller reports it as a fault of the message */
  return bytes != NULL ? door_certificate_parse (bytes, NULL) : NULL;
}

/* Anybody may send a key, so what it can cost is bounded before it is used. */
static bool
rsa_is_usable (const EVP_PKEY *key)
{
  BIGNUM *exponent = NULL;
  bool is_short = EVP_PKEY_get_bn_param (key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 &&
                  BN_num_bits (exponent) <= MAX_EXPONENT_BITS;

  BN_free (exponent);
  return is_short && EVP_PKEY_get_bits (key) >= MIN_RSA_BITS && EVP_PKEY_get_bits (key) <= MAX_RSA_BITS;
}

/* The algorithms are the sender's choice, so it is from a closed list. */
static bool
check_algorithms (DoorSignedData *self, GError **error)
{
  EVP_PKEY *key = X509_get0_pubkey (self->certificate);
  X509_ALGOR *digest = NULL, *signature = NULL;
  int digest_nid, signature_nid, type = key != NULL ? EVP_PKEY_get_base_id (key) : EVP_PKEY_NONE;
  bool known = false;

  CMS_SignerInfo_get0_algs (self->info, NULL, NULL, &digest, &signature);
  digest_nid = OBJ_obj2nid (digest->algorithm);
  signature_nid = OBJ_obj2nid (signature->algorithm);
  if (type == EVP_PKEY_RSA)
    known = rsa_is_usable (key) && is_one_of (signature_nid, rsa_algorithms, G_N_ELEMENTS (rsa_algorithms));
  else if (type == EVP_PKEY_EC)
    known = is_one_of (signature_nid, ec_algorithms, G_N_ELEMENTS (ec_algorithms));
  if (known && is_one_of (digest_nid, digests, G_N_ELEMENTS (digests)))
    {
      self->digest = EVP_get_digestbynid (digest_nid);
      return true;
    }
  door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, self->fault,
                  "signature: digest, algorithm or key size is not accepted");
  return false;
}

/* Everything but the certificate. Gives the reason why not. */
static const char *
read_message (DoorSignedData *self, GBytes *message, size_t max_bytes)
{
  self->cms = decode (message, max_bytes);
  if (self->cms == NULL)
    return "not a SignedData, or too large";
  if (OBJ_obj2nid (CMS_get0_eContentType (self->cms)) != NID_pkcs7_data)
    return "SignedData: the content is not of type data";
  self->info = get_only_signer (self->cms);
  return self->info == NULL ? "SignedData: not exactly one signer" : NULL;
}

static DoorSignedData *
settle (DoorSignedData *self, const char *problem, GError **error)
{
  g_autoptr (DoorSignedData) owned = self;

  if (problem != NULL)
    {
      door_libcrypto_fail (error, DOOR_ERROR_INVALID_DATA, self->fault, problem);
      return NULL;
    }
  return check_algorithms (self, error) ? g_steal_pointer (&owned) : NULL;
}

/**
 * door_signed_data_parse: (skip)
 * @message: a ContentInfo in DER or BER, definite or indefinite lengths
 * @max_bytes: most bytes accepted
 * @fault: the entry of the error catalogue its errors carry
 * @error: return location for an error
 *
 * Parses a SignedData (RFC 5652, 5) whose content is data, with one signer whose certificate is inside.
 *
 * Returns: (transfer full): the message, not yet verified, or %NULL
 */
DoorSignedData *
door_signed_data_parse (GBytes *message, size_t max_bytes, DoorFault fault, GError **error)
{
  DoorSignedData *self = g_new0 (DoorSignedData, 1);
  const char *problem = read_message (self, message, max_bytes);

  self->fault = fault;
  if (problem == NULL && (self->certificate = find_certificate (self->cms, self->info)) == NULL)
    problem = "SignedData: the signer's certificate is missing";
  if (problem == NULL && (self->signer = convert_certificate (self->certificate)) == NULL)
    problem = "SignedData: the signer's certificate cannot be read";
  return settle (self, problem, error);
}

/**
 * door_signed_data_parse_of: (skip)
 * @message: a ContentInfo as door_signed_data_parse() takes it; certificates inside are not looked at
 * @certificate: the signer's, which must be the one the message names
 * @signer: the same
 * @fault: the entry of the error catalogue its errors carry
 * @error: return location for an error
 *
 * Parses a SignedData whose signer's certificate is at hand.
 *
 * Returns: (transfer full): the message, not yet verified, or %NULL
 */
DoorSignedData *
door_signed_data_parse_of (GBytes *message, X509 *certificate, DoorCertificate *signer, DoorFault fault,
                           GError **error)
{
  DoorSignedData *self = g_new0 (DoorSignedData, 1);
  const char *problem = read_message (self, message, g_bytes_get_size (message));

  self->fault = fault;
  X509_up_ref (certificate);
  self->certificate = certificate;
  self->signer = door_certificate_ref (signer);
  if (problem == NULL && CMS_SignerInfo_cert_cmp (self->info, certificate) != 0)
    problem = "SignedData: the signer's certificate is missing";
  return settle (self, problem, error);
}

/**
 * door_signed_data_get_content: (skip)
 * @self: a message
 *
 * Returns: (transfer none) (nullable): the content inside, %NULL when it is detached
 */
const ASN1_OCTET_STRING *
door_signed_data_get_content (const DoorSignedData *self)
{
  ASN1_OCTET_STRING **content = CMS_get0_content (self->cms);

  return content != NULL ? *content : NULL;
}

/**
 * door_signed_data_list_certificates: (skip)
 * @self: a message
 *
 * Returns: (transfer full) (element-type DoorCertificate): the certificates inside, the signer's first;
 *   those that cannot be read are left out
 */
GPtrArray *
door_signed_data_list_certificates (const DoorSignedData *self)
{
  g_autoptr (DoorX509Stack) certificates = CMS_get1_certs (self->cms);
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) door_certificate_unref);

  g_ptr_array_add (list, door_certificate_ref (self->signer));
  for (int i = 0; i < sk_X509_num (certificates); i++)
    {
      DoorCertificate *certificate = convert_certificate (sk_X509_value (certificates, i));

      if (certificate != NULL && !g_str_equal (door_certificate_get_sha256 (certificate),
                                               door_certificate_get_sha256 (self->signer)))
        g_ptr_array_add (list, g_steal_pointer (&certificate));
      g_clear_pointer (&certificate, door_certificate_unref);
    }
  return list;
}

/**
 * door_signed_data_get_attribute: (skip)
 * @self: a message
 * @oid: type of the attribute, dotted numbers
 * @type: universal type its value must have
 *
 * Returns: (transfer none) (nullable): the value of the signed attribute if it is there once, with one
 *   value, of this type
 */
const ASN1_STRING *
door_signed_data_get_attribute (const DoorSignedData *self, const char *oid, int type)
{
  g_autoptr (ASN1_OBJECT) object = OBJ_txt2obj (oid, 1);

  return CMS_signed_get0_data_by_OBJ (self->info, object, -3, type);
}

/* The signature is over the content itself (RFC 5652, 5.4): what Apple's devices send. */
static bool
verify_content (const DoorSignedData *self, const void *data, size_t size)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  const ASN1_OCTET_STRING *signature = CMS_SignerInfo_get0_signature (self->info);

  return EVP_DigestVerifyInit (context, NULL, self->digest, NULL, X509_get0_pubkey (self->certificate)) ==
             1 &&
         EVP_DigestVerify (context, signature->data, (size_t) signature->length, data, size) == 1;
}

/* The library checks that these attributes are there, but not what content-type says (RFC 5652, 11.1). */
static bool
content_type_fits (const DoorSignedData *self)
{
  const ASN1_OBJECT *type =
      CMS_signed_get0_data_by_OBJ (self->info, OBJ_nid2obj (NID_pkcs9_contentType), -3, V_ASN1_OBJECT);

  return type != NULL && OBJ_cmp (type, CMS_get0_eContentType (self->cms)) == 0;
}

static bool
message_digest_fits (const DoorSignedData *self, const void *data, size_t size)
{
  const ASN1_OCTET_STRING *claimed = CMS_signed_get0_data_by_OBJ (
      self->info, OBJ_nid2obj (NID_pkcs9_messageDigest), -3, V_ASN1_OCTET_STRING);
  uint8_t actual[EVP_MAX_MD_SIZE];
  unsigned int actual_size = 0;

  return claimed != NULL && EVP_Digest (data, size, actual, &actual_size, self->digest, NULL) == 1 &&
         claimed->length == (int) actual_size && memcmp (claimed->data, actual, actual_size) == 0;
}

static bool
verify_attributes (const DoorSignedData *self)
{
  CMS_SignerInfo_set1_signer_cert (self->info, self->certificate);
  return CMS_SignerInfo_verify (self->info) == 1;
}

/**
 * door_signed_data_verify: (skip)
 * @self: a message
 * @data: (array length=size): the content the signature is for
 * @size: its bytes
 * @error: return location for an error
 *
 * Verifies the signature over the content: directly, or through signed attributes that hold its type and
 * digest. The signer's certificate is taken as it is: neither its chain nor its dates are judged.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_NOT_AUTHENTICATED
 */
bool
door_signed_data_verify (const DoorSignedData *self, const void *data, size_t size, GError **error)
{
  const char *problem = NULL;

  if (CMS_signed_get_attr_count (self->info) < 0)
    problem = verify_content (self, data, size) ? NULL : "signature: does not fit the content";
  else if (!content_type_fits (self))
    problem = "signature: content-type attribute is missing or wrong";
  else if (!message_digest_fits (self, data, size))
    problem = "signature: message-digest attribute does not fit the content";
  else if (!verify_attributes (self))
    problem = "signature: does not fit the signed attributes";
  if (problem == NULL)
    return true;
  door_libcrypto_fail (error, DOOR_ERROR_NOT_AUTHENTICATED, self->fault, problem);
  return false;
}

/**
 * door_signed_data_verify_detached: (skip)
 * @self: a message
 * @content: what the signature is for
 * @error: return location for an error
 *
 * As door_signed_data_verify(), of a message without content: the signature of one that has some would say
 * nothing about @content.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA or %DOOR_ERROR_NOT_AUTHENTICATED
 */
bool
door_signed_data_verify_detached (const DoorSignedData *self, GBytes *content, GError **error)
{
  size_t size;
  const void *data = g_bytes_get_data (content, &size);

  if (door_signed_data_get_content (self) == NULL)
    return door_signed_data_verify (self, data, size, error);
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, self->fault,
                         "SignedData: has content, but should be detached");
}
