/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-idp.h"
#include "vendor-fixture.h"

#define BASE "MetadataFile=/idp.xml"
#define CAMPUS "https://idp.campus.example/idp/shibboleth"

static const Vendor vendor = { "saml-plugin", "campus", door_saml_idp_get_type, NULL };

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
    { "MetadataUrl=https://idp.example/metadata", 0, NULL, "https://idp.example/metadata" },
    { "EntityId=x\nSsoUrl=https://idp.example/sso\nCertificates=/a.pem", 0, NULL, NULL },
    { "", DOOR_FAULT_CFG_REQUIRED, "MetadataUrl=", NULL },
    { "EntityId=x", DOOR_FAULT_CFG_REQUIRED, "MetadataUrl=", NULL },
    { "SsoUrl=https://idp.example/sso", DOOR_FAULT_CFG_REQUIRED, "EntityId", NULL },
    { BASE "\nTenant=x", DOOR_FAULT_CFG_UNKNOWNKEY, "Tenant", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
}

/* Object identifiers and the qualified NameID of a research federation. */
static void
test_response (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, BASE, "response.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_issuer (identity), ==, CAMPUS);
  g_assert_cmpstr (door_identity_get_subject (identity), ==,
                   "nameid:52:urn:oasis:names:tc:SAML:2.0:nameid-format:persistent41:" CAMPUS
                   "35:https://mdm.example.com/saml/campus10:k7Q2v9XmT4");
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "alovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@campus.example");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@campus.example");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_GIVEN_NAME, "Ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_FAMILY_NAME, "Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_DEPARTMENT, NULL);
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "staff;engines");
  g_assert_true (door_identity_groups_complete (identity));
}

/* The keys of the group replace the table, by the attribute's short name as well. */
static void
test_mapping (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity =
      vendor_sign_in (&vendor, BASE "\nSubject=uid\nUserName=none;mail\nGroups=none", "response.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==, "claim:3:uidalovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "ada@campus.example");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "");
}

static void
test_refused (void)
{
  vendor_assert_refused (&vendor, BASE "\nSubject=employeeNumber", "response.xml", DOOR_FAULT_ID_SUBJECT);
  vendor_assert_refused (&vendor, BASE "\nWantSigned=assertion", "response.xml", DOOR_FAULT_SAML_UNSIGNED);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/saml/preset", test_preset);
  g_test_add_func ("/plugin/saml/configure", test_configure);
  g_test_add_func ("/plugin/saml/response", test_response);
  g_test_add_func ("/plugin/saml/mapping", test_mapping);
  g_test_add_func ("/plugin/saml/refused", test_refused);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
