/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include "door-saml-metadata.h"
#include "door-saml.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return door_saml_init (NULL) ? 0 : 1; /* without it every input would be refused */
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);

  for (unsigned int i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorSamlMetadata) metadata =
          door_saml_metadata_parse (bytes, i == 0 ? NULL : "https://a.example", true, &error);
      g_autoptr (GPtrArray) keys = NULL;

      g_assert_true ((metadata == NULL) == (error != NULL));
      if (metadata == NULL)
        continue;
      keys = door_saml_metadata_list_keys (metadata);
      g_assert_cmpuint (keys->len, >, 0);
      g_assert_true (door_saml_metadata_get_sso_redirect_url (metadata) != NULL ||
                     door_saml_metadata_get_sso_post_url (metadata) != NULL);
    }
  return 0;
}
