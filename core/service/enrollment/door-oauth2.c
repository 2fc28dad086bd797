/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oauth2.h"

#include <string.h>

#include "door-account.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-paths.h"
#include "door-purpose.h"
#include "door-web-challenge.h"

#define CLIENT "doorward"
/* It is kept as long as the flow, and comes back in an address. */
#define MAX_STATE_BYTES 1024
/* SHA-256 in base64url */
#define CHALLENGE_BYTES 43
#define MIN_VERIFIER_BYTES 43
#define MAX_VERIFIER_BYTES 128

/* What a device that enrolls into the team calls itself. */
static char *
dup_client_id (const char *team)
{
  return *team == '\0' ? g_strdup (CLIENT) : g_strconcat (CLIENT ".", team, NULL);
}

/**
 * door_oauth2_dup_challenge:
 * @context: what every service needs
 * @team: name of the team, "" for none
 * @error: return location for an error
 *
 * Says to a device of the team how it signs its user in. Pure.
 *
 * Returns: (transfer full): value of `WWW-Authenticate`, or %NULL with an error
 */
char *
door_oauth2_dup_challenge (const DoorContext *context, const char *team, GError **error)
{
  const char *base = door_policy_get_mdm_url (context->policy);
  g_autofree char *authorization_url = g_strconcat (base, DOOR_PATH_OAUTH2_AUTHORIZE, NULL);
  g_autofree char *token_url = g_strconcat (base, DOOR_PATH_OAUTH2_TOKEN, NULL);
  g_autofree char *client_id = dup_client_id (team);
  const DoorOauth2Challenge challenge = { authorization_url, token_url, DOOR_OAUTH2_REDIRECT_URI, client_id,
                                          DOOR_OAUTH2_SCOPE };

  return door_oauth2_challenge_build (&challenge, error);
}

/**
 * door_oauth2_lookup_client:
 * @context: what every service needs
 * @client_id: (nullable): what a client calls itself
 * @error: return location for an error
 *
 * Pure.
 *
 * Returns: (transfer none): the team whose devices call themselves so, or %NULL with %DOOR_FAULT_OAUTH_CLIENT
 */
const DoorTeam *
door_oauth2_lookup_client (const DoorContext *context, const char *client_id, GError **error)
{
  const DoorTeam *team = NULL;

  if (client_id != NULL && g_str_equal (client_id, CLIENT))
    team = door_policy_lookup_team (context->policy, "");
  else if (client_id != NULL && g_str_has_prefix (client_id, CLIENT "."))
    team = door_policy_lookup_team (context->policy, client_id + strlen (CLIENT "."));
  /* the name of no team is what stands without a dot */
  if (team == NULL || (*team->name == '\0' && !g_str_equal (client_id, CLIENT)))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OAUTH_CLIENT, "client_id is of no team");
      return NULL;
    }
  return team;
}

/**
 * door_oauth2_check_client:
 * @context: what every service needs
 * @ask: what somebody asks
 * @error: return location for an error
 *
 * Checks what must hold before an answer may go to the redirection address (RFC 6749, 4.1.2.1): the client is
 * known, and the address is the one we have for it, character by character (RFC 9700, 2.1). Pure.
 *
 * Returns: (transfer none): the team of the client, or %NULL with %DOOR_FAULT_OAUTH_CLIENT
 */
const DoorTeam *
door_oauth2_check_client (const DoorContext *context, const DoorOauth2Ask *ask, GError **error)
{
  const DoorTeam *team = door_oauth2_lookup_client (context, ask->client_id, error);

  if (team == NULL)
    return NULL;
  if (ask->redirect_uri == NULL || !g_str_equal (ask->redirect_uri, DOOR_OAUTH2_REDIRECT_URI))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OAUTH_CLIENT, "redirect_uri is not ours");
      return NULL;
    }
  return team;
}

static bool
is_state (const char *state)
{
  return state != NULL && *state != '\0' && strlen (state) <= MAX_STATE_BYTES;
}

static bool
is_url_text (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr ("-._~", *text) == NULL)
      return false;
  return true;
}

/* "plain" shows the secret to whoever sees the request, so it is not for us (RFC 9700, 2.1.1). */
static bool
challenge_holds (const DoorOauth2Ask *ask)
{
  if (ask->code_challenge == NULL)
    return ask->code_challenge_method == NULL;
  return strlen (ask->code_challenge) == CHALLENGE_BYTES && is_url_text (ask->code_challenge) &&
         g_strcmp0 (ask->code_challenge_method, "S256") == 0;
}

/**
 * door_oauth2_judge:
 * @team: of the client
 * @ask: what it asks, whose client holds
 *
 * Judges all that is left of a request (RFC 6749, 4.1.1). The account is asked for too, as devices always
 * send it: without one a page would come that begins another flow. Pure.
 *
 * Returns: (nullable) (transfer none): the word for what is wrong with it, %NULL for nothing
 */
const char *
door_oauth2_judge (const DoorTeam *team, const DoorOauth2Ask *ask)
{
  if (!is_state (ask->state) || ask->response_type == NULL || !challenge_holds (ask))
    return "invalid_request";
  if (!g_str_equal (ask->response_type, "code"))
    return "unsupported_response_type";
  if (!door_team_has_way (team, DOOR_WAY_OAUTH2) || !team->account_oauth2)
    return "unauthorized_client";
  if (ask->scope != NULL && !g_str_equal (ask->scope, DOOR_OAUTH2_SCOPE))
    return "invalid_scope";
  if (ask->login_hint == NULL || *ask->login_hint == '\0' ||
      strlen (ask->login_hint) > DOOR_ACCOUNT_MAX_BYTES)
    return "invalid_request";
  return NULL;
}

/**
 * door_oauth2_build_redirect:
 * @redirect_uri: of a request whose client holds
 * @name: "code" or "error"
 * @value: of that
 * @state: (nullable): as it stood in the request's query
 *
 * Builds the answer of the authorization endpoint (RFC 6749, 4.1.2 and 4.1.2.1). A state that is none does
 * not come back. Pure.
 *
 * Returns: (transfer full): where the browser goes
 */
char *
door_oauth2_build_redirect (const char *redirect_uri, const char *name, const char *value, const char *state)
{
  g_autofree char *escaped = g_uri_escape_string (value, NULL, FALSE);

  return g_strconcat (redirect_uri, "?", name, "=", escaped, is_state (state) ? "&state=" : NULL, state,
                      NULL);
}

/**
 * door_oauth2_is_verifier:
 * @verifier: a text
 *
 * Returns: whether it has the form of a code verifier (RFC 7636, 4.1)
 */
bool
door_oauth2_is_verifier (const char *verifier)
{
  size_t length = strlen (verifier);

  return length >= MIN_VERIFIER_BYTES && length <= MAX_VERIFIER_BYTES && is_url_text (verifier);
}

/**
 * door_oauth2_verify_challenge:
 * @challenge: of the request, "" for none
 * @verifier: (nullable): of the exchange
 *
 * Checks that who exchanges a code is who asked for it (RFC 7636, 4.6). Who sent no challenge has no secret
 * to show, and whoever shows one all the same has mixed something up (RFC 9700, 4.8.2). Pure.
 *
 * Returns: whether that holds
 */
bool
door_oauth2_verify_challenge (const char *challenge, const char *verifier)
{
  g_autofree char *digest = NULL;

  if (*challenge == '\0')
    return verifier == NULL;
  if (verifier == NULL || !door_oauth2_is_verifier (verifier))
    return false;
  digest = door_digest_sha256_url (verifier, strlen (verifier));
  return door_digest_equal (digest, challenge);
}
