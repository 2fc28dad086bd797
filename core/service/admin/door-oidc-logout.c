/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-logout.h"

#include "door-connections.h"
#include "door-error.h"
#include "door-logout-token.h"
#include "door-oidc-documents.h"
#include "door-session.h"
#include "door-turn.h"

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OIDC_LOGOUT, "logout token: %s", reason);
}

static gpointer
verify_token (const DoorOidcExpectation *expect, gconstpointer data, GError **error)
{
  return door_logout_token_verify (data, expect, error);
}

static DoorLogoutToken *
verify (const DoorContext *context, DoorConnection *connection, const DoorOidcLogoutMessage *message,
        GError **error)
{
  const DoorOidcCheck check = { connection, message->cancellable, verify_token, message->logout_token };
  g_auto (DoorOidcDocuments) documents = { NULL };
  g_autoptr (GError) failure = NULL;
  DoorLogoutToken *token;

  if (!door_oidc_documents_ensure (context, connection, message->cancellable, &documents, error))
    return NULL;
  token = door_oidc_documents_verify (context, &check, &documents, &failure);
  if (token == NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OIDC_LOGOUT, "%s", failure->message);
  return token;
}

/* The token is used up in the write that ends the sessions: else one that comes again after a failure would
 * end none. */
static bool
end_sessions (const DoorContext *context, const DoorConnection *connection, const DoorLogoutToken *token,
              GError **error)
{
  /* what begins so is no id of an ID token, which the same table keeps */
  g_autofree char *id = g_strconcat ("logout ", token->id, NULL);
  const char *const sessions[] = { token->session_id, NULL };
  const DoorSessionMatch match = {
    .connection = door_connection_get_name (connection),
    .issuer = token->issuer,
    .subject = token->subject,
    .session_indexes = token->session_id != NULL ? sessions : NULL,
    .once_id = id,
    .once_until_ms = token->expires_at_ms,
  };
  g_autoptr (GError) local = NULL;

  if (door_session_end_by_index (context, &match, &local))
    return true;
  if (door_error_get_fault (local) == DOOR_FAULT_SAML_REPLAY)
    return refuse (error, "it was used before");
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

/**
 * door_oidc_logout_received:
 * @context: what every service needs
 * @message: the message
 * @error: return location for an error
 *
 * Verifies a logout token and ends the sessions of administrators it names; that there is none is no error.
 * A token counts once, and one that counts takes nothing of the limit of its address. Blocks on the network
 * when keys are due, and for a commit: for %DOOR_POOL_WAITING.
 *
 * Returns: false with an error, %DOOR_FAULT_OIDC_LOGOUT when the token does not hold
 */
bool
door_oidc_logout_received (const DoorContext *context, const DoorOidcLogoutMessage *message, GError **error)
{
  DoorConnection *connection = door_connections_lookup (context->connections, message->connection);
  g_autoptr (DoorLogoutToken) token = NULL;
  DoorOidcCell *cell;

  if (connection == NULL || !door_connection_speaks_oidc (connection))
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN, "no such identity provider");
  if (!door_turn_take (context, DOOR_TURN_LOGOUT_TOKEN, message->address, error))
    return false;
  if (message->logout_token == NULL)
    return refuse (error, "there is none");
  cell = door_connection_get_oidc_cell (connection);
  if (!door_oidc_cell_enter (cell, message->connection, error))
    return false;
  token = verify (context, connection, message, error);
  door_oidc_cell_leave (cell);
  if (token == NULL || !end_sessions (context, connection, token, error))
    return false;
  /* all tokens of a provider come from one address, and it may end very many sessions at once */
  door_turn_give_back (context, DOOR_TURN_LOGOUT_TOKEN, message->address);
  return true;
}
