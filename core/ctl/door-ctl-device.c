/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-device.h"

#include <string.h>

#include "door-association-store.h"
#include "door-certificate-store.h"
#include "door-clock.h"
#include "door-ctl-database.h"
#include "door-ctl-list.h"
#include "door-ctl-output.h"
#include "door-device-order.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-osquery-store.h"
#include "door-person-store.h"
#include "door-renewal-store.h"
#include "door-user-channel-store.h"

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

/* When its identity certificate ends, and whether the device was asked to renew it. */
static bool
add_identity (DoorTxn *txn, const DoorEnrollment *row, JsonObject *object, GError **error)
{
  g_autoptr (DoorIssuedCertificate) certificate = NULL;
  g_autoptr (DoorRenewal) renewal = NULL;
  JsonObject *asked;

  if (!door_certificate_store_lookup (txn, row->certificate_sha256, &certificate, error) ||
      !door_renewal_store_lookup (txn, row->id, &renewal, error))
    return false;
  if (certificate != NULL)
    door_json_member_set_time (object, "identity_ends", certificate->not_after);
  if (renewal == NULL)
    return true;
  asked = json_object_new ();
  json_object_set_string_member (asked, "state", renewal->done_at != 0 ? "done" : "asked");
  door_json_member_set_time (asked, "asked_at", renewal->asked_at);
  door_json_member_set_time (asked, "done_at", renewal->done_at);
  json_object_set_int_member (asked, "tries", renewal->tries);
  json_object_set_string_member (asked, "command", renewal->command_uuid);
  json_object_set_object_member (object, "renewal", asked);
  return true;
}

/* What `doorctl device command --user` takes. */
static JsonArray *
list_users (DoorTxn *txn, const char *enrollment_id, GError **error)
{
  g_autoptr (GPtrArray) rows = door_user_channel_store_list (txn, enrollment_id, "", MAX_HISTORY, error);
  JsonArray *array;

  if (rows == NULL)
    return NULL;
  array = json_array_new ();
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorUserChannel *row = g_ptr_array_index (rows, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "user", row->user_key);
      json_object_set_string_member (object, "short_name", row->short_name);
      json_object_set_string_member (object, "long_name", row->long_name);
      door_json_member_set_time (object, "seen_at", row->seen_at);
      door_json_member_set_time (object, "ended", row->ended_at);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
list_enrollments (DoorTxn *txn, const char *device_id, GError **error)
{
  g_autoptr (GPtrArray) rows = door_device_store_list_enrollments (txn, device_id, MAX_HISTORY, error);
  g_autoptr (JsonArray) array = json_array_new ();

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const DoorEnrollment *row = g_ptr_array_index (rows, i);
      JsonArray *users = list_users (txn, row->id, error);
      JsonObject *object;

      if (users == NULL)
        return NULL;
      object = json_object_new ();

      json_object_set_string_member (object, "id", row->id);
      json_object_set_string_member (object, "state", row->state);
      json_object_set_string_member (object, "team", row->team);
      json_object_set_string_member (object, "certificate_sha256", row->certificate_sha256);
      json_object_set_boolean_member (object, "push", *row->push_token != '\0');
      door_json_member_set_time (object, "begun", row->created_at);
      door_json_member_set_time (object, "active", row->active_at);
      door_json_member_set_time (object, "ended", row->ended_at);
      json_object_set_string_member (object, "end_reason", row->end_reason);
      json_object_set_array_member (object, "users", users);
      json_array_add_object_element (array, object);
      if (!add_identity (txn, row, object, error))
        return NULL;
    }
  return rows != NULL ? g_steal_pointer (&array) : NULL;
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
  if (agent != NULL)
    g_print ("agent:\n  %s  says it is this device, managed here; last %s\n", text_of (agent, "hostname"),
             text_of (agent, "confirmed_at"));
}

/* What an agent of osquery on the device says; null where there is none that confirms it. */
static bool
read_agent (DoorTxn *txn, const char *device_id, JsonObject **out, GError **error)
{
  g_autoptr (DoorOsqueryNode) node = NULL;

  if (!door_osquery_store_lookup_by_device (txn, device_id, &node, error))
    return false;
  if (node == NULL)
    return true;
  *out = json_object_new ();
  json_object_set_string_member (*out, "hostname", node->hostname);
  json_object_set_string_member (*out, "serial_number", node->serial);
  door_json_member_set_time (*out, "confirmed_at", node->confirmed_at);
  door_json_member_set_time (*out, "seen_at", node->seen_at);
  return true;
}

static void
print_device (const DoorDevice *device, JsonArray *enrollments, JsonArray *owners)
{
  g_autofree char *created = door_ctl_output_dup_time (device->created_at);
  g_autofree char *seen = door_ctl_output_dup_time (device->seen_at);

  g_print ("%s\n  serial   %s\n  product  %s\n  os       %s (%s)\n  kind     %s\n  first    "
           "%s\n  seen     %s\n",
           device->apple_id, or_dash (device->serial), or_dash (device->product),
           or_dash (device->os_version), or_dash (device->build_version), device->kind, created, seen);
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
  JsonObject *object, *agent = NULL;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  if (!door_ctl_find_device (database->txn, context->words[0], &device, error))
    return door_ctl_status_of (*error);
  owners = list_owners (database->txn, device->id, error);
  enrollments = owners != NULL ? list_enrollments (database->txn, device->id, error) : NULL;
  if (enrollments == NULL || !read_agent (database->txn, device->id, &agent, error))
    return DOOR_CTL_ERROR;
  if (!context->json && door_command_line_has (context->line, "brief"))
    print_brief (device, owners);
  else if (!context->json)
    {
      print_device (device, enrollments, owners);
      print_agent (agent);
    }
  object = json_object_new ();
  json_object_set_string_member (object, "id", device->id);
  json_object_set_string_member (object, "enrollment_id", device->apple_id);
  json_object_set_string_member (object, "serial", device->serial);
  json_object_set_string_member (object, "kind", device->kind);
  json_object_set_string_member (object, "product", device->product);
  json_object_set_string_member (object, "os_version", device->os_version);
  json_object_set_string_member (object, "build_version", device->build_version);
  door_json_member_set_time (object, "created_at", device->created_at);
  door_json_member_set_time (object, "seen_at", device->seen_at);
  json_object_set_array_member (object, "people", g_steal_pointer (&owners));
  json_object_set_array_member (object, "enrollments", g_steal_pointer (&enrollments));
  if (agent != NULL)
    json_object_set_object_member (object, "agent", agent);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
