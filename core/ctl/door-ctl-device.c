/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-device.h"

#include <string.h>

#include "door-clock.h"
#include "door-ctl-database.h"
#include "door-ctl-list.h"
#include "door-ctl-output.h"
#include "door-device-json.h"
#include "door-device-order.h"
#include "door-error.h"
#include "door-json-member.h"

static JsonObject *
overview_object (gconstpointer data)
{
  const DoorDeviceOverview *row = data;
  JsonObject *object = json_object_new ();
  JsonObject *person;

  json_object_set_string_member (object, "id", row->id);
  json_object_set_string_member (object, "enrollment_id", row->apple_id);
  json_object_set_string_member (object, "product", row->product);
  json_object_set_string_member (object, "os_version", row->os_version);
  json_object_set_string_member (object, "team", row->team);
  json_object_set_string_member (object, "state", row->state);
  door_json_member_set_time (object, "seen_at", row->seen_at);
  if (*row->person_id == '\0')
    {
      json_object_set_null_member (object, "person");
      return object;
    }
  person = json_object_new ();
  json_object_set_string_member (person, "id", row->person_id);
  json_object_set_string_member (person, "email", row->email);
  json_object_set_string_member (person, "full_name", row->full_name);
  json_object_set_object_member (object, "person", person);
  return object;
}

static const char *
get_name (gconstpointer data)
{
  const DoorDeviceOverview *row = data;

  return row->apple_id;
}

static void
print_head (void)
{
  g_print ("%-38s %-14s %-8s %-8s %-32s %s\n", "DEVICE", "PRODUCT", "OS", "STATE", "PERSON", "SEEN");
}

static void
print_overview (gconstpointer data)
{
  const DoorDeviceOverview *row = data;
  g_autofree char *seen = door_ctl_output_dup_time (row->seen_at);

  g_print ("%-38s %-14s %-8s %-8s %-32s %s\n", row->apple_id, door_ctl_output_or_dash (row->product),
           door_ctl_output_or_dash (row->os_version), row->state, door_ctl_output_or_dash (row->email), seen);
}

/**
 * door_ctl_find_device:
 * @txn: a transaction
 * @name: our id of a device, its UDID or EnrollmentID, or its serial number
 * @out: (out) (transfer full): the device
 * @error: return location for an error
 *
 * Finds the DEVICE of a command line; who names none is told where they are listed.
 *
 * Returns: false with %DOOR_ERROR_NOT_FOUND or another error
 */
bool
door_ctl_find_device (DoorTxn *txn, const char *name, DoorDevice **out, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (door_device_order_find (txn, name, out, &local))
    return true;
  if (g_error_matches (local, DOOR_ERROR, DOOR_ERROR_NOT_FOUND))
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                           "there is no device %s; doorctl device list shows them", name);
  g_propagate_error (error, g_steal_pointer (&local));
  return false;
}

static GPtrArray *
list_page (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  g_autoptr (DoorDevice) last = NULL;

  if (after != NULL && !door_ctl_find_device (txn, after, &last, error))
    return NULL;
  return door_device_store_list_overview (txn, last != NULL ? last->id : "", limit, error);
}

/**
 * door_ctl_device_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device list`: one page of devices with their present owners. Blocks
 * for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND for an unknown `--after`, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_list (DoorCtlContext *context, GError **error)
{
  static const DoorCtlList list = {
    .member = "devices",
    .none = "a device stands here once it has enrolled",
    .list_page = list_page,
    .print_head = print_head,
    .print = print_overview,
    .build_object = overview_object,
    .get_name = get_name,
  };

  return door_ctl_list_run (context, &list, error);
}

static const char *
text_of (JsonObject *object, const char *member)
{
  const char *text = json_object_get_string_member_with_default (object, member, NULL);

  return text != NULL && *text != '\0' ? text : "-";
}

static void
print_owner (JsonArray *array, guint index, JsonNode *node, gpointer user_data)
{
  JsonObject *owner = json_node_get_object (node);

  g_print ("  %s  %s (%s)  from %s to %s%s%s\n", text_of (owner, "source"), text_of (owner, "email"),
           text_of (owner, "full_name"), text_of (owner, "from"), text_of (owner, "to"),
           *json_object_get_string_member (owner, "end_reason") != '\0' ? ", " : "",
           json_object_get_string_member (owner, "end_reason"));
}

/* Times are written alike, so they compare as text. */
static bool
is_over (JsonObject *row)
{
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  g_autofree char *now = door_clock_format_iso8601 (door_clock_now_ms (clock));

  return json_object_get_null_member (row, "ended") && strcmp (text_of (row, "identity_ends"), now) <= 0;
}

static void
print_user (JsonArray *array, guint index, JsonNode *node, gpointer user_data)
{
  JsonObject *row = json_node_get_object (node);

  g_print ("           user %s (%s, %s), seen %s, ended %s\n", text_of (row, "user"),
           text_of (row, "short_name"), text_of (row, "long_name"), text_of (row, "seen_at"),
           text_of (row, "ended"));
}

static void
print_enrollment (JsonArray *array, guint index, JsonNode *node, gpointer user_data)
{
  JsonObject *row = json_node_get_object (node);

  JsonObject *renewal =
      json_object_has_member (row, "renewal") ? json_object_get_object_member (row, "renewal") : NULL;

  g_print ("  %-8s begun %s, active %s, ended %s%s%s\n           team %s, "
           "identity certificate %.16s…\n",
           text_of (row, "state"), text_of (row, "begun"), text_of (row, "active"), text_of (row, "ended"),
           *json_object_get_string_member (row, "end_reason") != '\0' ? ", " : "",
           json_object_get_string_member (row, "end_reason"), text_of (row, "team"),
           text_of (row, "certificate_sha256"));
  if (json_object_has_member (row, "identity_ends"))
    g_print ("           which ends %s%s\n", text_of (row, "identity_ends"),
             is_over (row) ? "; the device must be enrolled again" : "");
  if (renewal != NULL && json_object_get_null_member (renewal, "done_at"))
    g_print ("           to be renewed: asked %s, try %" G_GINT64_FORMAT "\n", text_of (renewal, "asked_at"),
             json_object_get_int_member (renewal, "tries"));
  else if (renewal != NULL)
    g_print ("           renewed %s\n", text_of (renewal, "done_at"));
  json_array_foreach_element (json_object_get_array_member (row, "users"), print_user, NULL);
}

/* One line for quickstart and scripts: whose is it. */
static void
print_brief (const DoorDevice *device, JsonArray *owners)
{
  JsonObject *owner = json_array_get_length (owners) > 0 ? json_array_get_object_element (owners, 0) : NULL;

  if (owner == NULL || !json_object_get_null_member (owner, "to"))
    g_print ("         not linked          %s %s\n", device->product, device->apple_id);
  else
    g_print ("         ✓ linked            %s (%s)  ↔  %s %s\n", text_of (owner, "email"),
             text_of (owner, "full_name"), device->product, device->apple_id);
}

static void
print_agent (JsonObject *agent)
{
  g_print ("agent:\n  %s  says it is this device, managed here; last %s\n", text_of (agent, "hostname"),
           text_of (agent, "confirmed_at"));
}

static void
print_device (const DoorDevice *device, JsonArray *enrollments, JsonArray *owners)
{
  g_autofree char *created = door_ctl_output_dup_time (device->created_at);
  g_autofree char *seen = door_ctl_output_dup_time (device->seen_at);

  g_print ("%s\n  serial   %s\n  product  %s\n  os       %s (%s)\n  kind     %s\n  first    "
           "%s\n  seen     %s\n",
           device->apple_id, door_ctl_output_or_dash (device->serial),
           door_ctl_output_or_dash (device->product), door_ctl_output_or_dash (device->os_version),
           door_ctl_output_or_dash (device->build_version), device->kind, created, seen);
  g_print ("people, newest first:\n");
  json_array_foreach_element (owners, print_owner, NULL);
  g_print ("enrollments, newest first:\n");
  json_array_foreach_element (enrollments, print_enrollment, NULL);
}

/**
 * door_ctl_device_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl device show ID`: a device, whose it is and was, and its enrollments.
 * Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_device_show (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorDevice) device = NULL;
  g_autoptr (DoorEnrollment) enrollment = NULL;
  g_autoptr (JsonObject) object = NULL;
  JsonArray *owners;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  if (!door_ctl_find_device (database->txn, context->words[0], &device, error))
    return door_ctl_status_of (*error);
  if (!door_device_store_lookup_open_enrollment (database->txn, device->id, &enrollment, error))
    return DOOR_CTL_ERROR;
  object = door_device_json_build (database->txn, &(DoorDevicePast){ device, enrollment, true }, error);
  if (object == NULL)
    return DOOR_CTL_ERROR;
  owners = json_object_get_array_member (object, "people");
  if (!context->json && door_command_line_has (context->line, "brief"))
    print_brief (device, owners);
  else if (!context->json)
    {
      print_device (device, json_object_get_array_member (object, "enrollments"), owners);
      if (json_object_has_member (object, "agent"))
        print_agent (json_object_get_object_member (object, "agent"));
    }
  context->result = door_ctl_output_take_object (g_steal_pointer (&object));
  return DOOR_CTL_OK;
}
