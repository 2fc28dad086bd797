/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-jwt.h"

#include <string.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-jwk-set-private.h"

#define MAX_TOKEN_BYTES (64 * 1024)
#define MAX_HEADER_BYTES 8192
#define MAX_SIGNATURE_BYTES 1024
#define MAX_HEADER_DEPTH 4
#define MAX_CLAIMS_DEPTH 8

struct _DoorJwt
{
  DoorJwsAlgorithms algorithm;
  bool has_type;
  JsonNode *claims; /* an object */
};

/* The parts of a token in compact form (RFC 7515, 7.1), nothing of them believed yet. */
typedef struct
{
  JsonNode *header;
  GBytes *signing_input;
  GBytes *signature;
  const char *payload;
  size_t payload_length;
} Parts;

static void
parts_clear (Parts *self)
{
  g_clear_pointer (&self->header, json_node_unref);
  g_clear_pointer (&self->signing_input, g_bytes_unref);
  g_clear_pointer (&self->signature, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OIDC_TOKEN, "token: %s", reason);
}

static JsonNode *
parse_object (const char *text, size_t length, size_t max_bytes, unsigned int max_depth)
{
  g_autoptr (GBytes) bytes = door_base64_decode_url (text, length, max_bytes);
  g_autoptr (JsonNode) node = bytes != NULL ? door_json_parse (bytes, max_depth, NULL) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? g_steal_pointer (&node) : NULL;
}

static bool
split (const char *token, Parts *parts, GError **error)
{
  size_t length = strlen (token);
  const char *first, *second;

  if (length > MAX_TOKEN_BYTES)
    return refuse (error, "too large");
  first = strchr (token, '.');
  second = first != NULL ? strchr (first + 1, '.') : NULL;
  if (second == NULL || strchr (second + 1, '.') != NULL)
    return refuse (error, "not three parts, as a signed one has");
  parts->header = parse_object (token, (size_t) (first - token), MAX_HEADER_BYTES, MAX_HEADER_DEPTH);
  if (parts->header == NULL)
    return refuse (error, "the header is no JSON object in base64url");
  parts->payload = first + 1;
  parts->payload_length = (size_t) (second - first) - 1;
  parts->signing_input = g_bytes_new (token, (size_t) (second - token));
  parts->signature = door_base64_decode_url (second + 1, strlen (second + 1), MAX_SIGNATURE_BYTES);
  return parts->signature != NULL || refuse (error, "the signature is not base64url");
}

/* Members that change what the rest means; none of them is understood here (RFC 7515, 4.1.11; RFC 7797).
 * Those that carry or point to a key (jwk, jku, x5c, x5u) are not looked at. */
static bool
check_extensions (JsonObject *header, GError **error)
{
  static const char *const names[] = { "crit", "b64", "zip", "enc", "cty" };

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (json_object_has_member (header, names[i]))
      {
        g_autofree char *reason = g_strconcat ("the header has ", names[i], NULL);
        return refuse (error, reason);
      }
  return true;
}

/* Explicit types (RFC 8725, 3.11), so that a token for one purpose is not taken for another. */
static bool
check_type (JsonObject *header, const char *const *types, GError **error)
{
  const char *type = NULL;

  if (!door_json_member_read_string (header, "typ", &type, NULL))
    return refuse (error, "typ is not a string");
  if (type == NULL)
    return true;
  if (g_ascii_strncasecmp (type, "application/", strlen ("application/")) == 0)
    type += strlen ("application/");
  for (size_t i = 0; types[i] != NULL; i++)
    if (g_ascii_strcasecmp (type, types[i]) == 0)
      return true;
  return refuse (error, "typ is that of a token for another purpose");
}

static DoorJwsAlgorithms
read_algorithm (JsonObject *header, DoorJwsAlgorithms allowed, GError **error)
{
  const char *name = NULL;
  DoorJwsAlgorithms algorithm;

  if (!door_json_member_read_string (header, "alg", &name, NULL) || name == NULL)
    {
      refuse (error, "there is no alg");
      return DOOR_JWS_NONE;
    }
  algorithm = door_jws_algorithm_from_name (name) & allowed;
  if (algorithm == DOOR_JWS_NONE)
    door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_ALGORITHM,
                    "token: its algorithm is not allowed");
  return algorithm;
}

/**
 * door_jwt_verify:
 * @token: a token in compact form, as received
 * @keys: the issuer's keys
 * @allowed: algorithms of the connection
 * @types: (array zero-terminated=1): values of `typ` that may stand there; none at all always may
 * @error: return location for an error
 *
 * Verifies the signature of a JWT (RFC 7519, 7.2; RFC 7515, 5.2; RFC 8725). Which algorithms there are
 * follows from @allowed and from the kind of the key; what the token says picks one of them. Its claims are
 * not judged. Pure; below a millisecond.
 *
 * Returns: (transfer full): the token, or %NULL with %DOOR_FAULT_OIDC_TOKEN, %DOOR_FAULT_OIDC_ALGORITHM,
 *   %DOOR_FAULT_OIDC_KEY or %DOOR_FAULT_OIDC_SIGNATURE
 */
DoorJwt *
door_jwt_verify (const char *token, const DoorJwkSet *keys, DoorJwsAlgorithms allowed,
                 const char *const *types, GError **error)
{
  g_auto (Parts) parts = { NULL };
  g_autoptr (DoorJwt) self = g_new0 (DoorJwt, 1);
  const char *key_id = NULL;
  JsonObject *header;

  if (!split (token, &parts, error))
    return NULL;
  header = json_node_get_object (parts.header);
  if (!check_extensions (header, error) || !check_type (header, types, error))
    return NULL;
  self->has_type = json_object_has_member (header, "typ");
  self->algorithm = read_algorithm (header, allowed, error);
  if (self->algorithm == DOOR_JWS_NONE)
    return NULL;
  if (!door_json_member_read_string (header, "kid", &key_id, NULL))
    {
      refuse (error, "kid is not a string");
      return NULL;
    }
  if (!door_jwk_set_verify (keys, key_id, self->algorithm, parts.signing_input, parts.signature, error))
    return NULL;
  self->claims = parse_object (parts.payload, parts.payload_length, MAX_TOKEN_BYTES, MAX_CLAIMS_DEPTH);
  if (self->claims == NULL)
    {
      refuse (error, "the claims are no JSON object in base64url");
      return NULL;
    }
  return g_steal_pointer (&self);
}

/**
 * door_jwt_free:
 * @self: (transfer full): a token
 */
void
door_jwt_free (DoorJwt *self)
{
  g_clear_pointer (&self->claims, json_node_unref);
  g_free (self);
}

/**
 * door_jwt_get_claims:
 * @self: a token
 *
 * Returns: (transfer none): what it says, immutable
 */
JsonObject *
door_jwt_get_claims (const DoorJwt *self)
{
  return json_node_get_object (self->claims);
}

/**
 * door_jwt_get_algorithm:
 * @self: a token
 *
 * Returns: the algorithm it is signed with
 */
DoorJwsAlgorithms
door_jwt_get_algorithm (const DoorJwt *self)
{
  return self->algorithm;
}

/**
 * door_jwt_has_type:
 * @self: a token
 *
 * Returns: whether it says what it is for, which is one of the types it was verified for then
 */
bool
door_jwt_has_type (const DoorJwt *self)
{
  return self->has_type;
}
