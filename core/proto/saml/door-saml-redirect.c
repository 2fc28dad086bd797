/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-redirect.h"

#include <string.h>

#include <gio/gio.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-saml-document.h"
#include "door-saml-message.h"

#define MAX_QUERY_BYTES (64 * 1024)
#define MAX_DEFLATED_BYTES (32 * 1024)
#define MAX_SIGNATURE_BYTES 1024
/* XML of this kind, with a certificate inside, comes to five or so. */
#define MAX_RATIO 40
#define DEFLATE "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE"

/* The parameters of the binding, as they are in the query: still encoded. */
typedef struct
{
  char *request;
  char *response;
  char *relay_state;
  char *algorithm;
  char *signature;
  char *encoding;
} Params;

static void
params_clear (Params *self)
{
  g_free (self->request);
  g_free (self->response);
  g_free (self->relay_state);
  g_free (self->algorithm);
  g_free (self->signature);
  g_free (self->encoding);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Params, params_clear)

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_FORM, "query: %s", reason);
}

/**
 * door_saml_redirect_clear: (skip)
 * @self: a query taken apart
 */
void
door_saml_redirect_clear (DoorSamlRedirect *self)
{
  g_clear_pointer (&self->xml, g_bytes_unref);
  g_clear_pointer (&self->relay_state, g_free);
  g_clear_pointer (&self->algorithm, g_free);
  g_clear_pointer (&self->signature, g_bytes_unref);
  g_clear_pointer (&self->octets, g_free);
}

static char **
find_place (Params *params, const char *name)
{
  const struct
  {
    const char *name;
    char **place;
  } places[] = { { "SAMLRequest", &params->request },    { "SAMLResponse", &params->response },
                 { "RelayState", &params->relay_state }, { "SigAlg", &params->algorithm },
                 { "Signature", &params->signature },    { "SAMLEncoding", &params->encoding } };

  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    if (strcmp (places[i].name, name) == 0)
      return places[i].place;
  return NULL;
}

/* A name that only decoding makes one of the binding's would be read by some and not by others. */
static bool
take_piece (Params *params, char *piece, GError **error)
{
  char *value = strchr (piece, '=');
  g_autofree char *name = NULL;
  char **place;

  if (value != NULL)
    *value++ = '\0';
  place = find_place (params, piece);
  if (place == NULL)
    {
      name = g_uri_unescape_string (piece, NULL);
      return (name != NULL && !door_saml_message_is_reserved (name)) ||
             refuse (error, "a parameter of the binding is written in another way");
    }
  if (*place != NULL || value == NULL)
    return refuse (error, "a parameter of the binding stands there twice, or without a value");
  *place = g_strdup (value);
  return true;
}

static bool
take_apart (const char *query, Params *params, GError **error)
{
  g_auto (GStrv) pieces = NULL;

  if (strlen (query) > MAX_QUERY_BYTES)
    return refuse (error, "it is too long");
  pieces = g_strsplit (query, "&", -1);
  for (size_t i = 0; pieces[i] != NULL; i++)
    if (*pieces[i] != '\0' && !take_piece (params, pieces[i], error))
      return false;
  if ((params->request == NULL) == (params->response == NULL))
    return refuse (error, "there is not exactly one message");
  if (params->algorithm == NULL || params->signature == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_UNSIGNED,
                           "query: the message is not signed");
  return true;
}

/* "+" is a space in a query that a form has made, and so it was before it was encoded. */
static char *
decode (const char *value)
{
  g_autofree char *spaced = g_strdelimit (g_strdup (value), "+", ' ');

  return g_uri_unescape_string (spaced, NULL);
}

static GBytes *
decode_base64 (const char *value, size_t max_bytes)
{
  g_autofree char *text = g_uri_unescape_string (value, NULL);

  return text != NULL ? door_base64_decode_strict (text, strlen (text), max_bytes) : NULL;
}

/* Into a buffer of fixed size: what does not fit is a bomb. */
static GBytes *
inflate (GBytes *deflated)
{
  g_autoptr (GZlibDecompressor) inflater = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW);
  gsize size, read = 0, written = 0;
  const char *data = g_bytes_get_data (deflated, &size);
  gsize room = MIN (size * MAX_RATIO, DOOR_SAML_MAX_XML_BYTES);
  g_autofree char *out = g_malloc (room + 1);

  if (size == 0 ||
      g_converter_convert (G_CONVERTER (inflater), data, size, out, room, G_CONVERTER_INPUT_AT_END, &read,
                           &written, NULL) != G_CONVERTER_FINISHED)
    return NULL;
  return read == size ? g_bytes_new (out, written) : NULL;
}

/* In the order of the binding, whatever order they came in, and with the encoding they came in (3.4.4.1). */
static char *
join_octets (const Params *params)
{
  GString *octets = g_string_new (NULL);

  g_string_append_printf (octets, "%s=%s", params->request != NULL ? "SAMLRequest" : "SAMLResponse",
                          params->request != NULL ? params->request : params->response);
  if (params->relay_state != NULL)
    g_string_append_printf (octets, "&RelayState=%s", params->relay_state);
  g_string_append_printf (octets, "&SigAlg=%s", params->algorithm);
  return g_string_free (octets, FALSE);
}

static bool
check_encoding (const Params *params, GError **error)
{
  g_autofree char *encoding = params->encoding != NULL ? decode (params->encoding) : NULL;

  return params->encoding == NULL || g_strcmp0 (encoding, DEFLATE) == 0 ||
         refuse (error, "the encoding of the message is not known");
}

/**
 * door_saml_redirect_parse: (skip)
 * @query: the query as it came, without "?"
 * @redirect: (out caller-allocates): its parts; clear it
 * @error: return location for an error
 *
 * Takes a signed message by the HTTP-Redirect binding apart (SAML bindings 3.4.4). Each parameter of the
 * binding stands there once and under its own name. The message may be 256 KiB, and 40 times what it was
 * packed in. Nothing is verified yet. Pure.
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_FORM or _UNSIGNED
 */
bool
door_saml_redirect_parse (const char *query, DoorSamlRedirect *redirect, GError **error)
{
  g_auto (Params) params = { NULL };
  g_auto (DoorSamlRedirect) parts = { NULL };
  g_autoptr (GBytes) deflated = NULL;

  if (!take_apart (query, &params, error) || !check_encoding (&params, error))
    return false;
  deflated = decode_base64 (params.request != NULL ? params.request : params.response, MAX_DEFLATED_BYTES);
  parts.xml = deflated != NULL ? inflate (deflated) : NULL;
  if (parts.xml == NULL)
    return refuse (error, "the message is not base64 of DEFLATE, or too large");
  parts.signature = decode_base64 (params.signature, MAX_SIGNATURE_BYTES);
  parts.algorithm = decode (params.algorithm);
  if (parts.signature == NULL || parts.algorithm == NULL)
    return refuse (error, "the signature is not base64, or its algorithm not readable");
  if (params.relay_state != NULL)
    {
      parts.relay_state = decode (params.relay_state);
      if (parts.relay_state == NULL)
        return refuse (error, "RelayState is not readable");
    }
  parts.field = params.request != NULL ? "SAMLRequest" : "SAMLResponse";
  parts.octets = join_octets (&params);
  *redirect = parts;
  parts = (DoorSamlRedirect){ NULL };
  return true;
}

/**
 * door_saml_redirect_lower_escapes: (skip)
 * @self: a signed query, taken apart
 *
 * Writes the escapes of the octets with small letters, "%2b" for "%2B". Pure.
 */
void
door_saml_redirect_lower_escapes (DoorSamlRedirect *self)
{
  for (char *at = strchr (self->octets, '%'); at != NULL; at = strchr (at + 1, '%'))
    for (size_t i = 1; i <= 2 && at[i] != '\0'; i++)
      at[i] = g_ascii_tolower (at[i]);
}
