/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-misbehaviour.h"

#include "sim-check-in.h"
#include "sim-discovery.h"
#include "sim-error.h"
#include "sim-mdm-client.h"
#include "sim-saml.h"

static gboolean
fail (GError **error, const char *text)
{
  g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, text);
  return FALSE;
}

static gboolean
check_retried (SimJourney *journey, GError **error)
{
  return journey->retries > 0
             ? TRUE
             : fail (error, "late-login: the server took the late answer, or offered no new try; it needs a "
                            "RequestLifetime= in "
                            "[sign-in] that is shorter than the wait of --delay (3 s without it)");
}

static gboolean
replay_answer (SimJourney *journey, GError **error)
{
  g_autoptr (SimReply) reply = sim_browser_visit (journey->browser, journey->answer, error);
  bool refused = reply != NULL && reply->status >= 400 && reply->status < 500;

  if (reply == NULL)
    return FALSE;
  sim_journey_tell (journey, reply, "POST",
                    refused ? "the replayed SAMLResponse is refused" : "taken a second time");
  return refused ? TRUE : fail (error, "replay: the server did not refuse the SAMLResponse the second time");
}

/* The account typed in Settings is the one written into the response, so that only the signature is wrong. */
static gboolean
tamper (SimJourney *journey, SimForm *answer, GError **error)
{
  g_autofree char *tampered = sim_saml_tamper (sim_form_get (answer, "SAMLResponse"),
                                               journey->options->account, journey->typed_account, error);

  return tampered != NULL && sim_form_set (answer, "SAMLResponse", tampered, error);
}

static gboolean
forget_cookies (SimJourney *journey, SimForm *answer, GError **error)
{
  sim_browser_forget_cookies (journey->browser);
  return TRUE;
}

/* Sends an Authenticate that must be answered with a status of the 400s. */
static SimReply *
send_badly (SimJourney *journey, SimMdmMessage *message, const char *name, GError **error)
{
  g_autoptr (GBytes) body = sim_check_in_build_authenticate (journey->device, journey->profile->topic);
  g_autoptr (SimReply) reply = NULL;

  message->content_type = SIM_MDM_CHECK_IN_TYPE;
  message->body = body;
  reply = sim_mdm_client_send (journey, message, name, error);
  if (reply == NULL || (reply->status >= 400 && reply->status < 500))
    return g_steal_pointer (&reply);
  g_set_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED, "%s was answered with %d", name, reply->status);
  return NULL;
}

static gboolean
sign_other_bytes (SimJourney *journey, GError **error)
{
  g_autoptr (GBytes) other = g_bytes_new_static ("other bytes", 11);
  SimMdmMessage message = { .signed_bytes = other };
  g_autoptr (SimReply) reply = send_badly (journey, &message, "Authenticate, signed over other bytes", error);

  return reply != NULL;
}

static gboolean
leave_out_bearer (SimJourney *journey, GError **error)
{
  SimMdmMessage message = { .without_bearer = true };
  g_autoptr (SimReply) reply = send_badly (journey, &message, "Authenticate without bearer", error);
  const char *header = reply != NULL ? sim_reply_get_header (reply, "WWW-Authenticate") : NULL;
  g_autoptr (SimChallenge) challenge = NULL;

  if (reply == NULL)
    return FALSE;
  if (reply->status != 401 || header == NULL)
    return fail (error, "no-bearer: the refusal is not 401 with WWW-Authenticate");
  challenge = sim_challenge_parse (header, error);
  return challenge != NULL;
}

static gboolean
reuse_challenge (SimJourney *journey, GError **error)
{
  g_autoptr (EVP_PKEY) key = sim_key_new (journey->profile->key_size, error);
  g_autoptr (SimScepReply) reply =
      key != NULL ? sim_journey_request_certificate (journey, key, false, error) : NULL;

  if (reply == NULL)
    return FALSE;
  return reply->status == SIM_SCEP_FAILURE
             ? TRUE
             : fail (error, "stolen-challenge: the challenge was good for a second key");
}

static const SimMisbehaviour none = { .name = "none" };

static const SimMisbehaviour all[] = {
  { .name = "late-login",
    .summary = "answer after RequestLifetime= of the server, by --delay (3); expects Try again to lead to an "
               "enrollment",
    .needs = SIM_STEP_SIGN_IN,
    .delay_s = 3,
    .at_the_end = check_retried },
  { .name = "replay",
    .summary = "post the same SAMLResponse again at the end; expects a refusal",
    .needs = SIM_STEP_SIGN_IN,
    .at_the_end = replay_answer },
  { .name = "tampered-assertion",
    .summary = "change the user name inside the SAMLResponse; expects a refusal",
    .needs = SIM_STEP_SIGN_IN,
    .types_another_account = true,
    .expects_refusal = true,
    .before_answer = tamper },
  { .name = "wrong-user",
    .summary = "type another account than the one that signs in; expects a refusal",
    .needs = SIM_STEP_SIGN_IN,
    .expects_refusal = true,
    .types_another_account = true },
  { .name = "foreign-cookie",
    .summary = "post the SAMLResponse from a browser without the cookies; expects a refusal",
    .needs = SIM_STEP_SIGN_IN,
    .expects_refusal = true,
    .before_answer = forget_cookies },
  { .name = "stolen-challenge",
    .summary = "use the SCEP challenge for a second key; expects failInfo",
    .needs = SIM_STEP_SCEP,
    .after_certificate = reuse_challenge },
  { .name = "bad-signature",
    .summary = "sign other bytes than the message; expects a refusal, then goes on properly",
    .needs = SIM_STEP_AUTHENTICATE,
    .before_authenticate = sign_other_bytes },
  { .name = "no-bearer",
    .summary = "Authenticate without access token; expects 401 with a challenge, then goes on properly",
    .needs = SIM_STEP_AUTHENTICATE,
    .before_authenticate = leave_out_bearer },
  { .name = "lost-replies",
    .summary = "send each request to the server three times, as if two answers were lost; expects the same "
               "enrollment",
    .needs = SIM_STEP_DISCOVERY,
    .repeats = 2 },
};

/**
 * sim_misbehaviour_lookup:
 * @name: (nullable): name of a scenario, %NULL for good behaviour
 *
 * Returns: (transfer none) (nullable): the scenario, %NULL when there is none of that name
 */
const SimMisbehaviour *
sim_misbehaviour_lookup (const char *name)
{
  if (name == NULL)
    return &none;
  for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
    if (g_str_equal (all[i].name, name))
      return &all[i];
  return NULL;
}

/**
 * sim_misbehaviour_dup_names:
 *
 * Returns: (transfer full): the names of all scenarios, for who named none of them
 */
char *
sim_misbehaviour_dup_names (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", all[i].name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/**
 * sim_misbehaviour_dup_list:
 *
 * Returns: (transfer full): all scenarios, one a line, for the help text
 */
char *
sim_misbehaviour_dup_list (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
    g_string_append_printf (text, "  %-20s%s\n", all[i].name, all[i].summary);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
