/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"
#include "door-administrator-json.h"
#include "door-api-answer.h"
#include "door-handlers.h"
#include "door-json-member.h"

/**
 * door_handle_me:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Who is signed in.
 *
 * Returns: (transfer full): 200 with the administrator, or %NULL with %DOOR_FAULT_ADM_SESSION
 */
DoorResponse *
door_handle_me (gpointer context, DoorRequest *request, GError **error)
{
  g_autoptr (DoorSession) session = door_admin_web_require_session (context, request, error);
  JsonObject *object, *inner;

  if (session == NULL)
    return NULL;
  object = door_administrator_json_build (session->administrator, session->roles);
  inner = json_object_new ();
  json_object_set_string_member (inner, "id", session->row->id);
  json_object_set_string_member (inner, "idp", session->row->connection);
  door_json_member_set_time (inner, "created_at", session->row->created_at);
  door_json_member_set_time (inner, "expires_at", session->row->expires_at);
  json_object_set_object_member (object, "session", inner);
  return door_api_answer_new (200, object);
}
