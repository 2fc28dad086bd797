/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-end.h"

#include <string.h>

#include "door-connections.h"
#include "door-error.h"
#include "door-log.h"
#include "door-logout.h"
#include "door-saml-keys.h"
#include "door-saml-logout.h"
#include "door-saml-sp.h"
#include "door-session.h"
#include "door-turn.h"

#define MAX_RELAY_STATE_BYTES 80

/**
 * door_saml_ended_clear:
 * @self: how a browser goes on
 */
void
door_saml_ended_clear (DoorSamlEnded *self)
{
  g_clear_pointer (&self->url, g_free);
  door_saml_form_clear (&self->form);
}

/* A message that is believed, and what it came with. */
typedef struct
{
  const DoorConnection *connection;
  const DoorSamlMetadata *metadata;
  const DoorSamlEnd *end;
  const DoorSamlLogout *logout;
} Asked;

/* Where single logout is off, there is nothing at the address. */
static DoorConnection *
find_connection (const DoorContext *context, const char *name, GError **error)
{
  DoorConnection *connection = door_connections_lookup (context->connections, name);

  if (connection != NULL && !door_connection_speaks_oidc (connection) &&
      door_connection_get_single_logout (connection))
    return connection;
  door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN,
                  "no such identity provider with single logout");
  return NULL;
}

static DoorSamlLogout *
verify (const DoorContext *context, DoorConnection *connection, const DoorSamlMetadata *metadata,
        const DoorSamlEnd *end, GError **error)
{
  const DoorSettings *settings = door_connection_get_settings (connection);
  g_auto (GStrv) issuers = door_settings_dup_list (settings, "LogoutIssuers");
  const DoorSamlLogoutExpectation expect = {
    .metadata = metadata,
    .issuers = (const char *const *) issuers,
    .location = door_connection_get_addresses (connection)->logout_url,
    .now_ms = door_clock_now_ms (context->clock),
    .clock_skew_s = door_policy_get_clock_skew_s (context->policy),
    .allow_sha1 = door_idp_profile_get_allow_sha1 (door_connection_get_profile (connection)),
  };

  if (end->field != NULL)
    return door_saml_logout_verify_form (end->field, end->value, &expect, error);
  return door_saml_logout_verify_query (end->query != NULL ? end->query : "", &expect, error);
}

/* The sessions of whoever the message names, of this provider and no other. */
static bool
end_sessions (const DoorContext *context, const Asked *asked, GError **error)
{
  const char *const *indexes = door_saml_logout_get_session_indexes (asked->logout);
  const DoorSessionMatch match = {
    .connection = door_connection_get_name (asked->connection),
    .issuer = door_saml_metadata_get_entity_id (asked->metadata),
    .subject = door_saml_logout_get_name_id (asked->logout),
    .session_indexes = indexes[0] != NULL ? indexes : NULL,
  };

  return door_session_end_by_index (context, &match, error);
}

/* By redirect where the provider has an address for that, which needs no page of ours; a provider without any
 * address is not told. The sessions have ended by now in any case. */
static bool
answer (const DoorContext *context, const Asked *asked, DoorSamlEnded *out, GError **error)
{
  const DoorSamlEnd *end = asked->end;
  const char *relay_state =
      end->field != NULL ? end->relay_state : door_saml_logout_get_relay_state (asked->logout);
  const char *redirect = door_saml_metadata_get_logout_url (asked->metadata, false, true);
  const char *destination =
      redirect != NULL ? redirect : door_saml_metadata_get_logout_url (asked->metadata, true, true);
  g_autoptr (GPtrArray) keys = NULL;
  g_autofree char *id = door_random_dup_ncname (context->random);
  DoorSamlLogoutMessage message;

  if (destination == NULL)
    return true;
  keys = door_saml_keys_ensure (context, asked->connection, DOOR_SAML_USE_SIGNING, false, end->cancellable,
                                error);
  if (keys == NULL)
    return false;
  if (relay_state != NULL && strlen (relay_state) > MAX_RELAY_STATE_BYTES)
    relay_state = NULL; /* longer than the binding allows: not worth refusing a logout for */
  message = (DoorSamlLogoutMessage){
    .id = id,
    .issued_at_ms = door_clock_now_ms (context->clock),
    .destination = destination,
    .issuer = door_connection_get_sp_entity_id (asked->connection),
    .relay_state = relay_state,
    .signing_key = g_ptr_array_index (keys, 0),
    .in_response_to = door_saml_logout_get_id (asked->logout),
    .success = true,
  };
  if (redirect == NULL)
    return door_saml_logout_build_form (&message, &out->form, error);
  out->url = door_saml_logout_build_redirect_url (&message, error);
  return out->url != NULL;
}

static void
log_message (const char *connection, const DoorSamlLogout *logout)
{
  bool request = door_saml_logout_is_request (logout);

  door_log_event (G_LOG_LEVEL_INFO, "logout", request ? "logout by the provider" : "logout answered",
                  "DOORWARD_OUTCOME",
                  request || door_saml_logout_is_success (logout) ? "accepted" : "partial", "DOORWARD_IDP",
                  connection, NULL);
}

/* Only of a logout that this browser has begun here (profiles 4.4.4.2); it has been finished before. */
static bool
take_answer (const DoorContext *context, const Asked *asked, DoorSamlEnded *out, GError **error)
{
  out->answered = true;
  out->complete = door_saml_logout_is_success (asked->logout);
  return door_logout_check_answer (context, asked->connection, asked->end->cookie,
                                   door_saml_logout_get_in_response_to (asked->logout)) ||
         door_error_set (error, DOOR_ERROR_NOT_AUTHENTICATED, DOOR_FAULT_SAML_UNSOLICITED,
                         "logout: the answer is not for a request of this browser");
}

/**
 * door_saml_end:
 * @context: what every service needs
 * @end: what came
 * @out: (out caller-allocates): how the browser goes on; clear it
 * @error: return location for an error
 *
 * Single logout (SAML profiles 4.4): ends the sessions that a provider says are over, and answers it with a
 * signed message. Nothing but its signature makes a message believed: whoever carries it need not have a
 * session. An answer must be for the request that the same browser was sent away with; nothing follows of it,
 * since our side has ended before. Blocks for a commit.
 *
 * Returns: false with an error
 */
bool
door_saml_end (const DoorContext *context, const DoorSamlEnd *end, DoorSamlEnded *out, GError **error)
{
  DoorConnection *connection = find_connection (context, end->connection, error);
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  g_autoptr (DoorSamlLogout) logout = NULL;
  g_auto (DoorSamlEnded) ended = { NULL };
  Asked asked;

  if (connection == NULL || !door_turn_take (context, DOOR_TURN_SAML_LOGOUT, end->address, error))
    return false;
  metadata = door_connection_dup_valid_metadata (connection, door_clock_now_ms (context->clock), error);
  logout = metadata != NULL ? verify (context, connection, metadata, end, error) : NULL;
  if (logout == NULL)
    return false;
  asked = (Asked){ connection, metadata, end, logout };
  if (door_saml_logout_is_request (logout)
          ? !end_sessions (context, &asked, error) || !answer (context, &asked, &ended, error)
          : !take_answer (context, &asked, &ended, error))
    return false;
  log_message (end->connection, logout);
  *out = ended;
  out->connection = connection;
  ended = (DoorSamlEnded){ NULL };
  return true;
}
