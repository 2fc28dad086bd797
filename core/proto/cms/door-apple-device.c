/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-apple-device-private.h"

#include "door-cms.h"
#include "door-error.h"

/* SHA-256 of the public key of "Apple iPhone Device CA", which issues to devices and to nothing else. Its
 * certificate has expired, as has the one above it; both are still what devices send. Apple's root is no
 * anchor here: the certificates of developers come from it too. */
#define DEVICE_CA_KEY_SHA256 "13686ec675f9fd26a123adb17b5533f593cf451edd6105ae39b748277a3922e5"

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_DEV_BADSIG, "%s", reason);
}

/* What is sent along is anybody's; only the key counts that the device's own certificate is signed with. */
static const DoorCertificate *
find_issuer (const GPtrArray *certificates, const char *key_sha256)
{
  for (guint i = 0; i < certificates->len; i++)
    {
      const DoorCertificate *certificate = g_ptr_array_index (certificates, i);

      if (g_str_equal (door_certificate_get_public_key_sha256 (certificate), key_sha256))
        return certificate;
    }
  return NULL;
}

static bool
check_issuer (const DoorCertificate *signer, const DoorCertificate *issuer, GError **error)
{
  g_autoptr (GError) local = NULL;

  return door_certificate_verify_issued_by (signer, issuer, &local) || refuse (error, local->message);
}

/**
 * door_apple_device_open_pinned: (skip)
 * @cms: as of door_apple_device_open()
 * @key_sha256: SHA-256 of the public key of the authority that issues to devices
 * @anchor: (nullable): one more authority
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * What door_apple_device_open() does, with the authority as a parameter.
 *
 * Returns: (transfer full): the content, or %NULL with an error
 */
GBytes *
door_apple_device_open_pinned (GBytes *cms, const char *key_sha256, const DoorCertificate *anchor,
                               int64_t now_ms, GError **error)
{
  g_autoptr (GPtrArray) certificates = NULL;
  g_autoptr (DoorCertificate) signer = NULL;
  g_autoptr (GBytes) content = NULL;
  const DoorCertificate *issuer;

  if (g_bytes_get_size (cms) > DOOR_APPLE_DEVICE_MAX_BYTES)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_BADSIG, "SignedData: too large");
      return NULL;
    }
  content = door_cms_open_signed (cms, &signer, error);
  certificates = content != NULL ? door_cms_list_certificates (cms, error) : NULL;
  if (certificates == NULL)
    return NULL;
  if (!door_certificate_is_valid_at (signer, now_ms))
    {
      refuse (error, "the device's certificate is out of its time");
      return NULL;
    }
  if (anchor != NULL && door_certificate_verify_issued_by (signer, anchor, NULL))
    return g_steal_pointer (&content);
  issuer = find_issuer (certificates, key_sha256);
  if (issuer == NULL)
    {
      refuse (error, "the device's certificate is not one of Apple's for devices");
      return NULL;
    }
  return check_issuer (signer, issuer, error) ? g_steal_pointer (&content) : NULL;
}

/**
 * door_apple_device_open:
 * @cms: a SignedData in DER or BER with its content inside, at most %DOOR_APPLE_DEVICE_MAX_BYTES
 * @anchor: (nullable): one more authority whose certificates are those of devices, for development
 * @now_ms: milliseconds since 1970, UTC
 * @error: return location for an error
 *
 * Verifies what a device has signed with the certificate that Apple gave it (Apple, MachineInfo; Profile
 * Service), as door_cms_open_signed() does, and that this certificate was issued by the Apple iPhone Device
 * CA and is within its time. The dates of that authority do not count. It tells which device it is, not that
 * the device sends it now: it can be sent again by whoever has seen it. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): the content, or %NULL with %DOOR_ERROR_INVALID_DATA or
 *   %DOOR_ERROR_NOT_AUTHENTICATED and %DOOR_FAULT_DEV_BADSIG
 */
GBytes *
door_apple_device_open (GBytes *cms, const DoorCertificate *anchor, int64_t now_ms, GError **error)
{
  return door_apple_device_open_pinned (cms, DEVICE_CA_KEY_SHA256, anchor, now_ms, error);
}
