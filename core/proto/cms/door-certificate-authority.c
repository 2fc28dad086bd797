/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-certificate-authority-private.h"

#include <string.h>

#include "door-certificate-private.h"
#include "door-csr-private.h"
#include "door-error.h"
#include "door-secret.h"

/* The key signs for ten years or so; 2048 bits are not advised beyond 2030 (NIST SP 800-57). */
#define GENERATED_RSA_BITS 3072
#define MAX_NAME_BYTES 64 /* ub-common-name and ub-organization-name (RFC 5280, A.1) */
#define KEY_ID_BYTES 64
/* With signing of certificates alone, macOS does not find what to encrypt its SCEP requests to. */
#define CA_KEY_USAGE                                                                                         \
  (GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN | GNUTLS_KEY_DIGITAL_SIGNATURE |                           \
   GNUTLS_KEY_KEY_ENCIPHERMENT)
#define NEEDED_KEY_USAGE                                                                                     \
  (GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_ENCIPHERMENT)

struct _DoorCertificateAuthority
{
  gnutls_x509_crt_t crt;
  gnutls_x509_privkey_t key;
  DoorSecret *key_pem;
  DoorCertificate *certificate;
  DoorCmsSigner *signer; /* the same key, for what only libcrypto does: SCEP messages */
};

static void
authority_clear (gpointer box)
{
  DoorCertificateAuthority *self = box;

  g_clear_pointer (&self->crt, gnutls_x509_crt_deinit);
  g_clear_pointer (&self->key, gnutls_x509_privkey_deinit);
  g_clear_pointer (&self->key_pem, door_secret_unref);
  g_clear_pointer (&self->certificate, door_certificate_unref);
  g_clear_pointer (&self->signer, door_cms_signer_free);
}

/**
 * door_certificate_authority_ref:
 * @self: an authority
 *
 * Returns: (transfer full): @self
 */
DoorCertificateAuthority *
door_certificate_authority_ref (DoorCertificateAuthority *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_certificate_authority_unref:
 * @self: (transfer full): an authority
 *
 * Drops a reference; the key is wiped with the last one.
 */
void
door_certificate_authority_unref (DoorCertificateAuthority *self)
{
  g_atomic_rc_box_release_full (self, authority_clear);
}

static bool
name_is_usable (const char *name)
{
  return name != NULL && name[0] != '\0' && strlen (name) <= MAX_NAME_BYTES &&
         g_utf8_validate (name, -1, NULL);
}

static bool
set_name (gnutls_x509_crt_t crt, const char *oid, const char *name)
{
  return gnutls_x509_crt_set_dn_by_oid (crt, oid, 0, name, (unsigned int) strlen (name)) >= 0;
}

static bool
set_serial (gnutls_x509_crt_t crt, const uint8_t *random)
{
  uint8_t serial[DOOR_SERIAL_BYTES];

  /* always positive and always as long, so its DER and its hexadecimal form are as well */
  memcpy (serial, random, sizeof serial);
  serial[0] = (uint8_t) ((serial[0] & 0x3f) | 0x40);
  return gnutls_x509_crt_set_serial (crt, serial, sizeof serial) >= 0;
}

static bool
set_validity (gnutls_x509_crt_t crt, int64_t not_before_ms, int64_t not_after_ms)
{
  return gnutls_x509_crt_set_activation_time (crt, (time_t) (not_before_ms / 1000)) >= 0 &&
         gnutls_x509_crt_set_expiration_time (crt, (time_t) (not_after_ms / 1000)) >= 0;
}

static bool
set_subject_key_id (gnutls_x509_crt_t crt)
{
  uint8_t id[KEY_ID_BYTES];
  size_t size = sizeof id;

  return gnutls_x509_crt_get_key_id (crt, 0, id, &size) >= 0 &&
         gnutls_x509_crt_set_subject_key_id (crt, id, size) >= 0;
}

static bool
fill_own_certificate (DoorCertificateAuthority *self, const char *organization, int64_t now_ms,
                      int64_t lifetime_s)
{
  uint8_t serial[DOOR_SERIAL_BYTES];

  return gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial) >= 0 &&
         gnutls_x509_crt_set_version (self->crt, 3) >= 0 && set_serial (self->crt, serial) &&
         gnutls_x509_crt_set_key (self->crt, self->key) >= 0 &&
         set_name (self->crt, GNUTLS_OID_X520_ORGANIZATION_NAME, organization) &&
         set_name (self->crt, GNUTLS_OID_X520_COMMON_NAME, "Device Identity CA") &&
         set_validity (self->crt, now_ms, now_ms + lifetime_s * 1000) &&
         gnutls_x509_crt_set_basic_constraints (self->crt, 1, 0) >= 0 &&
         gnutls_x509_crt_set_key_usage (self->crt, CA_KEY_USAGE) >= 0 && set_subject_key_id (self->crt) &&
         gnutls_x509_crt_sign2 (self->crt, self->crt, self->key, GNUTLS_DIG_SHA256, 0) >= 0;
}

static DoorCertificate *
export_certificate (gnutls_x509_crt_t crt, GError **error)
{
  g_auto (gnutls_datum_t) der = { NULL, 0 };
  g_autoptr (GBytes) bytes = NULL;

  if (gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_DER, &der) < 0)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "certificate cannot be encoded");
      return NULL;
    }
  bytes = g_bytes_new (der.data, der.size);
  return door_certificate_parse (bytes, error);
}

static DoorSecret *
export_key (gnutls_x509_privkey_t key)
{
  g_auto (gnutls_datum_t) pem = { NULL, 0 };

  if (gnutls_x509_privkey_export2_pkcs8 (key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem) < 0)
    return NULL;
  return door_secret_new (pem.data, pem.size);
}

/**
 * door_certificate_authority_generate:
 * @organization: the organization its name carries, 1 to 64 bytes of UTF-8
 * @now_ms: start of its validity
 * @lifetime_s: length of its validity
 * @error: return location for an error
 *
 * Makes an RSA key and a self-signed certificate for it. Takes up to some seconds of CPU; waits for
 * nothing.
 *
 * Returns: (transfer full): the authority, or %NULL with %DOOR_ERROR_CONFIG or %DOOR_ERROR_FAILED
 */
DoorCertificateAuthority *
door_certificate_authority_generate (const char *organization, int64_t now_ms, int64_t lifetime_s,
                                     GError **error)
{
  g_autoptr (DoorCertificateAuthority) made = g_atomic_rc_box_new0 (DoorCertificateAuthority);
  g_autoptr (GBytes) pem = NULL;

  if (!name_is_usable (organization) || lifetime_s <= 0)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "the organization's name must have 1 to %d bytes", MAX_NAME_BYTES);
      return NULL;
    }
  if (gnutls_x509_privkey_init (&made->key) < 0 || gnutls_x509_crt_init (&made->crt) < 0 ||
      gnutls_x509_privkey_generate (made->key, GNUTLS_PK_RSA, GENERATED_RSA_BITS, 0) < 0 ||
      !fill_own_certificate (made, organization, now_ms, lifetime_s) ||
      (made->key_pem = export_key (made->key)) == NULL)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "cannot make a certificate authority");
      return NULL;
    }
  made->certificate = export_certificate (made->crt, error);
  if (made->certificate == NULL)
    return NULL;
  pem = door_certificate_dup_pem (made->certificate);
  return door_certificate_authority_load (pem, made->key_pem, error);
}

static const char *
find_problem (const DoorCertificateAuthority *self)
{
  unsigned int usage = 0;

  if (gnutls_x509_privkey_get_pk_algorithm (self->key) != GNUTLS_PK_RSA)
    return "the key is not RSA, which SCEP needs";
  if (gnutls_x509_crt_get_ca_status (self->crt, NULL) != 1)
    return "the certificate is not one of a certificate authority";
  if (gnutls_x509_crt_get_key_usage (self->crt, &usage, NULL) >= 0 &&
      (usage & NEEDED_KEY_USAGE) != NEEDED_KEY_USAGE)
    return "the certificate lacks a key usage: certificate signing, digital signature and key "
           "encipherment are needed";
  return NULL;
}

static bool
import_key (DoorCertificateAuthority *self, DoorSecret *key_pem)
{
  size_t size;
  const uint8_t *data = door_secret_get_data (key_pem, &size);
  const gnutls_datum_t pem = { (unsigned char *) data, (unsigned int) size };

  return gnutls_x509_privkey_init (&self->key) >= 0 &&
         gnutls_x509_privkey_import2 (self->key, &pem, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN) >= 0;
}

/**
 * door_certificate_authority_load:
 * @certificate_pem: its certificate
 * @key_pem: its private key, RSA, unencrypted
 * @error: return location for an error
 *
 * Loads an authority and checks that the two belong together and that it may do what is needed: sign
 * certificates, sign SCEP answers, and have requests encrypted to it. Never blocks.
 *
 * Returns: (transfer full): the authority, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorCertificateAuthority *
door_certificate_authority_load (GBytes *certificate_pem, DoorSecret *key_pem, GError **error)
{
  g_autoptr (DoorCertificateAuthority) self = g_atomic_rc_box_new0 (DoorCertificateAuthority);
  g_autoptr (GBytes) pem = NULL;
  const char *problem;

  /* the error below names the file at fault */
  self->certificate = door_certificate_parse (certificate_pem, NULL);
  self->crt = self->certificate != NULL ? door_certificate_dup_gnutls (self->certificate) : NULL;
  if (self->crt == NULL)
    problem = "the certificate cannot be read";
  else if (!import_key (self, key_pem))
    problem = "the key is not an unencrypted private key in PEM form";
  else
    problem = find_problem (self);
  if (problem != NULL)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "certificate authority: %s", problem);
      return NULL;
    }
  self->key_pem = door_secret_ref (key_pem);
  pem = door_certificate_dup_pem (self->certificate);
  /* this checks that the two belong together */
  self->signer = door_cms_signer_new (pem, key_pem, error);
  return self->signer != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * door_certificate_authority_dup_certificate_pem:
 * @self: an authority
 *
 * Returns: (transfer full): its certificate as PEM
 */
GBytes *
door_certificate_authority_dup_certificate_pem (const DoorCertificateAuthority *self)
{
  return door_certificate_dup_pem (self->certificate);
}

/**
 * door_certificate_authority_dup_key_pem:
 * @self: an authority
 *
 * Returns: (transfer full): its private key as PEM
 */
DoorSecret *
door_certificate_authority_dup_key_pem (const DoorCertificateAuthority *self)
{
  return door_secret_ref (self->key_pem);
}

/**
 * door_certificate_authority_get_certificate:
 * @self: an authority
 *
 * Returns: (transfer none): its certificate; the DER is the answer to GetCACert (RFC 8894, 4.2.1.1)
 */
DoorCertificate *
door_certificate_authority_get_certificate (const DoorCertificateAuthority *self)
{
  return self->certificate;
}

/**
 * door_certificate_authority_get_signer: (skip)
 * @self: an authority
 *
 * Returns: (transfer none): its key and certificate, for CMS
 */
const DoorCmsSigner *
door_certificate_authority_get_signer (const DoorCertificateAuthority *self)
{
  return self->signer;
}

/**
 * door_certificate_authority_issued:
 * @self: an authority
 * @certificate: a certificate
 * @error: return location for an error
 *
 * Verifies that the authority issued a certificate to somebody else: its name and the signature by its key.
 * Dates and revocation are the caller's to judge. Costs one public key operation; never blocks.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_NOT_AUTHENTICATED
 */
bool
door_certificate_authority_issued (const DoorCertificateAuthority *self, const DoorCertificate *certificate,
                                   GError **error)
{
  const char *reason = "it is the authority's own";

  if (!g_str_equal (door_certificate_get_public_key_sha256 (certificate),
                    door_certificate_get_public_key_sha256 (self->certificate)) &&
      door_certificate_check_issued_by (certificate, self->crt, 0, &reason))
    return true;
  door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_DEV_UNKNOWN,
                  "certificate not issued here: %s", reason);
  return false;
}

static bool
set_authority_key_id (const DoorCertificateAuthority *self, gnutls_x509_crt_t crt)
{
  uint8_t id[KEY_ID_BYTES];
  size_t size = sizeof id;

  if (gnutls_x509_crt_get_subject_key_id (self->crt, id, &size, NULL) < 0)
    return true; /* a foreign authority may have none; then the extension has nothing to name */
  return gnutls_x509_crt_set_authority_key_id (crt, id, size) >= 0;
}

static bool
set_usage (gnutls_x509_crt_t crt, gnutls_pubkey_t key)
{
  unsigned int usage = GNUTLS_KEY_DIGITAL_SIGNATURE;

  if (gnutls_pubkey_get_pk_algorithm (key, NULL) == GNUTLS_PK_RSA)
    usage |= GNUTLS_KEY_KEY_ENCIPHERMENT;
  return gnutls_x509_crt_set_basic_constraints (crt, 0, -1) >= 0 &&
         gnutls_x509_crt_set_key_usage (crt, usage) >= 0 &&
         gnutls_x509_crt_set_key_purpose_oid (crt, GNUTLS_KP_TLS_WWW_CLIENT, 0) >= 0;
}

/**
 * door_certificate_authority_issue:
 * @self: an authority
 * @request: what the certificate is to say
 * @error: return location for an error
 *
 * Issues a device's identity certificate (RFC 5280): client authentication, not an authority, SHA-256.
 * Costs a private key operation; never blocks.
 *
 * Returns: (transfer full): the certificate, or %NULL with %DOOR_ERROR_INVALID_DATA (names, dates),
 *   %DOOR_ERROR_CONFIG (the authority's certificate has ended) or %DOOR_ERROR_FAILED
 */
DoorCertificate *
door_certificate_authority_issue (const DoorCertificateAuthority *self, const DoorIssueRequest *request,
                                  GError **error)
{
  g_auto (gnutls_x509_crt_t) crt = NULL;
  gnutls_pubkey_t key = door_csr_get_public_key (request->csr);
  int64_t end_ms = MIN (request->not_after_ms, door_certificate_get_not_after_ms (self->certificate));

  if (!name_is_usable (request->common_name) || !name_is_usable (request->organization) ||
      request->not_after_ms <= request->not_before_ms)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_INTERNAL, "issue: unusable name or dates");
      return NULL;
    }
  if (end_ms <= request->not_before_ms)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "the certificate authority's own certificate has ended");
      return NULL;
    }
  if (gnutls_x509_crt_init (&crt) < 0 || gnutls_x509_crt_set_version (crt, 3) < 0 ||
      !set_serial (crt, request->serial) || gnutls_x509_crt_set_pubkey (crt, key) < 0 ||
      !set_name (crt, GNUTLS_OID_X520_ORGANIZATION_NAME, request->organization) ||
      !set_name (crt, GNUTLS_OID_X520_COMMON_NAME, request->common_name) ||
      !set_validity (crt, request->not_before_ms, end_ms) || !set_usage (crt, key) ||
      !set_subject_key_id (crt) || !set_authority_key_id (self, crt) ||
      gnutls_x509_crt_sign2 (crt, self->crt, self->key, GNUTLS_DIG_SHA256, 0) < 0)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "cannot issue a certificate");
      return NULL;
    }
  return export_certificate (crt, error);
}
