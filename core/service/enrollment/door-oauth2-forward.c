/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oauth2-forward.h"

#include <string.h>

#include "door-connections.h"
#include "door-error.h"
#include "door-oauth2-bearer.h"
#include "door-oauth2.h"
#include "door-oidc-client.h"
#include "door-oidc-documents.h"
#include "door-paths.h"
#include "door-turn.h"
#include "door-web-challenge.h"

#define MAX_CODE_BYTES 4096
#define MAX_REFRESH_BYTES (16 * 1024)

static bool
refuse_team (const DoorTeam *team, const char *reason, GError **error)
{
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                         "AccountSignIn=oauth2-forward of %s%s: %s; see doorctl config check",
                         *team->name != '\0' ? "team/" : "enrollment", team->name, reason);
}

static bool
check_connection (const DoorTeam *team, const DoorConnection *connection, GError **error)
{
  const DoorIdpProfile *profile = door_connection_get_profile (connection);

  if (!door_connection_speaks_oidc (connection))
    return refuse_team (team, "its identity provider does not speak OpenID Connect", error);
  return g_strcmp0 (door_idp_profile_get_client_auth (profile), "none") != 0 ||
         refuse_team (team, "its identity provider does not know this server, by ClientAuth=none", error);
}

/**
 * door_oauth2_forward_find:
 * @context: what every service needs
 * @team: a team whose devices sign their users in at the provider itself
 * @error: return location for an error
 *
 * Finds the one provider that devices of the team are sent to. The configuration was checked for that, but a
 * provider that is wrong is left out of it. Pure.
 *
 * Returns: (transfer none): its connection, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorConnection *
door_oauth2_forward_find (const DoorContext *context, const DoorTeam *team, GError **error)
{
  g_autoptr (GPtrArray) choices =
      door_connections_choose (context->connections, DOOR_USE_ENROLLMENT, team, NULL);

  if (choices->len != 1)
    {
      refuse_team (team,
                   choices->len == 0 ? "no identity provider is in order" : "there are several providers",
                   error);
      return NULL;
    }
  return check_connection (team, g_ptr_array_index (choices, 0), error) ? g_ptr_array_index (choices, 0)
                                                                        : NULL;
}

/**
 * door_oauth2_forward_is_prepared:
 * @context: what every service needs
 * @team: a team whose devices sign their users in at the provider itself
 *
 * Blocks for a read at most.
 *
 * Returns: whether door_oauth2_forward_dup_challenge() waits for nobody
 */
bool
door_oauth2_forward_is_prepared (const DoorContext *context, const DoorTeam *team)
{
  DoorConnection *connection = door_oauth2_forward_find (context, team, NULL);
  g_auto (DoorOidcDocuments) documents = { NULL };

  return connection == NULL || door_oidc_documents_recall (context, connection, &documents, NULL);
}

static bool
enter (DoorConnection *connection, GError **error)
{
  return door_oidc_cell_enter_stranger (door_connection_get_oidc_cell (connection),
                                        door_connection_get_name (connection), error);
}

static bool
get_documents (const DoorContext *context, DoorConnection *connection, GCancellable *cancellable,
               DoorOidcDocuments *out, GError **error)
{
  bool done;

  if (door_oidc_documents_recall (context, connection, out, NULL))
    return true;
  if (!enter (connection, error))
    return false;
  done = door_oidc_documents_ensure (context, connection, cancellable, out, error);
  door_oidc_cell_leave (door_connection_get_oidc_cell (connection));
  return done;
}

/**
 * door_oauth2_forward_dup_challenge:
 * @context: what every service needs
 * @team: a team whose devices sign their users in at the provider itself
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 * @error: return location for an error
 *
 * Says to a device of the team how it signs its user in: at the provider's authorization endpoint, as the
 * client that we are there, and with our token endpoint. Blocks on the network while nothing is known of the
 * provider, see door_oauth2_forward_is_prepared(): then for %DOOR_POOL_WAITING.
 *
 * Returns: (transfer full): value of `WWW-Authenticate`, or %NULL with an error
 */
char *
door_oauth2_forward_dup_challenge (const DoorContext *context, const DoorTeam *team,
                                   GCancellable *cancellable, GError **error)
{
  DoorConnection *connection = door_oauth2_forward_find (context, team, error);
  g_auto (DoorOidcDocuments) documents = { NULL };
  g_autofree char *path = NULL, *token_url = NULL, *scope = NULL;
  DoorOauth2Challenge challenge;

  if (connection == NULL || !get_documents (context, connection, cancellable, &documents, error) ||
      !door_oidc_client_check (connection, documents.discovery, error) ||
      !door_oauth2_bearer_check_provider (connection, documents.discovery, error))
    return NULL;
  path = g_strdup_printf (DOOR_PATH_OIDC_TOKEN ("%s"), door_connection_get_name (connection));
  token_url = g_strconcat (door_policy_get_mdm_url (context->policy), path, NULL);
  scope = door_oidc_client_dup_offline_scope (connection, documents.discovery);
  challenge = (DoorOauth2Challenge){
    .authorization_url = door_oidc_discovery_get_authorization_endpoint (documents.discovery),
    .token_url = token_url,
    .redirect_uri = DOOR_OAUTH2_REDIRECT_URI,
    .client_id = door_idp_profile_get_client_id (door_connection_get_profile (connection)),
    .scope = scope,
  };
  return door_oauth2_challenge_build (&challenge, error);
}

static bool
is_forwarded_by (const DoorContext *context, const DoorTeam *team, const DoorConnection *connection)
{
  return team != NULL && team->account_forward && door_team_has_way (team, DOOR_WAY_OAUTH2) &&
         door_oauth2_forward_find (context, team, NULL) == connection;
}

/* Nobody's requests go to a provider that no device is sent to. */
static DoorConnection *
find_forwarded (const DoorContext *context, const char *name, GError **error)
{
  DoorConnection *connection = door_connections_lookup (context->connections, name);
  const GPtrArray *teams = door_policy_get_teams (context->policy);
  bool found = connection != NULL &&
               is_forwarded_by (context, door_policy_lookup_team (context->policy, ""), connection);

  for (guint i = 0; connection != NULL && !found && i < teams->len; i++)
    found = is_forwarded_by (context, g_ptr_array_index (teams, i), connection);
  if (!found)
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_OAUTH_CLIENT,
                    "no device is sent to this identity provider");
  return found ? connection : NULL;
}

/* RFC 6749, A.11 and A.17 */
static bool
is_visible (const char *text, size_t max_bytes)
{
  size_t length = strlen (text);

  for (size_t i = 0; i < length; i++)
    if (text[i] < 0x20 || text[i] > 0x7e)
      return false;
  return length > 0 && length <= max_bytes;
}

static bool
refuse_request (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "%s", reason);
}

static bool
check_verifier (const char *verifier, GError **error)
{
  return verifier == NULL || door_oauth2_is_verifier (verifier) ||
         refuse_request (error, "code_verifier is none");
}

/* What is handed on is what a device that was sent there by us has to ask, and nothing else. */
static bool
check_ask (const DoorForwardAsk *ask, const DoorConnection *connection, GError **error)
{
  const char *client_id = door_idp_profile_get_client_id (door_connection_get_profile (connection));

  if ((ask->client_id != NULL || ask->refresh_token == NULL) && g_strcmp0 (ask->client_id, client_id) != 0)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OAUTH_CLIENT,
                           "client_id is not ours at the provider");
  if (ask->refresh_token != NULL)
    return is_visible (ask->refresh_token, MAX_REFRESH_BYTES) ||
           refuse_request (error, "refresh_token is empty, too long or no such text");
  if (ask->code == NULL || !is_visible (ask->code, MAX_CODE_BYTES))
    return refuse_request (error, "code is missing, empty, too long or no such text");
  if (g_strcmp0 (ask->redirect_uri, DOOR_OAUTH2_REDIRECT_URI) != 0)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OAUTH_GRANT,
                           "the code was sent to another redirect_uri");
  return check_verifier (ask->verifier, error);
}

static DoorOidcTokens *
hand_on (const DoorContext *context, DoorConnection *connection, const DoorForwardAsk *ask, GError **error)
{
  g_auto (DoorOidcDocuments) documents = { NULL };
  g_autoptr (DoorOidcTokens) tokens = NULL;
  DoorOidcTokenRequest request = {
    .code = ask->code,
    .redirect_uri = ask->redirect_uri,
    .code_verifier = ask->verifier,
    .refresh_token = ask->refresh_token,
  };
  DoorOidcAsk provider = { context, connection, NULL, ask->cancellable };

  if (!door_oidc_documents_ensure (context, connection, ask->cancellable, &documents, error))
    return NULL;
  provider.discovery = documents.discovery;
  tokens = door_oidc_client_ask_tokens (&provider, &request, error);
  return tokens != NULL && door_oauth2_bearer_check_given (&provider, &documents, tokens->access_token, error)
             ? g_steal_pointer (&tokens)
             : NULL;
}

/**
 * door_oauth2_forward_ask:
 * @context: what every service needs
 * @ask: what a device asks for
 * @error: return location for an error
 *
 * Hands a device's code or refresh token on to the token endpoint of its provider, with our proof of who we
 * are, and gives what the provider gave. An access token of which is clear now that nobody would believe it
 * is not handed on. Blocks on the network, for five requests at most, of some seconds each: for
 * %DOOR_POOL_WAITING, without a transaction. A request that is answered takes nothing of the limit of its
 * address.
 *
 * Returns: (transfer full): the tokens, or %NULL with %DOOR_FAULT_OAUTH_CLIENT, %DOOR_FAULT_OAUTH_GRANT or
 *   another error
 */
DoorOidcTokens *
door_oauth2_forward_ask (const DoorContext *context, const DoorForwardAsk *ask, GError **error)
{
  DoorConnection *connection = find_forwarded (context, ask->connection, error);
  DoorOidcTokens *tokens;

  if (connection == NULL || !check_ask (ask, connection, error) ||
      !door_turn_take (context, DOOR_TURN_FORWARD, ask->address, error) || !enter (connection, error))
    return NULL;
  tokens = hand_on (context, connection, ask, error);
  door_oidc_cell_leave (door_connection_get_oidc_cell (connection));
  if (tokens != NULL)
    door_turn_give_back (context, DOOR_TURN_FORWARD, ask->address);
  return tokens;
}
