/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-mdm-client.h"

#include "sim-check-in.h"
#include "sim-error.h"

#define BOOTSTRAP_TOKEN_BYTES 64
#define MAX_COMMANDS 10

/* The header Mdm-Signature: base64 of a detached SignedData over the exact body. */
static char *
build_signature (SimJourney *journey, GBytes *body, GError **error)
{
  bool modern = journey->options->modern_signature;
  const SimSigner signer = { journey->key, journey->certificate, NULL, modern ? EVP_sha256 () : EVP_sha1 () };
  SimCmsFlags flags = modern ? SIM_CMS_DETACHED : SIM_CMS_DETACHED | SIM_CMS_AS_DEVICE;
  g_autoptr (GBytes) signature = sim_cms_sign (body, &signer, flags, error);

  if (signature == NULL)
    return NULL;
  return g_base64_encode (g_bytes_get_data (signature, NULL), g_bytes_get_size (signature));
}

/**
 * sim_mdm_client_send:
 * @journey: a journey with an identity
 * @message: what to send
 * @name: what it is called in the report
 * @error: return location for an error
 *
 * Puts one message to CheckInURL or ServerURL, signed and with the access token; a Mac's device channel
 * carries none. Blocks.
 *
 * Returns: (transfer full): the answer, whatever its status, or %NULL with an error
 */
SimReply *
sim_mdm_client_send (SimJourney *journey, const SimMdmMessage *message, const char *name, GError **error)
{
  bool check_in = g_str_equal (message->content_type, SIM_MDM_CHECK_IN_TYPE);
  g_autoptr (GUri) uri =
      sim_uri_parse (check_in ? journey->profile->check_in_url : journey->profile->server_url, error);
  bool carries = journey->token != NULL && !message->without_bearer && !sim_device_is_mac (journey->device);
  g_autofree char *bearer = carries ? g_strconcat ("Bearer ", journey->token, NULL) : NULL;
  g_autofree char *signature = NULL;
  g_autofree char *result = NULL;
  g_autoptr (SimRequest) request = NULL;
  g_autoptr (SimReply) reply = NULL;

  if (uri == NULL)
    return NULL;
  signature =
      build_signature (journey, message->signed_bytes != NULL ? message->signed_bytes : message->body, error);
  if (signature == NULL)
    return NULL;
  sim_http_add_server (journey->http, uri);
  request = sim_journey_new_request (journey, "PUT", uri, sim_device_get_mdm_user_agent (journey->device));
  if (carries)
    sim_request_set_header (request, "Authorization", bearer);
  sim_request_set_header (request, "Cache-Control", "no-cache");
  sim_request_set_header (request, "Mdm-Signature", signature);
  sim_request_take_body (request, message->content_type, g_bytes_ref (message->body));
  reply = sim_http_send (journey->http, request, error);
  if (reply == NULL)
    return NULL;
  result = g_strdup_printf ("%d %s", reply->status, name);
  sim_journey_tell (journey, reply, "PUT", result);
  return g_steal_pointer (&reply);
}

/* Sends a message that must be answered with 200. */
static SimReply *
send_well (SimJourney *self, const char *content_type, GBytes *body, const char *name, GError **error)
{
  const SimMdmMessage message = { .content_type = content_type, .body = body };
  g_autoptr (SimReply) reply = sim_mdm_client_send (self, &message, name, error);

  if (reply == NULL || reply->status == 200)
    return g_steal_pointer (&reply);
  sim_journey_set_refused (self, reply, error);
  g_prefix_error (error, "%s: ", name);
  return NULL;
}

/**
 * sim_journey_authenticate:
 * @self: a journey with an identity
 * @error: return location for an error
 *
 * Returns: %FALSE with an error when Authenticate was not answered with 200
 */
gboolean
sim_journey_authenticate (SimJourney *self, GError **error)
{
  g_autoptr (GBytes) body = sim_check_in_build_authenticate (self->device, self->profile->topic);
  g_autoptr (SimReply) reply = send_well (self, SIM_MDM_CHECK_IN_TYPE, body, "Authenticate", error);

  return reply != NULL;
}

/**
 * sim_journey_update_token:
 * @self: a journey that has authenticated
 * @error: return location for an error
 *
 * Returns: %FALSE with an error when TokenUpdate was not answered with 200
 */
gboolean
sim_journey_update_token (SimJourney *self, GError **error)
{
  g_autoptr (GBytes) body =
      sim_check_in_build_token_update (self->device, self->profile->topic, self->awaiting);
  g_autoptr (SimReply) reply = send_well (self, SIM_MDM_CHECK_IN_TYPE, body, "TokenUpdate", error);

  return reply != NULL;
}

/**
 * sim_journey_escrow:
 * @self: a journey that is enrolled
 * @error: return location for an error
 *
 * With --escrow a Mac leaves its bootstrap token with the server, as it does when the first user has signed
 * in to it; any other device has left its unlock token with TokenUpdate.
 *
 * Returns: %FALSE with an error when the server does not take it
 */
gboolean
sim_journey_escrow (SimJourney *self, GError **error)
{
  g_autoptr (GBytes) token = NULL, body = NULL;
  g_autoptr (SimReply) reply = NULL;

  if (!self->options->escrow || !sim_device_is_mac (self->device))
    return TRUE;
  token = sim_random_bytes (BOOTSTRAP_TOKEN_BYTES);
  body = sim_check_in_build_bootstrap_token (self->device, self->profile->topic, token);
  reply = send_well (self, SIM_MDM_CHECK_IN_TYPE, body, "SetBootstrapToken", error);
  return reply != NULL;
}

/**
 * sim_journey_check_out:
 * @self: a journey that is enrolled
 * @error: return location for an error
 *
 * Returns: %FALSE with an error when CheckOut was not answered with 200
 */
gboolean
sim_journey_check_out (SimJourney *self, GError **error)
{
  g_autoptr (GBytes) body = sim_check_in_build_check_out (self->device, self->profile->topic);
  g_autoptr (SimReply) reply = send_well (self, SIM_MDM_CHECK_IN_TYPE, body, "CheckOut", error);

  return reply != NULL;
}

/* What a person would see of it. */
static void
take_command (SimJourney *self, const SimCommand *command)
{
  const SimAccount *account = &command->account;
  g_autofree char *text = NULL, *admin = NULL;

  if (g_str_equal (command->request_type, "DeviceConfigured"))
    self->awaiting = false;
  if (!g_str_equal (command->request_type, "AccountConfiguration"))
    return;
  text = g_strdup_printf ("local account: %s (%s)%s", account->user_name != NULL ? account->user_name : "-",
                          account->full_name != NULL ? account->full_name : "-",
                          account->locked ? ", cannot be changed" : "");
  sim_report_step (self->report, self->options->model_family, "Setup Assistant", text);
  if (account->admin_name == NULL)
    return;
  admin =
      g_strdup_printf ("administrator: %s%s", account->admin_name, account->admin_hidden ? ", hidden" : "");
  sim_report_step (self->report, self->options->model_family, "Setup Assistant", admin);
}

/**
 * sim_journey_poll:
 * @self: a journey that is enrolled
 * @error: return location for an error
 *
 * Asks for commands and reports on each until the server has no more, at most ten. What AccountConfiguration
 * says is told, and DeviceConfigured lets the device go. Blocks.
 *
 * Returns: %FALSE with an error when an answer was not 200 or no command
 */
gboolean
sim_journey_poll (SimJourney *self, GError **error)
{
  g_autoptr (GBytes) body = sim_check_in_build_idle (self->device);
  g_autofree char *name = g_strdup ("Idle");

  for (int i = 0; i <= MAX_COMMANDS; i++)
    {
      g_autoptr (SimReply) reply = send_well (self, SIM_MDM_COMMAND_TYPE, body, name, error);
      g_autoptr (SimCommand) command = NULL;

      if (reply == NULL)
        return FALSE;
      if (g_bytes_get_size (reply->body) == 0)
        return TRUE;
      command = sim_command_parse (reply->body, error);
      if (command == NULL)
        return FALSE;
      take_command (self, command);
      if (g_str_equal (command->request_type, "InstallProfile") && command->payload != NULL &&
          !sim_journey_install_profile (self, command->payload, error))
        return FALSE;
      g_bytes_unref (body);
      body = sim_check_in_build_report (self->device, command);
      g_free (name);
      name = g_strconcat ("report on ", command->request_type, NULL);
    }
  return TRUE;
}
