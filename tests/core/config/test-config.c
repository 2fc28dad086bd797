/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-config-diff.h"
#include "door-error.h"

/* the least that is right: 8 lines, what a test adds begins at line 9 */
#define BASE                                                                                                 \
  "[plugins]\nLoad=sqlite;saml\n"                                                                            \
  "[doorward]\nExternalUrl=https://mdm.example.com\nOrganizationName=Example\n"                              \
  "SupportEmail=it@example.com\n"                                                                            \
  "[database]\nDriver=sqlite\n"
#define IDP "[idp/okta]\nType=saml\nMetadataUrl=https://idp.example/metadata\n"
#define OIDC(name, more)                                                                                     \
  "[idp/" name "]\nType=saml\nIssuer=https://i.example\nClientId=c\nClientAuth=" more "\n"
#define FORWARD "AccountSignIn=oauth2-forward\n"

static const DoorKey sqlite_keys[] = {
  { "Path", DOOR_KEY_PATH, DOOR_KEY_FLAG_RESTART, NULL, NULL, "file" },
  { NULL },
};
static const DoorKey entra_keys[] = {
  { "Tenant", DOOR_KEY_STRING, DOOR_KEY_FLAG_REQUIRED, NULL, NULL, "tenant" },
  { "AppSecret", DOOR_KEY_SECRET, DOOR_KEY_FLAG_NONE, NULL, NULL, "secret" },
  { "Greeting", DOOR_KEY_STRING, DOOR_KEY_FLAG_LOCALISED, "Hello", NULL, "greeting" },
  DOOR_KEY_FORMER ("Directory", "Tenant"),
  DOOR_KEY_FORMER ("Salute", "Greeting"),
  { NULL },
};
static const DoorKey clash_keys[] = {
  { "Email", DOOR_KEY_LIST, DOOR_KEY_FLAG_NONE, NULL, NULL, "clash" },
  { NULL },
};
static const DoorKey no_keys[] = { { NULL } };

static const DoorKey *
keys_cb (const char *kind, const char *type, gpointer user_data)
{
  static const struct
  {
    const char *kind;
    const char *type;
    const DoorKey *keys;
  } known[] = {
    { "storage", "sqlite", sqlite_keys }, { "idp", "saml", no_keys },       { "idp", "entra", entra_keys },
    { "idp", "clash", clash_keys },       { "directory", "scim", no_keys },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (known[i].kind, kind) == 0 && strcmp (known[i].type, type) == 0)
      return known[i].keys;
  return NULL;
}

static void
file_free (gpointer data)
{
  DoorConfigFile *file = data;

  g_free (file->path);
  door_keyfile_free (file->keyfile);
  g_free (file);
}

static DoorConfigFiles *
files_of (const char *first, const char *second)
{
  DoorConfigFiles *files = g_new0 (DoorConfigFiles, 1);
  const char *const texts[] = { first, second };

  files->files = g_ptr_array_new_with_free_func (file_free);
  files->problems = g_ptr_array_new ();
  for (size_t i = 0; i < G_N_ELEMENTS (texts) && texts[i] != NULL; i++)
    {
      DoorConfigFile *file = g_new0 (DoorConfigFile, 1);

      file->path = g_strdup_printf ("/%zu.conf", i);
      file->keyfile = door_keyfile_parse (texts[i], strlen (texts[i]));
      g_ptr_array_add (files->files, file);
    }
  return files;
}

static DoorConfig *
config_of (const char *first, const char *second)
{
  g_autoptr (DoorConfigFiles) files = files_of (first, second);

  return door_config_new (files, keys_cb, NULL);
}

static void
test_good (void)
{
  g_autoptr (DoorConfig) config =
      config_of (BASE IDP "[team/macs]\nTitle=Macs\nTitle[de]=Rechner\nIdps=okta\n"
                          "[team/a]\n[enrollment]\nAllowedGroups=staff\n"
                          "[directory/okta]\nType=scim\n",
                 "[idp/okta]\nDisplayName=Okta\n[doorward]\nLogLevel=debug\n");
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) teams = door_config_list_instances (config, "team"), groups = NULL;
  DoorSettings *settings;

  g_assert_true (door_config_check (config, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (door_config_get_problems (config)->len, ==, 0);
  g_assert_cmpuint (g_strv_length (teams), ==, 2);
  g_assert_cmpstr (teams[0], ==, "a");
  g_assert_cmpstr (teams[1], ==, "macs");
  settings = door_config_get_settings (config, "doorward");
  g_assert_cmpstr (door_settings_get_string (settings, "LogLevel"), ==, "debug");
  g_assert_cmpstr (door_settings_get_string (settings, "MdmUrl"), ==, "https://mdm.example.com");
  settings = door_config_get_settings (config, "idp/okta");
  g_assert_cmpstr (door_settings_get_string (settings, "DisplayName"), ==, "Okta");
  g_assert_cmpstr (door_settings_get_string (settings, "SpEntityId"), ==,
                   "https://mdm.example.com/saml/okta");
  settings = door_config_get_settings (config, "team/macs");
  groups = door_settings_dup_list (settings, "AllowedGroups");
  g_assert_cmpstr (groups[0], ==, "staff");
  g_assert_cmpstr (door_settings_get_localised (settings, "Title", "de"), ==, "Rechner");
  g_assert_nonnull (door_config_get_settings (config, "sign-in"));
  g_assert_null (door_config_get_settings (config, "idp/none"));
  g_assert_false (door_config_is_broken (config, "idp/none"));
}

static void
test_override (void)
{
  g_autoptr (DoorConfig) config = config_of (BASE "[enrollment]\nAllowedGroups=staff\nDeniedGroups=guests\n"
                                                  "[team/macs]\nAllowedGroups=mac-users\n",
                                             "[enrollment]\nAllowedGroups=everyone\n");
  g_auto (GStrv) own = NULL, inherited = NULL, global = NULL;

  g_assert_true (door_config_check (config, NULL));
  own = door_settings_dup_list (door_config_get_settings (config, "team/macs"), "AllowedGroups");
  inherited = door_settings_dup_list (door_config_get_settings (config, "team/macs"), "DeniedGroups");
  global = door_settings_dup_list (door_config_get_settings (config, "enrollment"), "AllowedGroups");
  g_assert_cmpstr (own[0], ==, "mac-users");
  g_assert_cmpstr (inherited[0], ==, "guests");
  g_assert_cmpstr (global[0], ==, "everyone");
}

static void
assert_origin (const DoorConfig *config, const char *group, const char *key, const char *expected)
{
  g_autofree char *origin = door_config_dup_origin (config, group, key);

  g_assert_cmpstr (origin, ==, expected);
}

static void
test_origin (void)
{
  g_autoptr (DoorConfig) config =
      config_of (BASE IDP "DisplayName[de]=Anmeldung\n[enrollment]\nFlows=account\n[team/a]\nTitle=A\n",
                 "[doorward]\nSupportPhone=1\n[idp/okta]\nType=saml\n");
  g_auto (GStrv) set = NULL, effective = NULL, team = NULL;

  assert_origin (config, "doorward", "ExternalUrl", "/0.conf:4");
  assert_origin (config, "doorward", "SupportPhone", "/1.conf:2");
  assert_origin (config, "doorward", "MdmUrl", "default");
  assert_origin (config, "doorward", "LogLevel", "default");
  assert_origin (config, "doorward", "SupportUrl", NULL);
  assert_origin (config, "idp/okta", "Type", "/1.conf:4");
  assert_origin (config, "idp/okta", "DisplayName[de]", "/0.conf:12");
  assert_origin (config, "team/a", "Flows", "/0.conf:14");
  set = door_config_list_keys (config, "idp/okta", false);
  g_assert_cmpuint (g_strv_length (set), ==, 3);
  g_assert_cmpstr (set[0], ==, "Type");
  g_assert_cmpstr (set[1], ==, "DisplayName[de]");
  g_assert_cmpstr (set[2], ==, "MetadataUrl");
  effective = door_config_list_keys (config, "idp/okta", true);
  g_assert_true (g_strv_contains ((const char *const *) effective, "SpEntityId"));
  g_assert_true (g_strv_contains ((const char *const *) effective, "WantSigned"));
  g_assert_false (g_strv_contains ((const char *const *) effective, "Subject"));
  team = door_config_list_keys (config, "team/a", false);
  g_assert_cmpuint (g_strv_length (team), ==, 1);
  g_assert_cmpstr (door_config_lookup_text (config, "idp/okta", "WantSigned"), ==, "either");
}

typedef struct
{
  const char *text;
  DoorFault fault;
  unsigned int line;
  const char *group; /* NULL: fatal */
  const char *needle;
} BadCase;

static void
assert_one_problem (const BadCase *bad)
{
  g_autoptr (DoorConfig) config = config_of (bad->text, NULL);
  const GPtrArray *problems = door_config_get_problems (config);
  const DoorConfigProblem *problem;
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", bad->text);
  for (size_t i = 0; i < problems->len; i++)
    g_test_message ("-> %s", ((DoorConfigProblem *) g_ptr_array_index (problems, i))->text);
  g_assert_cmpuint (problems->len, ==, 1);
  problem = g_ptr_array_index (problems, 0);
  g_assert_cmpint (problem->fault, ==, bad->fault);
  g_assert_cmpuint (problem->line, ==, bad->line);
  g_assert_nonnull (strstr (problem->text, bad->needle));
  g_assert_true (problem->fatal == (bad->group == NULL));
  g_assert_true (door_config_check (config, &error) == (bad->group != NULL));
  if (bad->group == NULL)
    {
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
      g_assert_cmpint (door_error_get_fault (error), ==, bad->fault);
      return;
    }
  g_assert_cmpstr (problem->group, ==, bad->group);
  g_assert_true (door_config_is_broken (config, bad->group));
  g_assert_null (door_config_get_settings (config, bad->group));
}

static const BadCase bad_cases[] = {
  { BASE "[sign-in]\nRequestLifetme=30min\n", DOOR_FAULT_CFG_UNKNOWNKEY, 10, NULL, "\"RequestLifetime\"?" },
  { BASE "[sign-in]\nMetadataUrl=https://x\n", DOOR_FAULT_CFG_UNKNOWNKEY, 10, NULL, "belongs in [idp/NAME]" },
  { BASE "[sign-in]\nColour=red\n", DOOR_FAULT_CFG_UNKNOWNKEY, 10, NULL, "no key Colour" },
  { BASE "[sign-in]\nClockSkew[de]=1s\n", DOOR_FAULT_CFG_UNKNOWNKEY, 10, NULL, "cannot be translated" },
  { BASE "[singin]\n", DOOR_FAULT_CFG_UNKNOWNGROUP, 9, NULL, "\"sign-in\"?" },
  { BASE "[colour]\n", DOOR_FAULT_CFG_UNKNOWNGROUP, 9, NULL, "no group [colour]" },
  { BASE "[idp]\n", DOOR_FAULT_CFG_UNKNOWNGROUP, 9, NULL, "[idp/NAME]" },
  { BASE "[scep/x]\n", DOOR_FAULT_CFG_UNKNOWNGROUP, 9, NULL, "takes no name" },
  { BASE "[sign-in]\nClockSkew=90\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "ClockSkew: \"90\" is not a duration" },
  { BASE "[sign-in]\nClockSkew=1h\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "0s..10min" },
  { BASE "[enrollment]\nAllowedGroups=\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "is empty" },
  { BASE "[enrollment]\nMinimumOs=Mac\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "is not FAMILY:VERSION" },
  { BASE "[enrollment]\nMinimumOs=Mac:14..1\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "is not FAMILY:VERSION" },
  { BASE "[enrollment]\nMinimumOs=Mac:newest\n", DOOR_FAULT_CFG_TYPE, 10, NULL,
    "Mac:latest, where the family" },
  { BASE "[enrollment]\nMinimumOs=Macs:latest\n", DOOR_FAULT_CFG_TYPE, 10, NULL,
    "one of iPhone, iPad, Mac and RealityDevice" },
  { BASE "[team/a]\nDisplayName=A\n", DOOR_FAULT_CFG_UNKNOWNKEY, 10, "team/a", "(did you mean \"Title\"?)" },
  { BASE "[enrollment]\nMinimumOs=Toaster:1\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "is not FAMILY:VERSION" },
  { BASE "[enrollment]\nPrimaryAccount=none\n", DOOR_FAULT_CFG_REQUIRED, 10, NULL, "needs ManagedAdmin" },
  { BASE "[enrollment]\nPrimaryAccount=standard\nManagedAdmin=none\n", DOOR_FAULT_CFG_REQUIRED, 10, NULL,
    "needs ManagedAdmin" },
  { BASE "[enrollment]\nManagedAdmin=IT Admin\n", DOOR_FAULT_CFG_VALUE, 10, NULL, "no short name" },
  { BASE "[enrollment]\nFlows=acount\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "is not one of account" },
  { BASE "[scep]\nCaCertificate=/x\nCaKey=hunter2\n", DOOR_FAULT_CFG_INLINE_SECRET, 11, NULL,
    "must not stand here" },
  { BASE "[scep]\nCaCertificate=/x\nCaKey=env:X\n", DOOR_FAULT_CFG_TYPE, 11, NULL, "development" },
  { BASE "[scep]\nCaCertificate=/x\n", DOOR_FAULT_CFG_REQUIRED, 10, NULL, "needs CaKey" },
  { BASE "[scep]\nCaKey=file:/x\n", DOOR_FAULT_CFG_REQUIRED, 10, NULL, "needs CaCertificate" },
  { BASE "[apple]\nSigningKey=file:/x\n", DOOR_FAULT_CFG_REQUIRED, 10, NULL, "needs SigningCertificate" },
  { BASE "nonsense\n", DOOR_FAULT_CFG_SYNTAX, 9, NULL, "neither" },
  { BASE "[listen]\n[listen]\n", DOOR_FAULT_CFG_DUPLICATE, 10, NULL, "twice" },
  { BASE "[listen]\nTlsMode=files\nHttps=[::]:8443\n", DOOR_FAULT_CFG_REQUIRED, 10, NULL, "TlsCertificate" },
  { BASE "[listen]\nTlsCertificate=/x\nTlsKey=file:/y\n", DOOR_FAULT_CFG_VALUE, 10, NULL, "TlsMode=files" },
  { BASE "[listen]\nHttps=[::]:8443\n", DOOR_FAULT_CFG_VALUE, 10, NULL, "Https needs" },
  { BASE "[listen]\nTlsMode=files\nTlsCertificate=/x\nTlsKey=file:/y\n", DOOR_FAULT_CFG_REQUIRED, 10, NULL,
    "needs Https" },
  { BASE "[listen]\nTlsMode=self-signed\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "proxy, files" },
  { BASE "[listen]\nManagement=0.0.0.0:9280\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "on loopback" },
  { BASE "[listen]\nManagement=[::]:9280\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "on loopback" },
  { BASE "[listen]\nManagement=127.0.0.1:9280;192.0.2.1:9280\n", DOOR_FAULT_CFG_TYPE, 10, NULL,
    "on loopback" },
  { BASE "[listen]\nHttp=localhost:80\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "localhost:80" },
  { BASE "[listen]\nHttp=[::1]:65536\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "65536" },
  { BASE "[listen]\nHttp=::1:80\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "ADDRESS:PORT" },
  { BASE "[listen]\nHttp=[127.0.0.1]:80\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "ADDRESS:PORT" },
  { BASE "[listen]\nTrustedProxies=10.0.0.0/33\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "10.0.0.0/33" },
  { BASE "[listen]\nTrustedProxies=10.0.0.1/8\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "10.0.0.1/8" },
  { BASE "[listen]\nSockets=run/x\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "absolute" },
  { BASE "[admin]\nTokenMode=day\nTokenLifetime=10min\n", DOOR_FAULT_CFG_VALUE, 11, NULL,
    "leave TokenLifetime" },
  { BASE "[admin]\nTokenMode=day\nFederatedTokens=true\n", DOOR_FAULT_CFG_VALUE, 11, NULL,
    "personal access" },
  { BASE "[admin]\nTokenMode=day\nSessionLifetime=23h\n", DOOR_FAULT_CFG_VALUE, 11, NULL,
    "24 hours at least" },
  { BASE "[admin]\nTokenLifetime=61min\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "1h" },
  { BASE "[sign-in]\nFlowLifetime=1h\nRequestLifetime=2h\n", DOOR_FAULT_CFG_VALUE, 11, NULL, "FlowLifetime" },
  { BASE "[enrollment]\nIdps=okt\n" IDP, DOOR_FAULT_CFG_VALUE, 10, NULL, "\"okta\"?" },
  { BASE "[enrollment]\nAllowedDomains=@example.com\n", DOOR_FAULT_CFG_TYPE, 10, NULL, "@example.com" },
  { BASE "[enrollment]\nAllowedDomains=a.example,b.example\n", DOOR_FAULT_CFG_TYPE, 10, NULL,
    "separated by ;" },
  { BASE "[enrollment]\nModelFamilies=iPad\nAccountDeviceFamilies=iPad;Mac\n", DOOR_FAULT_CFG_VALUE, 11, NULL,
    "Mac is not in ModelFamilies" },
  { BASE "[enrollment]\nModelFamilies=iPad\n[team/x]\nAccountDeviceFamilies=Mac\n", DOOR_FAULT_CFG_VALUE, 12,
    "team/x", "Mac is not in ModelFamilies" },
  { BASE "[team/x]\nIdps=nonesuch\n", DOOR_FAULT_CFG_VALUE, 10, "team/x", "no [idp/nonesuch]" },
  { BASE "[enrollment]\nEula=us\n[eula/use]\nFile=/x\nVersion=1\n", DOOR_FAULT_CFG_VALUE, 10, NULL,
    "\"use\"?" },
  { BASE "[team/x]\n" FORWARD, DOOR_FAULT_CFG_VALUE, 10, "team/x", "and [team/x] has 0" },
  { BASE IDP "[team/x]\n" FORWARD, DOOR_FAULT_CFG_VALUE, 13, "team/x", "[idp/okta] speaks SAML" },
  { BASE OIDC ("a", "none") "[team/x]\n" FORWARD, DOOR_FAULT_CFG_VALUE, 15, "team/x", "ClientAuth=none" },
  { BASE OIDC ("a", "private_key_jwt") OIDC ("b", "private_key_jwt") "[team/x]\n" FORWARD,
    DOOR_FAULT_CFG_VALUE, 20, "team/x", "and [team/x] has 2" },
  { BASE OIDC ("a", "private_key_jwt") "Use=admin\n[team/x]\n" FORWARD, DOOR_FAULT_CFG_VALUE, 16, "team/x",
    "and [team/x] has 0" },
  { BASE OIDC ("a", "private_key_jwt") "Enabled=false\n[team/x]\n" FORWARD, DOOR_FAULT_CFG_VALUE, 16,
    "team/x", "and [team/x] has 0" },
  { BASE OIDC ("a", "private_key_jwt") "[eula/use]\nFile=/x\nVersion=1\n[team/x]\nEula=use\n" FORWARD,
    DOOR_FAULT_CFG_VALUE, 19, "team/x", "agree to Eula=use" },
  { BASE IDP "AccessTokens=jwt\n", DOOR_FAULT_CFG_VALUE, 12, "idp/okta", "no meaning with Protocol=saml" },
  { BASE "[team/x]\nEula=use\n", DOOR_FAULT_CFG_VALUE, 10, "team/x", "no [eula/use]" },
  { BASE "[eula/none]\nFile=/x\nVersion=1\n", DOOR_FAULT_CFG_VALUE, 9, "eula/none", "nothing to agree to" },
  { BASE "[eula/use]\nFile=/x\n", DOOR_FAULT_CFG_REQUIRED, 9, "eula/use", "Version" },
  { BASE "[eula/use]\nFile=x\nVersion=1\n", DOOR_FAULT_CFG_TYPE, 10, "eula/use", "File" },
  { BASE "[team/x]\nAllowedGroup=x\n", DOOR_FAULT_CFG_UNKNOWNKEY, 10, "team/x", "AllowedGroups" },
  { BASE "[team/x]\nTitle=a\nTitle=b\n", DOOR_FAULT_CFG_DUPLICATE, 11, "team/x", "twice" },
  { BASE "[team/x]\nTitle=a\nTitle[de_AT]=b\nTitle[de-at]=c\n", DOOR_FAULT_CFG_DUPLICATE, 11, "team/x",
    "Title[de-at] and Title[de_AT] are the same language" },
  { BASE "[team/x]\nnonsense\n", DOOR_FAULT_CFG_SYNTAX, 10, "team/x", "neither" },
  { BASE "[team/Big]\n", DOOR_FAULT_CFG_VALUE, 9, "team/Big", "a-z" },
  { BASE "[team/-x]\n", DOOR_FAULT_CFG_VALUE, 9, "team/-x", "a-z" },
  { BASE "[team/a/b]\n", DOOR_FAULT_CFG_VALUE, 9, "team/a/b", "a-z" },
  { BASE "[team/aaaaaaaaaabbbbbbbbbbccccccccccddd]\n", DOOR_FAULT_CFG_VALUE, 9,
    "team/aaaaaaaaaabbbbbbbbbbccccccccccddd", "1 to 32" },
  { BASE IDP "WantEncrypted=true\n", DOOR_FAULT_CFG_REQUIRED, 12, "idp/okta", "needs Encryption=true" },
  { BASE IDP "MetadatUrl=https://x\n", DOOR_FAULT_CFG_UNKNOWNKEY, 12, "idp/okta", "\"MetadataUrl\"?" },
  { BASE "[idp/x]\nMetadataUrl=https://x\n", DOOR_FAULT_CFG_REQUIRED, 9, "idp/x", "needs the key Type" },
  { BASE "[idp/x]\nType=okta\nDomain=a\n", DOOR_FAULT_CFG_PLUGIN, 10, "idp/x", "[plugins] Load" },
  { BASE "[idp/x]\nType=clash\nMetadataFile=/x\n", DOOR_FAULT_CFG_PLUGIN, 10, "idp/x", "key Email" },
  { BASE "[idp/x]\nType=entra\n", DOOR_FAULT_CFG_REQUIRED, 9, "idp/x", "needs the key Tenant" },
  { BASE "[idp/x]\nType=entra\nTenant=x\nAppSecret=x\n", DOOR_FAULT_CFG_INLINE_SECRET, 12, "idp/x",
    "AppSecret" },
  { BASE "[idp/x]\nType=saml\n", DOOR_FAULT_CFG_REQUIRED, 9, "idp/x", "needs MetadataUrl" },
  { BASE "[idp/x]\nType=saml\nProtocol=oidc\nIssuer=http://x.example\n", DOOR_FAULT_CFG_VALUE, 12, "idp/x",
    "must begin with https" },
  { BASE
    "[idp/x]\nType=saml\nMetadataUrl=https://x.example\nIssuer=https://x.example\nClientSecret=file:/x\n",
    DOOR_FAULT_CFG_VALUE, 12, "idp/x", "has no meaning with Protocol=saml" },
  { BASE "[idp/x]\nType=saml\nProtocol=oidc\nIssuer=https://x.example\n", DOOR_FAULT_CFG_REQUIRED, 9, "idp/x",
    "needs ClientId" },
  { BASE IDP "MetadataFile=/x\n", DOOR_FAULT_CFG_VALUE, 9, "idp/okta", "one source" },
  { BASE IDP "SsoUrl=https://x.example\n", DOOR_FAULT_CFG_VALUE, 12, "idp/okta", "one source" },
  { BASE "[idp/x]\nType=saml\nEntityId=x\nSsoUrl=https://x.example\n", DOOR_FAULT_CFG_REQUIRED, 11, "idp/x",
    "needs Certificates" },
  { BASE "[idp/x]\nType=saml\nMetadataUrl=http://idp.example/\n", DOOR_FAULT_CFG_VALUE, 11, "idp/x",
    "https://" },
  { BASE "[idp/x]\nType=saml\nEntityId=x\nSsoUrl=http://x.example\nCertificates=/x\n", DOOR_FAULT_CFG_VALUE,
    12, "idp/x", "https://" },
  { BASE "[idp/x]\nType=saml\nEntityId=x\nSsoUrl=https://x.example\nCertificates=x.pem\n",
    DOOR_FAULT_CFG_TYPE, 13, "idp/x", "absolute" },
  { BASE "[idp/x]\nType=saml\nClientId=c\nClientSecret=file:/s\n", DOOR_FAULT_CFG_REQUIRED, 9, "idp/x",
    "needs Issuer" },
  { BASE "[idp/x]\nType=saml\nIssuer=https://i.example\nClientId=c\n", DOOR_FAULT_CFG_REQUIRED, 9, "idp/x",
    "needs ClientSecret" },
  { BASE "[idp/x]\nType=saml\nProtocol=oidc\nIssuer=https://i.example\nClientSecret=file:/s\n",
    DOOR_FAULT_CFG_REQUIRED, 9, "idp/x", "needs ClientId" },
  { BASE "[idp/x]\nType=saml\nIssuer=http://i.example\nClientId=c\nClientSecret=file:/s\n",
    DOOR_FAULT_CFG_VALUE, 11, "idp/x", "https://" },
  { BASE "[idp/x]\nType=saml\nIssuer=https://i.example\nClientId=c\nClientSecret=hunter2\n",
    DOOR_FAULT_CFG_INLINE_SECRET, 13, "idp/x", "ClientSecret" },
  { BASE "[idp/x]\nType=saml\nIssuer=https://i.example\nClientId=c\nClientSecret=file:/s\n"
         "MetadataFile=/x\n",
    DOOR_FAULT_CFG_VALUE, 14, "idp/x", "no meaning with Protocol=oidc" },
  { BASE "[idp/x]\nType=saml\nMetadataFile=/x\nIssuer=https://i.example\n", DOOR_FAULT_CFG_VALUE, 12, "idp/x",
    "no meaning with Protocol=saml" },
  { BASE "[idp/x]\nType=saml\nProtocol=saml\nMetadataFile=/x\nClientId=c\n", DOOR_FAULT_CFG_VALUE, 13,
    "idp/x", "no meaning with Protocol=saml" },
  { BASE "[idp/x]\nType=saml\nIssuer=https://a.example\nClientId=a\nClientSecret=file:/x\nClientAuth=none\n",
    DOOR_FAULT_CFG_VALUE, 13, "idp/x", "ClientSecret has no meaning with ClientAuth=none" },
  { BASE "[idp/x]\nType=saml\nIssuer=https://a.example\nClientId=a\nClientAuth=secret_post\n",
    DOOR_FAULT_CFG_REQUIRED, 9, "idp/x", "needs ClientSecret for OpenID Connect" },
  { BASE "[idp/x]\nType=saml\nMetadataFile=/x\nLivenessCheck=1h\n", DOOR_FAULT_CFG_VALUE, 12, "idp/x",
    "LivenessCheck has no meaning with Protocol=saml" },
  { BASE "[idp/x]\nType=saml\nMetadataFile=/x\nUserInfo=true\n", DOOR_FAULT_CFG_VALUE, 12, "idp/x",
    "UserInfo has no meaning with Protocol=saml" },
  { BASE "[idp/x]\nType=saml\nIssuer=https://i.example\nClientId=c\nClientSecret=file:/s\nUse=admin\n"
         "AllowIdpInitiated=true\n",
    DOOR_FAULT_CFG_VALUE, 15, "idp/x", "AllowIdpInitiated has no meaning with Protocol=oidc" },
  { BASE "[idp/x]\nType=saml\nIssuer=https://i.example\nClientId=c\nClientSecret=file:/s\nWantSigned=both\n",
    DOOR_FAULT_CFG_VALUE, 14, "idp/x", "WantSigned has no meaning with Protocol=oidc" },
  { BASE IDP "EmailDomains=example\n", DOOR_FAULT_CFG_TYPE, 12, "idp/okta", "domain" },
  { BASE "[directory/x]\nType=nonesuch\n", DOOR_FAULT_CFG_PLUGIN, 10, "directory/x", "nonesuch" },
  { BASE "Pth=/x\n", DOOR_FAULT_CFG_UNKNOWNKEY, 9, NULL, "\"Path\"?" },
};

/* One provider that is fit for it, and where no device comes with an account none at all. */
static void
test_forward (void)
{
  static const char *const good[] = {
    BASE OIDC ("a", "private_key_jwt") "[enrollment]\n" FORWARD "[team/x]\n",
    BASE IDP OIDC ("a", "private_key_jwt") "[team/x]\nIdps=a\n" FORWARD,
    BASE IDP OIDC ("a", "private_key_jwt") "Enabled=false\n[team/x]\nFlows=ade\n" FORWARD,
    BASE OIDC ("a", "private_key_jwt") "[eula/use]\nFile=/x\nVersion=1\n[enrollment]\nEula=use\n"
                                       "[team/x]\nEula=none\n" FORWARD,
  };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (DoorConfig) config = config_of (good[i], NULL);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", good[i]);
      door_config_check (config, &error);
      g_assert_no_error (error);
      g_assert_nonnull (door_config_get_settings (config, "team/x"));
      g_assert_true (door_config_is_forwarded_to (config, "idp/a") ==
                     (strstr (good[i], "Flows=ade") == NULL));
      g_assert_false (door_config_is_forwarded_to (config, "idp/okta"));
    }
}

static void
test_bad (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad_cases); i++)
    assert_one_problem (&bad_cases[i]);
}

#define DOORWARD(lines) "[plugins]\nLoad=sqlite\n[doorward]\nOrganizationName=Example\nSupportPhone=1\n" lines

static void
test_addresses (void)
{
  static const BadCase cases[] = {
    { DOORWARD (""), DOOR_FAULT_CFG_REQUIRED, 3, NULL, "ExternalUrl" },
    { DOORWARD ("ExternalUrl=http://mdm.example.com\n"), DOOR_FAULT_CFG_VALUE, 6, NULL, "https://" },
    { DOORWARD ("ExternalUrl=https://mdm.example.com/\n"), DOOR_FAULT_CFG_VALUE, 6, NULL, "no slash" },
    { DOORWARD ("ExternalUrl=https://mdm.example.com?x\n"), DOOR_FAULT_CFG_VALUE, 6, NULL, "no path" },
    { DOORWARD ("ExternalUrl=https://a.example.com\nMdmUrl=https://a.example.net\n"), DOOR_FAULT_CFG_HOSTS, 7,
      NULL, "example.net" },
    { DOORWARD ("ExternalUrl=https://a.example.com.\nMdmUrl=https://a.other.com.\n"), DOOR_FAULT_CFG_HOSTS, 7,
      NULL, "other.com" },
    { DOORWARD ("ExternalUrl=https://192.0.2.1\nMdmUrl=https://198.51.2.1\n"), DOOR_FAULT_CFG_HOSTS, 7, NULL,
      "198.51.2.1" },
    { DOORWARD ("ExternalUrl=https://x.example\nSupportEmail=itexample\n"), DOOR_FAULT_CFG_VALUE, 7, NULL,
      "mail address" },
    { DOORWARD ("ExternalUrl=https://x.example\nSupportEmail=it@x.example?cc=b\n"), DOOR_FAULT_CFG_VALUE, 7,
      NULL, "mail address" },
    { "[plugins]\nLoad=sqlite\n[doorward]\nOrganizationName=E\nExternalUrl=https://x.example\n",
      DOOR_FAULT_CFG_REQUIRED, 3, NULL, "SupportEmail" },
    { DOORWARD ("ExternalUrl=https://x.example\n[database]\nDriver=mysql\nHost=x\n"), DOOR_FAULT_CFG_PLUGIN,
      8, NULL, "mysql" },
    { "[plugins]\nLoad=../x\n[doorward]\nOrganizationName=E\nSupportUrl=https://x.example\n"
      "ExternalUrl=https://x.example\n",
      DOOR_FAULT_CFG_TYPE, 2, NULL, "../x" },
  };
  static const char *const good[] = {
    DOORWARD ("ExternalUrl=http://doorward.localhost:8443\nMdmUrl=https://DOORWARD.localhost:8444\n"),
    DOORWARD ("ExternalUrl=https://a.example.com\nMdmUrl=https://B.Example.COM.\n"),
    DOORWARD ("ExternalUrl=http://127.0.0.1:80\n"),
    DOORWARD ("ExternalUrl=http://[::1]:80\n"),
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_one_problem (&cases[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (DoorConfig) config = config_of (good[i], NULL);
      g_autoptr (GError) error = NULL;

      g_assert_true (door_config_check (config, &error));
      g_assert_no_error (error);
    }
}

static void
test_listen_good (void)
{
  static const char *const good[] = {
    BASE "[listen]\nTlsMode=files\nTlsCertificate=/x\nTlsKey=file:/y\nHttps=[::]:8443;0.0.0.0:0\n",
    BASE "[listen]\nHttp=[::1]:80\nTrustedProxies=::1;192.0.2.0/24\nForwardedHeaders=x-forwarded\n",
    BASE "[listen]\nSockets=/run/doorward/0.sock\nSocketGroup=doorward-proxy\n",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (DoorConfig) config = config_of (good[i], NULL);
      g_autoptr (GError) error = NULL;

      g_assert_true (door_config_check (config, &error));
      g_assert_no_error (error);
    }
}

/* An error of one provider leaves the others and the server alone; a team without it stays. */
static void
test_blast_radius (void)
{
  g_autoptr (DoorConfig) config =
      config_of (BASE IDP "[idp/bad]\nType=saml\nMetadatUrl=https://x\n[team/t]\nIdps=bad;okta\n", NULL);
  g_auto (GStrv) idps = door_config_list_instances (config, "idp"), groups = door_config_list_groups (config);

  g_assert_true (door_config_check (config, NULL));
  g_assert_cmpuint (g_strv_length (idps), ==, 1);
  g_assert_cmpstr (idps[0], ==, "okta");
  g_assert_true (door_config_is_broken (config, "idp/bad"));
  g_assert_nonnull (door_config_get_settings (config, "team/t"));
  g_assert_true (g_strv_contains ((const char *const *) groups, "idp/bad"));
}

static void
test_order (void)
{
  g_autoptr (DoorConfig) config =
      config_of (BASE "[team/b]\nX1=1\nX2=2\n[team/a]\nX3=1\n", "[team/0]\nX4=1\n");
  const GPtrArray *problems = door_config_get_problems (config);

  g_assert_cmpuint (problems->len, ==, 4);
  for (size_t i = 0; i < problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (problems, i);
      g_autofree char *key = g_strdup_printf ("X%zu", i + 1);

      g_assert_nonnull (strstr (problem->text, key));
    }
}

static void
test_allow_env (void)
{
  g_autoptr (DoorConfigFiles) files = files_of (BASE "[scep]\nCaCertificate=/x\nCaKey=env:X\n", NULL);
  g_autoptr (DoorConfig) config = NULL;
  g_autoptr (GError) error = NULL;

  files->allow_env = true;
  config = door_config_new (files, keys_cb, NULL);
  g_assert_true (door_config_check (config, &error));
  g_assert_no_error (error);
}

/* Beside metadata it names the one provider that is meant. */
static void
test_entity_id_beside_metadata (void)
{
  g_autoptr (DoorConfig) config = config_of (BASE IDP "EntityId=x\n", NULL);

  g_assert_cmpuint (door_config_get_problems (config)->len, ==, 0);
  g_assert_false (door_config_is_broken (config, "idp/okta"));
}

static void
assert_diff (const DoorConfig *before, const DoorConfig *started, const DoorConfig *after,
             const char *expected)
{
  g_autoptr (GPtrArray) lines = door_config_diff (before, started, after);
  g_autofree char *text = NULL;

  g_ptr_array_add (lines, NULL);
  text = g_strjoinv ("; ", (char **) lines->pdata);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_diff (void)
{
  g_autoptr (DoorConfig) old =
      config_of (BASE IDP "DisplayName=One\n[team/a]\nIdps=okta\n[enrollment]\nDeniedGroups=x\n", NULL);
  g_autoptr (DoorConfig) same = config_of (
      BASE IDP "DisplayName=One\nEnabled=true\n[team/a]\nIdps=okta\n[enrollment]\nDeniedGroups=x\n", NULL);
  g_autoptr (DoorConfig) new = config_of (
      BASE "Path=/other.db\n" IDP
           "DisplayName=Two\nDisplayName[de]=Zwei\n[idp/new]\nType=saml\nMetadataUrl=https://x.example/\n"
           "[listen]\nHttp=127.0.0.1:1\nSignInsPerMinute=9\n[enrollment]\nDeniedGroups=y\n",
      NULL);

  assert_diff (old, old, old, "");
  assert_diff (old, old, same, "");
  assert_diff (
      old, old, new,
      "! database/Path needs restart; ~ enrollment DeniedGroups; + idp/new; ~ idp/okta DisplayName; "
      "~ idp/okta DisplayName[de]; ! listen/Http needs restart; ~ listen SignInsPerMinute; - team/a");
  /* in force but for what needs a restart, and then taken back */
  assert_diff (new, old, new, "! database/Path needs restart; ! listen/Http needs restart");
  assert_diff (new, old, old,
               "~ enrollment DeniedGroups; - idp/new; ~ idp/okta DisplayName; ~ idp/okta DisplayName[de]; "
               "~ listen SignInsPerMinute; + team/a");
}

/* What an error has switched off was not there for anybody; its keys may be the same as before. */
static void
test_diff_broken (void)
{
  g_autoptr (DoorConfig) broken = config_of (BASE IDP "[team/a]\nTitle=A\nTitel=A\n", NULL);
  g_autoptr (DoorConfig) whole = config_of (BASE IDP "[team/a]\nTitle=A\n", NULL);

  g_assert_true (door_config_is_broken (broken, "team/a"));
  assert_diff (broken, broken, whole, "+ team/a");
  assert_diff (whole, whole, broken, "- team/a");
}

#define LAX "[doorward]\nStrict=false\n"

static const DoorConfigProblem *
get_warning (const DoorConfig *config, guint i)
{
  return g_ptr_array_index (door_config_get_warnings (config), i);
}

static void
assert_warning (const DoorConfig *config, guint i, DoorFault fault, const char *place, const char *needle)
{
  const DoorConfigProblem *warning = get_warning (config, i);
  g_autofree char *line = door_config_problem_dup_line (warning);

  g_test_message ("%s", line);
  g_assert_cmpint (warning->fault, ==, fault);
  g_assert_false (warning->fatal);
  g_assert_true (g_str_has_prefix (line, place));
  g_assert_nonnull (strstr (line, needle));
}

/* Exactly three things become warnings; each of them is an error without Strict=false, see bad_cases. */
static void
test_lax (void)
{
  g_autoptr (DoorConfig) config = config_of (
      BASE
      "[scep]\nCaCertificate=/x\nCaKey=hunter2\n[singin]\nClockSkew=1s\n[sign-in]\nClockSkw=1s\n"
      "FlowLifetime[de]=1h\nFlowLifetime=2h\n[idp/x]\nType=entra\nTenant=x\nMetadataUrl=https://x.example/\n"
      "AppSecret=hunter3\nColour=red\n",
      LAX);
  g_autoptr (DoorSecret) secret = NULL, other = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) keys = NULL;

  g_assert_true (door_config_check (config, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (door_config_get_problems (config)->len, ==, 0);
  g_assert_cmpuint (door_config_get_warnings (config)->len, ==, 6);
  assert_warning (config, 0, DOOR_FAULT_CFG_INLINE_SECRET, "/0.conf:11: DW-CFG-INLINE-SECRET: ", "CaKey");
  assert_warning (config, 1, DOOR_FAULT_CFG_UNKNOWNGROUP, "/0.conf:12: ", "\"sign-in\"?");
  assert_warning (config, 2, DOOR_FAULT_CFG_UNKNOWNKEY, "/0.conf:15: ", "\"ClockSkew\"?");
  assert_warning (config, 3, DOOR_FAULT_CFG_UNKNOWNKEY, "/0.conf:16: ", "cannot be translated");
  assert_warning (config, 4, DOOR_FAULT_CFG_INLINE_SECRET, "/0.conf:22: ", "AppSecret");
  assert_warning (config, 5, DOOR_FAULT_CFG_UNKNOWNKEY, "/0.conf:23: ", "Colour");
  for (guint i = 0; i < 6; i++)
    g_assert_null (strstr (get_warning (config, i)->text, "hunter"));
  g_assert_cmpint (
      door_settings_get_duration_s (door_config_get_settings (config, "sign-in"), "FlowLifetime"), ==, 7200);
  secret = door_settings_dup_secret (door_config_get_settings (config, "scep"), "CaKey", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (door_secret_get_text (secret), ==, "hunter2");
  other = door_settings_dup_secret (door_config_get_settings (config, "idp/x"), "AppSecret", NULL);
  g_assert_cmpstr (door_secret_get_text (other), ==, "hunter3");
  keys = door_config_list_keys (config, "sign-in", false);
  g_assert_cmpuint (g_strv_length (keys), ==, 1);
}

/* Nothing else is forgiven, and only a right Strict=false forgives. */
static void
test_lax_only (void)
{
  static const struct
  {
    const char *text;
    DoorFault fault;
  } cases[] = {
    { LAX "[sign-in]\nClockSkew=90\n", DOOR_FAULT_CFG_TYPE },
    { LAX "[scep]\nCaCertificate=/x\nCaKey=credential:a/b\n", DOOR_FAULT_CFG_TYPE },
    { LAX "[scep]\nCaCertificate=/x\nCaKey=env:X\n", DOOR_FAULT_CFG_TYPE },
    { LAX "[scep]\nCaCertificate=/x\nCaKey=file:x\n", DOOR_FAULT_CFG_TYPE },
    { LAX "[listen]\nTlsMode=files\nHttps=[::]:1\n", DOOR_FAULT_CFG_REQUIRED },
    { LAX "[database]\nDriver=none\n", DOOR_FAULT_CFG_PLUGIN },
    { "[doorward]\nStrict=true\n[sign-in]\nClockSkw=1s\n", DOOR_FAULT_CFG_UNKNOWNKEY },
    { "[doorward]\nStrict=yes\n[singin]\n", DOOR_FAULT_CFG_UNKNOWNGROUP },
    { "[doorward]\nStrict=True\n", DOOR_FAULT_CFG_TYPE },
    { "[sign-in]\nStrict=false\n", DOOR_FAULT_CFG_UNKNOWNKEY },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorConfig) config = config_of (BASE, cases[i].text);
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", cases[i].text);
      g_assert_false (door_config_check (config, &error));
      g_assert_cmpint (door_error_get_fault (error), ==, cases[i].fault);
      g_assert_cmpuint (door_config_get_problems (config)->len, ==, 1);
      g_assert_cmpuint (door_config_get_warnings (config)->len, ==, 0);
    }
}

#define ENTRA "[idp/x]\nType=entra\nMetadataUrl=https://x.example/\n"

static void
test_former_name (void)
{
  g_autoptr (DoorConfig) config =
      config_of (BASE ENTRA "Directory=a\nSalute[de]=Servus\nSalute=Hi\n", "[idp/x]\nDirectory=b\n");
  g_autoptr (DoorConfig) now = config_of (BASE ENTRA "Tenant=b\nGreeting[de]=Servus\nGreeting=Hi\n", NULL);
  DoorSettings *settings = door_config_get_settings (config, "idp/x");
  g_auto (GStrv) keys = door_config_list_keys (config, "idp/x", true);

  g_assert_cmpuint (door_config_get_problems (config)->len, ==, 0);
  g_assert_cmpuint (door_config_get_warnings (config)->len, ==, 3);
  assert_warning (config, 0, DOOR_FAULT_CFG_FORMERKEY,
                  "/0.conf:13: DW-CFG-FORMERKEY: ", "Salute[de] is called Greeting[de] now");
  assert_warning (config, 2, DOOR_FAULT_CFG_FORMERKEY, "/1.conf:2: ", "Directory is called Tenant now");
  g_assert_cmpstr (door_settings_get_string (settings, "Tenant"), ==, "b");
  g_assert_cmpstr (door_settings_get_localised (settings, "Greeting", "de"), ==, "Servus");
  g_assert_cmpstr (door_settings_get_string (settings, "Greeting"), ==, "Hi");
  assert_origin (config, "idp/x", "Tenant", "/1.conf:2");
  g_assert_false (g_strv_contains ((const char *const *) keys, "Directory"));
  g_assert_null (door_config_lookup_key (config, "idp/x", "Directory"));
  g_assert_null (door_config_lookup_text (config, "idp/x", "Directory"));
  /* nobody's sign-in changes when the new name is written at last */
  assert_diff (config, config, now, "");
  g_assert_cmpuint (door_config_get_warnings (now)->len, ==, 0);
}

static void
test_former_name_refused (void)
{
  static const BadCase cases[] = {
    { BASE ENTRA "Directory=a\nTenant=b\n", DOOR_FAULT_CFG_DUPLICATE, 12, "idp/x", "remove Directory" },
    { BASE ENTRA "Tenant=a\nGreeting[de]=a\nSalute[de]=b\n", DOOR_FAULT_CFG_DUPLICATE, 14, "idp/x",
      "Salute[de] is the former name of Greeting[de]" },
    { BASE ENTRA "Tenant=a\nSalut=b\n", DOOR_FAULT_CFG_UNKNOWNKEY, 13, "idp/x", "no key Salut" },
    { BASE ENTRA "Directory[de]=a\nTenant=b\n", DOOR_FAULT_CFG_UNKNOWNKEY, 12, "idp/x", "translated" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_one_problem (&cases[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorConfig) config = config_of (cases[i].text, NULL);
      const DoorConfigProblem *problem = g_ptr_array_index (door_config_get_problems (config), 0);

      g_assert_null (strstr (problem->text, "did you mean"));
    }
}

/* What stands once is told once, and what is wrong for one team only says for which. */
static void
test_inherited_problems (void)
{
  g_autoptr (DoorConfig) both =
      config_of (BASE "[enrollment]\nIdps=nonesuch\n[team/a]\nTitle=A\n[team/b]\nTitle=B\n", NULL);
  g_autoptr (DoorConfig) one = config_of (
      BASE "[enrollment]\nModelFamilies=iPad\nAccountDeviceFamilies=iPad\n[team/a]\nTitle=A\n[team/"
           "b]\nModelFamilies=Mac\n",
      NULL);
  const GPtrArray *problems = door_config_get_problems (both);
  const DoorConfigProblem *problem;

  g_assert_cmpuint (problems->len, ==, 1);
  problem = g_ptr_array_index (problems, 0);
  g_assert_cmpstr (problem->group, ==, "enrollment");
  g_assert_cmpuint (problem->line, ==, 10);
  g_assert_true (door_config_is_broken (both, "team/a"));
  g_assert_true (door_config_is_broken (both, "team/b"));
  problems = door_config_get_problems (one);
  g_assert_cmpuint (problems->len, ==, 1);
  problem = g_ptr_array_index (problems, 0);
  g_assert_cmpstr (problem->group, ==, "team/b");
  g_assert_cmpuint (problem->line, ==, 11);
  g_assert_nonnull (strstr (problem->text, "in [team/b], which takes it over from [enrollment]: "));
  g_assert_false (door_config_is_broken (one, "team/a"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/good", test_good);
  g_test_add_func ("/config/entity-id-beside-metadata", test_entity_id_beside_metadata);
  g_test_add_func ("/config/override", test_override);
  g_test_add_func ("/config/origin", test_origin);
  g_test_add_func ("/config/forward", test_forward);
  g_test_add_func ("/config/bad", test_bad);
  g_test_add_func ("/config/addresses", test_addresses);
  g_test_add_func ("/config/listen", test_listen_good);
  g_test_add_func ("/config/blast-radius", test_blast_radius);
  g_test_add_func ("/config/diff", test_diff);
  g_test_add_func ("/config/diff-broken", test_diff_broken);
  g_test_add_func ("/config/order", test_order);
  g_test_add_func ("/config/allow-env", test_allow_env);
  g_test_add_func ("/config/lax", test_lax);
  g_test_add_func ("/config/lax-only", test_lax_only);
  g_test_add_func ("/config/former-name", test_former_name);
  g_test_add_func ("/config/former-name-refused", test_former_name_refused);
  g_test_add_func ("/config/inherited-problems", test_inherited_problems);
  return g_test_run ();
}
