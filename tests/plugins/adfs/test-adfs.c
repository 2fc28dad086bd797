/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-adfs-idp.h"
#include "vendor-fixture.h"

#define KEYS "Url=https://sts.example.com"
#define URL "https://sts.example.com/FederationMetadata/2007-06/FederationMetadata.xml"

static const Vendor vendor = { "adfs", "adfs", door_adfs_idp_get_type, door_adfs_idp_get_keys };

static void
test_preset (void)
{
  vendor_assert_preset (&vendor);
}

static void
test_configure (void)
{
  static const VendorConfig configs[] = {
    { KEYS, 0, NULL, URL },
    { "Url=https://sts.example.com/", 0, NULL, URL },
    { "MetadataFile=/adfs.xml", 0, NULL, NULL },
    { "", DOOR_FAULT_CFG_REQUIRED, "Url=", NULL },
    { "Url=http://sts.example.com", DOOR_FAULT_CFG_VALUE, "https://", NULL },
    { KEYS "\nMetadataUrl=" URL, DOOR_FAULT_CFG_VALUE, "MetadataUrl", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
}

static void
test_response (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, KEYS, "response.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==, "nameid:0:0:0:24:q1fXk0Tz9kSxNQm8aQ0p7w==");
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "ada@corp.example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_GIVEN_NAME, "Ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_FAMILY_NAME, "Lovelace");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "Domain Users;Mac Admins");
}

static void
test_refused (void)
{
  vendor_assert_refused (&vendor, KEYS, "response-no-name-id.xml", DOOR_FAULT_SAML_NAMEID);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/adfs/preset", test_preset);
  g_test_add_func ("/plugin/adfs/configure", test_configure);
  g_test_add_func ("/plugin/adfs/response", test_response);
  g_test_add_func ("/plugin/adfs/refused", test_refused);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
