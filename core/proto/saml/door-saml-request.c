/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-request.h"

#include "door-error.h"

#define BINDING_POST "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
#define BINDING_ARTIFACT "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact"

static char *
build_attributes (const DoorSamlRequest *request)
{
  g_autoptr (GString) xml = g_string_new (NULL);

  door_saml_message_append_attribute (xml, "AssertionConsumerServiceURL", request->acs_url);
  door_saml_message_append_attribute (xml, "ProtocolBinding",
                                      request->artifact ? BINDING_ARTIFACT : BINDING_POST);
  if (request->force_authn)
    door_saml_message_append_attribute (xml, "ForceAuthn", "true");
  return g_string_free (g_steal_pointer (&xml), FALSE);
}

static char *
build_content (const DoorSamlRequest *request)
{
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autofree char *context =
      request->authn_context != NULL ? g_markup_escape_text (request->authn_context, -1) : NULL;

  if (request->name_id_format != NULL)
    {
      g_string_append (xml, "<samlp:NameIDPolicy");
      door_saml_message_append_attribute (xml, "Format", request->name_id_format);
      door_saml_message_append_attribute (xml, "AllowCreate", "true");
      g_string_append (xml, "/>");
    }
  if (context != NULL)
    g_string_append_printf (xml,
                            "<samlp:RequestedAuthnContext Comparison=\"exact\"><saml:AuthnContextClassRef>%s"
                            "</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>",
                            context);
  return g_string_free (g_steal_pointer (&xml), FALSE);
}

static bool
check_request (const DoorSamlRequest *request, GError **error)
{
  return door_saml_message_check_text (request->acs_url, error) &&
         door_saml_message_check_text (request->name_id_format, error) &&
         door_saml_message_check_text (request->authn_context, error);
}

static DoorSamlOutgoing
make_message (const DoorSamlRequest *request, const char *attributes, const char *content)
{
  return (DoorSamlOutgoing){ .element = "AuthnRequest",
                             .field = "SAMLRequest",
                             .id = request->id,
                             .issued_at_ms = request->issued_at_ms,
                             .destination = request->destination,
                             .issuer = request->issuer,
                             .relay_state = request->relay_state,
                             .extra_params = request->extra_params,
                             .key = request->signing_key,
                             .attributes = attributes,
                             .content = content };
}

/**
 * door_saml_request_build_redirect_url:
 * @request: what to ask
 * @error: return location for an error
 *
 * Builds the address a browser is sent to with an AuthnRequest by the HTTP-Redirect binding (SAML bindings
 * 3.4). The query of the destination is kept, parameters of the binding cannot be overridden. With a signing
 * key the query is signed with RSA and SHA-256 over exactly the octets that are sent (3.4.4.1).
 * RequestedAuthnContext is sent only when it is asked for (Entra ID refuses it, AADSTS75011). Pure; any
 * thread.
 *
 * Returns: (transfer full): the address, or %NULL with %DOOR_ERROR_CONFIG
 */
char *
door_saml_request_build_redirect_url (const DoorSamlRequest *request, GError **error)
{
  g_autofree char *attributes = NULL, *content = NULL;
  DoorSamlOutgoing message;

  if (!check_request (request, error))
    return NULL;
  attributes = build_attributes (request);
  content = build_content (request);
  message = make_message (request, attributes, content);
  return door_saml_message_build_redirect_url (&message, error);
}

/**
 * door_saml_request_build_form:
 * @request: what to ask
 * @form: (out caller-allocates): what a page posts for the person; clear it
 * @error: return location for an error
 *
 * Builds an AuthnRequest by the HTTP-POST binding (SAML bindings 3.5), with an enveloped signature when there
 * is a signing key. Further query parameters become part of the form's address. Pure; any thread.
 *
 * Returns: true, or false with %DOOR_ERROR_CONFIG
 */
bool
door_saml_request_build_form (const DoorSamlRequest *request, DoorSamlForm *form, GError **error)
{
  g_autofree char *attributes = NULL, *content = NULL;
  DoorSamlOutgoing message;

  if (!check_request (request, error))
    return false;
  attributes = build_attributes (request);
  content = build_content (request);
  message = make_message (request, attributes, content);
  return door_saml_message_build_form (&message, form, error);
}
