/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-web.h"
#include "door-api-answer.h"
#include "door-device-desk.h"
#include "door-handlers.h"

/**
 * door_handle_api_device:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Shows a device: who has it and had it, its enrollments, and which secrets of it are kept.
 *
 * Returns: (transfer full): the device, or %NULL with an error
 */
DoorResponse *
door_handle_api_device (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  JsonObject *object = NULL;

  if (session != NULL)
    object =
        door_device_desk_show (web->service, session, door_request_get_path_param (request, "id"), error);
  return object != NULL ? door_api_answer_new (200, object) : NULL;
}
