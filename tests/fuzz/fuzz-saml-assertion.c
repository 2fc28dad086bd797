/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What comes behind the signature, which a fuzzer cannot make: the assertion is taken as it is. */
#include "fuzz.h"

#include "door-saml-assertion.h"
#include "door-saml-xml.h"
#include "door-saml.h"

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
  return door_saml_init (NULL) ? 0 : 1; /* without it every input would be refused */
}

static DoorSamlMetadata *
make_metadata (void)
{
  static const char xml[] =
      "<EntityDescriptor xmlns='urn:oasis:names:tc:SAML:2.0:metadata' "
      "entityID='https://idp.example.com/saml'>"
      "<IDPSSODescriptor protocolSupportEnumeration='urn:oasis:names:tc:SAML:2.0:protocol'>"
      "<KeyDescriptor><ds:KeyInfo "
      "xmlns:ds='http://www.w3.org/2000/09/xmldsig#'><ds:X509Data><ds:X509Certificate>"
      "MIIDDTCCAfWgAwIBAgIUO76Oaf+YszxnaIZCcNXIKnqu2zowDQYJKoZIhvcNAQEL"
      "BQAwFjEUMBIGA1UEAwwLcnNhLmV4YW1wbGUwHhcNMjYxMTIyMDM1NjA1WhcNNDYx"
      "MTE3MDM1NjA1WjAWMRQwEgYDVQQDDAtyc2EuZXhhbXBsZTCCASIwDQYJKoZIhvcN"
      "AQEBBQADggEPADCCAQoCggEBANha+93aL0mSo/C5LKciSoJ16Q1XUFjqHG+TELtK"
      "qfge/jsXMy6BWw6cvhK0+xJ+DNi4J1ZdXerv9iwdwAyhi+CztwVxvsUpEKQxxUdJ"
      "ZJpqifQmGI5HomcyiwBpqFpktYewl6tHhzDBU+w+6luEsQ0L+bGwyKNCTTjb6fNA"
      "K9WQpSYlpdlONHho2ebD9IriWA6CXGdF1xe2V2vTwpMykddVlnGsD4UFL0We2yd1"
      "AxNmGK0+jGs+FSmaKdJdnz7WeU68oqKrP/b6in28SGJl23K4dG3a8tjNPmGJnXNd"
      "6+c+DjP0pqeM6VVS9cfUY52LB839esQNKKNyKWpy0s/R8nsCAwEAAaNTMFEwHQYD"
      "VR0OBBYEFJDsARXdgPVollojssa5D3uicDNdMB8GA1UdIwQYMBaAFJDsARXdgPVo"
      "llojssa5D3uicDNdMA8GA1UdEwEB/wQFMAMBAf8wDQYJKoZIhvcNAQELBQADggEB"
      "ABtgwRHuDipOmcJrl0o65oasIeOCXNkW3rmLoSvicxtFIKeyfb4xhTdPPcicu9Ce"
      "NQxZvcV1XskQJDMdpVquaJVObrfCV71Cy8noVfOsnnsTfmFqi+pqRkvjDDEFXMah"
      "0YccCMvGqRNC0W2JH1khJia3MDjin+jLib7Sqa9pJ659RkuVdnwbmPlGAg9Qx4Cz"
      "Ur+NrvfNjAtJZaP8zEBF2N2/zRfZOGDmrA9R46GX+M5F0wO3NOLFwUURMQzQXy9m"
      "yfO4FvWt0SzV+5L9eDxpZFTrRka4xgA0an1oQLjrhCNrH2q3JCYEvZ0I/2AkjkTu"
      "aOt7ZwmDyIXw8aHrCfgmjeI="
      "</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor>"
      "<SingleSignOnService Binding='urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect'"
      " Location='https://idp.example.com/sso'/></IDPSSODescriptor></EntityDescriptor>";
  g_autoptr (GBytes) bytes = g_bytes_new_static (xml, sizeof xml - 1);
  g_autoptr (GError) error = NULL;
  DoorSamlMetadata *metadata = door_saml_metadata_parse (bytes, NULL, false, &error);

  g_assert_no_error (error);
  return metadata;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const DoorSamlLimits limits = { .max_bytes = 256 * 1024,
                                         .max_work = 1000000,
                                         .fault = DOOR_FAULT_SAML_XML };
  g_autoptr (xmlDoc) doc =
      door_saml_xml_parse ((const char *) data, size, &limits, NULL); /* a refusal is fine */
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (DoorSamlResponse) response = g_new0 (DoorSamlResponse, 1);
  g_autoptr (GError) error = NULL;
  DoorSamlExpectation expect = { .acs_url = "https://mdm.example.com/saml/okta/acs",
                                 .sp_entity_id = "https://mdm.example.com/saml/okta",
                                 .now_ms = INT64_C (1767268860000),
                                 .clock_skew_s = 60 };
  const xmlNode *root = doc != NULL ? xmlDocGetRootElement (doc) : NULL;
  const xmlNode *assertion =
      root != NULL ? door_saml_xml_lookup_child (root, DOOR_SAML_NS_ASSERTION, "Assertion", NULL) : NULL;

  if (assertion == NULL)
    return 0;
  metadata = make_metadata ();
  expect.metadata = metadata;
  if (!door_saml_assertion_check_issuer (assertion, true, &expect, &error) ||
      !door_saml_assertion_check (response, assertion, door_saml_xml_get_attribute (root, "InResponseTo"),
                                  &expect, &error))
    {
      g_assert_nonnull (error);
      return 0;
    }
  g_assert_nonnull (door_saml_response_get_in_response_to (response));
  g_assert_cmpint (door_saml_response_get_expires_at_ms (response), >, expect.now_ms);
  g_assert_true (
      g_variant_is_normal_form (door_claims_get_values (door_saml_response_get_claims (response))));
  return 0;
}
