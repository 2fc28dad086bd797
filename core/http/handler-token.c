/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-handlers.h"
#include "door-session-token.h"

/**
 * door_handle_token:
 * @context: a #DoorWeb
 * @request: POST, from a page of this server
 * @error: return location for an error
 *
 * A token of the session, for programs: it ends with the session, and is had anew as long as that lives.
 *
 * Returns: (transfer full): 201 with the token, or %NULL with an error
 */
DoorResponse *
door_handle_token (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_cookie (web, request, error);
  g_autofree char *token = NULL;
  int64_t lifetime_s = 0;
  JsonObject *object;

  if (session == NULL || !door_admin_web_check_same_origin (web, request, error))
    return NULL;
  lifetime_s = door_session_token_choose_lifetime_s (web->service, session->row->expires_at);
  token = door_session_token_issue (web->service, session->administrator->id, session->row->id, lifetime_s,
                                    error);
  if (token == NULL)
    return NULL;
  object = json_object_new ();
  json_object_set_string_member (object, "access_token", token);
  json_object_set_string_member (object, "token_type", "Bearer");
  json_object_set_int_member (object, "expires_in", lifetime_s);
  return door_api_answer_new (201, object);
}
