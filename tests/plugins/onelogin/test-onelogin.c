/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-onelogin-idp.h"
#include "vendor-fixture.h"

#define KEYS "AppId=5b1f7c2e-3d84-4a09-9c6f-e2d1a0b78435"
#define URL "https://app.onelogin.com/saml/metadata/5b1f7c2e-3d84-4a09-9c6f-e2d1a0b78435"

static const Vendor vendor = { "onelogin", "onelogin", door_onelogin_idp_get_type,
                               door_onelogin_idp_get_keys };

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
    { "MetadataUrl=" URL, 0, NULL, URL },
    { "", DOOR_FAULT_CFG_REQUIRED, "AppId=", NULL },
    { "AppId=" URL, DOOR_FAULT_CFG_VALUE, "AppId must be the name", NULL },
    { KEYS "\nMetadataUrl=" URL, DOOR_FAULT_CFG_VALUE, "MetadataUrl", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
}

/* Groups arrive in one value, with empty ones between them. */
static void
test_response (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity =
      vendor_sign_in (&vendor, KEYS "\nWantSigned=both", "response.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==,
                   "nameid:54:urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress0:0:15:ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_GIVEN_NAME, "Ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_FAMILY_NAME, "Lovelace");
  g_assert_cmpuint (g_strv_length ((char **) door_identity_get_groups (identity)), ==, 2);
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==,
                   "CN=Mac Admins,OU=Groups,DC=example,DC=com;CN=Staff,OU=Groups,DC=example,DC=com");
}

static void
test_sha1 (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity =
      vendor_sign_in (&vendor, KEYS "\nAllowSha1=true\nSubject=id", "response-sha1.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==, "claim:2:id1815-12-10");

  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==,
                   "CN=Mac Admins,OU=Groups,DC=example,DC=com;CN=Staff,OU=Groups,DC=example,DC=com");
}

static void
test_refused (void)
{
  vendor_assert_refused (&vendor, KEYS, "response-sha1.xml", DOOR_FAULT_SAML_ALGORITHM);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/onelogin/preset", test_preset);
  g_test_add_func ("/plugin/onelogin/configure", test_configure);
  g_test_add_func ("/plugin/onelogin/response", test_response);
  g_test_add_func ("/plugin/onelogin/sha1", test_sha1);
  g_test_add_func ("/plugin/onelogin/refused", test_refused);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
