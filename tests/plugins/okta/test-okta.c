/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-okta-idp.h"
#include "vendor-oidc.h"

#define KEYS "OrgUrl=https://example.okta.com\nAppId=exk1a2b3c4d5e6f7g8h9"
#define URL "https://example.okta.com/app/exk1a2b3c4d5e6f7g8h9/sso/saml/metadata"

static const Vendor vendor = { "okta", "okta", door_okta_idp_get_type, door_okta_idp_get_keys };

static void
test_preset (void)
{
  g_autoptr (DoorIdp) idp = g_object_new (DOOR_TYPE_OKTA_IDP, NULL);

  vendor_assert_preset (&vendor);
  g_assert_nonnull (door_idp_explain_status (idp,
                                             "Sorry, you cannot access Doorward because you are not assigned"
                                             " this app in Okta."));
}

static void
test_configure (void)
{
  static const VendorConfig configs[] = {
    { KEYS, 0, NULL, URL },
    { "OrgUrl=https://example.okta.com/\nAppId=exk1a2b3c4d5e6f7g8h9", 0, NULL, URL },
    { "OrgUrl=https://login.example.com\nAppId=exk1", 0, NULL,
      "https://login.example.com/app/exk1/sso/saml/metadata" },
    { "MetadataUrl=" URL, 0, NULL, URL },
    { "MetadataFile=/okta.xml", 0, NULL, NULL },
    { "", DOOR_FAULT_CFG_REQUIRED, "OrgUrl=", NULL },
    { "OrgUrl=https://example.okta.com", DOOR_FAULT_CFG_REQUIRED, "OrgUrl needs AppId", NULL },
    { "AppId=exk1", DOOR_FAULT_CFG_REQUIRED, "AppId needs OrgUrl", NULL },
    { "OrgUrl=https://example-admin.okta.com\nAppId=exk1", DOOR_FAULT_CFG_VALUE, "-admin", NULL },
    { "OrgUrl=https://example.okta.com/app\nAppId=exk1", DOOR_FAULT_CFG_VALUE, "OrgUrl", NULL },
    { "OrgUrl=https://example.okta.com?x\nAppId=exk1", DOOR_FAULT_CFG_VALUE, "https://", NULL },
    { "OrgUrl=http://example.okta.com\nAppId=exk1", DOOR_FAULT_CFG_VALUE, "https://", NULL },
    { "OrgUrl=example.okta.com\nAppId=exk1", DOOR_FAULT_CFG_TYPE, "OrgUrl", NULL },
    { "OrgUrl=https://example.okta.com\nAppId=0oa1", DOOR_FAULT_CFG_VALUE, "admin console's", NULL },
    { "OrgUrl=https://example.okta.com\nAppId=abc1", DOOR_FAULT_CFG_VALUE, "begin with exk", NULL },
    { "OrgUrl=https://example.okta.com\nAppId=exk1/../x", DOOR_FAULT_CFG_VALUE, "AppId", NULL },
    { KEYS "\nMetadataUrl=" URL, DOOR_FAULT_CFG_VALUE, "MetadataUrl", NULL },
    { KEYS "\nMetadataFile=/okta.xml", DOOR_FAULT_CFG_VALUE, "MetadataFile", NULL },
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
  g_assert_cmpstr (door_identity_get_issuer (identity), ==, "http://www.okta.com/exk1a2b3c4d5e6f7g8h9");
  g_assert_cmpstr (door_identity_get_subject (identity), ==,
                   "nameid:54:urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress0:0:15:ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_GIVEN_NAME, "Ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_FAMILY_NAME, "Lovelace");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "Everyone;mac-admins");
  g_assert_true (door_identity_groups_complete (identity));
}

/* An application without attribute statements: everything comes from the NameID. */
static void
test_bare (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, KEYS, "response-bare.xml", &error);

  g_assert_no_error (error);
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "ada@example.com");
  g_assert_null (door_identity_get_groups (identity)[0]);
}

/* The attribute statement that the preset proposes for people who are renamed. */
static void
test_stable_id (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity =
      vendor_sign_in (&vendor, KEYS "\nSubject=id", "response-id.xml", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==, "claim:2:id00u1a2b3c4d5e6f7g8h9");
}

static void
test_refused (void)
{
  vendor_assert_refused (&vendor, KEYS "\nSubject=id", "response.xml", DOOR_FAULT_ID_SUBJECT);
  vendor_assert_refused (&vendor, KEYS "\nWantSigned=both", "response-bare.xml", DOOR_FAULT_SAML_UNSIGNED);
  vendor_assert_refused (&vendor, KEYS, "response-other-app.xml", DOOR_FAULT_SAML_ISSUER);
}

static void
test_oidc_issuer (void)
{
  static const VendorConfig configs[] = {
    { "AuthServer=default\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_REQUIRED, "OrgUrl", NULL },
    { "OrgUrl=https://a.okta.com\nAuthServer=a/b\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_VALUE, "AuthServer",
      NULL },
    { "OrgUrl=https://a-admin.okta.com\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_VALUE, "admin", NULL },
    { "OrgUrl=https://a.okta.com\nIssuer=https://b.okta.com\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_VALUE,
      "Issuer", NULL },
    { VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_REQUIRED, "OrgUrl", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
  vendor_assert_issuer (&vendor, "OrgUrl=https://a.okta.com/\n" VENDOR_CLIENT_KEYS, "https://a.okta.com");
  vendor_assert_issuer (&vendor, "OrgUrl=https://a.okta.com\nAuthServer=default\n" VENDOR_CLIENT_KEYS,
                        "https://a.okta.com/oauth2/default");
}

static void
test_oidc (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in_by_oidc (
      &vendor, "OrgUrl=https://a.okta.com\n" VENDOR_CLIENT_KEYS,
      "\"iss\":\"https://a.okta.com\",\"sub\":\"00u1\",\"preferred_username\":\"ada@example.com\","
      "\"email\":\"ada@example.com\",\"groups\":[\"Everyone\"]",
      &error);

  g_assert_no_error (error);
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_refused_by_oidc (&vendor, "OrgUrl=https://a.okta.com\n" VENDOR_CLIENT_KEYS,
                                 "\"iss\":\"https://a.okta.com/oauth2/default\",\"sub\":\"00u1\"",
                                 DOOR_FAULT_OIDC_ISSUER);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/okta/preset", test_preset);
  g_test_add_func ("/plugin/okta/configure", test_configure);
  g_test_add_func ("/plugin/okta/response", test_response);
  g_test_add_func ("/plugin/okta/bare", test_bare);
  g_test_add_func ("/plugin/okta/stable-id", test_stable_id);
  g_test_add_func ("/plugin/okta/refused", test_refused);
  g_test_add_func ("/plugin/okta/oidc-issuer", test_oidc_issuer);
  g_test_add_func ("/plugin/okta/oidc", test_oidc);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
