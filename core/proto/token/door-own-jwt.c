/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-own-jwt.h"

#include <string.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"

/* Ours are about 700 bytes. */
#define MAX_TOKEN_BYTES 4096
#define MAX_DEPTH 3
/* what the clocks of two instances may differ by */
#define MAX_AHEAD_S 300
#define ALGORITHM "EdDSA"

/**
 * door_own_key_free:
 * @self: (transfer full) (nullable): a key; its secret half is wiped
 */
void
door_own_key_free (DoorOwnKey *self)
{
  if (self == NULL)
    return;
  explicit_bzero (self->secret_key, sizeof self->secret_key);
  g_free (self->kid);
  g_free (self);
}

/**
 * door_own_claims_clear:
 * @self: what a token says
 */
void
door_own_claims_clear (DoorOwnClaims *self)
{
  g_clear_pointer (&self->issuer, g_free);
  g_clear_pointer (&self->audience, g_free);
  g_clear_pointer (&self->subject, g_free);
  g_clear_pointer (&self->session, g_free);
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->roles, g_free);
}

static char *
encode_object (JsonObject *object)
{
  g_autoptr (GBytes) json = door_json_build_object (object);

  return door_base64_encode_url (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
}

static char *
build_signing_input (const DoorOwnKey *key, const DoorOwnClaims *claims)
{
  g_autoptr (JsonObject) header = json_object_new (), body = json_object_new ();
  g_autofree char *head = NULL, *payload = NULL;

  json_object_set_string_member (header, "alg", ALGORITHM);
  json_object_set_string_member (header, "kid", key->kid);
  json_object_set_string_member (header, "typ", "JWT");
  json_object_set_string_member (body, "iss", claims->issuer);
  json_object_set_string_member (body, "sub", claims->subject);
  json_object_set_string_member (body, "aud", claims->audience);
  json_object_set_int_member (body, "exp", claims->expires_s);
  json_object_set_int_member (body, "iat", claims->issued_s);
  json_object_set_string_member (body, "jti", claims->id);
  json_object_set_string_member (body, "sid", claims->session);
  json_object_set_string_member (body, "roles", claims->roles);
  head = encode_object (header);
  payload = encode_object (body);
  return g_strconcat (head, ".", payload, NULL);
}

/**
 * door_own_jwt_build:
 * @key: the key that signs
 * @claims: what the token says
 * @error: return location for an error
 *
 * Makes a signed token (RFC 7519, RFC 7515, RFC 8037). Pure.
 *
 * Returns: (transfer full): the token, or %NULL with an error
 */
char *
door_own_jwt_build (const DoorOwnKey *key, const DoorOwnClaims *claims, GError **error)
{
  g_autofree char *input = build_signing_input (key, claims), *encoded = NULL;
  uint8_t signature[DOOR_ED25519_SIGNATURE_BYTES];

  if (!door_ed25519_sign (key->secret_key, key->public_key, input, signature, error))
    return NULL;
  encoded = door_base64_encode_url (signature, sizeof signature);
  return g_strconcat (input, ".", encoded, NULL);
}

static bool
refuse (const char *what, GError **error)
{
  return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SESSION_TOKEN, "token: %s", what);
}

static JsonNode *
decode_object (const char *text, size_t length)
{
  g_autoptr (GBytes) bytes = door_base64_decode_url (text, length, MAX_TOKEN_BYTES);
  /* which rule it breaks does not matter */
  g_autoptr (JsonNode) node = bytes != NULL ? door_json_parse (bytes, MAX_DEPTH, NULL) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? g_steal_pointer (&node) : NULL;
}

static const char *
get_text (JsonObject *object, const char *name)
{
  const char *text = NULL;

  return door_json_member_read_string (object, name, &text, NULL) ? text : NULL;
}

static const DoorOwnKey *
find_key (const GPtrArray *keys, const char *kid)
{
  for (guint i = 0; kid != NULL && i < keys->len; i++)
    {
      const DoorOwnKey *key = g_ptr_array_index (keys, i);

      if (strcmp (key->kid, kid) == 0)
        return key;
    }
  return NULL;
}

/* The algorithm is the key's: the header may only agree. What else a header can say would change what the
 * rest means (crit, b64, jwk, x5c), so it says nothing else. */
static bool
check_header (const char *token, size_t length, const DoorOwnExpect *expect, const DoorOwnKey **key,
              GError **error)
{
  g_autoptr (JsonNode) node = decode_object (token, length);
  JsonObject *header = node != NULL ? json_node_get_object (node) : NULL;

  if (header == NULL)
    return refuse ("its header is no JSON object", error);
  if (g_strcmp0 (get_text (header, "alg"), ALGORITHM) != 0)
    return refuse ("another algorithm than that of our keys", error);
  if (g_strcmp0 (get_text (header, "typ"), "JWT") != 0 || json_object_get_size (header) != 3)
    return refuse ("its header is not one of ours", error);
  *key = find_key (expect->keys, get_text (header, "kid"));
  return *key != NULL || refuse ("no key of ours has this kid", error);
}

static bool
read_claims (JsonObject *body, DoorOwnClaims *out)
{
  const struct
  {
    const char *name;
    char **place;
  } texts[] = {
    { "iss", &out->issuer },  { "aud", &out->audience }, { "sub", &out->subject },
    { "sid", &out->session }, { "jti", &out->id },       { "roles", &out->roles },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      *texts[i].place = g_strdup (get_text (body, texts[i].name));
      if (*texts[i].place == NULL || **texts[i].place == '\0')
        return false;
    }
  return json_object_has_member (body, "exp") && json_object_has_member (body, "iat") &&
         door_json_member_read_integer (body, "exp", &out->expires_s, NULL) &&
         door_json_member_read_integer (body, "iat", &out->issued_s, NULL);
}

static bool
check_claims (const DoorOwnClaims *claims, const DoorOwnExpect *expect, GError **error)
{
  if (strcmp (claims->issuer, expect->issuer) != 0)
    return refuse ("of another issuer", error);
  if (strcmp (claims->audience, expect->audience) != 0)
    return refuse ("for another audience", error);
  if (claims->expires_s <= expect->now_s)
    return refuse ("its time is over", error);
  if (claims->issued_s > expect->now_s + MAX_AHEAD_S)
    return refuse ("it was made in the future", error);
  return true;
}

/**
 * door_own_jwt_verify:
 * @token: what somebody shows
 * @expect: what it must be
 * @out: (out caller-allocates): what it says; clear it
 * @error: return location for an error
 *
 * Verifies a token of ours: form, algorithm, key, signature, issuer, audience and time. Whether the session
 * it names is alive is for the caller. Pure.
 *
 * Returns: false with %DOOR_FAULT_SESSION_TOKEN
 */
bool
door_own_jwt_verify (const char *token, const DoorOwnExpect *expect, DoorOwnClaims *out, GError **error)
{
  size_t length = strnlen (token, MAX_TOKEN_BYTES + 1);
  const char *first = length <= MAX_TOKEN_BYTES ? strchr (token, '.') : NULL;
  const char *second = first != NULL ? strchr (first + 1, '.') : NULL;
  g_auto (DoorOwnClaims) claims = { NULL };
  g_autoptr (GBytes) signature = NULL;
  g_autoptr (JsonNode) body = NULL;
  const DoorOwnKey *key = NULL;

  if (second == NULL)
    return refuse ("not three parts", error);
  if (!check_header (token, (size_t) (first - token), expect, &key, error))
    return false;
  signature = door_base64_decode_url (second + 1, strlen (second + 1), DOOR_ED25519_SIGNATURE_BYTES);
  if (signature == NULL || g_bytes_get_size (signature) != DOOR_ED25519_SIGNATURE_BYTES ||
      !door_ed25519_verify (key->public_key, token, (size_t) (second - token),
                            g_bytes_get_data (signature, NULL)))
    return refuse ("its signature does not hold", error);
  body = decode_object (first + 1, (size_t) (second - first - 1));
  if (body == NULL || !read_claims (json_node_get_object (body), &claims))
    return refuse ("a claim is missing", error);
  if (!check_claims (&claims, expect, error))
    return false;
  *out = claims;
  claims = (DoorOwnClaims){ NULL };
  return true;
}

/**
 * door_own_jwk_set_build:
 * @keys: (element-type DoorOwnKey): keys
 *
 * Describes the public halves, for whoever verifies our tokens (RFC 7517, RFC 8037). Pure.
 *
 * Returns: (transfer full): a JWK set
 */
GBytes *
door_own_jwk_set_build (const GPtrArray *keys)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "keys");
  json_builder_begin_array (builder);
  for (guint i = 0; i < keys->len; i++)
    {
      const DoorOwnKey *key = g_ptr_array_index (keys, i);
      g_autofree char *x = door_base64_encode_url (key->public_key, sizeof key->public_key);
      static const char *const members[] = { "kty", "OKP", "crv",     "Ed25519", "use",
                                             "sig", "alg", ALGORITHM, NULL };

      json_builder_begin_object (builder);
      for (size_t j = 0; members[j] != NULL; j += 2)
        {
          json_builder_set_member_name (builder, members[j]);
          json_builder_add_string_value (builder, members[j + 1]);
        }
      json_builder_set_member_name (builder, "kid");
      json_builder_add_string_value (builder, key->kid);
      json_builder_set_member_name (builder, "x");
      json_builder_add_string_value (builder, x);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return door_json_build (root);
}
