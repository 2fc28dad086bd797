/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-api-document.h"

#include "door-error.h"
#include "door-json.h"
#include "door-text.h"

#define MAX_DEPTH 16
#define MAX_REASON_BYTES 300

/**
 * door_api_document_parse:
 * @body: what came from an API
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): the document, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
JsonNode *
door_api_document_parse (GBytes *body, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonNode *node = door_json_parse (body, MAX_DEPTH, &local);

  if (node == NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_IDP_GROUPS, "%s", local->message);
  return node;
}

static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                          : NULL;
}

/**
 * door_api_document_dup_reason:
 * @body: what came with a status that is none of success
 *
 * Finds the reason in the words of the server: the error of OAuth (RFC 6749, 5.2), or the message that APIs
 * put into an object named error. Pure; any thread.
 *
 * Returns: (transfer full): one line
 */
char *
door_api_document_dup_reason (GBytes *body)
{
  g_autoptr (JsonNode) node = door_json_parse (body, MAX_DEPTH, NULL); /* maybe a page */
  JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *inner = object != NULL ? json_object_get_member (object, "error") : NULL;
  const char *text = get_text (object, "error_description");

  if (inner != NULL && JSON_NODE_HOLDS_OBJECT (inner))
    text = get_text (json_node_get_object (inner), "message");
  else if (text == NULL)
    text = get_text (object, "error");
  return door_text_dup_line (text != NULL ? text : "no reason given", MAX_REASON_BYTES);
}

/**
 * door_api_document_dup_token:
 * @body: answer of a token endpoint with status 200
 * @life_s: (out): how long the token lives; 0 when that is not said
 * @error: return location for an error
 *
 * Reads an access token (RFC 6749, 5.1). Pure; any thread.
 *
 * Returns: (transfer full): the token, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
char *
door_api_document_dup_token (GBytes *body, int64_t *life_s, GError **error)
{
  g_autoptr (JsonNode) node = door_json_parse (body, MAX_DEPTH, NULL); /* what it quotes may be a token */
  JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *life = object != NULL ? json_object_get_member (object, "expires_in") : NULL;
  const char *token = get_text (object, "access_token");
  bool good = token != NULL && *token != '\0';

  for (const char *at = token; good && *at != '\0'; at++)
    good = g_ascii_isgraph (*at); /* it goes into a header */
  if (!good)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_IDP_GROUPS,
                      "the answer has no access token");
      return NULL;
    }
  *life_s = life != NULL && json_node_get_value_type (life) == G_TYPE_INT64 ? json_node_get_int (life) : 0;
  return g_strdup (token);
}
