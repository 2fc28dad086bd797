/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-administrator-json.h"

#include "door-json-member.h"

static JsonArray *
build_roles (const GPtrArray *roles)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < roles->len; i++)
    {
      const DoorRoleGrant *grant = g_ptr_array_index (roles, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "role", grant->role);
      door_json_member_set_text (object, "team", *grant->team != '\0' ? grant->team : NULL);
      json_array_add_object_element (array, object);
    }
  return array;
}

/**
 * door_administrator_json_build:
 * @administrator: an administrator
 * @roles: (element-type DoorRoleGrant): their roles
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): what the API and `doorctl --json` show of them
 */
JsonObject *
door_administrator_json_build (const DoorAdministrator *administrator, const GPtrArray *roles)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", administrator->id);
  json_object_set_string_member (object, "email", administrator->email);
  json_object_set_string_member (object, "name", administrator->full_name);
  json_object_set_string_member (object, "state", administrator->state);
  json_object_set_boolean_member (object, "sso_enabled", administrator->sso_enabled != 0);
  json_object_set_boolean_member (object, "api_only", administrator->api_only != 0);
  json_object_set_array_member (object, "roles", build_roles (roles));
  door_json_member_set_time (object, "created_at", administrator->created_at);
  door_json_member_set_time (object, "signed_in_at", administrator->signed_in_at);
  return object;
}
