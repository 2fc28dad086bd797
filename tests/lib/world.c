/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "world.h"

#include <pthread.h>
#include <string.h>

#include <glib/gstdio.h>

#include "door-connection.h"
#include "door-error.h"
#include "door-eula-document.h"
#include "door-oidc-idp.h"
#include "door-saml-idp.h"
#include "door-saml.h"
#include "door-schema.h"
#include "door-sqlite-storage.h"
#include "double-idp.h"

#define BASE                                                                                                 \
  "[plugins]\nLoad=sqlite;saml\n"                                                                            \
  "[doorward]\nExternalUrl=https://mdm.example.com\nMdmUrl=https://devices.example.com\n"                    \
  "OrganizationName=Example\nSupportEmail=it@example.com\n"                                                  \
  "[database]\nDriver=sqlite\nPath=%s\n"                                                                     \
  "[idp/okta]\nType=saml\nEntityId=https://idp.example.com/saml\nSsoUrl=https://idp.example.com/sso\n"       \
  "SignRequests=false\nCertificates=%s\nGroups=groups\n%s"

static DoorSecret *
load_secret (const char *name)
{
  g_autoptr (GBytes) bytes = test_data_load ("cms", name);

  return door_secret_new (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static const DoorKey *
keys_cb (const char *kind, const char *type, gpointer user_data)
{
  static const DoorKey keys[] = {
    { "ApiSecret", DOOR_KEY_SECRET, DOOR_KEY_FLAG_NONE, NULL, NULL, "Of the double." }, { NULL }
  };

  return g_str_equal (kind, "storage") ? door_sqlite_storage_get_keys () : keys;
}

static void
read_config (World *self, const char *config)
{
  g_autofree char *path = g_build_filename (self->folder, "test.conf", NULL);
  g_autofree char *database = g_build_filename (self->folder, "test.db", NULL);
  g_autofree char *certificate = test_data_path ("saml/keys", "rsa.crt.pem");
  const char *over = config != NULL ? strstr (config, "[doorward]") : NULL;
  g_autofree char *over_path = g_build_filename (self->folder, "over.conf", NULL);
  g_autofree char *more = over != NULL ? g_strndup (config, (size_t) (over - config)) : g_strdup (config);
  g_autofree char *text = g_strdup_printf (BASE, database, certificate, more != NULL ? more : "");
  const char *files[] = { path, over != NULL ? over_path : NULL, NULL };
  DoorConfigSource source = { .files = files, .skip_permissions = true };
  g_autoptr (DoorConfigFiles) read = NULL;
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  if (over != NULL)
    g_file_set_contents (over_path, over, -1, &error);
  g_assert_no_error (error);
  read = door_config_files_read (&source);
  self->config = door_config_new (read, keys_cb, NULL);
  for (guint i = 0; i < door_config_get_problems (self->config)->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (door_config_get_problems (self->config), i);
      g_error ("the test's configuration: %s", problem->text);
    }
}

static void
make_policy (World *self)
{
  g_auto (GStrv) names = door_config_list_instances (self->config, "team");
  g_autoptr (GPtrArray) teams = g_ptr_array_new ();
  const DoorPolicySource source = {
    .doorward = door_config_get_settings (self->config, "doorward"),
    .sign_in = door_config_get_settings (self->config, "sign-in"),
    .enrollment = door_config_get_settings (self->config, "enrollment"),
    .scep = door_config_get_settings (self->config, "scep"),
    .admin = door_config_get_settings (self->config, "admin"),
    .commands = door_config_get_settings (self->config, "commands"),
    .teams = teams,
  };

  for (size_t i = 0; names[i] != NULL; i++)
    {
      g_autofree char *group = g_strconcat ("team/", names[i], NULL);
      g_ptr_array_add (teams, door_config_get_settings (self->config, group));
    }
  self->policy = door_policy_new (&source);
  self->context.policy = self->policy;
}

static void
load_eulas (World *self)
{
  g_auto (GStrv) names = door_config_list_instances (self->config, "eula");

  self->context.eulas = g_ptr_array_new_with_free_func ((GDestroyNotify) door_eula_document_free);
  for (size_t i = 0; names[i] != NULL; i++)
    {
      g_autofree char *group = g_strconcat ("eula/", names[i], NULL);
      g_autoptr (GError) error = NULL;

      g_ptr_array_add (self->context.eulas,
                       door_eula_document_load (door_config_get_settings (self->config, group), &error));
      g_assert_no_error (error);
    }
}

static DoorIdp *
make_idp (const char *type)
{
  if (g_str_equal (type, "oidc"))
    return g_object_new (DOOR_TYPE_OIDC_IDP, NULL);
  return g_object_new (g_str_equal (type, "saml") ? DOOR_TYPE_SAML_IDP : DOUBLE_TYPE_IDP, NULL);
}

static void
make_connections (World *self)
{
  g_auto (GStrv) names = door_config_list_instances (self->config, "idp");

  self->context.connections = g_ptr_array_new_with_free_func ((GDestroyNotify) door_connection_free);
  for (size_t i = 0; names[i] != NULL; i++)
    {
      g_autofree char *group = g_strconcat ("idp/", names[i], NULL);
      DoorSettings *settings = door_config_get_settings (self->config, group);
      g_autoptr (DoorIdp) idp = make_idp (door_settings_get_string (settings, "Type"));
      g_autoptr (GError) error = NULL;
      DoorConnection *connection;

      door_idp_configure (idp, settings, &error);
      g_assert_no_error (error);
      connection = door_connection_new (idp, settings, "https://mdm.example.com");
      g_ptr_array_add (self->context.connections, connection);
      door_connection_load (connection, false, &error);
      g_assert_no_error (error);
    }
}

static void
open_storage (World *self)
{
  DoorSettings *settings = door_config_get_settings (self->config, "database");
  g_autoptr (DoorSchema) schema = NULL;
  g_autoptr (GError) error = NULL;

  self->context.storage = g_object_new (DOOR_TYPE_SQLITE_STORAGE, NULL);
  door_storage_configure (self->context.storage, settings, &error);
  g_assert_no_error (error);
  door_storage_open (self->context.storage, NULL, &error);
  g_assert_no_error (error);
  schema = door_schema_new (&error);
  g_assert_no_error (error);
  door_schema_migrate (self->context.storage, schema, WORLD_NOW_MS, &error);
  g_assert_no_error (error);
  self->context.writer = door_writer_new (self->context.storage, 1, WORLD_WRITER_QUEUE, 16);
}

static void
load_keys (World *self)
{
  g_autoptr (GBytes) ca = test_data_load ("cms", "ca.pem"), signer = test_data_load ("cms", "rsa-2048.pem");
  g_autoptr (DoorSecret) ca_key = load_secret ("ca.key"), signer_key = load_secret ("rsa-2048.key");
  g_autoptr (GError) error = NULL;

  self->context.authority = door_certificate_authority_load (ca, ca_key, &error);
  g_assert_no_error (error);
  self->context.signers = door_signer_cache_new (self->context.authority, 16);
  self->context.profile_signer = door_cms_signer_new (signer, signer_key, &error);
  g_assert_no_error (error);
  self->context.state_key = door_secret_new ("0123456789abcdef0123456789abcdef", 32);
  self->context.topic = WORLD_TOPIC;
}

static void
make_web (World *self)
{
  g_autoptr (GError) error = NULL;

  self->web.service = &self->context;
  self->web.translations = door_translations_new (&error);
  g_assert_no_error (error);
  self->web.pages = door_pages_new (self->web.translations, &error);
  g_assert_no_error (error);
  self->router = door_router_new (door_routes, door_n_routes, &self->web, door_web_render_error, &error);
  g_assert_no_error (error);
}

/* @config goes behind the group of a first identity provider, "okta", so keys come first, then groups; from
 * "[doorward]" on it goes into a second file, since that group stands in the first. */
World *
world_new (const char *config)
{
  g_autoptr (GError) error = NULL;
  World *self = g_new0 (World, 1);

  self->folder = g_dir_make_tmp ("door-world-XXXXXX", &error);
  g_assert_no_error (error);
  read_config (self, config);
  self->context.clock = door_clock_new_fake (WORLD_NOW_MS);
  self->context.random = door_random_new_fake (7);
  self->context.instance = (char *) "this";
  self->context.metrics = door_metrics_new ();
  make_policy (self);
  load_eulas (self);
  open_storage (self);
  load_keys (self);
  make_connections (self);
  self->context.sign_in_limit = door_rate_limit_new (
      door_settings_get_integer (door_config_get_settings (self->config, "listen"), "SignInsPerMinute"));
  self->context.osquery_limit = door_rate_limit_new (
      door_settings_get_integer (door_config_get_settings (self->config, "listen"), "SignInsPerMinute"));
  self->context.password_gate = door_password_gate_new ();
  make_web (self);
  return self;
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

void
world_free (World *self)
{
  DoorContext *context = &self->context;

  door_router_unref (self->router);
  door_pages_free (self->web.pages);
  door_translations_unref (self->web.translations);
  door_rate_limit_free (context->sign_in_limit);
  door_rate_limit_free (context->osquery_limit);
  door_password_gate_free (context->password_gate);
  g_ptr_array_unref (context->connections);
  g_ptr_array_unref (context->eulas);
  g_clear_pointer (&context->writer, door_writer_free);
  g_clear_object (&context->storage);
  door_cms_signer_free (context->profile_signer);
  g_clear_pointer (&context->device_anchor, door_certificate_unref);
  door_signer_cache_free (context->signers);
  door_certificate_authority_unref (context->authority);
  door_secret_unref (context->state_key);
  door_metrics_unref (context->metrics);
  door_random_unref (context->random);
  door_clock_free (context->clock);
  door_policy_free (self->policy);
  door_config_unref (self->config);
  remove_folder (self->folder);
  g_free (self->folder);
  g_free (self);
}

/* The program ends and starts again: what was only in memory is gone. */
void
world_reopen (World *self)
{
  g_clear_pointer (&self->context.connections, g_ptr_array_unref);
  g_clear_pointer (&self->context.writer, door_writer_free);
  g_clear_object (&self->context.storage);
  open_storage (self);
  make_connections (self);
}

void
world_advance (World *self, int64_t ms)
{
  door_clock_set_fake (self->context.clock, door_clock_now_ms (self->context.clock) + ms);
}

static DoorHeaders *
make_headers (const Visit *visit)
{
  g_autofree char *cookie = g_strdup_printf (DOOR_FLOW_COOKIE "=%s", visit->cookie);
  g_autofree char *bearer = g_strdup_printf ("Bearer %s", visit->bearer);
  const char *pairs[9] = { NULL };
  size_t n = 0;
  g_autoptr (GError) error = NULL;
  DoorHeaders *headers;

  if (visit->content_type != NULL)
    {
      pairs[n++] = "Content-Type";
      pairs[n++] = visit->content_type;
    }
  if (visit->cookie != NULL)
    {
      pairs[n++] = "Cookie";
      pairs[n++] = cookie;
    }
  if (visit->bearer != NULL)
    {
      pairs[n++] = "Authorization";
      pairs[n++] = bearer;
    }
  if (visit->header[0] != NULL)
    {
      pairs[n++] = visit->header[0];
      pairs[n++] = visit->header[1];
    }
  headers = door_headers_new (pairs, &error);
  g_assert_no_error (error);
  return headers;
}

DoorResponse *
world_visit (World *self, const Visit *visit)
{
  const char *method = visit->method != NULL ? visit->method : "GET";
  g_autoptr (DoorHeaders) headers = make_headers (visit);
  DoorRequestParts parts = {
    .method = method,
    .target = visit->target,
    .headers = headers,
    .peer = visit->peer,
    .client_certificate = visit->certificate,
    .id = "request-1",
    .cancellable = visit->cancellable,
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorRequest) request = door_request_new (&parts, &error);
  g_auto (DoorMatch) match = { NULL };
  DoorResponse *response;

  g_assert_no_error (error);
  door_router_match (self->router, method, door_request_get_path (request), &match);
  g_assert_nonnull (match.route);
  g_assert_cmpuint (visit->body != NULL ? g_bytes_get_size (visit->body) : 0, <=, match.route->limit_bytes);
  door_request_complete (request, (const char *const *) match.params, visit->body);
  response = door_router_run (self->router, match.route, request);
  if (!door_request_take_wish_to_wait (request))
    return response;
  door_response_free (response);
  return door_router_run (self->router, match.route, request);
}

DoorResponse *
world_get (World *self, const char *target, const char *cookie)
{
  const Visit visit = { .target = target, .cookie = cookie };

  return world_visit (self, &visit);
}

/* The rows as text, in GVariant's notation. */
char *
world_read (World *self, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (self->context.storage, DOOR_TXN_READ, NULL, &error);
  g_autoptr (GVariant) rows = NULL;

  g_assert_no_error (error);
  rows = door_txn_query (txn, sql, NULL, &error);
  g_assert_no_error (error);
  return g_variant_print (rows, FALSE);
}

int64_t
world_count (World *self, const char *table_and_where)
{
  g_autofree char *sql = g_strdup_printf ("SELECT COUNT(*) AS n FROM %s", table_and_where);
  g_autofree char *text = world_read (self, sql);

  return g_ascii_strtoll (strrchr (text, ' '), NULL, 10); /* "[{'n': <int64 1>}]" */
}

void
world_write (World *self, const char *sql)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (self->context.storage, DOOR_TXN_WRITE, NULL, &error);

  g_assert_no_error (error);
  door_txn_execute (txn, sql, NULL, &error);
  g_assert_no_error (error);
  door_txn_commit (txn, &error);
  g_assert_no_error (error);
}

/* From now on the table can be read but not written. */
void
world_break_table (World *self, const char *table)
{
  g_autofree char *rename = g_strdup_printf ("ALTER TABLE %s RENAME TO kept_%s", table, table);
  g_autofree char *view = g_strdup_printf ("CREATE VIEW %s AS SELECT * FROM kept_%s", table, table);

  world_write (self, rename);
  world_write (self, view);
}

char *
world_dup_body (const DoorResponse *response)
{
  GBytes *body = door_response_get_body (response);

  return body != NULL ? g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body)) : g_strdup ("");
}

/* a text that is a member of the JSON in an answer */
char *
world_dup_member (const DoorResponse *response, const char *name)
{
  g_autofree char *body = world_dup_body (response), *start = g_strdup_printf ("\"%s\":\"", name);
  const char *at = strstr (body, start);

  g_assert_nonnull (at);
  at += strlen (start);
  return g_strndup (at, strcspn (at, "\""));
}

/* (nullable): value of the flow's cookie in an answer */
char *
world_dup_cookie (const DoorResponse *response)
{
  static const char start[] = DOOR_FLOW_COOKIE "=";
  const char *header = door_response_lookup_header (response, "Set-Cookie");

  if (header == NULL)
    return NULL;
  g_assert_true (g_str_has_prefix (header, start));
  header += strlen (start);
  return g_strndup (header, strcspn (header, ";"));
}

/* The test's own record of what was logged; the C library offers one writer for a whole program. */
static GString *log_text;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static GLogWriterOutput
keep_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  pthread_mutex_lock (&log_lock);
  for (gsize i = 0; i < n_fields; i++)
    g_string_append_printf (log_text, "%s=%.*s\n", fields[i].key,
                            fields[i].length < 0 ? G_MAXINT : (int) fields[i].length,
                            (const char *) fields[i].value);
  pthread_mutex_unlock (&log_lock);
  if ((level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR)) != 0)
    g_log_writer_standard_streams (level, fields, n_fields, user_data);
  return G_LOG_WRITER_HANDLED;
}

/* What was logged since the last call. */
char *
world_dup_log (void)
{
  char *text;

  pthread_mutex_lock (&log_lock);
  text = g_strdup (log_text->str);
  g_string_truncate (log_text, 0);
  pthread_mutex_unlock (&log_lock);
  return text;
}

/* That something was logged since the last look. */
void
assert_log (const char *reason)
{
  g_autofree char *log = world_dup_log ();

  if (strstr (log, reason) == NULL)
    g_error ("\"%s\" was expected in %s", reason, log);
}

int
world_run (int argc, char **argv, void (*add) (void))
{
  g_autoptr (GError) error = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  /* refusals are logged as warnings, and most tests are about refusals */
  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK);
  log_text = g_string_new (NULL);
  g_log_set_writer_func (keep_log, NULL, NULL);
  door_saml_init (&error);
  g_assert_no_error (error);
  add ();
  result = g_test_run ();
  door_saml_shutdown ();
  g_string_free (log_text, TRUE);
  return result;
}
