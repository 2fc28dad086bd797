/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-error.h"
#include "door-form.h"
#include "door-handlers.h"
#include "door-json-member.h"
#include "door-token-grant.h"

#define GRANT_TYPE "refresh_token"
#define MAX_FIELDS 8

static bool
is_form (DoorRequest *request)
{
  return door_request_has_content_type (request, "application/x-www-form-urlencoded");
}

static bool
check_grant (const char *grant_type, const char *refresh_token, GError **error)
{
  if (grant_type == NULL || !g_str_equal (grant_type, GRANT_TYPE))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "grant_type must be " GRANT_TYPE);
  return refresh_token != NULL || door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                                                  "there is no refresh_token");
}

/* As clients for OAuth send it: what else they say is ignored (RFC 6749, 3.2). */
static bool
read_form (DoorRequest *request, char **refresh_token, GError **error)
{
  g_autoptr (DoorForm) form = door_request_parse_form (request, MAX_FIELDS, error);
  const char *grant_type = NULL, *token = NULL;

  if (form == NULL || !door_form_lookup (form, "grant_type", &grant_type, error) ||
      !door_form_lookup (form, "refresh_token", &token, error) || !check_grant (grant_type, token, error))
    return false;
  *refresh_token = g_strdup (token);
  return true;
}

static bool
read_json (DoorRequest *request, char **refresh_token, GError **error)
{
  static const char *const known[] = { "grant_type", "refresh_token", NULL };
  g_autoptr (JsonObject) body = door_api_answer_parse_body (request, error);
  const char *grant_type = NULL, *token = NULL;

  if (body == NULL || !door_json_member_check_names (body, known, error))
    return false;
  if (json_object_get_size (body) == 0)
    return true;
  if (!door_json_member_read_string (body, "grant_type", &grant_type, error) ||
      !door_json_member_read_string (body, "refresh_token", &token, error) ||
      !check_grant (grant_type, token, error))
    return false;
  *refresh_token = g_strdup (token);
  return true;
}

/* No body, or {}, asks for the first tokens of a session. */
static bool
read_request (DoorRequest *request, char **refresh_token, GError **error)
{
  if (g_bytes_get_size (door_request_get_body (request)) == 0)
    return true;
  return is_form (request) ? read_form (request, refresh_token, error)
                           : read_json (request, refresh_token, error);
}

static bool
begin (const DoorWeb *web, DoorRequest *request, DoorTokenGrant *grant, GError **error)
{
  g_autoptr (DoorSession) session = door_admin_web_require_cookie (web, request, error);

  return session != NULL && door_admin_web_check_same_origin (web, request, error) &&
         door_token_grant_begin (web->service, session, grant, error);
}

/**
 * door_handle_token:
 * @context: a #DoorWeb
 * @request: POST, from a page of this server; or of grant_type and refresh_token, as a form or as JSON
 * @error: return location for an error
 *
 * Tokens for programs: the first of a session by its cookie, the next for a refresh token, whatever cookie
 * comes with it (RFC 6749, 6).
 *
 * Returns: (transfer full): 201 or 200 with the tokens, or %NULL with an error
 */
DoorResponse *
door_handle_token (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autofree char *refresh_token = NULL;
  g_auto (DoorTokenGrant) grant = { NULL };
  DoorResponse *response;
  JsonObject *object;
  bool given;

  if (!read_request (request, &refresh_token, error))
    return NULL;
  given = refresh_token != NULL
              ? door_token_grant_refresh (web->service, refresh_token, door_request_get_cancellable (request),
                                          &grant, error)
              : begin (web, request, &grant, error);
  if (!given)
    return NULL;
  object = json_object_new ();
  json_object_set_string_member (object, "access_token", grant.access_token);
  json_object_set_string_member (object, "token_type", "Bearer");
  json_object_set_int_member (object, "expires_in", grant.lifetime_s);
  if (grant.refresh_token != NULL)
    json_object_set_string_member (object, "refresh_token", grant.refresh_token);
  response = door_api_answer_new (refresh_token != NULL ? 200 : 201, object);
  door_response_set_header (response, "Cache-Control", "no-store"); /* whatever the others may say one day */
  return response;
}
