/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-service-discovery.h"

#include "door-error.h"
#include "door-https-url.h"
#include "door-json.h"

/**
 * door_service_discovery_build:
 * @base_url: the https address the device sends its enrollment request to
 * @whole_device: whether the device is managed as a whole
 * @error: return location for an error
 *
 * Writes the answer to `/.well-known/com.apple.remotemanagement` (Apple, "Discover authentication
 * servers"): one server, for user enrollment (`mdm-byod`) or device enrollment (`mdm-adde`). To be served as
 * `application/json`. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): JSON, or %NULL with %DOOR_ERROR_CONFIG when the address cannot be used
 */
GBytes *
door_service_discovery_build (const char *base_url, bool whole_device, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;

  if (!door_https_url_is_valid (base_url, DOOR_HTTPS_URL_QUERY_ALLOWED))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "the enrollment address is not an https URL");
      return NULL;
    }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "Servers");
  json_builder_begin_array (builder);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "Version");
  json_builder_add_string_value (builder, whole_device ? "mdm-adde" : "mdm-byod");
  json_builder_set_member_name (builder, "BaseURL");
  json_builder_add_string_value (builder, base_url);
  json_builder_end_object (builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return door_json_build (root);
}
