/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-digest.h"

#include <string.h>

#include "door-base64.h"

/**
 * door_digest_sha256_hex:
 * @data: (array length=size): bytes
 * @size: their number
 *
 * Returns: (transfer full): SHA-256 as 64 lower-case hexadecimal digits
 */
char *
door_digest_sha256_hex (const void *data, size_t size)
{
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, size);
}

/**
 * door_digest_sha256_text:
 * @text: a token or another secret; what is stored is its hash
 *
 * Returns: (transfer full): SHA-256 of the text's bytes, hexadecimal
 */
char *
door_digest_sha256_text (const char *text)
{
  return door_digest_sha256_hex (text, strlen (text));
}

/**
 * door_digest_sha256_url:
 * @data: (array length=size): bytes
 * @size: their number
 *
 * Returns: (transfer full): SHA-256 in base64url without padding (RFC 7636, 4.2; RFC 7638, 3)
 */
char *
door_digest_sha256_url (const void *data, size_t size)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  uint8_t digest[DOOR_SHA256_SIZE];
  gsize length = sizeof digest;

  g_checksum_update (checksum, data, (gssize) size);
  g_checksum_get_digest (checksum, digest, &length);
  return door_base64_encode_url (digest, length);
}

/**
 * door_digest_hmac_sha256:
 * @key: (array length=key_size): the key
 * @key_size: its bytes
 * @label: what the result is for; separates uses of one key
 * @text: what is authenticated
 * @out: (out caller-allocates): 32 bytes
 *
 * HMAC-SHA-256 over label, NUL, text (RFC 2104).
 */
void
door_digest_hmac_sha256 (const uint8_t *key, size_t key_size, const char *label, const char *text,
                         uint8_t out[DOOR_SHA256_SIZE])
{
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA256, key, key_size);
  gsize size = DOOR_SHA256_SIZE;

  g_hmac_update (hmac, (const guchar *) label, (gssize) strlen (label) + 1);
  g_hmac_update (hmac, (const guchar *) text, (gssize) strlen (text));
  g_hmac_get_digest (hmac, out, &size);
  g_hmac_unref (hmac);
}

/**
 * door_digest_equal:
 * @a: a text
 * @b: another
 *
 * Compares two secrets; the time taken tells only whether their lengths agree.
 *
 * Returns: whether they are the same
 */
gboolean
door_digest_equal (const char *a, const char *b)
{
  size_t size = strlen (a);
  unsigned char differ = 0;

  if (size != strlen (b))
    return FALSE;
  for (size_t i = 0; i < size; i++)
    differ |= (unsigned char) (a[i] ^ b[i]);
  return differ == 0;
}
