/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

/**
 * DoorSamlSigner:
 *
 * Whose signature metadata must have.
 */
typedef struct _DoorSamlSigner DoorSamlSigner;

DoorSamlSigner *door_saml_signer_new (GBytes *file, GError **error);
void door_saml_signer_free (DoorSamlSigner *self);
const GPtrArray *door_saml_signer_get_keys (const DoorSamlSigner *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSamlSigner, door_saml_signer_free)
