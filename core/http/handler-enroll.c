/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-enrollment.h"

static DoorResponse *
answer (gpointer context, DoorRequest *request, bool whole_device, GError **error)
{
  const DoorWeb *web = context;
  const char *team = door_request_get_path_param (request, "team");
  g_autofree char *bearer = door_web_dup_bearer (request);
  g_autoptr (GError) failure = NULL;
  bool must_wait = false;
  DoorEnrollmentRequest visit = {
    .team = team != NULL ? team : "",
    .body = door_request_get_body (request),
    .bearer = bearer,
    .whole_device = whole_device,
    .language = door_web_get_language (web, request),
    .address = door_request_get_peer (request),
    .request_id = door_request_get_id (request),
    .must_wait = door_request_is_waiting (request) ? NULL : &must_wait,
    .cancellable = door_request_get_cancellable (request),
  };
  GBytes *profile;

  if (!door_web_check_signed (request, error))
    return NULL;
  profile = door_enrollment_answer (web->service, &visit, &failure);
  if (must_wait)
    return door_request_ask_to_wait (request);
  return profile != NULL ? door_web_answer_profile (profile)
                         : door_web_refuse_device (web, request, visit.team, failure, error);
}

/**
 * door_handle_enroll:
 * @context: a #DoorWeb
 * @request: POST of a CMS-signed device description
 * @error: return location for an error
 *
 * The enrollment address of account-driven user enrollment: 401 with the sign-in address first, the profile
 * once the device brings an access token.
 *
 * Returns: (transfer full): the profile or the challenge, or %NULL with an error
 */
DoorResponse *
door_handle_enroll (gpointer context, DoorRequest *request, GError **error)
{
  return answer (context, request, false, error);
}

/**
 * door_handle_enroll_device:
 * @context: a #DoorWeb
 * @request: POST of a CMS-signed device description
 * @error: return location for an error
 *
 * The same for devices that are managed as a whole.
 *
 * Returns: (transfer full): the profile or the challenge, or %NULL with an error
 */
DoorResponse *
door_handle_enroll_device (gpointer context, DoorRequest *request, GError **error)
{
  return answer (context, request, true, error);
}
