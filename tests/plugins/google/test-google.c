/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-google-idp.h"
#include "fake-fetcher.h"
#include "vendor-oidc.h"

#define BASE "MetadataFile=/google.xml"
#define DOMAIN BASE "\nHostedDomain=other.test;Example.COM"

static const Vendor vendor = { "google", "google", door_google_idp_get_type, door_google_idp_get_keys };

static void
test_preset (void)
{
  g_autoptr (DoorIdp) idp = g_object_new (DOOR_TYPE_GOOGLE_IDP, NULL);

  vendor_assert_preset (&vendor);
  g_assert_cmpstr (door_idp_explain_status (idp, "403 app_not_configured_for_user"), !=,
                   door_idp_explain_status (idp, "403 app_not_configured"));
}

static void
test_configure (void)
{
  static const VendorConfig configs[] = {
    { BASE, 0, NULL, NULL },
    { DOMAIN, 0, NULL, NULL },
    { "EntityId=x\nSsoUrl=https://accounts.google.com/o/saml2/idp\nCertificates=/g.pem", 0, NULL, NULL },
    { "", DOOR_FAULT_CFG_REQUIRED, "MetadataFile=", NULL },
    { "MetadataUrl=https://accounts.google.com/x", DOOR_FAULT_CFG_VALUE, "MetadataFile", NULL },
    { BASE "\nHostedDomain=@example.com", DOOR_FAULT_CFG_VALUE, "HostedDomain", NULL },
    { BASE "\nHostedDomain=example.com;example", DOOR_FAULT_CFG_VALUE, "HostedDomain", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
}

/* Nothing but the address: no format, no attributes, the response signed. */
static void
test_response (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, DOMAIN, "response.xml", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_issuer (identity), ==,
                   "https://accounts.google.com/o/saml2?idpid=C0a1b2c3d");
  g_assert_cmpstr (door_identity_get_subject (identity), ==, "nameid:0:0:0:15:ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "ada@example.com");
  g_assert_null (door_identity_get_groups (identity)[0]);
}

/* With the mappings the preset proposes, the assertion signed. */
static void
test_mapped (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, DOMAIN, "response-mapped.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_DEPARTMENT, "Engines");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "All Staff;Mac Admins");
  g_assert_true (door_identity_groups_complete (identity));
}

static void
test_domain (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) any = vendor_sign_in (&vendor, BASE, "response-other-domain.xml", &error);

  g_assert_no_error (error);
  vendor_assert_refused (&vendor, DOMAIN, "response-other-domain.xml", DOOR_FAULT_ID_DOMAIN);
  vendor_assert_refused (&vendor, DOMAIN, "response-other-email.xml", DOOR_FAULT_ID_DOMAIN);
  vendor_assert_refused (&vendor, DOMAIN, "response-employee-id.xml", DOOR_FAULT_ID_DOMAIN);
  vendor_assert_refused (&vendor, BASE "\nHostedDomain=ample.com", "response.xml", DOOR_FAULT_ID_DOMAIN);
}

static DoorIdentity *
map_address (const char *address, const char *email, GError **error)
{
  const DoorSubject subject = { .issuer = "https://accounts.google.com/o/saml2?idpid=C0a1b2c3d",
                                .value = address };
  const char *const emails[] = { email, NULL };
  g_autoptr (DoorIdp) idp = vendor_configure (&vendor, DOMAIN, NULL);
  g_autoptr (DoorClaims) claims = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sas}"));
  if (email != NULL)
    g_variant_builder_add (&builder, "{s^as}", "email", emails);
  claims = door_claims_new (&subject, g_variant_builder_end (&builder));
  return door_idp_map_claims (idp, claims, error);
}

static void
assert_not_of_domain (const char *address, const char *email)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (map_address (address, email, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_ID_DOMAIN);
}

/* Addresses that only look as if they were of the domain. */
static void
test_addresses (void)
{
  static const char *const bad[] = { "ada@sub.example.com",
                                     "ada@example.com.evil.test",
                                     "ada@evil.test@example.com",
                                     "@example.com",
                                     "example.com",
                                     "ada@" };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) good = map_address ("Ada@EXAMPLE.com", "al@other.test", &error);

  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      assert_not_of_domain (bad[i], NULL);
      assert_not_of_domain (bad[i], "ada@example.com");
      assert_not_of_domain ("ada@example.com", bad[i]);
    }
}

/* One key signs for every app of the account: only the audience keeps them apart. */
static void
test_refused (void)
{
  vendor_assert_refused (&vendor, BASE, "response-other-app.xml", DOOR_FAULT_SAML_AUDIENCE);
  vendor_assert_refused (&vendor, BASE "\nSubject=employeeId", "response.xml", DOOR_FAULT_ID_SUBJECT);
  vendor_assert_refused (&vendor, BASE "\nWantSigned=assertion", "response.xml", DOOR_FAULT_SAML_UNSIGNED);
}

#define OIDC "HostedDomain=example.com;example.org\n" VENDOR_CLIENT_KEYS
#define ISS "\"iss\":\"https://accounts.google.com\",\"sub\":\"1\""

/* hd decides, and not the address. */
static void
test_oidc (void)
{
  static const VendorConfig configs[] = {
    { OIDC, 0, NULL, NULL },
    { VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_REQUIRED, "HostedDomain", NULL },
    { "HostedDomain=example\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_VALUE, "HostedDomain", NULL },
  };
  static const char *const good[] = {
    ISS ",\"hd\":\"example.com\",\"email\":\"ada@example.com\"",
    ISS ",\"hd\":\"Example.org\",\"email\":\"ada@example.com\"",
    "\"iss\":\"accounts.google.com\",\"sub\":\"1\",\"hd\":\"example.com\"",
  };
  static const char *const bad[] = {
    ISS ",\"email\":\"ada@example.com\",\"email_verified\":true",
    ISS ",\"hd\":\"example.net\",\"email\":\"ada@example.com\"",
    ISS ",\"hd\":[\"example.net\",\"example.com\"]",
    ISS ",\"hd\":\"example.com\",\"email\":\"ada@example.net\"",
    ISS ",\"hd\":\"\"",
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdentity) identity = vendor_sign_in_by_oidc (&vendor, OIDC, good[i], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (door_identity_get_issuer (identity), ==, "https://accounts.google.com");
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    vendor_assert_refused_by_oidc (&vendor, OIDC, bad[i], DOOR_FAULT_ID_DOMAIN);
}

#define ACCOUNT "\nServiceAccount=file:/key.json\nDelegate=admin@example.com"
#define LIST                                                                                                 \
  "https://admin.googleapis.com/admin/directory/v1/groups?maxResults=200&userKey=ada%2Bx%40example.com"

static void
test_directory_configure (void)
{
  static const VendorConfig configs[] = {
    { BASE ACCOUNT, 0, NULL, NULL },
    { BASE "\nServiceAccount=file:/key.json", DOOR_FAULT_CFG_REQUIRED, "Delegate", NULL },
    { BASE "\nDelegate=admin@example.com", DOOR_FAULT_CFG_REQUIRED, "ServiceAccount", NULL },
    { BASE "\nServiceAccount=file:/key.json\nDelegate=admin", DOOR_FAULT_CFG_VALUE, "Delegate", NULL },
  };
  g_autoptr (DoorIdp) idp = vendor_configure (&vendor, BASE ACCOUNT, NULL);
  g_autoptr (DoorIdp) without = vendor_configure (&vendor, BASE, NULL);
  g_autoptr (DoorFetcherAccess) access = door_idp_dup_access (idp);

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
  g_assert_cmpstr (access->host, ==, "admin.googleapis.com");
  g_assert_cmpstr (access->token_url, ==, "https://oauth2.googleapis.com/token");
  g_assert_null (access->client_id);
  g_assert_cmpstr (access->secret_key, ==, "ServiceAccount");
  g_assert_cmpstr (access->subject, ==, "admin@example.com");
  g_assert_null (door_idp_dup_access (without));
}

/* Groups that came are all there are; none may mean that none are mapped. */
static void
test_directory_needed (void)
{
  g_autoptr (DoorIdentity) none = vendor_sign_in (&vendor, DOMAIN ACCOUNT, "response.xml", NULL);
  g_autoptr (DoorIdentity) some = vendor_sign_in (&vendor, DOMAIN ACCOUNT, "response-mapped.xml", NULL);
  g_autoptr (DoorIdentity) without = vendor_sign_in (&vendor, DOMAIN, "response.xml", NULL);

  g_assert_false (door_identity_groups_complete (none));
  g_assert_true (door_identity_groups_complete (some));
  g_assert_true (door_identity_groups_complete (without));
}

static char *
fetch_groups (const char *email, const FakeReply *replies, unsigned int n_replies, GError **error)
{
  g_autoptr (DoorIdp) idp = vendor_configure (&vendor, BASE ACCOUNT, NULL);
  g_autoptr (DoorIdentity) identity = door_identity_new ("issuer", "subject");
  g_autoptr (FakeFetcher) fetcher = fake_fetcher_new ("google", replies);
  g_auto (GStrv) groups = NULL;

  door_identity_set (identity, DOOR_IDENTITY_EMAIL, email);
  groups = door_idp_fetch_groups (idp, identity, DOOR_FETCHER (fetcher), NULL, error);
  g_assert_cmpuint (fake_fetcher_count (fetcher), ==, n_replies);
  return groups != NULL ? g_strjoinv (" ", groups) : NULL;
}

static void
test_directory (void)
{
  static const FakeReply one[] = { { LIST, NULL, "directory-groups.json", 0 } };
  static const FakeReply none[] = { { LIST, NULL, "directory-none.json", 0 } };
  static const FakeReply two[] = { { LIST, NULL, "directory-page.json", 0 },
                                   { LIST "&pageToken=a%2Fb%3D", NULL, "directory-groups.json", 0 } };
  g_autofree char *first = fetch_groups ("ada+x@example.com", one, 1, NULL);
  g_autofree char *empty = fetch_groups ("ada+x@example.com", none, 1, NULL);
  g_autofree char *all = fetch_groups ("ada+x@example.com", two, 2, NULL);

  g_assert_cmpstr (first, ==, "mac-admins@example.com all@example.com");
  g_assert_cmpstr (empty, ==, "");
  g_assert_cmpstr (all, ==, "mac-admins@example.com mac-admins@example.com all@example.com");
}

/* Nothing of this is "in no group". */
static void
test_directory_refused (void)
{
  static const FakeReply rows[][2] = {
    { { LIST, NULL, "directory-odd-token.json", 0 } },
    { { LIST, NULL, "directory-no-email.json", 0 } },
    { { LIST, NULL, "directory-no-list.json", 0 } },
    { { LIST, NULL, "directory-users.json", 0 } },
    { { LIST, NULL, "directory-cut.json", 0 } },
    { { LIST, NULL, NULL, DOOR_ERROR_NOT_ALLOWED } },
    { { LIST, NULL, "directory-page.json", 0 },
      { LIST "&pageToken=a%2Fb%3D", NULL, "directory-page.json", 0 } },
  };
  g_autoptr (GError) no_address = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (fetch_groups ("ada+x@example.com", rows[i], rows[i][1].url != NULL ? 2 : 1, &error));
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_IDP_GROUPS);
    }
  g_assert_null (fetch_groups (NULL, NULL, 0, &no_address));
  g_assert_cmpint (door_error_get_fault (no_address), ==, DOOR_FAULT_IDP_GROUPS);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/google/directory-configure", test_directory_configure);
  g_test_add_func ("/plugin/google/directory-needed", test_directory_needed);
  g_test_add_func ("/plugin/google/directory", test_directory);
  g_test_add_func ("/plugin/google/directory-refused", test_directory_refused);
  g_test_add_func ("/plugin/google/preset", test_preset);
  g_test_add_func ("/plugin/google/configure", test_configure);
  g_test_add_func ("/plugin/google/response", test_response);
  g_test_add_func ("/plugin/google/mapped", test_mapped);
  g_test_add_func ("/plugin/google/domain", test_domain);
  g_test_add_func ("/plugin/google/addresses", test_addresses);
  g_test_add_func ("/plugin/google/refused", test_refused);
  g_test_add_func ("/plugin/google/oidc", test_oidc);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
