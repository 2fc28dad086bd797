/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "saml-artifact.h"

#include <string.h>

#include "door-saml-artifact.h"
#include "door-saml-sign.h"
#include "saml-encrypt.h"

/* What a provider of that name gives a browser; @handle is as many characters as a handle has bytes. */
char *
fixture_artifact (const char *entity_id, unsigned int index, const char *handle)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
  guchar bytes[44] = { 0, 4, (guchar) (index >> 8), (guchar) index };
  gsize size = DOOR_SAML_SOURCE_ID_SIZE;

  g_assert_cmpuint (strlen (handle), ==, DOOR_SAML_HANDLE_SIZE);
  g_checksum_update (sum, (const guchar *) entity_id, -1);
  g_checksum_get_digest (sum, bytes + 4, &size);
  memcpy (bytes + 24, handle, DOOR_SAML_HANDLE_SIZE);
  return g_base64_encode (bytes, sizeof bytes);
}

/* What its service answers; signed by @key if there is one. */
char *
fixture_artifact_answer (const char *response, const char *in_response_to, const char *key)
{
  g_autoptr (DoorSamlSpKey) sp_key = key != NULL ? fixture_sp_key (key) : NULL;
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autofree char *answer = NULL;
  g_autoptr (GError) error = NULL;

  g_string_append_printf (xml,
                          "<samlp:ArtifactResponse xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\""
                          " xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"_ar1\" Version=\"2.0\""
                          " IssueInstant=\"2026-01-01T12:00:30Z\" InResponseTo=\"%s\"><saml:Issuer>" SAML_IDP
                          "</saml:Issuer>",
                          in_response_to);
  if (sp_key != NULL)
    door_saml_sign_append_template (xml, "_ar1", sp_key);
  g_string_append_printf (
      xml,
      "<samlp:Status><samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>"
      "%s</samlp:ArtifactResponse>",
      response);
  answer = sp_key != NULL ? door_saml_sign_document (xml->str, sp_key, &error) : g_strdup (xml->str);
  g_assert_no_error (error);
  return g_strdup_printf ("<soap:Envelope xmlns:soap=\"" SOAP_NS "\"><soap:Header/><soap:Body>%s</soap:Body>"
                          "</soap:Envelope>",
                          answer);
}

static char *
read_certificate (const char *file)
{
  g_autofree char *pem = fixture_read (file);
  g_autofree char *base64 = fixture_cut (pem, "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");

  return g_strndup (base64 + strlen ("-----BEGIN CERTIFICATE-----"),
                    strlen (base64) - strlen ("-----BEGIN CERTIFICATE----------END CERTIFICATE-----"));
}

/* Of a provider with the key rsa, with these elements before its sign-in address. */
char *
fixture_artifact_metadata (const char *more)
{
  g_autofree char *certificate = read_certificate ("keys/rsa.crt.pem");

  return g_strdup_printf (
      "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"" SAML_IDP "\">"
      "<md:IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">"
      "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">"
      "<ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
      "%s<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\""
      " Location=\"https://idp.example.com/sso\"/></md:IDPSSODescriptor></md:EntityDescriptor>",
      certificate, more);
}
