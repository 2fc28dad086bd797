/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <string.h>

#include "device.h"
#include "door-row.h"
#include "sign-in.h"

static const Answer ada = { .assertion_id = "_ada1" };

typedef struct
{
  World *world;
  char *token;
  char *challenge;
} Issued;

static void
set_up (Issued *issued, gconstpointer data)
{
  issued->world = world_new (NULL);
  issued->token = sign_in (issued->world, "/mdm/sso", &ada);
  issued->challenge = device_dup_challenge (issued->world, NULL, issued->token);
}

static void
tear_down (Issued *issued, gconstpointer data)
{
  world_free (issued->world);
  g_free (issued->token);
  g_free (issued->challenge);
}

static ScepOutcome
ask (Issued *issued, const char *challenge, const char *key_name)
{
  g_autoptr (EVP_PKEY) key = device_load_key (key_name);
  const ScepVisit visit = { .challenge = challenge, .key = key };

  return device_scep (issued->world, &visit);
}

/* A signed refusal whose reason the log names, and nothing issued by it. */
static void
assert_refused (Issued *issued, const ScepVisit *visit, const char *reason)
{
  int64_t before = world_count (issued->world, "certificate");
  g_autofree char *drop = world_dup_log (), *log = NULL;
  g_auto (ScepOutcome) outcome = device_scep (issued->world, visit);

  g_assert_null (outcome.certificate);
  g_assert_cmpstr (outcome.fail_info, ==, "2"); /* badRequest */
  log = world_dup_log ();
  g_assert_nonnull (strstr (log, "DOORWARD_FAULT=DW-SCEP-"));
  if (strstr (log, reason) == NULL)
    g_error ("\"%s\" was expected in %s", reason, log);
  assert_count (issued->world, before, "certificate");
}

static void
assert_challenge_refused (Issued *issued, const char *challenge, const char *key_name, const char *reason)
{
  g_autoptr (EVP_PKEY) key = device_load_key (key_name);
  const ScepVisit visit = { .challenge = challenge, .key = key };

  assert_refused (issued, &visit, reason);
}

static void
test_first (Issued *issued, gconstpointer data)
{
  g_auto (ScepOutcome) outcome = ask (issued, issued->challenge, "device.key");
  g_autoptr (EVP_PKEY) key = device_load_key ("device.key");
  char subject[256] = "";
  g_autofree char *sha256 = NULL, *where = NULL, *secret = NULL;

  g_assert_nonnull (outcome.certificate);
  g_assert_cmpint (EVP_PKEY_eq (X509_get0_pubkey (outcome.certificate), key), ==, 1);
  X509_NAME_oneline (X509_get_subject_name (outcome.certificate), subject, sizeof subject);
  g_assert_null (strstr (subject, "ada"));
  g_assert_null (strchr (subject, '@'));
  g_assert_nonnull (strstr (subject, "O=Example"));
  g_assert_cmpint (X509_get_ext_by_NID (outcome.certificate, NID_subject_alt_name, -1), ==, -1);
  g_assert_cmpint (X509_cmp_time (X509_get0_notBefore (outcome.certificate), &(time_t){ 1800010800 }), ==,
                   -1);
  g_assert_cmpint (X509_cmp_time (X509_get0_notBefore (outcome.certificate), &(time_t){ 1800010799 }), ==, 1);
  sha256 = device_dup_sha256 (outcome.certificate);
  where = g_strdup_printf ("certificate WHERE sha256 = '%s' AND enrollment_id = '' AND team = '' AND "
                           "not_after = %" G_GINT64_FORMAT,
                           sha256, WORLD_NOW_MS + 365 * 24 * HOUR_MS);
  assert_count (issued->world, 1, where);
  secret = g_strdup_printf ("scep_challenge WHERE hash = '%s'", issued->challenge);
  assert_count (issued->world, 0, secret); /* only its hash is kept */
}

/* The answer may get lost: the same key asks again and gets the very same certificate. */
static void
test_repeat (Issued *issued, gconstpointer data)
{
  g_auto (ScepOutcome) first = ask (issued, issued->challenge, "device.key");
  g_auto (ScepOutcome) again = { NULL, NULL };

  world_advance (issued->world, HOUR_MS);
  again = ask (issued, issued->challenge, "device.key");
  g_assert_cmpint (X509_cmp (first.certificate, again.certificate), ==, 0);
  assert_count (issued->world, 1, "certificate");
  assert_challenge_refused (issued, issued->challenge, "scepclient.key", "used with another key");
}

/* One of several devices, or one that is in a hurry. */
typedef struct
{
  World *world;
  GBytes *message;
  DoorResponse *response;
} Asker;

static void *
post (void *data)
{
  Asker *asker = data;

  asker->response = device_post_scep (asker->world, asker->message);
  return NULL;
}

/* The repeat may overtake the first, which takes some milliseconds: still one certificate, for both. */
static void
test_repeat_at_once (Issued *issued, gconstpointer data)
{
  g_autoptr (EVP_PKEY) key = device_load_key ("device.key");
  const ScepVisit visit = { .challenge = issued->challenge, .key = key };
  g_autoptr (GBytes) message = device_build_scep (issued->world, &visit);
  Asker askers[6];
  pthread_t threads[G_N_ELEMENTS (askers)];

  for (size_t i = 0; i < G_N_ELEMENTS (askers); i++)
    {
      askers[i] = (Asker){ issued->world, message, NULL };
      g_assert_cmpint (pthread_create (&threads[i], NULL, post, &askers[i]), ==, 0);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (askers); i++)
    g_assert_cmpint (pthread_join (threads[i], NULL), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (askers); i++)
    {
      g_auto (ScepOutcome) outcome = device_read_scep (issued->world, askers[i].response, key);

      g_assert_nonnull (outcome.certificate);
      door_response_free (askers[i].response);
    }
  assert_count (issued->world, 1, "certificate");
}

static void
test_challenge (Issued *issued, gconstpointer data)
{
  g_auto (ScepOutcome) outcome = { NULL, NULL };

  assert_challenge_refused (issued, "wrong", "device.key", "unknown challenge");
  assert_challenge_refused (issued, NULL, "device.key", "no challenge");
  world_advance (issued->world, 2 * HOUR_MS);
  assert_challenge_refused (issued, issued->challenge, "device.key", "challenge expired");
  world_advance (issued->world, -1);
  outcome = ask (issued, issued->challenge, "device.key");
  g_assert_nonnull (outcome.certificate);
}

/* The time of a challenge begins with the first fetch of the profile; a repeat does not prolong it. */
static void
test_challenge_time (Issued *issued, gconstpointer data)
{
  g_autofree char *again = NULL;

  world_advance (issued->world, HOUR_MS - 1);
  again = device_dup_challenge (issued->world, NULL, issued->token);
  g_assert_cmpstr (again, ==, issued->challenge);
  world_advance (issued->world, HOUR_MS + 1);
  assert_challenge_refused (issued, issued->challenge, "device.key", "challenge expired");
}

static void
test_revoked (Issued *issued, gconstpointer data)
{
  world_write (issued->world, "UPDATE access_token SET revoked_at = 5");
  assert_challenge_refused (issued, issued->challenge, "device.key", "was revoked");
  world_write (issued->world, "DELETE FROM access_token");
  assert_challenge_refused (issued, issued->challenge, "device.key", "was revoked");
}

/* Whoever was deactivated after signing in gets no certificate either. */
static void
test_deactivated (Issued *issued, gconstpointer data)
{
  world_write (issued->world, "UPDATE person SET state = 'deactivated'");
  assert_challenge_refused (issued, issued->challenge, "device.key", "deactivated");
}

static void
test_ended (Issued *issued, gconstpointer data)
{
  g_autoptr (Device) device = device_new (issued->token, "device.key");
  g_auto (ScepOutcome) outcome = ask (issued, issued->challenge, "device.key");

  device->certificate = g_steal_pointer (&outcome.certificate);
  g_assert_cmpuint (device_say (issued->world, device, "Authenticate", issued->token), ==, 200);
  assert_challenge_refused (issued, issued->challenge, "device.key", "enrolled with this challenge already");
}

static ScepOutcome
renew (World *world, const Device *device, EVP_PKEY *key)
{
  const ScepVisit visit = {
    .type = SIM_SCEP_RENEWAL_REQ, .key = key, .signer = device->certificate, .signer_key = device->key
  };

  return device_scep (world, &visit);
}

static void
test_renewal (Issued *issued, gconstpointer data)
{
  g_autoptr (Device) device = device_enroll (issued->world, issued->token, "device.key");
  g_autoptr (EVP_PKEY) key = device_load_key ("scepclient.key");
  g_auto (ScepOutcome) first = { NULL, NULL }, again = { NULL, NULL };
  g_autofree char *rows = NULL;

  world_advance (issued->world, 340 * 24 * HOUR_MS);
  first = renew (issued->world, device, key);
  again = renew (issued->world, device, key);
  g_assert_nonnull (first.certificate);
  g_assert_cmpint (EVP_PKEY_eq (X509_get0_pubkey (first.certificate), key), ==, 1);
  g_assert_cmpint (X509_cmp (first.certificate, again.certificate), ==, 0);
  assert_count (issued->world, 2, "certificate WHERE enrollment_id <> '' AND revoked_at = 0");
  rows = world_read (issued->world, "SELECT DISTINCT person_id, enrollment_id, team FROM certificate");
  g_assert_null (strstr (rows, "}, {"));
}

/* A device may keep its key: then it wants a certificate that lasts longer, once. */
static void
test_renewal_same_key (Issued *issued, gconstpointer data)
{
  g_autoptr (Device) device = device_enroll (issued->world, issued->token, "device.key");
  g_auto (ScepOutcome) first = { NULL, NULL }, again = { NULL, NULL };

  world_advance (issued->world, 340 * 24 * HOUR_MS);
  first = renew (issued->world, device, device->key);
  g_assert_cmpint (X509_cmp (first.certificate, device->certificate), !=, 0);
  world_advance (issued->world, 1);
  again = renew (issued->world, device, device->key);
  g_assert_cmpint (X509_cmp (first.certificate, again.certificate), ==, 0);
  assert_count (issued->world, 2, "certificate");
}

/* Who only collects certificates gets no more; who uses one goes on. */
static void
test_renewal_collected (Issued *issued, gconstpointer data)
{
  g_autoptr (Device) device = device_enroll (issued->world, issued->token, "device.key");
  const ScepVisit visit = {
    .type = SIM_SCEP_RENEWAL_REQ, .key = device->key, .signer = device->certificate, .signer_key = device->key
  };

  world_write (issued->world,
               "INSERT INTO certificate SELECT sha256 || x, serial || x, key_hash || x, person_id, team, "
               "enrollment_id, der, not_before, not_after, issued_at, revoked_at, 0 FROM certificate, (WITH "
               "RECURSIVE n (x) AS "
               "(SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 15) SELECT x FROM n)");
  assert_refused (issued, &visit, "never used");
  world_write (issued->world, "UPDATE certificate SET revoked_at = 5 WHERE length (key_hash) > 65");
  {
    g_auto (ScepOutcome) outcome = device_scep (issued->world, &visit);

    g_assert_nonnull (outcome.certificate);
  }
}

/* A piece of work of the writer that lasts as long as the test likes, and then is the first use of a renewed
 * certificate. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  bool begun, may_end;
  unsigned int n_answered; /* of the askers */
  const char *renewed_sha256;
} Use;

static gboolean
use_renewed (DoorTxn *txn, gpointer data, GError **error)
{
  static const char *const sql[] = { "UPDATE enrollment SET certificate_sha256 = :it",
                                     "UPDATE certificate SET revoked_at = 5 WHERE sha256 <> :it" };
  Use *use = data;

  pthread_mutex_lock (&use->lock);
  use->begun = true;
  pthread_cond_broadcast (&use->changed);
  while (!use->may_end)
    pthread_cond_wait (&use->changed, &use->lock);
  pthread_mutex_unlock (&use->lock);
  for (size_t i = 0; i < G_N_ELEMENTS (sql); i++)
    g_assert_cmpint (
        door_txn_execute (txn, sql[i], door_params_new ("it", "s", use->renewed_sha256, NULL), error), >=, 1);
  return TRUE;
}

static void
used (gpointer data, const GError *error)
{
  g_assert_no_error (error);
}

typedef struct
{
  Asker asker;
  Use *use;
} Collector;

static void *
collect (void *data)
{
  Collector *self = data;

  post (&self->asker);
  pthread_mutex_lock (&self->use->lock);
  self->use->n_answered++;
  pthread_cond_broadcast (&self->use->changed);
  pthread_mutex_unlock (&self->use->lock);
  return NULL;
}

/* Holds the writer until it turns somebody away: all the others have decided by then and wait behind it. */
static void
overtake (World *world, Use *use, GBytes *message)
{
  Collector collectors[WORLD_WRITER_QUEUE + 1];
  pthread_t threads[G_N_ELEMENTS (collectors)];
  g_autoptr (GError) error = NULL;

  door_writer_submit (world->context.writer, use_renewed, use, used, use, &error);
  g_assert_no_error (error);
  pthread_mutex_lock (&use->lock);
  while (!use->begun)
    pthread_cond_wait (&use->changed, &use->lock);
  pthread_mutex_unlock (&use->lock);
  for (size_t i = 0; i < G_N_ELEMENTS (collectors); i++)
    {
      collectors[i] = (Collector){ { world, message, NULL }, use };
      g_assert_cmpint (pthread_create (&threads[i], NULL, collect, &collectors[i]), ==, 0);
    }
  pthread_mutex_lock (&use->lock);
  while (use->n_answered == 0)
    pthread_cond_wait (&use->changed, &use->lock);
  use->may_end = true;
  pthread_cond_broadcast (&use->changed);
  pthread_mutex_unlock (&use->lock);
  for (size_t i = 0; i < G_N_ELEMENTS (collectors); i++)
    {
      g_assert_cmpint (pthread_join (threads[i], NULL), ==, 0);
      door_response_free (collectors[i].asker.response);
    }
}

/* Who has a copy of the old key asks all the time, so some of his requests are decided just before the
 * renewed certificate is used, and written just after: nothing may come of them. */
static void
test_renewal_overtaken (Issued *issued, gconstpointer data)
{
  g_autoptr (Device) device = device_enroll (issued->world, issued->token, "device.key");
  g_autoptr (EVP_PKEY) key = device_load_key ("scepclient.key"), kept = device_load_key ("strongswan.key");
  const ScepVisit visit = {
    .type = SIM_SCEP_RENEWAL_REQ, .key = kept, .signer = device->certificate, .signer_key = device->key
  };
  g_autoptr (GBytes) message = device_build_scep (issued->world, &visit);
  g_auto (ScepOutcome) renewed = renew (issued->world, device, key);
  g_autofree char *sha256 = device_dup_sha256 (renewed.certificate);
  Use use = { .lock = PTHREAD_MUTEX_INITIALIZER,
              .changed = PTHREAD_COND_INITIALIZER,
              .renewed_sha256 = sha256 };

  overtake (issued->world, &use, message);
  assert_count (issued->world, 2, "certificate");
  assert_count (issued->world, 1, "certificate WHERE revoked_at = 0");
}

static void
test_renewal_refused (Issued *issued, gconstpointer data)
{
  g_autoptr (Device) device = device_get_certificate (issued->world, NULL, issued->token, "device.key");
  g_autoptr (EVP_PKEY) key = device_load_key ("scepclient.key");
  const ScepVisit visit = {
    .type = SIM_SCEP_RENEWAL_REQ, .key = key, .signer = device->certificate, .signer_key = device->key
  };

  assert_refused (issued, &visit, "has no enrollment");
  g_assert_cmpuint (device_say (issued->world, device, "Authenticate", issued->token), ==, 200);
  world_advance (issued->world, 366 * 24 * HOUR_MS);
  assert_refused (issued, &visit, "unknown, revoked or expired");
  world_advance (issued->world, -366 * 24 * HOUR_MS);
  world_write (issued->world, "UPDATE certificate SET revoked_at = 5");
  assert_refused (issued, &visit, "unknown, revoked or expired");
  world_write (issued->world, "UPDATE certificate SET revoked_at = 0");
  world_write (issued->world, "UPDATE person SET state = 'deactivated'");
  assert_refused (issued, &visit, "deactivated");
  world_write (issued->world, "UPDATE person SET state = 'active'");
  world_write (issued->world, "UPDATE enrollment SET ended_at = 5");
  assert_refused (issued, &visit, "the enrollment has ended");
  world_write (issued->world, "UPDATE certificate SET enrollment_id = 'gone'");
  assert_refused (issued, &visit, "the enrollment has ended");
  world_write (issued->world, "DELETE FROM certificate");
  assert_refused (issued, &visit, "unknown, revoked or expired");
}

/* Our own trouble is no refusal: the device tries again. */
static void
test_database_down (Issued *issued, gconstpointer data)
{
  g_autoptr (EVP_PKEY) key = device_load_key ("device.key");
  const ScepVisit visit = { .challenge = issued->challenge, .key = key };
  g_autoptr (GBytes) message = device_build_scep (issued->world, &visit);
  g_autoptr (DoorResponse) response = NULL, no_person = NULL, unreadable = NULL;

  world_break_table (issued->world, "certificate");
  response = device_post_scep (issued->world, message);
  g_assert_cmpuint (door_response_get_status (response), >=, 500);
  world_write (issued->world, "ALTER TABLE person RENAME TO gone");
  no_person = device_post_scep (issued->world, message);
  g_assert_cmpuint (door_response_get_status (no_person), >=, 500);
  world_write (issued->world, "DROP TABLE scep_challenge");
  unreadable = device_post_scep (issued->world, message);
  g_assert_cmpuint (door_response_get_status (unreadable), >=, 500);
}

static char *
encode_query (GBytes *message)
{
  g_autofree char *text = g_base64_encode (g_bytes_get_data (message, NULL), g_bytes_get_size (message));
  g_autofree char *escaped = g_uri_escape_string (text, NULL, FALSE);

  return g_strconcat ("/mdm/apple/scep?operation=PKIOperation&message=", escaped, NULL);
}

static void
test_operations (Issued *issued, gconstpointer data)
{
  g_autoptr (DoorResponse) caps = world_get (issued->world, "/mdm/apple/scep?operation=GetCACaps", NULL);
  g_autoptr (DoorResponse) ca = world_get (issued->world, "/mdm/apple/scep?operation=GetCACert", NULL);
  g_autoptr (EVP_PKEY) key = device_load_key ("device.key");
  const ScepVisit visit = { .challenge = issued->challenge, .key = key };
  g_autoptr (GBytes) message = device_build_scep (issued->world, &visit);
  g_autofree char *text = world_dup_body (caps), *target = encode_query (message);
  g_autoptr (DoorResponse) by_get = world_get (issued->world, target, NULL);
  g_auto (ScepOutcome) outcome = device_read_scep (issued->world, by_get, key);
  static const char *const bad[] = { "",
                                     "?operation=Nothing",
                                     "?operation=PKIOperation",
                                     "?operation=PKIOperation&message=%25%25",
                                     "?operation=GetCACaps&operation=GetCACert",
                                     "?operation=PKIOperation&message=AAAA" };

  g_assert_nonnull (strstr (text, "Renewal"));
  g_assert_null (strstr (text, "\nDES\n"));
  g_assert_cmpstr (door_response_lookup_header (ca, "Content-Type"), ==, "application/x-x509-ca-cert");
  g_assert_cmpstr (door_response_lookup_header (by_get, "Content-Type"), ==, "application/x-pki-message");
  g_assert_nonnull (outcome.certificate);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/mdm/apple/scep", bad[i], NULL);
      g_autoptr (DoorResponse) response = world_get (issued->world, path, NULL);

      assert_status (response, 400);
    }
}

static void
add_test (const char *path, void (*test) (Issued *issued, gconstpointer data))
{
  g_test_add (path, Issued, NULL, set_up, test, tear_down);
}

static void
add (void)
{
  add_test ("/certificate-issuer/first", test_first);
  add_test ("/certificate-issuer/repeat", test_repeat);
  add_test ("/certificate-issuer/repeat-at-once", test_repeat_at_once);
  add_test ("/certificate-issuer/challenge", test_challenge);
  add_test ("/certificate-issuer/challenge-time", test_challenge_time);
  add_test ("/certificate-issuer/revoked", test_revoked);
  add_test ("/certificate-issuer/deactivated", test_deactivated);
  add_test ("/certificate-issuer/ended", test_ended);
  add_test ("/certificate-issuer/renewal", test_renewal);
  add_test ("/certificate-issuer/renewal-same-key", test_renewal_same_key);
  add_test ("/certificate-issuer/renewal-collected", test_renewal_collected);
  add_test ("/certificate-issuer/renewal-overtaken", test_renewal_overtaken);
  add_test ("/certificate-issuer/renewal-refused", test_renewal_refused);
  add_test ("/certificate-issuer/database-down", test_database_down);
  add_test ("/certificate-issuer/operations", test_operations);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
