/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What devices have escrowed, and what they were given, for somebody who stands before one that is locked. */
#include "door-ctl-device.h"
#include "door-ctl-output.h"
#include "door-ctl-service.h"
#include "door-device-setup-store.h"
#include "door-error.h"
#include "door-escrow.h"
#include "door-log.h"
#include "door-setup-assistant.h"

/* Far more than a device is enrolled in its life. */
#define MAX_ENROLLMENTS 1000

/* A device keeps what it was asked for once, so the last enrollment counts, also when it has ended. What an
 * older one has left is asked for by its id: whoever enrolls in place of the owner does not hide it. */
static char *
find_enrollment (DoorTxn *txn, const DoorCtlContext *context, GError **error)
{
  const char *name = context->words[0], *wanted = door_command_line_get_value (context->line, "enrollment");
  g_autoptr (DoorDevice) device = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  if (!door_ctl_find_device (txn, name, &device, error))
    return NULL;
  rows = door_device_store_list_enrollments (txn, device->id, MAX_ENROLLMENTS, error);
  if (rows == NULL)
    return NULL;
  if (rows->len == 0)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE, "%s was never enrolled", name);
      return NULL;
    }
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorEnrollment *row = g_ptr_array_index (rows, i);

      if (wanted == NULL || g_str_equal (row->id, wanted))
        return g_strdup (row->id);
    }
  door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                  "%s has no enrollment %.100s; doorctl device show lists them", name, wanted);
  return NULL;
}

static DoorSecret *
read_token (DoorCtlService *service, const DoorCtlContext *context, DoorEscrowKind kind, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (service->database->storage, DOOR_TXN_READ, NULL, error);
  g_autofree char *enrollment_id = txn != NULL ? find_enrollment (txn, context, error) : NULL;
  g_autoptr (DoorSecret) token = NULL;

  if (enrollment_id == NULL || !door_ctl_service_load_state_key (service, error) ||
      !door_escrow_read (txn, service->context.state_key, enrollment_id, kind, &token, error))
    return NULL;
  if (token == NULL)
    door_error_set (
        error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
        "%s has left no %s with this enrollment: %s; doorctl device show lists its enrollments, and "
        "--enrollment names another one",
        context->words[0], kind == DOOR_ESCROW_UNLOCK_TOKEN ? "unlock token" : "bootstrap token",
        kind == DOOR_ESCROW_UNLOCK_TOKEN
            ? "iPhones and iPads that are managed as a whole send one when they enroll, Macs and "
              "user enrollments do not"
            : "Macs that are managed as a whole send one when a user who may administer them first "
              "signs in");
  return g_steal_pointer (&token);
}

static DoorCtlExit
show (DoorCtlContext *context, DoorEscrowKind kind, const char *event, GError **error)
{
  g_autoptr (DoorCtlService) service = door_ctl_service_open (context->line, error);
  g_autofree char *text = NULL;
  g_autoptr (DoorSecret) token = NULL;
  JsonObject *object;
  size_t size;
  const uint8_t *data;

  if (service == NULL)
    return DOOR_CTL_ERROR;
  token = read_token (service, context, kind, error);
  if (token == NULL)
    return door_ctl_status_of (*error);
  door_log_event (G_LOG_LEVEL_MESSAGE, "escrow", event, "DOORWARD_DEVICE", context->words[0], "DOORWARD_BY",
                  service->actor, NULL);
  data = door_secret_get_data (token, &size);
  text = g_base64_encode (data, size);
  if (!context->json)
    g_print ("%s\n", text);
  object = json_object_new ();
  json_object_set_string_member (object, "token", text);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_device_unlock_token:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device unlock-token ID`: with what the passcode of a device is cleared. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_unlock_token (DoorCtlContext *context, GError **error)
{
  return show (context, DOOR_ESCROW_UNLOCK_TOKEN, "unlock token shown to root", error);
}

/**
 * door_ctl_device_bootstrap_token:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device bootstrap-token ID`: the bootstrap token of a device. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_bootstrap_token (DoorCtlContext *context, GError **error)
{
  return show (context, DOOR_ESCROW_BOOTSTRAP_TOKEN, "bootstrap token shown to root", error);
}

static DoorSecret *
read_password (DoorCtlService *service, const DoorCtlContext *context, char **account, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (service->database->storage, DOOR_TXN_READ, NULL, error);
  g_autofree char *enrollment_id = txn != NULL ? find_enrollment (txn, context, error) : NULL;
  g_autoptr (DoorDeviceSetup) setup = NULL;

  if (enrollment_id == NULL || !door_ctl_service_load_state_key (service, error) ||
      !door_device_setup_store_lookup (txn, enrollment_id, &setup, error))
    return NULL;
  if (setup == NULL || *setup->sealed_admin_password == '\0')
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                      "the device was given no managed administrator; see ManagedAdmin in doorward.conf(5)");
      return NULL;
    }
  *account = g_strdup (setup->admin_name);
  return door_setup_assistant_open_password (service->context.state_key, enrollment_id,
                                             setup->sealed_admin_password, error);
}

/**
 * door_ctl_device_admin_password:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device admin-password ID`: the password of the managed administrator of a Mac. Blocks for the
 * database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_admin_password (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlService) service = door_ctl_service_open (context->line, error);
  g_autofree char *account = NULL;
  g_autoptr (DoorSecret) password = NULL;
  JsonObject *object;

  if (service == NULL)
    return DOOR_CTL_ERROR;
  password = read_password (service, context, &account, error);
  if (password == NULL)
    return door_ctl_status_of (*error);
  door_log_event (G_LOG_LEVEL_MESSAGE, "escrow", "password of a managed administrator shown to root",
                  "DOORWARD_DEVICE", context->words[0], "DOORWARD_BY", service->actor, NULL);
  if (!context->json)
    g_print ("%s  %s\n", account, door_secret_get_text (password));
  object = json_object_new ();
  json_object_set_string_member (object, "account", account);
  json_object_set_string_member (object, "password", door_secret_get_text (password));
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
