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
#define MAX_MATCHES 20

static JsonObject *
person_object (gconstpointer data)
{
  const DoorPerson *person = data;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", person->id);
  json_object_set_string_member (object, "state", person->state);
  json_object_set_string_member (object, "user_name", person->user_name);
  json_object_set_string_member (object, "email", person->email);
  json_object_set_string_member (object, "full_name", person->full_name);
  json_object_set_string_member (object, "given_name", person->given_name);
  json_object_set_string_member (object, "family_name", person->family_name);
  json_object_set_string_member (object, "department", person->department);
  json_object_set_string_member (object, "managed_account", person->managed_account);
  door_json_member_set_time (object, "created_at", person->created_at);
  door_json_member_set_time (object, "signed_in_at", person->signed_in_at);
  return object;
}

static const char *
get_name (gconstpointer data)
{
  const DoorPerson *person = data;

  return person->id;
}

static void
print_head (void)
{
  g_print ("%-36s %-11s %-32s %s\n", "PERSON", "STATE", "EMAIL", "NAME");
}

static void
print_person (gconstpointer data)
{
  const DoorPerson *person = data;

  g_print ("%-36s %-11s %-32s %s\n", person->id, person->state, person->email, person->full_name);
}

static void
add_groups (JsonObject *object, const DoorPerson *person)
{
  g_auto (GStrv) groups = g_strsplit (person->group_names, "\n", -1);
  JsonArray *array = json_array_new ();

  for (size_t i = 0; groups[i] != NULL; i++)
    if (*groups[i] != '\0')
      json_array_add_string_element (array, groups[i]);
  json_object_set_array_member (object, "groups", array);
}

static bool
find_person (DoorTxn *txn, const char *name, DoorPerson **out, GError **error)
{
  g_autoptr (GPtrArray) rows = door_person_store_find (txn, name, MAX_MATCHES, error);

  if (rows == NULL)
    return false;
  if (rows->len == 0)
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                    "there is no person %s; doorctl person list shows them", name);
  else if (rows->len > 1)
    door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_NONE,
                    "%u people are called %s; name one by the id in doorctl person list", rows->len, name);
  if (rows->len != 1)
    return false;
  *out = g_ptr_array_steal_index (rows, 0);
  return true;
}

static GPtrArray *
list_page (DoorTxn *txn, const char *after, int64_t limit, GError **error)
{
  g_autoptr (DoorPerson) last = NULL;

  if (after != NULL && !find_person (txn, after, &last, error))
    return NULL;
  return door_person_store_list (txn, last != NULL ? last->id : "", limit, error);
}

/**
 * door_ctl_person_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl person list`: one page of people. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND for an unknown `--after`, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_person_list (DoorCtlContext *context, GError **error)
{
  static const DoorCtlList list = {
    .member = "people",
    .none = "who has signed in stands here, and whom a directory has sent",
    .list_page = list_page,
    .print_head = print_head,
    .print = print_person,
    .build_object = person_object,
    .get_name = get_name,
  };

  return door_ctl_list_run (context, &list, error);
}

static JsonArray *
list_identities (DoorTxn *txn, const char *person_id, GError **error)
{
  g_autoptr (GPtrArray) rows = door_person_store_list_identities (txn, person_id, error);
  JsonArray *array;

  if (rows == NULL)
    return NULL;
  array = json_array_new ();
  for (guint i = 0; i < rows->len; i++)
    {
      const DoorPersonIdentity *row = g_ptr_array_index (rows, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "issuer", row->issuer);
      json_object_set_string_member (object, "subject", row->subject);
      json_object_set_string_member (object, "idp", row->connection);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonArray *
list_devices (DoorTxn *txn, const char *person_id, GError **error)
{
  g_autoptr (GPtrArray) rows = door_association_store_list_by_person (txn, person_id, MAX_HISTORY, error);
  g_autoptr (JsonArray) array = json_array_new ();

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const DoorAssociation *row = g_ptr_array_index (rows, i);
      g_autoptr (DoorDevice) device = NULL;
      JsonObject *object;

      if (!door_device_store_lookup (txn, row->device_id, &device, error))
        return NULL;
      object = json_object_new ();
      json_object_set_string_member (object, "enrollment_id", device != NULL ? device->apple_id : "");
      json_object_set_string_member (object, "product", device != NULL ? device->product : "");
      json_object_set_string_member (object, "source", row->source);
      door_json_member_set_time (object, "from", row->from_at);
      door_json_member_set_time (object, "to", row->to_at);
      json_object_set_string_member (object, "end_reason", row->end_reason);
      json_array_add_object_element (array, object);
    }
  return rows != NULL ? g_steal_pointer (&array) : NULL;
}

static void
print_device (JsonArray *array, guint index, JsonNode *node, gpointer user_data)
{
  JsonObject *row = json_node_get_object (node);

  g_print ("  %s  %s  from %s%s%s\n", json_object_get_string_member (row, "enrollment_id"),
           json_object_get_string_member (row, "product"), json_object_get_string_member (row, "from"),
           json_object_get_null_member (row, "to") ? "" : " to ",
           json_object_get_null_member (row, "to") ? "" : json_object_get_string_member (row, "to"));
}

static void
print_identity (JsonArray *array, guint index, JsonNode *node, gpointer user_data)
{
  JsonObject *row = json_node_get_object (node);

  g_print ("  %s  %s  %s\n", json_object_get_string_member (row, "idp"),
           json_object_get_string_member (row, "issuer"), json_object_get_string_member (row, "subject"));
}

/**
 * door_ctl_person_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl person show NAME`: a person, by e-mail address, user name or id,
 * with identities and devices. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_person_show (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (context->line, error);
  g_autoptr (DoorPerson) person = NULL;
  g_autoptr (JsonArray) identities = NULL, devices = NULL;
  JsonObject *object;

  if (database == NULL)
    return DOOR_CTL_ERROR;
  if (!find_person (database->txn, context->words[0], &person, error))
    return door_ctl_status_of (*error);
  identities = list_identities (database->txn, person->id, error);
  devices = identities != NULL ? list_devices (database->txn, person->id, error) : NULL;
  if (devices == NULL)
    return DOOR_CTL_ERROR;
  if (!context->json)
    {
      g_print ("%s\n  state    %s\n  name     %s\n  e-mail   %s\n  user     %s\n  "
               "account  %s\n",
               person->id, person->state, person->full_name, person->email, person->user_name,
               person->managed_account);
      g_print ("identities:\n");
      json_array_foreach_element (identities, print_identity, NULL);
      g_print ("devices, newest first:\n");
      json_array_foreach_element (devices, print_device, NULL);
    }
  object = person_object (person);
  add_groups (object, person);
  json_object_set_array_member (object, "identities", g_steal_pointer (&identities));
  json_object_set_array_member (object, "devices", g_steal_pointer (&devices));
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
