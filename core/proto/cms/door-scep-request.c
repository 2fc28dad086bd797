/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scep-request-private.h"

#include <string.h>

#include "door-certificate-authority-private.h"
#include "door-csr-private.h"
#include "door-secret.h"
#include "door-signed-data.h"

#define RENEWAL_REQ 17
#define PKCS_REQ 19
#define GET_CRL 22
#define MAX_TRANSACTION_ID 128
#define MAX_NONCE 64

struct _DoorScepRequest
{
  DoorSignedData *outer;
  DoorCmsEnvelope *envelope; /* NULL with a reason in envelope_error */
  GError *envelope_error;
  unsigned int message_type;
  char *transaction_id;
  GBytes *sender_nonce;
  bool renewal;
};

/**
 * door_scep_request_free:
 * @self: (transfer full): a request
 */
void
door_scep_request_free (DoorScepRequest *self)
{
  g_clear_pointer (&self->outer, door_signed_data_free);
  g_clear_pointer (&self->envelope, door_cms_envelope_free);
  g_clear_error (&self->envelope_error);
  g_clear_pointer (&self->sender_nonce, g_bytes_unref);
  g_free (self->transaction_id);
  g_free (self);
}

static bool
read_message_type (DoorScepRequest *self)
{
  const ASN1_STRING *value =
      door_signed_data_get_attribute (self->outer, DOOR_SCEP_OID_MESSAGE_TYPE, V_ASN1_PRINTABLESTRING);

  if (value == NULL || value->length != 2 || !g_ascii_isdigit (value->data[0]) ||
      !g_ascii_isdigit (value->data[1]))
    return false;
  self->message_type = (unsigned int) ((value->data[0] - '0') * 10 + value->data[1] - '0');
  return self->message_type >= RENEWAL_REQ && self->message_type <= GET_CRL;
}

/* The identifier goes into logs and back to the client, so it is text without control characters. */
static bool
read_transaction_id (DoorScepRequest *self)
{
  const ASN1_STRING *value =
      door_signed_data_get_attribute (self->outer, DOOR_SCEP_OID_TRANSACTION_ID, V_ASN1_PRINTABLESTRING);

  if (value == NULL || value->length < 1 || value->length > MAX_TRANSACTION_ID)
    return false;
  for (int i = 0; i < value->length; i++)
    if (!g_ascii_isprint ((char) value->data[i]))
      return false;
  self->transaction_id = g_strndup ((const char *) value->data, (size_t) value->length);
  return true;
}

static bool
read_sender_nonce (DoorScepRequest *self)
{
  const ASN1_STRING *value =
      door_signed_data_get_attribute (self->outer, DOOR_SCEP_OID_SENDER_NONCE, V_ASN1_OCTET_STRING);

  if (value == NULL || value->length < 1 || value->length > MAX_NONCE)
    return false;
  self->sender_nonce = g_bytes_new (value->data, (size_t) value->length);
  return true;
}

static bool
verify_outer (DoorScepRequest *self, const ASN1_OCTET_STRING *content, GError **error)
{
  const char *problem = NULL;

  if (content == NULL || content->length == 0)
    problem = "no content";
  if (problem == NULL &&
      !door_signed_data_verify (self->outer, content->data, (size_t) content->length, error))
    return false;
  if (problem == NULL && !read_message_type (self))
    problem = "messageType is missing or not a request";
  else if (problem == NULL && !read_transaction_id (self))
    problem = "transactionID is missing or unusable";
  else if (problem == NULL && !read_sender_nonce (self))
    problem = "senderNonce is missing or unusable";
  if (problem != NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE, "SCEP: %s", problem);
  return problem == NULL;
}

/**
 * door_scep_request_parse:
 * @message: the body of a PKIOperation, DER or BER, at most %DOOR_SCEP_MAX_BYTES
 * @authority: the authority it is sent to
 * @error: return location for an error
 *
 * Parses the outer part of a request (RFC 8894, 3.2) and verifies its signature by the certificate inside:
 * self-signed at first, issued by @authority for a renewal. From here on every failure can be told to the
 * client, see door_scep_reply_build_failure(). Never blocks.
 *
 * Returns: (transfer full): the request, or %NULL with %DOOR_ERROR_INVALID_DATA or
 *   %DOOR_ERROR_NOT_AUTHENTICATED
 */
DoorScepRequest *
door_scep_request_parse (GBytes *message, const DoorCertificateAuthority *authority, GError **error)
{
  g_autoptr (DoorScepRequest) self = g_new0 (DoorScepRequest, 1);
  const ASN1_OCTET_STRING *content;

  self->outer = door_signed_data_parse (message, DOOR_SCEP_MAX_BYTES, DOOR_FAULT_SCEP_MESSAGE, error);
  if (self->outer == NULL)
    return NULL;
  content = door_signed_data_get_content (self->outer);
  if (!verify_outer (self, content, error))
    return NULL;
  self->envelope = door_cms_envelope_parse (content->data, (size_t) content->length, &self->envelope_error);
  /* a signer that is not ours is the usual case, not an error */
  self->renewal = door_certificate_authority_issued (authority, self->outer->signer, NULL);
  return g_steal_pointer (&self);
}

/**
 * door_scep_request_get_transaction_id:
 * @self: a request
 *
 * Returns: (transfer none): its transactionID, printable ASCII
 */
const char *
door_scep_request_get_transaction_id (const DoorScepRequest *self)
{
  return self->transaction_id;
}

/**
 * door_scep_request_get_sender_nonce:
 * @self: a request
 *
 * Returns: (transfer none): its senderNonce
 */
GBytes *
door_scep_request_get_sender_nonce (const DoorScepRequest *self)
{
  return self->sender_nonce;
}

/**
 * door_scep_request_get_signer:
 * @self: a request
 *
 * Returns: (transfer none): the certificate whose key signed it
 */
DoorCertificate *
door_scep_request_get_signer (const DoorScepRequest *self)
{
  return self->outer->signer;
}

/**
 * door_scep_request_is_renewal:
 * @self: a request
 *
 * Some clients renew with PKCSReq, so the signer tells it, not the message type.
 *
 * Returns: whether the signer's certificate was issued by the authority; whether it is still valid and not
 *   revoked is the caller's to judge
 */
bool
door_scep_request_is_renewal (const DoorScepRequest *self)
{
  return self->renewal;
}

/**
 * door_scep_request_get_x509: (skip)
 * @self: a request
 *
 * Returns: (transfer none): the signer's certificate, whom the answer is encrypted to
 */
X509 *
door_scep_request_get_x509 (const DoorScepRequest *self)
{
  return self->outer->certificate;
}

/**
 * door_scep_request_get_cipher: (skip)
 * @self: a request
 *
 * Returns: (transfer none) (nullable): the cipher its content came in
 */
const DoorCmsCipher *
door_scep_request_get_cipher (const DoorScepRequest *self)
{
  return self->envelope != NULL ? door_cms_envelope_get_cipher (self->envelope) : NULL;
}

/**
 * door_scep_request_get_digest: (skip)
 * @self: a request
 *
 * Returns: (transfer none): the digest its signature was made with
 */
const EVP_MD *
door_scep_request_get_digest (const DoorScepRequest *self)
{
  return self->outer->digest;
}

/* What anybody who sees the message can tell; so it may be told apart. */
static bool
check_visible (const DoorScepRequest *self, bool allow_des, GError **error)
{
  EVP_PKEY *signer_key = X509_get0_pubkey (self->outer->certificate);

  if (self->message_type != PKCS_REQ && self->message_type != RENEWAL_REQ)
    door_error_set (error, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SCEP_MESSAGE,
                    "SCEP: messageType %u is not served", self->message_type);
  else if (self->message_type == RENEWAL_REQ && !self->renewal)
    door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_RENEWAL,
                    "SCEP: the renewal is not signed by a certificate issued here");
  else if (self->envelope == NULL)
    g_propagate_error (error, g_error_copy (self->envelope_error));
  else if (door_cms_cipher_is_weak (door_cms_envelope_get_cipher (self->envelope)) && !allow_des)
    door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_SCEP_ALGORITHM,
                    "SCEP: single DES is not allowed");
  else if (EVP_PKEY_get_base_id (signer_key) != EVP_PKEY_RSA)
    door_error_set (error, DOOR_ERROR_NOT_SUPPORTED, DOOR_FAULT_SCEP_ALGORITHM,
                    "SCEP: the signer's key is not RSA, so nothing can be encrypted to it");
  else
    return true;
  return false;
}

/* One error for all that can be wrong inside: else the answer would help to decrypt what others sent. */
static DoorCsr *
parse_content (DoorSecret *content, GError **error)
{
  size_t size;
  const uint8_t *data = door_secret_get_data (content, &size);
  g_autoptr (GError) reason = NULL;
  DoorCsr *csr = door_csr_parse_data (data, size, &reason);

  if (csr == NULL && g_error_matches (reason, DOOR_ERROR, DOOR_ERROR_INVALID_DATA))
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE,
                    "SCEP: the content is not a certificate request encrypted to this authority");
  else if (csr == NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return csr;
}

/**
 * door_scep_request_open:
 * @self: a request
 * @authority: the authority it is sent to
 * @allow_des: whether single DES is accepted; for laboratories
 * @error: return location for an error
 *
 * Decrypts the content of a PKCSReq or RenewalReq (RFC 8894, 3.3.1): a certificate request. At first
 * enrollment its key is the one that signed the message; a renewal may bring a new one. The challenge is the
 * caller's to judge. Costs a private key operation; never blocks.
 *
 * Returns: (transfer full): the certificate request, or %NULL with an error whose fault
 *   door_scep_fail_info_from_error() translates for the client
 */
DoorCsr *
door_scep_request_open (const DoorScepRequest *self, const DoorCertificateAuthority *authority,
                        bool allow_des, GError **error)
{
  g_autoptr (DoorSecret) content = NULL;
  g_autoptr (DoorCsr) csr = NULL;

  if (!check_visible (self, allow_des, error))
    return NULL;
  content = door_cms_envelope_open (self->envelope, door_certificate_authority_get_signer (authority), error);
  if (content == NULL)
    return NULL;
  csr = parse_content (content, error);
  if (csr == NULL)
    return NULL;
  if (!self->renewal && !g_str_equal (door_csr_get_public_key_sha256 (csr),
                                      door_certificate_get_public_key_sha256 (self->outer->signer)))
    {
      door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SCEP_MESSAGE,
                      "SCEP: the message is not signed with the key of the certificate request");
      return NULL;
    }
  return g_steal_pointer (&csr);
}
