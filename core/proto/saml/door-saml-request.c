/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-request.h"

#include <string.h>

#include <gio/gio.h>
#include <libxml/tree.h>

#include "door-clock.h"
#include "door-error.h"
#include "door-saml-xml.h"

#define MAX_RELAY_STATE_BYTES 80
#define BINDING_POST "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"

/* What the binding itself uses (bindings 3.4.4); nobody else may set them. */
static const char *const reserved_params[] = { "SAMLRequest", "SAMLResponse", "SAMLEncoding", "SAMLart",
                                               "RelayState",  "SigAlg",       "Signature",    NULL };

static bool
refuse (GError **error, const char *reason)
{
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "sign-in request: %s", reason);
  return false;
}

/* Values go into attributes and text; what XML cannot carry must not get that far. */
static bool
is_xml_text (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return false;
  for (; *text != '\0'; text++)
    if (g_ascii_iscntrl (*text))
      return false;
  return true;
}

static bool
check_query (const char *url, GError **error)
{
  const char *query = strchr (url, '?');
  g_auto (GStrv) pieces = NULL;

  if (strchr (url, '#') != NULL)
    return refuse (error, "the destination has a fragment");
  pieces = g_strsplit (query != NULL ? query + 1 : "", "&", -1);
  for (size_t i = 0; pieces[i] != NULL; i++)
    {
      g_autofree char *name = NULL;

      pieces[i][strcspn (pieces[i], "=")] = '\0';
      name = g_uri_unescape_string (pieces[i], NULL);
      if (name == NULL || g_strv_contains (reserved_params, name))
        return refuse (error, "the destination's query has a parameter of the binding");
    }
  return true;
}

static bool
check_extra_params (GHashTable *params, GError **error)
{
  GHashTableIter iter;
  gpointer name, value;

  if (params == NULL)
    return true;
  g_hash_table_iter_init (&iter, params);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (*(const char *) name == '\0' || g_strv_contains (reserved_params, name))
      return refuse (error, "a further parameter has no name or the name of one of the binding");
  return true;
}

static bool
check_request (const DoorSamlRequest *request, GError **error)
{
  if (request->id == NULL || xmlValidateNCName ((const xmlChar *) request->id, 0) != 0)
    return refuse (error, "the id is not an NCName");
  if (request->destination == NULL)
    return refuse (error, "the identity provider has no address for it");
  if (request->relay_state != NULL && strlen (request->relay_state) > MAX_RELAY_STATE_BYTES)
    return refuse (error, "RelayState is longer than 80 bytes");
  if (!is_xml_text (request->destination) || !is_xml_text (request->acs_url) ||
      !is_xml_text (request->issuer) ||
      (request->name_id_format != NULL && !is_xml_text (request->name_id_format)))
    return refuse (error, "a value has characters XML cannot carry");
  return check_query (request->destination, error) && check_extra_params (request->extra_params, error);
}

static void
append_attribute (GString *xml, const char *name, const char *value)
{
  g_autofree char *escaped = g_markup_escape_text (value, -1);

  g_string_append_printf (xml, " %s=\"%s\"", name, escaped);
}

static char *
build_xml (const DoorSamlRequest *request)
{
  g_autoptr (GString) xml = g_string_new ("<samlp:AuthnRequest");
  g_autofree char *instant = door_clock_format_iso8601 (request->issued_at_ms);
  g_autofree char *issuer = g_markup_escape_text (request->issuer, -1);

  append_attribute (xml, "xmlns:samlp", DOOR_SAML_NS_PROTOCOL);
  append_attribute (xml, "xmlns:saml", DOOR_SAML_NS_ASSERTION);
  append_attribute (xml, "ID", request->id);
  append_attribute (xml, "Version", "2.0");
  append_attribute (xml, "IssueInstant", instant);
  append_attribute (xml, "Destination", request->destination);
  append_attribute (xml, "AssertionConsumerServiceURL", request->acs_url);
  append_attribute (xml, "ProtocolBinding", BINDING_POST);
  if (request->force_authn)
    append_attribute (xml, "ForceAuthn", "true");
  g_string_append_printf (xml, "><saml:Issuer>%s</saml:Issuer>", issuer);
  if (request->name_id_format != NULL)
    {
      g_string_append (xml, "<samlp:NameIDPolicy");
      append_attribute (xml, "Format", request->name_id_format);
      append_attribute (xml, "AllowCreate", "true");
      g_string_append (xml, "/>");
    }
  g_string_append (xml, "</samlp:AuthnRequest>");
  return g_string_free (g_steal_pointer (&xml), FALSE);
}

/* DEFLATE without header, then base64 (bindings 3.4.4.1). */
static char *
deflate_and_encode (const char *xml, GError **error)
{
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, -1);
  size_t size = strlen (xml), capacity = size + size / 8 + 64;
  g_autofree guchar *out = g_malloc (capacity);
  gsize read = 0, written = 0;

  if (g_converter_convert (G_CONVERTER (compressor), xml, size, out, capacity, G_CONVERTER_INPUT_AT_END,
                           &read, &written, NULL) != G_CONVERTER_FINISHED)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "the request could not be compressed");
      return NULL;
    }
  return g_base64_encode (out, written);
}

static void
append_param (GString *url, const char *name, const char *value)
{
  g_autofree char *escaped_name = g_uri_escape_string (name, NULL, FALSE);
  g_autofree char *escaped_value = g_uri_escape_string (value, NULL, FALSE);
  char last = url->str[url->len - 1];

  if (strchr (url->str, '?') == NULL)
    g_string_append_c (url, '?');
  else if (last != '?' && last != '&')
    g_string_append_c (url, '&');
  g_string_append_printf (url, "%s=%s", escaped_name, escaped_value);
}

static void
append_extra_params (GString *url, GHashTable *params)
{
  g_autoptr (GList) names = params != NULL ? g_hash_table_get_keys (params) : NULL;

  names = g_list_sort (names, (GCompareFunc) strcmp);
  for (const GList *at = names; at != NULL; at = at->next)
    append_param (url, at->data, g_hash_table_lookup (params, at->data));
}

/**
 * door_saml_request_build_redirect_url:
 * @request: what to ask
 * @error: return location for an error
 *
 * Builds the address a browser is sent to with an AuthnRequest by the HTTP-Redirect binding (SAML bindings
 * 3.4), unsigned. The query of the destination is kept, parameters of the binding cannot be overridden.
 * RequestedAuthnContext is never sent (Entra ID refuses it, AADSTS75011). Pure; any thread.
 *
 * Returns: (transfer full): the address, or %NULL with %DOOR_ERROR_CONFIG
 */
char *
door_saml_request_build_redirect_url (const DoorSamlRequest *request, GError **error)
{
  g_autoptr (GString) url = NULL;
  g_autofree char *xml = NULL, *message = NULL;

  if (!check_request (request, error))
    return NULL;
  xml = build_xml (request);
  message = deflate_and_encode (xml, error);
  if (message == NULL)
    return NULL;
  url = g_string_new (request->destination);
  append_param (url, "SAMLRequest", message);
  if (request->relay_state != NULL)
    append_param (url, "RelayState", request->relay_state);
  append_extra_params (url, request->extra_params);
  return g_string_free (g_steal_pointer (&url), FALSE);
}
