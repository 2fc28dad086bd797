/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include <string.h>

#include "door-base64.h"
#include "door-certificate-issuer.h"
#include "door-error.h"
#include "door-scep-reply.h"

#define MESSAGE_MAX_BYTES (64 * 1024)

static DoorResponse *
bytes_response (GBytes *body, const char *content_type)
{
  DoorResponse *response = door_response_new (200);

  door_response_take_body (response, body, content_type);
  return response;
}

/* By GET the message is base64 in the query (RFC 8894, 4.1), by POST it is the body. */
static GBytes *
read_message (DoorRequest *request, GError **error)
{
  g_autofree char *text = NULL;
  GBytes *message = NULL;

  if (g_str_equal (door_request_get_method (request), "POST"))
    return g_bytes_ref (door_request_get_body (request));
  if (!door_request_lookup_query (request, "message", &text, error))
    return NULL;
  if (text != NULL)
    message = door_base64_decode_strict (text, strlen (text), MESSAGE_MAX_BYTES);
  if (message == NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCEP_MESSAGE,
                    "message is missing or not base64");
  return message;
}

static DoorResponse *
answer_operation (const DoorWeb *web, DoorRequest *request, GError **error)
{
  g_autoptr (GBytes) message = read_message (request, error);
  GBytes *reply;

  if (message == NULL)
    return NULL;
  reply = door_certificate_issuer_answer (web->service, message, door_request_get_id (request),
                                          door_request_get_cancellable (request), error);
  return reply != NULL ? bytes_response (reply, "application/x-pki-message") : NULL;
}

/**
 * door_handle_scep:
 * @context: a #DoorWeb
 * @request: GET or POST with the parameter operation
 * @error: return location for an error
 *
 * The certificate service of devices (RFC 8894, 4).
 *
 * Returns: (transfer full): the answer, or %NULL with an error
 */
DoorResponse *
door_handle_scep (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autofree char *operation = NULL;
  DoorCertificate *ca = door_certificate_authority_get_certificate (web->service->authority);

  if (!door_request_lookup_query (request, "operation", &operation, error))
    return NULL;
  if (g_strcmp0 (operation, "GetCACaps") == 0)
    return door_response_new_text (200, "text/plain",
                                   door_scep_ca_caps (door_policy_get_allow_des (web->service->policy)));
  if (g_strcmp0 (operation, "GetCACert") == 0)
    return bytes_response (g_bytes_ref (door_certificate_get_der (ca)), "application/x-x509-ca-cert");
  if (g_strcmp0 (operation, "PKIOperation") == 0)
    return answer_operation (web, request, error);
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "unknown SCEP operation");
  return NULL;
}
