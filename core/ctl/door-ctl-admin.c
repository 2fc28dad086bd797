/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Administrators, as the database has them. */
#include "door-admin-roles.h"
#include "door-administrator-json.h"
#include "door-administrator.h"
#include "door-ctl-admin.h"
#include "door-ctl-list.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-session-store.h"

#define MAX_SESSIONS 100

/* An administrator with roles, for lists. */
typedef struct
{
  DoorAdministrator *administrator;
  GPtrArray *roles;
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;

  door_administrator_free (row->administrator);
  g_clear_pointer (&row->roles, g_ptr_array_unref);
  g_free (row);
}

/**
 * door_ctl_admin_find:
 * @txn: a transaction
 * @name: e-mail address or id
 * @error: return location for an error
 *
 * Blocks for the database.
 *
 * Returns: (transfer full): the administrator, or %NULL with %DOOR_ERROR_NOT_FOUND or another error
 */
DoorAdministrator *
door_ctl_admin_find (DoorTxn *txn, const char *name, GError **error)
{
  g_autofree char *key = door_administrator_dup_email_key (name);
  g_autoptr (DoorAdministrator) found = NULL;

  if (!(key != NULL ? door_administrator_store_lookup_by_email (txn, key, &found, error)
                    : door_administrator_store_lookup (txn, name, &found, error)))
    return NULL;
  if (found == NULL)
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                    "there is no administrator %s; doorctl admin list shows them", name);
  return g_steal_pointer (&found);
}

static JsonObject *
build_row (gconstpointer data)
{
  const Row *row = data;

  return door_administrator_json_build (row->administrator, row->roles);
}

static void
print_head (void)
{
  g_print ("%-32s %-11s %-3s %s\n", "EMAIL", "STATE", "SSO", "ROLES");
}

static void
print_row (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *roles = door_admin_roles_to_text (row->roles);

  g_print ("%-32s %-11s %-3s %s%s\n", row->administrator->email, row->administrator->state,
           row->administrator->sso_enabled != 0 ? "on" : "off", roles,
           row->administrator->api_only != 0 ? " (API only)" : "");
}

static const char *
get_name (gconstpointer data)
{
  return ((const Row *) data)->administrator->email;
}

static GPtrArray *
list_page (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  g_autoptr (DoorAdministrator) last = after != NULL ? door_ctl_admin_find (txn, after, error) : NULL;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (row_free), rows = NULL;

  if (after != NULL && last == NULL)
    return NULL;
  rows = door_administrator_store_list (txn, last != NULL ? last->id : "", limit, error);
  while (rows != NULL && rows->len > 0)
    {
      Row *row = g_new0 (Row, 1);

      row->administrator = g_ptr_array_steal_index (rows, 0);
      g_ptr_array_add (list, row);
      row->roles = door_administrator_store_list_roles (txn, row->administrator->id, error);
      if (row->roles == NULL)
        return NULL;
    }
  return rows != NULL ? g_steal_pointer (&list) : NULL;
}

/**
 * door_ctl_admin_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin list`: one page of administrators. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND for an unknown `--after`, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_list (DoorCtlContext *context, GError **error)
{
  static const DoorCtlList list = {
    .member = "administrators",
    .none = "doorctl admin add makes one",
    .list_page = list_page,
    .print_head = print_head,
    .print = print_row,
    .build_object = build_row,
    .get_name = get_name,
  };

  return door_ctl_list_run (context, &list, error);
}

static JsonArray *
list_identities (DoorTxn *txn, const char *id, bool print, GError **error)
{
  g_autoptr (GPtrArray) rows = door_administrator_store_list_identities (txn, id, error);
  JsonArray *array = rows != NULL ? json_array_new () : NULL;

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const DoorAdministratorIdentity *row = g_ptr_array_index (rows, i);
      JsonObject *object = json_object_new ();

      if (print)
        g_print ("  identity  %s  %s  %s\n", row->connection, row->issuer, row->subject);
      json_object_set_string_member (object, "issuer", row->issuer);
      json_object_set_string_member (object, "subject", row->subject);
      json_object_set_string_member (object, "idp", row->connection);
      json_array_add_object_element (array, object);
    }
  return array;
}

/**
 * door_ctl_admin_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin show NAME`: an administrator with roles and identities. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_show (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorAdministrator) administrator = NULL;
  g_autoptr (GPtrArray) roles = NULL;
  JsonArray *identities;
  JsonObject *object;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  administrator = door_ctl_admin_find (database->txn, context->words[0], error);
  if (administrator == NULL)
    return door_ctl_status_of (*error);
  roles = door_administrator_store_list_roles (database->txn, administrator->id, error);
  if (roles == NULL)
    return DOOR_CTL_ERROR;
  if (!context->json)
    {
      g_autofree char *text = door_admin_roles_to_text (roles);

      g_print ("%s\n  id        %s\n  name      %s\n  state     %s\n  sso       %s\n  roles     %s%s\n",
               administrator->email, administrator->id, administrator->full_name, administrator->state,
               administrator->sso_enabled != 0 ? "on" : "off", text,
               administrator->api_only != 0 ? " (API only)" : "");
    }
  identities = list_identities (database->txn, administrator->id, !context->json, error);
  if (identities == NULL)
    return DOOR_CTL_ERROR;
  object = door_administrator_json_build (administrator, roles);
  json_object_set_array_member (object, "identities", identities);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

static JsonObject *
build_session (const DoorSessionRow *row)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", row->id);
  json_object_set_string_member (object, "idp", row->connection);
  json_object_set_string_member (object, "browser", row->user_agent_family);
  door_json_member_set_time (object, "created_at", row->created_at);
  door_json_member_set_time (object, "seen_at", row->seen_at);
  door_json_member_set_time (object, "expires_at", row->expires_at);
  door_json_member_set_time (object, "ended_at", row->ended_at);
  json_object_set_string_member (object, "end_reason", row->end_reason);
  return object;
}

static void
print_session (const DoorSessionRow *row)
{
  g_autofree char *from = door_ctl_output_dup_time (row->created_at);
  g_autofree char *seen = door_ctl_output_dup_time (row->seen_at);
  g_autofree char *to = door_ctl_output_dup_time (row->ended_at != 0 ? row->ended_at : row->expires_at);

  g_print ("%-36s %-16s %-10s %-20s %-20s %s %s %s\n", row->id, row->connection, row->user_agent_family, from,
           seen, row->ended_at != 0 ? "ended" : "ends", to, row->end_reason);
}

/**
 * door_ctl_admin_sessions:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin sessions NAME`: where an administrator is and was signed in. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_sessions (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorAdministrator) administrator = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  JsonObject *object;
  JsonArray *array;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  administrator = door_ctl_admin_find (database->txn, context->words[0], error);
  if (administrator == NULL)
    return door_ctl_status_of (*error);
  rows = door_session_store_list (database->txn, administrator->id, MAX_SESSIONS, error);
  if (rows == NULL)
    return DOOR_CTL_ERROR;
  array = json_array_new ();
  if (!context->json)
    g_print ("%-36s %-16s %-10s %-20s %-20s %s\n", "SESSION", "CONNECTION", "BROWSER", "FROM", "SEEN",
             "STATE");
  for (guint i = 0; i < rows->len; i++)
    {
      if (!context->json)
        print_session (g_ptr_array_index (rows, i));
      json_array_add_object_element (array, build_session (g_ptr_array_index (rows, i)));
    }
  door_ctl_output_print_none (context->json, rows->len, "never signed in to the administrators' pages");
  object = json_object_new ();
  json_object_set_array_member (object, "sessions", array);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
