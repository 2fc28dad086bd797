/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-authentik-idp.h"
#include "vendor-oidc.h"

#define KEYS "Url=https://auth.example.com\nApplication=doorward"
#define URL "https://auth.example.com/application/saml/doorward/metadata/"

static const Vendor vendor = { "authentik", "authentik", door_authentik_idp_get_type,
                               door_authentik_idp_get_keys };

static bool
has_value (const DoorIdpPreset *preset, const char *label, const char *value)
{
  for (const DoorIdpValue *at = preset->values; at->label != NULL; at++)
    if (g_str_equal (at->label, label))
      return g_str_equal (at->value, value);
  return false;
}

/* The two fields whose proposals in authentik cannot work with us. */
static void
test_preset (void)
{
  g_autoptr (DoorIdp) idp = g_object_new (DOOR_TYPE_AUTHENTIK_IDP, NULL);
  const DoorIdpPreset *preset = door_idp_get_preset (idp);

  vendor_assert_preset (&vendor);
  g_assert_true (has_value (preset, "Audience", "{entity-id}"));
  g_assert_true (has_value (preset, "Service Provider Binding", "Post"));
}

static void
test_configure (void)
{
  static const VendorConfig configs[] = {
    { KEYS, 0, NULL, URL },
    { "Url=https://auth.example.com/\nApplication=doorward", 0, NULL, URL },
    { "Url=https://example.com/login/\nApplication=Door_ward-1", 0, NULL,
      "https://example.com/login/application/saml/Door_ward-1/metadata/" },
    { "Url=http://localhost:9000\nApplication=d", 0, NULL,
      "http://localhost:9000/application/saml/d/metadata/" },
    { "MetadataUrl=" URL, 0, NULL, URL },
    { "", DOOR_FAULT_CFG_REQUIRED, "Url=", NULL },
    { "Url=https://auth.example.com", DOOR_FAULT_CFG_REQUIRED, "Url needs Application", NULL },
    { "Application=doorward", DOOR_FAULT_CFG_REQUIRED, "Application needs Url", NULL },
    { "Url=http://auth.example.com\nApplication=doorward", DOOR_FAULT_CFG_VALUE, "https://", NULL },
    { "Url=https://auth.example.com/?next=\nApplication=doorward", DOOR_FAULT_CFG_VALUE, "https://", NULL },
    { "Url=" URL "\nApplication=doorward", DOOR_FAULT_CFG_VALUE, "address of authentik alone", NULL },
    { "Url=https://auth.example.com\nApplication=door/ward", DOOR_FAULT_CFG_VALUE, "slug", NULL },
    { "Url=https://auth.example.com\nApplication=", DOOR_FAULT_CFG_TYPE, "Application", NULL },
    { KEYS "\nMetadataFile=/authentik.xml", DOOR_FAULT_CFG_VALUE, "MetadataFile", NULL },
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
  g_assert_cmpstr (door_identity_get_issuer (identity), ==, "https://auth.example.com/doorward");
  g_assert_cmpstr (door_identity_get_subject (identity), ==,
                   "claim:46:http://schemas.goauthentik.io/2021/02/saml/uid"
                   "3f8e6d0c9b7a51423f8e6d0c9b7a51423f8e6d0c9b7a5142");
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "staff;mac-admins");
  g_assert_true (door_identity_groups_complete (identity));
}

/* Without the user id there is nobody, unless the administrator says that the NameID will do. */
static void
test_subject (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity =
      vendor_sign_in (&vendor, KEYS "\nSubject=NameID", "response-no-uid.xml", &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (door_identity_get_subject (identity), "nameid:"));
  vendor_assert_refused (&vendor, KEYS, "response-no-uid.xml", DOOR_FAULT_ID_SUBJECT);
}

/* What a provider in authentik sends that was left as it was proposed. */
static void
test_refused (void)
{
  vendor_assert_refused (&vendor, KEYS, "response-no-audience.xml", DOOR_FAULT_SAML_AUDIENCE);
  vendor_assert_refused (&vendor, KEYS, "response-unsigned.xml", DOOR_FAULT_SAML_UNSIGNED);
}

#define OIDC "Url=https://auth.example.com\nApplication=door\n" VENDOR_CLIENT_KEYS

static void
test_oidc (void)
{
  static const VendorConfig configs[] = {
    { "Url=https://auth.example.com\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_REQUIRED, "Application", NULL },
    { "Application=door\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_REQUIRED, "Url", NULL },
    { "Url=https://auth.example.com\nApplication=a/b\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_VALUE, "slug",
      NULL },
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = NULL;

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
  vendor_assert_issuer (&vendor, OIDC, "https://auth.example.com/application/o/door/");
  identity =
      vendor_sign_in_by_oidc (&vendor, OIDC,
                              "\"iss\":\"https://auth.example.com/application/o/door/\",\"sub\":\"5f\","
                              "\"email\":\"ada@example.com\",\"groups\":[\"staff\"]",
                              &error);
  g_assert_no_error (error);
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_refused_by_oidc (&vendor, OIDC,
                                 "\"iss\":\"https://auth.example.com/application/o/door\",\"sub\":\"5f\"",
                                 DOOR_FAULT_OIDC_ISSUER);
  vendor_assert_refused_by_oidc (&vendor, OIDC,
                                 "\"iss\":\"https://auth.example.com/application/o/other/\",\"sub\":\"5f\"",
                                 DOOR_FAULT_OIDC_ISSUER);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/authentik/preset", test_preset);
  g_test_add_func ("/plugin/authentik/configure", test_configure);
  g_test_add_func ("/plugin/authentik/response", test_response);
  g_test_add_func ("/plugin/authentik/subject", test_subject);
  g_test_add_func ("/plugin/authentik/refused", test_refused);
  g_test_add_func ("/plugin/authentik/oidc", test_oidc);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
