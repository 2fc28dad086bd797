/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-declaration-json.h"

#include <string.h>

#include "door-declaration-status.h"
#include "door-declarations.h"
#include "door-json-member.h"

#define MAX_DEPTH 32
/* Users of a device who have reported, and the device. */
#define MAX_CHANNELS 50

/**
 * door_declaration_json_build:
 * @row: a declaration of a team
 * @whole: whether with its payload
 *
 * Shows one, by the API and by doorctl alike. Pure.
 *
 * Returns: (transfer full): the object
 */
JsonObject *
door_declaration_json_build (const DoorStoredDeclaration *row, bool whole)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "identifier", row->identifier);
  json_object_set_string_member (object, "type", row->type);
  json_object_set_string_member (object, "server_token", row->server_token);
  door_json_member_set_time (object, "updated_at", row->updated_at);
  if (whole)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (row->payload, strlen (row->payload));
      JsonNode *payload = door_json_parse (bytes, MAX_DEPTH, NULL); /* it was built here */

      if (payload != NULL)
        json_object_set_member (object, "payload", payload);
    }
  return object;
}

static JsonArray *
view_channels (DoorTxn *txn, const DoorEnrollment *enrollment, GError **error)
{
  g_autoptr (GPtrArray) rows = door_declaration_store_list_status (txn, enrollment->id, MAX_CHANNELS, error);
  g_auto (GStrv) names = rows != NULL ? door_declarations_list_names (txn, enrollment->team, error) : NULL;
  JsonArray *channels;

  if (names == NULL)
    return NULL;
  channels = json_array_new ();
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorDeclarationStatus *row = g_ptr_array_index (rows, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "channel", row->channel_id);
      json_object_set_boolean_member (object, "user", !g_str_equal (row->channel_id, enrollment->id));
      door_json_member_set_time (object, "reported_at", row->reported_at);
      json_object_set_array_member (object, "declarations",
                                    door_declaration_status_view (row->report, (const char *const *) names));
      json_array_add_object_element (channels, object);
    }
  return channels;
}

/**
 * door_declaration_json_build_device:
 * @txn: a transaction
 * @device: a device
 * @error: return location for an error
 *
 * Shows what a device and its users have reported of the declarations that the team has now, by the API and
 * by doorctl alike.
 *
 * Returns: (transfer full): `{"channels": […]}`, none while it is not enrolled, or %NULL with an error
 */
JsonObject *
door_declaration_json_build_device (DoorTxn *txn, const DoorDevice *device, GError **error)
{
  g_autoptr (DoorEnrollment) enrollment = NULL;
  JsonArray *channels;
  JsonObject *object;

  if (!door_device_store_lookup_open_enrollment (txn, device->id, &enrollment, error))
    return NULL;
  channels = enrollment != NULL ? view_channels (txn, enrollment, error) : json_array_new ();
  if (channels == NULL)
    return NULL;
  object = json_object_new ();
  json_object_set_array_member (object, "channels", channels);
  return object;
}
