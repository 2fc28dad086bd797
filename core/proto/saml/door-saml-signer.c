/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-signer.h"

#include "door-saml-key.h"

struct _DoorSamlSigner
{
  GPtrArray *keys; /* of DoorSamlKey */
};

/**
 * door_saml_signer_new:
 * @file: contents of a file: certificates in PEM or DER, or one public key in PEM
 * @error: return location for an error
 *
 * Reads the keys one of which must have signed. As in metadata, a certificate is only a wrapping of its key.
 * Pure; any thread.
 *
 * Returns: (transfer full): the signer, or %NULL with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_IDP_METADATA
 */
DoorSamlSigner *
door_saml_signer_new (GBytes *file, GError **error)
{
  g_autoptr (DoorSamlSigner) self = g_new0 (DoorSamlSigner, 1);

  self->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_saml_key_free);
  if (!door_saml_keys_add_public_key (self->keys, file, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_saml_signer_free:
 * @self: (transfer full): a signer
 */
void
door_saml_signer_free (DoorSamlSigner *self)
{
  g_ptr_array_unref (self->keys);
  g_free (self);
}

/**
 * door_saml_signer_get_keys: (skip)
 * @self: a signer
 *
 * Returns: (transfer none) (element-type DoorSamlKey): its keys
 */
const GPtrArray *
door_saml_signer_get_keys (const DoorSamlSigner *self)
{
  return self->keys;
}
