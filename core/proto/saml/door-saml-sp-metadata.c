/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-sp-metadata.h"

#include <libxml/tree.h>

#include "door-clock.h"
#include "door-error.h"
#include "door-saml-message.h"
#include "door-saml-sign.h"
#include "door-saml-xml.h"

#define BINDING "urn:oasis:names:tc:SAML:2.0:bindings:"

/* What door_saml_decrypt() reads, best first. */
static const char *const encryption_methods[] = {
  "<md:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes256-gcm\"/>",
  "<md:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes192-gcm\"/>",
  "<md:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#aes128-gcm\"/>",
  "<md:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes256-cbc\"/>",
  "<md:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes192-cbc\"/>",
  "<md:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#aes128-cbc\"/>",
  "<md:EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#rsa-oaep\"/>",
  "<md:EncryptionMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p\"/>",
};

static void
append_keys (GString *xml, const GPtrArray *keys, const char *use)
{
  bool encryption = g_str_equal (use, "encryption");

  for (unsigned int i = 0; keys != NULL && i < keys->len; i++)
    {
      gsize size;
      const guchar *der =
          g_bytes_get_data (door_saml_sp_key_get_certificate (g_ptr_array_index (keys, i)), &size);
      g_autofree char *certificate = g_base64_encode (der, size);

      g_string_append_printf (xml,
                              "<md:KeyDescriptor use=\"%s\"><ds:KeyInfo xmlns:ds=\"" DOOR_SAML_NS_SIGNATURE
                              "\"><ds:X509Data><ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data>"
                              "</ds:KeyInfo>",
                              use, certificate);
      for (size_t m = 0; encryption && m < G_N_ELEMENTS (encryption_methods); m++)
        g_string_append (xml, encryption_methods[m]);
      g_string_append (xml, "</md:KeyDescriptor>");
    }
}

/* An address with its binding; the end of the element is the caller's. */
static void
append_endpoint (GString *xml, const char *element, const char *binding, const char *url)
{
  g_string_append_printf (xml, "<md:%s Binding=\"" BINDING "%s\"", element, binding);
  door_saml_message_append_attribute (xml, "Location", url);
}

/* In the order of the schema (metadata 2.4.2 and 2.4.4). */
static void
append_role (GString *xml, const DoorSamlSpMetadata *metadata)
{
  g_string_append_printf (xml,
                          "<md:SPSSODescriptor AuthnRequestsSigned=\"%s\" WantAssertionsSigned=\"%s\""
                          " protocolSupportEnumeration=\"" DOOR_SAML_NS_PROTOCOL "\">",
                          metadata->requests_signed ? "true" : "false",
                          metadata->want_assertions_signed ? "true" : "false");
  append_keys (xml, metadata->signing_keys, "signing");
  append_keys (xml, metadata->encryption_keys, "encryption");
  if (metadata->logout_url != NULL)
    {
      append_endpoint (xml, "SingleLogoutService", "HTTP-Redirect", metadata->logout_url);
      g_string_append (xml, "/>");
      append_endpoint (xml, "SingleLogoutService", "HTTP-POST", metadata->logout_url);
      g_string_append (xml, "/>");
    }
  for (size_t i = 0; metadata->name_id_formats != NULL && metadata->name_id_formats[i] != NULL; i++)
    {
      g_autofree char *format = g_markup_escape_text (metadata->name_id_formats[i], -1);
      g_string_append_printf (xml, "<md:NameIDFormat>%s</md:NameIDFormat>", format);
    }
  append_endpoint (xml, "AssertionConsumerService", "HTTP-POST", metadata->acs_url);
  g_string_append (xml, " index=\"0\" isDefault=\"true\"/>");
  if (metadata->artifacts)
    {
      append_endpoint (xml, "AssertionConsumerService", "HTTP-Artifact", metadata->acs_url);
      g_string_append (xml, " index=\"1\"/>");
    }
  g_string_append (xml, "</md:SPSSODescriptor>");
}

static bool
check_values (const DoorSamlSpMetadata *metadata, GError **error)
{
  if (metadata->sign_with != NULL &&
      (metadata->id == NULL || xmlValidateNCName ((const xmlChar *) metadata->id, 0) != 0))
    return door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "metadata has no ID to sign");
  for (size_t i = 0; metadata->name_id_formats != NULL && metadata->name_id_formats[i] != NULL; i++)
    if (!door_saml_message_check_text (metadata->name_id_formats[i], error))
      return false;
  return door_saml_message_check_text (metadata->entity_id, error) &&
         door_saml_message_check_text (metadata->acs_url, error) &&
         door_saml_message_check_text (metadata->logout_url, error);
}

/**
 * door_saml_sp_metadata_build:
 * @metadata: what to say
 * @error: return location for an error
 *
 * Builds the metadata of a service provider (saml-metadata-2.0-os, 2.4.4), signed when there is a key for it.
 * Pure; any thread.
 *
 * Returns: (transfer full): XML, UTF-8, or %NULL with %DOOR_ERROR_CONFIG or _FAILED
 */
char *
door_saml_sp_metadata_build (const DoorSamlSpMetadata *metadata, GError **error)
{
  g_autoptr (GString) xml = g_string_new ("<md:EntityDescriptor xmlns:md=\"" DOOR_SAML_NS_METADATA "\"");

  if (!check_values (metadata, error))
    return NULL;
  if (metadata->id != NULL)
    door_saml_message_append_attribute (xml, "ID", metadata->id);
  door_saml_message_append_attribute (xml, "entityID", metadata->entity_id);
  if (metadata->valid_until_ms != 0)
    {
      g_autofree char *until = door_clock_format_iso8601 (metadata->valid_until_ms);
      door_saml_message_append_attribute (xml, "validUntil", until);
    }
  if (metadata->cache_duration_s != 0)
    g_string_append_printf (xml, " cacheDuration=\"PT%" G_GINT64_FORMAT "S\"",
                            (gint64) metadata->cache_duration_s);
  g_string_append_c (xml, '>');
  if (metadata->sign_with != NULL)
    door_saml_sign_append_template (xml, metadata->id, metadata->sign_with);
  append_role (xml, metadata);
  g_string_append (xml, "</md:EntityDescriptor>");
  if (metadata->sign_with != NULL)
    return door_saml_sign_document (xml->str, metadata->sign_with, error);
  return g_string_free (g_steal_pointer (&xml), FALSE);
}
