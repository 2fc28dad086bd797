/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ed25519.h"

#include <string.h>

#include "door-error.h"
#include "door-gnutls.h"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_privkey_t, gnutls_privkey_deinit, NULL)

static bool
refuse (const char *what, GError **error)
{
  return door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "Ed25519: %s", what);
}

static bool
copy_half (const gnutls_datum_t *datum, uint8_t *out)
{
  if (datum->size != DOOR_ED25519_KEY_BYTES)
    return false;
  memcpy (out, datum->data, DOOR_ED25519_KEY_BYTES);
  return true;
}

/**
 * door_ed25519_generate:
 * @secret_key: (out caller-allocates): the secret half (RFC 8032, 5.1.5)
 * @public_key: (out caller-allocates): the public half
 * @error: return location for an error
 *
 * Makes a key, with the library's own randomness.
 *
 * Returns: false with %DOOR_ERROR_FAILED
 */
bool
door_ed25519_generate (uint8_t secret_key[DOOR_ED25519_KEY_BYTES], uint8_t public_key[DOOR_ED25519_KEY_BYTES],
                       GError **error)
{
  g_auto (gnutls_privkey_t) key = NULL;
  g_auto (gnutls_datum_t) x = { NULL, 0 }, k = { NULL, 0 };
  gnutls_ecc_curve_t curve;

  if (gnutls_privkey_init (&key) < 0 ||
      gnutls_privkey_generate (key, GNUTLS_PK_EDDSA_ED25519, GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_ED25519),
                               0) < 0 ||
      gnutls_privkey_export_ecc_raw2 (key, &curve, &x, NULL, &k, GNUTLS_EXPORT_FLAG_NO_LZ) < 0 ||
      !copy_half (&k, secret_key) || !copy_half (&x, public_key))
    return refuse ("no key could be made", error);
  return true;
}

/**
 * door_ed25519_sign:
 * @secret_key: the secret half
 * @public_key: the public half
 * @text: what is signed
 * @signature: (out caller-allocates): the signature
 * @error: return location for an error
 *
 * Signs (RFC 8032, 5.1.6). Pure.
 *
 * Returns: false with %DOOR_ERROR_FAILED
 */
bool
door_ed25519_sign (const uint8_t secret_key[DOOR_ED25519_KEY_BYTES],
                   const uint8_t public_key[DOOR_ED25519_KEY_BYTES], const char *text,
                   uint8_t signature[DOOR_ED25519_SIGNATURE_BYTES], GError **error)
{
  const gnutls_datum_t x = { (unsigned char *) public_key, DOOR_ED25519_KEY_BYTES };
  const gnutls_datum_t k = { (unsigned char *) secret_key, DOOR_ED25519_KEY_BYTES };
  const gnutls_datum_t data = { (unsigned char *) text, (unsigned int) strlen (text) };
  g_auto (gnutls_privkey_t) key = NULL;
  g_auto (gnutls_datum_t) made = { NULL, 0 };

  if (gnutls_privkey_init (&key) < 0 ||
      gnutls_privkey_import_ecc_raw (key, GNUTLS_ECC_CURVE_ED25519, &x, NULL, &k) < 0 ||
      gnutls_privkey_sign_data2 (key, GNUTLS_SIGN_EDDSA_ED25519, 0, &data, &made) < 0 ||
      made.size != DOOR_ED25519_SIGNATURE_BYTES)
    return refuse ("no signature could be made", error);
  memcpy (signature, made.data, DOOR_ED25519_SIGNATURE_BYTES);
  return true;
}

/**
 * door_ed25519_verify:
 * @public_key: the public half
 * @data: what is said to be signed
 * @size: its bytes
 * @signature: the signature
 *
 * Verifies (RFC 8032, 5.1.7). Pure.
 *
 * Returns: whether the signature is the key's over exactly these bytes
 */
bool
door_ed25519_verify (const uint8_t public_key[DOOR_ED25519_KEY_BYTES], const void *data, size_t size,
                     const uint8_t signature[DOOR_ED25519_SIGNATURE_BYTES])
{
  const gnutls_datum_t x = { (unsigned char *) public_key, DOOR_ED25519_KEY_BYTES };
  const gnutls_datum_t text = { (unsigned char *) data, (unsigned int) size };
  const gnutls_datum_t given = { (unsigned char *) signature, DOOR_ED25519_SIGNATURE_BYTES };
  g_auto (gnutls_pubkey_t) key = NULL;

  return size <= G_MAXUINT && gnutls_pubkey_init (&key) >= 0 &&
         gnutls_pubkey_import_ecc_raw (key, GNUTLS_ECC_CURVE_ED25519, &x, NULL) >= 0 &&
         gnutls_pubkey_verify_data2 (key, GNUTLS_SIGN_EDDSA_ED25519, 0, &text, &given) >= 0;
}
