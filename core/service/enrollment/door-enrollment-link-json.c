/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enrollment-link-json.h"

#include "door-json-member.h"

/**
 * door_enrollment_link_json_build:
 * @link: a link
 *
 * Shows one without its secret, by the API and by doorctl alike.
 *
 * Returns: (transfer full): the object
 */
JsonObject *
door_enrollment_link_json_build (const DoorEnrollmentLink *link)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", link->id);
  json_object_set_string_member (object, "team", link->team);
  json_object_set_string_member (object, "created_by", link->created_by);
  door_json_member_set_time (object, "created_at", link->created_at);
  door_json_member_set_time (object, "expires_at", link->expires_at);
  json_object_set_int_member (object, "max_uses", link->max_uses);
  json_object_set_int_member (object, "uses", link->uses);
  door_json_member_set_time (object, "revoked_at", link->revoked_at);
  return object;
}
