/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-desk.h"

#include <string.h>

#include "door-admin-roles.h"
#include "door-error.h"
#include "door-log.h"
#include "door-password-sign-in.h"

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
desk_open (Desk *self, const DoorContext *context, const DoorDeskPage *page, DoorAction action,
           GError **error)
{
  if (!door_session_allow (page->session, action, DOOR_REACH_TEAMS, error))
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
 * door_admin_desk_list_dep_devices:
 * @context: what every service needs
 * @page: which page, and who asks
 * @error: return location for an error
 *
 * Lists the devices that Apple assigns to this server, all or those of the teams of who asks, ordered by id.
 * Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorDepDevice): the rows, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN or
 *   another error
 */
GPtrArray *
door_admin_desk_list_dep_devices (const DoorContext *context, const DoorDeskPage *page, GError **error)
{
  g_auto (Desk) desk = { NULL };

  if (!desk_open (&desk, context, page, DOOR_ACTION_READ_DEVICES, error))
    return NULL;
  return desk.limited != NULL
             ? door_dep_store_list_devices_in_teams (desk.txn, desk.limited, page->after, page->limit, error)
             : door_dep_store_list_devices (desk.txn, page->after, page->limit, error);
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

/**
 * door_admin_desk_list_acceptances:
 * @context: what every service needs
 * @page: which page, and who asks
 * @error: return location for an error
 *
 * Lists who has agreed to what, all or those of the teams of who asks, the latest first. Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorEulaAcceptance): the rows, or %NULL with
 *   %DOOR_FAULT_ADM_FORBIDDEN or another error
 */
GPtrArray *
door_admin_desk_list_acceptances (const DoorContext *context, const DoorDeskPage *page, GError **error)
{
  g_auto (Desk) desk = { NULL };
  g_autoptr (DoorEulaAcceptance) last = NULL;
  DoorEulaPage wanted = { .limit = page->limit };

  if (!desk_open (&desk, context, page, DOOR_ACTION_READ_ACCEPTANCES, error))
    return NULL;
  if (*page->after != '\0' && !door_eula_store_lookup (desk.txn, page->after, &last, error))
    return NULL;
  if (*page->after != '\0' && last == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                      "after names no acceptance");
      return NULL;
    }
  wanted.scope = desk.limited;
  wanted.last = last;
  return door_eula_store_list_before (desk.txn, &wanted, error);
}

/**
 * door_desk_administrator_free:
 * @self: (transfer full): an administrator
 */
void
door_desk_administrator_free (DoorDeskAdministrator *self)
{
  door_administrator_free (self->row);
  g_clear_pointer (&self->roles, g_ptr_array_unref);
  g_free (self);
}

static GPtrArray *
new_list (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) door_desk_administrator_free);
}

static bool
take_administrator (DoorTxn *txn, GPtrArray *list, DoorAdministrator *row, GError **error)
{
  DoorDeskAdministrator *item = g_new0 (DoorDeskAdministrator, 1);

  item->row = row;
  g_ptr_array_add (list, item);
  item->roles = door_administrator_store_list_roles (txn, row->id, error);
  return item->roles != NULL;
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
  g_autoptr (GPtrArray) list = new_list (), rows = NULL;

  if (!door_session_allow (page->session, DOOR_ACTION_READ_ADMINISTRATORS, DOOR_REACH_ALL, error) ||
      !desk_open (&desk, context, page, DOOR_ACTION_READ_ADMINISTRATORS, error))
    return NULL;
  rows = door_administrator_store_list (desk.txn, page->after, page->limit, error);
  if (rows == NULL)
    return NULL;
  while (rows->len > 0)
    if (!take_administrator (desk.txn, list, g_ptr_array_steal_index (rows, 0), error))
      return NULL;
  return g_steal_pointer (&list);
}

/**
 * door_admin_desk_find:
 * @context: what every service needs
 * @session: who asks
 * @email: an e-mail address
 * @error: return location for an error
 *
 * Finds an administrator by address. Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorDeskAdministrator): one row or none, or %NULL with
 *   %DOOR_FAULT_ADM_FORBIDDEN or another error
 */
GPtrArray *
door_admin_desk_find (const DoorContext *context, const DoorSession *session, const char *email,
                      GError **error)
{
  g_autofree char *key = door_administrator_dup_email_key (email);
  g_autoptr (GPtrArray) list = new_list ();
  g_autoptr (DoorAdministrator) row = NULL;
  g_autoptr (DoorTxn) txn = NULL;

  if (!door_session_allow (session, DOOR_ACTION_READ_ADMINISTRATORS, DOOR_REACH_ALL, error))
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);
  if (txn == NULL || (key != NULL && !door_administrator_store_lookup_by_email (txn, key, &row, error)) ||
      (row != NULL && !take_administrator (txn, list, g_steal_pointer (&row), error)))
    return NULL;
  return g_steal_pointer (&list);
}

/**
 * door_admin_desk_show:
 * @context: what every service needs
 * @session: who asks
 * @id: an administrator
 * @error: return location for an error
 *
 * Blocks for a read.
 *
 * Returns: (transfer full): the administrator, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN,
 *   %DOOR_ERROR_NOT_FOUND or another error
 */
DoorDeskAdministrator *
door_admin_desk_show (const DoorContext *context, const DoorSession *session, const char *id, GError **error)
{
  g_autoptr (GPtrArray) list = new_list ();
  g_autoptr (DoorAdministrator) row = NULL;
  g_autoptr (DoorTxn) txn = NULL;

  if (!door_session_allow (session, DOOR_ACTION_READ_ADMINISTRATORS, DOOR_REACH_ALL, error))
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);
  if (txn == NULL || !door_administrator_store_lookup (txn, id, &row, error) ||
      (row != NULL && !take_administrator (txn, list, g_steal_pointer (&row), error)))
    return NULL;
  if (list->len > 0)
    return g_ptr_array_steal_index (list, 0);
  door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND, "there is no administrator %.100s",
                  id);
  return NULL;
}

static gboolean
write_add (DoorTxn *txn, gpointer data, GError **error)
{
  const DoorDeskAdministrator *item = data;

  return door_administrator_add (txn, item->row, item->roles, error);
}

static bool
check_wish (const DoorContext *context, const DoorAdministratorWish *wish, GError **error)
{
  if (wish->password != NULL && wish->sso)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "who has single sign-on has no password");
  return door_administrator_check_name (wish->full_name, error) &&
         door_admin_roles_check (wish->roles, context->policy, error);
}

static DoorDeskAdministrator *
make_administrator (const DoorContext *context, const DoorAdministratorWish *wish, GError **error)
{
  g_autofree char *id = door_random_dup_uuid (context->random);
  g_autoptr (DoorDeskAdministrator) item = g_new0 (DoorDeskAdministrator, 1);
  g_autofree char *hash = NULL;

  item->row = door_administrator_new (id, wish->email, wish->full_name, door_clock_now_ms (context->clock));
  item->roles = door_admin_roles_copy (wish->roles);
  item->row->sso_enabled = wish->sso;
  item->row->api_only = wish->api_only;
  if (item->row->email_key == NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                      "email must be an e-mail address of plain letters");
      return NULL;
    }
  if (wish->password == NULL)
    return g_steal_pointer (&item);
  hash = door_password_sign_in_build_hash (context, wish->password, strlen (wish->password), error);
  if (hash == NULL)
    return NULL;
  g_free (item->row->password_hash);
  item->row->password_hash = g_steal_pointer (&hash);
  return g_steal_pointer (&item);
}

/**
 * door_admin_desk_add:
 * @context: what every service needs
 * @session: who wants it
 * @wish: the administrator
 * @error: return location for an error
 *
 * Adds an administrator: without password somebody who is joined with a person at the provider at the first
 * sign-in, with one somebody who signs in here. Computes where there is a password; blocks for the commit.
 *
 * Returns: (transfer full): the administrator, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN,
 *   %DOOR_FAULT_ADM_EXISTS, %DOOR_FAULT_ADM_PASSWORDRULES or another error
 */
DoorDeskAdministrator *
door_admin_desk_add (const DoorContext *context, const DoorSession *session,
                     const DoorAdministratorWish *wish, GError **error)
{
  g_autoptr (DoorDeskAdministrator) item = NULL;

  if (!door_session_allow (session, DOOR_ACTION_WRITE_ADMINISTRATORS, DOOR_REACH_ALL, error) ||
      !check_wish (context, wish, error))
    return NULL;
  item = make_administrator (context, wish, error);
  if (item == NULL || !door_writer_run (context->writer, write_add, item, NULL, error))
    return NULL;
  door_administrator_log_added (item->row->id, item->roles, session->administrator->id);
  return g_steal_pointer (&item);
}

typedef struct
{
  const char *id;
  bool passwords;
} Remove;

static gboolean
write_remove (DoorTxn *txn, gpointer data, GError **error)
{
  const Remove *work = data;

  return door_administrator_remove (txn, work->id, work->passwords, error);
}

/**
 * door_admin_desk_remove:
 * @context: what every service needs
 * @session: who wants it
 * @id: an administrator
 * @error: return location for an error
 *
 * Removes an administrator with sessions and tokens. Blocks for the commit.
 *
 * Returns: false with %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_ERROR_NOT_FOUND, %DOOR_FAULT_ADM_LASTADMIN or another
 *   error
 */
bool
door_admin_desk_remove (const DoorContext *context, const DoorSession *session, const char *id,
                        GError **error)
{
  Remove work = { id, door_policy_get_admin_rules (context->policy)->passwords };

  if (!door_session_allow (session, DOOR_ACTION_WRITE_ADMINISTRATORS, DOOR_REACH_ALL, error) ||
      !door_writer_run (context->writer, write_remove, &work, NULL, error))
    return false;
  door_log_event (G_LOG_LEVEL_MESSAGE, "administrator", "administrator removed", "DOORWARD_OUTCOME",
                  "removed", "DOORWARD_ADMINISTRATOR", id, "DOORWARD_BY", session->administrator->id, NULL);
  return true;
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
 * @password: (nullable): a new password
 * @error: return location for an error
 *
 * Changes name, roles, single sign-on, state or password of an administrator, and ends their sessions.
 * Computes where there is a password; blocks for the commit.
 *
 * Returns: false with %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_FAULT_ADM_LASTADMIN or another error
 */
bool
door_admin_desk_edit (const DoorContext *context, const DoorSession *session, DoorAdministratorEdit *edit,
                      const char *password, GError **error)
{
  g_autofree char *hash = NULL;

  if (!door_session_allow (session, DOOR_ACTION_WRITE_ADMINISTRATORS, DOOR_REACH_ALL, error))
    return false;
  if (edit->roles != NULL && !door_admin_roles_check (edit->roles, context->policy, error))
    return false;
  if (edit->full_name != NULL && !door_administrator_check_name (edit->full_name, error))
    return false;
  if (password != NULL)
    {
      hash = door_password_sign_in_build_hash (context, password, strlen (password), error);
      if (hash == NULL)
        return false;
      edit->password_hash = hash;
    }
  edit->passwords = door_policy_get_admin_rules (context->policy)->passwords;
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
  return door_session_store_end_all (txn, work->id, "administrator", work->now_ms, NULL, error);
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

  if (!door_session_allow (session, DOOR_ACTION_END_SESSIONS, DOOR_REACH_ALL, error) ||
      !door_writer_run (context->writer, write_end_sessions, &work, NULL, error))
    return false;
  door_administrator_log_sessions_ended (id, session->administrator->id);
  return true;
}
