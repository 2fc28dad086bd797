/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-logout.h"

#include "door-connections.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-log.h"
#include "door-oidc-documents.h"
#include "door-oidc-request.h"
#include "door-saml-keys.h"
#include "door-saml-logout.h"
#include "door-token.h"

/**
 * door_logout_step_clear:
 * @self: a step
 */
void
door_logout_step_clear (DoorLogoutStep *self)
{
  g_clear_pointer (&self->url, g_free);
  door_saml_form_clear (&self->form);
  g_clear_pointer (&self->cookie, g_free);
}

/* What the provider gives back: only the browser with the cookie can tell it, and nothing is stored. An
 * NCName never begins with a digit. */
static char *
derive_id (const DoorContext *context, const DoorConnection *connection, const char *cookie)
{
  g_autofree char *purpose = g_strconcat ("logout ", door_connection_get_name (connection), NULL);
  g_autofree char *hash = door_digest_sha256_text (cookie);
  g_autofree char *value = door_token_derive (context, purpose, hash);

  return g_strconcat ("_", value, NULL);
}

/* (nullable): what the provider said and did not leave empty */
static const char *
said (const char *text)
{
  return *text != '\0' ? text : NULL;
}

/* The provider that has signed the person in, unless the name now belongs to another one. */
static bool
is_same_provider (const DoorSessionRow *row, const DoorSamlMetadata *metadata)
{
  return g_str_equal (row->issuer, door_saml_metadata_get_entity_id (metadata));
}

static bool
ask_saml (const DoorContext *context, DoorConnection *connection, const DoorSessionRow *row,
          GCancellable *cancellable, DoorLogoutStep *step, GError **error)
{
  int64_t now_ms = door_clock_now_ms (context->clock);
  g_autoptr (DoorSamlMetadata) metadata = door_connection_dup_valid_metadata (connection, now_ms, error);
  const DoorSubject subject = { .value = row->subject,
                                .format = said (row->name_format),
                                .name_qualifier = said (row->name_qualifier),
                                .sp_name_qualifier = said (row->sp_name_qualifier) };
  g_autofree char *id = derive_id (context, connection, step->cookie);
  DoorSamlLogoutMessage message = { .id = id,
                                    .issued_at_ms = now_ms,
                                    .issuer = door_connection_get_sp_entity_id (connection),
                                    .subject = &subject,
                                    .session_index = said (row->session_index) };
  g_autoptr (GPtrArray) keys = NULL;
  bool post;

  if (metadata == NULL)
    return false;
  message.destination = door_saml_metadata_get_logout_url (metadata, false, false);
  post = message.destination == NULL;
  if (post)
    message.destination = door_saml_metadata_get_logout_url (metadata, true, false);
  if (message.destination == NULL || !is_same_provider (row, metadata))
    return true;
  keys = door_saml_keys_ensure (context, connection, DOOR_SAML_USE_SIGNING, false, cancellable, error);
  if (keys == NULL)
    return false;
  message.signing_key = g_ptr_array_index (keys, 0);
  if (post)
    return door_saml_logout_build_form (&message, &step->form, error);
  step->url = door_saml_logout_build_redirect_url (&message, error);
  return step->url != NULL;
}

/* With what is known of the provider already: nobody waits for it in order to leave. */
static bool
ask_oidc (const DoorContext *context, DoorConnection *connection, DoorLogoutStep *step, GError **error)
{
  g_autofree char *state = derive_id (context, connection, step->cookie);
  g_auto (DoorOidcDocuments) documents = { NULL };
  DoorOidcLogout logout = {
    .client_id = door_idp_profile_get_client_id (door_connection_get_profile (connection)),
    .return_uri = door_connection_get_addresses (connection)->logout_url,
    .state = state,
  };

  if (!door_oidc_documents_recall (context, connection, &documents, error))
    return false;
  logout.endpoint = door_oidc_discovery_get_end_session_endpoint (documents.discovery);
  if (logout.endpoint == NULL)
    return true;
  step->url = door_oidc_logout_build_url (&logout, error);
  return step->url != NULL;
}

/* (nullable): the provider of a session, if it is to hear of logouts */
static DoorConnection *
find_connection (const DoorContext *context, const DoorSession *session)
{
  DoorConnection *connection = door_connections_lookup (context->connections, session->row->connection);

  return connection != NULL && door_connection_get_single_logout (connection) ? connection : NULL;
}

/**
 * door_logout_leads_away:
 * @context: what every service needs
 * @session: a session
 *
 * Returns: whether a logout from it may go on at the identity provider
 */
bool
door_logout_leads_away (const DoorContext *context, const DoorSession *session)
{
  return find_connection (context, session) != NULL;
}

/**
 * door_logout_begin:
 * @context: what every service needs
 * @session: a session that has been closed
 * @cancellable: (nullable): stops waiting
 * @out: (out caller-allocates): how the browser goes on; clear it. Without a connection it stays here: the
 *   provider is not to be told, has no address for it, or is not the one of the session any more
 * @error: return location for an error
 *
 * Tells the identity provider of a session that the person leaves: a signed LogoutRequest (SAML profiles
 * 4.4), or RP-Initiated Logout 1.0 with OpenID Connect. Whether that works or not, the session here has
 * ended before. CPU-bound; blocks for a read, and the first time for a commit.
 *
 * Returns: false with an error
 */
bool
door_logout_begin (const DoorContext *context, const DoorSession *session, GCancellable *cancellable,
                   DoorLogoutStep *out, GError **error)
{
  DoorConnection *connection = find_connection (context, session);
  g_auto (DoorLogoutStep) step = { NULL };

  *out = (DoorLogoutStep){ NULL };
  if (connection == NULL)
    return true;
  step.cookie = door_random_dup_token (context->random);
  if (door_connection_speaks_oidc (connection)
          ? !ask_oidc (context, connection, &step, error)
          : !ask_saml (context, connection, session->row, cancellable, &step, error))
    return false;
  if (step.url == NULL && step.form.action == NULL)
    return true;
  door_log_event (G_LOG_LEVEL_INFO, "logout", "logout sent to the provider", "DOORWARD_OUTCOME", "asked",
                  "DOORWARD_IDP", door_connection_get_name (connection), NULL);
  *out = step;
  out->connection = connection;
  step = (DoorLogoutStep){ NULL };
  return true;
}

/**
 * door_logout_check_answer:
 * @context: what every service needs
 * @connection: who answers
 * @cookie: (nullable): value of the cookie that came along
 * @id: (nullable): what the answer says it is for
 *
 * Returns: whether this browser was sent to that provider with just that
 */
bool
door_logout_check_answer (const DoorContext *context, const DoorConnection *connection, const char *cookie,
                          const char *id)
{
  g_autofree char *expected = NULL;

  if (cookie == NULL || id == NULL)
    return false;
  expected = derive_id (context, connection, cookie);
  return door_digest_equal (expected, id);
}

/**
 * door_logout_check_return:
 * @context: what every service needs
 * @connection: name in the address
 * @cookie: (nullable): value of the cookie that came along
 * @state: (nullable): what came back
 * @error: return location for an error
 *
 * Checks that a browser comes back from a logout at a provider of OpenID Connect that began here
 * (RP-Initiated Logout 1.0, 3). Nothing follows from it but what the person reads.
 *
 * Returns: false with %DOOR_FAULT_IDP_UNKNOWN or %DOOR_FAULT_OIDC_ANSWER
 */
bool
door_logout_check_return (const DoorContext *context, const char *connection, const char *cookie,
                          const char *state, GError **error)
{
  DoorConnection *known = door_connections_lookup (context->connections, connection);

  if (known == NULL || !door_connection_speaks_oidc (known) || !door_connection_get_single_logout (known))
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN,
                           "no such identity provider with single logout");
  return door_logout_check_answer (context, known, cookie, state) ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_OIDC_ANSWER,
                         "the state is not that of a logout of this browser");
}
