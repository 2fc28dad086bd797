/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an operator is told: as much as was committed, and nothing by a name that came from outside. */
#include <string.h>

#include "device.h"
#include "door-connections.h"
#include "door-expiry.h"
#include "door-handlers.h"
#include "door-management.h"
#include "sign-in.h"

#define RSA_ENDS INT64_C (2426039765)     /* tests/data/saml/keys/rsa.crt.pem */
#define EXPIRED_ENDS INT64_C (1293840000) /* tests/data/saml/keys/rsa-expired.crt.pem */
#define CA_ENDS INT64_C (4948919760)      /* tests/data/cms/ca.pem */
#define SIGNER_ENDS INT64_C (4948921178)  /* tests/data/cms/rsa-2048.pem */

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer ada_again = { .assertion_id = "_ada2" };

static int64_t
get (World *world, DoorMetric metric)
{
  return door_metrics_get (world->context.metrics, metric);
}

static int64_t
look_up (DoorMetrics *metrics, DoorMetricFamily family, const char *a, const char *b, const char *c)
{
  const DoorMetricSample sample = { family, { a, b, c }, 0 };

  return door_metrics_lookup (metrics, &sample);
}

static int64_t
sign_ins (World *world, const char *idp, const char *outcome, const char *fault)
{
  return look_up (world->context.metrics, DOOR_METRIC_FAMILY_SIGN_INS, idp, outcome, fault);
}

static int64_t
scep (World *world, const char *outcome, const char *fault)
{
  return look_up (world->context.metrics, DOOR_METRIC_FAMILY_SCEP, outcome, fault, NULL);
}

static int64_t
refused_messages (World *world, const char *fault)
{
  return look_up (world->context.metrics, DOOR_METRIC_FAMILY_CHECK_INS_REFUSED, fault, NULL, NULL);
}

/* As the management listener answers. */
static char *
dup_metrics (World *world)
{
  DoorPins contexts = door_pins_constant (&world->context);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorReadiness) readiness = door_readiness_new (&contexts, &error);
  g_autoptr (DoorRouteTimes) times = door_route_times_new (world->router, door_n_routes);
  DoorManagement management = { world->context.metrics, times, readiness, contexts };
  g_autoptr (DoorResponse) response = door_handle_metrics (&management, NULL, &error);

  g_assert_no_error (error);
  return world_dup_body (response);
}

static void
test_sign_ins (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) good = sign_in_answer (world, pending, &ada);
  g_autoptr (DoorResponse) again = sign_in_answer (world, pending, &ada_again);
  g_autoptr (Pending) next = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) forged = sign_in_answer (world, next, &(Answer){ .key = "rsa-other" });
  const Carried stray = { .acs_path = "/saml/from-outside/acs", .saml_response = "PHg+", .relay_state = "r" };
  g_autoptr (DoorResponse) unknown = sign_in_post (world, &stray);
  g_autofree char *text = dup_metrics (world);

  g_assert_cmpint (sign_ins (world, "okta", "accepted", NULL), ==, 1);
  g_assert_cmpint (sign_ins (world, "okta", "refused", "DW-FLOW-SPENT"), ==, 1);
  g_assert_cmpint (sign_ins (world, "okta", "refused", "DW-SAML-SIGNATURE"), ==, 1);
  g_assert_cmpint (sign_ins (world, NULL, "refused", "DW-IDP-UNKNOWN"), ==, 1);
  assert_count (world, 1, "attempt WHERE fault = ''");
  assert_count (world, 3, "attempt WHERE fault <> ''");
  g_assert_null (strstr (text, "from-outside"));
}

/* The person may not: the answer is used up by a write that succeeds, and the sign-in is refused all the
 * same. */
static void
test_sign_in_judged (void)
{
  g_autoptr (World) world = world_new ("EmailDomains=example.net\n");
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) response = sign_in_answer (world, pending, &ada);

  sign_in_assert_refused (world, response, 403, "DW-ID-DOMAIN");
  g_assert_cmpint (sign_ins (world, "okta", "refused", "DW-ID-DOMAIN"), ==, 1);
  g_assert_cmpint (sign_ins (world, "okta", "accepted", NULL), ==, -1);
}

static void
test_sign_in_lost (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (Pending) pending = sign_in_begin (world, "/mdm/sso", NULL);
  g_autoptr (DoorResponse) response = NULL;

  world_break_table (world, "access_token");
  response = sign_in_answer (world, pending, &ada);
  g_assert_cmpuint (door_response_get_status (response), >=, 500);
  g_assert_cmpint (sign_ins (world, "okta", "accepted", NULL), ==, -1);
}

static void
assert_enrollments (World *world, int64_t begun, int64_t active, int64_t checked_out, int64_t replaced)
{
  g_assert_cmpint (get (world, DOOR_METRIC_ENROLLMENTS_BEGUN), ==, begun);
  g_assert_cmpint (get (world, DOOR_METRIC_ENROLLMENTS_ACTIVE), ==, active);
  g_assert_cmpint (get (world, DOOR_METRIC_ENROLLMENTS_CHECKED_OUT), ==, checked_out);
  g_assert_cmpint (get (world, DOOR_METRIC_ENROLLMENTS_REPLACED), ==, replaced);
  assert_count (world, begun, "enrollment");
  assert_count (world, active, "enrollment WHERE active_at <> 0");
  assert_count (world, checked_out, "enrollment WHERE end_reason = 'check-out'");
  assert_count (world, replaced, "enrollment WHERE end_reason = 'replaced'");
}

/* Each step once, however often it is said. */
static void
test_life (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada), *fresh = NULL;
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");
  g_autoptr (Device) back = NULL;

  for (size_t i = 0; i < 2; i++)
    g_assert_cmpuint (device_say (world, device, "Authenticate", token), ==, 200);
  assert_enrollments (world, 1, 0, 0, 0);
  g_assert_cmpuint (device_say (world, device, "TokenUpdate", NULL), ==, 401);
  g_assert_cmpint (refused_messages (world, "DW-DEV-BEARER"), ==, 1);
  for (size_t i = 0; i < 2; i++)
    g_assert_cmpuint (device_say (world, device, "TokenUpdate", token), ==, 200);
  assert_enrollments (world, 1, 1, 0, 0);
  fresh = sign_in (world, "/mdm/sso", &ada_again);
  back = device_get_certificate (world, NULL, fresh, "scepclient.key");
  g_assert_cmpuint (device_say (world, back, "Authenticate", fresh), ==, 200);
  assert_enrollments (world, 2, 1, 0, 1);
  g_assert_cmpuint (device_say (world, back, "TokenUpdate", fresh), ==, 200);
  for (size_t i = 0; i < 3; i++)
    g_assert_cmpuint (device_say (world, back, "Idle", NULL), ==, 200);
  for (size_t i = 0; i < 2; i++)
    g_assert_cmpuint (device_say (world, back, "CheckOut", NULL), ==, 200);
  assert_enrollments (world, 2, 2, 1, 1);
  g_assert_cmpint (get (world, DOOR_METRIC_CHECK_IN_AUTHENTICATE), ==, 3);
  g_assert_cmpint (get (world, DOOR_METRIC_CHECK_IN_TOKEN_UPDATE), ==, 3);
  g_assert_cmpint (get (world, DOOR_METRIC_CHECK_IN_CHECK_OUT), ==, 2);
  g_assert_cmpint (get (world, DOOR_METRIC_REPORT_IDLE), ==, 3);
  g_assert_cmpuint (device_say (world, back, "Idle", NULL), ==, 403);
  g_assert_cmpuint (device_say (world, back, "TokenUpdate", NULL), ==, 403);
  g_assert_cmpint (refused_messages (world, "DW-DEV-ENDED"), ==, 2);
  g_assert_cmpint (get (world, DOOR_METRIC_REPORT_IDLE), ==, 3);
}

static void
test_reports (void)
{
  static const struct
  {
    const char *status;
    DoorMetric metric;
  } reports[] = {
    { "Idle", DOOR_METRIC_REPORT_IDLE },      { "Acknowledged", DOOR_METRIC_REPORT_ACKNOWLEDGED },
    { "Error", DOOR_METRIC_REPORT_ERROR },    { "CommandFormatError", DOOR_METRIC_REPORT_FORMAT_ERROR },
    { "NotNow", DOOR_METRIC_REPORT_NOT_NOW },
  };
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_enroll (world, token, "device.key");

  for (size_t i = 0; i < G_N_ELEMENTS (reports); i++)
    for (size_t n = 0; n <= i; n++) /* as often as no other */
      g_assert_cmpuint (device_say (world, device, reports[i].status, NULL), ==, 200);
  for (size_t i = 0; i < G_N_ELEMENTS (reports); i++)
    g_assert_cmpint (get (world, reports[i].metric), ==, i + 1);
}

/* What is undone has not happened. */
static void
test_check_in_lost (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_get_certificate (world, NULL, token, "device.key");

  world_break_table (world, "association");
  g_assert_cmpuint (device_say (world, device, "Authenticate", token), >=, 500);
  g_assert_cmpint (get (world, DOOR_METRIC_ENROLLMENTS_BEGUN), ==, 0);
  g_assert_cmpint (get (world, DOOR_METRIC_CHECK_IN_AUTHENTICATE), ==, 0);
  assert_count (world, 0, "enrollment");
}

static void
test_scep (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autofree char *challenge = device_dup_challenge (world, NULL, token);
  g_autoptr (EVP_PKEY) key = device_load_key ("device.key"), other = device_load_key ("scepclient.key");
  const ScepVisit visit = { .challenge = challenge, .key = key };
  const ScepVisit thief = { .challenge = challenge, .key = other };
  g_auto (ScepOutcome) first = device_scep (world, &visit), repeat = device_scep (world, &visit);
  g_auto (ScepOutcome) refused = device_scep (world, &thief);
  g_autoptr (GBytes) garbage = g_bytes_new_static ("garbage", 7);
  g_autoptr (DoorResponse) bad = device_post_scep (world, garbage);

  g_assert_nonnull (first.certificate);
  g_assert_nonnull (repeat.certificate);
  g_assert_nonnull (refused.fail_info);
  g_assert_cmpuint (door_response_get_status (bad), >=, 400);
  g_assert_cmpint (scep (world, "issued", NULL), ==, 1);
  g_assert_cmpint (scep (world, "repeated", NULL), ==, 1);
  g_assert_cmpint (scep (world, "refused", "DW-SCEP-KEY"), ==, 1);
  g_assert_cmpint (scep (world, "refused", "DW-SCEP-MESSAGE"), ==, 1);
  assert_count (world, 1, "certificate");
}

static void
put_metadata (World *world, int64_t fetched_ms)
{
  g_autoptr (GBytes) sample = test_data_load ("saml/metadata", "okta.xml");
  g_autoptr (GString) text = g_string_new_len (g_bytes_get_data (sample, NULL), g_bytes_get_size (sample));
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (GBytes) xml = NULL;
  g_autoptr (GError) error = NULL;

  g_string_replace (text, "<md:EntityDescriptor ",
                    "<md:EntityDescriptor validUntil=\"2027-01-15T13:00:00Z\" ", 1);
  xml = g_bytes_new (text->str, text->len);
  metadata = door_saml_metadata_parse (xml, NULL, false, &error);
  g_assert_no_error (error);
  door_connection_set_fetched (door_connections_lookup (world->context.connections, "okta"), metadata,
                               fetched_ms);
}

static void
test_expiry (void)
{
  g_autoptr (World) world = world_new ("[idp/empty]\nType=saml\nMetadataUrl=https://sso.example.com/m\n");
  g_autoptr (DoorMetrics) before = door_metrics_new (), after = door_metrics_new ();
  const DoorMetricFamily family = DOOR_METRIC_FAMILY_CERTIFICATE_EXPIRY;

  door_expiry_collect (&world->context, before);
  g_assert_cmpint (look_up (before, family, "scep-authority", NULL, NULL), ==, CA_ENDS);
  g_assert_cmpint (look_up (before, family, "profile-signing", NULL, NULL), ==, SIGNER_ENDS);
  g_assert_cmpint (look_up (before, family, "idp-signing", "okta", "earliest"), ==, RSA_ENDS);
  g_assert_cmpint (look_up (before, family, "idp-signing", "okta", "latest"), ==, RSA_ENDS);
  g_assert_cmpint (look_up (before, family, "idp-signing", "empty", "latest"), ==, -1);
  g_assert_cmpint (look_up (before, DOOR_METRIC_FAMILY_METADATA_VALID_UNTIL, "okta", NULL, NULL), ==, -1);
  g_assert_cmpint (look_up (before, DOOR_METRIC_FAMILY_METADATA_REFRESHED, "okta", NULL, NULL), ==, -1);
  put_metadata (world, WORLD_NOW_MS - HOUR_MS);
  door_expiry_collect (&world->context, after);
  g_assert_cmpint (look_up (after, DOOR_METRIC_FAMILY_METADATA_VALID_UNTIL, "okta", NULL, NULL), ==,
                   (WORLD_NOW_MS + HOUR_MS) / 1000);
  g_assert_cmpint (look_up (after, DOOR_METRIC_FAMILY_METADATA_REFRESHED, "okta", NULL, NULL), ==,
                   (WORLD_NOW_MS - HOUR_MS) / 1000);
}

/* A provider that adds its next key while the old one is in use. */
static void
test_rollover (void)
{
  g_autofree char *old = test_data_path ("saml/keys", "rsa-expired.crt.pem");
  g_autofree char *rsa = test_data_path ("saml/keys", "rsa.crt.pem");
  g_autofree char *config = g_strdup_printf ("[idp/two]\nType=saml\nEntityId=https://two.example.com\n"
                                             "SsoUrl=https://two.example.com/sso\nCertificates=%s;%s\n",
                                             rsa, old);
  g_autoptr (World) world = world_new (config);
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  const DoorMetricFamily family = DOOR_METRIC_FAMILY_CERTIFICATE_EXPIRY;

  door_expiry_collect (&world->context, metrics);
  g_assert_cmpint (look_up (metrics, family, "idp-signing", "two", "earliest"), ==, EXPIRED_ENDS);
  g_assert_cmpint (look_up (metrics, family, "idp-signing", "two", "latest"), ==, RSA_ENDS);
}

/* Drops the lines that tell of the process. */
static char *
dup_own_lines (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  GString *kept = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    if (g_str_has_prefix (*line, "doorward_"))
      g_string_append_printf (kept, "%s\n", *line);
  return g_string_free (kept, FALSE);
}

/* No table that grows with people and devices is asked: without them the answer is the same. */
static void
test_flat (void)
{
  static const char *const tables[] = { "access_token", "association", "attempt",         "certificate",
                                        "device",       "enrollment",  "person",          "person_identity",
                                        "replay",       "flow",        "sign_in_request", "scep_challenge" };
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  g_autofree char *before = dup_metrics (world), *after = NULL, *kept_before = NULL, *kept_after = NULL;

  g_assert_nonnull (strstr (before, "doorward_enrollments_activated_total 1\n"));
  g_assert_nonnull (strstr (before, "doorward_ready{part=\"database\"} 1\n"));
  for (size_t i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_autofree char *sql = g_strdup_printf ("ALTER TABLE %s RENAME TO gone_%s", tables[i], tables[i]);

      world_write (world, sql);
    }
  after = dup_metrics (world);
  kept_before = dup_own_lines (before);
  kept_after = dup_own_lines (after);
  g_assert_cmpstr (kept_after, ==, kept_before);
}

static void
add (void)
{
  g_test_add_func ("/metrics/sign-ins", test_sign_ins);
  g_test_add_func ("/metrics/sign-in-judged", test_sign_in_judged);
  g_test_add_func ("/metrics/sign-in-lost", test_sign_in_lost);
  g_test_add_func ("/metrics/life", test_life);
  g_test_add_func ("/metrics/reports", test_reports);
  g_test_add_func ("/metrics/check-in-lost", test_check_in_lost);
  g_test_add_func ("/metrics/scep", test_scep);
  g_test_add_func ("/metrics/expiry", test_expiry);
  g_test_add_func ("/metrics/rollover", test_rollover);
  g_test_add_func ("/metrics/flat", test_flat);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
