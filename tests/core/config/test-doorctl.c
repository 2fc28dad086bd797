/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/wait.h>

#define GOOD_FILE                                                                                            \
  "[plugins]\nLoad=absent\n[doorward]\nExternalUrl=https://mdm.example.com\nOrganizationName=B\xc3\xa4r\n"   \
  "SupportEmail=it@example.com\n[scep]\nCaCertificate=/x\nCaKey=credential:ca\n"

typedef struct
{
  char *folder;
  char *file;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("doorctl-XXXXXX", NULL);
  g_assert_nonnull (fixture->folder);
  fixture->file = g_build_filename (fixture->folder, "x.conf", NULL);
  g_assert_true (g_file_set_contents (fixture->file, GOOD_FILE, -1, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (g_unlink (fixture->file), ==, 0);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->file);
  g_free (fixture->folder);
}

/* Runs doorctl with words separated by spaces and gives back its standard output. */
static char *
run (const char *words, int expected_status, char **errors)
{
  g_autofree char *line = g_strconcat (TEST_DOORCTL, " ", words, NULL), *out = NULL, *err = NULL;
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  g_autoptr (GError) error = NULL;
  int status = 0;

  g_assert_true (g_spawn_sync (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &out, &err, &status, &error));
  g_test_message ("%s: %d", line, WEXITSTATUS (status));
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, expected_status);
  if (errors != NULL)
    *errors = g_steal_pointer (&err);
  return g_steal_pointer (&out);
}

static JsonNode *
run_json (const char *words, int expected_status)
{
  g_autofree char *errors = NULL, *out = run (words, expected_status, &errors);
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (out, &error);

  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  g_assert_cmpstr (errors, ==, "");
  return node;
}

static char *
with_file (Fixture *fixture, const char *words)
{
  return g_strdup_printf ("%s --dev --config=%s --plugin-dir=%s", words, fixture->file, fixture->folder);
}

static void
test_json_purity (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *words;
    int status;
    const char *member;
  } cases[] = {
    { "--json", 64, "error" },
    { "config --json", 64, "error" },
    { "confg check --json", 64, "error" },
    { "config check --json --nonsense", 64, "error" },
    { "config check --json extra", 64, "error" },
    { "--json config check --root", 64, "error" },
    { "explain --json", 64, "error" },
    { "explain --json DW-NONE", 3, "error" },
    { "explain --json dw-saml-audience", 0, "fix" },
    { "--json --help", 0, "commands" },
    { "config check --help --json", 0, "commands" },
    { "config --help --json", 0, "commands" },
    { "--version --json", 0, "version" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = run_json (cases[i].words, cases[i].status);

      g_assert_true (json_object_has_member (json_node_get_object (node), cases[i].member));
    }
}

static void
test_text (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *words;
    int status;
    const char *out;
    const char *err;
  } cases[] = {
    { "--help", 0, "config check", "" },
    { "--version", 0, "doorctl ", "" },
    { "config check --help", 0, "--root=DIR", "" },
    { "config check --help", 0, "--config=FILE", "" },
    { "config check --file=/nonexistent.conf", 4, "/nonexistent.conf: DW-CFG-REQUIRED", "" },
    { "config check --config=/nonexistent.conf --file=/other.conf", 4, "/other.conf: DW-CFG-REQUIRED", "" },
    { "config check --fil=/x", 64, "", "there is no option --fil" },
    { "explain DW-SAML-AUDIENCE", 0, "entity id", "" },
    { "explain 7S4DJXZDTP6RQ7KH", 3, "", "journalctl -u doorward -g 7S4DJXZDTP6RQ7KH" },
    { "explain DW-SAML-AUDIENSE", 3, "", "did you mean DW-SAML-AUDIENCE?" },
    { "config chekc", 64, "", "did you mean \"config check\"?" },
    { "config", 64, "", "needs a verb" },
    { "device --help", 0, "device renew", "" },
    { "doctor --help", 0, "Usage: doorctl doctor", "" },
    { "confg --help", 64, "", "there is no command" },
    { "config check --rot=/x", 64, "", "doorctl config check --help" },
    { "", 64, "", "doorctl --help" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *err = NULL, *out = run (cases[i].words, cases[i].status, &err);

      g_assert_nonnull (strstr (out, cases[i].out));
      g_assert_nonnull (strstr (err, cases[i].err));
      g_assert_null (strstr (out, "\033["));
    }
}

/* The whole help has every command, what is needed first before the rest, and each group has help of its own.
 */
static void
test_help_of_groups (Fixture *fixture, gconstpointer data)
{
  g_autofree char *all = run ("--help", 0, NULL);
  g_autoptr (JsonNode) node = run_json ("--help --json", 0);
  JsonArray *array = json_object_get_array_member (json_node_get_object (node), "commands");
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *last = g_strdup ("");

  g_assert_cmpuint (json_array_get_length (array), >, 60);
  g_assert_true (strstr (all, "  config check") < strstr (all, "  idp add"));
  g_assert_true (strstr (all, "  idp add") < strstr (all, "  device list"));
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      const char *title = json_object_get_string_member (json_array_get_object_element (array, i), "command");
      g_autofree char *noun = g_strndup (title, strcspn (title, " "));
      g_autofree char *words = g_strconcat (noun, " --help", NULL),
                      *line = g_strconcat ("  ", title, " ", NULL);
      g_autofree char *help = run (words, 0, NULL);

      g_assert_nonnull (strstr (all, line));
      g_assert_nonnull (strstr (help, title));
      if (g_str_equal (noun, last))
        continue;
      g_assert_true (g_hash_table_add (seen, g_strdup (noun))); /* a group stands together */
      g_free (last);
      last = g_steal_pointer (&noun);
    }
}

static void
test_check (Fixture *fixture, gconstpointer data)
{
  g_autofree char *words = with_file (fixture, "config check --json"),
                  *text = with_file (fixture, "config check");
  g_autofree char *out = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object, *problem;
  JsonArray *problems;

  g_assert_true (g_file_set_contents (fixture->file, GOOD_FILE "[sign-in]\nClockSkw=1s\n", -1, NULL));
  node = run_json (words, 4);
  object = json_node_get_object (node);
  g_assert_false (json_object_get_boolean_member (object, "ok"));
  g_assert_false (json_object_get_boolean_member (object, "starts"));
  problems = json_object_get_array_member (object, "problems");
  g_assert_cmpuint (json_array_get_length (problems), ==, 4);
  problem = json_array_get_object_element (problems, 0);
  g_assert_cmpstr (json_object_get_string_member (problem, "id"), ==, "DW-CFG-PLUGIN");
  problem = json_array_get_object_element (problems, 3);
  g_assert_cmpstr (json_object_get_string_member (problem, "id"), ==, "DW-CFG-SECRET");
  g_assert_nonnull (strstr (json_object_get_string_member (problem, "text"), "[scep] CaKey"));
  problem = json_array_get_object_element (problems, 2);
  g_assert_cmpstr (json_object_get_string_member (problem, "id"), ==, "DW-CFG-UNKNOWNKEY");
  g_assert_cmpstr (json_object_get_string_member (problem, "file"), ==, fixture->file);
  g_assert_cmpint (json_object_get_int_member (problem, "line"), ==, 11);
  out = run (text, 4, NULL);
  g_assert_nonnull (strstr (out, "x.conf:11: DW-CFG-UNKNOWNKEY: [sign-in] has no key ClockSkw "
                                 "(did you mean \"ClockSkew\"?)"));
  g_assert_nonnull (strstr (out, "the server would not start"));
}

/* Only the header that the packaged site clears is safe without a look at the proxy. */
static void
test_certificate_header (Fixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "client-cert", "X-Client-Cert" };
  g_autofree char *words = with_file (fixture, "config check --json");

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *config =
          g_strdup_printf (GOOD_FILE "[listen]\nTrustedProxies=127.0.0.1\nClientCertHeader=%s\n", names[i]);
      g_autoptr (JsonNode) node = NULL;
      JsonArray *notes;

      g_assert_true (g_file_set_contents (fixture->file, config, -1, NULL));
      node = run_json (words, 4);
      notes = json_object_get_array_member (json_node_get_object (node), "notes");
      g_assert_cmpuint (json_array_get_length (notes), ==, i);
      if (i > 0)
        g_assert_nonnull (strstr (json_array_get_string_element (notes, 0),
                                  "ClientCertHeader=X-Client-Cert: the proxy must set exactly this header"));
    }
}

static void
test_show (Fixture *fixture, gconstpointer data)
{
  g_autofree char *words = with_file (fixture, "config show --origin --effective");
  g_autofree char *json = with_file (fixture, "config show --json --origin"), *out = run (words, 0, NULL);
  g_autoptr (JsonNode) node = run_json (json, 0);
  JsonObject *group, *key;

  g_assert_nonnull (strstr (out, "[sign-in]\n# default\nFlowLifetime=24h\n"));
  g_assert_nonnull (strstr (out, "# default\nMdmUrl=https://mdm.example.com\n"));
  g_assert_nonnull (strstr (out, "CaKey=credential:ca\n"));
  group = json_object_get_object_member (json_node_get_object (node), "doorward");
  key = json_object_get_object_member (group, "OrganizationName");
  g_assert_cmpstr (json_object_get_string_member (key, "value"), ==, "B\xc3\xa4r");
  g_assert_true (g_str_has_suffix (json_object_get_string_member (key, "origin"), "x.conf:5"));
  g_assert_false (json_object_has_member (json_node_get_object (node), "sign-in"));
}

/* A secret somebody wrote into the file must not come out again. */
static void
test_hidden (Fixture *fixture, gconstpointer data)
{
  static const char *const commands[] = { "config show --effective", "config show --json", "config check",
                                          "config check --json" };

  g_assert_true (g_file_set_contents (fixture->file, "[scep]\nCaKey=hunter2\nAllowDes=hunter2x\n", -1, NULL));
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *words = with_file (fixture, commands[i]), *err = NULL;
      g_autofree char *out = run (words, i < 2 ? 0 : 4, &err);
      g_auto (GStrv) parts = g_strsplit (out, "hunter2", -1);

      for (char **part = parts + 1; *part != NULL; part++)
        g_assert_true (**part == 'x');
      g_assert_null (strstr (err, "hunter2"));
    }
}

static void
test_plugins (Fixture *fixture, gconstpointer data)
{
  g_autofree char *words = with_file (fixture, "plugin list"),
                  *json = with_file (fixture, "plugin list --json");
  g_autofree char *out = run (words, 4, NULL);
  g_autoptr (JsonNode) node = run_json (json, 4);
  JsonArray *plugins = json_object_get_array_member (json_node_get_object (node), "plugins");
  JsonObject *plugin = json_array_get_object_element (plugins, 0);

  g_assert_nonnull (strstr (out, "absent"));
  g_assert_cmpstr (json_object_get_string_member (plugin, "state"), ==, "failed");
  g_assert_nonnull (strstr (json_object_get_string_member (plugin, "reason"), "No such file"));
}

/* What the storage's own plugin refuses keeps the server from starting, so it has to be found before. */
static void
test_storage (Fixture *fixture, gconstpointer data)
{
  g_autofree char *words =
      g_strdup_printf ("config check --config=%s --plugin-dir=" TEST_PLUGINS, fixture->file);
  g_autofree char *out = NULL;

  g_assert_true (g_file_set_contents (fixture->file,
                                      "[plugins]\nLoad=postgresql\n[doorward]\n"
                                      "ExternalUrl=https://mdm.example.com\nOrganizationName=X\n"
                                      "SupportEmail=it@example.com\n[database]\nDriver=postgresql\n"
                                      "Uri=postgresql://doorward:word@db.example.com/doorward\n",
                                      -1, NULL));
  out = run (words, 4, NULL);
  g_assert_nonnull (strstr (out, "x.conf:8: DW-CFG-VALUE: [database] Uri: a password does not belong here"));
  g_assert_nonnull (strstr (out, "the server would not start"));
}

/* A file with which the server on this system would start is looked at as the server does at its start. */
static void
test_as_complete_as_a_start (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *words;
    const char *config;
    const char *needle; /* NULL: no problem */
  } cases[] = {
    { "", "", "[apple] needs SigningCertificate" },
    { "", "[apple]\nTopic=com.apple.mgmt.x\n", "[apple] needs SigningCertificate" },
    { "", "[apple]\nTopic=wrong\n", "[apple] Topic must be" },
    { "--dev", "", NULL },
    { "--dev", "[apple]\nTopic=wrong\n", "[apple] Topic must be" },
    { "--dev", "[listen]\nSocketGroup=no-such-group\n", "there is no group no-such-group" },
    { "--dev", "[database]\nStateKey=file:%s\n", "shorter than 32 bytes" },
    { "--dev", "[scep]\nCaCertificate=/nonexistent\nCaKey=file:%s\n", "/nonexistent" },
    { "--dev", "[listen]\nTlsMode=files\nHttps=[::1]:1\nTlsCertificate=/nonexistent\nTlsKey=file:%s\n",
      "TlsCertificate /nonexistent" },
    { "--dev", "[listen]\nTlsMode=files\nHttps=[::1]:1\nTlsCertificate=/x\nTlsKey=env:DOOR_TEST_NONE\n",
      "env:DOOR_TEST_NONE is not set" },
    { "--dev", "[idp/x]\nType=saml\nEntityId=x\nSsoUrl=https://x.example\nCertificates=/nonexistent\n",
      "/nonexistent" },
  };
  g_autofree char *key = g_build_filename (fixture->folder, "key", NULL);

  g_assert_true (g_file_set_contents (key, "short", -1, NULL));
  g_assert_cmpint (g_chmod (key, 0600), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) parts = g_strsplit (cases[i].config, "%s", 2);
      g_autofree char *own = g_strjoinv (key, parts);
      g_autofree char *text = g_strconcat ("[plugins]\nLoad=sqlite;saml\n[doorward]\n"
                                           "ExternalUrl=https://mdm.example.com\nOrganizationName=X\n"
                                           "SupportEmail=it@example.com\n",
                                           own, NULL);
      g_autofree char *words =
          g_strdup_printf ("config check --plugin-dir=" TEST_PLUGINS " --config=%s%s%s", fixture->file,
                           *cases[i].words != '\0' ? " " : "", cases[i].words);
      g_autofree char *out = NULL;

      g_test_message ("%s", text);
      g_assert_true (g_file_set_contents (fixture->file, text, -1, NULL));
      out = run (words, cases[i].needle != NULL ? 4 : 0, NULL);
      g_test_message ("%s", out);
      if (cases[i].needle != NULL)
        g_assert_nonnull (strstr (out, cases[i].needle));
    }
  g_assert_cmpint (g_unlink (key), ==, 0);
}

/* What Strict=false allows is told and no problem; the secret itself is never told. */
static void
test_warnings (Fixture *fixture, gconstpointer data)
{
  g_autofree char *strict =
      g_strdup_printf ("config check --dev --config=%s --plugin-dir=" TEST_PLUGINS, fixture->file);
  g_autofree char *json = g_strconcat (strict, " --json", NULL), *show = NULL, *out = NULL, *shown = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *warnings;

  for (int lax = 0; lax < 2; lax++)
    {
      g_autofree char *text = g_strdup_printf (
          "[plugins]\nLoad=postgresql\n[doorward]\nExternalUrl=https://mdm.example.com\nOrganizationName=X\n"
          "SupportEmail=it@example.com\n%s[database]\nDriver=postgresql\nUri=postgresql://x@db.example.com/"
          "x\n"
          "Password=hunter2\n",
          lax ? "Strict=false\n" : "");

      g_clear_pointer (&out, g_free);
      g_assert_true (g_file_set_contents (fixture->file, text, -1, NULL));
      out = run (strict, lax ? 0 : 4, NULL);
      g_assert_nonnull (strstr (out, "DW-CFG-INLINE-SECRET: Password: is a secret and must not stand here"));
      g_assert_true ((strstr (out, "warning: DW-CFG-INLINE-SECRET") != NULL) == (lax == 1));
      g_assert_true ((strstr (out, "1 file, no problem, 1 warning\n") != NULL) == (lax == 1));
      g_assert_null (strstr (out, "hunter2"));
    }
  node = run_json (json, 0);
  warnings = json_object_get_array_member (json_node_get_object (node), "warnings");
  g_assert_cmpuint (json_array_get_length (warnings), ==, 1);
  g_assert_true (json_object_get_boolean_member (json_node_get_object (node), "ok"));
  show = g_strdup_printf ("config show --dev --config=%s --plugin-dir=" TEST_PLUGINS, fixture->file);
  shown = run (show, 0, NULL);
  g_assert_nonnull (strstr (shown, "Password=(hidden)"));
}

/* A name that was mistyped, in a build tree and among installed plugins. */
static void
test_plugin_suggested (Fixture *fixture, gconstpointer data)
{
  g_autofree char *tree =
      g_strdup_printf ("plugin list --dev --config=%s --plugin-dir=" TEST_PLUGINS, fixture->file);
  g_autofree char *out = NULL;

  g_assert_true (
      g_file_set_contents (fixture->file, "[plugins]\nLoad=sqlit;sqlite;nothing-like-it\n", -1, NULL));
  out = run (tree, 4, NULL);
  g_assert_nonnull (strstr (out,
                            "libdoor-plugin-sqlit.so: No such file or directory (did you mean \"sqlite\"?); "
                            "correct [plugins] Load"));
  g_assert_nonnull (strstr (out, "libdoor-plugin-nothing-like-it.so: No such file or directory; install"));
  g_assert_nonnull (strstr (out, "\npostgresql     off "));
}

/* What is configured already must not be asked for. */
static void
test_idp_show (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *source;
    const char *shown;
  } cases[] = {
    { "MetadataUrl=https://idp.example/metadata\n",
      "Its metadata: read from https://idp.example/metadata\n" },
    { "MetadataFile=/etc/idp.xml\n", "Its metadata: read from /etc/idp.xml\n" },
    { "EntityId=x\nSsoUrl=https://idp.example/\nCertificates=/etc/idp.pem\n",
      "Its metadata: not read: EntityId=, SsoUrl= and Certificates= stand in its place\n" },
  };
  g_autofree char *words =
      g_strdup_printf ("idp show work --dev --config=%s --plugin-dir=" TEST_PLUGINS, fixture->file);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat ("[plugins]\nLoad=sqlite;saml\n[doorward]\n"
                                           "ExternalUrl=https://mdm.example.com\nOrganizationName=X\n"
                                           "SupportEmail=it@example.com\n[idp/work]\nType=saml\n",
                                           cases[i].source, NULL);
      g_autofree char *out = NULL;

      g_assert_true (g_file_set_contents (fixture->file, text, -1, NULL));
      g_assert_cmpint (g_chmod (fixture->file, 0600), ==, 0);
      out = run (words, 0, NULL);
      g_assert_nonnull (strstr (out, cases[i].shown));
    }
}

/* Groups that are right one by one: the provider keeps out what the team lets in, and two teams want the
 * same. */
static void
test_domains (Fixture *fixture, gconstpointer data)
{
  g_autofree char *words =
      g_strdup_printf ("config check --json --dev --config=%s --plugin-dir=" TEST_PLUGINS, fixture->file);
  g_autoptr (JsonNode) node = NULL;
  JsonArray *notes;

  g_assert_true (g_file_set_contents (fixture->file,
                                      "[plugins]\nLoad=sqlite;saml\n[doorward]\n"
                                      "ExternalUrl=https://mdm.example.com\nOrganizationName=X\n"
                                      "SupportEmail=it@example.com\n"
                                      "[idp/work]\nType=saml\nMetadataUrl=https://idp.example.com/\n"
                                      "EmailDomains=example.com;a.example\n"
                                      "[idp/open]\nType=saml\nMetadataUrl=https://idp.example.org/\n"
                                      "[enrollment]\nIdps=work\n"
                                      "[team/a]\nAllowedDomains=a.example\n"
                                      "[team/b]\nAllowedDomains=b.example;A.example\n"
                                      "[team/c]\nIdps=open\nAllowedDomains=c.example\n",
                                      -1, NULL));
  node = run_json (words, 0);
  notes = json_object_get_array_member (json_node_get_object (node), "notes");
  g_assert_cmpuint (json_array_get_length (notes), ==, 2);
  g_assert_nonnull (strstr (json_array_get_string_element (notes, 0),
                            "[team/b] AllowedDomains: accounts of b.example are refused"));
  g_assert_nonnull (strstr (json_array_get_string_element (notes, 1), "A.example stands in [team/a] too"));
}

/* A command that cannot begin says the next step too, not only config check. */
static void
test_next_step (Fixture *fixture, gconstpointer data)
{
  g_autofree char *words =
      g_strdup_printf ("device list --dev --config=%s --plugin-dir=" TEST_PLUGINS, fixture->file);
  g_autofree char *out = NULL, *errors = NULL;

  g_assert_true (g_file_set_contents (fixture->file, "[plugins]\nLoad=sqlite,saml\n", -1, NULL));
  g_assert_cmpint (g_chmod (fixture->file, 0600), ==, 0);
  out = run (words, 1, &errors);
  g_assert_cmpstr (out, ==, "");
  g_assert_nonnull (strstr (errors, "\n  DW-CFG-"));
}

/* The file people begin with: right as soon as its comments are filled in. */
static void
test_sample (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sample = NULL, *words = with_file (fixture, "config check --json");
  g_autoptr (GRegex) regex = g_regex_new ("^#([A-Za-z]+=)", G_REGEX_MULTILINE, 0, NULL);
  g_autofree char *filled = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *problems;

  g_assert_true (g_file_get_contents (TEST_SAMPLE, &sample, NULL, NULL));
  filled = g_regex_replace (regex, sample, -1, 0, "\\1", 0, NULL);
  g_assert_true (g_file_set_contents (fixture->file, filled, -1, NULL));
  node = run_json (words, 4);
  problems = json_object_get_array_member (json_node_get_object (node), "problems");
  /* plugins, secret and group are not on this system; nothing else may be wrong */
  for (unsigned int i = 0; i < json_array_get_length (problems); i++)
    {
      JsonObject *problem = json_array_get_object_element (problems, i);
      const char *id = json_object_get_string_member (problem, "id");
      const char *told = json_object_get_string_member (problem, "text");

      g_assert_true (strcmp (id, "DW-CFG-PLUGIN") == 0 || strcmp (id, "DW-CFG-SECRET") == 0 ||
                     strstr (told, "groupadd --system doorward-proxy") != NULL);
    }
}

/* A database that no server has opened yet. */
static void
test_no_schema (Fixture *fixture, gconstpointer data)
{
  g_autofree char *database = g_build_filename (fixture->folder, "doorward.db", NULL);
  g_autofree char *config = g_strdup_printf (
      "[plugins]\nLoad=sqlite\n[doorward]\nExternalUrl=https://mdm.example.com\nOrganizationName=X\n"
      "SupportEmail=it@example.com\n[database]\nPath=%s\n",
      database);
  g_autofree char *words =
      g_strdup_printf ("device list --json --dev --config=%s --state-dir=%s --plugin-dir=" TEST_PLUGINS,
                       fixture->file, fixture->folder);
  g_autoptr (JsonNode) node = NULL;
  JsonObject *error;

  g_assert_true (g_file_set_contents (fixture->file, config, -1, NULL));
  g_assert_cmpint (g_chmod (fixture->file, 0600), ==, 0);
  node = run_json (words, 1);
  error = json_object_get_object_member (json_node_get_object (node), "error");
  g_assert_cmpstr (json_object_get_string_member (error, "id"), ==, "DW-DB-EMPTY");
  g_assert_nonnull (strstr (json_object_get_string_member (error, "fix"), "Start the server once"));
  for (size_t i = 0; i < 3; i++)
    {
      static const char *const suffixes[] = { "", "-wal", "-shm" };
      g_autofree char *file = g_strconcat (database, suffixes[i], NULL);
      g_unlink (file);
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *fixture, gconstpointer data);
  } tests[] = {
    { "/doorctl/json-purity", test_json_purity },
    { "/doorctl/text", test_text },
    { "/doorctl/help-of-groups", test_help_of_groups },
    { "/doorctl/check", test_check },
    { "/doorctl/certificate-header", test_certificate_header },
    { "/doorctl/show", test_show },
    { "/doorctl/hidden", test_hidden },
    { "/doorctl/plugins", test_plugins },
    { "/doorctl/storage", test_storage },
    { "/doorctl/domains", test_domains },
    { "/doorctl/idp-show", test_idp_show },
    { "/doorctl/as-complete-as-a-start", test_as_complete_as_a_start },
    { "/doorctl/warnings", test_warnings },
    { "/doorctl/plugin-suggested", test_plugin_suggested },
    { "/doorctl/next-step", test_next_step },
    { "/doorctl/sample", test_sample },
    { "/doorctl/no-schema", test_no_schema },
  };

  g_test_init (&argc, &argv, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
