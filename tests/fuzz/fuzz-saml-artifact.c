/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Artifacts, and what an artifact resolution service answers. */
#include "fuzz-saml.h"

#include <string.h>

#include "door-base64.h"
#include "door-saml-artifact.h"
#include "door-saml.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return door_saml_init (NULL) ? 0 : 1; /* without it every input would be refused */
}

/* One text for one artifact. */
static void
fuzz_artifact (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  DoorSamlArtifact artifact;
  uint8_t bytes[44] = { 0, 4 };
  g_autofree char *again = NULL;

  if (!door_saml_artifact_parse ((const char *) data, size, &artifact, &error))
    {
      g_assert_nonnull (error);
      return;
    }
  bytes[2] = (uint8_t) (artifact.endpoint_index >> 8);
  bytes[3] = (uint8_t) artifact.endpoint_index;
  memcpy (bytes + 4, artifact.source_id, sizeof artifact.source_id);
  memcpy (bytes + 24, artifact.handle, sizeof artifact.handle);
  again = g_base64_encode (bytes, sizeof bytes);
  g_assert_cmpmem (again, strlen (again), data, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (DoorSamlMetadata) metadata = fuzz_make_metadata ();
  const DoorSamlArtifactExpectation expect = { .metadata = metadata, .request_id = "_q1" };
  g_autoptr (GBytes) soap = g_bytes_new (data, size);
  g_autoptr (GError) error = NULL;
  g_autofree char *response = door_saml_artifact_read_answer (soap, &expect, &error);
  g_autoptr (GBytes) xml = NULL;

  fuzz_artifact (data, size);
  g_assert_true ((response == NULL) == (error != NULL));
  if (response == NULL)
    return 0;
  /* a document of its own, which a SOAP answer of that size can have held */
  xml = door_base64_decode_strict (response, strlen (response), 8 * DOOR_SAML_SOAP_MAX_BYTES);
  g_assert_nonnull (xml);
  g_assert_true (memmem (g_bytes_get_data (xml, NULL), g_bytes_get_size (xml), "Response", 8) != NULL);
  return 0;
}
