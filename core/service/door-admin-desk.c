/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-desk.h"

#include "door-admin-roles.h"
#include "door-error.h"

/* A role that the statement had no room for would see nothing. */
G_STATIC_ASSERT (DOOR_N_ROLES - 1 <= DOOR_TEAM_SCOPE_ROLES);

/* What is asked, and for which teams. */
typedef struct
{
  DoorTxn *txn;
  DoorTeamScope scope;
  const DoorTeamScope *limited; /* (nullable): everywhere */
} Desk;

static void
desk_close (Desk *self)
{
  g_clear_pointer (&self->txn, door_txn_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Desk, desk_close)

static bool
allow (const DoorSession *session, DoorAction action, DoorReach needed, GError **error)
{
  return door_session_get_reach (session, action) >= needed ||
         door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_FORBIDDEN, "%s: %s",
                         session->administrator->id, door_action_to_word (action));
}

static bool
desk_open (Desk *self, const DoorContext *context, const DoorDeskPage *page, DoorAction action,
           GError **error)
{
  if (!allow (page->session, action, DOOR_REACH_TEAMS, error))
    return false;
  self->scope = (DoorTeamScope){ page->session->administrator->id, door_permission_get_roles (action) };
  if (door_session_get_reach (page->session, action) != DOOR_REACH_ALL)
    self->limited = &self->scope;
  self->txn = door_storage_begin (context->storage, DOOR_TXN_READ, page->cancellable, error);
  return self->txn != NULL;
}

/**
 * door_admin_desk_list_devices:
 * @context: what every service needs
 * @page: which page, and who asks
 * @error: return location for an error
 *
 * Lists devices, all or those of the teams of who asks, ordered by id. Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorDeviceOverview): the rows, or %NULL with
 *   %DOOR_FAULT_ADM_FORBIDDEN or another error
 */
GPtrArray *
door_admin_desk_list_devices (const DoorContext *context, const DoorDeskPage *page, GError **error)
{
  g_auto (Desk) desk = { NULL };

  if (!desk_open (&desk, context, page, DOOR_ACTION_READ_DEVICES, error))
    return NULL;
  return desk.limited != NULL
             ? door_device_store_list_in_teams (desk.txn, desk.limited, page->after, page->limit, error)
             : door_device_store_list_overview (desk.txn, page->after, page->limit, error);
}

/**
 * door_admin_desk_list_people:
 * @context: what every service needs
 * @page: which page, and who asks
 * @error: return location for an error
 *
 * Lists people, all or those with a device in the teams of who asks, ordered by id. Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorPerson): the rows, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN or
 *   another error
 */
GPtrArray *
door_admin_desk_list_people (const DoorContext *context, const DoorDeskPage *page, GError **error)
{
  g_auto (Desk) desk = { NULL };

  if (!desk_open (&desk, context, page, DOOR_ACTION_READ_PEOPLE, error))
    return NULL;
  return desk.limited != NULL
             ? door_person_store_list_in_teams (desk.txn, desk.limited, page->after, page->limit, error)
             : door_person_store_list (desk.txn, page->after, page->limit, error);
}

/**
 * door_admin_desk_list_sign_ins:
 * @context: what every service needs
 * @page: which page, and who asks; the name of a row is its code
 * @error: return location for an error
 *
 * Lists records of sign-ins, all or those of the teams of who asks, the latest first. Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorAttempt): the rows, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN or
 *   another error
 */
GPtrArray *
door_admin_desk_list_sign_ins (const DoorContext *context, const DoorDeskPage *page, GError **error)
{
  g_auto (Desk) desk = { NULL };
  g_autoptr (DoorAttempt) last = NULL;

  if (!desk_open (&desk, context, page, DOOR_ACTION_READ_SIGN_INS, error))
    return NULL;
  if (*page->after != '\0' && !door_attempt_store_lookup (desk.txn, page->after, &last, error))
    return NULL;
  if (*page->after != '\0' && last == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "after names no record");
      return NULL;
    }
  return door_attempt_store_list_before (desk.txn, desk.limited, last, page->limit, error);
}

static void
desk_administrator_free (gpointer data)
{
  DoorDeskAdministrator *self = data;

  door_administrator_free (self->row);
  g_clear_pointer (&self->roles, g_ptr_array_unref);
  g_free (self);
}

/**
 * door_admin_desk_list_administrators:
 * @context: what every service needs
 * @page: which page, and who asks
 * @error: return location for an error
 *
 * Lists administrators with their roles, ordered by id. Blocks for reads.
 *
 * Returns: (transfer full) (element-type DoorDeskAdministrator): the rows, or %NULL with
 *   %DOOR_FAULT_ADM_FORBIDDEN or another error
 */
GPtrArray *
door_admin_desk_list_administrators (const DoorContext *context, const DoorDeskPage *page, GError **error)
{
  g_auto (Desk) desk = { NULL };
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (desk_administrator_free);
  g_autoptr (GPtrArray) rows = NULL;

  if (!allow (page->session, DOOR_ACTION_READ_ADMINISTRATORS, DOOR_REACH_ALL, error) ||
      !desk_open (&desk, context, page, DOOR_ACTION_READ_ADMINISTRATORS, error))
    return NULL;
  rows = door_administrator_store_list (desk.txn, page->after, page->limit, error);
  if (rows == NULL)
    return NULL;
  while (rows->len > 0)
    {
      DoorDeskAdministrator *item = g_new0 (DoorDeskAdministrator, 1);

      item->row = g_ptr_array_steal_index (rows, 0);
      g_ptr_array_add (list, item);
      item->roles = door_administrator_store_list_roles (desk.txn, item->row->id, error);
      if (item->roles == NULL)
        return NULL;
    }
  return g_steal_pointer (&list);
}

static gboolean
write_edit (DoorTxn *txn, gpointer data, GError **error)
{
  return door_administrator_edit (txn, data, error);
}

/**
 * door_admin_desk_edit:
 * @context: what every service needs
 * @session: who wants it
 * @edit: what shall change
 * @error: return location for an error
 *
 * Changes roles, single sign-on or state of an administrator, and ends their sessions. Blocks for the commit.
 *
 * Returns: false with %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_FAULT_ADM_LASTADMIN or another error
 */
bool
door_admin_desk_edit (const DoorContext *context, const DoorSession *session, DoorAdministratorEdit *edit,
                      GError **error)
{
  if (!allow (session, DOOR_ACTION_WRITE_ADMINISTRATORS, DOOR_REACH_ALL, error))
    return false;
  if (edit->roles != NULL && !door_admin_roles_check (edit->roles, context->policy, error))
    return false;
  edit->now_ms = door_clock_now_ms (context->clock);
  if (!door_writer_run (context->writer, write_edit, edit, NULL, error))
    return false;
  door_administrator_log_edited (edit, session->administrator->id);
  return true;
}

typedef struct
{
  const char *id;
  int64_t now_ms;
} EndSessions;

static gboolean
write_end_sessions (DoorTxn *txn, gpointer data, GError **error)
{
  const EndSessions *work = data;
  g_autoptr (DoorAdministrator) row = NULL;

  if (!door_administrator_store_lookup (txn, work->id, &row, error))
    return FALSE;
  if (row == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND,
                           "there is no administrator %s", work->id);
  return door_session_store_remove_handovers (txn, work->id, error) &&
         door_session_store_end_all (txn, work->id, "administrator", work->now_ms, NULL, error);
}

/**
 * door_admin_desk_end_sessions:
 * @context: what every service needs
 * @session: who wants it
 * @id: an administrator
 * @error: return location for an error
 *
 * Signs an administrator out everywhere. Blocks for the commit.
 *
 * Returns: false with %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_ERROR_NOT_FOUND or another error
 */
bool
door_admin_desk_end_sessions (const DoorContext *context, const DoorSession *session, const char *id,
                              GError **error)
{
  EndSessions work = { id, door_clock_now_ms (context->clock) };

  if (!allow (session, DOOR_ACTION_END_SESSIONS, DOOR_REACH_ALL, error) ||
      !door_writer_run (context->writer, write_end_sessions, &work, NULL, error))
    return false;
  door_administrator_log_sessions_ended (id, session->administrator->id);
  return true;
}
