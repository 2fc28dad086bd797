/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-service-account.h"

#include <string.h>

#include <gnutls/abstract.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-json.h"

#define MAX_DEPTH 4
#define LIFE_S 600
#define MIN_RSA_BITS 2048

struct _DoorServiceAccount
{
  char *email;
  char *key_id;
  gnutls_privkey_t key;
};

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET, "the key of the service account %s",
                         reason);
}

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                          : NULL;
}

static bool
load_key (DoorServiceAccount *self, const char *pem, GError **error)
{
  const gnutls_datum_t datum = { (unsigned char *) pem, (unsigned int) strlen (pem) };
  unsigned int bits = 0;

  if (gnutls_privkey_init (&self->key) < 0 ||
      gnutls_privkey_import_x509_raw (self->key, &datum, GNUTLS_X509_FMT_PEM, NULL, 0) < 0)
    return refuse (error, "has no private_key in PEM");
  if (gnutls_privkey_get_pk_algorithm (self->key, &bits) != GNUTLS_PK_RSA || bits < MIN_RSA_BITS)
    return refuse (error, "is not RSA of 2048 bits or more");
  return true;
}

/**
 * door_service_account_parse:
 * @json: the key as it is downloaded: JSON with client_email, private_key and private_key_id
 * @error: return location for an error
 *
 * Reads the key of a service account. Where to send what it signs is not taken from it. Pure; any thread.
 *
 * Returns: (transfer full): the account, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorServiceAccount *
door_service_account_parse (const DoorSecret *json, GError **error)
{
  size_t size;
  const uint8_t *data = door_secret_get_data (json, &size);
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, size);
  g_autoptr (JsonNode) node = door_json_parse (bytes, MAX_DEPTH, NULL); /* what it quotes may be secret */
  g_autoptr (DoorServiceAccount) self = g_new0 (DoorServiceAccount, 1);
  JsonObject *object;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      refuse (error, "is not JSON");
      return NULL;
    }
  object = json_node_get_object (node);
  self->email = g_strdup (get_text (object, "client_email"));
  self->key_id = g_strdup (get_text (object, "private_key_id"));
  if (self->email == NULL || get_text (object, "private_key") == NULL)
    {
      refuse (error, "has no client_email or no private_key");
      return NULL;
    }
  return load_key (self, get_text (object, "private_key"), error) ? g_steal_pointer (&self) : NULL;
}

/**
 * door_service_account_free:
 * @self: (transfer full): an account
 */
void
door_service_account_free (DoorServiceAccount *self)
{
  g_free (self->email);
  g_free (self->key_id);
  g_clear_pointer (&self->key, gnutls_privkey_deinit);
  g_free (self);
}

static char *
encode (JsonBuilder *builder)
{
  g_autoptr (JsonNode) node = json_builder_get_root (builder);
  g_autoptr (GBytes) json = door_json_build (node);

  return door_base64_encode_url (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
}

static void
add_text (JsonBuilder *builder, const char *name, const char *value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static char *
build_header (const DoorServiceAccount *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_text (builder, "alg", "RS256");
  add_text (builder, "typ", "JWT");
  add_text (builder, "kid", self->key_id);
  json_builder_end_object (builder);
  return encode (builder);
}

static char *
build_claims (const DoorServiceAccount *self, const DoorServiceAccountGrant *grant)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_text (builder, "iss", self->email);
  add_text (builder, "sub", grant->subject);
  add_text (builder, "scope", grant->scope);
  add_text (builder, "aud", grant->audience);
  json_builder_set_member_name (builder, "iat");
  json_builder_add_int_value (builder, grant->now_ms / 1000);
  json_builder_set_member_name (builder, "exp");
  json_builder_add_int_value (builder, grant->now_ms / 1000 + LIFE_S);
  json_builder_end_object (builder);
  return encode (builder);
}

/**
 * door_service_account_build_assertion:
 * @self: an account
 * @grant: what it says of itself
 * @error: return location for an error
 *
 * Builds a JWT signed by RS256 with which the account asks for an access token (RFC 7523, 2.1). CPU-bound;
 * any thread.
 *
 * Returns: (transfer full): the assertion, or %NULL with %DOOR_ERROR_FAILED
 */
char *
door_service_account_build_assertion (const DoorServiceAccount *self, const DoorServiceAccountGrant *grant,
                                      GError **error)
{
  g_autofree char *header = build_header (self), *claims = build_claims (self, grant);
  g_autofree char *input = g_strconcat (header, ".", claims, NULL), *encoded = NULL;
  const gnutls_datum_t data = { (unsigned char *) input, (unsigned int) strlen (input) };
  gnutls_datum_t signature = { NULL, 0 };

  if (gnutls_privkey_sign_data2 (self->key, GNUTLS_SIGN_RSA_SHA256, 0, &data, &signature) < 0)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "the assertion cannot be signed");
      return NULL;
    }
  encoded = door_base64_encode_url (signature.data, signature.size);
  gnutls_free (signature.data);
  return g_strconcat (input, ".", encoded, NULL);
}
