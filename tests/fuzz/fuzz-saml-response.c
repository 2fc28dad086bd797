/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-saml-response.h"
#include "door-saml.h"

/* The certificate the corpus is signed with. */
static const char certificate[] = "-----BEGIN CERTIFICATE-----\n"
                                  "MIIDDTCCAfWgAwIBAgIUO76Oaf+YszxnaIZCcNXIKnqu2zowDQYJKoZIhvcNAQEL\n"
                                  "BQAwFjEUMBIGA1UEAwwLcnNhLmV4YW1wbGUwHhcNMjYxMTIyMDM1NjA1WhcNNDYx\n"
                                  "MTE3MDM1NjA1WjAWMRQwEgYDVQQDDAtyc2EuZXhhbXBsZTCCASIwDQYJKoZIhvcN\n"
                                  "AQEBBQADggEPADCCAQoCggEBANha+93aL0mSo/C5LKciSoJ16Q1XUFjqHG+TELtK\n"
                                  "qfge/jsXMy6BWw6cvhK0+xJ+DNi4J1ZdXerv9iwdwAyhi+CztwVxvsUpEKQxxUdJ\n"
                                  "ZJpqifQmGI5HomcyiwBpqFpktYewl6tHhzDBU+w+6luEsQ0L+bGwyKNCTTjb6fNA\n"
                                  "K9WQpSYlpdlONHho2ebD9IriWA6CXGdF1xe2V2vTwpMykddVlnGsD4UFL0We2yd1\n"
                                  "AxNmGK0+jGs+FSmaKdJdnz7WeU68oqKrP/b6in28SGJl23K4dG3a8tjNPmGJnXNd\n"
                                  "6+c+DjP0pqeM6VVS9cfUY52LB839esQNKKNyKWpy0s/R8nsCAwEAAaNTMFEwHQYD\n"
                                  "VR0OBBYEFJDsARXdgPVollojssa5D3uicDNdMB8GA1UdIwQYMBaAFJDsARXdgPVo\n"
                                  "llojssa5D3uicDNdMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEB\n"
                                  "ABtgwRHuDipOmcJrl0o65oasIeOCXNkW3rmLoSvicxtFIKeyfb4xhTdPPcicu9Ce\n"
                                  "NQxZvcV1XskQJDMdpVquaJVObrfCV71Cy8noVfOsnnsTfmFqi+pqRkvjDDEFXMah\n"
                                  "0YccCMvGqRNC0W2JH1khJia3MDjin+jLib7Sqa9pJ659RkuVdnwbmPlGAg9Qx4Cz\n"
                                  "Ur+NrvfNjAtJZaP8zEBF2N2/zRfZOGDmrA9R46GX+M5F0wO3NOLFwUURMQzQXy9m\n"
                                  "yfO4FvWt0SzV+5L9eDxpZFTrRka4xgA0an1oQLjrhCNrH2q3JCYEvZ0I/2AkjkTu\n"
                                  "aOt7ZwmDyIXw8aHrCfgmjeI=\n"
                                  "-----END CERTIFICATE-----\n";

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
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (DoorSamlResponse) response = NULL;
  g_autoptr (GError) error = NULL;
  DoorSamlExpectation expect = { .acs_url = "https://mdm.example.com/saml/okta/acs",
                                 .sp_entity_id = "https://mdm.example.com/saml/okta",
                                 .now_ms = INT64_C (1767268860000),
                                 .clock_skew_s = 60,
                                 .allow_sha1 = true };

  g_ptr_array_add (files, g_bytes_new_static (certificate, strlen (certificate)));
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
