/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ping-idp.h"
#include "vendor-fixture.h"

#define KEYS "EnvironmentId=9d2c4a7e-51b8-4f06-8e3d-7a1b0c9f5d24\nAppId=1a2b"
#define PATH "9d2c4a7e-51b8-4f06-8e3d-7a1b0c9f5d24/saml20/metadata/1a2b"

static const Vendor vendor = { "ping", "ping", door_ping_idp_get_type, door_ping_idp_get_keys };

static void
test_preset (void)
{
  vendor_assert_preset (&vendor);
}

static void
test_configure (void)
{
  static const VendorConfig configs[] = {
    { KEYS, 0, NULL, "https://auth.pingone.com/" PATH },
    { "Url=https://auth.pingone.eu\n" KEYS, 0, NULL, "https://auth.pingone.eu/" PATH },
    { "MetadataFile=/pf.xml", 0, NULL, NULL },
    { "", DOOR_FAULT_CFG_REQUIRED, "EnvironmentId=", NULL },
    { "EnvironmentId=9d2c", DOOR_FAULT_CFG_REQUIRED, "EnvironmentId needs AppId", NULL },
    { "AppId=1a2b", DOOR_FAULT_CFG_REQUIRED, "AppId needs EnvironmentId", NULL },
    { "Url=https://auth.pingone.eu", DOOR_FAULT_CFG_REQUIRED, "Url needs EnvironmentId", NULL },
    { "EnvironmentId=a/b\nAppId=c", DOOR_FAULT_CFG_VALUE, "EnvironmentId must be", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
}

static void
test_response (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity =
      vendor_sign_in (&vendor, KEYS "\nWantSigned=both", "response.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==,
                   "nameid:53:urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified0:0:36:"
                   "3f60b2d8-17c5-4e9a-b804-c6a2e1d79f53");
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_GIVEN_NAME, "Ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_FAMILY_NAME, "Lovelace");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "Staff;Mac Admins");
}

/* PingFederate: no word about the key. */
static void
test_federate (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, KEYS, "response-federate.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==,
                   "nameid:53:urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified0:0:36:"
                   "3f60b2d8-17c5-4e9a-b804-c6a2e1d79f53");

  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "Staff;Mac Admins");
}

static void
test_refused (void)
{
  vendor_assert_refused (&vendor, KEYS "\nWantSigned=both", "response-federate.xml",
                         DOOR_FAULT_SAML_UNSIGNED);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/ping/preset", test_preset);
  g_test_add_func ("/plugin/ping/configure", test_configure);
  g_test_add_func ("/plugin/ping/response", test_response);
  g_test_add_func ("/plugin/ping/federate", test_federate);
  g_test_add_func ("/plugin/ping/refused", test_refused);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
