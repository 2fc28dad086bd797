/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-jumpcloud-idp.h"
#include "vendor-fixture.h"

#define BASE "MetadataFile=/jumpcloud.xml"

static const Vendor vendor = { "jumpcloud", "jumpcloud", door_jumpcloud_idp_get_type, NULL };

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
    { "MetadataUrl=https://sso.jumpcloud.com/saml2/doorward/metadata", 0, NULL,
      "https://sso.jumpcloud.com/saml2/doorward/metadata" },
    { "", DOOR_FAULT_CFG_REQUIRED, "Copy Metadata URL", NULL },
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
  g_assert_cmpstr (groups, ==, "Staff;Mac Admins");
}

static void
test_refused (void)
{
  vendor_assert_refused (&vendor, BASE, "response-other-app.xml", DOOR_FAULT_SAML_ISSUER);
  vendor_assert_refused (&vendor, BASE "\nWantSigned=assertion", "response.xml", DOOR_FAULT_SAML_UNSIGNED);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/jumpcloud/preset", test_preset);
  g_test_add_func ("/plugin/jumpcloud/configure", test_configure);
  g_test_add_func ("/plugin/jumpcloud/response", test_response);
  g_test_add_func ("/plugin/jumpcloud/refused", test_refused);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
