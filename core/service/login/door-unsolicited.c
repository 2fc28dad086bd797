/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-unsolicited.h"

#include <string.h>

#include "door-connections.h"
#include "door-error.h"
#include "door-flow.h"
#include "door-local-path.h"
#include "door-log.h"
#include "door-paths.h"
#include "door-saml-sign-in.h"
#include "door-saml-unsolicited.h"
#include "door-sign-in-path.h"

/**
 * door_unsolicited_clear:
 * @self: an answer
 */
void
door_unsolicited_clear (DoorUnsolicited *self)
{
  g_clear_pointer (&self->restart_path, g_free);
  g_clear_pointer (&self->cookie, g_free);
  g_clear_pointer (&self->request, door_sign_in_request_free);
  door_proof_clear (&self->proof);
}

/* At the address that administrators' connections share it can only be told whose it is if there is one. */
static DoorConnection *
find_connection (const DoorContext *context, const DoorLoginAnswer *answer)
{
  g_autoptr (GPtrArray) choices = NULL;

  if (answer->purpose != NULL && !g_str_equal (answer->purpose, DOOR_PURPOSE_ADMINISTRATION))
    return NULL;
  choices = door_connections_choose (context->connections, DOOR_USE_ADMIN, NULL, NULL);
  if (answer->connection != NULL)
    return door_connections_lookup (choices, answer->connection);
  return choices->len == 1 ? g_ptr_array_index (choices, 0) : NULL;
}

/* What a flow that began here would have been: the browser is known by its cookie from now on. */
static void
make_request (const DoorContext *context, const DoorLoginAnswer *answer, const char *acs_url,
              DoorUnsolicited *out)
{
  bool known = answer->state != NULL && door_local_path_is_valid (answer->state) &&
               door_connection_allows_relay_path (out->connection, answer->state);
  g_autofree char *cookie = door_random_dup_token (context->random);
  g_autofree char *state = door_random_dup_token (context->random);
  const DoorFlowStart start = {
    .cookie = cookie,
    .purpose = DOOR_PURPOSE_ADMINISTRATION,
    .return_path = known ? answer->state : DOOR_PATH_ADMIN,
  };
  const DoorFlowQuestion question = { .connection = out->connection, .acs_url = acs_url, .state = state };
  g_autoptr (DoorFlow) flow = door_flow_new (context, &start);

  out->request = door_flow_new_request (context, flow, &question);
  out->request->flow = g_steal_pointer (&flow);
  out->cookie = g_steal_pointer (&cookie);
}

static gboolean
write_request (DoorTxn *txn, gpointer data, GError **error)
{
  const DoorSignInRequest *request = data;

  return door_login_store_add_flow (txn, request->flow, error) &&
         door_login_store_add_request (txn, request, error);
}

static bool
accept (const DoorContext *context, const DoorLoginAnswer *answer, DoorUnsolicited *out, GError **error)
{
  const char *acs_url = answer->connection != NULL ? door_connection_get_acs_url (out->connection)
                                                   : door_policy_get_shared_admin_acs_url (context->policy);
  const DoorSamlAnswer saml = { out->connection, NULL, acs_url, answer->saml_response, answer->cancellable };

  /* that no part of it names a request is held against the whole */
  if (!door_saml_sign_in_verify (context, &saml, &out->proof, error))
    return false;
  make_request (context, answer, acs_url, out);
  return door_writer_run (context->writer, write_request, out->request, answer->cancellable, error);
}

/**
 * door_unsolicited_take:
 * @context: what every service needs
 * @answer: an answer whose RelayState names no request
 * @out: (out caller-allocates): what comes of it; clear it
 * @error: return location for an error
 *
 * Judges an answer that an identity provider sent of its own accord: never one for enrollment. For
 * administrators it begins a sign-in here, or, where AllowIdpInitiated says so, it is verified and counts: it
 * leads to the paths of RelayStatePaths only, and whoever decides about it uses it up like any other. Blocks
 * for a commit then.
 *
 * Returns: false with %DOOR_FAULT_FLOW_UNKNOWN when it is nothing of the kind, or another error
 */
bool
door_unsolicited_take (const DoorContext *context, const DoorLoginAnswer *answer, DoorUnsolicited *out,
                       GError **error)
{
  out->connection = find_connection (context, answer);
  if (answer->saml_response == NULL || out->connection == NULL ||
      !door_saml_answers_nothing (answer->saml_response, strlen (answer->saml_response)))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_FLOW_UNKNOWN,
                           "RelayState names no request");
  if (door_connection_get_allow_idp_initiated (out->connection))
    return accept (context, answer, out, error);
  out->restart_path = door_admin_login_path_build (door_connection_get_name (out->connection), NULL, false);
  door_log_event (G_LOG_LEVEL_INFO, "sign-in", "an answer nobody asked for begins a sign-in",
                  "DOORWARD_OUTCOME", "restarted", "DOORWARD_IDP", door_connection_get_name (out->connection),
                  "DOORWARD_REQUEST", answer->request_id, NULL);
  return true;
}
