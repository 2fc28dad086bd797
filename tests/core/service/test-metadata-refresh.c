/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <string.h>

#include <glib/gstdio.h>

#include "door-connections.h"
#include "door-error.h"
#include "door-metadata-kept.h"
#include "door-metadata-refresh.h"
#include "sign-in.h"

#define ENTITY "https://sso.example.com/saml2/idp/metadata.php"
#define SP "https://mdm.example.com/saml/url"
#define URL "https://sso.example.com/metadata"
#define DAY_S (24 * 60 * 60)
#define MISSING "https://missing.example.com"
#define WEB_PAGE "\n<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>"
#define CONFIG "[idp/url]\nType=saml\nMetadataUrl=" URL "\n"

/* A fetch has no user data, so what it finds stands here; each test sets it. */
static const char *found_entity;
static const char *found_key = "rsa.crt.pem";
static const char *found_attributes = "";

static char *
build_metadata (const char *entity_id)
{
  g_autoptr (GBytes) pem = test_data_load ("saml/keys", found_key);
  g_autofree char *text = g_strndup (g_bytes_get_data (pem, NULL), g_bytes_get_size (pem));
  const char *start = strstr (text, "-----BEGIN CERTIFICATE-----"), *end;

  start += strlen ("-----BEGIN CERTIFICATE-----");
  end = strstr (start, "-----END");
  return g_strdup_printf (
      "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\""
      " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" entityID=\"%s\" %s><md:IDPSSODescriptor"
      " protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:KeyDescriptor "
      "use=\"signing\">"
      "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>%.*s</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
      "</md:KeyDescriptor><md:SingleSignOnService"
      " Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" "
      "Location=\"https://sso.example.com/sso\"/>"
      "</md:IDPSSODescriptor></md:EntityDescriptor>",
      entity_id, found_attributes, (int) (end - start), start);
}

static bool
fetch (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable, GError **error)
{
  char *xml;

  g_assert_cmpstr (request->url, ==, URL);
  g_assert_cmpuint (request->max_bytes, ==, 1024 * 1024);
  if (found_entity == NULL)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_NONE, "not there");
  xml = g_str_equal (found_entity, WEB_PAGE) ? g_strdup (WEB_PAGE) : build_metadata (found_entity);
  answer->status = g_str_equal (found_entity, MISSING) ? 404 : 200;
  answer->body = g_bytes_new_take (xml, strlen (xml));
  return true;
}

static DoorConnection *
connection (World *world)
{
  return door_connections_lookup (world->context.connections, "url");
}

static bool
refresh (World *world, GError **error)
{
  world->context.fetch = fetch;
  return door_metadata_refresh_once (&world->context, connection (world), NULL, error);
}

static bool
recall (World *world, GError **error)
{
  int64_t fetched_ms = 0;

  return door_metadata_kept_recall (&world->context, connection (world), &fetched_ms, error);
}

static void
assert_entity (World *world, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) metadata = door_connection_dup_metadata (connection (world), &error);

  if (expected == NULL &&
      door_idp_profile_get_metadata_upload (door_connection_get_profile (connection (world))))
    assert_fault (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_IDP_NOMETADATA);
  else if (expected == NULL)
    assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA);
  else
    g_assert_cmpstr (door_saml_metadata_get_entity_id (metadata), ==, expected);
}

static void
test_once (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autoptr (GError) error = NULL;

  assert_entity (world, NULL);
  g_assert_cmpint (door_connection_get_fetched_ms (connection (world)), ==, 0);
  found_entity = ENTITY;
  g_assert_true (refresh (world, &error));
  assert_entity (world, ENTITY);
  g_assert_cmpint (door_connection_get_fetched_ms (connection (world)), ==, WORLD_NOW_MS);
  assert_count (world, 1,
                "connection_metadata WHERE connection = 'url' AND source = '" URL "' AND entity_id = '" ENTITY
                "' AND fetched_at = 1800014400000");
  world_advance (world, HOUR_MS);
  g_assert_true (refresh (world, &error));
  assert_count (world, 1, "connection_metadata WHERE fetched_at = 1800018000000");
}

/* What was good stays in force when the source is gone or is somebody else now. */
static void
test_last_good (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autoptr (GError) error = NULL;

  found_entity = ENTITY;
  g_assert_true (refresh (world, &error));
  found_entity = NULL;
  world_advance (world, HOUR_MS);
  g_assert_false (refresh (world, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA);
  g_assert_cmpint (door_connection_get_fetched_ms (connection (world)), ==, WORLD_NOW_MS);
  g_clear_error (&error);
  found_entity = "https://evil.example.com";
  g_assert_false (refresh (world, &error));
  assert_fault (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_IDP_METADATA);
  g_clear_error (&error);
  found_entity = MISSING;
  g_assert_false (refresh (world, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA);
  g_clear_error (&error);
  found_entity = "";
  g_assert_false (refresh (world, &error));
  g_assert_nonnull (error);
  assert_entity (world, ENTITY);
  assert_count (world, 1, "connection_metadata WHERE entity_id = '" ENTITY "'");
}

static void
test_web_page (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autoptr (GError) error = NULL;

  found_entity = WEB_PAGE;
  g_assert_false (refresh (world, &error));
  assert_fault (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_IDP_METADATA);
  g_assert_true (g_str_has_prefix (error->message, URL ": "));
  g_assert_nonnull (strstr (error->message, "a web page (HTML), not SAML metadata"));
}

static void
test_recall (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autoptr (GError) error = NULL;

  g_assert_true (recall (world, &error));
  assert_entity (world, NULL);
  found_entity = ENTITY;
  g_assert_true (refresh (world, &error));
  world_reopen (world);
  assert_entity (world, NULL);
  g_assert_true (recall (world, &error));
  assert_entity (world, ENTITY);
}

static void
test_recall_other_source (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autoptr (GError) error = NULL;

  found_entity = ENTITY;
  g_assert_true (refresh (world, &error));
  world_reopen (world);
  world_write (world, "UPDATE connection_metadata SET source = 'https://old.example.com/'");
  g_assert_true (recall (world, &error));
  assert_entity (world, NULL);
  world_write (world, "UPDATE connection_metadata SET source = '" URL "', xml = '<broken'");
  g_assert_false (recall (world, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  assert_entity (world, NULL);
  world_write (world, "DROP TABLE connection_metadata");
  g_assert_false (recall (world, &error));
  g_assert_nonnull (error);
}

/* What cannot be kept for the next start does not go into force either. */
static void
test_not_kept (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autoptr (GError) error = NULL;

  found_entity = ENTITY;
  world_break_table (world, "connection_metadata");
  g_assert_false (refresh (world, &error));
  g_assert_nonnull (error);
  assert_entity (world, NULL);
}

typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int n;
} Counter;

static Counter counter = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };

static bool
fetch_counted (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable,
               GError **error)
{
  bool fetched = fetch (request, answer, cancellable, error);

  pthread_mutex_lock (&counter.lock);
  counter.n++;
  pthread_cond_signal (&counter.changed);
  pthread_mutex_unlock (&counter.lock);
  return fetched;
}

/* Nothing is fetched before it is due, by the time of our clock. */
static void
test_schedule (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  int64_t start_ms = door_clock_now_ms (world->context.clock), due_after_s = 0;

  found_entity = ENTITY;
  counter.n = 0;
  world->context.fetch = fetch_counted;
  g_assert_cmpint (door_metadata_refresh_round (&world->context, NULL), ==, 60);
  g_assert_cmpint (counter.n, ==, 1);
  for (guint i = 0; i < world->context.connections->len; i++)
    due_after_s = MAX (due_after_s,
                       door_connection_get_due (world->context.connections->pdata[i]).at_s - start_ms / 1000);
  g_assert_cmpint (due_after_s, >=, 300);
  door_clock_set_fake (world->context.clock, start_ms + (due_after_s - 10) * 1000);
  g_assert_cmpint (door_metadata_refresh_round (&world->context, NULL), ==, 10);
  g_assert_cmpint (counter.n, ==, 1);
  door_clock_set_fake (world->context.clock, start_ms + due_after_s * 1000);
  door_metadata_refresh_round (&world->context, NULL);
  g_assert_cmpint (counter.n, ==, 2);
}

/* Two instances on one database: one fetches, the other takes what it finds. */
static void
test_two_instances (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  DoorMetadataDue mine;
  int64_t pause_s;

  found_entity = ENTITY;
  counter.n = 0;
  world->context.fetch = fetch_counted;
  world_write (world, "INSERT INTO lease VALUES ('metadata/url', 'other', 1800014400000 + 60000)");
  g_assert_cmpint (door_metadata_refresh_round (&world->context, NULL), ==, 5);
  g_assert_cmpint (counter.n, ==, 0);
  assert_entity (world, NULL);

  /* the other one is done */
  mine = door_connection_get_due (connection (world));
  g_assert_true (refresh (world, NULL));
  world->context.fetch = fetch_counted;
  world_reopen (world);
  door_connection_set_due (connection (world), mine);
  world_write (world, "DELETE FROM lease");
  world_advance (world, 5000);
  pause_s = door_metadata_refresh_round (&world->context, NULL);
  g_assert_cmpint (counter.n, ==, 0);
  assert_entity (world, ENTITY);

  /* one that starts beside it takes it as well, and one that starts later asks */
  door_connection_set_due (connection (world), (DoorMetadataDue){ 0 });
  door_metadata_refresh_round (&world->context, NULL);
  g_assert_cmpint (counter.n, ==, 0);
  world_advance (world, 5001);
  door_connection_set_due (connection (world), (DoorMetadataDue){ 0 });
  pause_s = door_metadata_refresh_round (&world->context, NULL);
  g_assert_cmpint (counter.n, ==, 1);
  counter.n = 0;

  /* what is this instance's own work it says so for as long as it takes */
  for (int64_t left_s = DAY_S; left_s > 0 && counter.n == 0; left_s -= pause_s)
    {
      world_advance (world, pause_s * 1000);
      pause_s = door_metadata_refresh_round (&world->context, NULL);
    }
  g_assert_cmpint (counter.n, ==, 1);
  assert_count (world, 0, "lease");
}

/* What was fetched is in force when it is stored, a moment later. */
static void
wait_for_metadata (World *world)
{
  g_autoptr (DoorSamlMetadata) known = NULL;

  for (int i = 0; known == NULL && i < 30000; i++)
    {
      g_usleep (1000);
      known = door_connection_dup_metadata (connection (world), NULL);
    }
  g_assert_nonnull (known);
}

/* The thread fetches at once what has an address, and ends when it is told to. */
static void
test_thread (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  DoorPins contexts = door_pins_constant (&world->context);
  DoorMetadataRefresh *thread;

  found_entity = ENTITY;
  counter.n = 0;
  world->context.fetch = fetch_counted;
  thread = door_metadata_refresh_new ();
  door_metadata_refresh_start (thread, &contexts);
  pthread_mutex_lock (&counter.lock);
  while (counter.n == 0)
    pthread_cond_wait (&counter.changed, &counter.lock);
  pthread_mutex_unlock (&counter.lock);
  wait_for_metadata (world);
  door_metadata_refresh_stop (thread);
  g_assert_cmpint (counter.n, ==, 1);
  /* the end may come before the write, but never between it and its use */
  assert_entity (world, world_count (world, "connection_metadata") == 1 ? ENTITY : NULL);
}

static bool
fetch_until_cancelled (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable,
                       GError **error)
{
  GPollFD poll_fd;

  pthread_mutex_lock (&counter.lock);
  counter.n++;
  pthread_cond_signal (&counter.changed);
  pthread_mutex_unlock (&counter.lock);
  g_assert_true (g_cancellable_make_pollfd (cancellable, &poll_fd));
  g_poll (&poll_fd, 1, -1);
  g_cancellable_release_fd (cancellable);
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA, "cancelled");
}

static void
test_thread_cancelled (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  DoorPins contexts = door_pins_constant (&world->context);
  DoorMetadataRefresh *thread;

  counter.n = 0;
  world->context.fetch = fetch_until_cancelled;
  thread = door_metadata_refresh_new ();
  door_metadata_refresh_start (thread, &contexts);
  pthread_mutex_lock (&counter.lock);
  while (counter.n == 0)
    pthread_cond_wait (&counter.changed, &counter.lock);
  pthread_mutex_unlock (&counter.lock);
  door_metadata_refresh_stop (thread);
  assert_entity (world, NULL);
}

/* Without metadata nobody can sign in there, and the page says so. */
static void
test_sign_in (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autoptr (DoorResponse) start = world_get (world, "/mdm/sso/start?idp=url", NULL), answer = NULL,
                           good = NULL;
  const Carried carried = { .acs_path = "/saml/url/acs", .saml_response = "AAAA", .relay_state = "x" };
  g_autoptr (GError) error = NULL;

  assert_status (start, 503);
  assert_count (world, 0, "flow");
  answer = sign_in_post (world, &carried);
  sign_in_assert_refused (world, answer, 400, "DW-FLOW-UNKNOWN");
  found_entity = ENTITY;
  g_assert_true (refresh (world, &error));
  good = world_get (world, "/mdm/sso/start?idp=url", NULL);
  assert_status (good, 303);
}

/* Seconds until the next fetch after one that finds these attributes at the root. */
static int64_t
pause_with (World *world, const char *attributes)
{
  const DoorMetadataDue at_once = { 0 };
  int64_t now_s = door_clock_monotonic_s (world->context.clock);

  found_attributes = attributes;
  door_connection_set_due (connection (world), at_once);
  world_write (world, "DELETE FROM connection_metadata");
  door_metadata_refresh_round (&world->context, NULL);
  found_attributes = "";
  return door_connection_get_due (connection (world)).at_s - now_s;
}

/* The provider says how long its metadata may be kept, in reason, and never beyond its end. */
static void
test_pause (void)
{
  g_autoptr (World) world = world_new (CONFIG);

  found_entity = ENTITY;
  world->context.fetch = fetch;
  g_assert_cmpint (pause_with (world, ""), ==, 6 * 3600);
  g_assert_cmpint (pause_with (world, "cacheDuration=\"PT1H\""), ==, 3600);
  g_assert_cmpint (pause_with (world, "cacheDuration=\"PT1S\""), ==, 300);
  g_assert_cmpint (pause_with (world, "cacheDuration=\"P3D\""), ==, 3 * DAY_S);
  g_assert_cmpint (pause_with (world, "cacheDuration=\"P365D\""), ==,
                   7 * DAY_S); /* half of MetadataMaxStale */
  g_assert_cmpint (pause_with (world, "validUntil=\"2027-01-15T14:00:00Z\""), ==, 3600);
  g_assert_cmpint (pause_with (world, "validUntil=\"2027-01-15T12:00:01Z\""), ==, 300);
}

static bool
accepts (World *world, const char *key)
{
  g_autoptr (GBytes) pem = test_data_load ("saml/keys", key);
  g_autoptr (GPtrArray) certificates = g_ptr_array_new ();
  g_autoptr (DoorSamlMetadata) one = NULL, known = door_connection_dup_metadata (connection (world), NULL);
  g_autoptr (GPtrArray) wanted = NULL, keys = door_saml_metadata_list_keys (known);

  g_ptr_array_add (certificates, pem);
  one = door_saml_metadata_new_static ("x", "https://sso.example.com/", certificates, false, NULL);
  wanted = door_saml_metadata_list_keys (one);
  for (guint i = 0; i < keys->len; i++)
    if (g_str_equal (((const DoorSamlKeyInfo *) keys->pdata[i])->sha256,
                     ((const DoorSamlKeyInfo *) wanted->pdata[0])->sha256))
      return true;
  return false;
}

/* A key that is not there any more is accepted until it has been missing twice, also after a restart. */
static void
test_missing_key (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autoptr (GError) error = NULL;

  found_entity = ENTITY;
  g_assert_true (refresh (world, &error));
  found_key = "rsa-other.crt.pem";
  g_assert_true (refresh (world, &error));
  g_assert_true (accepts (world, "rsa.crt.pem"));
  g_assert_true (accepts (world, "rsa-other.crt.pem"));
  world_reopen (world);
  g_assert_true (recall (world, &error));
  g_assert_true (accepts (world, "rsa.crt.pem"));
  g_assert_true (refresh (world, &error));
  g_assert_false (accepts (world, "rsa.crt.pem"));
  g_assert_true (accepts (world, "rsa-other.crt.pem"));
  found_key = "rsa.crt.pem";
}

/* Keys of another source, or of another entity, are nobody's to keep. */
static void
test_missing_key_elsewhere (void)
{
  static const char *const changes[] = { "source = 'https://old.example.com/'",
                                         "xml = replace (xml, '" ENTITY "', 'urn:other')",
                                         "xml = '<broken'" };

  for (size_t i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (World) world = world_new (CONFIG);
      g_autofree char *sql =
          g_strdup_printf ("UPDATE connection_metadata SET %s WHERE connection = 'url#before'", changes[i]);
      g_autoptr (GError) error = NULL;

      found_entity = ENTITY;
      g_assert_true (refresh (world, &error));
      found_key = "rsa-other.crt.pem";
      g_assert_true (refresh (world, &error));
      found_key = "rsa.crt.pem";
      world_reopen (world);
      world_write (world, sql);
      g_assert_true (recall (world, &error));
      g_assert_false (accepts (world, "rsa.crt.pem"));
      g_assert_true (accepts (world, "rsa-other.crt.pem"));
    }
}

/* What cannot be fetched any more is believed for a while, not for ever. */
static void
test_stale (void)
{
  g_autoptr (World) world = world_new (CONFIG "MetadataMaxStale=2h\n");
  g_autoptr (DoorSamlMetadata) still = NULL;
  g_autoptr (GError) error = NULL;

  found_entity = ENTITY;
  g_assert_true (refresh (world, &error));
  still = door_connection_dup_valid_metadata (connection (world), WORLD_NOW_MS + 2 * HOUR_MS - 1, &error);
  g_assert_no_error (error);
  g_assert_null (door_connection_dup_valid_metadata (connection (world), WORLD_NOW_MS + 2 * HOUR_MS, &error));
  assert_fault (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_METADATA);
  g_assert_nonnull (strstr (error->message, "MetadataMaxStale"));
}

/* An unknown key makes us look at once, but not as often as somebody likes. */
static void
test_ask (void)
{
  g_autoptr (World) world = world_new (CONFIG);

  found_entity = ENTITY;
  counter.n = 0;
  world->context.fetch = fetch_counted;
  door_metadata_refresh_round (&world->context, NULL);
  g_assert_cmpint (counter.n, ==, 1);
  world_advance (world, 10000);
  door_metadata_refresh_ask (&world->context, connection (world));
  door_metadata_refresh_round (&world->context, NULL);
  g_assert_cmpint (counter.n, ==, 2);
  world_advance (world, 299 * 1000);
  door_metadata_refresh_ask (&world->context, connection (world));
  door_metadata_refresh_round (&world->context, NULL);
  g_assert_cmpint (counter.n, ==, 2);
  world_advance (world, 1000);
  door_metadata_refresh_ask (&world->context, connection (world));
  door_metadata_refresh_round (&world->context, NULL);
  g_assert_cmpint (counter.n, ==, 3);
}

/* What another instance fetched before the question is no answer to it. */
static void
test_ask_two_instances (void)
{
  g_autoptr (World) world = world_new (CONFIG);

  found_entity = ENTITY;
  counter.n = 0;
  world->context.fetch = fetch_counted;
  door_metadata_refresh_round (&world->context, NULL);
  world_write (world, "UPDATE connection_metadata SET fetched_at = fetched_at + 5000");
  world_advance (world, 10000);
  door_metadata_refresh_ask (&world->context, connection (world));
  door_metadata_refresh_round (&world->context, NULL);
  g_assert_cmpint (counter.n, ==, 2);
}

/* The provider has changed its key: one answer is refused, the next one is not. */
static void
test_new_key (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  const Answer answer = { .acs_path = "/saml/url/acs", .issuer = ENTITY, .audience = SP };
  g_autoptr (DoorResponse) refused = NULL, accepted = NULL;
  g_autoptr (Pending) first = NULL, second = NULL;
  g_autofree char *token = NULL, *retry_path = NULL;

  found_entity = ENTITY;
  found_key = "rsa-other.crt.pem";
  world->context.fetch = fetch;
  door_metadata_refresh_round (&world->context, NULL);
  found_key = "rsa.crt.pem";
  first = sign_in_begin (world, "/mdm/sso/start?idp=url", NULL);
  refused = sign_in_answer (world, first, &answer);
  sign_in_assert_refused (world, refused, 403, "DW-SAML-SIGNATURE");
  retry_path = sign_in_dup_retry_path (refused);
  g_assert_nonnull (retry_path);
  door_metadata_refresh_round (&world->context, NULL);
  second = sign_in_begin (world, "/mdm/sso/start?idp=url", NULL);
  accepted = sign_in_answer (world, second, &answer);
  token = sign_in_dup_token (accepted);
  g_assert_nonnull (token);
}

/* What is wrong otherwise is no reason to fetch. */
static void
test_other_refusal (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  const Answer answer = { .acs_path = "/saml/url/acs", .issuer = "urn:other", .audience = SP };
  g_autoptr (DoorResponse) refused = NULL;
  g_autoptr (Pending) pending = NULL;

  found_entity = ENTITY;
  world->context.fetch = fetch;
  door_metadata_refresh_round (&world->context, NULL);
  pending = sign_in_begin (world, "/mdm/sso/start?idp=url", NULL);
  refused = sign_in_answer (world, pending, &answer);
  sign_in_assert_refused (world, refused, 403, "DW-SAML-ISSUER");
  g_assert_cmpint (door_connection_take_asked_ms (connection (world)), ==, 0);
}

static bool allowed_private;

static bool
fetch_noting (const DoorFetchRequest *request, DoorFetchAnswer *answer, GCancellable *cancellable,
              GError **error)
{
  allowed_private = request->allow_private;
  g_assert_false (request->allow_http);
  return fetch (request, answer, cancellable, error);
}

static void
test_private_address (void)
{
  static const char *const configs[] = { CONFIG, CONFIG "AllowPrivateAddress=true\n" };

  found_entity = ENTITY;
  for (size_t i = 0; i < G_N_ELEMENTS (configs); i++)
    {
      g_autoptr (World) world = world_new (configs[i]);

      world->context.fetch = fetch_noting;
      g_assert_true (door_metadata_refresh_once (&world->context, connection (world), NULL, NULL));
      g_assert_cmpint (allowed_private, ==, i == 1);
    }
}

static bool
upload (World *world, const char *entity_id, GError **error)
{
  g_autofree char *xml = build_metadata (entity_id);
  g_autoptr (GBytes) bytes = g_bytes_new (xml, strlen (xml));

  return door_metadata_kept_upload (&world->context, connection (world), bytes, NULL, error);
}

static void
test_upload (void)
{
  g_autoptr (World) world = world_new ("[idp/url]\nType=saml\nMetadataUpload=true\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSamlMetadata) old = NULL;

  assert_entity (world, NULL);
  g_assert_true (upload (world, ENTITY, &error));
  assert_entity (world, ENTITY);
  /* all of it is replaced, and it does not grow old */
  found_key = "rsa-other.crt.pem";
  g_assert_true (upload (world, ENTITY, &error));
  g_assert_false (accepts (world, "rsa.crt.pem"));
  found_key = "rsa.crt.pem";
  old = door_connection_dup_valid_metadata (connection (world), WORLD_NOW_MS + 1000 * HOUR_MS, &error);
  g_assert_no_error (error);
  /* another instance, or the same after a restart */
  world_reopen (world);
  assert_entity (world, NULL);
  g_assert_cmpint (door_metadata_refresh_round (&world->context, NULL), ==, 60);
  assert_entity (world, ENTITY);
  g_assert_false (upload (world, "urn:other", &error));
  assert_fault (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_IDP_METADATA);
  assert_entity (world, ENTITY);
}

static void
test_upload_refused (void)
{
  g_autoptr (World) world = world_new (CONFIG);
  g_autoptr (GError) error = NULL;

  g_assert_false (upload (world, ENTITY, &error));
  assert_fault (error, DOOR_ERROR_CONFIG, DOOR_FAULT_IDP_METADATA);
  assert_count (world, 0, "connection_metadata");
}

static void
assert_load (World *world, const char *name, const char *path, const char *text, bool good)
{
  DoorConnection *loaded = door_connections_lookup (world->context.connections, name);
  g_autoptr (GError) error = NULL;

  if (text != NULL)
    g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (door_connection_load (loaded, false, &error), ==, good);
  if (good)
    return;
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_IDP_METADATA);
  g_assert_nonnull (strstr (error->message, name));
}

/* What lies in files is read with a limit; what was in force before stays when it is not good. */
static void
test_files (void)
{
  g_autofree char *folder = g_dir_make_tmp ("door-metadata-XXXXXX", NULL);
  g_autofree char *xml_path = g_build_filename (folder, "idp.xml", NULL);
  g_autofree char *pem_path = g_build_filename (folder, "idp.pem", NULL);
  g_autofree char *config = g_strdup_printf (
      "[idp/file]\nType=saml\nMetadataFile=%s\nSpEntityId=urn:our:name\n"
      "[idp/hand]\nType=saml\nEntityId=" ENTITY "\nSsoUrl=https://sso.example.com/sso\nCertificates=%s\n",
      xml_path, pem_path);
  g_autofree char *xml = build_metadata (ENTITY), *space = g_strnfill (1024 * 1024 - strlen (xml), ' ');
  g_autofree char *full = g_strconcat (xml, space, NULL), *large = g_strconcat (full, " ", NULL);
  g_autoptr (GBytes) pem_bytes = test_data_load ("saml/keys", "rsa.crt.pem");
  g_autofree char *pem = g_strndup (g_bytes_get_data (pem_bytes, NULL), g_bytes_get_size (pem_bytes));
  g_autofree char *pem_space = g_strnfill (64 * 1024, ' '), *large_pem = g_strconcat (pem, pem_space, NULL);
  g_autoptr (World) world = NULL;

  g_assert_true (g_file_set_contents (xml_path, xml, -1, NULL));
  g_assert_true (g_file_set_contents (pem_path, pem, -1, NULL));
  world = world_new (config);
  g_assert_cmpstr (
      door_connection_get_sp_entity_id (door_connections_lookup (world->context.connections, "file")), ==,
      "urn:our:name");
  assert_load (world, "file", xml_path, full, true);
  assert_load (world, "file", xml_path, large, false);
  assert_load (world, "file", xml_path, "<broken", false);
  assert_load (world, "hand", pem_path, large_pem, false);
  assert_load (world, "hand", pem_path, "nonsense", false);
  g_assert_cmpint (g_unlink (xml_path), ==, 0);
  g_assert_cmpint (g_unlink (pem_path), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
  assert_load (world, "file", xml_path, NULL, false);
  assert_load (world, "hand", pem_path, NULL, false);
}

static void
add (void)
{
  g_test_add_func ("/metadata-refresh/once", test_once);
  g_test_add_func ("/metadata-refresh/last-good", test_last_good);
  g_test_add_func ("/metadata-refresh/web-page", test_web_page);
  g_test_add_func ("/metadata-refresh/recall", test_recall);
  g_test_add_func ("/metadata-refresh/recall-other-source", test_recall_other_source);
  g_test_add_func ("/metadata-refresh/not-kept", test_not_kept);
  g_test_add_func ("/metadata-refresh/schedule", test_schedule);
  g_test_add_func ("/metadata-refresh/two-instances", test_two_instances);
  g_test_add_func ("/metadata-refresh/thread", test_thread);
  g_test_add_func ("/metadata-refresh/thread-cancelled", test_thread_cancelled);
  g_test_add_func ("/metadata-refresh/sign-in", test_sign_in);
  g_test_add_func ("/metadata-refresh/files", test_files);
  g_test_add_func ("/metadata-refresh/pause", test_pause);
  g_test_add_func ("/metadata-refresh/missing-key", test_missing_key);
  g_test_add_func ("/metadata-refresh/missing-key-elsewhere", test_missing_key_elsewhere);
  g_test_add_func ("/metadata-refresh/stale", test_stale);
  g_test_add_func ("/metadata-refresh/ask", test_ask);
  g_test_add_func ("/metadata-refresh/ask-two-instances", test_ask_two_instances);
  g_test_add_func ("/metadata-refresh/new-key", test_new_key);
  g_test_add_func ("/metadata-refresh/other-refusal", test_other_refusal);
  g_test_add_func ("/metadata-refresh/private-address", test_private_address);
  g_test_add_func ("/metadata-refresh/upload", test_upload);
  g_test_add_func ("/metadata-refresh/upload-refused", test_upload_refused);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
