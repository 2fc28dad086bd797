/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-api-answer.h"
#include "door-ota.h"
#include "door-ticket.h"

/**
 * door_handle_profile:
 * @context: a #DoorWeb
 * @request: GET, with a ticket in the address
 * @error: return location for an error
 *
 * Where a browser fetches the profile after the sign-in.
 *
 * Returns: (transfer full): the profile, or a page that leads back to the sign-in
 */
DoorResponse *
door_handle_profile (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  const DoorTicketVisit visit = {
    .ticket = door_request_get_path_param (request, "ticket"),
    .language = door_web_get_language (web, request),
    .request_id = door_request_get_id (request),
    .cancellable = door_request_get_cancellable (request),
  };
  g_autoptr (GError) failure = NULL;
  GBytes *profile = door_ticket_fetch_profile (web->service, &visit, &failure);

  return profile != NULL ? door_web_answer_profile (profile)
                         : door_web_refuse_ticket (web, request, failure, error);
}

static GBytes *
answer (const DoorWeb *web, DoorRequest *request, DoorAdeDevice *device, GError **error)
{
  const char *team = door_request_get_path_param (request, "team");
  const DoorAdeVisit arrival = {
    .message = door_request_get_body (request),
    .team = team != NULL ? team : "",
    .cancellable = door_request_get_cancellable (request),
  };
  const DoorTicketVisit visit = {
    .language = door_web_get_language (web, request),
    .request_id = door_request_get_id (request),
    .cancellable = arrival.cancellable,
  };

  return door_ade_receive (web->service, &arrival, device, error)
             ? door_ticket_answer_device (web->service, device, &visit, error)
             : NULL;
}

/**
 * door_handle_ade_enroll:
 * @context: a #DoorWeb
 * @request: POST of a CMS-signed device description
 * @error: return location for an error
 *
 * Where a device fetches its profile by Automated Device Enrollment without a browser (Apple, `url` of its
 * profile at Apple). Never with a sign-in that is required left out.
 *
 * Returns: (transfer full): the profile, or 403 with a body that says why not
 */
DoorResponse *
door_handle_ade_enroll (gpointer context, DoorRequest *request, GError **error)
{
  g_auto (DoorAdeDevice) device = { NULL };
  g_autoptr (GError) failure = NULL;
  GBytes *profile;

  if (!door_web_check_signed (request, error))
    return NULL;
  profile = answer (context, request, &device, &failure);
  if (profile != NULL)
    return door_web_answer_profile (profile);
  door_router_log_failure (request, "ade-enroll", failure);
  return device.update != NULL ? door_web_ask_for_update (device.update, device.build)
                               : door_api_answer_new_problem (failure, door_request_get_id (request));
}

/**
 * door_handle_ota:
 * @context: a #DoorWeb
 * @request: POST of a CMS-signed device description
 * @error: return location for an error
 *
 * The Profile Service (Apple, "Over-the-Air Profile Delivery and Configuration"): a device comes twice, and
 * both times installs what it is given.
 *
 * Returns: (transfer full): a profile, or a problem document
 */
DoorResponse *
door_handle_ota (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  const DoorOtaVisit visit = {
    .message = door_request_get_body (request),
    .language = door_web_get_language (web, request),
    .request_id = door_request_get_id (request),
    .cancellable = door_request_get_cancellable (request),
  };
  g_autoptr (GError) failure = NULL;
  GBytes *profile;

  if (!door_web_check_signed (request, error))
    return NULL;
  profile = door_ota_answer (web->service, &visit, &failure);
  if (profile != NULL)
    return door_web_answer_profile (profile);
  door_router_log_failure (request, "ota", failure);
  return door_api_answer_new_problem (failure, door_request_get_id (request));
}
