/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "door-error.h"
#include "door-push-certificate.h"
#include "door-push.h"
#include "mac.h"
#include "sim-certificate.h"

/* Generous: nothing waits for it where all is well. */
#define DEADLINE_S 60
#define OTHER_ID "00008112-00FFFFFFFFFFFFFF"
#define OTHER_TOPIC "com.apple.mgmt.External.22222222-2222-3333-4444-555555555555"
#define SECOND_MS INT64_C (1000)

static const Answer ada = { .assertion_id = "_ada1" };
static const Answer bob = { .assertion_id = "_bob1", .subject = "bob", .mail = "bob@example.com" };
static const char *const topics[] = { WORLD_TOPIC, OTHER_TOPIC };

/* Two devices, each with a topic of its own, and an APNs that answers at once. */
typedef struct
{
  DoorContext context; /* what the thread pins, hence the first */
  World *world;
  Device *devices[2];
  DoorPush *push;
  unsigned int status[2]; /* what each topic is answered; set while nothing is due */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  /* of the lock */
  bool has_looked; /* the thread has recorded what was answered */
  bool refuses;    /* certificates */
  unsigned int n_offered;
  GPtrArray *renewed; /* (nullable): the certificates from the next look on */
} Case;

static bool
take_identity (gpointer owner, const char *topic, const char *pem, GError **error)
{
  Case *self = owner;
  bool refuses;

  pthread_mutex_lock (&self->lock);
  refuses = self->refuses;
  self->n_offered++;
  pthread_mutex_unlock (&self->lock);
  return !refuses || door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_NONE, "no such curve");
}

static void
answer (gpointer owner, const DoorPushMessage *message, DoorPushDone done, gpointer data)
{
  const Case *self = owner;
  const DoorPushAnswer result = { .status = self->status[strcmp (message->topic, OTHER_TOPIC) == 0] };

  done (data, &result);
}

static gpointer
pin (gpointer owner)
{
  Case *self = owner;

  pthread_mutex_lock (&self->lock);
  if (self->renewed != NULL)
    {
      g_ptr_array_unref (self->context.push_certificates);
      self->context.push_certificates = g_steal_pointer (&self->renewed);
    }
  pthread_mutex_unlock (&self->lock);
  return &self->context;
}

static void
unpin (gpointer pinned)
{
  Case *self = pinned;

  pthread_mutex_lock (&self->lock);
  self->has_looked = true;
  pthread_cond_signal (&self->changed);
  pthread_mutex_unlock (&self->lock);
}

static DoorPushCertificate *
make_certificate (const char *topic)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EVP_PKEY) key = sim_key_new (2048, &error);
  g_autoptr (X509_NAME) subject = X509_NAME_new ();
  g_autoptr (X509) certificate = NULL;
  g_autoptr (GBytes) key_pem = NULL, pem = NULL;
  g_autoptr (DoorSecret) secret = NULL;
  DoorPushCertificate *self;

  g_assert_no_error (error);
  X509_NAME_add_entry_by_txt (subject, "UID", MBSTRING_UTF8, (const unsigned char *) topic, -1, -1, 0);
  certificate = sim_certificate_new_for_scep (subject, key, &error);
  g_assert_no_error (error);
  key_pem = sim_key_to_pem (key);
  pem = sim_certificate_to_pem (certificate);
  secret = door_secret_new (g_bytes_get_data (key_pem, NULL), g_bytes_get_size (key_pem));
  self = door_push_certificate_new (pem, secret, &error);
  g_assert_no_error (error);
  return self;
}

static GPtrArray *
make_certificates (void)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) door_push_certificate_unref);

  for (size_t i = 0; i < G_N_ELEMENTS (topics); i++)
    g_ptr_array_add (list, make_certificate (topics[i]));
  return list;
}

static Case *
case_new (bool refuses)
{
  Case *self = g_new0 (Case, 1);
  const DoorPushSender sender = { self, take_identity, answer };
  const DoorPins contexts = { pin, unpin, self };
  pthread_condattr_t attributes;
  DoorContext *context;

  pthread_mutex_init (&self->lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&self->changed, &attributes);
  pthread_condattr_destroy (&attributes);
  self->world = world_new (NULL);
  self->devices[0] = mac_enroll (self->world, &ada, "device.key", MAC_ID);
  self->devices[1] = mac_enroll (self->world, &bob, "scepclient.key", OTHER_ID);
  world_write (self->world, "UPDATE enrollment SET topic = '" OTHER_TOPIC "' WHERE device_id IN "
                            "(SELECT id FROM device WHERE apple_id = '" OTHER_ID "')");
  self->push = door_push_new (&sender);
  context = &self->context;
  *context = self->world->context;
  context->push_certificates = make_certificates ();
  self->refuses = refuses;
  context->push = self->push;
  door_push_start (self->push, &contexts);
  return self;
}

static void
case_free (Case *self)
{
  door_push_stop (self->push);
  door_push_free (self->push);
  g_ptr_array_unref (self->context.push_certificates);
  device_free (self->devices[0]);
  device_free (self->devices[1]);
  world_free (self->world);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Case, case_free)

static void
wait_for_look (Case *self, const struct timespec *until)
{
  int waited = 0;

  pthread_mutex_lock (&self->lock);
  while (!self->has_looked && waited == 0)
    waited = pthread_cond_timedwait (&self->changed, &self->lock, until);
  self->has_looked = false;
  pthread_mutex_unlock (&self->lock);
  g_assert_cmpint (waited, ==, 0);
}

/* Has both devices pushed in one batch, and waits until what came of it is recorded. */
static void
push_both (Case *self, unsigned int first, unsigned int second)
{
  int64_t now_ms = door_clock_now_ms (self->context.clock);
  g_autofree char *wish = g_strdup_printf ("INSERT INTO push_wish SELECT id, id, %" G_GINT64_FORMAT
                                           ", %" G_GINT64_FORMAT ", '', 0, 0, 0, '' FROM enrollment",
                                           now_ms, now_ms);
  g_autofree char *settled =
      g_strdup_printf ("push_wish WHERE claim = '' AND due_at > %" G_GINT64_FORMAT, now_ms);
  struct timespec until;

  self->status[0] = first;
  self->status[1] = second;
  world_write (self->world, "DELETE FROM push_wish");
  world_write (self->world, wish);
  door_push_wake (&self->context);
  clock_gettime (CLOCK_MONOTONIC, &until);
  until.tv_sec += DEADLINE_S;
  while (world_count (self->world, settled) < 2)
    wait_for_look (self, &until);
}

/* A quarter more or less, as pauses are spread. */
static void
assert_waits (Case *self, unsigned int topic, int64_t wait_s)
{
  int64_t now_ms = door_clock_now_ms (self->context.clock);
  g_autofree char *where = g_strdup_printf (
      "push_wish w JOIN enrollment e ON e.id = w.channel_id WHERE e.topic = '%s' AND w.status = 429 AND "
      "w.due_at BETWEEN %" G_GINT64_FORMAT " AND %" G_GINT64_FORMAT,
      topics[topic], now_ms + wait_s * SECOND_MS * 3 / 4, now_ms + wait_s * SECOND_MS * 5 / 4);

  assert_count (self->world, 1, where);
}

static void
assert_column (Case *self, unsigned int topic, const char *condition)
{
  g_autofree char *where =
      g_strdup_printf ("push_wish w JOIN enrollment e ON e.id = w.channel_id WHERE e.topic = '%s' AND %s",
                       topics[topic], condition);

  assert_count (self->world, 1, where);
}

static void
assert_problem (Case *self, const char *expected)
{
  g_autofree char *problem = door_push_dup_problem (self->push);

  if (expected == NULL)
    g_assert_null (problem);
  else if (problem == NULL || strstr (problem, expected) == NULL)
    g_error ("a problem with %s was expected, not: %s", expected, problem);
}

/* One topic is told that it asks too much, @failing; the other only now and then. */
static void
test_one_topic_waits (gconstpointer data)
{
  const unsigned int failing = GPOINTER_TO_UINT (data), other = 1 - failing;
  g_autoptr (Case) self = case_new (false);

  push_both (self, 429, 429);
  assert_waits (self, failing, 5);
  assert_waits (self, other, 5);
  world_advance (self->world, HOUR_MS);

  push_both (self, failing == 0 ? 429 : 200, failing == 1 ? 429 : 200);
  assert_waits (self, failing, 10);
  assert_column (self, other, "w.status = 200");
  /* at the same moment: what the one may not do, the other may */
  push_both (self, 200, 200);
  assert_column (self, failing, "w.reason = 'TopicWaits' AND w.status = 0");
  assert_column (self, other, "w.status = 200");
  world_advance (self->world, HOUR_MS);

  push_both (self, 429, 429);
  assert_waits (self, failing, 20);
  assert_waits (self, other, 5);
  assert_problem (self, NULL);
  world_advance (self->world, HOUR_MS);

  push_both (self, failing == 0 ? 429 : 200, failing == 1 ? 429 : 200);
  assert_waits (self, failing, 40);
  assert_column (self, other, "w.status = 200");
  assert_problem (self, topics[failing]);
  world_advance (self->world, HOUR_MS);

  push_both (self, 200, 200);
  assert_problem (self, NULL);
}

static void
look_again (Case *self)
{
  struct timespec until;

  clock_gettime (CLOCK_MONOTONIC, &until);
  until.tv_sec += DEADLINE_S;
  pthread_mutex_lock (&self->lock);
  self->has_looked = false;
  pthread_mutex_unlock (&self->lock);
  /* one look may have begun before this */
  for (size_t i = 0; i < 3; i++)
    {
      door_push_wake (&self->context);
      wait_for_look (self, &until);
    }
}

static unsigned int
get_n_offered (Case *self)
{
  unsigned int n;

  pthread_mutex_lock (&self->lock);
  n = self->n_offered;
  pthread_mutex_unlock (&self->lock);
  return n;
}

/* How often it was said since the last time. */
static unsigned int
count_refusals_told (void)
{
  g_autofree char *log = world_dup_log ();
  g_auto (GStrv) parts = g_strsplit (log, "cannot be used: no such curve", -1);

  return g_strv_length (parts) - 1;
}

static void
renew (Case *self, bool refuses)
{
  pthread_mutex_lock (&self->lock);
  self->refuses = refuses;
  self->renewed = make_certificates ();
  pthread_mutex_unlock (&self->lock);
  look_again (self);
}

/* A certificate that the sender refuses is told once, and its readiness until a better one comes. */
static void
test_refused_certificate (void)
{
  g_autoptr (Case) self = case_new (true);

  look_again (self);
  look_again (self);
  g_assert_cmpuint (get_n_offered (self), ==, 2);
  g_assert_cmpuint (count_refusals_told (), ==, 2);
  assert_problem (self, "no such curve");

  renew (self, true);
  g_assert_cmpuint (get_n_offered (self), ==, 4);
  g_assert_cmpuint (count_refusals_told (), ==, 2);
  assert_problem (self, "no such curve");

  renew (self, false);
  look_again (self);
  g_assert_cmpuint (get_n_offered (self), ==, 6);
  g_assert_cmpuint (count_refusals_told (), ==, 0);
  assert_problem (self, NULL);
  push_both (self, 200, 200);
  assert_column (self, 0, "w.status = 200");
}

static void
add_tests (void)
{
  /* in either order of the rows of a batch */
  g_test_add_data_func ("/push/first-topic-waits", GUINT_TO_POINTER (0), test_one_topic_waits);
  g_test_add_data_func ("/push/second-topic-waits", GUINT_TO_POINTER (1), test_one_topic_waits);
  g_test_add_func ("/push/refused-certificate", test_refused_certificate);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add_tests);
}
