/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-api-view.h"

#include <stdbool.h>

#include "door-api-answer.h"

static JsonArray *
roles_array (const GPtrArray *roles)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < roles->len; i++)
    {
      const DoorRoleGrant *grant = g_ptr_array_index (roles, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "role", grant->role);
      if (*grant->team != '\0')
        json_object_set_string_member (object, "team", grant->team);
      else
        json_object_set_null_member (object, "team");
      json_array_add_object_element (array, object);
    }
  return array;
}

/**
 * door_api_view_administrator:
 * @administrator: an administrator
 * @roles: (element-type DoorRoleGrant): their roles
 *
 * Returns: (transfer full): what the API shows of them
 */
JsonObject *
door_api_view_administrator (const DoorAdministrator *administrator, const GPtrArray *roles)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", administrator->id);
  json_object_set_string_member (object, "email", administrator->email);
  json_object_set_string_member (object, "name", administrator->full_name);
  json_object_set_string_member (object, "state", administrator->state);
  json_object_set_boolean_member (object, "sso_enabled", administrator->sso_enabled != 0);
  json_object_set_boolean_member (object, "api_only", administrator->api_only != 0);
  json_object_set_array_member (object, "roles", roles_array (roles));
  door_api_answer_set_time (object, "created_at", administrator->created_at);
  door_api_answer_set_time (object, "signed_in_at", administrator->signed_in_at);
  return object;
}
