/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-artifact.h"

#include <string.h>

#include <libxml/tree.h>

#include "door-base64.h"
#include "door-error.h"
#include "door-saml-message.h"
#include "door-saml-sign.h"
#include "door-saml-xml.h"

#define TYPE_CODE_SIZE 2
#define INDEX_SIZE 2
#define SIZE (TYPE_CODE_SIZE + INDEX_SIZE + DOOR_SAML_SOURCE_ID_SIZE + DOOR_SAML_HANDLE_SIZE)

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SAML_ARTIFACT, "artifact: %s", reason);
}

/* One text for one artifact: an artifact that could be spelled in two ways could be used twice. */
static bool
is_canonical (const char *text, GBytes *bytes)
{
  gsize size;
  const guchar *data = g_bytes_get_data (bytes, &size);
  g_autofree char *again = g_base64_encode (data, size);

  return strlen (again) == DOOR_SAML_ARTIFACT_LENGTH && memcmp (again, text, DOOR_SAML_ARTIFACT_LENGTH) == 0;
}

/**
 * door_saml_artifact_parse:
 * @text: (array length=length): the parameter SAMLart, after decoding of the form or the query
 * @length: number of characters
 * @out: (out caller-allocates): the artifact
 * @error: return location for an error
 *
 * Parses an artifact of type 0x0004 (SAML bindings 3.6.4), in base64 without anything around it. Pure.
 *
 * Returns: true, or false with %DOOR_FAULT_SAML_ARTIFACT
 */
bool
door_saml_artifact_parse (const char *text, size_t length, DoorSamlArtifact *out, GError **error)
{
  g_autoptr (GBytes) bytes =
      length == DOOR_SAML_ARTIFACT_LENGTH ? door_base64_decode_strict (text, length, SIZE) : NULL;
  const uint8_t *data;
  gsize size;

  if (bytes == NULL)
    return refuse (error, "it is not 44 bytes in base64");
  data = g_bytes_get_data (bytes, &size);
  if (size != SIZE || !is_canonical (text, bytes))
    return refuse (error, "it is not 44 bytes in base64");
  if (data[0] != 0 || data[1] != 4)
    return refuse (error, "its type is not 0x0004");
  out->endpoint_index = (unsigned int) data[2] << 8 | data[3];
  memcpy (out->source_id, data + TYPE_CODE_SIZE + INDEX_SIZE, DOOR_SAML_SOURCE_ID_SIZE);
  memcpy (out->handle, data + SIZE - DOOR_SAML_HANDLE_SIZE, DOOR_SAML_HANDLE_SIZE);
  return true;
}

/**
 * door_saml_artifact_is_from:
 * @self: an artifact
 * @entity_id: entity id of an identity provider
 *
 * Says whether the artifact claims to be of this provider. Anybody can make one that does: it only keeps
 * artifacts of other providers from being shown to it. Pure.
 *
 * Returns: whether its SourceID is the SHA-1 of @entity_id
 */
bool
door_saml_artifact_is_from (const DoorSamlArtifact *self, const char *entity_id)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[DOOR_SAML_SOURCE_ID_SIZE];
  gsize size = sizeof digest;

  g_checksum_update (sum, (const guchar *) entity_id, (gssize) strlen (entity_id));
  g_checksum_get_digest (sum, digest, &size);
  return memcmp (digest, self->source_id, sizeof digest) == 0;
}

static bool
check_message (const DoorSamlArtifactResolve *message, GError **error)
{
  if (message->signing_key == NULL || xmlValidateNCName ((const xmlChar *) message->id, 0) != 0)
    return door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL,
                           "ArtifactResolve: no key, or no ID");
  return door_saml_message_check_text (message->destination, error) &&
         door_saml_message_check_text (message->issuer, error) &&
         door_saml_message_check_text (message->artifact, error);
}

/**
 * door_saml_artifact_build_resolve:
 * @message: what to ask
 * @error: return location for an error
 *
 * Builds a signed ArtifactResolve in a SOAP 1.1 envelope (SAML core 3.5.1, bindings 3.2.2). CPU-bound, some
 * milliseconds; any thread.
 *
 * Returns: (transfer full): XML, UTF-8, or %NULL with %DOOR_ERROR_CONFIG or _FAILED
 */
char *
door_saml_artifact_build_resolve (const DoorSamlArtifactResolve *message, GError **error)
{
  g_autoptr (GString) xml = g_string_new (NULL);
  g_autofree char *artifact = NULL, *content = NULL, *document = NULL;
  DoorSamlOutgoing outgoing;

  if (!check_message (message, error))
    return NULL;
  artifact = g_markup_escape_text (message->artifact, -1);
  content = g_strdup_printf ("<samlp:Artifact>%s</samlp:Artifact>", artifact);
  outgoing = (DoorSamlOutgoing){ .element = "ArtifactResolve",
                                 .id = message->id,
                                 .issued_at_ms = message->issued_at_ms,
                                 .destination = message->destination,
                                 .issuer = message->issuer,
                                 .key = message->signing_key,
                                 .content = content };
  door_saml_message_append_element (xml, &outgoing, true);
  document = door_saml_sign_document (xml->str, message->signing_key, error);
  if (document == NULL)
    return NULL;
  return g_strconcat ("<soap:Envelope xmlns:soap=\"" DOOR_SAML_NS_SOAP "\"><soap:Body>", document,
                      "</soap:Body></soap:Envelope>", NULL);
}
