/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-enrollment.h"
#include "door-error.h"

static DoorResponse *
profile_response (GBytes *profile)
{
  DoorResponse *response = door_response_new (200);

  door_response_take_body (response, profile, "application/x-apple-aspen-config");
  door_response_set_header (response, "Content-Disposition",
                            "attachment; filename=\"enrollment.mobileconfig\"");
  return response;
}

/**
 * door_handle_enroll:
 * @context: a #DoorWeb
 * @request: POST of a CMS-signed device description
 * @error: return location for an error
 *
 * The enrollment address of account-driven enrollment: 401 with the sign-in address first, the profile once
 * the device brings an access token.
 *
 * Returns: (transfer full): the profile or the challenge, or %NULL with an error
 */
DoorResponse *
door_handle_enroll (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  const char *team = door_request_get_path_param (request, "team");
  g_autofree char *bearer = door_web_dup_bearer (request);
  g_autoptr (GError) failure = NULL;
  DoorEnrollmentRequest visit = {
    .team = team != NULL ? team : "",
    .body = door_request_get_body (request),
    .bearer = bearer,
    .language = door_web_get_language (web, request),
    .request_id = door_request_get_id (request),
    .cancellable = door_request_get_cancellable (request),
  };
  GBytes *profile;

  if (!door_request_has_content_type (request, "application/pkcs7-signature"))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_MEDIATYPE,
                      "not application/pkcs7-signature");
      return NULL;
    }
  profile = door_enrollment_answer (web->service, &visit, &failure);
  return profile != NULL ? profile_response (profile)
                         : door_web_refuse_device (web, request, visit.team, failure, error);
}
