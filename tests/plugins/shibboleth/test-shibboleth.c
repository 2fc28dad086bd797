/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-shibboleth-idp.h"
#include "vendor-fixture.h"

#define BASE "MetadataFile=/idp.xml"

static const Vendor vendor = { "shibboleth", "shibboleth", door_shibboleth_idp_get_type, NULL };

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
    { "MetadataUrl=https://idp.example.edu/idp/shibboleth", 0, NULL,
      "https://idp.example.edu/idp/shibboleth" },
    { "", DOOR_FAULT_CFG_REQUIRED, "MetadataUrl=", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
}

/* The NameID is another one at each sign-in; the attribute stays. */
static void
test_response (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, BASE, "response.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==,
                   "claim:45:urn:oasis:names:tc:SAML:attribute:pairwise-id"
                   "HA2TKNZZGE3TOOI@example.edu");
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "alovelace@example.edu");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.edu");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.edu");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "staff;engines");
}

static void
test_persistent (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, BASE, "response-persistent.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (
      door_identity_get_subject (identity), ==,
      "nameid:52:urn:oasis:names:tc:SAML:2.0:nameid-format:persistent38:"
      "https://idp.example.edu/idp/shibboleth39:https://mdm.example.com/saml/shibboleth10:k7Q2v9XmT4");
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "alovelace@example.edu");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.edu");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.edu");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "staff;engines");
}

static void
test_refused (void)
{
  vendor_assert_refused (&vendor, BASE, "response-transient.xml", DOOR_FAULT_ID_SUBJECT);
  vendor_assert_refused (&vendor, BASE "\nSubject=NameID", "response.xml", DOOR_FAULT_ID_SUBJECT);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/shibboleth/preset", test_preset);
  g_test_add_func ("/plugin/shibboleth/configure", test_configure);
  g_test_add_func ("/plugin/shibboleth/response", test_response);
  g_test_add_func ("/plugin/shibboleth/persistent", test_persistent);
  g_test_add_func ("/plugin/shibboleth/refused", test_refused);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
