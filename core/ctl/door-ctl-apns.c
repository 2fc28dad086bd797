/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Push certificates, beside the server that may run. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "door-ctl-apns.h"
#include "door-ctl-file.h"
#include "door-ctl-output.h"
#include "door-ctl-service.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-log.h"
#include "door-object-store.h"
#include "door-push-certificates.h"
#include "door-secret-file.h"

#define MAX_CHAIN_BYTES (64 * 1024)

static const char steps[] =
    "The key of the request is in the database, sealed. What to do next:\n"
    "  1. Have the request signed by a vendor that Apple has given an MDM signing "
    "certificate: your own\n"
    "     organisation, if it is one, or a service such as mdmcert.download. Apple takes "
    "no other.\n"
    "  2. Sign in at https://identity.apple.com/pushcert with an Apple ID of the "
    "organisation, not of a person:\n"
    "     only the same one can renew it. Choose \"Create a Certificate\"; to renew one, "
    "\"Renew\" beside it.\n"
    "  3. Upload what the vendor gave you, and download the certificate.\n"
    "  4. doorctl apns import MDM_CERTIFICATE.pem\n";

static bool
run_prepare (DoorCtlApnsRun *self, const DoorCtlContext *context, GError **error)
{
  self->service = door_ctl_service_open (context->line, error);
  if (self->service == NULL || !door_ctl_service_load_state_key (self->service, error))
    return false;
  self->keeper = (DoorPushKeeper){
    .state_key = self->service->context.state_key,
    .random = self->service->context.random,
    .now_ms = door_clock_now_ms (self->service->context.clock),
  };
  return true;
}

static bool
run_begin (DoorCtlApnsRun *self, DoorTxnMode mode, GError **error)
{
  self->txn = door_storage_begin (self->service->context.storage, mode, NULL, error);
  return self->txn != NULL;
}

static bool
run_open (DoorCtlApnsRun *self, const DoorCtlContext *context, DoorTxnMode mode, GError **error)
{
  return run_prepare (self, context, error) && run_begin (self, mode, error);
}

static void
run_clear (DoorCtlApnsRun *self)
{
  g_clear_pointer (&self->txn, door_txn_free);
  g_clear_pointer (&self->service, door_ctl_service_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorCtlApnsRun, run_clear)

/**
 * door_ctl_apns_has_topic:
 * @rows: (element-type DoorStoredPushCertificate): those of the database
 * @configured: (nullable): the one that the configuration names
 * @topic: a push topic
 *
 * Pure.
 *
 * Returns: whether one of them is of the topic
 */
bool
door_ctl_apns_has_topic (const GPtrArray *rows, const DoorPushCertificate *configured, const char *topic)
{
  for (guint i = 0; i < rows->len; i++)
    if (g_str_equal (((const DoorStoredPushCertificate *) g_ptr_array_index (rows, i))->topic, topic))
      return true;
  return configured != NULL && g_str_equal (door_push_certificate_get_topic (configured), topic);
}

/* What is there already may be the only copy of something. */
static bool
write_new (const char *path, const char *text, GError **error)
{
  int file = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  size_t size = strlen (text);
  bool written;

  if (file < 0 && errno == EEXIST)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_NONE,
                           "%s is there already, and may be a request that waits to be signed: name another "
                           "file, or remove it first",
                           path);
  if (file < 0)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_NONE, "%s: %s", path, g_strerror (errno));
  written = write (file, text, size) == (ssize_t) size && fsync (file) == 0;
  if (close (file) != 0 || !written)
    return door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_NONE, "%s: %s", path, g_strerror (errno));
  return true;
}

static bool
keep_request (DoorCtlApnsRun *run, const DoorPushRequest *request, GError **error)
{
  return run_begin (run, DOOR_TXN_WRITE, error) &&
         door_push_request_store_add (run->txn, request->key_sha256, request->sealed_key, run->keeper.now_ms,
                                      error) &&
         door_txn_commit (run->txn, error);
}

/**
 * door_ctl_apns_request:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl apns request FILE`: makes a key and a certificate request. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_apns_request (DoorCtlContext *context, GError **error)
{
  g_auto (DoorCtlApnsRun) run = { NULL };
  g_auto (DoorPushRequest) request = { NULL };
  const char *path = context->words[0];
  JsonObject *object;

  if (!run_prepare (&run, context, error) ||
      !door_push_certificates_request (&run.keeper, door_policy_get_organization (run.service->policy, ""),
                                       &request, error) ||
      !write_new (path, request.pem, error))
    return DOOR_CTL_ERROR;
  if (!keep_request (&run, &request, error))
    {
      unlink (path); /* a request whose key is nowhere is good for nothing */
      return DOOR_CTL_ERROR;
    }
  if (!context->json)
    g_print ("%s is written.\n%s", path, steps);
  object = json_object_new ();
  json_object_set_string_member (object, "file", path);
  json_object_set_string_member (object, "request", request.pem);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

static JsonObject *
build_object (const DoorPushCertificate *certificate, const DoorCtlApnsRow *row)
{
  const DoorCertificate *leaf = door_push_certificate_get_leaf (certificate);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "topic", door_push_certificate_get_topic (certificate));
  json_object_set_string_member (object, "subject", door_certificate_get_subject (leaf));
  json_object_set_string_member (object, "serial", door_certificate_get_serial (leaf));
  json_object_set_string_member (object, "sha256", door_certificate_get_sha256 (leaf));
  door_json_member_set_time (object, "not_before", door_certificate_get_not_before_ms (leaf));
  door_json_member_set_time (object, "not_after", door_certificate_get_not_after_ms (leaf));
  if (row == NULL)
    return object;
  door_json_member_set_time (object, "imported_at", row->imported_at);
  json_object_set_string_member (object, "source", row->imported_at != 0 ? "database" : "configuration");
  json_object_set_int_member (object, "enrollments", row->n_enrollments);
  return object;
}

/**
 * door_ctl_apns_import:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl apns import CERT`: takes a push certificate into the database. Blocks for files and the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_apns_import (DoorCtlContext *context, GError **error)
{
  const char *key_path = door_command_line_get_value (context->line, "key");
  g_auto (DoorCtlApnsRun) run = { NULL };
  g_autoptr (GBytes) chain = door_ctl_file_read (context->words[0], MAX_CHAIN_BYTES, error);
  g_autoptr (DoorSecret) key = NULL;
  g_autoptr (DoorPushCertificate) certificate = NULL;
  DoorPushImport import = { .chain_pem = chain,
                            .new_topic = door_command_line_has (context->line, "new-topic") };
  g_autofree char *day = NULL;

  if (chain == NULL)
    return door_ctl_status_of (*error);
  if (key_path != NULL)
    {
      key = door_secret_file_read (key_path, error);
      if (key == NULL)
        return g_file_test (key_path, G_FILE_TEST_EXISTS) ? DOOR_CTL_ERROR : DOOR_CTL_NOT_FOUND;
    }
  if (!run_open (&run, context, DOOR_TXN_WRITE, error))
    return DOOR_CTL_ERROR;
  import.key_pem = key;
  import.topic = door_settings_get_string (
      door_config_get_settings (door_setup_get_config (run.service->database->setup), "apple"), "Topic");
  certificate = door_push_certificates_import (run.txn, &run.keeper, &import, error);
  if (certificate == NULL || !door_txn_commit (run.txn, error))
    return DOOR_CTL_ERROR;
  door_log_event (G_LOG_LEVEL_MESSAGE, "push-certificate", "a push certificate was imported",
                  "DOORWARD_CERTIFICATE",
                  door_certificate_get_sha256 (door_push_certificate_get_leaf (certificate)), "DOORWARD_BY",
                  run.service->actor, NULL);
  day = door_ctl_output_dup_day (door_push_certificate_get_not_after_ms (certificate));
  if (!context->json)
    g_print ("Devices with the topic %s are pushed with it until %s. A running server uses it within "
             "seconds.\n",
             door_push_certificate_get_topic (certificate), day);
  context->result = door_ctl_output_take_object (build_object (certificate, NULL));
  return DOOR_CTL_OK;
}

static int64_t
find_uses (const GPtrArray *uses, const char *topic)
{
  for (guint i = 0; i < uses->len; i++)
    {
      const DoorPushTopicUse *use = g_ptr_array_index (uses, i);

      if (strcmp (use->topic, topic) == 0)
        return use->n_enrollments;
    }
  return 0;
}

static int64_t
find_import (const GPtrArray *stored, const DoorPushCertificate *certificate)
{
  const char *topic = door_push_certificate_get_topic (certificate);
  g_autofree char *chain = door_push_certificate_dup_chain_pem (certificate);

  for (guint i = 0; i < stored->len; i++)
    {
      const DoorStoredPushCertificate *row = g_ptr_array_index (stored, i);

      if (strcmp (row->topic, topic) == 0 && strcmp (row->chain, chain) == 0)
        return row->imported_at;
    }
  return 0;
}

/* The push certificates as the server has them. Returns: (transfer full) (element-type DoorCtlApnsRow) */
static GPtrArray *
list_rows (const DoorCtlService *service, DoorTxn *txn, GError **error)
{
  DoorSettings *apple = door_config_get_settings (door_setup_get_config (service->database->setup), "apple");
  g_autoptr (DoorPushCertificate) configured = NULL;
  g_autoptr (GPtrArray) certificates = NULL, stored = NULL, uses = NULL, rows = NULL;

  if (!door_keys_load_push_certificate (apple, &configured, error))
    return NULL;
  certificates = door_push_certificates_read (txn, service->context.state_key, configured, error);
  stored = certificates != NULL ? door_push_certificate_store_list (txn, error) : NULL;
  uses = stored != NULL ? door_push_certificate_store_list_uses (txn, error) : NULL;
  if (uses == NULL)
    return NULL;
  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) door_ctl_apns_row_free);
  for (guint i = 0; i < certificates->len; i++)
    {
      DoorPushCertificate *certificate = g_ptr_array_index (certificates, i);
      DoorCtlApnsRow *row = g_new0 (DoorCtlApnsRow, 1);

      row->certificate = door_push_certificate_ref (certificate);
      row->imported_at = certificate == configured ? 0 : find_import (stored, certificate);
      row->n_enrollments = find_uses (uses, door_push_certificate_get_topic (certificate));
      g_ptr_array_add (rows, row);
    }
  return g_steal_pointer (&rows);
}

/**
 * door_ctl_apns_row_free:
 * @self: (transfer full): a row
 */
void
door_ctl_apns_row_free (DoorCtlApnsRow *self)
{
  door_push_certificate_unref (self->certificate);
  g_free (self);
}

static void
print_row (const DoorCtlApnsRow *row)
{
  g_autofree char *day = door_ctl_output_dup_day (door_push_certificate_get_not_after_ms (row->certificate));

  g_print ("%s  until %s  from the %s  %" G_GINT64_FORMAT " enrollments\n",
           door_push_certificate_get_topic (row->certificate), day,
           row->imported_at != 0 ? "database" : "configuration", row->n_enrollments);
}

static GPtrArray *
read_rows (DoorCtlApnsRun *run, const DoorCtlContext *context, DoorTxnMode mode, GError **error)
{
  return run_open (run, context, mode, error) ? list_rows (run->service, run->txn, error) : NULL;
}

/**
 * door_ctl_apns_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl apns list`: the push certificates, the one of the configuration first, then the one imported last.
 * Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_apns_list (DoorCtlContext *context, GError **error)
{
  g_auto (DoorCtlApnsRun) run = { NULL };
  g_autoptr (GPtrArray) rows = read_rows (&run, context, DOOR_TXN_READ, error);
  JsonObject *object;
  JsonArray *array;

  if (rows == NULL)
    return DOOR_CTL_ERROR;
  array = json_array_new ();
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorCtlApnsRow *row = g_ptr_array_index (rows, i);

      if (!context->json)
        print_row (row);
      json_array_add_object_element (array, build_object (row->certificate, row));
    }
  door_ctl_output_print_none (context->json, rows->len,
                              "no device can be pushed: begin with doorctl apns request");
  object = json_object_new ();
  json_object_set_array_member (object, "certificates", array);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

static const DoorCtlApnsRow *
find_row (const GPtrArray *rows, const char *topic, GError **error)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorCtlApnsRow *row = g_ptr_array_index (rows, i);

      if (strcmp (door_push_certificate_get_topic (row->certificate), topic) == 0)
        return row;
    }
  door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                  "there is no push certificate for %s; doorctl apns list shows them", topic);
  return NULL;
}

/**
 * door_ctl_apns_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl apns show TOPIC`: a push certificate. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_apns_show (DoorCtlContext *context, GError **error)
{
  g_auto (DoorCtlApnsRun) run = { NULL };
  g_autoptr (GPtrArray) rows = read_rows (&run, context, DOOR_TXN_READ, error);
  const DoorCtlApnsRow *row = rows != NULL ? find_row (rows, context->words[0], error) : NULL;
  const DoorCertificate *leaf;

  if (row == NULL)
    return door_ctl_status_of (*error);
  leaf = door_push_certificate_get_leaf (row->certificate);
  if (!context->json)
    {
      print_row (row);
      g_print ("  subject  %s\n  serial   %s\n  sha256   %s\n", door_certificate_get_subject (leaf),
               door_certificate_get_serial (leaf), door_certificate_get_sha256 (leaf));
    }
  context->result = door_ctl_output_take_object (build_object (row->certificate, row));
  return DOOR_CTL_OK;
}

/**
 * door_ctl_apns_remove:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl apns remove TOPIC`: takes a push certificate out of the database. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_apns_remove (DoorCtlContext *context, GError **error)
{
  g_auto (DoorCtlApnsRun) run = { NULL };
  g_autoptr (GPtrArray) rows = read_rows (&run, context, DOOR_TXN_WRITE, error);
  const DoorCtlApnsRow *row = rows != NULL ? find_row (rows, context->words[0], error) : NULL;
  JsonObject *object;
  bool changed = false;

  if (row == NULL)
    return door_ctl_status_of (*error);
  if (row->n_enrollments > 0 && !door_command_line_has (context->line, "force"))
    {
      door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_PUSH_TOPIC,
                      "%" G_GINT64_FORMAT " devices are enrolled with this topic and could not be pushed any "
                      "more; --force removes it all the same. To renew it, import the new one over it",
                      row->n_enrollments);
      return DOOR_CTL_ERROR;
    }
  if (!door_push_certificate_store_remove (run.txn, context->words[0], &changed, error) ||
      !door_object_store_bump (run.txn, error) || !door_txn_commit (run.txn, error))
    return DOOR_CTL_ERROR;
  if (!changed)
    {
      door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_NONE,
                      "the certificate stands in the configuration: take PushCertificate= out of [apple]");
      return DOOR_CTL_ERROR;
    }
  door_log_event (G_LOG_LEVEL_MESSAGE, "push-certificate", "a push certificate was removed", "DOORWARD_BY",
                  run.service->actor, NULL);
  object = json_object_new ();
  json_object_set_string_member (object, "topic", context->words[0]);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
