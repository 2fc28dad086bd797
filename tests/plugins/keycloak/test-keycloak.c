/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-keycloak-idp.h"
#include "vendor-fixture.h"

#define KEYS "Url=https://login.example.com\nRealm=example"
#define URL "https://login.example.com/realms/example/protocol/saml/descriptor"

static const Vendor vendor = { "keycloak", "keycloak", door_keycloak_idp_get_type,
                               door_keycloak_idp_get_keys };

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
    { "Url=https://login.example.com/\nRealm=example", 0, NULL, URL },
    { "Url=https://login.example.com/auth\nRealm=my realm", 0, NULL,
      "https://login.example.com/auth/realms/my%20realm/protocol/saml/descriptor" },
    { "MetadataUrl=" URL, 0, NULL, URL },
    { "", DOOR_FAULT_CFG_REQUIRED, "Realm=", NULL },
    { "Url=https://login.example.com", DOOR_FAULT_CFG_REQUIRED, "Url needs Realm", NULL },
    { "Realm=example", DOOR_FAULT_CFG_REQUIRED, "Realm needs Url", NULL },
    { "Url=https://login.example.com\nRealm=example/protocol", DOOR_FAULT_CFG_VALUE, "Realm must be the name",
      NULL },
    { "Url=https://login.example.com\nRealm=..", DOOR_FAULT_CFG_VALUE, "Realm must be the name", NULL },
    { "Url=https://login.example.com\nRealm=a?b", DOOR_FAULT_CFG_VALUE, "Realm must be the name", NULL },
    { "Url=http://login.example.com\nRealm=example", DOOR_FAULT_CFG_VALUE, "https://", NULL },
    { KEYS "\nMetadataFile=/a.xml", DOOR_FAULT_CFG_VALUE, "MetadataFile", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
}

/* Groups of the same name stay apart by their paths. */
static void
test_response (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, KEYS, "response.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==,
                   "nameid:52:urn:oasis:names:tc:SAML:2.0:nameid-format:persistent0:0:38:"
                   "G-4c7a1e02-9f3b-4d58-8a6e-b1d0c5f27e93");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_GIVEN_NAME, "Ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_FAMILY_NAME, "Lovelace");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "/staff/mac-admins;/external/mac-admins");
}

/* An attribute for each role, all of the same name. */
static void
test_roles (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, KEYS "\nGroups=Role", "response.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==,
                   "nameid:52:urn:oasis:names:tc:SAML:2.0:nameid-format:persistent0:0:38:"
                   "G-4c7a1e02-9f3b-4d58-8a6e-b1d0c5f27e93");

  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "offline_access;mac-admin;manage-account");
}

static void
test_refused (void)
{
  vendor_assert_refused (&vendor, KEYS, "response-transient.xml", DOOR_FAULT_ID_SUBJECT);
  vendor_assert_refused (&vendor, KEYS "\nWantSigned=assertion", "response.xml", DOOR_FAULT_SAML_UNSIGNED);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/keycloak/preset", test_preset);
  g_test_add_func ("/plugin/keycloak/configure", test_configure);
  g_test_add_func ("/plugin/keycloak/response", test_response);
  g_test_add_func ("/plugin/keycloak/roles", test_roles);
  g_test_add_func ("/plugin/keycloak/refused", test_refused);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
