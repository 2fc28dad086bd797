/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Logout messages: a query as it is, or the document of a form. */
#include "fuzz-saml.h"

#include <string.h>

#include "door-saml-logout.h"
#include "door-saml-redirect.h"
#include "door-saml.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return door_saml_init (NULL) ? 0 : 1; /* without it every input would be refused */
}

static void
check (const DoorSamlLogout *logout, const GError *error)
{
  g_assert_true ((logout == NULL) == (error != NULL));
  if (logout == NULL)
    return;
  /* nobody but the owner of the key can end somebody else's sessions */
  if (door_saml_logout_is_request (logout))
    g_assert_cmpstr (door_saml_logout_get_name_id (logout), ==, "ada@example.com");
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *query = g_strndup ((const char *) data, size), *form = g_base64_encode (data, size);
  g_autoptr (DoorSamlMetadata) metadata = fuzz_make_metadata ();
  const DoorSamlLogoutExpectation expect = { .metadata = metadata,
                                             .location = "https://mdm.example.com/saml/okta/slo",
                                             .now_ms = INT64_C (1767268860000),
                                             .clock_skew_s = 60 };
  g_auto (DoorSamlRedirect) redirect = { NULL };
  g_autoptr (DoorSamlLogout) by_query = NULL, by_form = NULL;
  g_autoptr (GError) error = NULL, form_error = NULL;

  if (door_saml_redirect_parse (query, &redirect, NULL))
    g_assert_cmpuint (g_bytes_get_size (redirect.xml), <=, 256 * 1024);
  by_query = door_saml_logout_verify_query (query, &expect, &error);
  check (by_query, error);
  by_form = door_saml_logout_verify_form ("SAMLRequest", form, &expect, &form_error);
  check (by_form, form_error);
  return 0;
}
