/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-refusal.h"

#include "door-json.h"

/**
 * door_device_refusal_build:
 * @reason: what the device shall conclude
 * @description: (nullable): a line for the log of the device, UTF-8; never personal
 * @message: (nullable): a sentence the device may show, UTF-8, in its language
 *
 * Writes the body of a 403 answer to a device (Apple, "Error responses"): `code`, `description`,
 * `message`. To be served as `application/json`. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_device_refusal_build (DoorDeviceRefusal reason, const char *description, const char *message)
{
  static const char *const codes[] = {
    [DOOR_DEVICE_REFUSAL_UNRECOGNIZED] = "com.apple.unrecognized.device",
    [DOOR_DEVICE_REFUSAL_DISCOVERY] = "com.apple.well-known.failed",
  };
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;

  g_return_val_if_fail ((size_t) reason < G_N_ELEMENTS (codes), NULL);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "code");
  json_builder_add_string_value (builder, codes[reason]);
  if (description != NULL)
    {
      json_builder_set_member_name (builder, "description");
      json_builder_add_string_value (builder, description);
    }
  if (message != NULL)
    {
      json_builder_set_member_name (builder, "message");
      json_builder_add_string_value (builder, message);
    }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return door_json_build (root);
}

/**
 * door_device_refusal_build_update:
 * @os_version: the version to install, "17.4"
 * @build: (nullable): its build, "21E219"
 *
 * Writes the body of a 403 answer to a device that shall update before it enrolls (Apple,
 * `com.apple.softwareupdate.required`). To be served as `application/json`, and only to a device that can.
 * Pure; never blocks; any thread.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_device_refusal_build_update (const char *os_version, const char *build)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "code");
  json_builder_add_string_value (builder, "com.apple.softwareupdate.required");
  json_builder_set_member_name (builder, "details");
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "OSVersion");
  json_builder_add_string_value (builder, os_version);
  if (build != NULL)
    {
      json_builder_set_member_name (builder, "BuildVersion");
      json_builder_add_string_value (builder, build);
    }
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return door_json_build (root);
}
