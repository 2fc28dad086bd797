/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-idp-kind.h"

#define EMAIL_FORMAT "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
#define ISSUER "https://idp.example.com"

static const DoorKey keys[] = {
  { "MetadataUrl", DOOR_KEY_URL, 0, NULL, NULL, "A URL." },
  { "MetadataFile", DOOR_KEY_PATH, 0, NULL, NULL, "A file." },
  { "EntityId", DOOR_KEY_STRING, 0, NULL, NULL, "A text." },
  { "SsoUrl", DOOR_KEY_URL, 0, NULL, NULL, "A URL." },
  { "Certificates", DOOR_KEY_LIST, 0, NULL, NULL, "Files." },
  { "SpEntityId", DOOR_KEY_STRING, 0, NULL, NULL, "A text." },
  { "WantSigned", DOOR_KEY_ENUM, 0, "either", "either;assertion;response;both", "A word." },
  { "AllowSha1", DOOR_KEY_BOOLEAN, 0, "false", NULL, "A switch." },
  { "MetadataSigner", DOOR_KEY_PATH, 0, NULL, NULL, "" },
  { "MetadataUpload", DOOR_KEY_BOOLEAN, 0, "false", NULL, "" },
  { "AllowPrivateAddress", DOOR_KEY_BOOLEAN, 0, "false", NULL, "" },
  { "Protocol", DOOR_KEY_ENUM, 0, NULL, "saml;oidc", "" },
  { "ClientId", DOOR_KEY_STRING, 0, NULL, NULL, "" },
  { "NameIdFormat", DOOR_KEY_ENUM, 0, "none", "none;email;persistent;transient;unspecified", "A word." },
  { "ForceAuthn", DOOR_KEY_BOOLEAN, 0, "false", NULL, "A switch." },
  { "Subject", DOOR_KEY_LIST, 0, NULL, NULL, "Names." },
  { "UserName", DOOR_KEY_LIST, 0, NULL, NULL, "Names." },
  { "Email", DOOR_KEY_LIST, 0, NULL, NULL, "Names." },
  { "FullName", DOOR_KEY_LIST, 0, NULL, NULL, "Names." },
  { "GivenName", DOOR_KEY_LIST, 0, NULL, NULL, "Names." },
  { "FamilyName", DOOR_KEY_LIST, 0, NULL, NULL, "Names." },
  { "Department", DOOR_KEY_LIST, 0, NULL, NULL, "Names." },
  { "ManagedAccount", DOOR_KEY_LIST, 0, NULL, NULL, "Names." },
  { "Groups", DOOR_KEY_LIST, 0, NULL, NULL, "Names." },
  { NULL },
};

static const DoorClaimDefaults defaults = {
  .user_name = "uid;login",
  .email = "mail;NameID",
  .full_name = "name",
  .given_name = "given",
  .family_name = "family",
  .groups = "groups;roles",
};

/* "Key=Value" lines */
static DoorSettings *
settings_of (const char *config)
{
  static const DoorKey *const tables[] = { keys, NULL };
  DoorSettingsSource source = { .group = "idp/test", .tables = tables };
  g_auto (GStrv) lines = g_strsplit (config, "\n", -1);
  g_autoptr (GError) error = NULL;
  DoorSettings *settings;

  source.values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) pair = g_strsplit (*line, "=", 2);

      if (**line != '\0')
        g_hash_table_insert (source.values, g_strdup (pair[0]), g_strdup (pair[1]));
    }
  settings = door_settings_new (&source, &error);
  g_assert_no_error (error);
  return settings;
}

/* "name=value|value" lines */
static DoorClaims *
claims_of (const DoorSubject *subject, const char *attributes)
{
  g_auto (GStrv) lines = g_strsplit (attributes, "\n", -1);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sas}"));
  for (char **line = lines; *line != NULL; line++)
    {
      g_auto (GStrv) pair = g_strsplit (*line, "=", 2);
      g_auto (GStrv) values = NULL;

      if (**line == '\0')
        continue;
      values = g_strsplit (pair[1], "|", -1);
      g_variant_builder_add (&builder, "{s^as}", pair[0], values);
    }
  return door_claims_new (subject, g_variant_builder_end (&builder));
}

static DoorIdentity *
map (const DoorClaimDefaults *table, const char *config, const DoorSubject *subject, const char *attributes,
     GError **error)
{
  static const DoorSubject ada = { .issuer = ISSUER, .value = "ada@example.com", .format = EMAIL_FORMAT };
  g_autoptr (DoorSettings) settings = settings_of (config);
  g_autoptr (DoorClaimMap) claim_map = door_claim_map_new (settings, table);
  g_autoptr (DoorClaims) claims = claims_of (subject != NULL ? subject : &ada, attributes);

  return door_claim_map_apply (claim_map, claims, error);
}

static void
test_precedence (void)
{
  static const struct
  {
    const char *config;
    const char *attributes;
    DoorIdentityField field;
    const char *expected;
  } cases[] = {
    { "", "uid=ada\nlogin=lovelace", DOOR_IDENTITY_USER_NAME, "ada" },
    { "", "login=lovelace", DOOR_IDENTITY_USER_NAME, "lovelace" },
    { "", "uid=\nlogin=lovelace", DOOR_IDENTITY_USER_NAME, "lovelace" },
    { "", "uid=|ada|other", DOOR_IDENTITY_USER_NAME, "ada" },
    { "", "UID=ada", DOOR_IDENTITY_USER_NAME, NULL },
    { "UserName=login;uid", "uid=ada\nlogin=lovelace", DOOR_IDENTITY_USER_NAME, "lovelace" },
    { "UserName=other", "uid=ada", DOOR_IDENTITY_USER_NAME, NULL },
    { "", "mail=ada@example.org", DOOR_IDENTITY_EMAIL, "ada@example.org" },
    { "", "", DOOR_IDENTITY_EMAIL, "ada@example.com" },
    { "", "name=Ada", DOOR_IDENTITY_FULL_NAME, "Ada" },
    { "", "given=Ada\nfamily=Lovelace", DOOR_IDENTITY_FULL_NAME, "Ada Lovelace" },
    { "", "name=Countess\ngiven=Ada\nfamily=Lovelace", DOOR_IDENTITY_FULL_NAME, "Countess" },
    { "", "given=Ada", DOOR_IDENTITY_FULL_NAME, "ada@example.com" },
    { "Email=none", "family=Lovelace", DOOR_IDENTITY_FULL_NAME, NULL },
    { "", "department=Engines", DOOR_IDENTITY_DEPARTMENT, NULL },
    { "Department=department", "department=Engines", DOOR_IDENTITY_DEPARTMENT, "Engines" },
    { "ManagedAccount=upn;NameID", "", DOOR_IDENTITY_MANAGED_ACCOUNT, "ada@example.com" },
    { "ManagedAccount=upn;NameID", "upn=a\xc2\x9b@x", DOOR_IDENTITY_MANAGED_ACCOUNT, NULL },
    { "", "name=Ada\x1b[2J\ngiven=Ada\nfamily=Lovelace", DOOR_IDENTITY_FULL_NAME, "Ada Lovelace" },
    { "",
      "name=\xe2\x80\xae"
      "adA",
      DOOR_IDENTITY_FULL_NAME, "ada@example.com" },
    { "", "name= Ada ", DOOR_IDENTITY_FULL_NAME, " Ada " },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdentity) identity = map (&defaults, cases[i].config, NULL, cases[i].attributes, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (door_identity_get (identity, cases[i].field), ==, cases[i].expected);
      g_assert_cmpstr (door_identity_get_issuer (identity), ==, ISSUER);
    }
}

static void
test_groups (void)
{
  static const struct
  {
    const char *config;
    const char *attributes;
    const char *expected;
  } cases[] = {
    { "", "groups=a|b c|a\nroles=r", "a;b c;a" },
    { "", "roles=r", "r" },
    { "", "", "" },
    { "Groups=roles", "groups=a\nroles=r", "r" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdentity) identity = map (&defaults, cases[i].config, NULL, cases[i].attributes, &error);
      g_autofree char *groups = NULL, *kept = NULL;

      g_assert_no_error (error);
      groups = g_strjoinv (";", (char **) door_identity_get_groups (identity));
      g_assert_cmpstr (groups, ==, cases[i].expected);
      g_assert_true (door_identity_groups_complete (identity));
      door_identity_set_groups_incomplete (identity);
      g_assert_false (door_identity_groups_complete (identity));
      kept = g_strjoinv (";", (char **) door_identity_get_groups (identity));
      g_assert_cmpstr (kept, ==, groups);
    }
}

/* All groups in one value, as some provider sends them. */
static void
test_groups_separator (void)
{
  static const struct
  {
    const char *config;
    const char *attributes;
    const char *expected;
  } cases[] = {
    { "", "groups=CN=a,DC=x; CN=b,DC=x;;", "CN=a,DC=x|CN=b,DC=x" },
    { "", "groups=a;b|c", "a|b|c" },
    { "", "groups=a", "a" },
    { "", "groups= ; ", "" },
    { "Groups=roles", "roles=r;s", "r|s" },
  };
  DoorClaimDefaults joined = defaults;

  joined.groups_separator = ";";
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdentity) identity = map (&joined, cases[i].config, NULL, cases[i].attributes, &error);
      g_autoptr (DoorIdentity) apart = map (&defaults, cases[i].config, NULL, cases[i].attributes, &error);
      g_autofree char *groups = NULL;

      g_assert_no_error (error);
      groups = g_strjoinv ("|", (char **) door_identity_get_groups (identity));
      g_assert_cmpstr (groups, ==, cases[i].expected);
      g_assert_true (door_identity_groups_complete (identity));
      /* without a separator a value is a group, whatever is in it */
      g_assert_cmpuint (g_strv_length ((char **) door_identity_get_groups (apart)), ==,
                        strchr (cases[i].attributes, '|') != NULL ? 2 : 1);
    }
}

static char *
subject_of (const DoorSubject *subject, const char *config, const char *attributes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) identity = map (&defaults, config, subject, attributes, &error);

  g_assert_no_error (error);
  return g_strdup (door_identity_get_subject (identity));
}

/* Format and qualifiers are part of the name, and no two of these are the same person. */
static void
test_name_id (void)
{
  static const DoorSubject subjects[] = {
    { ISSUER, "ada", NULL, NULL, NULL },         { ISSUER, "ada", EMAIL_FORMAT, NULL, NULL },
    { ISSUER, "ada", NULL, EMAIL_FORMAT, NULL }, { ISSUER, "ada", NULL, NULL, EMAIL_FORMAT },
    { ISSUER, "ada", EMAIL_FORMAT, "a", "b" },   { ISSUER, "ada", EMAIL_FORMAT, "b", "a" },
    { ISSUER, "ada", EMAIL_FORMAT, "ab", NULL }, { ISSUER, "ada", EMAIL_FORMAT, NULL, "ab" },
    { ISSUER, "Ada", NULL, NULL, NULL },         { ISSUER, "1:b3:ada", EMAIL_FORMAT, "a", NULL },
    { ISSUER, "3:ada", NULL, NULL, NULL },       { ISSUER, "claim:3:uidada", NULL, NULL, NULL },
  };
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *by_claim = subject_of (&subjects[0], "Subject=uid", "uid=ada");
  g_autofree char *by_other = subject_of (&subjects[0], "Subject=login", "login=ada");

  for (size_t i = 0; i < G_N_ELEMENTS (subjects); i++)
    {
      g_autofree char *again = subject_of (&subjects[i], "Subject=NameID", "");
      char *subject = subject_of (&subjects[i], "", "");

      g_assert_cmpstr (again, ==, subject);
      g_assert_true (g_hash_table_add (seen, subject));
    }
  g_assert_cmpstr (by_claim, !=, by_other);
  g_assert_true (g_hash_table_add (seen, g_steal_pointer (&by_claim)));
  g_assert_true (g_hash_table_add (seen, g_steal_pointer (&by_other)));
}

/* Another name each time would be another person each time. */
static void
test_transient (void)
{
  static const DoorSubject transient = { ISSUER, "_5f1c9a7d",
                                         "urn:oasis:names:tc:SAML:2.0:nameid-format:transient", NULL, NULL };
  g_autofree char *by_claim = subject_of (&transient, "Subject=uid;NameID", "uid=ada");
  static const char *const configs[] = { "", "Subject=NameID", "Subject=uid;NameID" };

  g_assert_cmpstr (by_claim, ==, "claim:3:uidada");
  for (size_t i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdentity) identity = map (&defaults, configs[i], &transient, "", &error);

      g_assert_null (identity);
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_ID_SUBJECT);
      g_assert_nonnull (strstr (error->message, "Subject="));
    }
}

static void
test_subject_claim (void)
{
  static const struct
  {
    const char *config;
    const char *attributes;
    const char *expected; /* NULL: refused */
  } cases[] = {
    { "Subject=uid", "uid=ada", "claim:3:uidada" },
    { "Subject=uid", "uid=|ada", "claim:3:uidada" },
    { "Subject=id;uid", "uid=ada", "claim:3:uidada" },
    { "Subject=id;uid", "uid=ada\nid=7", "claim:2:id7" },
    { "Subject=id;NameID;uid", "uid=ada", "nameid:54:" EMAIL_FORMAT "0:0:15:ada@example.com" },
    { "Subject=uid", "", NULL },
    { "Subject=uid", "uid=", NULL },
    { "Subject=uid", "uid=ada|bob", NULL },
    { "Subject=uid;id", "uid=ada|bob\nid=7", NULL },
    { "Subject=uid",
      "uid=a\xc2\x9b"
      "da",
      NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorIdentity) identity = map (&defaults, cases[i].config, NULL, cases[i].attributes, &error);

      if (cases[i].expected != NULL)
        {
          g_assert_no_error (error);
          g_assert_cmpstr (door_identity_get_subject (identity), ==, cases[i].expected);
          continue;
        }
      g_assert_null (identity);
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_ID_SUBJECT);
    }
}

/* A subject that is unique only within a tenant: both or nothing, and no way to shift the border. */
static void
test_subject_scope (void)
{
  static const DoorClaimDefaults scoped = { .subject = "oid", .subject_scope = "tid" };
  static const char *const refused[] = { "oid=7",          "tid=a",          "tid=\noid=7", "tid=a|b\noid=7",
                                         "tid=a\noid=7|8", "tid=a/b\noid=7", "uid=ada" };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdentity) both = map (&scoped, "", NULL, "tid=a\noid=b/7", &error);
  g_autoptr (DoorIdentity) own = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (both), ==, "claim:3:oida/b/7");
  own = map (&scoped, "Subject=oid", NULL, "tid=a\noid=7", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get_subject (own), ==, "claim:3:oid7");
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    {
      g_autoptr (GError) refusal = NULL;

      g_assert_null (map (&scoped, "", NULL, refused[i], &refusal));
      g_assert_error (refusal, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED);
      g_assert_cmpint (door_error_get_fault (refusal), ==, DOOR_FAULT_ID_SUBJECT);
    }
}

static void
test_profile (void)
{
  g_autoptr (DoorSettings) settings =
      settings_of ("MetadataFile=/idp.xml\nNameIdFormat=persistent\nForceAuthn=yes\nSpEntityId=urn:us");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdpProfile) profile = door_idp_profile_new (settings, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (door_idp_profile_get_metadata_file (profile), ==, "/idp.xml");
  g_assert_cmpstr (door_idp_profile_get_sp_entity_id (profile), ==, "urn:us");
  g_assert_cmpstr (door_idp_profile_get_name_id_format (profile), ==,
                   "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent");
  g_assert_true (door_idp_profile_get_force_authn (profile));
  g_assert_false (door_idp_profile_get_allow_sha1 (profile));
  g_assert_cmpint (door_idp_profile_get_signed_part (profile), ==, DOOR_SIGNED_EITHER);
  g_assert_cmpuint (g_hash_table_size (door_idp_profile_get_request_params (profile)), ==, 0);
}

/* What the administrator or a provider demands is never taken back. */
static void
test_profile_tightens (void)
{
  static const char *const words[] = { "either", "assertion", "response", "both" };
  static const DoorSignedPart sum[4][4] = {
    { DOOR_SIGNED_EITHER, DOOR_SIGNED_ASSERTION, DOOR_SIGNED_RESPONSE, DOOR_SIGNED_BOTH },
    { DOOR_SIGNED_ASSERTION, DOOR_SIGNED_ASSERTION, DOOR_SIGNED_BOTH, DOOR_SIGNED_BOTH },
    { DOOR_SIGNED_RESPONSE, DOOR_SIGNED_BOTH, DOOR_SIGNED_RESPONSE, DOOR_SIGNED_BOTH },
    { DOOR_SIGNED_BOTH, DOOR_SIGNED_BOTH, DOOR_SIGNED_BOTH, DOOR_SIGNED_BOTH },
  };

  for (int want = 0; want < 4; want++)
    for (int more = 0; more < 4; more++)
      {
        g_autofree char *config = g_strconcat ("WantSigned=", words[want], NULL);
        g_autoptr (DoorSettings) settings = settings_of (config);
        g_autoptr (DoorIdpProfile) profile = door_idp_profile_new (settings, NULL);

        door_idp_profile_require_signed (profile, (DoorSignedPart) more);
        g_assert_cmpint (door_idp_profile_get_signed_part (profile), ==, sum[want][more]);
      }
}

static void
test_metadata_url (void)
{
  static const struct
  {
    const char *config;
    const char *base;
    const char *expected; /* NULL: refused */
  } cases[] = {
    { "", "https://idp.example", "https://idp.example/path" },
    { "", "https://idp.example/", "https://idp.example/path" },
    { "", "https://idp.example:8443/sso", "https://idp.example:8443/sso/path" },
    { "", "http://127.0.0.1:9000", "http://127.0.0.1:9000/path" },
    { "", "http://[::1]:9000", "http://[::1]:9000/path" },
    { "", "http://idp.localhost", "http://idp.localhost/path" },
    { "", "http://idp.example", NULL },
    { "", "http://localhost.example", NULL },
    { "", "http://192.0.2.1", NULL },
    { "", "ftp://localhost", NULL },
    { "", "file:///etc", NULL },
    { "", "idp.example", NULL },
    { "", "https://idp.example?x=", NULL },
    { "", "https://idp.example#x", NULL },
    { "MetadataUrl=https://idp.example", "https://idp.example", NULL },
    { "MetadataFile=/idp.xml", "https://idp.example", NULL },
    { "EntityId=x\nSsoUrl=https://idp.example\nCertificates=/a.pem", "https://idp.example", NULL },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorSettings) settings = settings_of (cases[i].config);
      g_autoptr (DoorIdpProfile) profile = door_idp_profile_new (settings, NULL);
      g_autoptr (GError) error = NULL;
      bool set = door_idp_profile_set_metadata_url (profile, cases[i].base, "path", &error);

      g_assert_true (set == (cases[i].expected != NULL));
      if (set)
        g_assert_cmpstr (door_idp_profile_get_metadata_url (profile), ==, cases[i].expected);
      else
        g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_VALUE);
    }
}

static void
test_needs (void)
{
  g_autoptr (DoorSettings) settings = settings_of ("EntityId=x\nSpEntityId=y");
  g_autoptr (GError) error = NULL;

  g_assert_true (door_settings_check_needs (settings, "EntityId", "SpEntityId", &error));
  g_assert_true (door_settings_check_needs (settings, "SsoUrl", "EntityId", &error));
  g_assert_true (door_settings_check_needs (settings, "SsoUrl", "MetadataUrl", &error));
  g_assert_no_error (error);
  g_assert_false (door_settings_check_needs (settings, "EntityId", "WantSigned", &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_REQUIRED);
}

static bool
derive_profile (const DoorSettings *settings, DoorIdpProfile *profile, GError **error)
{
  if (door_settings_is_set (settings, "SpEntityId"))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "not here");
      return false;
    }
  door_idp_profile_require_signed (profile, DOOR_SIGNED_ASSERTION);
  return true;
}

static bool
check_identity (const DoorSettings *settings, const DoorClaims *claims, DoorIdentity *identity,
                GError **error)
{
  if (door_claims_get_string (claims, "banned") == NULL)
    {
      door_identity_set_groups_incomplete (identity);
      return true;
    }
  door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_NOTALLOWED, "banned by %s",
                  door_settings_get_name (settings));
  return false;
}

static const DoorIdpValue no_values[] = { { NULL, NULL } };
static const char *const no_notes[] = { NULL };
static const DoorIdpErrorText kind_errors[] = { { "E-17", "Turn it off and on." }, { NULL, NULL } };
static const DoorIdpKind plain_kind = {
  .type_name = "TestPlainIdp",
  .preset = { "Plain", "somewhere", no_values, "set MetadataFile=", no_notes, kind_errors },
  .claims = { .user_name = "uid" },
};
static const DoorIdpKind own_kind = {
  .type_name = "TestOwnIdp",
  .preset = { "Own", "elsewhere", no_values, "set MetadataFile=", no_notes, kind_errors },
  .derive_profile = derive_profile,
  .check_identity = check_identity,
};

static DoorIdp *
configure (const DoorIdpKind *kind, const char *config, GError **error)
{
  g_autoptr (DoorSettings) settings = settings_of (config);
  g_autoptr (DoorIdp) idp = g_object_new (door_idp_kind_ensure_type (kind), NULL);

  return door_idp_configure (idp, settings, error) ? g_steal_pointer (&idp) : NULL;
}

/* Two kinds are two classes, each with its own data; a kind without decisions has none. */
static void
test_kind (void)
{
  static const DoorSubject subject = { .issuer = ISSUER, .value = "ada" };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorIdp) plain = configure (&plain_kind, "MetadataFile=/idp.xml", &error);
  g_autoptr (DoorIdp) own = configure (&own_kind, "MetadataFile=/idp.xml", &error);
  g_autoptr (DoorIdpProfile) profile = NULL;
  g_autoptr (DoorClaims) claims = claims_of (&subject, "uid=ada");
  g_autoptr (DoorIdentity) identity = NULL, corrected = NULL;

  g_assert_no_error (error);
  g_assert_true (door_idp_kind_ensure_type (&plain_kind) == G_OBJECT_TYPE (plain));
  g_assert_true (G_OBJECT_TYPE (plain) != G_OBJECT_TYPE (own));
  g_assert_cmpstr (door_idp_get_preset (plain)->title, ==, "Plain");
  g_assert_cmpstr (door_idp_get_preset (own)->title, ==, "Own");
  profile = door_idp_dup_profile (own);
  g_assert_cmpint (door_idp_profile_get_signed_part (profile), ==, DOOR_SIGNED_ASSERTION);
  identity = door_idp_map_claims (plain, claims, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (door_identity_get (identity, DOOR_IDENTITY_USER_NAME), ==, "ada");
  g_assert_true (door_identity_groups_complete (identity));
  corrected = door_idp_map_claims (own, claims, &error);
  g_assert_no_error (error);
  g_assert_null (door_identity_get (corrected, DOOR_IDENTITY_USER_NAME));
  g_assert_false (door_identity_groups_complete (corrected));
}

static void
test_kind_refuses (void)
{
  static const DoorSubject subject = { .issuer = ISSUER, .value = "ada" };
  g_autoptr (GError) no_source = NULL, own_error = NULL, common_error = NULL, banned = NULL;
  g_autoptr (DoorIdp) own = configure (&own_kind, "MetadataFile=/idp.xml", NULL);
  g_autoptr (DoorClaims) claims = claims_of (&subject, "banned=yes");

  g_assert_null (configure (&plain_kind, "EntityId=x", &no_source));
  g_assert_cmpint (door_error_get_fault (no_source), ==, DOOR_FAULT_CFG_REQUIRED);
  g_assert_nonnull (strstr (no_source->message, "set MetadataFile="));
  g_assert_null (configure (&own_kind, "MetadataFile=/idp.xml\nSpEntityId=x", &own_error));
  g_assert_cmpint (door_error_get_fault (own_error), ==, DOOR_FAULT_CFG_VALUE);
  g_assert_null (configure (&plain_kind, "SsoUrl=https://idp.example", &common_error));
  g_assert_cmpint (door_error_get_fault (common_error), ==, DOOR_FAULT_CFG_REQUIRED);
  g_assert_null (door_idp_map_claims (own, claims, &banned));
  g_assert_error (banned, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED);
  g_assert_cmpstr (banned->message, ==, "banned by test");
}

/* The provider's own words first, then the standard's. */
static void
test_explain (void)
{
  g_autoptr (DoorIdp) idp = configure (&plain_kind, "MetadataFile=/idp.xml", NULL);
  const char *denied =
      "urn:oasis:names:tc:SAML:2.0:status:Responder / urn:oasis:names:tc:SAML:2.0:status:RequestDenied";

  g_assert_cmpstr (door_idp_explain_status (idp, "E-17: status:RequestDenied"), ==, "Turn it off and on.");
  g_assert_nonnull (strstr (door_idp_explain_status (idp, denied), "assign"));
  g_assert_null (door_idp_explain_status (idp, "urn:oasis:names:tc:SAML:2.0:status:Responder"));
  g_assert_null (door_idp_explain_status (idp, ""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/identity/precedence", test_precedence);
  g_test_add_func ("/identity/groups", test_groups);
  g_test_add_func ("/identity/groups-separator", test_groups_separator);
  g_test_add_func ("/identity/transient", test_transient);
  g_test_add_func ("/identity/name-id", test_name_id);
  g_test_add_func ("/identity/subject-claim", test_subject_claim);
  g_test_add_func ("/identity/subject-scope", test_subject_scope);
  g_test_add_func ("/idp-profile/read", test_profile);
  g_test_add_func ("/idp-profile/tightens", test_profile_tightens);
  g_test_add_func ("/idp-profile/metadata-url", test_metadata_url);
  g_test_add_func ("/settings/needs", test_needs);
  g_test_add_func ("/idp-kind/classes", test_kind);
  g_test_add_func ("/idp-kind/refuses", test_kind_refuses);
  g_test_add_func ("/idp/explain", test_explain);
  return g_test_run ();
}
