/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-idp.h"
#include "vendor-oidc.h"

#define ISSUER "https://login.campus.example/realms/staff"
#define BASE "Issuer=" ISSUER "\n" VENDOR_CLIENT_KEYS
#define ISS "\"iss\":\"" ISSUER "\""

static const Vendor vendor = { "oidc", "campus", door_oidc_idp_get_type, NULL };

static void
test_preset (void)
{
  g_autoptr (DoorIdp) idp = g_object_new (DOOR_TYPE_OIDC_IDP, NULL);
  const DoorIdpPreset *preset = door_idp_get_preset (idp);

  g_assert_cmpstr (preset->title, ==, "OpenID Connect");
  g_assert_cmpstr (preset->values[0].value, ==, "{acs}");
  g_assert_nonnull (preset->notes[0]);
}

static void
test_configure (void)
{
  static const VendorConfig configs[] = {
    { BASE, 0, NULL, NULL },
    { BASE "\nProtocol=oidc", 0, NULL, NULL },
    { BASE "\nScopes=openid;groups\nUserInfo=true", 0, NULL, NULL },
    { BASE "\nDiscoveryUrl=https://login.campus.example/well-known", 0, NULL, NULL },
    { "", DOOR_FAULT_CFG_REQUIRED, "Issuer", NULL },
    { "MetadataUrl=https://login.campus.example/metadata", DOOR_FAULT_CFG_REQUIRED, "Issuer", NULL },
    { "Protocol=saml\n" BASE, DOOR_FAULT_CFG_REQUIRED, "OpenID Connect only", NULL },
    { VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_REQUIRED, "Issuer", NULL },
    { "Protocol=oidc\nIssuer=" ISSUER, DOOR_FAULT_CFG_REQUIRED, "ClientId", NULL },
    { "Issuer=" ISSUER "\nClientId=a", DOOR_FAULT_CFG_REQUIRED, "ClientSecret", NULL },
    { BASE "\nScopes=profile", DOOR_FAULT_CFG_VALUE, "openid", NULL },
    { "Issuer=http://login.campus.example\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_VALUE, "https://", NULL },
    { "Issuer=https://login.campus.example/?a=b\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_VALUE, "https://",
      NULL },
    { "Issuer=https://a@login.campus.example/\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_TYPE, "user name", NULL },
    { BASE "\nDiscoveryUrl=http://login.campus.example/x", DOOR_FAULT_CFG_VALUE, "https://", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
}

static void
test_token (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in_by_oidc (
      &vendor, BASE,
      ISS ",\"sub\":\"k7Q2v9\",\"preferred_username\":\"ada\",\"email\":\"ada@campus.example\",\"email_"
          "verified\":true,"
          "\"name\":\"Ada "
          "Lovelace\",\"given_name\":\"Ada\",\"family_name\":\"Lovelace\",\"groups\":[\"staff\",\"it\"]",
      &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_issuer (identity), ==, ISSUER);
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@campus.example");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@campus.example");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_GIVEN_NAME, "Ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_FAMILY_NAME, "Lovelace");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "staff;it");
}

static void
test_mapping (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity =
      vendor_sign_in_by_oidc (&vendor, BASE "\nSubject=employee\nManagedAccount=apple",
                              ISS ",\"sub\":\"k7Q2v9\",\"employee\":4711,\"apple\":\"ada@apple.campus."
                                  "example\",\"email\":\"ada@campus.example\","
                                  "\"email_verified\":false",
                              &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (identity), ==, "claim:8:employee4711");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@apple.campus.example");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, NULL);
}

static void
test_refused (void)
{
  vendor_assert_refused_by_oidc (&vendor, BASE, "\"iss\":\"" ISSUER "/\",\"sub\":\"a\"",
                                 DOOR_FAULT_OIDC_ISSUER);
  vendor_assert_refused_by_oidc (&vendor, BASE "\nSubject=employee", ISS ",\"sub\":\"a\"",
                                 DOOR_FAULT_ID_SUBJECT);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/oidc/preset", test_preset);
  g_test_add_func ("/plugin/oidc/configure", test_configure);
  g_test_add_func ("/plugin/oidc/token", test_token);
  g_test_add_func ("/plugin/oidc/mapping", test_mapping);
  g_test_add_func ("/plugin/oidc/refused", test_refused);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
