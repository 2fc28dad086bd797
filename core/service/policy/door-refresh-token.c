/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-refresh-token.h"

#include <string.h>

#include "door-base64.h"
#include "door-digest.h"

#define LABEL "refresh-token"
#define PREFIX_BYTES (sizeof DOOR_REFRESH_TOKEN_PREFIX - 1)
/* 256 random bits in base64url */
#define PART_BYTES 43
/* prefix, chain, ".", secret */
#define CHAIN_BYTES (PREFIX_BYTES + PART_BYTES)
#define TOKEN_BYTES (CHAIN_BYTES + 1 + PART_BYTES)

G_STATIC_ASSERT (sizeof DOOR_REFRESH_TOKEN_PREFIX == sizeof DOOR_REFRESH_TOKEN_DEVICE_PREFIX);

/**
 * door_refresh_token_make_first:
 * @random: random numbers
 * @prefix: %DOOR_REFRESH_TOKEN_PREFIX or another
 *
 * Begins a chain of refresh tokens, each of which takes the place of the one before (RFC 9700, 4.14.2). All
 * begin with the same name, by which a token that counts no more still finds its chain. Never blocks.
 *
 * Returns: (transfer full): the first
 */
char *
door_refresh_token_make_first (DoorRandom *random, const char *prefix)
{
  g_autofree char *name = door_random_dup_token (random);
  g_autofree char *secret = door_random_dup_token (random);

  return g_strconcat (prefix, name, ".", secret, NULL);
}

/**
 * door_refresh_token_derive:
 * @token: a well-formed token
 * @salt: random, and known to the database only
 * @label: what the value is for
 *
 * Makes a secret of what the client knows and what the database knows: neither makes it without the other.
 * Pure.
 *
 * Returns: (transfer full): 256 bits in base64url, the same each time
 */
char *
door_refresh_token_derive (const char *token, const char *salt, const char *label)
{
  uint8_t bits[DOOR_SHA256_SIZE];

  door_digest_hmac_sha256 ((const uint8_t *) salt, strlen (salt), label, token, bits);
  return door_base64_encode_url (bits, sizeof bits);
}

/**
 * door_refresh_token_make_next:
 * @token: a well-formed token
 * @salt: random, and known to the database only
 *
 * Pure.
 *
 * Returns: (transfer full): the one that takes its place, the same each time
 */
char *
door_refresh_token_make_next (const char *token, const char *salt)
{
  g_autofree char *secret = door_refresh_token_derive (token, salt, LABEL);

  return g_strdup_printf ("%.*s.%s", (int) CHAIN_BYTES, token, secret);
}

/**
 * door_refresh_token_is_well_formed:
 * @token: what somebody shows
 * @prefix: what it should begin with
 *
 * Returns: whether it can be a refresh token of that kind
 */
bool
door_refresh_token_is_well_formed (const char *token, const char *prefix)
{
  return strlen (token) == TOKEN_BYTES && g_str_has_prefix (token, prefix) && token[CHAIN_BYTES] == '.';
}

/**
 * door_refresh_token_hash_chain:
 * @token: a well-formed token
 *
 * Returns: (transfer full): SHA-256 of what all tokens of its chain begin with
 */
char *
door_refresh_token_hash_chain (const char *token)
{
  return door_digest_sha256_hex (token, CHAIN_BYTES);
}
