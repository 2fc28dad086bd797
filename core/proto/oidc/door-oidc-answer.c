/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-answer.h"

#include <string.h>

#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-jwt-checks.h"
#include "door-oidc-claims.h"
#include "door-text.h"

#define MAX_DEPTH 8
#define MAX_TOKEN_BYTES (64 * 1024)
#define MAX_CODE_BYTES 64
#define MAX_LIFETIME_S (INT64_C (10) * 366 * 24 * 60 * 60)
#define MAX_DESCRIPTION_BYTES 200

/* Who has to do something about an error (RFC 6749, 4.1.2.1 and 5.2; OpenID Connect Core 3.1.2.6). */
static const struct
{
  const char *code;
  DoorError error;
  DoorFault fault;
} codes[] = {
  { "access_denied", DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_DENIED },
  { "account_selection_required", DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_DENIED },
  { "consent_required", DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_DENIED },
  { "interaction_required", DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_DENIED },
  { "login_required", DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_DENIED },
  { "invalid_client", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_CLIENT },
  { "invalid_grant", DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_CODE },
  { "server_error", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER },
  { "temporarily_unavailable", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER },
  { "invalid_request", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_REQUEST },
  { "invalid_request_object", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_REQUEST },
  { "invalid_request_uri", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_REQUEST },
  { "invalid_scope", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_REQUEST },
  { "registration_not_supported", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_REQUEST },
  { "request_not_supported", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_REQUEST },
  { "request_uri_not_supported", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_REQUEST },
  { "unauthorized_client", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_REQUEST },
  { "unsupported_grant_type", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_REQUEST },
  { "unsupported_response_type", DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_REQUEST },
};

static void
free_secret (char *text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

/**
 * door_oidc_tokens_free:
 * @self: (transfer full): tokens
 */
void
door_oidc_tokens_free (DoorOidcTokens *self)
{
  free_secret (self->id_token);
  free_secret (self->access_token);
  free_secret (self->refresh_token);
  g_free (self);
}

static bool
refuse (GError **error, DoorFault fault, const char *where, const char *problem)
{
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, fault, "%s: %s", where, problem);
}

/**
 * door_oidc_error_set:
 * @error: return location for the error
 * @code: the provider's word
 * @description: (nullable): what it says to that
 *
 * Makes an error of the provider's own, with the fault of its kind; a word that is not known says that the
 * person was refused. What it quotes is fit for one line of a log. Pure.
 *
 * Returns: false
 */
bool
door_oidc_error_set (GError **error, const char *code, const char *description)
{
  g_autofree char *word = door_text_dup_line (code, MAX_CODE_BYTES);
  g_autofree char *text = door_text_dup_line (description != NULL ? description : "", MAX_DESCRIPTION_BYTES);
  DoorError kind = DOOR_ERROR_NOT_AUTHENTICATED;
  DoorFault fault = DOOR_FAULT_OIDC_DENIED;

  for (size_t i = 0; i < G_N_ELEMENTS (codes); i++)
    if (strcmp (code, codes[i].code) == 0)
      {
        kind = codes[i].error;
        fault = codes[i].fault;
      }
  return door_error_set (error, kind, fault, "provider: %s%s%s", word, *text != '\0' ? ": " : "", text);
}

static JsonNode *
parse_object (GBytes *body, const char *where, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (JsonNode) root = door_json_parse (body, MAX_DEPTH, &problem);

  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return g_steal_pointer (&root);
  refuse (error, DOOR_FAULT_OIDC_ANSWER, where, problem != NULL ? problem->message : "no object");
  return NULL;
}

/* An answer that is no 200: an error of the protocol when it says so, else one of the server. */
static bool
set_error_of (unsigned int status, GBytes *body, const char *where, GError **error)
{
  g_autoptr (JsonNode) root = door_json_parse (body, MAX_DEPTH, NULL); /* most are no JSON */
  const char *code = NULL, *description = NULL;

  if (status < 500 && root != NULL && JSON_NODE_HOLDS_OBJECT (root) &&
      door_json_member_read_string (json_node_get_object (root), "error", &code, NULL) && code != NULL)
    {
      /* of another type it says nothing */
      (void) door_json_member_read_string (json_node_get_object (root), "error_description", &description,
                                           NULL);
      return door_oidc_error_set (error, code, description);
    }
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER, "%s: status %u", where,
                         status);
}

static bool
read_token (JsonObject *object, const char *name, char **out, GError **error)
{
  const char *text = NULL;

  if (!door_json_member_read_string (object, name, &text, NULL) ||
      (text != NULL && (*text == '\0' || strlen (text) > MAX_TOKEN_BYTES)))
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_ANSWER,
                           "token endpoint: %s is empty, too long or no string", name);
  *out = g_strdup (text);
  return true;
}

/* Some send the number as text; what cannot be read says nothing (RFC 6749, 5.1). */
static int64_t
read_lifetime (JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "expires_in");
  GType type =
      node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  int64_t value = -1;

  if (type == G_TYPE_INT64)
    value = json_node_get_int (node);
  else if (type != G_TYPE_STRING ||
           !g_ascii_string_to_signed (json_node_get_string (node), 10, 0, MAX_LIFETIME_S, &value, NULL))
    value = -1;
  return value >= 0 && value <= MAX_LIFETIME_S ? value : -1;
}

/* What is put into a header must be one word of it (RFC 6750, 2.1). */
static bool
is_bearer (const char *type, const char *token)
{
  if (type == NULL || g_ascii_strcasecmp (type, "Bearer") != 0 || token == NULL)
    return false;
  for (; *token != '\0'; token++)
    if (*token <= 0x20 || *token >= 0x7f)
      return false;
  return true;
}

/**
 * door_oidc_tokens_parse:
 * @status: status of the answer
 * @body: its body
 * @error: return location for an error
 *
 * Reads the answer of the token endpoint (RFC 6749, 5). Pure.
 *
 * Returns: (transfer full): the tokens, or %NULL with an error
 */
DoorOidcTokens *
door_oidc_tokens_parse (unsigned int status, GBytes *body, GError **error)
{
  g_autoptr (DoorOidcTokens) self = NULL;
  g_autoptr (JsonNode) root = NULL;
  const char *type = NULL;
  JsonObject *object;

  if (status != 200)
    {
      set_error_of (status, body, "token endpoint", error);
      return NULL;
    }
  root = parse_object (body, "token endpoint", error);
  if (root == NULL)
    return NULL;
  object = json_node_get_object (root);
  self = g_new0 (DoorOidcTokens, 1);
  if (!read_token (object, "id_token", &self->id_token, error) ||
      !read_token (object, "access_token", &self->access_token, error) ||
      !read_token (object, "refresh_token", &self->refresh_token, error))
    return NULL;
  if (!door_json_member_read_string (object, "token_type", &type, NULL) ||
      !is_bearer (type, self->access_token))
    {
      refuse (error, DOOR_FAULT_OIDC_ANSWER, "token endpoint", "no bearer token");
      return NULL;
    }
  self->lifetime_s = read_lifetime (object);
  return g_steal_pointer (&self);
}

/**
 * door_oidc_userinfo_parse:
 * @status: status of the answer
 * @body: its body
 * @subject: the person of the ID token
 * @error: return location for an error
 *
 * Reads the answer of the userinfo endpoint (OpenID Connect Core 5.3.2 and 5.3.4), which must speak of the
 * same person. A signed one is not read. Pure.
 *
 * Returns: (transfer floating): claims, `a{sas}`, or %NULL with an error
 */
GVariant *
door_oidc_userinfo_parse (unsigned int status, GBytes *body, const char *subject, GError **error)
{
  g_autoptr (JsonNode) root = NULL;
  const char *found = NULL;
  JsonObject *object;

  if (status != 200)
    {
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER, "userinfo endpoint: status %u",
                      status);
      return NULL;
    }
  root = parse_object (body, "userinfo endpoint", error);
  if (root == NULL)
    return NULL;
  object = json_node_get_object (root);
  if (!door_jwt_read_subject (object, &found, error))
    return NULL;
  if (g_strcmp0 (found, subject) != 0)
    {
      door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_OIDC_SUBJECT,
                      "userinfo endpoint: it speaks of another person than the ID token");
      return NULL;
    }
  return door_oidc_claims_build (object, NULL);
}
