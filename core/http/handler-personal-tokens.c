/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-api-list.h"
#include "door-error.h"
#include "door-handlers.h"
#include "door-json-member.h"
#include "door-personal-token.h"

#define COLLECTION "/api/v1/tokens"

static JsonObject *
view (gconstpointer row)
{
  const DoorPersonalToken *token = row;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", token->id);
  json_object_set_string_member (object, "name", token->name);
  door_json_member_set_time (object, "created_at", token->created_at);
  door_json_member_set_time (object, "expires_at", token->expires_at);
  door_json_member_set_time (object, "used_at", token->used_at);
  return object;
}

static bool
read_wish (JsonObject *body, DoorPersonalTokenWish *wish, GError **error)
{
  static const char *const known[] = { "name", "expires_in", NULL };

  return door_json_member_check_names (body, known, error) &&
         door_json_member_read_string (body, "name", &wish->name, error) &&
         door_json_member_read_integer (body, "expires_in", &wish->lifetime_s, error);
}

/**
 * door_handle_personal_tokens_create:
 * @context: a #DoorWeb
 * @request: POST of `{"name", "expires_in"}`, the latter in seconds, from a page of this server or with the
 *   token of a session
 * @error: return location for an error
 *
 * Makes a personal access token for who is signed in; this is the only time it is shown.
 *
 * Returns: (transfer full): 201 with the token, or %NULL with an error
 */
DoorResponse *
door_handle_personal_tokens_create (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (DoorPersonalToken) token = NULL;
  g_autofree char *secret = NULL, *location = NULL;
  DoorPersonalTokenWish wish = { NULL };
  DoorResponse *response;
  JsonObject *object;

  if (session == NULL || !door_admin_web_check_origin (web, request, error))
    return NULL;
  body = door_api_answer_parse_body (request, error);
  if (body == NULL || !read_wish (body, &wish, error))
    return NULL;
  token = door_personal_token_issue (web->service, session, &wish, &secret, error);
  if (token == NULL)
    return NULL;
  object = view (token);
  json_object_set_string_member (object, "token", secret);
  response = door_api_answer_new (201, object);
  location = g_strconcat (COLLECTION "/", token->id, NULL);
  door_response_set_header (response, "Location", location);
  return response;
}

static const char *
get_name (gconstpointer row)
{
  return ((const DoorPersonalToken *) row)->id;
}

/**
 * door_handle_personal_tokens_list:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters after and limit
 * @error: return location for an error
 *
 * Lists the tokens of who is signed in, without the secrets.
 *
 * Returns: (transfer full): 200, or %NULL with an error
 */
DoorResponse *
door_handle_personal_tokens_list (gpointer context, DoorRequest *request, GError **error)
{
  static const DoorApiList list = { "tokens", view, get_name };
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_autoptr (GPtrArray) tokens = NULL;
  g_auto (DoorApiPage) page = { NULL };

  if (session == NULL || !door_api_page_read (request, &page, error))
    return NULL;
  tokens = door_personal_token_list (web->service, session, page.after, page.limit, error);
  return tokens != NULL ? door_api_list_answer (&list, tokens, &page) : NULL;
}

/**
 * door_handle_personal_tokens_revoke:
 * @context: a #DoorWeb
 * @request: DELETE, from a page of this server or with a token
 * @error: return location for an error
 *
 * Ends a token of who is signed in.
 *
 * Returns: (transfer full): 204, or %NULL with an error
 */
DoorResponse *
door_handle_personal_tokens_revoke (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);

  if (session == NULL || !door_admin_web_check_origin (web, request, error) ||
      !door_personal_token_revoke (web->service, session, door_request_get_path_param (request, "id"), error))
    return NULL;
  return door_response_new (204);
}
