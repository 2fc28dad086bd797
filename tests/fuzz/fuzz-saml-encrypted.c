/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers with an encrypted assertion, and whatever else comes instead, with a key at hand. */
#include "fuzz.h"

#include <string.h>

#include "door-saml-response.h"
#include "door-saml-sp-key.h"
#include "door-saml.h"

static GBytes *
load (const char *name)
{
  g_autofree char *path = g_build_filename (SAML_FIXTURES, "keys", name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  gsize size = 0;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (text, size);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return door_saml_init (NULL) ? 0 : 1; /* without it every input would be refused */
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *form = g_base64_encode (data, size);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_saml_sp_key_unref);
  g_autoptr (GBytes) pem = load ("rsa-other.key.pem"), certificate = load ("rsa-other.crt.pem");
  g_autoptr (DoorSecret) secret = door_secret_new (g_bytes_get_data (pem, NULL), g_bytes_get_size (pem));
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (DoorSamlResponse) response = NULL;
  g_autoptr (GError) error = NULL;
  DoorSamlExpectation expect = { .acs_url = "https://mdm.example.com/saml/okta/acs",
                                 .sp_entity_id = "https://mdm.example.com/saml/okta",
                                 .now_ms = INT64_C (1767268860000),
                                 .clock_skew_s = 60,
                                 .decryption_keys = keys,
                                 .decrypt_for = "_q1" };

  g_ptr_array_add (files, load ("rsa.crt.pem"));
  g_ptr_array_add (keys, door_saml_sp_key_parse (secret, certificate, &error));
  g_assert_no_error (error);
  metadata = door_saml_metadata_new_static ("https://idp.example.com/saml", "https://idp.example.com/sso",
                                            files, false, &error);
  g_assert_no_error (error);
  expect.metadata = metadata;
  response = door_saml_response_verify (form, strlen (form), &expect, &error);
  g_assert_true ((response == NULL) == (error != NULL));
  /* nobody but the owner of the key can make an answer about somebody else */
  if (response != NULL)
    g_assert_true (g_str_has_prefix (
        door_claims_get_subject (door_saml_response_get_claims (response))->value, "ada@example.com"));
  return 0;
}
