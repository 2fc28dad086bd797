/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-pbkdf2.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

#include "door-error.h"

/**
 * door_pbkdf2_sha512:
 * @password: a password
 * @params: how, and where to
 * @error: return location for an error
 *
 * Derives a key from a password (RFC 8018, 5.2, with HMAC-SHA-512). Pure; costs some ten milliseconds for
 * 30,000 iterations.
 *
 * Returns: false with an error
 */
bool
door_pbkdf2_sha512 (const DoorSecret *password, const DoorPbkdf2 *params, GError **error)
{
  size_t size;
  const uint8_t *bytes = door_secret_get_data (password, &size);
  const gnutls_datum_t key = { (unsigned char *) bytes, (unsigned int) size };
  const gnutls_datum_t salt = { (unsigned char *) params->salt, (unsigned int) params->salt_size };
  int result =
      gnutls_pbkdf2 (GNUTLS_MAC_SHA512, &key, &salt, params->iterations, params->out, params->out_size);

  return result >= 0 || door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_INTERNAL, "PBKDF2: %s",
                                        gnutls_strerror (result));
}
