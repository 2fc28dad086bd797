/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-connections.h"
#include "door-login.h"

#include <string.h>

#include "door-account.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-flow.h"
#include "door-login-store.h"
#include "door-oidc-sign-in.h"
#include "door-saml-sign-in.h"
#include "door-test-sign-in.h"

/* What one visit of the start page writes. */
typedef struct
{
  const DoorFlow *flow;             /* (nullable): it exists already */
  const DoorSignInRequest *request; /* (nullable): a page comes first */
  const DoorTestRow *test;          /* (nullable): it is none */
  const char *flow_hash;
  int64_t now_ms;
} Begin;

/**
 * door_login_step_free:
 * @self: (transfer full): a step
 */
void
door_login_step_free (DoorLoginStep *self)
{
  g_free (self->url);
  door_saml_form_clear (&self->form);
  g_free (self->cookie);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_free (self->team);
  g_free (self->user_identifier);
  g_free (self);
}

/* A flow of a test leads nowhere but to its result, and no other flow leads there. */
static bool
may_go_on (const DoorFlow *flow, const DoorTestRow *test)
{
  if (test != NULL)
    return g_str_equal (flow->key_hash, test->flow_hash);
  return !g_str_equal (flow->purpose, DOOR_PURPOSE_TEST);
}

/* The live flow of a cookie, if it has what the visit asks for. */
static bool
find_flow (const DoorContext *context, const DoorLoginStart *start, const DoorTestRow *test, DoorFlow **out,
           GError **error)
{
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (DoorFlow) flow = NULL;
  g_autofree char *hash = NULL;

  if (start->cookie == NULL)
    return true;
  hash = door_digest_sha256_text (start->cookie);
  txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, start->cancellable, error);
  if (txn == NULL || !door_login_store_lookup_flow (txn, hash, &flow, error))
    return false;
  if (flow == NULL || flow->expires_at <= door_clock_now_ms (context->clock) || !may_go_on (flow, test) ||
      (start->purpose != NULL && !g_str_equal (flow->purpose, start->purpose)) ||
      (start->return_path != NULL && !g_str_equal (flow->return_path, start->return_path)))
    return true;
  if (start->team != NULL &&
      (!g_str_equal (flow->team, start->team) ||
       g_strcmp0 (flow->user_identifier, start->user_identifier != NULL ? start->user_identifier : "") != 0))
    return true;
  *out = g_steal_pointer (&flow);
  return true;
}

static DoorFlow *
make_flow (const DoorContext *context, const DoorLoginStart *start, const char *cookie)
{
  const DoorFlowStart of = {
    .cookie = cookie,
    .purpose = start->purpose != NULL ? start->purpose : DOOR_PURPOSE_ENROLLMENT,
    .return_path = start->return_path,
    .team = start->team,
    .user_identifier = start->user_identifier,
  };

  return door_flow_new (context, &of);
}

/* Of two browsers that open the same address at the same time, one begins. */
static bool
open_test (DoorTxn *txn, const Begin *begin, GError **error)
{
  bool opened = false;

  if (!door_test_store_open (txn, begin->test->token_hash, begin->flow_hash, begin->now_ms, &opened, error))
    return false;
  return opened || door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_FLOW_SPENT,
                                   "the address of the test was used already");
}

static gboolean
write_begin (DoorTxn *txn, gpointer data, GError **error)
{
  const Begin *begin = data;

  if (begin->test != NULL && !open_test (txn, begin, error))
    return FALSE;
  if (begin->flow != NULL && !door_login_store_add_flow (txn, begin->flow, error))
    return FALSE;
  return begin->request == NULL || door_login_store_add_request (txn, begin->request, error);
}

static const char *
get_acs_url (const DoorContext *context, const DoorFlow *flow, const DoorConnection *connection,
             bool shared_acs)
{
  if (!shared_acs || door_connection_speaks_oidc (connection)) /* the shared address is one of SAML */
    return door_connection_get_acs_url (connection);
  return door_flow_is_for_administrators (flow) ? door_policy_get_shared_admin_acs_url (context->policy)
                                                : door_policy_get_shared_acs_url (context->policy);
}

static DoorSignInRequest *
make_request (const DoorContext *context, const DoorFlow *flow, const DoorConnection *connection,
              bool shared_acs, const char *relay_state)
{
  const DoorFlowQuestion question = {
    .connection = connection,
    .acs_url = get_acs_url (context, flow, connection, shared_acs),
    .state = relay_state,
  };

  return door_flow_new_request (context, flow, &question);
}

/* Which identity provider to go to at once; NULL: a page comes first. */
static DoorConnection *
choose_connection (const DoorContext *context, const DoorLoginStart *start, const GPtrArray *choices,
                   GError **error)
{
  if (start->idp != NULL)
    {
      DoorConnection *connection = door_connections_lookup (choices, start->idp);

      if (connection == NULL)
        door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN,
                        "identity provider not among those of team and domain");
      return connection;
    }
  if (choices->len == 1 && (start->take_only_idp ||
                            (door_policy_get_auto_redirect (context->policy) &&
                             door_policy_get_idp_selection (context->policy) != DOOR_IDP_SELECTION_CHOOSER)))
    return g_ptr_array_index (choices, 0);
  return NULL;
}

/* Before anything that costs more than this. */
static bool
take_turn (const DoorContext *context, const DoorLoginStart *start, GError **error)
{
  g_autofree char *limit_key = door_rate_limit_dup_key ("start", start->address);

  if (door_rate_limit_take (context->sign_in_limit, limit_key, door_clock_now_ms (context->clock)))
    return true;
  door_metrics_add (context->metrics, DOOR_METRIC_LIMIT_SIGN_INS, 1);
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_FLOW_RATE, "SignInsPerMinute reached");
}

/* What anybody types is kept for as long as the flow. */
static bool
check_account (const DoorLoginStart *start, GError **error)
{
  return start->user_identifier == NULL || strlen (start->user_identifier) <= DOOR_ACCOUNT_MAX_BYTES ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                         "the account is longer than any can be");
}

/* The team of the flow, which may have been begun under another configuration, or the one asked for. */
static const DoorTeam *
find_team (const DoorContext *context, const DoorLoginStart *start, const DoorFlow *flow, GError **error)
{
  const char *asked = start->team != NULL ? start->team : "";
  const char *name = flow != NULL ? flow->team : asked;
  const DoorTeam *team = door_policy_lookup_team (context->policy, name);

  if (team == NULL)
    door_policy_refuse_team (name, error);
  return team;
}

/* A provider of which nothing is known yet must be asked first, which not every thread may wait for: then the
 * browser comes back, with the cookie of its flow, to one that may. */
static bool
ask_provider_first (const DoorContext *context, const DoorLoginStart *start, DoorConnection *connection,
                    char **url, GError **error)
{
  if (!door_connection_speaks_oidc (connection))
    return true;
  if (start->may_wait)
    return door_oidc_sign_in_prepare (context, connection, start->cancellable, error);
  if (!door_oidc_sign_in_is_prepared (context, connection))
    *url = g_strconcat (door_connection_get_addresses (connection)->start_url,
                        start->force_authn ? "?again=1" : NULL, NULL);
  return true;
}

static bool
ask (const DoorContext *context, const DoorQuestion *question, DoorLoginStep *step, GError **error)
{
  if (!door_connection_speaks_oidc (question->connection))
    return door_saml_sign_in_ask (context, question, &step->url, &step->form, error);
  step->url = door_oidc_sign_in_build_url (context, question, error);
  return step->url != NULL;
}

static bool
fill_step (const DoorContext *context, const DoorLoginStart *start, const DoorFlow *flow, Begin *begin,
           DoorLoginStep *step, GError **error)
{
  g_autoptr (DoorSignInRequest) request = NULL;
  g_autofree char *relay_state = NULL;
  g_autoptr (GError) local = NULL;
  DoorQuestion question;
  DoorConnection *connection = choose_connection (context, start, step->choices, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  step->kind = DOOR_LOGIN_CHOOSE;
  if (connection == NULL && step->choices->len > 1 && *flow->user_identifier == '\0' &&
      !door_flow_is_for_administrators (flow) &&
      door_policy_get_idp_selection (context->policy) == DOOR_IDP_SELECTION_DOMAIN)
    step->kind = DOOR_LOGIN_ASK_ACCOUNT;
  if (connection != NULL && !ask_provider_first (context, start, connection, &step->url, error))
    return false;
  if (step->url != NULL)
    step->kind = DOOR_LOGIN_REDIRECT;
  else if (connection != NULL)
    {
      relay_state = door_random_dup_token (context->random);
      request = make_request (context, flow, connection, start->shared_acs, relay_state);
      step->connection = connection;
      question = (DoorQuestion){ connection,         request,
                                 relay_state,        flow->user_identifier,
                                 start->force_authn, start->cancellable,
                                 flow->purpose };
      if (!ask (context, &question, step, error))
        return false;
      step->kind = step->url != NULL ? DOOR_LOGIN_REDIRECT : DOOR_LOGIN_POST;
      begin->request = request;
    }
  if (begin->flow == NULL && begin->request == NULL)
    return true;
  return door_writer_run (context->writer, write_begin, begin, start->cancellable, error);
}

/* Administrators choose among the providers of their own, whatever teams there are. */
static bool
find_choices (const DoorContext *context, const DoorFlow *flow, const DoorTeam *team, DoorLoginStep *step,
              GError **error)
{
  g_autofree char *domain = door_account_dup_domain (flow->user_identifier);

  step->choices = door_flow_is_for_administrators (flow)
                      ? door_connections_choose (context->connections, DOOR_USE_ADMIN, NULL, NULL)
                      : door_connections_choose (context->connections, DOOR_USE_ENROLLMENT, team, domain);
  if (step->choices->len > 0)
    return true;
  if (domain != NULL && context->connections->len > 0)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_DOMAIN,
                           "domain %s is in the EmailDomains of no provider offered here", domain);
  return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_DISABLED,
                         door_flow_is_for_administrators (flow) ? "no identity provider has Use=admin"
                                                                : "no identity provider for the team");
}

/* A test is of one provider, whatever it is used for. */
static bool
find_tested (const DoorContext *context, const DoorTestRow *test, DoorLoginStep *step, GError **error)
{
  DoorConnection *connection = door_connections_lookup (context->connections, test->connection);

  if (connection == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN,
                           "the server has no usable [idp/%s]", test->connection);
  step->choices = g_ptr_array_new ();
  g_ptr_array_add (step->choices, connection);
  return true;
}

static bool
find_test (const DoorContext *context, const DoorLoginStart *start, DoorTestRow **test, GError **error)
{
  if (start->test_token == NULL)
    return true;
  *test = door_test_sign_in_find (context, start->test_token, start->cookie, start->cancellable, error);
  return *test != NULL;
}

/**
 * door_login_begin:
 * @context: what every service needs
 * @start: the wish to sign in
 * @error: return location for an error
 *
 * Starts a flow, or goes on with the one of the cookie, and says what comes next. Blocks for the commit
 * of what it wrote.
 *
 * Returns: (transfer full): the next step, or %NULL with an error
 */
DoorLoginStep *
door_login_begin (const DoorContext *context, const DoorLoginStart *start, GError **error)
{
  g_autoptr (DoorLoginStep) step = g_new0 (DoorLoginStep, 1);
  g_autoptr (DoorFlow) flow = NULL;
  g_autoptr (DoorTestRow) test = NULL;
  const DoorTeam *team;
  Begin begin = { NULL };

  if (!take_turn (context, start, error) || !check_account (start, error) ||
      !find_test (context, start, &test, error) || !find_flow (context, start, test, &flow, error))
    return NULL;
  team = find_team (context, start, flow, error);
  if (team == NULL)
    return NULL;
  if (flow == NULL)
    {
      step->cookie = door_random_dup_token (context->random);
      flow = make_flow (context, start, step->cookie);
      begin.flow = flow;
    }
  step->team = g_strdup (flow->team);
  step->user_identifier = g_strdup (flow->user_identifier);
  begin.test = test;
  begin.flow_hash = flow->key_hash;
  begin.now_ms = door_clock_now_ms (context->clock);
  if (test != NULL ? !find_tested (context, test, step, error)
                   : !find_choices (context, flow, team, step, error))
    return NULL;
  if (!fill_step (context, start, flow, &begin, step, error))
    return NULL;
  return g_steal_pointer (&step);
}
