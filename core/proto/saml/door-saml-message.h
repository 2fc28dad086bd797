/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "door-saml-sp-key.h"

/**
 * DoorSamlForm:
 * @action: where a browser posts it
 * @field: name of the field of the message, "SAMLRequest" or "SAMLResponse"
 * @message: its value
 * @relay_state: (nullable): value of the field RelayState, %NULL when there is none
 *
 * A message by the HTTP-POST binding (SAML bindings 3.5).
 */
typedef struct
{
  char *action;
  const char *field;
  char *message;
  char *relay_state;
} DoorSamlForm;

void door_saml_form_clear (DoorSamlForm *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorSamlForm, door_saml_form_clear)

/**
 * DoorSamlOutgoing: (skip)
 * @element: name of the element, such as "AuthnRequest"
 * @field: "SAMLRequest" or "SAMLResponse"
 * @id: ID of the message, an NCName nobody can guess
 * @issued_at_ms: milliseconds since 1970, UTC
 * @destination: where it goes
 * @issuer: our entity id
 * @relay_state: (nullable): at most 80 bytes
 * @extra_params: (nullable) (element-type utf8 utf8): further query parameters
 * @key: (nullable): what signs, %NULL for no signature
 * @attributes: (nullable): further attributes of the element, escaped, beginning with a space
 * @content: (nullable): what stands behind the Issuer, escaped
 *
 * What every message of ours has; internal to this folder.
 */
typedef struct
{
  const char *element;
  const char *field;
  const char *id;
  int64_t issued_at_ms;
  const char *destination;
  const char *issuer;
  const char *relay_state;
  GHashTable *extra_params;
  const DoorSamlSpKey *key;
  const char *attributes;
  const char *content;
} DoorSamlOutgoing;

bool door_saml_message_check_text (const char *text, GError **error);
bool door_saml_message_is_reserved (const char *name);
void door_saml_message_append_attribute (GString *xml, const char *name, const char *value);
void door_saml_message_append_element (GString *xml, const DoorSamlOutgoing *message, bool with_signature);
char *door_saml_message_build_redirect_url (const DoorSamlOutgoing *message, GError **error);
bool door_saml_message_build_form (const DoorSamlOutgoing *message, DoorSamlForm *form, GError **error);
