/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include <string.h>

#include "door-base64.h"
#include "door-checkin.h"
#include "door-enroll-reference.h"
#include "door-error.h"
#include "door-form.h"
#include "door-paths.h"
#include "door-report.h"

#define CHECKIN_TYPE "application/x-apple-aspen-mdm-checkin"
#define COMMAND_TYPE "application/x-apple-aspen-mdm"
/* A certificate of 4096 bits, its signature and the CMS around them stay far below. */
#define SIGNATURE_MAX_BYTES (10 * 1024)

static bool
read_signature (DoorRequest *request, GBytes **out, GError **error)
{
  const char *header = door_request_get_header (request, "Mdm-Signature");

  if (header == NULL)
    return true;
  *out = door_base64_decode_strict (header, strlen (header), SIGNATURE_MAX_BYTES);
  if (*out == NULL)
    door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_BADSIG,
                    "Mdm-Signature is not base64 or too long");
  return *out != NULL;
}

/* What stands behind ServerURL, under the name of the spec's profiles or that of its pages. It decides
 * nothing, so a query in which it does not stand once, and well, is one without. */
static char *
dup_enroll_reference (DoorRequest *request)
{
  g_autoptr (DoorForm) form = door_request_parse_query (request, NULL);
  const char *value = NULL, *other = NULL;

  if (form == NULL || !door_form_lookup (form, DOOR_PARAMETER_ENROLL_REFERENCE, &value, NULL) ||
      !door_form_lookup (form, "enrollment_reference", &other, NULL) || (value != NULL && other != NULL))
    return NULL;
  if (value == NULL)
    value = other;
  return value != NULL && strlen (value) <= DOOR_ENROLL_REFERENCE_MAX_BYTES ? g_strdup (value) : NULL;
}

/**
 * door_handle_checkin:
 * @context: a #DoorWeb
 * @request: PUT of a check-in message or a command report, told apart by content type
 * @error: return location for an error
 *
 * The one address that managed devices talk to (Apple, MDM check-in and commands).
 *
 * Returns: (transfer full): 200 with the answer if there is one, 401 with a challenge, 403 with a code
 *   for devices, or %NULL with an error
 */
DoorResponse *
door_handle_checkin (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  bool checkin = door_request_has_content_type (request, CHECKIN_TYPE);
  g_autofree char *bearer = door_web_dup_bearer (request), *reference = dup_enroll_reference (request);
  g_auto (DoorDeviceAnswer) answer = { NULL };
  g_autoptr (GBytes) signature = NULL;
  g_autoptr (GError) failure = NULL;
  DoorDeviceProof proof;
  DoorResponse *response;
  bool done;

  if (!checkin && !door_request_has_content_type (request, COMMAND_TYPE))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_MEDIATYPE,
                      "neither check-in nor command");
      return NULL;
    }
  if (!read_signature (request, &signature, error))
    return NULL;
  proof = (DoorDeviceProof){
    .body = door_request_get_body (request),
    .signature = signature,
    .certificate = door_request_get_client_certificate (request),
    .bearer = bearer,
    .enroll_reference = reference,
    .request_id = door_request_get_id (request),
    .may_wait = door_request_is_waiting (request),
    .cancellable = door_request_get_cancellable (request),
  };
  done = checkin ? door_checkin_message_received (web->service, &proof, &answer, &failure)
                 : door_report_received (web->service, &proof, &answer, &failure);
  if (answer.must_wait)
    return door_request_ask_to_wait (request);
  if (!done)
    return door_web_refuse_device (web, request, answer.team, failure, error);
  response = door_response_new (200);
  if (answer.body != NULL)
    door_response_take_body (response, g_steal_pointer (&answer.body),
                             answer.is_json ? "application/json" : "text/xml; charset=utf-8");
  else if (!checkin)
    door_response_set_header (response, "Content-Type", "text/xml; charset=utf-8");
  return response;
}
