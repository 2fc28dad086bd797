/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>
#include <libxml/tree.h>
#include <stdbool.h>

#include "idp-key.h"

typedef enum
{
  IDP_SIGNATURE_GOOD,
  IDP_SIGNATURE_OTHER_KEY,
  IDP_SIGNATURE_SHA1,
  IDP_SIGNATURE_HMAC,
  IDP_SIGNATURE_FOREIGN_TRANSFORM,
  IDP_SIGNATURE_EMPTY_DIGEST,
  IDP_SIGNATURE_FLIPPED,
} IdpSignatureKind;

typedef struct IdpSigner IdpSigner;

IdpSigner *idp_signer_new (const IdpKey *key, const IdpKey *other_key, GError **error);
void idp_signer_free (IdpSigner *signer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IdpSigner, idp_signer_free)

bool idp_signer_sign (const IdpSigner *signer, xmlNode *element, IdpSignatureKind kind, GError **error);
