/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-sp.h"

#include "door-saml-keys.h"
#include "door-saml-options.h"
#include "door-saml-sp-metadata.h"

/* What the provider demands counts as soon as its metadata is there. */
static bool
signs_requests (DoorConnection *connection, const DoorSamlOptions *options)
{
  g_autoptr (DoorSamlMetadata) metadata = door_connection_dup_metadata (connection, NULL);

  return metadata != NULL ? door_saml_options_sign (options, metadata) : options->sign_requests;
}

/**
 * door_saml_sp_describe:
 * @context: what every service needs
 * @connection: the identity provider it is for
 * @sign: whether it is signed
 * @cancellable: (nullable): stops waiting
 * @error: return location for an error
 *
 * Builds what this server is for one provider: addresses, and our keys, two of them during a change. A key to
 * encrypt for is in it only where Encryption= is on. Blocks for reads, and for a commit where a key is made.
 *
 * Returns: (transfer full): SAML metadata, or %NULL with an error
 */
char *
door_saml_sp_describe (const DoorContext *context, DoorConnection *connection, bool sign,
                       GCancellable *cancellable, GError **error)
{
  const DoorIdpProfile *profile = door_connection_get_profile (connection);
  const DoorSamlOptions options = door_saml_options_read (connection);
  const char *formats[] = { door_idp_profile_get_name_id_format (profile), NULL };
  DoorSignedPart part = door_idp_profile_get_signed_part (profile);
  bool signs = signs_requests (connection, &options);
  g_autoptr (GPtrArray) signing = NULL, encryption = NULL;
  g_autofree char *id = door_random_dup_ncname (context->random);
  DoorSamlSpMetadata metadata;

  if (signs || sign || options.artifact || door_connection_get_single_logout (connection))
    {
      signing = door_saml_keys_ensure (context, connection, DOOR_SAML_USE_SIGNING, false, cancellable, error);
      if (signing == NULL)
        return NULL;
    }
  if (options.encryption)
    {
      encryption =
          door_saml_keys_ensure (context, connection, DOOR_SAML_USE_ENCRYPTION, false, cancellable, error);
      if (encryption == NULL)
        return NULL;
    }
  metadata = (DoorSamlSpMetadata){
    .entity_id = door_connection_get_sp_entity_id (connection),
    .acs_url = door_connection_get_acs_url (connection),
    .artifacts = options.artifact,
    .logout_url = door_connection_get_single_logout (connection)
                      ? door_connection_get_addresses (connection)->logout_url
                      : NULL,
    .signing_keys = signing,
    .encryption_keys = encryption,
    .requests_signed = signs,
    .want_assertions_signed = part == DOOR_SIGNED_ASSERTION || part == DOOR_SIGNED_BOTH,
    .name_id_formats = formats,
    .sign_with = sign ? g_ptr_array_index (signing, 0) : NULL,
    .id = sign ? id : NULL,
  };
  return door_saml_sp_metadata_build (&metadata, error);
}
