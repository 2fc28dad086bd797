/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-device-json.h"

#include "door-association-store.h"
#include "door-certificate-store.h"
#include "door-device-setup-store.h"
#include "door-escrow-store.h"
#include "door-json-member.h"
#include "door-osquery-store.h"
#include "door-person-store.h"
#include "door-renewal-store.h"
#include "door-user-channel-store.h"

#define MAX_HISTORY 200

/* Whether somebody who sees not all of it sees what was from one time to another; to is 0: it goes on. */
static bool
is_shown (const DoorDevicePast *past, int64_t from_at, int64_t to_at)
{
  return past->whole || (past->enrollment != NULL && (to_at == 0 || from_at >= past->enrollment->created_at));
}

static JsonObject *
view_owner (const DoorAssociation *row, const DoorPerson *person)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "person", row->person_id);
  json_object_set_string_member (object, "email", person != NULL ? person->email : "");
  json_object_set_string_member (object, "full_name", person != NULL ? person->full_name : "");
  json_object_set_string_member (object, "source", row->source);
  door_json_member_set_time (object, "from", row->from_at);
  door_json_member_set_time (object, "to", row->to_at);
  json_object_set_string_member (object, "end_reason", row->end_reason);
  return object;
}

/* All owners, the newest first, and in the device's own members the one it has now. */
static bool
add_owners (DoorTxn *txn, const DoorDevicePast *past, JsonObject *object, GError **error)
{
  g_autoptr (GPtrArray) rows =
      door_association_store_list_by_device (txn, past->device->id, MAX_HISTORY, error);
  g_autoptr (JsonArray) array = json_array_new ();

  json_object_set_string_member (object, "person", "");
  json_object_set_string_member (object, "email", "");
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const DoorAssociation *row = g_ptr_array_index (rows, i);
      g_autoptr (DoorPerson) person = NULL;

      if (!is_shown (past, row->from_at, row->to_at))
        continue;
      if (!door_person_store_lookup (txn, row->person_id, &person, error))
        return false;
      json_array_add_object_element (array, view_owner (row, person));
      if (row->to_at != 0)
        continue;
      json_object_set_string_member (object, "person", row->person_id);
      json_object_set_string_member (object, "email", person != NULL ? person->email : "");
    }
  json_object_set_array_member (object, "people", g_steal_pointer (&array));
  return rows != NULL;
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

/* Whether there are secrets of it; they themselves are for doorctl alone. */
static bool
add_escrow (DoorTxn *txn, const DoorEnrollment *row, JsonObject *object, GError **error)
{
  g_autoptr (DoorEscrow) escrow = NULL;
  g_autoptr (DoorDeviceSetup) setup = NULL;
  JsonObject *kept;

  if (!door_escrow_store_lookup (txn, row->id, &escrow, error) ||
      !door_device_setup_store_lookup (txn, row->id, &setup, error))
    return false;
  kept = json_object_new ();
  json_object_set_boolean_member (kept, "unlock_token",
                                  escrow != NULL && *escrow->sealed_unlock_token != '\0');
  json_object_set_boolean_member (kept, "bootstrap_token",
                                  escrow != NULL && *escrow->sealed_bootstrap_token != '\0');
  json_object_set_boolean_member (kept, "admin_password",
                                  setup != NULL && *setup->sealed_admin_password != '\0');
  json_object_set_object_member (object, "escrow", kept);
  return true;
}

/* What `doorctl device command --user` takes. */
static bool
add_users (DoorTxn *txn, const DoorEnrollment *enrollment, JsonObject *object, GError **error)
{
  g_autoptr (GPtrArray) rows = door_user_channel_store_list (txn, enrollment->id, "", MAX_HISTORY, error);
  JsonArray *array;

  if (rows == NULL)
    return false;
  array = json_array_new ();
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorUserChannel *row = g_ptr_array_index (rows, i);
      JsonObject *user = json_object_new ();

      json_object_set_string_member (user, "user", row->user_key);
      json_object_set_string_member (user, "short_name", row->short_name);
      json_object_set_string_member (user, "long_name", row->long_name);
      door_json_member_set_time (user, "seen_at", row->seen_at);
      door_json_member_set_time (user, "ended", row->ended_at);
      json_array_add_object_element (array, user);
    }
  json_object_set_array_member (object, "users", array);
  return true;
}

static JsonObject *
view_enrollment (DoorTxn *txn, const DoorEnrollment *row, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "id", row->id);
  json_object_set_string_member (object, "state", row->state);
  json_object_set_string_member (object, "team", row->team);
  json_object_set_string_member (object, "way", row->way);
  json_object_set_string_member (object, "certificate_sha256", row->certificate_sha256);
  json_object_set_boolean_member (object, "push", *row->push_token != '\0');
  door_json_member_set_time (object, "begun", row->created_at);
  door_json_member_set_time (object, "active", row->active_at);
  door_json_member_set_time (object, "ended", row->ended_at);
  json_object_set_string_member (object, "end_reason", row->end_reason);
  if (!add_users (txn, row, object, error) || !add_identity (txn, row, object, error) ||
      !add_escrow (txn, row, object, error))
    return NULL;
  return g_steal_pointer (&object);
}

static bool
add_enrollments (DoorTxn *txn, const DoorDevicePast *past, JsonObject *object, GError **error)
{
  g_autoptr (GPtrArray) rows = door_device_store_list_enrollments (txn, past->device->id, MAX_HISTORY, error);
  g_autoptr (JsonArray) array = json_array_new ();

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const DoorEnrollment *row = g_ptr_array_index (rows, i);
      JsonObject *view;

      if (!is_shown (past, row->created_at, row->ended_at))
        continue;
      view = view_enrollment (txn, row, error);
      if (view == NULL)
        return false;
      json_array_add_object_element (array, view);
    }
  json_object_set_array_member (object, "enrollments", g_steal_pointer (&array));
  return rows != NULL;
}

/* What an agent of osquery on the device says, where there is one that confirms it. */
static bool
add_agent (DoorTxn *txn, const DoorDevicePast *past, JsonObject *object, GError **error)
{
  g_autoptr (DoorOsqueryNode) node = NULL;
  JsonObject *agent;

  if (!door_osquery_store_lookup_by_device (txn, past->device->id, &node, error))
    return false;
  if (node == NULL || !is_shown (past, node->confirmed_at, node->confirmed_at))
    return true;
  agent = json_object_new ();
  json_object_set_string_member (agent, "hostname", node->hostname);
  json_object_set_string_member (agent, "serial_number", node->serial);
  door_json_member_set_time (agent, "confirmed_at", node->confirmed_at);
  door_json_member_set_time (agent, "seen_at", node->seen_at);
  json_object_set_object_member (object, "agent", agent);
  return true;
}

/**
 * door_device_json_build:
 * @txn: a transaction
 * @past: a device, and how much of its past is shown
 * @error: return location for an error
 *
 * Builds what there is to know of a device: what it is, who has it and had it, its enrollments, the newest
 * first, and which secrets of it are kept, but not the secrets. Without the whole past that is what was from
 * the start of its enrollment on, and who has it now. Blocks for reads.
 *
 * Returns: (transfer full): the device, or %NULL with an error
 */
JsonObject *
door_device_json_build (DoorTxn *txn, const DoorDevicePast *past, GError **error)
{
  const DoorDevice *device = past->device;
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "id", device->id);
  json_object_set_string_member (object, "enrollment_id", device->apple_id);
  json_object_set_string_member (object, "serial", device->serial);
  json_object_set_string_member (object, "kind", device->kind);
  json_object_set_string_member (object, "product", device->product);
  json_object_set_string_member (object, "os_version", device->os_version);
  json_object_set_string_member (object, "build_version", device->build_version);
  json_object_set_string_member (object, "team", past->enrollment != NULL ? past->enrollment->team : "");
  json_object_set_string_member (object, "state",
                                 past->enrollment != NULL ? past->enrollment->state : "ended");
  door_json_member_set_time (object, "created_at", device->created_at);
  door_json_member_set_time (object, "seen_at", device->seen_at);
  if (!add_owners (txn, past, object, error) || !add_enrollments (txn, past, object, error) ||
      !add_agent (txn, past, object, error))
    return NULL;
  return g_steal_pointer (&object);
}
