/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-cms.h"

#include "door-signed-data.h"

static void
give_signer (const DoorSignedData *message, DoorCertificate **signer)
{
  if (signer != NULL)
    *signer = door_certificate_ref (message->signer);
}

/**
 * door_cms_open_signed:
 * @cms: a SignedData in DER or BER with its content inside, at most %DOOR_CMS_MAX_BYTES
 * @signer: (out) (transfer full) (optional): the signer's certificate
 * @error: return location for an error
 *
 * Verifies a message with exactly one signer, whose certificate is inside (RFC 5652, 5), and takes out what
 * it signs: MachineInfo and Profile Service bodies. The signer is only known to have the key of that
 * certificate: its chain and dates are the caller's to judge, Apple's device certificates being expired.
 * Never blocks.
 *
 * Returns: (transfer full): the content, or %NULL with %DOOR_ERROR_INVALID_DATA or
 *   %DOOR_ERROR_NOT_AUTHENTICATED
 */
GBytes *
door_cms_open_signed (GBytes *cms, DoorCertificate **signer, GError **error)
{
  g_autoptr (DoorSignedData) message =
      door_signed_data_parse (cms, DOOR_CMS_MAX_BYTES, DOOR_FAULT_DEV_BADSIG, error);
  const ASN1_OCTET_STRING *content;

  if (message == NULL)
    return NULL;
  content = door_signed_data_get_content (message);
  if (content == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_BADSIG, "SignedData: no content");
      return NULL;
    }
  if (!door_signed_data_verify (message, content->data, (size_t) content->length, error))
    return NULL;
  give_signer (message, signer);
  return g_bytes_new (content->data, (size_t) content->length);
}

/**
 * door_cms_verify_detached:
 * @cms: a SignedData in DER or BER without content, at most %DOOR_CMS_MAX_DETACHED_BYTES: the header
 *   Mdm-Signature after base64
 * @content: the exact bytes of the body
 * @signer: (out) (transfer full) (optional): the signer's certificate
 * @error: return location for an error
 *
 * Verifies a detached signature as door_cms_open_signed() does. A message with content of its own is
 * refused: its signature would say nothing about the body. Never blocks.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA or %DOOR_ERROR_NOT_AUTHENTICATED
 */
bool
door_cms_verify_detached (GBytes *cms, GBytes *content, DoorCertificate **signer, GError **error)
{
  g_autoptr (DoorSignedData) message =
      door_signed_data_parse (cms, DOOR_CMS_MAX_DETACHED_BYTES, DOOR_FAULT_DEV_BADSIG, error);

  if (message == NULL || !door_signed_data_verify_detached (message, content, error))
    return false;
  give_signer (message, signer);
  return true;
}

/**
 * door_cms_list_certificates:
 * @cms: a message as door_cms_open_signed() takes it
 * @error: return location for an error
 *
 * Lists the certificates a message carries, the signer's first. They are unverified: a caller that pins an
 * issuer finds it here by its fingerprint and asks door_certificate_verify_issued_by(). Never blocks.
 *
 * Returns: (transfer full) (element-type DoorCertificate): the certificates, or %NULL with
 *   %DOOR_ERROR_INVALID_DATA
 */
GPtrArray *
door_cms_list_certificates (GBytes *cms, GError **error)
{
  g_autoptr (DoorSignedData) message =
      door_signed_data_parse (cms, DOOR_CMS_MAX_BYTES, DOOR_FAULT_DEV_BADSIG, error);

  return message != NULL ? door_signed_data_list_certificates (message) : NULL;
}
