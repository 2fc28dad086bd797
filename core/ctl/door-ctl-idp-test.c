/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-clock.h"
#include "door-connections.h"
#include "door-ctl-database.h"
#include "door-ctl-idp-interactive.h"
#include "door-ctl-file.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-metadata-store.h"
#include "door-oidc-documents.h"
#include "door-soup-fetcher.h"

#define MAX_TRUST_BYTES 65536
#define DAY_MS (INT64_C (24) * 60 * 60 * 1000)
#define SOON_MS (30 * DAY_MS)
#define FETCH_TIMEOUT_S 20
#define MAX_PAGE_BYTES (4 * 1024 * 1024)
#define CLOCK_WARN_S 30

typedef enum
{
  STATE_OK,
  STATE_WARN,
  STATE_FAIL,
} State;

static const char *const state_names[] = { "ok", "warn", "fail" };

/* One run: what is tested, and the lines so far. */
typedef struct
{
  const DoorSetup *setup;
  DoorConnection *connection;
  bool json;
  int64_t now_ms;
  int64_t clock_skew_s;
  const char *trust; /* one more authority, NULL: none */
  int64_t date_ms;   /* what time it is at the provider, 0: not known */
  JsonArray *checks;
  State worst;
} Test;

static void note (Test *self, State state, const char *check, const char *next, const char *format, ...)
    G_GNUC_PRINTF (5, 6);

static void
note (Test *self, State state, const char *check, const char *next, const char *format, ...)
{
  JsonObject *object = json_object_new ();
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  if (!self->json)
    {
      g_print ("%-5s %-13s %s\n", state_names[state], check, text);
      if (next != NULL)
        g_print ("%20s%s\n", "", next);
    }
  json_object_set_string_member (object, "check", check);
  json_object_set_string_member (object, "state", state_names[state]);
  json_object_set_string_member (object, "text", text);
  door_json_member_set_text (object, "next", next);
  json_array_add_object_element (self->checks, object);
  self->worst = MAX (self->worst, state);
}

static void
test_certificates (Test *self, const DoorSamlMetadata *metadata)
{
  g_autoptr (GPtrArray) keys = door_saml_metadata_list_keys (metadata);

  for (guint i = 0; i < keys->len; i++)
    {
      const DoorSamlKeyInfo *key = g_ptr_array_index (keys, i);
      g_autofree char *day = door_ctl_output_dup_day (key->not_after_ms);
      bool is_over = key->not_after_ms <= self->now_ms;
      bool is_soon = key->not_after_ms - self->now_ms < SOON_MS;

      note (self, is_over || is_soon ? STATE_WARN : STATE_OK, "certificate",
            is_over || is_soon
                ? "its date is not enforced; ask the provider for its next one, and have it in the "
                  "metadata before it is used"
                : NULL,
            "%s %u bits, SHA-256 %.16s…, %s %s", key->type, key->bits, key->sha256,
            is_over ? "ended on" : "ends on", day);
    }
}

static void
test_document (Test *self, const DoorSamlMetadata *metadata, const char *from)
{
  int64_t until_ms = door_saml_metadata_get_valid_until_ms (metadata);
  g_autofree char *day = until_ms != 0 ? door_ctl_output_dup_day (until_ms) : NULL;

  if (until_ms != 0 && until_ms <= self->now_ms)
    note (self, STATE_FAIL, "metadata", "nobody can sign in with it: get it anew from the provider",
          "%s: its validUntil was on %s", from, day);
  else if (until_ms != 0 && until_ms - self->now_ms < SOON_MS)
    note (self, STATE_WARN, "metadata", "afterwards nobody can sign in with it: get it anew before",
          "%s: valid until %s", from, day);
  else
    note (self, STATE_OK, "metadata", NULL, "%s: entity id %s", from,
          door_saml_metadata_get_entity_id (metadata));
  test_certificates (self, metadata);
}

static DoorSamlMetadata *
parse (const Test *self, GBytes *xml, GError **error)
{
  return door_connection_parse_metadata (self->connection, xml, door_setup_is_development (self->setup),
                                         error);
}

/* What the server goes on with while the provider cannot be reached. */
static DoorSamlMetadata *
test_stored (Test *self, const DoorCommandLine *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (line, &error);
  g_autoptr (DoorStoredMetadata) row = NULL;
  g_autoptr (GBytes) xml = NULL;
  g_autofree char *from = NULL, *day = NULL;
  DoorSamlMetadata *metadata;

  if (database == NULL ||
      !door_metadata_store_lookup (database->txn, door_connection_get_name (self->connection), &row, &error))
    {
      note (self, STATE_WARN, "stored", "run it as root or as the user of the server",
            "the database could not be looked into: %s", error->message);
      return NULL;
    }
  if (row == NULL)
    {
      note (self, STATE_WARN, "stored",
            "the running server fetches it by itself, unless it is to be uploaded", "no metadata yet");
      return NULL;
    }
  day = door_clock_format_iso8601 (row->fetched_at);
  from = g_strdup_printf ("%s at %s",
                          g_str_equal (row->source, DOOR_METADATA_UPLOAD) ? "uploaded" : "fetched", day);
  xml = g_bytes_new (row->xml, strlen (row->xml));
  metadata = parse (self, xml, &error);
  if (metadata == NULL)
    note (self, STATE_FAIL, "stored", "let the server fetch it anew; see the lines below", "%s: %s", from,
          error->message);
  else
    test_document (self, metadata, from);
  return metadata;
}

static DoorSamlMetadata *
test_files (Test *self)
{
  const DoorIdpProfile *profile = door_connection_get_profile (self->connection);
  const char *file = door_idp_profile_get_metadata_file (profile);
  g_autoptr (GError) error = NULL;
  DoorSamlMetadata *metadata = NULL;

  if (door_connection_load (self->connection, door_setup_is_development (self->setup), &error))
    metadata = door_connection_dup_metadata (self->connection, &error);
  if (metadata == NULL)
    note (self, STATE_FAIL, "metadata", "doorctl config check says more", "%s", error->message);
  else
    test_document (self, metadata, file != NULL ? file : "EntityId, SsoUrl and Certificates");
  return metadata;
}

static DoorFetchRequest
make_request (const Test *self, const char *url)
{
  return (DoorFetchRequest){
    .url = url,
    .max_bytes = MAX_PAGE_BYTES,
    .timeout_s = FETCH_TIMEOUT_S,
    .trust = self->trust,
    .allow_http = door_setup_is_development (self->setup),
    .allow_private = door_setup_is_development (self->setup) ||
                     door_idp_profile_get_allow_private (door_connection_get_profile (self->connection)),
  };
}

static void
compare_with_stored (Test *self, const DoorSamlMetadata *fresh, const DoorSamlMetadata *stored)
{
  const char *entity_id = door_saml_metadata_get_entity_id (fresh);

  if (stored == NULL || g_str_equal (door_saml_metadata_get_entity_id (stored), entity_id))
    note (self, STATE_OK, "entity id", NULL, "%s", entity_id);
  else
    note (self, STATE_FAIL, "entity id", "if that is right, name the new one in EntityId=",
          "it was %s and is %s now; the server refuses the change", door_saml_metadata_get_entity_id (stored),
          entity_id);
}

static DoorSamlMetadata *
test_fetch (Test *self, const char *url, const DoorSamlMetadata *stored)
{
  DoorFetchRequest request = make_request (self, url);
  g_auto (DoorFetchAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;
  DoorSamlMetadata *metadata;

  if (!door_soup_fetch (&request, &answer, NULL, &error))
    {
      note (self, STATE_FAIL, "fetch",
            "check address, name service, firewall and the provider's certificate; "
            "sign-ins go on with what is stored",
            "%s", error->message);
      return NULL;
    }
  self->date_ms = answer.date_ms;
  if (answer.status != 200)
    {
      note (self, STATE_FAIL, "fetch",
            "open the address in a browser: it must give the metadata without a sign-in", "%s: answered %u",
            url, answer.status);
      return NULL;
    }
  metadata = parse (self, answer.body, &error);
  if (metadata == NULL)
    {
      note (self, STATE_FAIL, "fetch",
            "open the address in a browser: it must give the metadata without a sign-in", "%s: %s", url,
            error->message);
      return NULL;
    }
  test_document (self, metadata, url);
  compare_with_stored (self, metadata, stored);
  return metadata;
}

/* A page without a request: any answer shows that name, way and certificate are right. */
static void
test_sign_in_address (Test *self, const DoorSamlMetadata *metadata)
{
  const char *redirect = door_saml_metadata_get_sso_redirect_url (metadata);
  const char *url = redirect != NULL ? redirect : door_saml_metadata_get_sso_post_url (metadata);
  DoorFetchRequest request = make_request (self, url);
  g_auto (DoorFetchAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;

  request.take_redirect = true;
  if (!door_soup_fetch (&request, &answer, NULL, &error) &&
      g_error_matches (error, DOOR_ERROR, DOOR_ERROR_CONFIG))
    note (self, STATE_WARN, "sign-in page",
          "open it in a browser; AllowPrivateAddress=true lets this server look", "not looked at: %s",
          error->message);
  else if (error != NULL)
    note (self, STATE_FAIL, "sign-in page",
          "people's browsers go there: it must answer with a certificate they trust", "%s", error->message);
  else
    note (self, answer.status >= 500 ? STATE_WARN : STATE_OK, "sign-in page",
          answer.status >= 500 ? "maybe only because no request came along; sign in once to be sure" : NULL,
          "%s: answered %u%s", url, answer.status,
          g_str_has_prefix (url, "https:") ? ", its certificate is trusted" : "");
  if (self->date_ms == 0)
    self->date_ms = answer.date_ms;
}

/* What comes too early or too late by more than ClockSkew= is refused. */
static void
test_clock (Test *self)
{
  int64_t behind_s = (self->date_ms - self->now_ms) / 1000, distance_s = ABS (behind_s);

  if (self->date_ms == 0)
    {
      note (self, STATE_WARN, "clock", "compare the clocks by hand", "the provider says no time");
      return;
    }
  note (self,
        distance_s > self->clock_skew_s ? STATE_FAIL
        : distance_s > CLOCK_WARN_S     ? STATE_WARN
                                        : STATE_OK,
        "clock",
        distance_s > CLOCK_WARN_S ? "set the clock of this machine, by timedatectl set-ntp true" : NULL,
        "this machine is %" G_GINT64_FORMAT " s %s the provider; ClockSkew= is %" G_GINT64_FORMAT " s",
        distance_s, behind_s >= 0 ? "behind" : "before", self->clock_skew_s);
}

/* One document of OpenID Connect; NULL when it did not come. */
static GBytes *
test_oidc_fetch (Test *self, const char *check, const char *url)
{
  DoorFetchRequest request = make_request (self, url);
  g_auto (DoorFetchAnswer) answer = { 0 };
  g_autoptr (GError) error = NULL;

  request.allow_http = false;
  if (!door_soup_fetch (&request, &answer, NULL, &error))
    note (self, STATE_FAIL, check, "check address, name service, firewall and the provider's certificate",
          "%s", error->message);
  else if (answer.status != 200)
    note (self, STATE_FAIL, check, "check Issuer= or DiscoveryUrl=", "%s: answered %u", url, answer.status);
  if (self->date_ms == 0)
    self->date_ms = answer.date_ms;
  return error == NULL && answer.status == 200 ? g_steal_pointer (&answer.body) : NULL;
}

static void
test_oidc_keys (Test *self, const DoorOidcDiscovery *discovery)
{
  const char *url = door_oidc_discovery_get_jwks_uri (discovery);
  g_autoptr (GBytes) text = test_oidc_fetch (self, "keys", url);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorJwkSet) keys = text != NULL ? door_jwk_set_parse (text, &error) : NULL;

  if (keys != NULL)
    note (self, STATE_OK, "keys", NULL, "%s: %u that can be used", url, door_jwk_set_get_n_keys (keys));
  else if (text != NULL)
    note (self, STATE_FAIL, "keys", "let the provider sign with RSA, ECDSA or Ed25519", "%s", error->message);
}

static void
test_oidc (Test *self)
{
  const char *issuer = door_idp_profile_get_issuers (door_connection_get_profile (self->connection))[0];
  g_autofree char *url = door_oidc_documents_dup_source (self->connection);
  g_autoptr (GBytes) text = test_oidc_fetch (self, "discovery", url);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorOidcDiscovery) discovery =
      text != NULL ? door_oidc_discovery_parse (text, issuer, &error) : NULL;

  if (discovery == NULL)
    {
      if (text != NULL)
        note (self, STATE_FAIL, "discovery", "Issuer= must be what the document calls itself, byte by byte",
              "%s: %s", url, error->message);
      return;
    }
  note (self, STATE_OK, "discovery", NULL, "%s: issuer %s", url, issuer);
  test_oidc_keys (self, discovery);
}

static void
test_oidc_secret (Test *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSecret) secret = NULL;

  if (!door_idp_profile_needs_client_secret (door_connection_get_profile (self->connection)))
    {
      note (self, STATE_OK, "secret", NULL, "ClientAuth= needs no ClientSecret=");
      return;
    }
  secret = door_connection_dup_client_secret (self->connection, &error);
  if (secret != NULL)
    note (
        self, STATE_OK, "secret", NULL,
        "ClientSecret= can be read; whether the provider takes it, and knows client and redirect URI, only a "
        "sign-in shows: --interactive");
  else
    note (self, STATE_FAIL, "secret",
          "nobody can sign in without it; run this as root or as the user of the server", "%s",
          error->message);
}

static void
run_all (Test *self, const DoorCommandLine *line)
{
  const char *url = door_idp_profile_get_metadata_url (door_connection_get_profile (self->connection));
  g_autoptr (DoorSamlMetadata) known = NULL;
  g_autoptr (DoorSamlMetadata) fresh = NULL;

  if (door_connection_speaks_oidc (self->connection))
    {
      test_oidc_secret (self);
      if (!door_command_line_has (line, "offline"))
        {
          test_oidc (self);
          test_clock (self);
        }
      return;
    }
  known =
      door_connection_get_source (self->connection) != NULL ? test_stored (self, line) : test_files (self);
  if (door_command_line_has (line, "offline"))
    return;
  fresh = url != NULL ? test_fetch (self, url, known) : NULL;
  if (fresh != NULL || known != NULL)
    test_sign_in_address (self, fresh != NULL ? fresh : known);
  test_clock (self);
}

static DoorCtlExit
finish (Test *self, DoorCtlContext *context)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", context->words[0]);
  json_object_set_string_member (object, "state", state_names[self->worst]);
  json_object_set_array_member (object, "checks", self->checks);
  context->result = door_ctl_output_take_object (object);
  return self->worst == STATE_FAIL ? DOOR_CTL_PROBLEMS : DOOR_CTL_OK;
}

/* Why the group is not usable: what its plugin says, or what is wrong with a key. */
static const char *
find_failure (const Test *self, const GPtrArray *failures, const char *name)
{
  g_autofree char *group = g_strdup_printf ("idp/%s", name);
  const GPtrArray *problems = door_config_get_problems (door_setup_get_config (self->setup));

  for (guint i = 0; i < problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (problems, i);

      if (g_strcmp0 (problem->group, group) == 0)
        return problem->text;
    }

  for (guint i = 0; i < failures->len; i++)
    if (strstr (g_ptr_array_index (failures, i), group) != NULL)
      return g_ptr_array_index (failures, i);
  return NULL;
}

static DoorCtlExit
test_connection (Test *self, DoorCtlContext *context, const GPtrArray *failures, GError **error)
{
  const char *name = context->words[0], *failure = find_failure (self, failures, name);

  if (self->connection == NULL && failure == NULL)
    {
      json_array_unref (self->checks);
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                      "there is no usable [idp/%s]; doorctl idp list shows those that are", name);
      return DOOR_CTL_NOT_FOUND;
    }
  if (self->connection == NULL)
    note (self, STATE_FAIL, "configuration", "doorctl config check says where", "%s", failure);
  else
    {
      note (self, STATE_OK, "configuration", NULL, "[idp/%s], %s", name,
            door_connection_get_title (self->connection, NULL));
      run_all (self, context->line);
    }
  return finish (self, context);
}

/* For a provider of a laboratory, which browsers there are told to trust by hand. */
static bool
read_trust (const DoorCommandLine *line, char **out, GError **error)
{
  const char *path = door_command_line_get_value (line, "ca");
  g_autoptr (GBytes) pem = path != NULL ? door_ctl_file_read (path, MAX_TRUST_BYTES, error) : NULL;
  g_autoptr (GTlsCertificate) authority = NULL;

  if (path == NULL)
    return true;
  if (pem == NULL)
    return false;
  *out = g_strndup (g_bytes_get_data (pem, NULL), g_bytes_get_size (pem));
  authority = g_tls_certificate_new_from_pem (*out, -1, NULL); /* said here */
  return authority != NULL || door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                                              "--ca: %s has no certificate in PEM", path);
}

static bool
check_together (const DoorCommandLine *line, GError **error)
{
  bool interactive = door_command_line_has (line, "interactive"),
       offline = door_command_line_has (line, "offline");

  if (interactive && offline)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                           "--interactive waits for a sign-in and --offline asks nobody: give one of them");
  if ((interactive || offline) && door_command_line_has (line, "ca"))
    return door_error_set (
        error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
        "--ca is for a test that asks the provider from here: leave %s away. For the server "
        "the authorities of the system count: update-ca-certificates(8)",
        interactive ? "--interactive" : "--offline");
  return true;
}

/**
 * door_ctl_idp_test:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp test NAME`: what can be known about a connection without a person. Blocks on files, database
 * and network.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_PROBLEMS when something fails, %DOOR_CTL_USAGE, %DOOR_CTL_NOT_FOUND or
 *   %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_test (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorSetup) setup = NULL;
  g_autoptr (DoorPolicy) policy = NULL;
  g_autoptr (GPtrArray) failures = g_ptr_array_new_with_free_func (g_free), connections = NULL;
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  g_autofree char *trust = NULL;
  Test test;

  if (!check_together (context->line, error))
    return DOOR_CTL_USAGE;
  if (door_command_line_has (context->line, "interactive"))
    return door_ctl_idp_test_interactive (context, error);
  setup = door_ctl_open_whole_setup (context->line, error);
  if (setup == NULL)
    return DOOR_CTL_ERROR;
  if (!read_trust (context->line, &trust, error))
    return door_ctl_status_of (*error);
  policy = door_setup_make_policy (door_setup_get_config (setup));
  connections = door_setup_make_connections (setup, door_setup_get_config (setup), policy, failures);
  test = (Test){
    .setup = setup,
    .connection = door_connections_lookup (connections, context->words[0]),
    .json = context->json,
    .now_ms = door_clock_now_ms (clock),
    .clock_skew_s = door_policy_get_clock_skew_s (policy),
    .trust = trust,
    .checks = json_array_new (),
  };
  return test_connection (&test, context, failures, error);
}
