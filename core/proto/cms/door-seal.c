/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-seal.h"

#include <stdbool.h>
#include <string.h>

#include "door-base64.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-libcrypto.h"

#define LABEL "seal"
#define TAG_SIZE 16

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)

/* A key for each place, so that what was sealed for one opens in no other. */
static void
derive_key (const DoorSecret *state_key, const char *place, uint8_t key[DOOR_SHA256_SIZE])
{
  size_t size;
  const uint8_t *data = door_secret_get_data (state_key, &size);

  door_digest_hmac_sha256 (data, size, LABEL, place, key);
}

static bool
encrypt (const uint8_t *key, const uint8_t *nonce, const uint8_t *in, size_t size, uint8_t *out)
{
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  int length = 0, rest = 0;

  return context != NULL && EVP_EncryptInit_ex (context, EVP_aes_256_gcm (), NULL, key, nonce) == 1 &&
         EVP_EncryptUpdate (context, out, &length, in, (int) size) == 1 &&
         EVP_EncryptFinal_ex (context, out + length, &rest) == 1 &&
         EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, out + size) == 1;
}

static bool
decrypt (const uint8_t *key, const uint8_t *nonce, const uint8_t *in, size_t size, uint8_t *out)
{
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  int length = 0, rest = 0;

  return context != NULL && EVP_DecryptInit_ex (context, EVP_aes_256_gcm (), NULL, key, nonce) == 1 &&
         EVP_DecryptUpdate (context, out, &length, in, (int) size) == 1 &&
         EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, (void *) (in + size)) == 1 &&
         EVP_DecryptFinal_ex (context, out + length, &rest) == 1;
}

/**
 * door_seal: (skip)
 * @state_key: the key of this server
 * @place: where the secret is kept; what is sealed opens there only
 * @nonce: random bytes, never used before
 * @secret: what to seal, at most %DOOR_SEAL_MAX_BYTES
 * @error: return location for an error
 *
 * Makes a secret fit for a database that others may read: AES-256-GCM (NIST SP 800-38D) by a key that is
 * derived from the server's. Pure; any thread.
 *
 * Returns: (transfer full): base64, or %NULL with %DOOR_ERROR_FAILED
 */
char *
door_seal (const DoorSecret *state_key, const char *place, const uint8_t nonce[DOOR_SEAL_NONCE_SIZE],
           const DoorSecret *secret, GError **error)
{
  size_t size;
  const uint8_t *data = door_secret_get_data (secret, &size);
  g_autofree uint8_t *out = NULL;
  uint8_t key[DOOR_SHA256_SIZE];
  bool ok;

  if (size > DOOR_SEAL_MAX_BYTES)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "a secret of %zu bytes cannot be sealed",
                      size);
      return NULL;
    }
  out = g_malloc (DOOR_SEAL_NONCE_SIZE + size + TAG_SIZE);
  memcpy (out, nonce, DOOR_SEAL_NONCE_SIZE);
  derive_key (state_key, place, key);
  ok = encrypt (key, nonce, data, size, out + DOOR_SEAL_NONCE_SIZE);
  OPENSSL_cleanse (key, sizeof key);
  if (!ok)
    {
      door_libcrypto_fail (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "a secret cannot be sealed");
      return NULL;
    }
  return g_base64_encode (out, DOOR_SEAL_NONCE_SIZE + size + TAG_SIZE);
}

/**
 * door_seal_open: (skip)
 * @state_key: the key of this server
 * @place: where it was kept
 * @sealed: what door_seal() made
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): the secret, or %NULL with %DOOR_ERROR_CONFIG, %DOOR_FAULT_CFG_STATEKEY: another
 *   server's key, another place, or changed
 */
DoorSecret *
door_seal_open (const DoorSecret *state_key, const char *place, const char *sealed, GError **error)
{
  g_autoptr (GBytes) bytes = door_base64_decode_strict (
      sealed, strlen (sealed), DOOR_SEAL_NONCE_SIZE + DOOR_SEAL_MAX_BYTES + TAG_SIZE);
  size_t size = bytes != NULL ? g_bytes_get_size (bytes) : 0;
  const uint8_t *data = bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL;
  g_autofree uint8_t *out = NULL;
  uint8_t key[DOOR_SHA256_SIZE];
  DoorSecret *secret = NULL;

  if (size >= DOOR_SEAL_NONCE_SIZE + TAG_SIZE)
    {
      size -= DOOR_SEAL_NONCE_SIZE + TAG_SIZE;
      out = g_malloc (size + 1);
      derive_key (state_key, place, key);
      if (decrypt (key, data, data + DOOR_SEAL_NONCE_SIZE, size, out))
        secret = door_secret_new (out, size);
      OPENSSL_cleanse (key, sizeof key);
      OPENSSL_cleanse (out, size);
    }
  ERR_clear_error ();
  if (secret == NULL)
    door_error_set (
        error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_STATEKEY,
        "a secret in the database (%s) was not sealed with this server's StateKey, or was changed", place);
  return secret;
}
