/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-certificate-private.h"

#include <string.h>

#include "door-asn1-scan.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-hex.h"

#define MAX_SERIAL_BYTES 64
#define CHECK_FLAGS (GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DO_NOT_ALLOW_SAME)

struct _DoorCertificate
{
  GBytes *der;
  char *sha256;
  char *public_key_sha256;
  char *serial;
  char *subject;
  int64_t not_before_ms;
  int64_t not_after_ms;
};

static void
certificate_clear (gpointer box)
{
  DoorCertificate *self = box;

  g_clear_pointer (&self->der, g_bytes_unref);
  g_free (self->sha256);
  g_free (self->public_key_sha256);
  g_free (self->serial);
  g_free (self->subject);
}

/**
 * door_certificate_ref:
 * @self: a certificate
 *
 * Returns: (transfer full): @self
 */
DoorCertificate *
door_certificate_ref (DoorCertificate *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_certificate_unref:
 * @self: (transfer full): a certificate
 */
void
door_certificate_unref (DoorCertificate *self)
{
  g_atomic_rc_box_release_full (self, certificate_clear);
}

/* PEM is text around base64; anything else is taken for DER */
static GBytes *
unwrap_pem (GBytes *der_or_pem)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (der_or_pem, &size);
  const gnutls_datum_t pem = { (unsigned char *) data, (unsigned int) size };
  g_auto (gnutls_datum_t) der = { NULL, 0 };

  if (size > 0 && data[0] == 0x30)
    return g_bytes_ref (der_or_pem);
  if (gnutls_pem_base64_decode2 ("CERTIFICATE", &pem, &der) < 0)
    return NULL;
  return g_bytes_new (der.data, der.size);
}

static gnutls_x509_crt_t
import_der (GBytes *der)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (der, &size);
  const gnutls_datum_t datum = { (unsigned char *) data, (unsigned int) size };
  g_auto (gnutls_x509_crt_t) crt = NULL;

  if (gnutls_x509_crt_init (&crt) < 0 || gnutls_x509_crt_import (crt, &datum, GNUTLS_X509_FMT_DER) < 0)
    return NULL;
  return g_steal_pointer (&crt);
}

static char *
dup_serial (gnutls_x509_crt_t crt)
{
  uint8_t bytes[MAX_SERIAL_BYTES];
  size_t size = sizeof bytes, first = 0;

  if (gnutls_x509_crt_get_serial (crt, bytes, &size) < 0)
    size = 0;
  while (first + 1 < size && bytes[first] == 0)
    first++;
  return door_hex_encode (bytes + first, size - first);
}

/* Empty subjects are usual: Apple's SCEP client makes them when the profile names none. */
static char *
dup_subject (gnutls_x509_crt_t crt)
{
  g_auto (gnutls_datum_t) text = { NULL, 0 };

  if (gnutls_x509_crt_get_dn3 (crt, &text, 0) < 0)
    return g_strdup ("");
  return g_utf8_make_valid ((const char *) text.data, text.size);
}

/**
 * door_certificate_hash_public_key: (skip)
 * @key: a public key
 *
 * Returns: (transfer full) (nullable): SHA-256 of its SubjectPublicKeyInfo in DER, %NULL when it is of a
 *   kind that cannot be encoded
 */
char *
door_certificate_hash_public_key (gnutls_pubkey_t key)
{
  g_auto (gnutls_datum_t) der = { NULL, 0 };

  if (gnutls_pubkey_export2 (key, GNUTLS_X509_FMT_DER, &der) < 0)
    return NULL;
  return door_digest_sha256_hex (der.data, der.size);
}

static char *
hash_certificate_key (gnutls_x509_crt_t crt)
{
  g_auto (gnutls_pubkey_t) key = NULL;

  if (gnutls_pubkey_init (&key) < 0 || gnutls_pubkey_import_x509 (key, crt, 0) < 0)
    return NULL;
  return door_certificate_hash_public_key (key);
}

static DoorCertificate *
certificate_new (GBytes *der, gnutls_x509_crt_t crt)
{
  g_autoptr (DoorCertificate) self = g_atomic_rc_box_new0 (DoorCertificate);
  time_t not_before = gnutls_x509_crt_get_activation_time (crt);
  time_t not_after = gnutls_x509_crt_get_expiration_time (crt);
  size_t size;
  const uint8_t *data = g_bytes_get_data (der, &size);

  self->der = g_bytes_ref (der);
  self->public_key_sha256 = hash_certificate_key (crt);
  if (self->public_key_sha256 == NULL || not_before == (time_t) -1 || not_after == (time_t) -1)
    return NULL;
  self->sha256 = door_digest_sha256_hex (data, size);
  self->serial = dup_serial (crt);
  self->subject = dup_subject (crt);
  self->not_before_ms = (int64_t) not_before * 1000;
  self->not_after_ms = (int64_t) not_after * 1000;
  return g_steal_pointer (&self);
}

/**
 * door_certificate_parse:
 * @der_or_pem: one certificate in DER, or a text whose first CERTIFICATE block is taken; at most
 *   %DOOR_CERTIFICATE_MAX_BYTES
 * @error: return location for an error
 *
 * Parses a certificate (RFC 5280). Judges neither its dates nor its issuer. Never blocks.
 *
 * Returns: (transfer full): the certificate, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorCertificate *
door_certificate_parse (GBytes *der_or_pem, GError **error)
{
  g_autoptr (GBytes) der = NULL;
  g_auto (gnutls_x509_crt_t) crt = NULL;
  DoorCertificate *self = NULL;

  if (g_bytes_get_size (der_or_pem) <= DOOR_CERTIFICATE_MAX_BYTES)
    der = unwrap_pem (der_or_pem);
  if (der != NULL && door_asn1_scan (g_bytes_get_data (der, NULL), g_bytes_get_size (der)))
    crt = import_der (der);
  if (crt != NULL)
    self = certificate_new (der, crt);
  if (self == NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_CERTIFICATE, "not an X.509 certificate");
  return self;
}

/**
 * door_certificate_dup_gnutls: (skip)
 * @self: a certificate
 *
 * Returns: (transfer full): it as the library's object, for one thread
 */
gnutls_x509_crt_t
door_certificate_dup_gnutls (const DoorCertificate *self)
{
  return import_der (self->der);
}

/**
 * door_certificate_get_der:
 * @self: a certificate
 *
 * Returns: (transfer none): its DER
 */
GBytes *
door_certificate_get_der (const DoorCertificate *self)
{
  return self->der;
}

/**
 * door_certificate_dup_pem:
 * @self: a certificate
 *
 * Returns: (transfer full): it as a CERTIFICATE block (RFC 7468), no NUL at the end
 */
GBytes *
door_certificate_dup_pem (const DoorCertificate *self)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (self->der, &size);
  const gnutls_datum_t der = { (unsigned char *) data, (unsigned int) size };
  g_auto (gnutls_datum_t) pem = { NULL, 0 };

  if (gnutls_pem_base64_encode2 ("CERTIFICATE", &der, &pem) < 0)
    g_error ("out of memory");
  return g_bytes_new (pem.data, pem.size);
}

/**
 * door_certificate_get_sha256:
 * @self: a certificate
 *
 * Returns: (transfer none): SHA-256 of its DER, hexadecimal: what an enrollment is pinned to
 */
const char *
door_certificate_get_sha256 (const DoorCertificate *self)
{
  return self->sha256;
}

/**
 * door_certificate_get_public_key_sha256:
 * @self: a certificate
 *
 * Returns: (transfer none): SHA-256 of the DER of its SubjectPublicKeyInfo, hexadecimal
 */
const char *
door_certificate_get_public_key_sha256 (const DoorCertificate *self)
{
  return self->public_key_sha256;
}

/**
 * door_certificate_get_serial:
 * @self: a certificate
 *
 * Returns: (transfer none): the serial number, hexadecimal without leading zero bytes
 */
const char *
door_certificate_get_serial (const DoorCertificate *self)
{
  return self->serial;
}

/**
 * door_certificate_get_subject:
 * @self: a certificate
 *
 * Returns: (transfer none): the subject as text (RFC 4514) for logs and pages, may be empty
 */
const char *
door_certificate_get_subject (const DoorCertificate *self)
{
  return self->subject;
}

/**
 * door_certificate_get_not_before_ms:
 * @self: a certificate
 *
 * Returns: start of its validity, milliseconds since 1970
 */
int64_t
door_certificate_get_not_before_ms (const DoorCertificate *self)
{
  return self->not_before_ms;
}

/**
 * door_certificate_get_not_after_ms:
 * @self: a certificate
 *
 * Returns: end of its validity, milliseconds since 1970
 */
int64_t
door_certificate_get_not_after_ms (const DoorCertificate *self)
{
  return self->not_after_ms;
}

/**
 * door_certificate_is_valid_at:
 * @self: a certificate
 * @now_ms: the instant
 *
 * Returns: whether the instant lies in its validity, both ends included to the second (RFC 5280, 4.1.2.5)
 */
bool
door_certificate_is_valid_at (const DoorCertificate *self, int64_t now_ms)
{
  return now_ms >= self->not_before_ms && now_ms < self->not_after_ms + 1000;
}

/**
 * door_certificate_check_issued_by: (skip)
 * @self: a certificate
 * @issuer: who should have issued it
 * @flags: further flags of the library's verification
 * @reason: (out) (transfer none): why not
 *
 * Checks names, key identifiers, the issuer's right to issue, and the signature; no dates.
 *
 * Returns: whether @issuer issued @self
 */
bool
door_certificate_check_issued_by (const DoorCertificate *self, gnutls_x509_crt_t issuer, unsigned int flags,
                                  const char **reason)
{
  g_auto (gnutls_x509_crt_t) crt = import_der (self->der);
  unsigned int status = 0;

  if (crt == NULL || gnutls_x509_crt_verify (crt, &issuer, 1, flags | CHECK_FLAGS, &status) < 0)
    {
      *reason = "it cannot be read";
      return false;
    }
  *reason = status & GNUTLS_CERT_SIGNER_NOT_FOUND ? "the issuer's name is another"
                                                  : "the issuer's signature does not verify";
  return status == 0;
}

/**
 * door_certificate_verify_issued_by:
 * @self: a certificate
 * @issuer: who should have issued it
 * @error: return location for an error
 *
 * Verifies that @issuer is named in, may issue, and has signed @self. Dates are not judged and SHA-1 is
 * accepted: Apple's device chain has expired certificates and such signatures. Meant for an issuer that
 * is pinned by its fingerprint. Never blocks.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_NOT_AUTHENTICATED
 */
bool
door_certificate_verify_issued_by (const DoorCertificate *self, const DoorCertificate *issuer, GError **error)
{
  g_auto (gnutls_x509_crt_t) issuer_crt = import_der (issuer->der);
  const char *reason = "the issuer cannot be read";

  if (issuer_crt != NULL &&
      door_certificate_check_issued_by (self, issuer_crt, GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1, &reason))
    return true;
  door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_DEV_CERTIFICATE, "certificate: %s", reason);
  return false;
}
