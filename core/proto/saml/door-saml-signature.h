/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>
#include <libxml/tree.h>
#include <openssl/evp.h>
#include <xmlsec/xmlsec.h>
#include <xmlsec/keys.h>

#include "door-saml-redirect.h"

/**
 * DoorSamlSignature: (skip)
 * @node: the ds:Signature
 * @element: its parent, the element it must cover
 * @id: ID of @element
 * @key_type: type of key the algorithm wants, "RSA" or "EC"
 *
 * A signature, the form of which has been checked; internal to this folder.
 */
typedef struct
{
  xmlNode *node;
  xmlNode *element;
  const char *id;
  const char *key_type;
} DoorSamlSignature;

bool door_saml_signature_check_form (DoorSamlSignature *signature, bool allow_sha1, GError **error);
bool door_saml_signature_check_value (const DoorSamlSignature *signature, const GPtrArray *keys,
                                      GError **error);
xmlSecKeyPtr door_saml_signature_make_key (EVP_PKEY *pkey);
bool door_saml_signature_check_octets (const DoorSamlRedirect *redirect, const GPtrArray *keys,
                                       bool allow_sha1, GError **error);
