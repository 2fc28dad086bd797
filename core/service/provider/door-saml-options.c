/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-options.h"

/**
 * door_saml_options_read:
 * @connection: an identity provider
 *
 * Returns: what its group says; texts live as long as @connection
 */
DoorSamlOptions
door_saml_options_read (const DoorConnection *connection)
{
  const DoorSettings *settings = door_connection_get_settings (connection);
  const char *binding = door_settings_get_string (settings, "RequestBinding");

  return (DoorSamlOptions){
    .sign_requests = door_settings_get_boolean (settings, "SignRequests"),
    .post = g_strcmp0 (binding, "post") == 0,
    .redirect = g_strcmp0 (binding, "redirect") == 0,
    .artifact = g_strcmp0 (door_settings_get_string (settings, "ResponseBinding"), "artifact") == 0,
    .authn_context = door_settings_get_string (settings, "AuthnContext"),
    .encryption = door_settings_get_boolean (settings, "Encryption"),
    .want_encrypted = door_settings_get_boolean (settings, "WantEncrypted"),
  };
}

/**
 * door_saml_options_sign:
 * @self: options
 * @metadata: the provider's
 *
 * Returns: whether requests to it are signed
 */
bool
door_saml_options_sign (const DoorSamlOptions *self, const DoorSamlMetadata *metadata)
{
  return self->sign_requests || door_saml_metadata_wants_signed_requests (metadata);
}
