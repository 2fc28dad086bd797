/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-declaration-desk.h"

#include "door-declaration-json.h"
#include "door-device-desk.h"
#include "door-error.h"

static bool
find (DoorTxn *txn, const DoorDeclarationPlace *place, DoorStoredDeclaration **out, GError **error)
{
  if (!door_declaration_store_lookup (txn, place->team, place->identifier, out, error))
    return false;
  return *out != NULL || door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND,
                                         "there is no declaration %.200s", place->identifier);
}

/**
 * door_declaration_desk_list:
 * @context: what every service needs
 * @page: which page, and who asks; the name of a row is its identifier
 * @team: a team, "" for devices of none
 * @error: return location for an error
 *
 * Lists the declarations of a team, by identifier. Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorStoredDeclaration): the rows, or %NULL with
 *   %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_FAULT_TEAM_UNKNOWN or another error
 */
GPtrArray *
door_declaration_desk_list (const DoorContext *context, const DoorDeskPage *page, const char *team,
                            GError **error)
{
  g_autoptr (DoorTxn) txn = NULL;

  if (!door_session_allow_team (page->session, DOOR_ACTION_READ_DECLARATIONS, team, error) ||
      !door_declarations_check_team (context->policy, team, error))
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, page->cancellable, error);
  return txn != NULL ? door_declaration_store_list (txn, team, page->after, page->limit, error) : NULL;
}

/**
 * door_declaration_desk_show:
 * @context: what every service needs
 * @place: a declaration
 * @error: return location for an error
 *
 * Blocks for a read.
 *
 * Returns: (transfer full): the declaration, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN,
 *   %DOOR_FAULT_TEAM_UNKNOWN, %DOOR_ERROR_NOT_FOUND or another error
 */
DoorStoredDeclaration *
door_declaration_desk_show (const DoorContext *context, const DoorDeclarationPlace *place, GError **error)
{
  g_autoptr (DoorTxn) txn = NULL;
  DoorStoredDeclaration *row = NULL;

  if (!door_session_allow_team (place->session, DOOR_ACTION_READ_DECLARATIONS, place->team, error) ||
      !door_declarations_check_team (context->policy, place->team, error))
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);
  return txn != NULL && find (txn, place, &row, error) ? row : NULL;
}

/* One change of a set. */
typedef struct
{
  const DoorDeclarationPlace *place;
  DoorDeclarationChange change;
  const DoorDeclaration *declaration;
  bool created;               /* (out) */
  bool changed;               /* (out) */
  DoorStoredDeclaration *row; /* (out): the declaration after it */
} Change;

static void
change_clear (Change *self)
{
  g_clear_pointer (&self->row, door_stored_declaration_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

static gboolean
write_set (DoorTxn *txn, gpointer data, GError **error)
{
  Change *self = data;
  g_autoptr (DoorStoredDeclaration) before = NULL;

  change_clear (self);
  if (!door_declaration_store_lookup (txn, self->place->team, self->place->identifier, &before, error))
    return FALSE;
  self->created = before == NULL;
  return door_declarations_save (txn, &self->change, self->declaration, &self->changed, error) &&
         find (txn, self->place, &self->row, error);
}

static DoorDeclaration *
parse (const DoorDeclarationPlace *place, GBytes *json, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (DoorDeclaration) declaration = door_declaration_parse (json, &local);

  if (declaration == NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "%s", local->message);
  else if (!g_str_equal (declaration->identifier, place->identifier))
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                    "Identifier: it is not the one of the address");
  else
    return g_steal_pointer (&declaration);
  return NULL;
}

/**
 * door_declaration_desk_set:
 * @context: what every service needs
 * @place: a declaration
 * @json: what it is to be, as door_declaration_parse() reads it
 * @created: (out): whether it was not there before
 * @error: return location for an error
 *
 * Adds a declaration to those of a team, or changes it; if it is another one than before, devices are told.
 * Blocks for the commit.
 *
 * Returns: (transfer full): the declaration, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN,
 *   %DOOR_FAULT_TEAM_UNKNOWN, %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_DECL_CONFLICT or another error
 */
DoorStoredDeclaration *
door_declaration_desk_set (const DoorContext *context, const DoorDeclarationPlace *place, GBytes *json,
                           bool *created, GError **error)
{
  g_auto (Change) self = { .place = place, .change = { place->team, door_clock_now_ms (context->clock) } };
  g_autoptr (DoorDeclaration) declaration = NULL;

  if (!door_session_allow_team (place->session, DOOR_ACTION_WRITE_DECLARATIONS, place->team, error) ||
      !door_declarations_check_team (context->policy, place->team, error))
    return NULL;
  declaration = parse (place, json, error);
  self.declaration = declaration;
  if (declaration == NULL || !door_writer_run (context->writer, write_set, &self, NULL, error))
    return NULL;
  if (self.changed)
    door_declarations_log (place->team, place->identifier, "stored", place->session->administrator->id);
  *created = self.created;
  return g_steal_pointer (&self.row);
}

static gboolean
write_remove (DoorTxn *txn, gpointer data, GError **error)
{
  const Change *self = data;

  return door_declarations_remove (txn, &self->change, self->place->identifier, error);
}

/**
 * door_declaration_desk_remove:
 * @context: what every service needs
 * @place: a declaration, also one of a team that exists no more
 * @error: return location for an error
 *
 * Takes a declaration from those of a team; devices are told. Blocks for the commit.
 *
 * Returns: false with %DOOR_FAULT_ADM_FORBIDDEN, %DOOR_ERROR_NOT_FOUND, %DOOR_FAULT_DECL_CONFLICT or another
 * error
 */
bool
door_declaration_desk_remove (const DoorContext *context, const DoorDeclarationPlace *place, GError **error)
{
  Change self = { .place = place, .change = { place->team, door_clock_now_ms (context->clock) } };

  if (!door_session_allow_team (place->session, DOOR_ACTION_WRITE_DECLARATIONS, place->team, error) ||
      !door_writer_run (context->writer, write_remove, &self, NULL, error))
    return false;
  door_declarations_log (place->team, place->identifier, "removed", place->session->administrator->id);
  return true;
}

/**
 * door_declaration_desk_show_status:
 * @context: what every service needs
 * @session: who asks
 * @name: a device
 * @error: return location for an error
 *
 * Shows what a device has reported of the declarations of its team; nothing while it is not enrolled. Blocks
 * for a read.
 *
 * Returns: (transfer full): `{"channels": […]}`, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN,
 *   %DOOR_ERROR_NOT_FOUND or another error
 */
JsonObject *
door_declaration_desk_show_status (const DoorContext *context, const DoorSession *session, const char *name,
                                   GError **error)
{
  const DoorAction action = DOOR_ACTION_READ_DECLARATIONS;
  g_autoptr (DoorTxn) txn = NULL;
  g_auto (DoorDeskDevice) found = { NULL };

  /* where is asked once the device is known; who may it nowhere learns nothing */
  if (!door_session_allow (session, action, DOOR_REACH_TEAMS, error))
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_READ, NULL, error);
  if (txn == NULL || !door_device_desk_find (txn, session, action, name, &found, error))
    return NULL;
  return door_declaration_json_build_device (txn, found.device, error);
}
