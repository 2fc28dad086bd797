/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-command-desk.h"

#include "door-command.h"
#include "door-device-desk.h"
#include "door-error.h"
#include "door-push.h"

static DoorAction
get_action (const char *request_type, bool force)
{
  return !force && door_device_order_is_harmless (request_type) ? DOOR_ACTION_ASK_DEVICES
                                                                : DOOR_ACTION_COMMAND_DEVICES;
}

/* A device, and how much of its past is for who asks. */
typedef struct
{
  DoorDeskDevice reached;
  DoorCommandScope scope;
} Found;

static void
found_clear (Found *self)
{
  door_desk_device_clear (&self->reached);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Found, found_clear)

/* Who has but teams sees of a device what happened in the enrollment by which they reach it: before that it
 * may have been another team's, and who carried it another person. */
static bool
find (DoorTxn *txn, const DoorSession *session, DoorAction action, const char *name, Found *out,
      GError **error)
{
  bool everywhere = door_session_get_reach (session, action) == DOOR_REACH_ALL;

  if (!door_device_desk_find (txn, session, action, name, &out->reached, error))
    return false;
  out->scope = (DoorCommandScope){
    out->reached.device->id,
    everywhere || out->reached.enrollment == NULL ? NULL : out->reached.enrollment->id,
  };
  return true;
}

static bool
find_command (DoorTxn *txn, const Found *found, const char *uuid, DoorStoredCommand **out, GError **error)
{
  if (!door_command_store_lookup_of_device (txn, &found->scope, uuid, out, error))
    return false;
  return *out != NULL || door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND,
                                         "there is no command %.100s", uuid);
}

/**
 * door_command_desk_list:
 * @context: what every service needs
 * @page: which page, and who asks; the name of a row is its CommandUUID
 * @device: a device
 * @error: return location for an error
 *
 * Lists the commands of a device, the latest first. Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorStoredCommand): the rows, or %NULL with
 * %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_ERROR_NOT_FOUND or another error
 */
GPtrArray *
door_command_desk_list (const DoorContext *context, const DoorDeskPage *page, const char *device,
                        GError **error)
{
  g_autoptr (DoorTxn) txn = NULL;
  g_auto (Found) found = { NULL };
  g_autoptr (DoorStoredCommand) last = NULL;

  if (!door_session_allow (page->session, DOOR_ACTION_READ_COMMANDS, DOOR_REACH_TEAMS, error))
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, page->cancellable, error);
  if (txn == NULL || !find (txn, page->session, DOOR_ACTION_READ_COMMANDS, device, &found, error) ||
      (*page->after != '\0' && !find_command (txn, &found, page->after, &last, error)))
    return NULL;
  return door_command_store_list_before (txn, &found.scope, last, page->limit, error);
}

/**
 * door_command_desk_show:
 * @context: what every service needs
 * @session: who asks
 * @device: a device
 * @uuid: a command
 * @error: return location for an error
 *
 * Blocks for a read.
 *
 * Returns: (transfer full): the command with its result, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN,
 *   %DOOR_ERROR_NOT_FOUND or another error
 */
DoorStoredCommand *
door_command_desk_show (const DoorContext *context, const DoorSession *session, const char *device,
                        const char *uuid, GError **error)
{
  g_autoptr (DoorTxn) txn = NULL;
  g_auto (Found) found = { NULL };
  g_autoptr (DoorStoredCommand) row = NULL;

  if (!door_session_allow (session, DOOR_ACTION_READ_COMMANDS, DOOR_REACH_TEAMS, error))
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);
  if (txn == NULL || !find (txn, session, DOOR_ACTION_READ_COMMANDS, device, &found, error) ||
      !find_command (txn, &found, uuid, &row, error))
    return NULL;
  return g_steal_pointer (&row);
}

/* One change to a queue. */
typedef struct
{
  const DoorSession *session;
  const char *device;
  DoorDeviceOrder order;
  Found found;            /* (out) */
  DoorStoredCommand *row; /* (out): the command after it */
  char *doubt;            /* (out) (nullable): why the device may refuse it */
} Change;

static void
change_clear (Change *self)
{
  found_clear (&self->found);
  g_clear_pointer (&self->row, door_stored_command_free);
  g_clear_pointer (&self->doubt, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

static gboolean
write_add (DoorTxn *txn, gpointer data, GError **error)
{
  Change *change = data;
  DoorAction action = get_action (door_command_get_request_type (change->order.command), change->order.force);
  g_autoptr (DoorEnrollment) enrollment = NULL;

  change_clear (change);
  if (!find (txn, change->session, action, change->device, &change->found, error) ||
      !door_device_order_find_enrollment (txn, change->found.reached.device, &enrollment, error) ||
      !door_device_order_add (txn, change->found.reached.device, enrollment, &change->order, error) ||
      !find_command (txn, &change->found, change->order.uuid, &change->row, error))
    return FALSE;
  change->doubt = door_device_order_dup_doubt (change->found.reached.device, enrollment, &change->order);
  return TRUE;
}

/**
 * door_command_desk_add:
 * @context: what every service needs
 * @session: who wants it
 * @wish: the command
 * @doubt: (out) (nullable) (transfer full): why the device may refuse it, %NULL when nothing speaks for that
 * @error: return location for an error
 *
 * Queues a command for a device. The same command under the same id is queued once. Blocks for the commit.
 *
 * Returns: (transfer full): the command, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_FAULT_CMD_INVALID,
 *   %DOOR_FAULT_CMD_CONFLICT, %DOOR_ERROR_NOT_FOUND or another error
 */
DoorStoredCommand *
door_command_desk_add (const DoorContext *context, const DoorSession *session, const DoorCommandWish *wish,
                       char **doubt, GError **error)
{
  g_autofree char *uuid = wish->uuid != NULL ? g_strdup (wish->uuid) : door_random_dup_uuid (context->random);
  const char *request_type = door_command_get_request_type (wish->command);
  g_autoptr (DoorCommandSchema) schema = NULL;
  g_auto (Change) change = { .session = session,
                             .device = wish->device,
                             .order = { .context = context,
                                        .uuid = uuid,
                                        .command = wish->command,
                                        .user_key = wish->user_key,
                                        .force = wish->force,
                                        .source = session->administrator->id,
                                        .now_ms = door_clock_now_ms (context->clock) } };

  if (!door_session_allow (session, get_action (request_type, wish->force), DOOR_REACH_TEAMS, error))
    return NULL;
  change.order.schema = schema = door_command_schema_new (error);
  if (schema == NULL || !door_writer_run (context->writer, write_add, &change, NULL, error))
    return NULL;
  door_push_wake (context);
  door_device_order_log ("queued", change.found.reached.device, request_type, uuid,
                         session->administrator->id);
  *doubt = g_steal_pointer (&change.doubt);
  return g_steal_pointer (&change.row);
}

static gboolean
write_cancel (DoorTxn *txn, gpointer data, GError **error)
{
  Change *change = data;

  change_clear (change);
  if (!find (txn, change->session, DOOR_ACTION_ASK_DEVICES, change->device, &change->found, error) ||
      !find_command (txn, &change->found, change->order.uuid, &change->row, error))
    return FALSE;
  if (!door_device_order_is_harmless (change->row->request_type) &&
      (!door_session_allow (change->session, DOOR_ACTION_COMMAND_DEVICES, DOOR_REACH_TEAMS, error) ||
       !find (txn, change->session, DOOR_ACTION_COMMAND_DEVICES, change->device, &change->found, error)))
    return FALSE;
  return door_device_order_cancel (txn, &change->found.scope, change->order.uuid, change->order.now_ms,
                                   error);
}

/**
 * door_command_desk_cancel:
 * @context: what every service needs
 * @session: who wants it
 * @device: a device
 * @uuid: a command
 * @error: return location for an error
 *
 * Takes a command back that the device does not have. Blocks for the commit.
 *
 * Returns: false with %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_FAULT_CMD_CONFLICT, %DOOR_ERROR_NOT_FOUND or another
 * error
 */
bool
door_command_desk_cancel (const DoorContext *context, const DoorSession *session, const char *device,
                          const char *uuid, GError **error)
{
  g_auto (Change) change = { .session = session,
                             .device = device,
                             .order = { .uuid = uuid, .now_ms = door_clock_now_ms (context->clock) } };

  if (!door_session_allow (session, DOOR_ACTION_ASK_DEVICES, DOOR_REACH_TEAMS, error) ||
      !door_writer_run (context->writer, write_cancel, &change, NULL, error))
    return false;
  door_device_order_log ("cancelled", change.found.reached.device, change.row->request_type, uuid,
                         session->administrator->id);
  return true;
}
