/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-device-refusal.h"
#include "door-discovery.h"
#include "door-error.h"
#include "door-service-discovery.h"

/* 403 with a code of Apple's tells the device to stop and what to show. */
static DoorResponse *
refuse (const DoorWeb *web, DoorRequest *request, const GError *failure)
{
  const DoorFaultInfo *info = door_error_get_info (failure);
  const char *text = door_translations_lookup (web->translations, door_web_get_language (web, request),
                                               door_error_get_user_text (failure));
  DoorResponse *response = door_response_new (info->status);
  GBytes *body = door_device_refusal_build (DOOR_DEVICE_REFUSAL_DISCOVERY, info->id, text);

  door_response_take_body (response, body, "application/json");
  return response;
}

/**
 * door_handle_discovery:
 * @context: a #DoorWeb
 * @request: GET or HEAD
 * @error: return location for an error
 *
 * Service discovery of account-driven enrollment (Apple, "Discover authentication servers").
 *
 * Returns: (transfer full): where to enroll, or a refusal
 */
DoorResponse *
door_handle_discovery (gpointer context, DoorRequest *request, GError **error)
{
  const DoorWeb *web = context;
  g_autofree char *user_identifier = NULL, *model_family = NULL;
  g_auto (DoorDiscovery) found = { NULL };
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) failure = NULL;
  DoorResponse *response;

  if (!door_request_lookup_query (request, "user-identifier", &user_identifier, error) ||
      !door_request_lookup_query (request, "model-family", &model_family, error))
    return NULL;
  if (!door_discovery_find (web->service, user_identifier, model_family, &found, &failure))
    {
      g_info ("%s discovery: %s", door_request_get_id (request), failure->message);
      return refuse (web, request, failure);
    }
  body = door_service_discovery_build (found.base_url, found.whole_device, error);
  if (body == NULL)
    return NULL;
  response = door_response_new (200);
  door_response_take_body (response, g_steal_pointer (&body), "application/json");
  return response;
}
