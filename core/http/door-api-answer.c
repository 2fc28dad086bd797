/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-api-answer.h"

#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-paths.h"

/**
 * door_api_answer_new:
 * @status: HTTP status
 * @object: (transfer full): the document
 *
 * Returns: (transfer full): an answer of the API
 */
DoorResponse *
door_api_answer_new (unsigned int status, JsonObject *object)
{
  DoorResponse *response = door_response_new (status);

  door_response_take_body (response, door_json_build_object (object), "application/json");
  json_object_unref (object);
  return response;
}

/* What these say is about the request. */
static bool
is_told (DoorFault fault)
{
  return fault == DOOR_FAULT_HTTP_BADREQUEST || fault == DOOR_FAULT_CONN_INVALID ||
         fault == DOOR_FAULT_CONN_FILE || fault == DOOR_FAULT_CONN_EXISTS ||
         fault == DOOR_FAULT_CONN_ENTITY || fault == DOOR_FAULT_ADM_PASSWORDRULES ||
         fault == DOOR_FAULT_CMD_INVALID || fault == DOOR_FAULT_CMD_CONFLICT ||
         fault == DOOR_FAULT_DECL_CONFLICT;
}

/**
 * door_api_answer_new_problem:
 * @error: why there is no better answer
 * @request_id: id of the request
 *
 * What went wrong in the form of RFC 9457: no more than the catalogue's text for persons, and for a request
 * that is malformed what is wrong with it.
 *
 * Returns: (transfer full): the answer
 */
DoorResponse *
door_api_answer_new_problem (const GError *error, const char *request_id)
{
  const DoorFaultInfo *info = door_error_get_info (error);
  unsigned int status = door_response_status_for_error (error);
  g_autofree char *lower = g_ascii_strdown (info->id, -1);
  g_autofree char *type = g_strconcat ("urn:doorward:problem:", lower, NULL);
  bool told = is_told (door_error_get_fault (error));
  JsonObject *object = json_object_new ();
  DoorResponse *response;

  json_object_set_string_member (object, "type", type);
  json_object_set_string_member (object, "title",
                                 info->user_text != NULL ? info->user_text : info->admin_text);
  json_object_set_int_member (object, "status", status);
  if (told)
    json_object_set_string_member (object, "detail", error->message);
  json_object_set_string_member (object, "code", info->id);
  if (door_error_get_fault (error) == DOOR_FAULT_ADM_REFRESH) /* the word of RFC 6749, 5.2 */
    json_object_set_string_member (object, "error", "invalid_grant");
  json_object_set_string_member (object, "request_id", request_id);
  response = door_response_new (status);
  door_response_take_body (response, door_json_build_object (object), "application/problem+json");
  door_response_set_retry_after (response, error);
  json_object_unref (object);
  return response;
}

/**
 * door_api_answer_is_for:
 * @request: a request
 *
 * Returns: whether it is one to the API, where errors are documents too
 */
bool
door_api_answer_is_for (DoorRequest *request)
{
  const char *path = door_request_get_path (request);

  return g_str_has_prefix (path, "/api/v1/") || g_str_has_prefix (path, "/api/latest/") ||
         g_str_has_prefix (path, DOOR_PATH_USERADM "/");
}

/**
 * door_api_answer_parse_body:
 * @request: a request
 * @error: return location for an error
 *
 * Returns: (transfer full): the JSON object that it carries, or %NULL with an error
 */
JsonObject *
door_api_answer_parse_body (DoorRequest *request, GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) local = NULL;

  if (!door_request_has_content_type (request, "application/json"))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_MEDIATYPE, "not application/json");
      return NULL;
    }
  node = door_json_parse (door_request_get_body (request), DOOR_API_MAX_DEPTH, &local);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                      "the body is no JSON object%s%s", local != NULL ? ": " : "",
                      local != NULL ? local->message : "");
      return NULL;
    }
  return json_node_dup_object (node);
}
