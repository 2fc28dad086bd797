/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scep-reply.h"

#include <string.h>

#include "door-certificate-authority-private.h"
#include "door-cms-signer-private.h"
#include "door-gnutls.h"
#include "door-scep-request-private.h"

#define NONCE_BYTES 16
#define STATUS_SUCCESS "0"
#define STATUS_FAILURE "2"
#define CA_CAPS "POSTPKIOperation\nRenewal\nSHA-1\nSHA-256\nSHA-384\nSHA-512\nAES\nDES3\nSCEPStandard\n"

/**
 * door_scep_ca_caps:
 * @allow_des: whether single DES is accepted
 *
 * Tells what clients may use (RFC 8894, 3.5.2). SHA-384 is no word of the RFC, but clients ignore what they
 * do not know, and strongSwan 5.9 uses AES only where it is listed.
 *
 * Returns: (transfer none): the answer to GetCACaps, one word a line
 */
const char *
door_scep_ca_caps (bool allow_des)
{
  return allow_des ? CA_CAPS "DES\n" : CA_CAPS;
}

/**
 * door_scep_fail_info_from_error:
 * @error: why a request was refused
 *
 * Returns: what to tell the client
 */
DoorScepFailInfo
door_scep_fail_info_from_error (const GError *error)
{
  switch (door_error_get_fault (error))
    {
    case DOOR_FAULT_SCEP_ALGORITHM:
      return DOOR_SCEP_FAIL_BAD_ALG;
    case DOOR_FAULT_SCEP_MESSAGE:
      return DOOR_SCEP_FAIL_BAD_MESSAGE_CHECK;
    default:
      return DOOR_SCEP_FAIL_BAD_REQUEST;
    }
}

static DoorCmsAttribute
printable (const char *oid, const char *text)
{
  return (DoorCmsAttribute){ oid, V_ASN1_PRINTABLESTRING, text, strlen (text) };
}

/* SHA-1 is not written any more; each client that sends it reads SHA-256 as well. */
static const EVP_MD *
choose_digest (const DoorScepRequest *request)
{
  const EVP_MD *digest = door_scep_request_get_digest (request);

  return EVP_MD_get_size (digest) > EVP_MD_get_size (EVP_sha256 ()) ? digest : EVP_sha256 ();
}

static GBytes *
build (const DoorScepRequest *request, const DoorCertificateAuthority *authority, GBytes *content,
       const char *fail_info, int64_t now_ms, GError **error)
{
  uint8_t nonce[NONCE_BYTES];
  GBytes *recipient_nonce = door_scep_request_get_sender_nonce (request);
  const DoorCmsAttribute attributes[] = {
    printable (DOOR_SCEP_OID_MESSAGE_TYPE, "3"),
    printable (DOOR_SCEP_OID_PKI_STATUS, content != NULL ? STATUS_SUCCESS : STATUS_FAILURE),
    printable (DOOR_SCEP_OID_TRANSACTION_ID, door_scep_request_get_transaction_id (request)),
    { DOOR_SCEP_OID_RECIPIENT_NONCE, V_ASN1_OCTET_STRING, g_bytes_get_data (recipient_nonce, NULL),
      g_bytes_get_size (recipient_nonce) },
    { DOOR_SCEP_OID_SENDER_NONCE, V_ASN1_OCTET_STRING, nonce, sizeof nonce },
    printable (DOOR_SCEP_OID_FAIL_INFO, fail_info),
  };
  const DoorCmsSignOptions options = {
    .digest = choose_digest (request),
    .attributes = attributes,
    /* failInfo is only there in a failure */
    .n_attributes = G_N_ELEMENTS (attributes) - (content != NULL ? 1 : 0),
    .detached = content == NULL,
    .now_ms = now_ms,
  };

  if (gnutls_rnd (GNUTLS_RND_NONCE, nonce, sizeof nonce) < 0)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "no random bytes");
      return NULL;
    }
  return door_cms_signer_build (door_certificate_authority_get_signer (authority),
                                content != NULL ? g_bytes_get_data (content, NULL) : NULL,
                                content != NULL ? g_bytes_get_size (content) : 0, &options, error);
}

static bool
push_certificate (DoorX509Stack *stack, const DoorCertificate *certificate)
{
  size_t size;
  const uint8_t *data = g_bytes_get_data (door_certificate_get_der (certificate), &size);
  X509 *x509 = d2i_X509 (NULL, &data, (long) size);

  return x509 != NULL && sk_X509_push (stack, x509) > 0;
}

static GBytes *
wrap_certificates (const DoorCertificate *issued, const DoorCertificateAuthority *authority, GError **error)
{
  g_autoptr (DoorX509Stack) stack = sk_X509_new_null ();

  if (!push_certificate (stack, issued) ||
      !push_certificate (stack, door_certificate_authority_get_certificate (authority)))
    {
      door_libcrypto_fail (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "certificate cannot be decoded");
      return NULL;
    }
  return door_cms_build_certificates (stack, error);
}

/**
 * door_scep_reply_build_success:
 * @request: a request that door_scep_request_open() accepted
 * @authority: who answers
 * @issued: the certificate
 * @now_ms: the signing time
 * @error: return location for an error
 *
 * Builds a CertRep (RFC 8894, 3.3.2) with the certificate and the authority's, encrypted to the signer of
 * the request with the cipher of the request. Costs a private key operation; never blocks.
 *
 * Returns: (transfer full): the answer in DER, or %NULL with %DOOR_ERROR_FAILED
 */
GBytes *
door_scep_reply_build_success (const DoorScepRequest *request, const DoorCertificateAuthority *authority,
                               const DoorCertificate *issued, int64_t now_ms, GError **error)
{
  const DoorCmsCipher *cipher = door_scep_request_get_cipher (request);
  g_autoptr (GBytes) certificates = NULL;
  g_autoptr (GBytes) envelope = NULL;

  g_return_val_if_fail (cipher != NULL, NULL);

  certificates = wrap_certificates (issued, authority, error);
  if (certificates == NULL)
    return NULL;
  envelope = door_cms_envelope_seal (certificates, door_scep_request_get_x509 (request), cipher, error);
  if (envelope == NULL)
    return NULL;
  return build (request, authority, envelope, "", now_ms, error);
}

/**
 * door_scep_reply_build_failure:
 * @request: a request
 * @authority: who answers
 * @fail_info: why it is refused
 * @now_ms: the signing time
 * @error: return location for an error
 *
 * Builds a CertRep (RFC 8894, 3.3.2.2) that tells of a failure; it goes out with HTTP status 200. Costs a
 * private key operation; never blocks.
 *
 * Returns: (transfer full): the answer in DER, or %NULL with %DOOR_ERROR_FAILED
 */
GBytes *
door_scep_reply_build_failure (const DoorScepRequest *request, const DoorCertificateAuthority *authority,
                               DoorScepFailInfo fail_info, int64_t now_ms, GError **error)
{
  const char digit[] = { (char) ('0' + (int) fail_info), '\0' };

  return build (request, authority, NULL, digit, now_ms, error);
}
