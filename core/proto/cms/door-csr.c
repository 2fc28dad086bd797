/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-csr-private.h"

#include <string.h>

#include "door-asn1-scan.h"
#include "door-certificate-private.h"
#include "door-error.h"
#include "door-libcrypto.h"
#include "door-secret.h"

#define MIN_RSA_BITS 2048
#define MAX_RSA_BITS 8192
#define MAX_EXPONENT_BYTES 8    /* a long one makes a verification as dear as a signature */
#define MAX_CHALLENGE_BYTES 255 /* ub-pkcs-9-string (RFC 2985) */
#define OID_CHALLENGE_PASSWORD "1.2.840.113549.1.9.7"

struct _DoorCsr
{
  gnutls_pubkey_t key;
  char *public_key_sha256;
  DoorSecret *challenge; /* nullable */
};

/**
 * door_csr_free:
 * @self: (transfer full): a request
 *
 * Frees it; the challenge is wiped.
 */
void
door_csr_free (DoorCsr *self)
{
  g_clear_pointer (&self->key, gnutls_pubkey_deinit);
  g_clear_pointer (&self->challenge, door_secret_unref);
  g_free (self->public_key_sha256);
  g_free (self);
}

static bool
rsa_is_usable (gnutls_pubkey_t key, unsigned int bits)
{
  g_auto (gnutls_datum_t) modulus = { NULL, 0 }, exponent = { NULL, 0 };

  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS)
    return false;
  if (gnutls_pubkey_export_rsa_raw2 (key, &modulus, &exponent, GNUTLS_EXPORT_FLAG_NO_LZ) < 0)
    return false;
  /* with the exponent 1 anybody signs; an even one is no RSA key */
  return exponent.size > 0 && (exponent.data[exponent.size - 1] & 1) == 1 &&
         (exponent.size > 1 || exponent.data[0] > 1);
}

static bool
key_is_usable (gnutls_pubkey_t key)
{
  unsigned int bits = 0;
  int algorithm = gnutls_pubkey_get_pk_algorithm (key, &bits);
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;

  if (algorithm == GNUTLS_PK_RSA)
    return rsa_is_usable (key, bits);
  if (algorithm != GNUTLS_PK_ECDSA || gnutls_pubkey_export_ecc_raw2 (key, &curve, NULL, NULL, 0) < 0)
    return false;
  return curve == GNUTLS_ECC_CURVE_SECP256R1 || curve == GNUTLS_ECC_CURVE_SECP384R1;
}

/* Not with gnutls_x509_crq_get_challenge_password(), which puts a backslash before each "+" and ",". */
static DoorSecret *
decode_text (const uint8_t *der, size_t size)
{
  const uint8_t *end = der;
  g_autoptr (ASN1_STRING) string = d2i_ASN1_PRINTABLE (NULL, &end, (long) size);
  unsigned char *text = NULL;
  int length = string != NULL && end == der + size ? ASN1_STRING_to_UTF8 (&text, string) : -1;
  DoorSecret *secret = NULL;

  if (length >= 0 && length <= MAX_CHALLENGE_BYTES && memchr (text, '\0', (size_t) length) == NULL &&
      g_utf8_validate ((const char *) text, length, NULL))
    secret = door_secret_new (text, (size_t) length);
  if (length >= 0)
    OPENSSL_clear_free (text, (size_t) length);
  ERR_clear_error ();
  return secret;
}

/* A password that cannot be read counts as a fault, not as absent. */
static bool
read_challenge (DoorCsr *self, gnutls_x509_crq_t crq)
{
  uint8_t der[4 * MAX_CHALLENGE_BYTES];
  size_t size = sizeof der;
  int rc = gnutls_x509_crq_get_attribute_by_oid (crq, OID_CHALLENGE_PASSWORD, 0, der, &size);

  if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
    return true;
  if (rc < 0)
    return false;
  self->challenge = decode_text (der, size);
  explicit_bzero (der, sizeof der);
  return self->challenge != NULL;
}

static gnutls_x509_crq_t
import_der (const uint8_t *data, size_t size)
{
  const gnutls_datum_t datum = { (unsigned char *) data, (unsigned int) size };
  g_auto (gnutls_x509_crq_t) crq = NULL;

  if (size > DOOR_CSR_MAX_BYTES || !door_asn1_scan (data, size))
    return NULL;
  if (gnutls_x509_crq_init (&crq) < 0 || gnutls_x509_crq_import (crq, &datum, GNUTLS_X509_FMT_DER) < 0)
    return NULL;
  return g_steal_pointer (&crq);
}

/* Anybody may send a key, so what it can cost is bounded before it is used. */
static bool
exponent_is_short (gnutls_pubkey_t key)
{
  g_auto (gnutls_datum_t) modulus = { NULL, 0 }, exponent = { NULL, 0 };

  if (gnutls_pubkey_get_pk_algorithm (key, NULL) != GNUTLS_PK_RSA)
    return true;
  return gnutls_pubkey_export_rsa_raw2 (key, &modulus, &exponent, GNUTLS_EXPORT_FLAG_NO_LZ) >= 0 &&
         exponent.size <= MAX_EXPONENT_BYTES;
}

static bool
read_key (DoorCsr *self, gnutls_x509_crq_t crq)
{
  if (gnutls_pubkey_init (&self->key) < 0 || gnutls_pubkey_import_x509_crq (self->key, crq, 0) < 0 ||
      !exponent_is_short (self->key))
    return false;
  self->public_key_sha256 = door_certificate_hash_public_key (self->key);
  return self->public_key_sha256 != NULL;
}

/**
 * door_csr_parse_data: (skip)
 * @der: (array length=size): bytes
 * @size: their number
 * @error: return location for an error
 *
 * As door_csr_parse(), for bytes that are kept in wiped memory.
 *
 * Returns: (transfer full): the request, or %NULL
 */
DoorCsr *
door_csr_parse_data (const uint8_t *der, size_t size, GError **error)
{
  g_autoptr (DoorCsr) self = g_new0 (DoorCsr, 1);
  g_auto (gnutls_x509_crq_t) crq = import_der (der, size);

  /* SHA-1 is enough to show that the sender has the key; older clients know no better */
  if (crq == NULL || !read_key (self, crq) ||
      gnutls_x509_crq_verify (crq, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1) < 0 || !read_challenge (self, crq))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE,
                      "not a certificate request signed by its own key");
      return NULL;
    }
  if (!key_is_usable (self->key))
    {
      door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_ALGORITHM,
                      "the key of the request is not RSA of %d to %d bits, P-256 or P-384", MIN_RSA_BITS,
                      MAX_RSA_BITS);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * door_csr_parse:
 * @der: the request in DER, at most %DOOR_CSR_MAX_BYTES
 * @error: return location for an error
 *
 * Parses a certificate request (RFC 2986) and verifies its signature. Names and extensions it asks for are
 * not read: the issuer decides them. Never blocks.
 *
 * Returns: (transfer full): the request, or %NULL with %DOOR_ERROR_INVALID_DATA, or with
 *   %DOOR_ERROR_NOT_ALLOWED when the key is of the wrong kind or size
 */
DoorCsr *
door_csr_parse (GBytes *der, GError **error)
{
  return door_csr_parse_data (g_bytes_get_data (der, NULL), g_bytes_get_size (der), error);
}

/**
 * door_csr_get_public_key_sha256:
 * @self: a request
 *
 * Returns: (transfer none): SHA-256 of the DER of its SubjectPublicKeyInfo, hexadecimal
 */
const char *
door_csr_get_public_key_sha256 (const DoorCsr *self)
{
  return self->public_key_sha256;
}

/**
 * door_csr_get_challenge:
 * @self: a request
 *
 * Returns: (transfer none) (nullable): the challenge password (RFC 2985, 5.4.1), a secret; %NULL when the
 *   request has none
 */
const char *
door_csr_get_challenge (const DoorCsr *self)
{
  return self->challenge != NULL ? door_secret_get_text (self->challenge) : NULL;
}

/**
 * door_csr_get_public_key: (skip)
 * @self: a request
 *
 * Returns: (transfer none): its key, only to be read
 */
gnutls_pubkey_t
door_csr_get_public_key (const DoorCsr *self)
{
  return self->key;
}
