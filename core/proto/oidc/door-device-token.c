/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-token.h"

#include <string.h>

#include <gnutls/abstract.h>
#include <json-glib/json-glib.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-json.h"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (gnutls_privkey_t, gnutls_privkey_deinit, NULL)

static char *
encode (JsonObject *object)
{
  g_autoptr (GBytes) json = door_json_build_object (object);

  return door_base64_encode_url (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
}

static char *
build_input (const DoorDeviceTokenClaims *claims)
{
  g_autoptr (JsonObject) head = json_object_new (), body = json_object_new ();
  g_autofree char *header = NULL, *payload = NULL;

  json_object_set_string_member (head, "alg", "RS256");
  json_object_set_string_member (head, "typ", "JWT");
  json_object_set_string_member (body, "iss", claims->issuer);
  json_object_set_int_member (body, "iat", claims->now_ms / 1000);
  json_object_set_string_member (body, "jti", claims->id);
  json_object_set_string_member (body, "service_type", claims->service_type);
  header = encode (head);
  payload = encode (body);
  return g_strconcat (header, ".", payload, NULL);
}

/**
 * door_device_token_build:
 * @private_key: the key whose certificate Apple has of this server, PKCS #8 in PEM
 * @claims: what it says
 * @error: return location for an error
 *
 * Builds a JWT signed by RS256 that a device takes to a service (Apple, GetToken). CPU-bound; any thread.
 *
 * Returns: (transfer full): the token, or %NULL with %DOOR_ERROR_FAILED
 */
char *
door_device_token_build (const DoorSecret *private_key, const DoorDeviceTokenClaims *claims, GError **error)
{
  g_autofree char *input = build_input (claims), *encoded = NULL;
  const gnutls_datum_t data = { (unsigned char *) input, (unsigned int) strlen (input) };
  g_auto (gnutls_privkey_t) key = NULL;
  gnutls_datum_t pem, signature = { NULL, 0 };
  size_t size;

  pem.data = (unsigned char *) door_secret_get_data (private_key, &size);
  pem.size = (unsigned int) size;
  if (gnutls_privkey_init (&key) < 0 ||
      gnutls_privkey_import_x509_raw (key, &pem, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN) < 0 ||
      gnutls_privkey_sign_data2 (key, GNUTLS_SIGN_RSA_SHA256, 0, &data, &signature) < 0)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL,
                      "the token for a device cannot be signed");
      return NULL;
    }
  encoded = door_base64_encode_url (signature.data, signature.size);
  gnutls_free (signature.data);
  return g_strconcat (input, ".", encoded, NULL);
}
