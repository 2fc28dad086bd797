/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-profile.h"

#include <string.h>

#include "door-dep-answer.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"

#define MAX_DEPTH 6

/* What the server says, or what would take the sign-in out of the way. */
static const char *const reserved[] = { "url",       "configuration_web_url", "await_device_configured",
                                        "org_magic", "profile_uuid",          "devices",
                                        NULL };

typedef enum
{
  TEXT,
  FLAG,
  TEXTS,
} Kind;

/* What Apple knows besides. */
static const struct
{
  const char *name;
  Kind kind;
} members[] = {
  { "profile_name", TEXT },
  { "support_phone_number", TEXT },
  { "support_email_address", TEXT },
  { "department", TEXT },
  { "language", TEXT },
  { "region", TEXT },
  { "is_supervised", FLAG },
  { "is_mandatory", FLAG },
  { "is_mdm_removable", FLAG },
  { "is_multi_user", FLAG },
  { "is_return_to_service", FLAG },
  { "auto_advance_setup", FLAG },
  { "allow_pairing", FLAG },
  { "do_not_use_profile_from_backup", FLAG },
  { "anchor_certs", TEXTS },
  { "supervising_host_certs", TEXTS },
  { "skip_setup_items", TEXTS },
};

/* SkipKeys of Apple's published schema. */
static const char *const skip_items[] = {
  "Accessibility",
  "ActionButton",
  "Android",
  "Appearance",
  "AppleID",
  "AppStore",
  "Biometric",
  "CameraButton",
  "CloudStorage",
  "DeviceToDeviceMigration",
  "Diagnostics",
  "DisplayTone",
  "EnableLockdownMode",
  "FileVault",
  "HomeButtonSensitivity",
  "iCloudDiagnostics",
  "iCloudStorage",
  "iMessageAndFaceTime",
  "Intelligence",
  "Keyboard",
  "Location",
  "Lockdown",
  "MessagingActivationUsingPhoneNumber",
  "OnBoarding",
  "Passcode",
  "Payment",
  "Privacy",
  "Registration",
  "Restore",
  "RestoreCompleted",
  "Safety",
  "ScreenSaver",
  "ScreenTime",
  "SIMSetup",
  "Siri",
  "SoftwareUpdate",
  "SpokenLanguage",
  "TapToSetup",
  "TermsOfAddress",
  "TOS",
  "TVHomeScreenSync",
  "TVProviderSignIn",
  "TVRoom",
  "UnlockWithWatch",
  "UpdateCompleted",
  "Wallpaper",
  "WatchMigration",
  "WebContentFiltering",
  "Welcome",
  "Zoom",
  NULL,
};

static bool
refuse (GError **error, const char *name, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_DEP_PROFILE, "the profile's %s %s", name,
                         reason);
}

static bool
check_kind (JsonObject *object, const char *name, Kind kind, GError **error)
{
  const char *text = NULL;
  bool flag = false;
  g_auto (GStrv) texts = NULL;

  switch (kind)
    {
    case TEXT:
      return door_json_member_read_string (object, name, &text, NULL) ||
             refuse (error, name, "is not a string");
    case FLAG:
      return door_json_member_read_boolean (object, name, &flag, NULL) ||
             refuse (error, name, "is not true or false");
    default:
      return door_json_member_read_strings (object, name, &texts, NULL) ||
             refuse (error, name, "is not a list of strings");
    }
}

static bool
check_member (JsonObject *object, const char *name, GPtrArray *warnings, GError **error)
{
  if (g_strv_contains (reserved, name))
    return refuse (error, name, "is said by the server: take it out");
  for (size_t i = 0; i < G_N_ELEMENTS (members); i++)
    if (strcmp (members[i].name, name) == 0)
      return check_kind (object, name, members[i].kind, error);
  g_ptr_array_add (warnings, g_strdup_printf ("%.64s is no member that is known here", name));
  return true;
}

static void
warn_of_items (JsonObject *object, GPtrArray *warnings)
{
  g_auto (GStrv) items = NULL;

  if (!door_json_member_read_strings (object, "skip_setup_items", &items, NULL) || items == NULL)
    return;
  for (char **item = items; *item != NULL; item++)
    if (!g_strv_contains (skip_items, *item))
      g_ptr_array_add (warnings, g_strdup_printf ("skip_setup_items: %.64s is not known here", *item));
}

static JsonNode *
parse (GBytes *custom, GPtrArray *warnings, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObjectIter iter;
  const char *name;

  if (g_bytes_get_size (custom) > DOOR_DEP_PROFILE_MAX_BYTES)
    return refuse (error, "file", "is too large"), NULL;
  node = door_json_parse (custom, MAX_DEPTH, &local);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, "file", local != NULL ? local->message : "is not a JSON object"), NULL;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, NULL))
    if (!check_member (json_node_get_object (node), name, warnings, error))
      return NULL;
  warn_of_items (json_node_get_object (node), warnings);
  return g_steal_pointer (&node);
}

/**
 * door_dep_profile_check:
 * @custom: what an administrator wants in a profile, as JSON
 * @warnings: (element-type utf8): what is not known here goes in, and is sent to Apple all the same
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: false with %DOOR_ERROR_CONFIG and %DOOR_FAULT_DEP_PROFILE
 */
bool
door_dep_profile_check (GBytes *custom, GPtrArray *warnings, GError **error)
{
  g_autoptr (JsonNode) node = parse (custom, warnings, error);

  return node != NULL;
}

static void
copy_members (JsonObject *from, JsonObject *to)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, from);
  while (json_object_iter_next (&iter, &name, &node))
    json_object_set_member (to, name, json_node_copy (node));
}

static void
add_anchors (JsonObject *object, const char *const *anchors)
{
  JsonArray *array = json_array_new ();
  g_auto (GStrv) own = NULL;

  /* its form was looked at */
  if (door_json_member_read_strings (object, "anchor_certs", &own, NULL) && own != NULL)
    for (char **item = own; *item != NULL; item++)
      json_array_add_string_element (array, *item);
  for (size_t i = 0; anchors[i] != NULL; i++)
    json_array_add_string_element (array, anchors[i]);
  json_object_set_array_member (object, "anchor_certs", array);
}

/**
 * door_dep_profile_build:
 * @parts: what it is made of
 * @error: return location for an error
 *
 * Builds the profile that devices of a team get from Apple before they are set up (Apple, device assignment:
 * Define a profile). Whoever has one meets the sign-in first and waits until the server releases him. The
 * same parts give the same bytes. Pure; any thread.
 *
 * Returns: (transfer full): the profile as JSON, or %NULL with %DOOR_ERROR_CONFIG
 */
GBytes *
door_dep_profile_build (const DoorDepProfileParts *parts, GError **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) custom = NULL;
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "profile_name", parts->name);
  json_object_set_boolean_member (object, "is_supervised", TRUE);
  json_object_set_boolean_member (object, "is_mandatory", TRUE);
  json_object_set_boolean_member (object, "is_mdm_removable", FALSE);
  if (parts->custom != NULL)
    {
      custom = parse (parts->custom, warnings, error);
      if (custom == NULL)
        return NULL;
      copy_members (json_node_get_object (custom), object);
    }
  json_object_set_string_member (object, "org_magic", parts->org_magic);
  json_object_set_string_member (object, "url", parts->url);
  if (parts->web_url != NULL)
    json_object_set_string_member (object, "configuration_web_url", parts->web_url);
  json_object_set_boolean_member (object, "await_device_configured", TRUE);
  if (parts->anchors != NULL)
    add_anchors (object, parts->anchors);
  return door_json_build_object (object);
}

/**
 * door_dep_request_build_page:
 * @cursor: where the page begins, "" for the first
 *
 * Builds what asks for a page of devices. Pure; any thread.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_dep_request_build_page (const char *cursor)
{
  g_autoptr (JsonObject) object = json_object_new ();

  if (*cursor != '\0')
    json_object_set_string_member (object, "cursor", cursor);
  json_object_set_int_member (object, "limit", DOOR_DEP_PAGE);
  return door_json_build_object (object);
}

/**
 * door_dep_request_build_devices:
 * @profile_uuid: (nullable): a profile, %NULL to take away what they have
 * @serials: (element-type utf8): devices
 *
 * Builds what gives devices a profile. Pure; any thread.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_dep_request_build_devices (const char *profile_uuid, const GPtrArray *serials)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < serials->len; i++)
    json_array_add_string_element (array, g_ptr_array_index (serials, i));
  if (profile_uuid != NULL)
    json_object_set_string_member (object, "profile_uuid", profile_uuid);
  json_object_set_array_member (object, "devices", array);
  return door_json_build_object (object);
}

/**
 * door_dep_request_build_discovery:
 * @url: address of our service discovery
 *
 * Builds what tells Apple where accounts of the organization enroll. Pure; any thread.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_dep_request_build_discovery (const char *url)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "mdm_service_discovery_url", url);
  return door_json_build_object (object);
}
