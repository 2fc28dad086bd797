/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-message.h"

#include <string.h>

#include <gio/gio.h>
#include <libxml/tree.h>

#include "door-clock.h"
#include "door-error.h"
#include "door-saml-sign.h"
#include "door-saml-xml.h"

#define MAX_RELAY_STATE_BYTES 80

/* What the binding itself uses (bindings 3.4.4); nobody else may set them. */
static const char *const reserved_params[] = { "SAMLRequest", "SAMLResponse", "SAMLEncoding", "SAMLart",
                                               "RelayState",  "SigAlg",       "Signature",    NULL };

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "sign-in request: %s", reason);
}

/**
 * door_saml_form_clear:
 * @self: a form
 */
void
door_saml_form_clear (DoorSamlForm *self)
{
  g_clear_pointer (&self->action, g_free);
  g_clear_pointer (&self->message, g_free);
  g_clear_pointer (&self->relay_state, g_free);
}

/**
 * door_saml_message_check_text: (skip)
 * @text: (nullable): a value
 * @error: return location for an error
 *
 * Values go into attributes and text; what XML cannot carry must not get that far.
 *
 * Returns: true, or false with %DOOR_ERROR_CONFIG
 */
bool
door_saml_message_check_text (const char *text, GError **error)
{
  bool good = text == NULL || g_utf8_validate (text, -1, NULL);

  for (; good && text != NULL && *text != '\0'; text++)
    good = !g_ascii_iscntrl (*text);
  return good || refuse (error, "a value has characters XML cannot carry");
}

/**
 * door_saml_message_is_reserved: (skip)
 * @name: name of a query parameter
 *
 * Returns: whether the bindings use it themselves
 */
bool
door_saml_message_is_reserved (const char *name)
{
  return g_strv_contains (reserved_params, name);
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
      if (name == NULL || door_saml_message_is_reserved (name))
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
    if (*(const char *) name == '\0' || door_saml_message_is_reserved (name))
      return refuse (error, "a further parameter has no name or the name of one of the binding");
  return true;
}

static bool
check_message (const DoorSamlOutgoing *message, GError **error)
{
  if (message->id == NULL || xmlValidateNCName ((const xmlChar *) message->id, 0) != 0)
    return refuse (error, "the id is not an NCName");
  if (message->destination == NULL)
    return refuse (error, "the identity provider has no address for it");
  if (message->relay_state != NULL && strlen (message->relay_state) > MAX_RELAY_STATE_BYTES)
    return refuse (error, "RelayState is longer than 80 bytes");
  return door_saml_message_check_text (message->destination, error) &&
         door_saml_message_check_text (message->issuer, error) && check_query (message->destination, error) &&
         check_extra_params (message->extra_params, error);
}

/**
 * door_saml_message_append_attribute: (skip)
 * @xml: an element in the making
 * @name: name of the attribute
 * @value: its value, as it is
 */
void
door_saml_message_append_attribute (GString *xml, const char *name, const char *value)
{
  g_autofree char *escaped = g_markup_escape_text (value, -1);

  g_string_append_printf (xml, " %s=\"%s\"", name, escaped);
}

/**
 * door_saml_message_append_element: (skip)
 * @xml: where to append
 * @message: what to say
 * @with_signature: whether a place for the signature is left, behind the Issuer
 *
 * Appends a request or a response (SAML core 3.2).
 */
void
door_saml_message_append_element (GString *xml, const DoorSamlOutgoing *message, bool with_signature)
{
  g_autofree char *instant = door_clock_format_iso8601 (message->issued_at_ms);
  g_autofree char *issuer = g_markup_escape_text (message->issuer, -1);

  g_string_append_printf (xml, "<samlp:%s", message->element);
  door_saml_message_append_attribute (xml, "xmlns:samlp", DOOR_SAML_NS_PROTOCOL);
  door_saml_message_append_attribute (xml, "xmlns:saml", DOOR_SAML_NS_ASSERTION);
  door_saml_message_append_attribute (xml, "ID", message->id);
  door_saml_message_append_attribute (xml, "Version", "2.0");
  door_saml_message_append_attribute (xml, "IssueInstant", instant);
  door_saml_message_append_attribute (xml, "Destination", message->destination);
  g_string_append (xml, message->attributes != NULL ? message->attributes : "");
  g_string_append_printf (xml, "><saml:Issuer>%s</saml:Issuer>", issuer);
  if (with_signature)
    door_saml_sign_append_template (xml, message->id, message->key);
  g_string_append_printf (xml, "%s</samlp:%s>", message->content != NULL ? message->content : "",
                          message->element);
}

/* DEFLATE without header, then base64 (bindings 3.4.4.1). */
static char *
deflate_and_encode (const GString *xml, GError **error)
{
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, -1);
  size_t capacity = xml->len + xml->len / 8 + 64;
  g_autofree guchar *out = g_malloc (capacity);
  gsize read = 0, written = 0;

  if (g_converter_convert (G_CONVERTER (compressor), xml->str, xml->len, out, capacity,
                           G_CONVERTER_INPUT_AT_END, &read, &written, NULL) != G_CONVERTER_FINISHED)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "the request could not be compressed");
      return NULL;
    }
  return g_base64_encode (out, written);
}

static void
append_param (GString *query, const char *name, const char *value)
{
  g_autofree char *escaped_name = g_uri_escape_string (name, NULL, FALSE);
  g_autofree char *escaped_value = g_uri_escape_string (value, NULL, FALSE);

  g_string_append_printf (query, "%s%s=%s", query->len > 0 ? "&" : "", escaped_name, escaped_value);
}

static void
append_extra_params (GString *query, GHashTable *params)
{
  g_autoptr (GList) names = params != NULL ? g_hash_table_get_keys (params) : NULL;

  names = g_list_sort (names, (GCompareFunc) strcmp);
  for (const GList *at = names; at != NULL; at = at->next)
    append_param (query, at->data, g_hash_table_lookup (params, at->data));
}

/* The signature is over the query as it stands, up to and with SigAlg. */
static bool
append_signature (GString *query, const DoorSamlSpKey *key, GError **error)
{
  g_autofree char *signature = NULL;

  append_param (query, "SigAlg", DOOR_SAML_RSA_SHA256);
  signature = door_saml_sign_octets (query->str, key, error);
  if (signature == NULL)
    return false;
  append_param (query, "Signature", signature);
  return true;
}

static char *
join_url (const char *destination, const GString *query)
{
  const char *mark = strchr (destination, '?');
  bool joined = mark != NULL && (mark[1] == '\0' || g_str_has_suffix (destination, "&"));
  const char *joint = mark == NULL ? "?" : "&";

  return g_strconcat (destination, joined ? "" : joint, query->str, NULL);
}

/**
 * door_saml_message_build_redirect_url: (skip)
 * @message: what to say
 * @error: return location for an error
 *
 * Builds the address of a message by the HTTP-Redirect binding (SAML bindings 3.4), signed when there is a
 * key. The query of the destination is kept, parameters of the binding cannot be overridden.
 *
 * Returns: (transfer full): the address, or %NULL with %DOOR_ERROR_CONFIG or _FAILED
 */
char *
door_saml_message_build_redirect_url (const DoorSamlOutgoing *message, GError **error)
{
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autoptr (GString) query = g_string_new (NULL);
  g_autofree char *encoded = NULL;

  if (!check_message (message, error))
    return NULL;
  door_saml_message_append_element (xml, message, false);
  encoded = deflate_and_encode (xml, error);
  if (encoded == NULL)
    return NULL;
  append_param (query, message->field, encoded);
  if (message->relay_state != NULL)
    append_param (query, "RelayState", message->relay_state);
  if (message->key != NULL && !append_signature (query, message->key, error))
    return NULL;
  append_extra_params (query, message->extra_params);
  return join_url (message->destination, query);
}

static char *
build_action (const DoorSamlOutgoing *message)
{
  g_autoptr (GString) query = g_string_new (NULL);

  append_extra_params (query, message->extra_params);
  return query->len > 0 ? join_url (message->destination, query) : g_strdup (message->destination);
}

/**
 * door_saml_message_build_form: (skip)
 * @message: what to say
 * @form: (out caller-allocates): what a page posts; clear it
 * @error: return location for an error
 *
 * Builds a message by the HTTP-POST binding (SAML bindings 3.5), with a signature inside when there is a key.
 *
 * Returns: true, or false with %DOOR_ERROR_CONFIG or _FAILED
 */
bool
door_saml_message_build_form (const DoorSamlOutgoing *message, DoorSamlForm *form, GError **error)
{
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autofree char *document = NULL;

  if (!check_message (message, error))
    return false;
  door_saml_message_append_element (xml, message, message->key != NULL);
  document =
      message->key != NULL ? door_saml_sign_document (xml->str, message->key, error) : g_strdup (xml->str);
  if (document == NULL)
    return false;
  *form = (DoorSamlForm){ .action = build_action (message),
                          .field = message->field,
                          .message = g_base64_encode ((const guchar *) document, strlen (document)),
                          .relay_state = g_strdup (message->relay_state) };
  return true;
}
