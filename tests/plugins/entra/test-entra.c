/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-entra-idp.h"
#include "fake-fetcher.h"
#include "vendor-oidc.h"

#define TENANT "5d2fbb0b-6f05-4d2a-9a3e-0c8f6e1b7a10"
#define OBJECT "8a6d1f3c-70be-4a55-b0c9-2e4f9d13c6a7"
#define APP "0f4b8c1d-2e6a-4b90-a7d3-5c1e9f8b6d42"
#define KEYS "Tenant=" TENANT "\nAppId=" APP
#define URL                                                                                                  \
  "https://login.microsoftonline.com/" TENANT "/federationmetadata/2007-06/"                                 \
  "federationmetadata.xml?appid=" APP
#define FILE "MetadataFile=/entra.xml"
#define ROLE "http://schemas.microsoft.com/ws/2008/06/identity/claims/role"
#define GROUPS "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"
#define OBJECT_CLAIM "http://schemas.microsoft.com/identity/claims/objectidentifier"

static const Vendor vendor = { "entra", "entra", door_entra_idp_get_type, door_entra_idp_get_keys };

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
    { "MetadataUrl=" URL "\nTenant=" TENANT, 0, NULL, URL },
    { FILE "\nTenant=" TENANT, 0, NULL, NULL },
    { "", DOOR_FAULT_CFG_REQUIRED, "Tenant=", NULL },
    { "Tenant=" TENANT, DOOR_FAULT_CFG_REQUIRED, "AppId=", NULL },
    { "AppId=" APP, DOOR_FAULT_CFG_REQUIRED, "AppId needs Tenant", NULL },
    { FILE "\nTenant=example.com", DOOR_FAULT_CFG_VALUE, "Tenant must be an ID", NULL },
    { FILE "\nTenant=common", DOOR_FAULT_CFG_VALUE, "Tenant must be an ID", NULL },
    { "Tenant=" TENANT "\nAppId=doorward", DOOR_FAULT_CFG_VALUE, "AppId must be an ID", NULL },
    { "Tenant={" TENANT "}\nAppId=" APP, DOOR_FAULT_CFG_VALUE, "Tenant must be an ID", NULL },
    { KEYS "\nMetadataUrl=" URL, DOOR_FAULT_CFG_VALUE, "MetadataUrl", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
}

/* The account that was typed on the device goes along as a hint. */
static void
test_login_hint (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdp) idp = vendor_configure (&vendor, KEYS, &error);
  g_autoptr (DoorIdpProfile) profile = NULL;
  GHashTable *params;

  g_assert_no_error (error);
  profile = door_idp_dup_profile (idp);
  params = door_idp_profile_get_request_params (profile);
  g_assert_cmpuint (g_hash_table_size (params), ==, 1);
  g_assert_cmpstr (g_hash_table_lookup (params, "login_hint"), ==, "{user-identifier}");
}

static void
test_response (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, KEYS, "response.xml", &error);
  g_autofree char *groups = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_issuer (identity), ==, "https://sts.windows.net/" TENANT "/");
  g_assert_cmpstr (door_identity_get_subject (identity), ==, "claim:61:" OBJECT_CLAIM TENANT "/" OBJECT);
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "Ada.Lovelace@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_FULL_NAME, "Ada Lovelace");
  vendor_assert_identity (identity, DOOR_IDENTITY_GIVEN_NAME, "Ada");
  vendor_assert_identity (identity, DOOR_IDENTITY_FAMILY_NAME, "Lovelace");
  groups = vendor_join_groups (identity);
  g_assert_cmpstr (groups, ==, "2f1d6c3b-8a47-4e0c-9d5f-6b0a3c7e1f22;b40c9e61-5d2f-4c7a-8e13-1a9f7d6c0b88");
  g_assert_true (door_identity_groups_complete (identity));
}

static void
assert_groups (const char *config, const char *response, bool complete)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, config, response, &error);

  g_assert_no_error (error);
  g_assert_null (door_identity_get_groups (identity)[0]);
  g_assert_true (door_identity_groups_complete (identity) == complete);
}

/* A link, or nothing, in place of the groups is never "in no group"; roles are not concerned. */
static void
test_overage (void)
{
  assert_groups (KEYS, "response-overage.xml", false);
  assert_groups (KEYS, "response-no-groups.xml", false);
  assert_groups (KEYS "\nGroups=" ROLE ";" GROUPS, "response-overage.xml", false);
  assert_groups (KEYS "\nGroups=" ROLE, "response-overage.xml", true);
}

static void
test_guest (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = vendor_sign_in (&vendor, KEYS, "response-guest.xml", &error);

  g_assert_no_error (error);
  vendor_assert_identity (identity, DOOR_IDENTITY_USER_NAME,
                          "grace_partner.example#EXT#@example.onmicrosoft.com");
}

/* The tenant is compared without case, and also where only MetadataFile= says where the metadata is. */
static void
test_tenant (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) upper =
      vendor_sign_in (&vendor, FILE "\nTenant=5D2FBB0B-6F05-4D2A-9A3E-0C8F6E1B7A10", "response.xml", &error);
  g_autoptr (DoorIdentity) any = NULL;

  g_assert_no_error (error);
  any = vendor_sign_in (&vendor, FILE, "response-other-tenant.xml", &error);
  g_assert_no_error (error);
  g_assert_nonnull (
      g_strstr_len (door_identity_get_subject (any), -1, "c1a7e5f2-3b94-4e08-8d61-9f4b2a7c0e55/" OBJECT));
  vendor_assert_refused (&vendor, KEYS, "response-other-tenant.xml", DOOR_FAULT_ID_NOTALLOWED);
  vendor_assert_refused (&vendor, FILE "\nTenant=" APP, "response.xml", DOOR_FAULT_ID_NOTALLOWED);
  vendor_assert_refused (&vendor, KEYS "\nSubject=NameID", "response-other-tenant.xml",
                         DOOR_FAULT_ID_NOTALLOWED);
}

static void
test_refused (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdp) idp = vendor_configure (&vendor, KEYS, NULL);
  g_autoptr (DoorIdentity) identity = NULL;
  const char *fix;

  vendor_assert_refused (&vendor, KEYS, "response-no-oid.xml", DOOR_FAULT_ID_SUBJECT);
  vendor_assert_refused (&vendor, KEYS "\nWantSigned=both", "response.xml", DOOR_FAULT_SAML_UNSIGNED);
  identity = vendor_sign_in (&vendor, KEYS, "response-not-assigned.xml", &error);
  g_assert_null (identity);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_STATUS);
  fix = door_idp_explain_status (idp, error->message);
  g_assert_nonnull (fix);
  g_assert_nonnull (g_strstr_len (fix, -1, "Users and groups"));
}

static DoorClaims *
claims_of (const char *const *tenants, const char *extra, const char *value)
{
  const DoorSubject subject = { .issuer = "https://sts.windows.net/" TENANT "/", .value = "ada@example.com" };
  const char *const object[] = { OBJECT, NULL }, *const groups[] = { "g", NULL },
                    *const values[] = { value, NULL };
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sas}"));
  g_variant_builder_add (&builder, "{s^as}", OBJECT_CLAIM, object);
  g_variant_builder_add (&builder, "{s^as}", GROUPS, groups);
  if (tenants != NULL)
    g_variant_builder_add (&builder, "{s^as}", "http://schemas.microsoft.com/identity/claims/tenantid",
                           tenants);
  if (extra != NULL)
    g_variant_builder_add (&builder, "{s^as}", extra, values);
  return door_claims_new (&subject, g_variant_builder_end (&builder));
}

/* No tenant, or a second one beside ours, is not ours; whatever the subject is made of. */
static void
test_tenant_claim (void)
{
  static const char *const two[] = { TENANT, APP, NULL };
  const char *const *const cases[] = { NULL, two };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL, other_error = NULL;
      g_autoptr (DoorIdp) strict = vendor_configure (&vendor, KEYS "\nSubject=NameID", NULL);
      g_autoptr (DoorIdp) open = vendor_configure (&vendor, FILE, NULL);
      g_autoptr (DoorClaims) claims = claims_of (cases[i], NULL, NULL);

      g_assert_null (door_idp_map_claims (strict, claims, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_ID_NOTALLOWED);
      g_assert_null (door_idp_map_claims (open, claims, &other_error));
      g_assert_cmpint (door_error_get_fault (other_error), ==, DOOR_FAULT_ID_SUBJECT);
    }
}

/* The link counts also beside some groups, and when it is empty. */
static void
test_link_beside_groups (void)
{
  static const char *const tenant[] = { TENANT, NULL };
  const char *const links[] = { "https://graph.windows.net/x", "" };

  for (size_t i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdp) idp = vendor_configure (&vendor, KEYS, NULL);
      g_autoptr (DoorClaims) claims =
          claims_of (tenant, "http://schemas.microsoft.com/claims/groups.link", links[i]);
      g_autoptr (DoorIdentity) identity = door_idp_map_claims (idp, claims, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (door_identity_get_groups (identity)[0], ==, "g");
      g_assert_false (door_identity_groups_complete (identity));
    }
}

#define TENANT_1 "11111111-2222-4333-8444-555555555555"
#define TENANT_2 "21111111-2222-4333-8444-555555555555"
#define OID "a1111111-2222-4333-8444-555555555555"
#define OF(tenant)                                                                                           \
  "\"iss\":\"https://login.microsoftonline.com/" tenant "/v2.0\",\"tid\":\"" tenant "\",\"oid\":\"" OID      \
  "\",\"sub\":\"pairwise\",\"preferred_username\":\"ada@example.com\""
#define ONE "Tenant=" TENANT_1 "\n" VENDOR_CLIENT_KEYS
#define SEVERAL "Tenants=" TENANT_1 ";" TENANT_2 "\n" VENDOR_CLIENT_KEYS

static void
test_oidc_configure (void)
{
  static const VendorConfig configs[] = {
    { ONE, 0, NULL, NULL },
    { SEVERAL, 0, NULL, NULL },
    { VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_REQUIRED, "Tenant", NULL },
    { "Tenant=" TENANT_1 "\nTenants=" TENANT_2 "\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_REQUIRED, "Tenant",
      NULL },
    { "Tenant=common\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_VALUE, "Tenant", NULL },
    { "Tenants=organizations\n" VENDOR_CLIENT_KEYS, DOOR_FAULT_CFG_VALUE, "Tenants", NULL },
  };

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
  vendor_assert_issuer (&vendor, ONE, "https://login.microsoftonline.com/" TENANT_1 "/v2.0");
  vendor_assert_issuer (&vendor, SEVERAL, "https://login.microsoftonline.com/{tenantid}/v2.0");
}

/* Known by tenant and object as with SAML, whichever application asks; the pairwise subject would differ. */
static void
test_oidc (void)
{
  static const char *const configs[] = { ONE, SEVERAL };

  for (size_t i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdentity) identity =
          vendor_sign_in_by_oidc (&vendor, configs[i], OF (TENANT_1) ",\"groups\":[\"g\"]", &error);

      g_assert_no_error (error);
      g_assert_nonnull (strstr (door_identity_get_subject (identity), TENANT_1));
      g_assert_nonnull (strstr (door_identity_get_subject (identity), OID));
      g_assert_null (strstr (door_identity_get_subject (identity), "pairwise"));
      g_assert_cmpstr (door_identity_get_issuer (identity), ==,
                       "https://login.microsoftonline.com/" TENANT_1 "/v2.0");
      g_assert_true (door_identity_groups_complete (identity));
      vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
    }
  vendor_assert_refused_by_oidc (&vendor, ONE, OF (TENANT_2), DOOR_FAULT_OIDC_ISSUER);
  vendor_assert_refused_by_oidc (&vendor, SEVERAL, OF ("31111111-2222-4333-8444-555555555555"),
                                 DOOR_FAULT_OIDC_ISSUER);
}

/* An address in the claim email says nothing: the owner of another tenant writes what they like. */
static void
test_oidc_email (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity =
      vendor_sign_in_by_oidc (&vendor, SEVERAL, OF (TENANT_2) ",\"email\":\"boss@example.com\"", &error);

  g_assert_no_error (error);
  vendor_assert_identity (identity, DOOR_IDENTITY_EMAIL, "ada@example.com");
  vendor_assert_identity (identity, DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com");
}

static void
test_oidc_overage (void)
{
  static const char *const claims[] = {
    OF (TENANT_1) ",\"_claim_names\":{\"groups\":\"src1\"},\"_claim_sources\":{\"src1\":{\"endpoint\":\"x\"}"
                  "}",
    OF (TENANT_1) ",\"hasgroups\":true",
    OF (TENANT_1),
  };

  for (size_t i = 0; i < G_N_ELEMENTS (claims); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdentity) identity = vendor_sign_in_by_oidc (&vendor, ONE, claims[i], &error);

      g_assert_no_error (error);
      g_assert_false (door_identity_groups_complete (identity));
    }
}

#define GRAPH "\nGraphClientId=" TENANT_2 "\nGraphClientSecret=file:/secret"
#define USERS "https://graph.microsoft.com/v1.0/users/"
#define MEMBERS USERS OID "/getMemberObjects"
#define NEXT "https://graph.microsoft.com/v1.0/next?$skiptoken=2"
#define QUESTION "{\"securityEnabledOnly\":true}"

static void
test_graph_configure (void)
{
  static const VendorConfig configs[] = {
    { ONE GRAPH, 0, NULL, NULL },
    { SEVERAL GRAPH "\nGraphTenant=" TENANT_1, 0, NULL, NULL },
    { SEVERAL GRAPH, DOOR_FAULT_CFG_REQUIRED, "GraphTenant", NULL },
    { ONE "\nGraphClientId=" TENANT_2, DOOR_FAULT_CFG_REQUIRED, "GraphClientSecret", NULL },
    { ONE "\nGraphClientSecret=file:/x", DOOR_FAULT_CFG_REQUIRED, "GraphClientId", NULL },
    { ONE "\nGraphClientId=app\nGraphClientSecret=file:/x", DOOR_FAULT_CFG_VALUE, "GraphClientId", NULL },
    { ONE GRAPH "\nGraphTenant=common", DOOR_FAULT_CFG_VALUE, "GraphTenant", NULL },
  };
  g_autoptr (DoorIdp) idp = vendor_configure (&vendor, ONE GRAPH, NULL);
  g_autoptr (DoorIdp) without = vendor_configure (&vendor, ONE, NULL);
  g_autoptr (DoorFetcherAccess) access = door_idp_dup_access (idp);

  vendor_assert_configs (&vendor, configs, G_N_ELEMENTS (configs));
  g_assert_cmpstr (access->host, ==, "graph.microsoft.com");
  g_assert_cmpstr (access->token_url, ==, "https://login.microsoftonline.com/" TENANT_1 "/oauth2/v2.0/token");
  g_assert_cmpstr (access->scope, ==, "https://graph.microsoft.com/.default");
  g_assert_cmpstr (access->client_id, ==, TENANT_2);
  g_assert_cmpstr (access->secret_key, ==, "GraphClientSecret");
  g_assert_null (door_idp_dup_access (without));
}

static char *
fetch_groups (const char *subject, const FakeReply *replies, unsigned int n_replies, GError **error)
{
  g_autoptr (DoorIdp) idp = vendor_configure (&vendor, ONE GRAPH, NULL);
  g_autoptr (DoorIdentity) identity = door_identity_new ("issuer", subject);
  g_autoptr (FakeFetcher) fetcher = fake_fetcher_new ("entra", replies);
  g_auto (GStrv) groups = door_idp_fetch_groups (idp, identity, DOOR_FETCHER (fetcher), NULL, error);

  g_assert_cmpuint (fake_fetcher_count (fetcher), ==, n_replies);
  return groups != NULL ? g_strjoinv (" ", groups) : NULL;
}

static void
test_graph (void)
{
  static const FakeReply one[] = { { MEMBERS, QUESTION, "graph-groups.json", 0 } };
  static const FakeReply none[] = { { MEMBERS, QUESTION, "graph-none.json", 0 } };
  static const FakeReply two[] = { { MEMBERS, QUESTION, "graph-page.json", 0 },
                                   { NEXT, NULL, "graph-groups.json", 0 } };
  g_autofree char *first = fetch_groups (TENANT_1 "/" OID, one, 1, NULL);
  g_autofree char *empty = fetch_groups (TENANT_1 "/" OID, none, 1, NULL);
  g_autofree char *all = fetch_groups (TENANT_1 "/" OID, two, 2, NULL);

  g_assert_cmpstr (first, ==, "d1111111-2222-4333-8444-555555555555 d2111111-2222-4333-8444-555555555555");
  g_assert_cmpstr (empty, ==, "");
  g_assert_true (g_str_has_prefix (all, "d1111111") && g_str_has_suffix (all, first));
}

static void
assert_graph_refused (const char *subject, const FakeReply *replies, unsigned int n_replies)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fetch_groups (subject, replies, n_replies, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_IDP_GROUPS);
}

/* Nothing of this is "in no group". */
static void
test_graph_refused (void)
{
  static const char *const files[] = { "graph-odd-link.json", "graph-objects.json", "graph-no-list.json",
                                       "graph-array.json", "graph-cut.json" };
  static const char *const subjects[] = { OID, TENANT_2 "/" OID, TENANT_1 "/ada", TENANT_1 "/../x" };
  static const FakeReply denied[] = { { MEMBERS, QUESTION, NULL, DOOR_ERROR_NOT_ALLOWED } };
  static const FakeReply round[] = { { MEMBERS, QUESTION, "graph-page.json", 0 },
                                     { NEXT, NULL, "graph-page.json", 0 } };
  static const FakeReply foreign[] = { { MEMBERS, QUESTION, "graph-foreign.json", 0 },
                                       { "https://graph.evil.example/v1.0/next", NULL, NULL,
                                         DOOR_ERROR_NOT_ALLOWED } };

  for (size_t i = 0; i < G_N_ELEMENTS (files); i++)
    {
      const FakeReply reply = { MEMBERS, QUESTION, files[i], 0 };

      assert_graph_refused (TENANT_1 "/" OID, &reply, 1);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (subjects); i++)
    assert_graph_refused (subjects[i], NULL, 0);
  assert_graph_refused (TENANT_1 "/" OID, denied, 1);
  assert_graph_refused (TENANT_1 "/" OID, round, 2);
  assert_graph_refused (TENANT_1 "/" OID, foreign, 2);
}

static void
add_tests (void)
{
  g_test_add_func ("/plugin/entra/graph-configure", test_graph_configure);
  g_test_add_func ("/plugin/entra/graph", test_graph);
  g_test_add_func ("/plugin/entra/graph-refused", test_graph_refused);
  g_test_add_func ("/plugin/entra/preset", test_preset);
  g_test_add_func ("/plugin/entra/configure", test_configure);
  g_test_add_func ("/plugin/entra/login-hint", test_login_hint);
  g_test_add_func ("/plugin/entra/response", test_response);
  g_test_add_func ("/plugin/entra/overage", test_overage);
  g_test_add_func ("/plugin/entra/guest", test_guest);
  g_test_add_func ("/plugin/entra/tenant", test_tenant);
  g_test_add_func ("/plugin/entra/tenant-claim", test_tenant_claim);
  g_test_add_func ("/plugin/entra/link-beside-groups", test_link_beside_groups);
  g_test_add_func ("/plugin/entra/refused", test_refused);
  g_test_add_func ("/plugin/entra/oidc-configure", test_oidc_configure);
  g_test_add_func ("/plugin/entra/oidc", test_oidc);
  g_test_add_func ("/plugin/entra/oidc-email", test_oidc_email);
  g_test_add_func ("/plugin/entra/oidc-overage", test_oidc_overage);
}

int
main (int argc, char **argv)
{
  return vendor_run (argc, argv, add_tests);
}
