/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-association-store.h"
#include "door-ctl-database.h"
#include "door-ctl-list.h"
#include "door-ctl-output.h"
#include "door-device-store.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-person-store.h"

#define MAX_HISTORY 200

static const char *
or_dash (const char *text)
{
  return *text != '\0' ? text : "-";
}

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

  g_print ("%-38s %-14s %-8s %-8s %-32s %s\n", row->apple_id, or_dash (row->product),
           or_dash (row->os_version), row->state, or_dash (row->email), seen);
}

/* By what the device calls itself or by our own id. */
static bool
find_device (DoorTxn *txn, const char *name, DoorDevice **out, GError **error)
{
  g_autoptr (DoorDevice) device = NULL;

  if (!door_device_store_lookup_by_apple_id (txn, name, &device, error) ||
      (device == NULL && !door_device_store_lookup (txn, name, &device, error)))
    return false;
  if (device == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                      "there is no device %s; doorctl device list shows them", name);
      return false;
    }
  *out = g_steal_pointer (&device);
  return true;
}

static GPtrArray *
list_page (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  g_autoptr (DoorDevice) last = NULL;

  if (after != NULL && !find_device (txn, after, &last, error))
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
    .list_page = list_page,
    .print_head = print_head,
    .print = print_overview,
    .build_object = overview_object,
    .get_name = get_name,
  };

  return door_ctl_list_run (context, &list, error);
}

static JsonArray *
list_owners (DoorTxn *txn, const char *device_id, GError **error)
{
  g_autoptr (GPtrArray) rows = door_association_store_list_by_device (txn, device_id, MAX_HISTORY, error);
  g_autoptr (JsonArray) array = json_array_new ();

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const DoorAssociation *row = g_ptr_array_index (rows, i);
      g_autoptr (DoorPerson) person = NULL;
      JsonObject *object;

      if (!door_person_store_lookup (txn, row->person_id, &person, error))
        return NULL;
      object = json_object_new ();
      json_object_set_string_member (object, "person", row->person_id);
      json_object_set_string_member (object, "email", person != NULL ? person->email : "");
      json_object_set_string_member (object, "full_name", person != NULL ? person->full_name : "");
      json_object_set_string_member (object, "source", row->source);
      door_json_member_set_time (object, "from", row->from_at);
      door_json_member_set_time (object, "to", row->to_at);
      json_object_set_string_member (object, "end_reason", row->end_reason);
      json_array_add_object_element (array, object);
    }
  return rows != NULL ? g_steal_pointer (&array) : NULL;
}

static JsonArray *
list_enrollments (DoorTxn *txn, const char *device_id, GError **error)
{
  g_autoptr (GPtrArray) rows = door_device_store_list_enrollments (txn, device_id, MAX_HISTORY, error);
  JsonArray *array;

  if (rows == NULL)
    return NULL;
  array = json_array_new ();
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorEnrollment *row = g_ptr_array_index (rows, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "id", row->id);
      json_object_set_string_member (object, "state", row->state);
      json_object_set_string_member (object, "team", row->team);
      json_object_set_string_member (object, "certificate_sha256", row->certificate_sha256);
      json_object_set_boolean_member (object, "push", *row->push_token != '\0');
      door_json_member_set_time (object, "begun", row->created_at);
      door_json_member_set_time (object, "active", row->active_at);
      door_json_member_set_time (object, "ended", row->ended_at);
      json_object_set_string_member (object, "end_reason", row->end_reason);
      json_array_add_object_element (array, object);
    }
  return array;
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

static void
print_enrollment (JsonArray *array, guint index, JsonNode *node, gpointer user_data)
{
  JsonObject *row = json_node_get_object (node);

  g_print ("  %-8s begun %s, active %s, ended %s%s%s\n           team %s, "
           "identity certificate %.16s…\n",
           text_of (row, "state"), text_of (row, "begun"), text_of (row, "active"), text_of (row, "ended"),
           *json_object_get_string_member (row, "end_reason") != '\0' ? ", " : "",
           json_object_get_string_member (row, "end_reason"), text_of (row, "team"),
           text_of (row, "certificate_sha256"));
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
print_device (const DoorDevice *device, JsonArray *enrollments, JsonArray *owners)
{
  g_autofree char *created = door_ctl_output_dup_time (device->created_at);
  g_autofree char *seen = door_ctl_output_dup_time (device->seen_at);

  g_print ("%s\n  product  %s\n  os       %s (%s)\n  kind     %s\n  first    "
           "%s\n  seen     %s\n",
           device->apple_id, or_dash (device->product), or_dash (device->os_version),
           or_dash (device->build_version), device->kind, created, seen);
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
  g_autoptr (JsonArray) owners = NULL, enrollments = NULL;
  JsonObject *object;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  if (!find_device (database->txn, context->words[0], &device, error))
    return door_ctl_status_of (*error);
  owners = list_owners (database->txn, device->id, error);
  enrollments = owners != NULL ? list_enrollments (database->txn, device->id, error) : NULL;
  if (enrollments == NULL)
    return DOOR_CTL_ERROR;
  if (!context->json && door_command_line_has (context->line, "brief"))
    print_brief (device, owners);
  else if (!context->json)
    print_device (device, enrollments, owners);
  object = json_object_new ();
  json_object_set_string_member (object, "id", device->id);
  json_object_set_string_member (object, "enrollment_id", device->apple_id);
  json_object_set_string_member (object, "kind", device->kind);
  json_object_set_string_member (object, "product", device->product);
  json_object_set_string_member (object, "os_version", device->os_version);
  json_object_set_string_member (object, "build_version", device->build_version);
  door_json_member_set_time (object, "created_at", device->created_at);
  door_json_member_set_time (object, "seen_at", device->seen_at);
  json_object_set_array_member (object, "people", g_steal_pointer (&owners));
  json_object_set_array_member (object, "enrollments", g_steal_pointer (&enrollments));
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
