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
#include "door-turn.h"

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
  g_free (self->flow);
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

/* What a device is was decided when its flow began, so a visit that does not say it again goes on with that.
 * A device that enrolls with an account always says which, in every start (Apple, "apple-as-web"), and such a
 * start has nothing to do with a flow that another page of the same browser may have left. */
static bool
fits_device (const DoorFlow *flow, const DoorLoginStart *start)
{
  const DoorFlowDevice *device = start->device;

  if (device != NULL)
    return g_str_equal (flow->way, device->way) && g_str_equal (flow->serial, device->serial) &&
           g_str_equal (flow->udid, device->udid) &&
           g_strcmp0 (flow->link, device->link != NULL ? device->link : "") == 0 &&
           g_strcmp0 (flow->team, start->team) == 0;
  if (start->flow == NULL && start->user_identifier != NULL &&
      !g_str_equal (flow->user_identifier, start->user_identifier))
    return false;
  return start->team == NULL || *start->team == '\0' || g_str_equal (flow->team, start->team);
}

static bool
fits (const DoorContext *context, const DoorFlow *flow, const DoorLoginStart *start, const DoorTestRow *test)
{
  if (flow->expires_at <= door_clock_now_ms (context->clock) || !may_go_on (flow, test) ||
      (start->purpose != NULL && !g_str_equal (flow->purpose, start->purpose)) ||
      (start->return_path != NULL && !g_str_equal (flow->return_path, start->return_path)))
    return false;
  if (door_flow_is_for_device (flow))
    return fits_device (flow, start);
  return start->device == NULL &&
         (start->team == NULL ||
          (g_str_equal (flow->team, start->team) &&
           g_strcmp0 (flow->user_identifier, start->user_identifier != NULL ? start->user_identifier : "") ==
               0));
}

/* The live flow of a name in the address, which only a device has, or of a cookie, if it has what the visit
 * asks for. */
static bool
find_flow (const DoorContext *context, const DoorLoginStart *start, const DoorTestRow *test, DoorFlow **out,
           GError **error)
{
  g_autoptr (DoorTxn) txn = NULL;
  g_autoptr (DoorFlow) flow = NULL;
  g_autofree char *hash = start->flow != NULL ? door_flow_dup_key_hash (context, start->flow) : NULL;
  bool named = hash != NULL;

  if (start->oauth2 != NULL)
    return true;
  if (hash == NULL && start->cookie != NULL)
    hash = door_digest_sha256_text (start->cookie);
  if (hash == NULL)
    return true;
  txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, start->cancellable, error);
  if (txn == NULL || !door_login_store_lookup_flow (txn, hash, &flow, error))
    return false;
  if (flow != NULL && (!named || door_flow_is_for_device (flow)) && fits (context, flow, start, test))
    *out = g_steal_pointer (&flow);
  return true;
}

static const char *
choose_way (const DoorLoginStart *start)
{
  if (start->oauth2 != NULL)
    return DOOR_WAY_OAUTH2;
  return start->device != NULL ? start->device->way : DOOR_WAY_ACCOUNT;
}

static DoorFlow *
make_flow (const DoorContext *context, const DoorLoginStart *start, const char *cookie)
{
  const DoorOauth2Ask *ask = start->oauth2;
  const DoorFlowStart of = {
    .way = choose_way (start),
    .redirect_uri = ask != NULL ? ask->redirect_uri : NULL,
    .client_state = ask != NULL ? ask->state : NULL,
    .code_challenge = ask != NULL ? ask->code_challenge : NULL,
    .cookie = cookie,
    .purpose = start->purpose != NULL ? start->purpose : DOOR_PURPOSE_ENROLLMENT,
    .return_path = start->return_path,
    .team = start->team,
    .user_identifier = start->user_identifier,
    .serial = start->device != NULL ? start->device->serial : NULL,
    .udid = start->device != NULL ? start->device->udid : NULL,
    .product = start->device != NULL ? start->device->product : NULL,
    .link = start->device != NULL ? start->device->link : NULL,
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

static void
refuse_choice (const DoorContext *context, const char *name, GError **error)
{
  DoorConnection *connection = door_connections_lookup (context->connections, name);

  if (connection != NULL && door_connection_awaits_metadata (connection))
    door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_IDP_NOMETADATA,
                    "idp/%s: no metadata has been uploaded", name);
  else
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_IDP_UNKNOWN,
                    "identity provider not among those of team and domain");
}

/* Which identity provider to go to at once; NULL: a page comes first. */
static DoorConnection *
choose_connection (const DoorContext *context, const DoorLoginStart *start, const DoorLoginStep *step,
                   GError **error)
{
  const GPtrArray *choices = step->choices;

  if (start->idp != NULL)
    {
      DoorConnection *connection = door_connections_lookup (choices, start->idp);

      if (connection == NULL)
        refuse_choice (context, start->idp, error);
      return connection;
    }
  if (choices->len == 1 && (start->take_only_idp ||
                            (!step->first_with_intro && door_policy_get_auto_redirect (context->policy) &&
                             door_policy_get_idp_selection (context->policy) != DOOR_IDP_SELECTION_CHOOSER)))
    return g_ptr_array_index (choices, 0);
  return NULL;
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

static char *
dup_start_url (const DoorConnection *connection, const DoorLoginStart *start, const DoorLoginStep *step)
{
  GString *url = g_string_new (door_connection_get_addresses (connection)->start_url);

  if (start->force_authn)
    g_string_append (url, "?again=1");
  if (step->flow != NULL)
    g_string_append_printf (url, "%cflow=%s", start->force_authn ? '&' : '?', step->flow);
  return g_string_free (url, FALSE);
}

/* A provider of which nothing is known yet must be asked first, which not every thread may wait for: then the
 * browser comes back, with the cookie of its flow, to one that may. */
static bool
ask_provider_first (const DoorContext *context, const DoorLoginStart *start, DoorConnection *connection,
                    const DoorLoginStep *step, char **url, GError **error)
{
  if (!door_connection_speaks_oidc (connection))
    return true;
  if (start->may_wait)
    return door_oidc_sign_in_prepare (context, connection, start->cancellable, error);
  if (!door_oidc_sign_in_is_prepared (context, connection))
    *url = dup_start_url (connection, start, step);
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
  DoorConnection *connection = choose_connection (context, start, step, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return false;
    }
  step->kind = DOOR_LOGIN_CHOOSE;
  if (connection == NULL && step->choices->len > 1 && *step->user_identifier == '\0' &&
      !door_flow_is_for_administrators (flow) &&
      door_policy_get_idp_selection (context->policy) == DOOR_IDP_SELECTION_DOMAIN)
    step->kind = DOOR_LOGIN_ASK_ACCOUNT;
  if (connection != NULL && !ask_provider_first (context, start, connection, step, &step->url, error))
    return false;
  if (step->url != NULL)
    step->kind = DOOR_LOGIN_REDIRECT;
  else if (connection != NULL)
    {
      relay_state = door_random_dup_token (context->random);
      request = make_request (context, flow, connection, start->shared_acs, relay_state);
      step->connection = connection;
      question = (DoorQuestion){ connection,         request,
                                 relay_state,        step->user_identifier,
                                 start->force_authn, start->cancellable,
                                 flow->purpose,      flow->way };
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
  g_autofree char *domain = door_account_dup_domain (step->user_identifier);

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

/* What a person types on a page of a device only finds the provider, and is no part of the flow. */
static void
describe_flow (const DoorContext *context, const DoorLoginStart *start, const DoorFlow *flow,
               DoorLoginStep *step)
{
  bool device = door_flow_is_for_device (flow);

  step->team = g_strdup (flow->team);
  step->user_identifier =
      g_strdup (device && start->user_identifier != NULL ? start->user_identifier : flow->user_identifier);
  if (device)
    step->flow = door_flow_dup_address (context, flow);
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

  if (!door_turn_take (context, DOOR_TURN_START, start->address, error) || !check_account (start, error) ||
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
  describe_flow (context, start, flow, step);
  /* what is to be read is read once, before the provider has the browser */
  step->first_with_intro =
      begin.flow != NULL && test == NULL && team->intro != NULL && !door_flow_is_for_administrators (flow);
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
