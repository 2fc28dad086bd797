/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-token.h"

#include <string.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-hex.h"
#include "door-person-store.h"

#define TOKEN_MAX_LENGTH 256
/* One of an identity provider may be long. */
#define BEARER_MAX_LENGTH 8192

static bool
refuse (GError **error, const char *reason)
{
  door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_TOKEN_INVALID, "%s", reason);
  return false;
}

/**
 * door_token_check_person:
 * @txn: a transaction
 * @person_id: who signed in
 * @error: return location for an error
 *
 * Checks that the person who signed in may still have a device enrolled.
 *
 * Returns: false with %DOOR_FAULT_TOKEN_INVALID or a database error
 */
bool
door_token_check_person (DoorTxn *txn, const char *person_id, GError **error)
{
  g_autoptr (DoorPerson) person = NULL;

  if (!door_person_store_lookup (txn, person_id, &person, error))
    return false;
  if (person == NULL || !g_str_equal (person->state, "active"))
    return refuse (error, "the person is deactivated");
  return true;
}

/**
 * door_token_is_agreed:
 * @token: an access token or a ticket
 *
 * Returns: whether the person has agreed to all that must be agreed to
 */
bool
door_token_is_agreed (const DoorAccessToken *token)
{
  return *token->eula == '\0' || token->agreed_at != 0;
}

/* Known, not revoked, not expired, and its person active. Where the team asks for no sign-in there is no
 * person.
 */
static bool
check_living (DoorTxn *txn, const char *hash, int64_t now_ms, DoorAccessToken **out, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;

  if (!door_token_store_lookup (txn, hash, &token, error))
    return false;
  if (token == NULL)
    return refuse (error, "access token unknown");
  if (token->revoked_at != 0)
    return refuse (error, "access token revoked");
  if (token->expires_at <= now_ms)
    return refuse (error, "access token expired");
  if (*token->person_id != '\0' && !door_token_check_person (txn, token->person_id, error))
    return false;
  *out = g_steal_pointer (&token);
  return true;
}

/**
 * door_token_check_living:
 * @txn: a transaction
 * @ticket: an access token or a ticket, as somebody sends it
 * @now_ms: milliseconds since 1970, UTC
 * @out: (out) (transfer full): the token; written on success
 * @error: return location for an error
 *
 * Judges an access token or a ticket all but for terms that the person may still have to agree to, see
 * door_token_is_agreed().
 *
 * Returns: false with %DOOR_FAULT_TOKEN_INVALID or a database error
 */
bool
door_token_check_living (DoorTxn *txn, const char *ticket, int64_t now_ms, DoorAccessToken **out,
                         GError **error)
{
  g_autofree char *hash = NULL;

  if (strlen (ticket) > TOKEN_MAX_LENGTH)
    return refuse (error, "access token too long");
  hash = door_digest_sha256_text (ticket);
  return check_living (txn, hash, now_ms, out, error);
}

/**
 * door_token_check_hash:
 * @txn: a transaction
 * @hash: SHA-256 of an access token
 * @now_ms: milliseconds since 1970, UTC
 * @out: (out) (transfer full): the token; written on success
 * @error: return location for an error
 *
 * Judges an access token or a ticket: known, not revoked, not expired, agreed to where something must be, and
 * its person active. Where the team asks for no sign-in there is no person.
 *
 * Returns: false with %DOOR_FAULT_TOKEN_INVALID or a database error
 */
bool
door_token_check_hash (DoorTxn *txn, const char *hash, int64_t now_ms, DoorAccessToken **out, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;

  if (!check_living (txn, hash, now_ms, &token, error))
    return false;
  if (!door_token_is_agreed (token))
    return refuse (error, "the terms are not agreed to");
  *out = g_steal_pointer (&token);
  return true;
}

/**
 * door_token_check:
 * @txn: a transaction
 * @bearer: what the device sent behind "Bearer "
 * @now_ms: milliseconds since 1970, UTC
 * @out: (out) (transfer full): the token; written on success
 * @error: return location for an error
 *
 * Judges an access token as a device sends it: what stands in an address, such as a code, is none.
 *
 * Returns: false with %DOOR_FAULT_TOKEN_INVALID or a database error
 */
bool
door_token_check (DoorTxn *txn, const char *bearer, int64_t now_ms, DoorAccessToken **out, GError **error)
{
  g_autoptr (DoorAccessToken) token = NULL;
  g_autofree char *hash = NULL;

  if (strlen (bearer) > BEARER_MAX_LENGTH)
    return refuse (error, "access token too long");
  hash = door_digest_sha256_text (bearer);
  if (!door_token_check_hash (txn, hash, now_ms, &token, error))
    return false;
  if (!g_str_equal (token->kind, DOOR_TOKEN_ACCOUNT))
    return refuse (error, "a ticket is no access token");
  *out = g_steal_pointer (&token);
  return true;
}

/**
 * door_token_bind:
 * @txn: a transaction of the writer
 * @token: an access token or a ticket that was found good for the certificate
 * @certificate_sha256: an identity certificate
 * @error: return location for an error
 *
 * Ties a token to the certificate that it is used with first. Of two certificates that come with it at the
 * same moment, to different servers, one gets it.
 *
 * Returns: false with %DOOR_FAULT_DB_UNAVAILABLE for the other, which may come again and is judged then
 */
bool
door_token_bind (DoorTxn *txn, const DoorAccessToken *token, const char *certificate_sha256, GError **error)
{
  bool bound = false;

  if (*token->certificate_sha256 != '\0')
    return true;
  if (!door_token_store_bind (txn, token->hash, certificate_sha256, &bound, error))
    return false;
  return bound || door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                                  "the access token was used by another certificate at the same moment");
}

static void
derive (const DoorContext *context, const char *purpose, const char *token_hash,
        uint8_t out[DOOR_SHA256_SIZE])
{
  size_t size;
  const uint8_t *key = door_secret_get_data (context->state_key, &size);

  door_digest_hmac_sha256 (key, size, purpose, token_hash, out);
}

/**
 * door_token_derive:
 * @context: what every service needs
 * @purpose: what the value is for
 * @token_hash: hash of an access token
 *
 * Derives a secret that a repeat of the same request gets again although it is stored nowhere.
 *
 * Returns: (transfer full): 64 hexadecimal digits, which every string type of ASN.1 can carry
 */
char *
door_token_derive (const DoorContext *context, const char *purpose, const char *token_hash)
{
  uint8_t out[DOOR_SHA256_SIZE];

  derive (context, purpose, token_hash, out);
  return door_hex_encode (out, sizeof out);
}

/**
 * door_token_derive_uuid:
 * @context: what every service needs
 * @purpose: what the value is for
 * @token_hash: hash of an access token
 *
 * Returns: (transfer full): a UUID (RFC 9562, version 8), the same for the same token
 */
char *
door_token_derive_uuid (const DoorContext *context, const char *purpose, const char *token_hash)
{
  uint8_t b[DOOR_SHA256_SIZE];

  derive (context, purpose, token_hash, b);
  b[6] = (uint8_t) ((b[6] & 0x0f) | 0x80);
  b[8] = (uint8_t) ((b[8] & 0x3f) | 0x80);
  return g_strdup_printf ("%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X", b[0], b[1],
                          b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
                          b[15]);
}
