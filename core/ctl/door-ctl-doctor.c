/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-clock.h"
#include "door-ctl-check.h"
#include "door-ctl-apns.h"
#include "door-ctl-database.h"
#include "door-ctl-output.h"
#include "door-dep-device-store.h"
#include "door-dep-store.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-keys.h"
#include "door-metadata-kept.h"
#include "door-push-certificate-store.h"
#include "door-push-store.h"
#include "door-state-key.h"

#define HOUR_MS (INT64_C (60) * 60 * 1000)
#define DAY_MS (24 * HOUR_MS)
#define SOON_MS (30 * DAY_MS)
/* A push waits for seconds unless something is wrong. */
#define PUSH_LATE_MS (HOUR_MS / 4)
#define MAX_FAILURES 5
#define RENEW_PUSH "doorctl apns request FILE, and what it prints"

typedef enum
{
  STATE_OK,
  STATE_WARN,
  STATE_FAIL,
} State;

static const char *const words[] = { "ok", "warn", "fail" };

/* What is found, line by line. */
typedef struct
{
  DoorCtlContext *run;
  int64_t now_ms;
  State worst;
  JsonArray *lines;
} Doctor;

/* @fix: one command; NULL when all is well. @text: (transfer full). */
static void
tell (Doctor *self, const char *id, State state, const char *fix, char *text)
{
  JsonObject *line = json_object_new ();

  self->worst = MAX (self->worst, state);
  if (!self->run->json)
    g_print ("[%-4s] %s: %s%s%s\n", words[state], id, text, fix != NULL ? " -> " : "",
             fix != NULL ? fix : "");
  json_object_set_string_member (line, "id", id);
  json_object_set_string_member (line, "state", words[state]);
  json_object_set_string_member (line, "text", text);
  door_json_member_set_text (line, "fix", fix);
  json_array_add_object_element (self->lines, line);
  g_free (text);
}

/* @needed: nothing works after the end. */
static void
tell_end (Doctor *self, const char *id, int64_t ends_ms, bool needed, const char *fix)
{
  g_autofree char *day = door_ctl_output_dup_day (ends_ms);
  int64_t days = (ends_ms - self->now_ms) / DAY_MS;

  if (ends_ms - self->now_ms >= SOON_MS)
    tell (self, id, STATE_OK, NULL, g_strdup_printf ("until %s", day));
  else if (ends_ms > self->now_ms)
    tell (self, id, STATE_WARN, fix,
          g_strdup_printf ("ends on %s, in %" G_GINT64_FORMAT " day%s", day, days, days == 1 ? "" : "s"));
  else
    tell (self, id, needed ? STATE_FAIL : STATE_WARN, fix, g_strdup_printf ("ended on %s", day));
}

static bool
is_of_config (const GError *problem)
{
  return g_error_matches (problem, DOOR_ERROR, DOOR_ERROR_CONFIG);
}

static void
examine_config (Doctor *self, const DoorCtlWorld *world, const GError *problem)
{
  g_autoptr (DoorCtlFindings) found = door_ctl_check_system (world);

  if (found->problems->len > 0)
    tell (self, "config", STATE_FAIL, "doorctl config check",
          g_strdup_printf ("%u problems", found->problems->len));
  else if (found->warnings->len > 0)
    tell (self, "config", STATE_WARN, "doorctl config check",
          g_strdup_printf ("%u warnings", found->warnings->len));
  else if (!is_of_config (problem)) /* else that follows */
    tell (self, "config", STATE_OK, NULL, g_strdup ("no problems"));
}

/* A file that cannot be read is a problem of the configuration, told there. */
static void
examine_file (Doctor *self, const char *id, const char *path, const char *fix)
{
  int64_t ends_ms = path != NULL ? door_ctl_get_file_end_ms (path) : 0;

  if (ends_ms != 0)
    tell_end (self, id, ends_ms, true, fix);
}

static const char *
lookup (const DoorCtlWorld *world, const char *group, const char *key)
{
  DoorSettings *settings = door_config_get_settings (world->config, group);

  return settings != NULL ? door_settings_get_string (settings, key) : NULL;
}

static void
examine_files (Doctor *self, const DoorCtlWorld *world)
{
  const char *state = door_command_line_get_value (self->run->line, "state-dir");
  const char *named = lookup (world, "scep", "CaCertificate");
  g_autofree char *own = g_build_filename (state != NULL ? state : DOOR_STATE_FOLDER, "scep-ca.pem", NULL);

  examine_file (self, "tls", lookup (world, "listen", "TlsCertificate"),
                "put a new certificate there; the server reads it by itself");
  examine_file (self, "profile-signing", lookup (world, "apple", "SigningCertificate"),
                "put a new certificate and key there, then: doorctl config reload");
  examine_file (self, "push", lookup (world, "apple", "PushCertificate"),
                "renew it at identity.apple.com/pushcert, put it there, then: doorctl config reload");
  examine_file (self, "scep-authority", named != NULL ? named : own,
                "doorctl config set scep CaCertificate=FILE");
}

static char *
dup_metadata_fix (const DoorConnection *connection)
{
  const char *name = door_connection_get_name (connection);
  const DoorIdpProfile *profile = door_connection_get_profile (connection);

  if (door_idp_profile_get_metadata_url (profile) != NULL)
    return g_strdup_printf ("doorctl idp refresh %s", name);
  if (door_idp_profile_get_metadata_upload (profile))
    return g_strdup_printf ("doorctl idp set-metadata %s FILE", name);
  return g_strdup_printf ("doorctl idp show %s", name);
}

/* Half of the time is over for which it may be used, and it was not read again. */
static bool
is_old (const Doctor *self, DoorConnection *connection, int64_t fetched_ms)
{
  return door_idp_profile_get_metadata_url (door_connection_get_profile (connection)) != NULL &&
         self->now_ms - fetched_ms > door_connection_get_max_stale_s (connection) * 500 + HOUR_MS;
}

static void
examine_metadata (Doctor *self, DoorConnection *connection)
{
  g_autofree char *id = g_strdup_printf ("metadata/%s", door_connection_get_name (connection));
  g_autofree char *fix = dup_metadata_fix (connection);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata =
      door_connection_dup_valid_metadata (connection, self->now_ms, &error);
  int64_t fetched_ms = door_connection_get_fetched_ms (connection), until_ms;

  if (metadata == NULL)
    {
      tell (self, id, STATE_FAIL, fix, g_strdup (error->message));
      return;
    }
  until_ms = door_saml_metadata_get_valid_until_ms (metadata);
  if (fetched_ms == 0)
    tell (self, id, STATE_OK, NULL, g_strdup ("stands in the configuration, and is not fetched"));
  else
    tell (self, id, is_old (self, connection, fetched_ms) ? STATE_WARN : STATE_OK,
          is_old (self, connection, fetched_ms) ? fix : NULL,
          g_strdup_printf ("stored %" G_GINT64_FORMAT " hours ago", (self->now_ms - fetched_ms) / HOUR_MS));
  if (until_ms != 0)
    {
      g_autofree char *end_id = g_strdup_printf ("metadata-end/%s", door_connection_get_name (connection));

      tell_end (self, end_id, until_ms, true, fix);
    }
}

/* Its dates are not enforced; they tell that the provider is about to change it. */
static void
examine_keys (Doctor *self, DoorConnection *connection)
{
  g_autofree char *id = g_strdup_printf ("certificate/%s", door_connection_get_name (connection));
  g_autofree char *fix = dup_metadata_fix (connection);
  g_autoptr (DoorSamlMetadata) metadata = door_connection_dup_metadata (connection, NULL); /* told already */
  g_autoptr (GPtrArray) keys = metadata != NULL ? door_saml_metadata_list_keys (metadata) : NULL;
  int64_t latest_ms = 0;

  for (guint i = 0; keys != NULL && i < keys->len; i++)
    latest_ms = MAX (latest_ms, ((const DoorSamlKeyInfo *) g_ptr_array_index (keys, i))->not_after_ms);
  if (keys != NULL)
    tell_end (self, id, latest_ms, false, fix);
}

static void
examine_provider (Doctor *self, const DoorContext *context, DoorConnection *connection)
{
  g_autofree char *id = g_strdup_printf ("metadata/%s", door_connection_get_name (connection));
  g_autofree char *fix = dup_metadata_fix (connection);
  g_autoptr (GError) error = NULL;
  int64_t fetched_ms = 0;
  bool stored = door_connection_get_source (connection) != NULL;

  if (door_connection_speaks_oidc (connection))
    {
      g_autofree char *test = g_strdup_printf ("doorctl idp test %s", door_connection_get_name (connection));

      bool needed = door_idp_profile_needs_client_secret (door_connection_get_profile (connection));
      g_autoptr (DoorSecret) secret = needed ? door_connection_dup_client_secret (connection, &error) : NULL;

      if (secret != NULL || !needed)
        tell (self, id, STATE_OK, NULL,
              g_strdup_printf ("OpenID Connect: fetched at a sign-in, and by %s", test));
      else
        tell (self, id, STATE_FAIL, test, g_strdup (error->message));
      return;
    }
  if (stored && context->storage == NULL)
    {
      tell (self, id, STATE_WARN, NULL, g_strdup ("not looked at, because it is in the database"));
      return;
    }
  if (!(stored ? door_metadata_kept_recall (context, connection, &fetched_ms, &error)
               : door_connection_load (connection, context->development, &error)))
    {
      tell (self, id, STATE_FAIL, fix, g_strdup (error->message));
      return;
    }
  examine_metadata (self, connection);
  examine_keys (self, connection);
}

/* The server would say the same at its start. */
static void
tell_no_database (Doctor *self, const GError *problem)
{
  DoorFault fault = door_error_get_fault (problem);
  g_autofree char *explain = g_strdup_printf ("doorctl explain %s", door_error_get_info (problem)->id);
  const char *fix = explain;

  if (fault == DOOR_FAULT_DB_SCHEMA)
    fix = "systemctl restart doorward";
  else if (fault == DOOR_FAULT_DB_EMPTY)
    fix = door_command_line_has (self->run->line, "dev") ? "doorward --dev" : "systemctl start doorward";
  tell (self, is_of_config (problem) ? "config" : "database", STATE_FAIL, fix, g_strdup (problem->message));
}

static void
examine_database (Doctor *self, DoorCtlDatabase *database, const GError *problem)
{
  if (database != NULL)
    tell (self, "database", STATE_OK, NULL, g_strdup ("its schema is that of this version"));
  else
    tell_no_database (self, problem);
}

/* Busy is what APNs may be for a while; no answer, or that the certificate is not taken, helps no device. */
static void
tell_push_failure (Doctor *self, const DoorPushFailure *row, bool late, const char *server)
{
  const char *n = row->count == 1 ? "push waits" : "pushes wait";
  const char *test = "doorctl apns test DEVICE", *list = "doorctl apns list";
  bool identity = row->status == 403 || row->status == 400;

  if (g_str_equal (row->reason, "NoCertificate"))
    tell (self, "push-failures", STATE_FAIL, list,
          g_strdup_printf ("%" G_GINT64_FORMAT " %s for a certificate of the topic", row->count, n));
  else if (g_str_equal (row->reason, "TopicWaits"))
    tell (self, "push-failures", late ? STATE_FAIL : STATE_WARN, test,
          g_strdup_printf ("%" G_GINT64_FORMAT " %s, since APNs (%s) did not answer or was busy before",
                           row->count, n, server));
  else if (row->status == 0)
    tell (
        self, "push-failures", STATE_FAIL, test,
        g_strdup_printf ("%" G_GINT64_FORMAT " %s, since APNs (%s) does not answer", row->count, n, server));
  else
    tell (self, "push-failures", identity ? STATE_FAIL : STATE_WARN, identity ? list : test,
          g_strdup_printf ("%" G_GINT64_FORMAT " %s, since APNs answers %" G_GINT64_FORMAT " %s", row->count,
                           n, row->status, row->reason));
}

static void
examine_push_queue (Doctor *self, DoorTxn *txn, const char *server, bool has_certificate)
{
  DoorPushQueue queue = { 0 };
  g_autoptr (GPtrArray) failures = NULL;
  bool late;

  if (!door_push_store_count (txn, &queue, NULL)) /* that the database does not work is told already */
    return;
  if (!has_certificate) /* as told, whatever waits */
    return;
  late = queue.oldest_wished_at > 0 && self->now_ms - queue.oldest_wished_at > PUSH_LATE_MS;
  failures = door_push_store_list_failures (txn, MAX_FAILURES, NULL);
  for (guint i = 0; failures != NULL && i < failures->len; i++)
    tell_push_failure (self, g_ptr_array_index (failures, i), late, server);
  tell (self, "push-queue", late ? STATE_WARN : STATE_OK, late ? "doorctl apns test DEVICE" : NULL,
        g_strdup_printf ("%" G_GINT64_FORMAT " pushes wait%s, %" G_GINT64_FORMAT
                         " need a new token of the device first",
                         queue.waiting, late ? ", the oldest for more than 15 minutes" : "", queue.stopped));
}

/* A device takes pushes of the topic that it enrolled with, and of no other. */
static void
examine_topics (Doctor *self, DoorTxn *txn, const DoorCtlWorld *world, const GPtrArray *rows)
{
  g_autoptr (GPtrArray) uses = door_push_certificate_store_list_uses (txn, NULL); /* told already */
  g_autoptr (DoorPushCertificate) configured = NULL;
  g_autoptr (GError) error = NULL;

  if (!door_keys_load_push_certificate (door_config_get_settings (world->config, "apple"), &configured,
                                        &error))
    tell (self, "push", STATE_FAIL, "doorctl config check", g_strdup (error->message));
  for (guint i = 0; uses != NULL && i < uses->len; i++)
    {
      const DoorPushTopicUse *use = g_ptr_array_index (uses, i);

      if (!door_ctl_apns_has_topic (rows, configured, use->topic))
        tell (self, "push-topic", STATE_FAIL, "doorctl explain DW-PUSH-TOPIC",
              g_strdup_printf ("%" G_GINT64_FORMAT
                               " devices are enrolled with the topic %s, of which there is "
                               "no push certificate: nothing reaches them",
                               use->n_enrollments, use->topic));
    }
}

/* The one that the configuration names is a file, looked at among these. */
static void
examine_push (Doctor *self, const DoorCtlWorld *world, DoorStorage *storage)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, NULL); /* told already */
  g_autoptr (GPtrArray) rows = txn != NULL ? door_push_certificate_store_list (txn, NULL) : NULL;
  bool has_certificate;

  if (rows == NULL)
    return;
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorStoredPushCertificate *row = g_ptr_array_index (rows, i);
      g_autofree char *id = g_strdup_printf ("push/%s", row->topic);

      tell_end (self, id, row->not_after, true, RENEW_PUSH ", then doorctl apns import CERT");
    }
  has_certificate = rows->len > 0 || lookup (world, "apple", "PushCertificate") != NULL;
  if (!has_certificate)
    tell (self, "push", door_command_line_has (self->run->line, "dev") ? STATE_WARN : STATE_FAIL, RENEW_PUSH,
          g_strdup ("there is no push certificate: nothing reaches a device until it asks by itself"));
  else
    examine_topics (self, txn, world, rows);
  examine_push_queue (self, txn, lookup (world, "apple", "PushServer"), has_certificate);
}

static void
examine_state_key (Doctor *self, const DoorCtlDatabase *database)
{
  const DoorStateKeyPlace place = door_ctl_database_find_state_key (database);
  g_autoptr (GError) error = NULL;
  g_autofree char *explain = NULL;
  g_autoptr (GPtrArray) lost = NULL;
  g_autoptr (DoorSecret) key = door_state_key_open (&place, &error);

  if (key == NULL)
    {
      explain = g_strdup_printf ("doorctl explain %s", door_error_get_info (error)->id);
      tell (self, "state-key", STATE_FAIL, explain, g_strdup (error->message));
      return;
    }
  lost = door_state_key_list_lost (&place, key, NULL); /* that the database does not work is told already */
  if (lost != NULL && lost->len > 0)
    tell (
        self, "state-key", STATE_WARN, "doorctl state-key replace, the server stopped: it tells what to do",
        g_strdup ("some of what is sealed in the database is sealed with an earlier key, and does not open"));
  else
    tell (self, "state-key", STATE_OK, NULL, g_strdup ("opens what is sealed in the database"));
}

static void
examine_providers (Doctor *self, const DoorSetup *setup, DoorStorage *storage)
{
  g_autoptr (GPtrArray) connections = door_ctl_list_connections (setup);
  DoorContext context = { .storage = storage, .development = door_setup_is_development (setup) };

  for (guint i = 0; i < connections->len; i++)
    examine_provider (self, &context, g_ptr_array_index (connections, i));
}

static void
examine_dep_server (Doctor *self, const DoorDepServer *server)
{
  g_autofree char *id = g_strdup_printf ("dep/%s", server->name);
  g_autofree char *token_id = g_strdup_printf ("dep-token/%s", server->name);
  g_autofree char *import = g_strdup_printf ("doorctl dep import-token %s FILE", server->name);
  g_autofree char *explain = g_strdup_printf ("doorctl explain %s", server->fault);

  if (*server->sealed_token == '\0')
    {
      tell (self, id, STATE_WARN, import, g_strdup ("there is no server token yet"));
      return;
    }
  if (*server->fault != '\0')
    tell (self, id, STATE_FAIL, explain, g_strdup (server->detail));
  else
    tell (self, id, STATE_OK, NULL,
          server->synced_at == 0 ? g_strdup ("Apple was not asked yet")
                                 : g_strdup_printf ("Apple was asked %" G_GINT64_FORMAT " hours ago",
                                                    MAX (self->now_ms - server->synced_at, 0) / HOUR_MS));
  tell_end (self, token_id, server->token_expires_at, true, import);
  if (*server->discovery_detail != '\0')
    tell (self, id, STATE_WARN, "doorctl explain DW-DEP-DISCOVERY", g_strdup (server->discovery_detail));
}

/* The next round with Apple releases them; until then their devices cannot enroll. */
static bool
examine_dep_teams (Doctor *self, const DoorConfig *config, DoorTxn *txn, const char *server, GError **error)
{
  g_autoptr (GPtrArray) teams = door_dep_device_store_list_teams (txn, server, error);
  g_autofree char *id = g_strdup_printf ("dep/%s", server);
  g_autofree char *sync = g_strdup_printf ("doorctl dep sync %s gives them the team by default", server);

  for (guint i = 0; teams != NULL && i < teams->len; i++)
    {
      const char *team = g_ptr_array_index (teams, i);
      g_autofree char *group = g_strconcat ("team/", team, NULL);

      if (*team != '\0' && door_config_get_settings (config, group) == NULL)
        tell (self, id, STATE_WARN, sync,
              g_strdup_printf ("devices are assigned to the team %s, and there is no [%s]", team, group));
    }
  return teams != NULL;
}

/* Rules for the devices of a server that is not there count for nobody. */
static void
examine_dep_rules (Doctor *self, const DoorConfig *config, const GPtrArray *servers)
{
  g_auto (GStrv) groups = door_config_list_groups (config);

  for (char **group = groups; *group != NULL; group++)
    {
      bool found = !g_str_has_prefix (*group, "ade/");

      for (guint i = 0; !found && i < servers->len; i++)
        found = g_str_equal (*group + strlen ("ade/"),
                             ((const DoorDepServer *) g_ptr_array_index (servers, i))->name);
      if (!found)
        tell (self, *group, STATE_WARN,
              "doorctl dep list shows those that are; doorctl dep keypair begins one",
              g_strdup_printf ("there is no server of Apple Business Manager with the name of [%s]", *group));
    }
}

static bool
examine_dep_servers (Doctor *self, const DoorConfig *config, DoorTxn *txn, GError **error)
{
  g_autoptr (GPtrArray) servers = door_dep_store_list_servers (txn, error);

  for (guint i = 0; servers != NULL && i < servers->len; i++)
    {
      const DoorDepServer *server = g_ptr_array_index (servers, i);

      examine_dep_server (self, server);
      if (!examine_dep_teams (self, config, txn, server->name, error))
        return false;
    }
  if (servers != NULL)
    examine_dep_rules (self, config, servers);
  return servers != NULL;
}

static void
examine_dep (Doctor *self, const DoorConfig *config, DoorStorage *storage)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (storage, DOOR_TXN_READ, NULL, &error);

  if (txn == NULL || !examine_dep_servers (self, config, txn, &error))
    tell (self, "dep", STATE_FAIL, NULL, g_strdup (error->message));
}

/**
 * door_ctl_doctor:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl doctor`: what is wrong with this server, or will be soon. The server may run or not. Blocking.
 *
 * Returns: %DOOR_CTL_OK, or %DOOR_CTL_PROBLEMS when something has failed
 */
DoorCtlExit
door_ctl_doctor (DoorCtlContext *context, GError **error)
{
  g_autoptr (GError) problem = NULL;
  /* first, because libgda reads its own files by libxml2, which SAML then keeps from reading any */
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, &problem);
  g_autoptr (DoorCtlWorld) world = door_ctl_world_new (context->line);
  g_autoptr (DoorSetup) alone = database == NULL ? door_ctl_open_setup (context->line, NULL) : NULL;
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  Doctor self = { .run = context, .now_ms = door_clock_now_ms (clock), .lines = json_array_new () };
  JsonObject *result = json_object_new ();

  if (database != NULL)
    g_clear_pointer (&database->txn, door_txn_free);
  examine_config (&self, world, problem);
  examine_files (&self, world);
  examine_database (&self, database, problem);
  if (database != NULL)
    {
      examine_state_key (&self, database);
      examine_push (&self, world, database->storage);
      examine_providers (&self, database->setup, database->storage);
      examine_dep (&self, door_setup_get_config (database->setup), database->storage);
    }
  else if (alone != NULL) /* why there is none is a problem of the configuration */
    examine_providers (&self, alone, NULL);
  json_object_set_string_member (result, "state", words[self.worst]);
  json_object_set_array_member (result, "findings", self.lines);
  context->result = door_ctl_output_take_object (result);
  return self.worst == STATE_FAIL ? DOOR_CTL_PROBLEMS : DOOR_CTL_OK;
}
