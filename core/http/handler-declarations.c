/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-api-list.h"
#include "door-declaration-desk.h"
#include "door-declaration-json.h"
#include "door-error.h"
#include "door-handlers.h"

/* Who asks, and for which team. */
typedef struct
{
  DoorSession *session;
  char *team;
  DoorDeclarationPlace place;
} Call;

static void
call_clear (Call *self)
{
  g_clear_pointer (&self->session, door_session_free);
  g_clear_pointer (&self->team, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

/* Without a team they are those of devices of no team, as for doorctl. */
static bool
call_open (Call *self, const DoorWeb *web, DoorRequest *request, bool changes, GError **error)
{
  self->session = door_admin_web_require_session (web, request, error);
  if (self->session == NULL || (changes && !door_admin_web_check_origin (web, request, error)) ||
      !door_request_lookup_query (request, "team", &self->team, error))
    return false;
  self->place = (DoorDeclarationPlace){ .session = self->session,
                                        .team = self->team != NULL ? self->team : "",
                                        .identifier = door_request_get_path_param (request, "identifier") };
  return true;
}

static JsonObject *
view_row (gconstpointer row)
{
  return door_declaration_json_build (row, false);
}

static const char *
get_name (gconstpointer row)
{
  return ((const DoorStoredDeclaration *) row)->identifier;
}

/**
 * door_handle_declarations_list:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters team, after and limit
 * @error: return location for an error
 *
 * Lists the declarations of a team, without their payloads.
 *
 * Returns: (transfer full): `{"declarations": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_declarations_list (gpointer context, DoorRequest *request, GError **error)
{
  static const DoorApiList shown = { "declarations", view_row, get_name };
  const DoorWeb *web = context;
  g_auto (Call) call = { NULL };
  g_auto (DoorApiPage) page = { NULL };
  g_autoptr (GPtrArray) rows = NULL;
  DoorDeskPage wanted = { .cancellable = door_request_get_cancellable (request) };

  if (!call_open (&call, web, request, false, error) || !door_api_page_read (request, &page, error))
    return NULL;
  wanted.session = call.session;
  wanted.after = page.after;
  wanted.limit = page.limit;
  rows = door_declaration_desk_list (web->service, &wanted, call.place.team, error);
  return rows != NULL ? door_api_list_answer (&shown, rows, &page) : NULL;
}

/**
 * door_handle_declarations_show:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameter team
 * @error: return location for an error
 *
 * Returns: (transfer full): the declaration with its payload, or %NULL with an error
 */
DoorResponse *
door_handle_declarations_show (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_auto (Call) call = { NULL };
  g_autoptr (DoorStoredDeclaration) row = NULL;

  if (call_open (&call, web, request, false, error))
    row = door_declaration_desk_show (web->service, &call.place, error);
  return row != NULL ? door_api_answer_new (200, door_declaration_json_build (row, true)) : NULL;
}

/**
 * door_handle_declarations_set:
 * @context: a #DoorWeb
 * @request: PUT of `{"Identifier", "Type", "Payload"}`, with the optional parameter team, from a page of this
 * server or with a token
 * @error: return location for an error
 *
 * Adds or changes a declaration.
 *
 * Returns: (transfer full): 201 or 200 with the declaration, or %NULL with an error
 */
DoorResponse *
door_handle_declarations_set (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_auto (Call) call = { NULL };
  g_autoptr (DoorStoredDeclaration) row = NULL;
  bool created = false;

  if (!call_open (&call, web, request, true, error))
    return NULL;
  if (!door_request_has_content_type (request, "application/json"))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_MEDIATYPE, "not application/json");
      return NULL;
    }
  row =
      door_declaration_desk_set (web->service, &call.place, door_request_get_body (request), &created, error);
  return row != NULL ? door_api_answer_new (created ? 201 : 200, door_declaration_json_build (row, true))
                     : NULL;
}

/**
 * door_handle_declarations_remove:
 * @context: a #DoorWeb
 * @request: DELETE, with the optional parameter team, from a page of this server or with a token
 * @error: return location for an error
 *
 * Takes a declaration from a team.
 *
 * Returns: (transfer full): 204, or %NULL with an error
 */
DoorResponse *
door_handle_declarations_remove (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_auto (Call) call = { NULL };

  if (!call_open (&call, web, request, true, error) ||
      !door_declaration_desk_remove (web->service, &call.place, error))
    return NULL;
  return door_response_new (204);
}

/**
 * door_handle_device_declarations:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Shows what a device has reported of the declarations of its team.
 *
 * Returns: (transfer full): `{"channels": […]}`, or %NULL with an error
 */
DoorResponse *
door_handle_device_declarations (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  JsonObject *object = NULL;

  if (session != NULL)
    object = door_declaration_desk_show_status (web->service, session,
                                                door_request_get_path_param (request, "id"), error);
  return object != NULL ? door_api_answer_new (200, object) : NULL;
}
