/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "door-saml-message.h"
#include "door-saml-sp-key.h"

/**
 * DoorSamlRequest:
 * @id: ID of the request, an NCName nobody can guess
 * @issued_at_ms: milliseconds since 1970, UTC
 * @destination: the identity provider's sign-in address
 * @acs_url: where the answer is to be posted
 * @artifact: whether an artifact is to be posted or redirected there instead
 * @issuer: our entity id
 * @name_id_format: (nullable): Format to ask for, %NULL for no NameIDPolicy at all
 * @authn_context: (nullable): class of authentication to ask for, exactly; %NULL for none
 * @force_authn: whether a session at the identity provider must not be enough
 * @relay_state: (nullable): opaque handle that comes back with the answer, at most 80 bytes
 * @extra_params: (nullable) (element-type utf8 utf8): further query parameters, such as `login_hint`
 * @signing_key: (nullable): what signs it, %NULL for no signature
 *
 * An AuthnRequest (SAML core 3.4.1).
 */
typedef struct
{
  const char *id;
  int64_t issued_at_ms;
  const char *destination;
  const char *acs_url;
  bool artifact;
  const char *issuer;
  const char *name_id_format;
  const char *authn_context;
  bool force_authn;
  const char *relay_state;
  GHashTable *extra_params;
  const DoorSamlSpKey *signing_key;
} DoorSamlRequest;

char *door_saml_request_build_redirect_url (const DoorSamlRequest *request, GError **error);
bool door_saml_request_build_form (const DoorSamlRequest *request, DoorSamlForm *form, GError **error);
