/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-saml-metadata.h"
#include "fuzz.h"

/* The provider that signed the fixtures. */
static inline DoorSamlMetadata *
fuzz_make_metadata (void)
{
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  gsize size = 0;
  DoorSamlMetadata *metadata;

  g_file_get_contents (SAML_FIXTURES "/keys/rsa.crt.pem", &text, &size, &error);
  g_assert_no_error (error);
  g_ptr_array_add (files, g_bytes_new_take (text, size));
  metadata = door_saml_metadata_new_static ("https://idp.example.com/saml", "https://idp.example.com/sso",
                                            files, false, &error);
  g_assert_no_error (error);
  return metadata;
}
