/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parts of the configuration that are kept in the database. */
#include <string.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "door-connections.h"
#include "door-daemon-private.h"
#include "door-error.h"
#include "door-log.h"
#include "door-object-store.h"

/* What the promise is. */
#define NOTICED_S 5

typedef struct
{
  char *folder;
  char *file;
  DoorSetup *setup;
  DoorDaemon *daemon;
  DoorStorage *storage; /* another instance's */
} Place;

static void
write_config (const Place *place, const char *more)
{
  g_autofree char *certificate =
      g_test_build_filename (G_TEST_DIST, "data", "saml", "keys", "rsa.crt.pem", NULL);
  g_autofree char *text = g_strdup_printf (
      "[plugins]\nLoad=sqlite;saml\n[doorward]\nExternalUrl=https://mdm.example.com\nOrganizationName=X\n"
      "SupportEmail=it@example.com\nLogLevel=error\n[listen]\nIoThreads=1\nWorkers=1\nSockets=%s/http.sock\n"
      "[database]\nDriver=sqlite\nPath=%s/x.db\n[idp/corp]\nType=saml\nEntityId=https://sso.example.com\n"
      "SsoUrl=https://sso.example.com/sso\nCertificates=%s\n%s",
      place->folder, place->folder, certificate, more);

  g_assert_true (g_file_set_contents (place->file, text, -1, NULL));
  g_assert_cmpint (g_chmod (place->file, 0600), ==, 0);
}

static void
start (Place *place, const char *more)
{
  const DoorSetupOptions options = { .config_file = place->file,
                                     .state_folder = place->folder,
                                     .plugin_folder = TEST_PLUGINS,
                                     .development = true };
  g_autoptr (GError) error = NULL;

  write_config (place, more);
  place->setup = door_setup_new (&options, &error);
  g_assert_no_error (error);
  place->daemon = door_daemon_new (place->setup, NULL, &error);
  g_assert_no_error (error);
  if (place->storage == NULL)
    place->storage = door_setup_open_storage (place->setup, &error);
  g_assert_no_error (error);
}

static void
stop (Place *place)
{
  g_clear_pointer (&place->daemon, door_daemon_free);
  g_clear_pointer (&place->setup, door_setup_free);
}

static void
set_up (Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("door-objects-XXXXXX", NULL);
  g_assert_nonnull (place->folder);
  place->file = g_build_filename (place->folder, "x.conf", NULL);
}

static void
tear_down (Place *place, gconstpointer data)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  stop (place);
  g_clear_object (&place->storage);
  dir = g_dir_open (place->folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (place->folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (place->folder), ==, 0);
  g_free (place->folder);
  g_free (place->file);
}

static void
put (Place *place, const char *name, const char *content)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (place->storage, DOOR_TXN_WRITE, NULL, &error);
  const DoorStoredObject object = { (char *) name, (char *) name, (char *) content, 1, 1, 1, 0 };
  bool added = false;

  g_assert_no_error (error);
  g_assert_true (door_object_store_add (txn, &object, &added, &error));
  g_assert_true (added);
  g_assert_true (door_object_store_bump (txn, &error));
  g_assert_true (door_txn_commit (txn, &error));
  g_assert_no_error (error);
}

static bool
has_connection (Place *place, const char *name)
{
  g_autoptr (DoorGeneration) generation = door_generations_pin (place->daemon->generations);

  return door_connections_lookup (generation->context.connections, name) != NULL;
}

/* A file may name what only the database has; nobody looks for it there before the database is open. */
static void
test_start (Place *place, gconstpointer data)
{
  start (place, "");
  put (place, "idp/made", "Type=saml\nMetadataUpload=true\n");
  put (place, "idp/broken", "Type=saml\nMetadataUpload=true\nNonsense=1\n");
  put (place, "idp/smuggled",
       "Type=saml\nMetadataUpload=true\n[idp/inner]\nType=saml\nMetadataUpload=true\n");
  put (place, "listen", "IoThreads=3\n");
  stop (place);
  start (place, "[enrollment]\nIdps=corp;made\n");
  g_assert_true (has_connection (place, "corp"));
  g_assert_true (has_connection (place, "made"));
  g_assert_false (has_connection (place, "broken"));
  g_assert_false (has_connection (place, "smuggled"));
  g_assert_false (has_connection (place, "inner"));
}

static void
test_another_instance (Place *place, gconstpointer data)
{
  int64_t begin_us, end_us;

  start (place, "");
  door_daemon_start (place->daemon, door_log_start (), NULL);
  g_assert_false (has_connection (place, "made"));
  begin_us = g_get_monotonic_time ();
  end_us = begin_us + NOTICED_S * G_USEC_PER_SEC;
  put (place, "idp/made", "Type=saml\nMetadataUpload=true\n");
  while (!has_connection (place, "made") && g_get_monotonic_time () < end_us)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_true (has_connection (place, "made"));
  g_test_message ("noticed after %" G_GINT64_FORMAT " ms", (g_get_monotonic_time () - begin_us) / 1000);
}

/* What stands in a file is the file's whole, also when an object of the name is there from before. */
static void
test_file_rules (Place *place, gconstpointer data)
{
  const DoorObjectHost *host;
  g_autofree char *file = NULL, *none = NULL;
  g_autoptr (DoorGeneration) generation = NULL;

  start (place, "");
  put (place, "idp/corp", "Type=saml\nMetadataUpload=true\nAllowSha1=true\n");
  stop (place);
  start (place, "");
  host = place->daemon->lasting.objects;
  file = host->dup_file (host->owner, "idp/corp");
  none = host->dup_file (host->owner, "idp/other");
  g_assert_cmpstr (file, ==, place->file);
  g_assert_null (none);
  generation = door_generations_pin (place->daemon->generations);
  g_assert_cmpstr (door_config_lookup_text (generation->config, "idp/corp", "AllowSha1"), ==, "false");
}

static void
test_check (Place *place, gconstpointer data)
{
  static const struct
  {
    const char *content;
    const char *reason; /* NULL: it is fine */
  } cases[] = {
    { "Type=saml\nMetadataUpload=true\n", NULL },
    { "Type=saml\nMetadataUrl=https://idp.example.com/metadata\nEmailDomains=example.com\n", NULL },
    { "Type=saml\n", "MetadataUrl" },
    { "Type=nonsense\nMetadataUpload=true\n", "nonsense" },
    { "MetadataUpload=true\n", "Type" },
    { "Type=saml\nMetadataUpload=true\nWantSined=both\n", "WantSigned" },
    { "Type=saml\nMetadataUpload=true\nWantSigned=sometimes\n", "WantSigned" },
    { "Type=saml\nMetadataUpload=true\nMetadataUrl=https://idp.example.com/x\n", "one source" },
    { "Type=saml\nProtocol=oidc\n", "ClientId" },
    { "Type=saml\nProtocol=oidc\nIssuer=http://a.example/\nDiscoveryUrl=http://a.example/\n", "https" },
    { "Type=saml\nProtocol=oidc\nMetadataUrl=http://a.example/\nSsoUrl=http://a.example/\n", "https" },
    { "Type=saml\nProtocol=oidc\nIssuer=https://a.example/\nClientId=x\nClientSecret=file:/etc/passwd\n",
      "credential:idp-made-" },
    { "Type=saml\nProtocol=oidc\nIssuer=https://a.example/\nClientId=x\nClientSecret=credential:state-key\n",
      "credential:idp-made-" },
    { "Type=saml\nProtocol=oidc\nIssuer=https://a.example/\nClientId=x\nClientSecret=written\n",
      "credential:idp-made-" },
    { "Type=saml\nProtocol=oidc\nIssuer=https://a.example/\nClientId=x\nClientSecret=credential:idp-made-\n",
      "credential:idp-made-" },
    { "Type=saml\nProtocol=oidc\nIssuer=https://a.example/"
      "\nClientId=x\nClientSecret=credential:idp-made-up-key\n",
      "without a hyphen" },
    { "Type=saml\nMetadataUpload=true\nAllowPrivateAddress=true\n", "in a file only" },
    { "Type=saml\nMetadataFile=/etc/passwd\n", "in a file only" },
    { "Type=saml\nEntityId=x\nSsoUrl=https://idp.example.com/\nCertificates=/etc/passwd\n",
      "in a file only" },
  };
  const DoorObjectHost *host;

  start (place, "");
  host = place->daemon->lasting.objects;
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      bool good = host->check (host->owner, "idp/made", cases[i].content, &error);

      g_test_message ("%s -> %s", cases[i].content, error != NULL ? error->message : "fine");
      g_assert_cmpint (good, ==, cases[i].reason == NULL);
      if (cases[i].reason != NULL)
        g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
      if (cases[i].reason != NULL)
        g_assert_nonnull (strstr (error->message, cases[i].reason));
    }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    void (*test) (Place *place, gconstpointer data);
  } tests[] = {
    { "/objects/start", test_start },
    { "/objects/another-instance", test_another_instance },
    { "/objects/file-rules", test_file_rules },
    { "/objects/check", test_check },
  };

  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Place, NULL, set_up, tests[i].test, tear_down);
  return g_test_run ();
}
