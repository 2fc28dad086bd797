/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-eula-json.h"

#include "door-json-member.h"

/**
 * door_eula_json_build:
 * @row: an acceptance
 *
 * Shows one, by the API and by doorctl alike.
 *
 * Returns: (transfer full): the object
 */
JsonObject *
door_eula_json_build (const DoorEulaAcceptance *row)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", row->id);
  door_json_member_set_time (object, "at", row->accepted_at);
  json_object_set_string_member (object, "document", row->document);
  json_object_set_string_member (object, "version", row->version);
  json_object_set_string_member (object, "language", row->language);
  json_object_set_string_member (object, "sha256", row->sha256);
  json_object_set_string_member (object, "person", row->person_id);
  json_object_set_string_member (object, "email", row->email);
  json_object_set_string_member (object, "team", row->team);
  json_object_set_string_member (object, "device", row->device_id);
  json_object_set_string_member (object, "serial", row->serial);
  json_object_set_string_member (object, "udid", row->udid);
  json_object_set_string_member (object, "product", row->product);
  json_object_set_string_member (object, "address", row->address);
  return object;
}
