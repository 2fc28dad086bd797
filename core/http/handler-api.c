/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-desk.h"
#include "door-admin-web.h"
#include "door-administrator-json.h"
#include "door-api-list.h"
#include "door-error.h"
#include "door-eula-json.h"
#include "door-handlers.h"
#include "door-json-member.h"

typedef GPtrArray *(*ListFunc) (const DoorContext *context, const DoorDeskPage *page, GError **error);
/* One list of the API, and who has its rows. */
typedef struct
{
  ListFunc list;
  DoorApiList shown;
} List;

static DoorResponse *
answer_list (const DoorWeb *web, DoorRequest *request, const List *list, GError **error)
{
  g_autoptr (DoorSession) session = door_admin_web_require_session (web, request, error);
  g_auto (DoorApiPage) page = { NULL };
  g_autoptr (GPtrArray) rows = NULL;
  DoorDeskPage wanted = { .session = session, .cancellable = door_request_get_cancellable (request) };

  if (session == NULL || !door_api_page_read (request, &page, error))
    return NULL;
  wanted.after = page.after;
  wanted.limit = page.limit;
  rows = list->list (web->service, &wanted, error);
  return rows != NULL ? door_api_list_answer (&list->shown, rows, &page) : NULL;
}

static JsonObject *
view_device (gconstpointer row)
{
  const DoorDeviceOverview *device = row;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", device->id);
  json_object_set_string_member (object, "enrollment_id", device->apple_id);
  json_object_set_string_member (object, "product", device->product);
  json_object_set_string_member (object, "os_version", device->os_version);
  json_object_set_string_member (object, "team", device->team);
  json_object_set_string_member (object, "state", device->state);
  json_object_set_string_member (object, "person", device->person_id);
  json_object_set_string_member (object, "email", device->email);
  door_json_member_set_time (object, "seen_at", device->seen_at);
  return object;
}

static const char *
get_device_name (gconstpointer row)
{
  return ((const DoorDeviceOverview *) row)->id;
}

static JsonObject *
view_dep_device (gconstpointer row)
{
  const DoorDepDevice *device = row;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", device->id);
  json_object_set_string_member (object, "serial", device->serial);
  json_object_set_string_member (object, "server", device->server);
  json_object_set_string_member (object, "model", device->model);
  json_object_set_string_member (object, "description", device->description);
  json_object_set_string_member (object, "family", device->family);
  json_object_set_string_member (object, "team", device->team);
  json_object_set_boolean_member (object, "chosen", device->chosen != 0);
  json_object_set_string_member (object, "profile", device->profile_uuid);
  json_object_set_string_member (object, "assignment", device->assign_due_at > 0 ? "waiting" : "done");
  json_object_set_string_member (object, "status", device->assign_status);
  door_json_member_set_time (object, "seen_at", device->seen_at);
  return object;
}

static const char *
get_dep_device_name (gconstpointer row)
{
  return ((const DoorDepDevice *) row)->id;
}

static JsonObject *
view_person (gconstpointer row)
{
  const DoorPerson *person = row;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", person->id);
  json_object_set_string_member (object, "state", person->state);
  json_object_set_string_member (object, "user_name", person->user_name);
  json_object_set_string_member (object, "email", person->email);
  json_object_set_string_member (object, "name", person->full_name);
  json_object_set_string_member (object, "managed_account", person->managed_account);
  door_json_member_set_time (object, "signed_in_at", person->signed_in_at);
  return object;
}

static const char *
get_person_name (gconstpointer row)
{
  return ((const DoorPerson *) row)->id;
}

static JsonObject *
view_attempt (gconstpointer row)
{
  const DoorAttempt *attempt = row;
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "code", attempt->code);
  door_json_member_set_time (object, "at", attempt->at);
  json_object_set_string_member (object, "idp", attempt->connection);
  json_object_set_string_member (object, "team", attempt->team);
  json_object_set_string_member (object, "purpose", attempt->purpose);
  json_object_set_string_member (object, "outcome", *attempt->fault == '\0' ? "accepted" : "refused");
  json_object_set_string_member (object, "fault", attempt->fault);
  json_object_set_string_member (object, "detail", attempt->detail);
  json_object_set_string_member (object, "person", attempt->person_id);
  return object;
}

static const char *
get_attempt_name (gconstpointer row)
{
  return ((const DoorAttempt *) row)->code;
}

static JsonObject *
view_acceptance (gconstpointer row)
{
  return door_eula_json_build (row);
}

static const char *
get_acceptance_name (gconstpointer row)
{
  return ((const DoorEulaAcceptance *) row)->id;
}

static JsonObject *
view_administrator (gconstpointer row)
{
  const DoorDeskAdministrator *administrator = row;

  return door_administrator_json_build (administrator->row, administrator->roles);
}

static const char *
get_administrator_name (gconstpointer row)
{
  return ((const DoorDeskAdministrator *) row)->row->id;
}

/**
 * door_handle_api_devices:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameters after and limit; so are the other lists
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"devices": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_api_devices (gpointer context, DoorRequest *request, GError **error)
{
  static const List list = { door_admin_desk_list_devices, { "devices", view_device, get_device_name } };

  return answer_list (context, request, &list, error);
}

/**
 * door_handle_api_dep_devices:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"devices": […], "next"}`, devices of Apple Business Manager whether enrolled or
 *   not, or %NULL with an error
 */
DoorResponse *
door_handle_api_dep_devices (gpointer context, DoorRequest *request, GError **error)
{
  static const List list = { door_admin_desk_list_dep_devices,
                             { "devices", view_dep_device, get_dep_device_name } };

  return answer_list (context, request, &list, error);
}

/**
 * door_handle_api_people:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"people": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_api_people (gpointer context, DoorRequest *request, GError **error)
{
  static const List list = { door_admin_desk_list_people, { "people", view_person, get_person_name } };

  return answer_list (context, request, &list, error);
}

/**
 * door_handle_api_sign_ins:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"sign_ins": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_api_sign_ins (gpointer context, DoorRequest *request, GError **error)
{
  static const List list = { door_admin_desk_list_sign_ins, { "sign_ins", view_attempt, get_attempt_name } };

  return answer_list (context, request, &list, error);
}

/**
 * door_handle_api_eula_acceptances:
 * @context: a #DoorWeb
 * @request: GET
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"eula_acceptances": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_api_eula_acceptances (gpointer context, DoorRequest *request, GError **error)
{
  static const List list = { door_admin_desk_list_acceptances,
                             { "eula_acceptances", view_acceptance, get_acceptance_name } };

  return answer_list (context, request, &list, error);
}

/**
 * door_handle_api_administrators:
 * @context: a #DoorWeb
 * @request: GET, with the optional parameter email, which leaves one row or none
 * @error: return location for an error
 *
 * Returns: (transfer full): `{"administrators": […], "next"}`, or %NULL with an error
 */
DoorResponse *
door_handle_api_administrators (gpointer context, DoorRequest *request, GError **error)
{
  static const List list = { door_admin_desk_list_administrators,
                             { "administrators", view_administrator, get_administrator_name } };
  const DoorWeb *web = context;
  g_autoptr (DoorSession) session = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  g_autofree char *email = NULL;

  if (!door_request_lookup_query (request, "email", &email, error))
    return NULL;
  if (email == NULL)
    return answer_list (web, request, &list, error);
  session = door_admin_web_require_session (web, request, error);
  rows = session != NULL ? door_admin_desk_find (web->service, session, email, error) : NULL;
  return rows != NULL ? door_api_list_answer (&list.shown, rows, NULL) : NULL;
}
