/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `doorctl config check` says of certificates that end soon. */
#include <string.h>

#include <glib/gstdio.h>

#include "door-ctl-check.h"
#include "door-saml-idp.h"

#define CA_ENDS_MS (INT64_C (4948919760) * 1000)     /* tests/data/cms/ca.pem, 2126-10-29 */
#define SIGNER_ENDS_MS (INT64_C (4948921178) * 1000) /* tests/data/cms/rsa-2048.pem, 24 minutes later */
#define IDP_ENDS_MS (INT64_C (2426039765) * 1000)    /* tests/data/saml/keys/rsa.crt.pem, 2046-11-17 */
#define UNTIL_MS (INT64_C (1800018000) * 1000)       /* 2027-01-15T13:00:00Z */
#define DAY_MS (INT64_C (24) * 60 * 60 * 1000)
#define BASE                                                                                                 \
  "[doorward]\nExternalUrl=https://mdm.example.com\nOrganizationName=X\nSupportEmail=it@example.com\n"

static const DoorKey *
keys_cb (const char *kind, const char *type, gpointer user_data)
{
  static const DoorKey keys[] = {
    { "Path", DOOR_KEY_PATH, DOOR_KEY_FLAG_WRITTEN, "/var/lib/doorward/doorward.db", NULL, "A database." },
    { NULL },
  };
  static const DoorKey none[] = { { NULL } };

  return g_str_equal (kind, "storage") ? keys : none;
}

static char *
data_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "data", name, NULL);
}

/* The notes that speak of an end, one a line. */
static char *
dup_notes (const char *folder, const char *config, int64_t now_ms)
{
  g_autofree char *file = g_build_filename (folder, "x.conf", NULL);
  g_autofree char *text = g_strconcat (BASE, config, NULL);
  const char *const files[] = { file, NULL };
  const DoorConfigSource source = { .files = files, .skip_permissions = true };
  g_autoptr (DoorCtlWorld) world = g_new0 (DoorCtlWorld, 1);
  g_autoptr (DoorCtlFindings) found = door_ctl_findings_new ();
  const DoorCtlSite site = { .user = "nobody", .state_folder = folder, .now_ms = now_ms };
  GString *notes = g_string_new (NULL);

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  world->files = door_config_files_read (&source);
  world->registry = door_plugin_registry_new ();
  door_plugin_registry_begin (world->registry, "saml");
  g_assert_true (
      door_plugin_registry_add (world->registry, DOOR_TYPE_IDP, "saml", DOOR_TYPE_SAML_IDP, NULL, NULL));
  door_plugin_registry_end (world->registry, true);
  world->loader = door_plugin_loader_new (world->registry, folder, true);
  world->plugin_errors = g_ptr_array_new ();
  world->config = door_config_new (world->files, keys_cb, NULL);
  for (guint i = 0; i < door_config_get_problems (world->config)->len; i++)
    g_error (
        "the test's configuration: %s",
        ((const DoorConfigProblem *) g_ptr_array_index (door_config_get_problems (world->config), i))->text);
  door_ctl_check_world (found, world, &site);
  for (guint i = 0; i < found->notes->len; i++)
    if (strstr (g_ptr_array_index (found->notes, i), " on 2") != NULL)
      g_string_append_printf (notes, "%s\n", (const char *) g_ptr_array_index (found->notes, i));
  g_unlink (file);
  return g_string_free (notes, FALSE);
}

static void
assert_notes (const char *folder, const char *config, int64_t now_ms, const char *expected)
{
  g_autofree char *notes = dup_notes (folder, config, now_ms);

  g_test_message ("%s", notes);
  if (*expected == '\0')
    g_assert_cmpstr (notes, ==, "");
  else
    g_assert_nonnull (strstr (notes, expected));
}

static void
test_own (void)
{
  g_autofree char *folder = g_dir_make_tmp ("door-expiry-XXXXXX", NULL);
  g_autofree char *ca = data_path ("cms/ca.pem"), *signer = data_path ("cms/rsa-2048.pem");
  g_autofree char *key = data_path ("cms/rsa-2048.key");
  g_autofree char *scep = g_strdup_printf ("[scep]\nCaCertificate=%s\nCaKey=file:%s\n", ca, key);
  g_autofree char *apple =
      g_strdup_printf ("[apple]\nSigningCertificate=%s\nSigningKey=file:%s\n", signer, key);
  g_autofree char *tls = g_strdup_printf (
      "[listen]\nTlsMode=files\nHttps=127.0.0.1:8443\nTlsCertificate=%s\nTlsKey=file:%s\n", signer, key);
  g_autofree char *own = g_build_filename (folder, "scep-ca.pem", NULL), *text = NULL;

  assert_notes (folder, scep, CA_ENDS_MS - 30 * DAY_MS, "");
  assert_notes (folder, scep, CA_ENDS_MS - 30 * DAY_MS + 1, "ends on 2126-10-29, in 29 days; ");
  assert_notes (folder, scep, CA_ENDS_MS, "[scep] CaCertificate: ");
  assert_notes (folder, scep, CA_ENDS_MS, "ended on 2126-10-29; ");
  assert_notes (folder, apple, SIGNER_ENDS_MS - 30 * DAY_MS, "");
  assert_notes (folder, apple, SIGNER_ENDS_MS - DAY_MS, "[apple] SigningCertificate: ");
  assert_notes (folder, tls, SIGNER_ENDS_MS - DAY_MS, "[listen] TlsCertificate: ");
  g_assert_true (g_file_get_contents (ca, &text, NULL, NULL));
  g_assert_true (g_file_set_contents (own, text, -1, NULL));
  assert_notes (folder, "", CA_ENDS_MS - DAY_MS, "/scep-ca.pem ends on 2126-10-29, in 1 day; ");
  g_unlink (own);
  assert_notes (folder, "", CA_ENDS_MS - DAY_MS, "");
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* The last key that ends counts: an old one beside it is how a change of keys looks. */
static void
test_provider_keys (void)
{
  g_autofree char *folder = g_dir_make_tmp ("door-expiry-XXXXXX", NULL);
  g_autofree char *key = data_path ("saml/keys/rsa.crt.pem"),
                  *old = data_path ("saml/keys/rsa-expired.crt.pem");
  g_autofree char *config = g_strdup_printf ("[idp/work]\nType=saml\nEntityId=https://sso.example.com\n"
                                             "SsoUrl=https://sso.example.com/sso\nCertificates=%s;%s\n",
                                             key, old);

  assert_notes (folder, config, IDP_ENDS_MS - 30 * DAY_MS, "");
  assert_notes (folder, config, IDP_ENDS_MS - 10 * DAY_MS,
                "[idp/work] the last signing certificate ends on 2046-11-17, in 10 days; ");
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_provider_metadata (void)
{
  g_autofree char *folder = g_dir_make_tmp ("door-expiry-XXXXXX", NULL);
  g_autofree char *sample = data_path ("saml/metadata/okta.xml"), *text = NULL;
  g_autofree char *file = g_build_filename (folder, "metadata.xml", NULL);
  g_autofree char *config = g_strdup_printf ("[idp/work]\nType=saml\nMetadataFile=%s\n", file);
  g_autoptr (GString) dated = NULL;

  g_assert_true (g_file_get_contents (sample, &text, NULL, NULL));
  dated = g_string_new (text);
  g_assert_cmpuint (g_string_replace (dated, "<md:EntityDescriptor ",
                                      "<md:EntityDescriptor validUntil=\"2027-01-15T13:00:00Z\" ", 1),
                    ==, 1);
  g_assert_true (g_file_set_contents (file, dated->str, -1, NULL));
  assert_notes (folder, config, UNTIL_MS - 30 * DAY_MS, "");
  assert_notes (folder, config, UNTIL_MS - 2 * DAY_MS,
                "[idp/work] MetadataFile (validUntil) ends on 2027-01-15, in 2 days; ");
  g_unlink (file);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ctl-expiry/own", test_own);
  g_test_add_func ("/ctl-expiry/provider-keys", test_provider_keys);
  g_test_add_func ("/ctl-expiry/provider-metadata", test_provider_metadata);
  return g_test_run ();
}
