/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-aws-idp.h"
#include "vendor-fixture.h"

#define BASE "MetadataFile=/aws.xml"
#define URL "https://portal.sso.eu-central-1.amazonaws.com/saml/metadata/MDEy"

static const Vendor vendor = { "aws", "aws", door_aws_idp_get_type, NULL };

static void
test_preset (void)
{
  vendor_assert_preset (&vendor);
}

static void
test_configure (void)
{
  static const VendorConfig configs[] = {
    { BASE, 0, NULL, NULL },
    { "MetadataUrl=" URL, 0, NULL, URL },
    { "", DOOR_FAULT_CFG_REQUIRED, "SAML metadata file URL", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
}

static void
test_response (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, BASE, "response.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==,
                   "nameid:54:urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress0:0:15:ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_GIVEN_NAME, "Ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_FAMILY_NAME, "Lovelace");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "906765e1f2-1c6b2a4e-5d83-4f70-9b1e-d2c8a7f60b39");
}

static void
test_refused (void)
{
  vendor_assert_refused (&vendor, BASE "\nWantSigned=response", "response.xml", DOOR_FAULT_SAML_UNSIGNED);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/aws/preset", test_preset);
  g_test_add_func ("/plugin/aws/configure", test_configure);
  g_test_add_func ("/plugin/aws/response", test_response);
  g_test_add_func ("/plugin/aws/refused", test_refused);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
