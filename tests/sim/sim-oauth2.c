/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-glib/json-glib.h>
#include <string.h>

#include "sim-error.h"
#include "sim-journey.h"

#define STATE_BYTES 16

/**
 * sim_journey_dup_authorization_uri:
 * @self: a journey with a challenge of apple-oauth2
 * @error: return location for an error
 *
 * Returns: (transfer full): where the web view begins (Apple, "Onboarding users with account sign-in"; RFC
 * 6749, 4.1.1)
 */
GUri *
sim_journey_dup_authorization_uri (SimJourney *self, GError **error)
{
  const SimChallenge *challenge = self->challenge;
  g_autoptr (GUri) uri = sim_uri_parse (challenge->authorization_url, error);
  g_autoptr (GBytes) random = sim_random_bytes (STATE_BYTES);
  const char *parameters[][2] = { { "response_type", "code" },
                                  { "client_id", challenge->client_id },
                                  { "redirect_uri", challenge->redirect_url },
                                  { "state", NULL },
                                  { "login_hint", self->typed_account },
                                  { "scope", challenge->scope } };

  g_free (self->state);
  self->state = g_base64_encode (g_bytes_get_data (random, NULL), g_bytes_get_size (random));
  parameters[3][1] = self->state;
  for (size_t i = 0; uri != NULL && i < G_N_ELEMENTS (parameters); i++)
    if (parameters[i][1] != NULL)
      {
        GUri *longer = sim_uri_add_query (uri, parameters[i][0], parameters[i][1]);

        g_uri_unref (uri);
        uri = longer;
      }
  return g_steal_pointer (&uri);
}

static char *
dup_string (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING
             ? g_strdup (json_node_get_string (node))
             : NULL;
}

/* An answer of the token endpoint (RFC 6749, 5.1). */
static gboolean
take_tokens (SimJourney *self, const SimReply *reply, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  gsize size = 0;
  const char *data = g_bytes_get_data (reply->body, &size);
  g_autofree char *type = NULL, *token = NULL, *refresh = NULL;
  JsonNode *root = NULL;
  JsonObject *object;

  if (size > 0 && json_parser_load_from_data (parser, data, (gssize) size, NULL))
    root = json_parser_get_root (parser);
  object = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  type = dup_string (object, "token_type");
  token = dup_string (object, "access_token");
  refresh = dup_string (object, "refresh_token");
  if (!sim_reply_has_type (reply, "application/json") || type == NULL ||
      g_ascii_strcasecmp (type, "Bearer") != 0 || token == NULL || refresh == NULL ||
      g_strcmp0 (sim_reply_get_header (reply, "Cache-Control"), "no-store") != 0)
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                           "the token endpoint gave no bearer with a refresh token, or lets it be cached");
      return FALSE;
    }
  g_free (self->token);
  self->token = g_steal_pointer (&token);
  g_free (self->refresh_token);
  self->refresh_token = g_steal_pointer (&refresh);
  return TRUE;
}

static gboolean
ask_tokens (SimJourney *self, const char *form, const char *what, GError **error)
{
  g_autoptr (GUri) uri = sim_uri_parse (self->challenge->token_url, error);
  g_autoptr (SimRequest) request = NULL;
  g_autoptr (SimReply) reply = NULL;

  if (uri == NULL)
    return FALSE;
  sim_http_add_server (self->http, uri);
  request = sim_journey_new_request (self, "POST", uri, "DeviceManagementClient/1.0");
  sim_request_take_body (request, "application/x-www-form-urlencoded", g_bytes_new (form, strlen (form)));
  reply = sim_http_send (self->http, request, error);
  if (reply == NULL)
    return FALSE;
  sim_journey_tell (self, reply, "POST", what);
  if (reply->status == 200)
    return take_tokens (self, reply, error);
  sim_journey_set_refused (self, reply, error);
  return FALSE;
}

/**
 * sim_journey_exchange_code:
 * @self: a journey whose web view has ended
 * @location: where it was sent, with the authorization code
 * @error: return location for an error
 *
 * Gets tokens for the code (RFC 6749, 4.1.3), for a redirect that is the device's own and brings its state.
 * Blocks.
 *
 * Returns: %FALSE with an error
 */
gboolean
sim_journey_exchange_code (SimJourney *self, const char *location, GError **error)
{
  const SimChallenge *challenge = self->challenge;
  size_t length = strlen (challenge->redirect_url);
  bool ours = strncmp (location, challenge->redirect_url, length) == 0 && location[length] == '?';
  g_autoptr (GHashTable) parameters =
      ours ? g_uri_parse_params (location + length + 1, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;
  const char *code = parameters != NULL ? g_hash_table_lookup (parameters, "code") : NULL;
  const char *state = parameters != NULL ? g_hash_table_lookup (parameters, "state") : NULL;
  g_autofree char *form = NULL;

  if (code == NULL || g_strcmp0 (state, self->state) != 0)
    {
      g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                           "the sign-in ended without a code, with another state or at another address");
      return FALSE;
    }
  form = soup_form_encode ("grant_type", "authorization_code", "code", code, "redirect_uri",
                           challenge->redirect_url, "client_id", challenge->client_id, NULL);
  return ask_tokens (self, form, "code for tokens", error);
}

/**
 * sim_journey_refresh:
 * @self: a journey with a refresh token
 * @error: return location for an error
 *
 * Gets other tokens (RFC 6749, 6). Blocks.
 *
 * Returns: %FALSE with an error, %SIM_ERROR_REFUSED when the person may not go on
 */
gboolean
sim_journey_refresh (SimJourney *self, GError **error)
{
  g_autofree char *form =
      soup_form_encode ("grant_type", "refresh_token", "refresh_token", self->refresh_token, "client_id",
                        self->challenge->client_id, NULL);
  g_autofree char *before = g_strdup (self->refresh_token);

  if (!ask_tokens (self, form, "refresh", error))
    return FALSE;
  if (g_strcmp0 (before, self->refresh_token) != 0)
    return TRUE;
  g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "the refresh token was given again");
  return FALSE;
}
