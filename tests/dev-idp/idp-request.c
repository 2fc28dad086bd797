/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "idp-request.h"

#include <gio/gio.h>
#include <libxml/parser.h>
#include <string.h>

#include "idp-xml.h"

#define MAX_XML_BYTES (256 * 1024)

struct IdpRequest
{
  char *id;
  char *issuer;
  char *acs_url;
  char *name_id_format;
  bool force_authn;
  bool is_passive;
};

static void
set_invalid (GError **error, const char *text)
{
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, text);
}

static char *
inflate (const uint8_t *data, size_t size, GError **error)
{
  g_autoptr (GZlibDecompressor) decompressor = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW);
  g_autoptr (GByteArray) out = g_byte_array_new ();
  GConverterResult result = G_CONVERTER_CONVERTED;
  uint8_t buffer[4096];
  size_t consumed = 0;

  while (result != G_CONVERTER_FINISHED)
    {
      size_t n_read = 0;
      size_t n_written = 0;

      result = g_converter_convert (G_CONVERTER (decompressor), data + consumed, size - consumed, buffer,
                                    sizeof buffer, G_CONVERTER_INPUT_AT_END, &n_read, &n_written, error);
      if (result == G_CONVERTER_ERROR)
        return NULL;
      consumed += n_read;
      if (out->len + n_written > MAX_XML_BYTES)
        {
          set_invalid (error, "the SAMLRequest inflates to more than 256 KiB");
          return NULL;
        }
      g_byte_array_append (out, buffer, (unsigned int) n_written);
    }
  return g_strndup ((const char *) out->data, out->len);
}

/**
 * idp_request_decode_redirect:
 * @saml_request: the `SAMLRequest` of the query, percent decoding done
 * @error: return location for an error
 *
 * Undoes the DEFLATE encoding of the HTTP-Redirect binding (SAML Bindings, 3.4.4.1), up to 256 KiB of XML.
 *
 * Returns: (transfer full): the XML, or %NULL with %G_IO_ERROR_INVALID_DATA or another GIO error
 */
char *
idp_request_decode_redirect (const char *saml_request, GError **error)
{
  g_autofree uint8_t *data = NULL;
  size_t size = 0;

  data = g_base64_decode (saml_request, &size);
  if (size == 0)
    {
      set_invalid (error, "the SAMLRequest is not base64");
      return NULL;
    }
  return inflate (data, size, error);
}

/**
 * idp_request_decode_post:
 * @saml_request: the `SAMLRequest` of the form
 * @error: return location for an error
 *
 * Undoes the base64 encoding of the HTTP-POST binding (SAML Bindings, 3.5.4), up to 256 KiB of XML.
 *
 * Returns: (transfer full): the XML, or %NULL with %G_IO_ERROR_INVALID_DATA
 */
char *
idp_request_decode_post (const char *saml_request, GError **error)
{
  g_autofree uint8_t *data = NULL;
  size_t size = 0;

  data = g_base64_decode (saml_request, &size);
  if (size == 0 || size > MAX_XML_BYTES)
    {
      set_invalid (error, "the SAMLRequest is not base64 of at most 256 KiB");
      return NULL;
    }
  return g_strndup ((const char *) data, size);
}

/**
 * idp_request_free:
 * @request: (transfer full): a request
 *
 * Frees @request. Does not block.
 */
void
idp_request_free (IdpRequest *request)
{
  g_free (request->id);
  g_free (request->issuer);
  g_free (request->acs_url);
  g_free (request->name_id_format);
  g_free (request);
}

static bool
read_boolean (xmlNode *element, const char *name)
{
  g_autofree char *value = idp_xml_dup_attribute (element, name);

  return g_strcmp0 (value, "true") == 0 || g_strcmp0 (value, "1") == 0;
}

/* Answers hold assertions about people, so they go to this machine only, whoever asks. */
static bool
check_acs_url (const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, error);
  g_autoptr (GInetAddress) address = NULL;
  g_autofree char *host = NULL;

  if (uri == NULL)
    {
      g_prefix_error (error, "AssertionConsumerServiceURL: ");
      return false;
    }
  host = g_ascii_strdown (g_uri_get_host (uri) != NULL ? g_uri_get_host (uri) : "", -1);
  address = g_inet_address_new_from_string (host);
  /* Browsers read a backslash as a slash, so the host they go to would not be the host checked here. */
  if (strchr (url, '\\') != NULL || g_uri_get_userinfo (uri) != NULL)
    set_invalid (error, "AssertionConsumerServiceURL has a user name or a backslash in it");
  else if (!g_str_equal (g_uri_get_scheme (uri), "https") && !g_str_equal (g_uri_get_scheme (uri), "http"))
    set_invalid (error, "AssertionConsumerServiceURL is not an http or https address");
  else if (g_str_equal (host, "localhost") || g_str_has_suffix (host, ".localhost") ||
           (address != NULL && g_inet_address_get_is_loopback (address)))
    return true;
  else
    set_invalid (error,
                 "AssertionConsumerServiceURL leads off this machine: this development identity provider "
                 "answers loopback addresses and *.localhost only");
  return false;
}

static bool
check (const IdpRequest *request, GError **error)
{
  if (request->id == NULL || xmlValidateNCName (BAD_CAST request->id, 0) != 0)
    set_invalid (error, "the AuthnRequest has no ID that is an XML name");
  else if (request->issuer == NULL || request->issuer[0] == '\0')
    set_invalid (error, "the AuthnRequest has no Issuer");
  else if (request->acs_url == NULL)
    set_invalid (error,
                 "the AuthnRequest has no AssertionConsumerServiceURL; this identity provider knows no "
                 "service provider metadata to take it from");
  else
    return check_acs_url (request->acs_url, error);
  return false;
}

static IdpRequest *
read_request (xmlNode *root, GError **error)
{
  g_autoptr (IdpRequest) request = g_new0 (IdpRequest, 1);
  xmlNode *issuer = NULL;
  xmlNode *policy = NULL;

  if (!idp_xml_is (root, IDP_NS_PROTOCOL, "AuthnRequest"))
    {
      set_invalid (error, "the SAMLRequest is not an AuthnRequest");
      return NULL;
    }
  issuer = idp_xml_lookup_child (root, IDP_NS_ASSERTION, "Issuer");
  policy = idp_xml_lookup_child (root, IDP_NS_PROTOCOL, "NameIDPolicy");
  request->id = idp_xml_dup_attribute (root, "ID");
  request->acs_url = idp_xml_dup_attribute (root, "AssertionConsumerServiceURL");
  request->force_authn = read_boolean (root, "ForceAuthn");
  request->is_passive = read_boolean (root, "IsPassive");
  if (issuer != NULL)
    request->issuer = idp_xml_dup_text (issuer);
  if (policy != NULL)
    request->name_id_format = idp_xml_dup_attribute (policy, "Format");
  return check (request, error) ? g_steal_pointer (&request) : NULL;
}

/**
 * idp_request_parse:
 * @xml: a decoded AuthnRequest
 * @error: return location for an error
 *
 * Reads an AuthnRequest (SAML Core, 3.4.1). Document types are refused, and so is an
 * AssertionConsumerServiceURL that leads off this machine. Signatures are not looked at. Does not block.
 *
 * Returns: (transfer full): the request, or %NULL with %G_IO_ERROR_INVALID_DATA or a URI error
 */
IdpRequest *
idp_request_parse (const char *xml, GError **error)
{
  const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
  g_autoptr (xmlDoc) doc = xmlReadMemory (xml, (int) strlen (xml), NULL, NULL, options);

  if (doc == NULL || doc->intSubset != NULL)
    {
      set_invalid (error, "the SAMLRequest is not XML without a document type");
      return NULL;
    }
  return read_request (xmlDocGetRootElement (doc), error);
}

/**
 * idp_request_get_id:
 * @request: a request
 *
 * Returns: (transfer none): its ID
 */
const char *
idp_request_get_id (const IdpRequest *request)
{
  return request->id;
}

/**
 * idp_request_get_issuer:
 * @request: a request
 *
 * Returns: (transfer none): the entity id of the service provider
 */
const char *
idp_request_get_issuer (const IdpRequest *request)
{
  return request->issuer;
}

/**
 * idp_request_get_acs_url:
 * @request: a request
 *
 * Returns: (transfer none): where the answer goes
 */
const char *
idp_request_get_acs_url (const IdpRequest *request)
{
  return request->acs_url;
}

/**
 * idp_request_get_name_id_format:
 * @request: a request
 *
 * Returns: (transfer none) (nullable): the Format of its NameIDPolicy
 */
const char *
idp_request_get_name_id_format (const IdpRequest *request)
{
  return request->name_id_format;
}

/**
 * idp_request_get_force_authn:
 * @request: a request
 *
 * Returns: whether the person has to sign in anew
 */
bool
idp_request_get_force_authn (const IdpRequest *request)
{
  return request->force_authn;
}

/**
 * idp_request_get_is_passive:
 * @request: a request
 *
 * Returns: whether no page may be shown to the person
 */
bool
idp_request_get_is_passive (const IdpRequest *request)
{
  return request->is_passive;
}
