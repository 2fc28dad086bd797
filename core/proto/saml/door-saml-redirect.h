/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Messages that come by the HTTP-Redirect binding; internal to this folder. */

#include <stdbool.h>

#include "door-saml-metadata.h"

/**
 * DoorSamlRedirect: (skip)
 * @field: "SAMLRequest" or "SAMLResponse"
 * @xml: the message, inflated
 * @relay_state: (nullable): as sent
 * @algorithm: SigAlg
 * @signature: the signature
 * @octets: what it is over
 *
 * A signed query, taken apart.
 */
typedef struct
{
  const char *field;
  GBytes *xml;
  char *relay_state;
  char *algorithm;
  GBytes *signature;
  char *octets;
} DoorSamlRedirect;

bool door_saml_redirect_parse (const char *query, DoorSamlRedirect *redirect, GError **error);
void door_saml_redirect_lower_escapes (DoorSamlRedirect *self);
void door_saml_redirect_clear (DoorSamlRedirect *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorSamlRedirect, door_saml_redirect_clear)
