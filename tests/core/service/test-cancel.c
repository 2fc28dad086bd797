/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <pthread.h>
#include <string.h>

#include "device.h"
#include "sign-in.h"

static const Answer ada = { .assertion_id = "_ada1" };

/* A visit in a thread of its own, as a worker makes it. */
typedef struct
{
  World *world;
  Visit visit;
  DoorResponse *response;
} Worker;

static void *
work (void *data)
{
  Worker *worker = data;

  worker->response = world_visit (worker->world, &worker->visit);
  return NULL;
}

/* The client goes away, or its time is over, while the worker waits: the worker comes free. */
static void
assert_comes_free (World *world, const Visit *visit, const char *reason)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autofree char *drop = world_dup_log (), *log = NULL;
  Worker worker = { world, *visit, NULL };
  pthread_t thread;

  worker.visit.cancellable = cancellable;
  g_assert_cmpint (pthread_create (&thread, NULL, work, &worker), ==, 0);
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (pthread_join (thread, NULL), ==, 0);
  assert_status (worker.response, 503);
  g_assert_cmpstr (door_response_lookup_header (worker.response, "Retry-After"), ==, "5");
  door_response_free (worker.response);
  log = world_dup_log ();
  if (strstr (log, reason) == NULL)
    g_error ("%s: \"%s\" was expected in %s", visit->target, reason, log);
}

static DoorTxn *
hold (World *world, DoorTxnMode mode)
{
  g_autoptr (GError) error = NULL;
  DoorTxn *txn = door_storage_begin (world->context.storage, mode, NULL, &error);

  g_assert_no_error (error);
  return txn;
}

static void
test_read (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autofree char *token = sign_in (world, "/mdm/sso", &ada);
  g_autoptr (Device) device = device_enroll (world, token, "device.key");
  g_autoptr (GBytes) info = device_build_machine_info ("iPhone12,1");
  g_autoptr (GBytes) report = device_build_message ("Idle", DEVICE_ID);
  g_autoptr (GBytes) signature = device_sign (report, device->key, device->certificate, SIM_CMS_DETACHED);
  g_autofree char *header =
      g_base64_encode (g_bytes_get_data (signature, NULL), g_bytes_get_size (signature));
  const ScepVisit renewal = {
    .type = SIM_SCEP_RENEWAL_REQ, .key = device->key, .signer = device->certificate, .signer_key = device->key
  };
  g_autoptr (GBytes) scep = device_build_scep (world, &renewal);
  g_autoptr (GBytes) form = g_bytes_new_static ("SAMLResponse=AA&RelayState=x", 28);
  static const char cookie[] = "0123456789abcdef";
  const Visit visits[] = {
    { .target = "/mdm/sso", .cookie = cookie },
    { .target = "/mdm/sso/start?idp=okta", .cookie = cookie },
    { .method = "POST",
      .target = "/api/v1/fleet/mdm/sso/callback",
      .content_type = "application/x-www-form-urlencoded",
      .body = form },
    { .method = "POST",
      .target = "/mdm/apple/account_driven_enroll",
      .content_type = "application/pkcs7-signature",
      .bearer = token,
      .body = info },
    { .method = "POST",
      .target = "/mdm/apple/scep?operation=PKIOperation",
      .content_type = "application/x-pki-message",
      .body = scep },
    { .method = "PUT",
      .target = "/mdm/apple/mdm",
      .content_type = "application/x-apple-aspen-mdm",
      .header = { "Mdm-Signature", header },
      .body = report },
  };
  g_autoptr (GPtrArray) held = g_ptr_array_new_with_free_func ((GDestroyNotify) door_txn_free);
  int64_t n = door_settings_get_integer (door_config_get_settings (world->config, "database"), "PoolSize");

  for (int64_t i = 0; i < n; i++)
    g_ptr_array_add (held, hold (world, DOOR_TXN_READ));
  for (size_t i = 0; i < G_N_ELEMENTS (visits); i++)
    assert_comes_free (world, &visits[i], "waiting for a database connection was cancelled");
}

static void
test_write (void)
{
  g_autoptr (World) world = world_new (NULL);
  g_autoptr (DoorTxn) held = hold (world, DOOR_TXN_WRITE);
  const Visit visit = { .target = "/mdm/sso/start?idp=okta" };

  assert_comes_free (world, &visit, "waiting to write was cancelled");
  g_clear_pointer (&held, door_txn_free);
  assert_count (world, 0, "flow");
}

static void
add (void)
{
  g_test_add_func ("/cancel/read", test_read);
  g_test_add_func ("/cancel/write", test_write);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
