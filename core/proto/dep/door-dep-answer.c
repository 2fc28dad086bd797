/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-answer.h"

#include <string.h>

#include "door-dep-time.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-text.h"

#define MAX_DEPTH 8
#define MAX_CODE_BYTES 64
#define MAX_SESSION_BYTES 4096
#define MAX_CURSOR_BYTES 1000
#define MAX_SERIAL_BYTES 64
#define MAX_NAME_BYTES 256
#define MAX_TEXT_BYTES 512
#define MAX_RETRY_S 86400

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEP_ANSWER, "Apple's answer: %s", reason);
}

static void
record_free (gpointer data)
{
  DoorDepRecord *self = data;

  g_free (self->serial);
  g_free (self->model);
  g_free (self->description);
  g_free (self->color);
  g_free (self->asset_tag);
  g_free (self->family);
  g_free (self->os);
  g_free (self->profile_status);
  g_free (self->profile_uuid);
  g_free (self);
}

static void
status_free (gpointer data)
{
  DoorDepStatus *self = data;

  g_free (self->serial);
  g_free (self->status);
  g_free (self);
}

/**
 * door_dep_account_clear: (skip)
 * @self: an account
 */
void
door_dep_account_clear (DoorDepAccount *self)
{
  g_clear_pointer (&self->server_uuid, g_free);
  g_clear_pointer (&self->server_name, g_free);
  g_clear_pointer (&self->organization, g_free);
}

/**
 * door_dep_page_clear: (skip)
 * @self: a page
 */
void
door_dep_page_clear (DoorDepPage *self)
{
  g_clear_pointer (&self->records, g_ptr_array_unref);
  g_clear_pointer (&self->cursor, g_free);
}

/**
 * door_dep_statuses_clear: (skip)
 * @self: what came of a batch
 */
void
door_dep_statuses_clear (DoorDepStatuses *self)
{
  g_clear_pointer (&self->list, g_ptr_array_unref);
}

/**
 * door_dep_answer_dup_code:
 * @body: of an answer that is an error
 *
 * Finds the word by which Apple names an error: bare, or as a JSON string. Pure; any thread.
 *
 * Returns: (transfer full): the word, "" when there is none: it is made of capitals, digits and _
 */
char *
door_dep_answer_dup_code (GBytes *body)
{
  gsize size;
  const char *data = g_bytes_get_data (body, &size);
  GString *code = g_string_new (NULL);
  gsize at = 0;

  while (at < size && (g_ascii_isspace (data[at]) || data[at] == '"'))
    at++;
  for (; at < size && (g_ascii_isupper (data[at]) || g_ascii_isdigit (data[at]) || data[at] == '_'); at++)
    g_string_append_c (code, data[at]);
  while (at < size && (g_ascii_isspace (data[at]) || data[at] == '"'))
    at++;
  if (at < size || code->len > MAX_CODE_BYTES)
    g_string_truncate (code, 0);
  return g_string_free (code, FALSE);
}

static JsonNode *
parse_object (GBytes *body, JsonObject **out, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) node = NULL;

  if (g_bytes_get_size (body) > DOOR_DEP_MAX_BYTES)
    return refuse (error, "too large"), NULL;
  node = door_json_parse (body, MAX_DEPTH, &local);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, local != NULL ? local->message : "not a JSON object"), NULL;
  *out = json_node_get_object (node);
  return g_steal_pointer (&node);
}

static bool
is_token (const char *text, size_t max_bytes)
{
  size_t length = strlen (text);

  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at))
      return false;
  return length > 0 && length <= max_bytes;
}

/* Serial numbers stand in ids, before a slash. */
static bool
is_serial (const char *text)
{
  return is_token (text, MAX_SERIAL_BYTES) && strchr (text, '/') == NULL;
}

/* A text that may be missing or null, cleaned for logs and terminals. */
static bool
read_text (JsonObject *object, const char *name, char **out, GError **error)
{
  const char *text = NULL;

  if (json_object_has_member (object, name) && json_object_get_null_member (object, name))
    text = "";
  else if (!door_json_member_read_string (object, name, &text, NULL))
    return refuse (error, name);
  *out = door_text_dup_line (text != NULL ? text : "", MAX_TEXT_BYTES);
  return true;
}

static bool
read_token (JsonObject *object, const char *name, size_t max_bytes, char **out, GError **error)
{
  const char *text = NULL;

  if (!door_json_member_read_string (object, name, &text, NULL) || text == NULL ||
      !is_token (text, max_bytes))
    return refuse (error, name);
  *out = g_strdup (text);
  return true;
}

/**
 * door_dep_answer_parse_session:
 * @body: answer to GET /session
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): the token of the session, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
char *
door_dep_answer_parse_session (GBytes *body, GError **error)
{
  JsonObject *object = NULL;
  g_autoptr (JsonNode) node = parse_object (body, &object, error);
  char *token = NULL;

  if (node != NULL)
    read_token (object, "auth_session_token", MAX_SESSION_BYTES, &token, error);
  return token;
}

/**
 * door_dep_answer_parse_account:
 * @body: answer to GET /account
 * @out: (out caller-allocates): whose it is; clear it
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_dep_answer_parse_account (GBytes *body, DoorDepAccount *out, GError **error)
{
  JsonObject *object = NULL;
  g_autoptr (JsonNode) node = parse_object (body, &object, error);
  g_auto (DoorDepAccount) account = { NULL };

  if (node == NULL || !read_token (object, "server_uuid", MAX_NAME_BYTES, &account.server_uuid, error) ||
      !read_text (object, "server_name", &account.server_name, error) ||
      !read_text (object, "org_name", &account.organization, error))
    return false;
  *out = account;
  account = (DoorDepAccount){ NULL };
  return true;
}

static bool
read_change (JsonObject *object, DoorDepRecord *record, GError **error)
{
  const char *type = NULL, *date = NULL;

  if (!door_json_member_read_string (object, "op_type", &type, NULL) || type == NULL)
    return refuse (error, "op_type");
  if (!door_json_member_read_string (object, "op_date", &date, NULL) || date == NULL ||
      !door_dep_time_parse (date, &record->op_date_ms))
    return refuse (error, "op_date");
  record->deleted = strcmp (type, "deleted") == 0;
  return record->deleted || strcmp (type, "added") == 0 || strcmp (type, "modified") == 0 ||
         refuse (error, "op_type");
}

/* What rules can name; of others there may be as many as devices, and nobody tells them apart. */
static void
forget_unknown_family (DoorDepRecord *record)
{
  static const char *const families[] = {
    "AppleTV", "Mac", "Vision", "Watch", "iPad", "iPhone", "iPod", NULL
  };

  if (!g_strv_contains (families, record->family))
    record->family[0] = '\0';
}

static bool
read_record (JsonObject *object, bool changes, DoorDepRecord *record, GError **error)
{
  return read_token (object, "serial_number", MAX_SERIAL_BYTES, &record->serial, error) &&
         (is_serial (record->serial) || refuse (error, "serial_number")) &&
         read_text (object, "model", &record->model, error) &&
         read_text (object, "description", &record->description, error) &&
         read_text (object, "color", &record->color, error) &&
         read_text (object, "asset_tag", &record->asset_tag, error) &&
         read_text (object, "device_family", &record->family, error) &&
         read_text (object, "os", &record->os, error) &&
         read_text (object, "profile_status", &record->profile_status, error) &&
         read_text (object, "profile_uuid", &record->profile_uuid, error) &&
         (!changes || read_change (object, record, error));
}

/* A profile that was taken off a device is none. */
static void
forget_removed_profile (DoorDepRecord *record)
{
  if (strcmp (record->profile_status, "empty") == 0 || strcmp (record->profile_status, "removed") == 0)
    record->profile_uuid[0] = '\0';
}

/* Of what a page says about one device the newest counts, the later of two that are as new. */
static void
keep_newest (GHashTable *by_serial, GPtrArray *records, DoorDepRecord *record)
{
  gpointer found = NULL;
  DoorDepRecord *before;

  if (!g_hash_table_lookup_extended (by_serial, record->serial, NULL, &found))
    {
      g_hash_table_insert (by_serial, g_strdup (record->serial), GUINT_TO_POINTER (records->len));
      g_ptr_array_add (records, record);
      return;
    }
  before = g_ptr_array_index (records, GPOINTER_TO_UINT (found));
  if (record->op_date_ms < before->op_date_ms)
    {
      record_free (record);
      return;
    }
  records->pdata[GPOINTER_TO_UINT (found)] = record;
  record_free (before);
}

static bool
read_records (JsonArray *array, bool changes, GPtrArray *records, GError **error)
{
  g_autoptr (GHashTable) by_serial = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (json_array_get_length (array) > DOOR_DEP_PAGE)
    return refuse (error, "more devices than were asked for");
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      DoorDepRecord *record;

      if (!JSON_NODE_HOLDS_OBJECT (node))
        return refuse (error, "a device is not an object");
      record = g_new0 (DoorDepRecord, 1);
      if (!read_record (json_node_get_object (node), changes, record, error))
        {
          record_free (record);
          return false;
        }
      forget_removed_profile (record);
      forget_unknown_family (record);
      keep_newest (by_serial, records, record);
    }
  return true;
}

/**
 * door_dep_answer_parse_page:
 * @body: answer to POST /server/devices or POST /devices/sync
 * @changes: it is the latter, whose devices say what has become of them
 * @out: (out caller-allocates): the page; clear it
 * @error: return location for an error
 *
 * Takes all of a page or nothing. Pure; any thread.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_dep_answer_parse_page (GBytes *body, bool changes, DoorDepPage *out, GError **error)
{
  JsonObject *object = NULL;
  g_autoptr (JsonNode) node = parse_object (body, &object, error);
  g_auto (DoorDepPage) page = { g_ptr_array_new_with_free_func (record_free), NULL, false };
  JsonArray *devices = NULL;

  if (node == NULL)
    return false;
  if (!json_object_has_member (object, "more_to_follow") ||
      !door_json_member_read_boolean (object, "more_to_follow", &page.more, NULL))
    return refuse (error, "more_to_follow");
  if (!door_json_member_read_array (object, "devices", &devices, NULL) || devices == NULL)
    return refuse (error, "devices");
  if (!read_token (object, "cursor", MAX_CURSOR_BYTES, &page.cursor, error) ||
      !read_records (devices, changes, page.records, error))
    return false;
  *out = page;
  page = (DoorDepPage){ NULL };
  return true;
}

/**
 * door_dep_answer_parse_profile:
 * @body: answer to POST /profile
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): the id of the profile, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
char *
door_dep_answer_parse_profile (GBytes *body, GError **error)
{
  JsonObject *object = NULL;
  g_autoptr (JsonNode) node = parse_object (body, &object, error);
  char *uuid = NULL;

  if (node != NULL)
    read_token (object, "profile_uuid", MAX_NAME_BYTES, &uuid, error);
  return uuid;
}

static bool
read_statuses (JsonObject *devices, GPtrArray *list, GError **error)
{
  JsonObjectIter iter;
  const char *serial;
  JsonNode *node;

  json_object_iter_init (&iter, devices);
  while (json_object_iter_next (&iter, &serial, &node))
    {
      DoorDepStatus *status;

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return refuse (error, "the status of a device");
      status = g_new0 (DoorDepStatus, 1);
      status->serial = g_strdup (serial);
      status->status = door_text_dup_line (json_node_get_string (node), MAX_CODE_BYTES);
      g_ptr_array_add (list, status);
    }
  return true;
}

/**
 * door_dep_answer_parse_statuses:
 * @body: answer to PUT or DELETE /profile/devices
 * @out: (out caller-allocates): what came of each device; clear it
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_dep_answer_parse_statuses (GBytes *body, DoorDepStatuses *out, GError **error)
{
  JsonObject *object = NULL, *devices = NULL;
  g_autoptr (JsonNode) node = parse_object (body, &object, error);
  g_auto (DoorDepStatuses) statuses = { g_ptr_array_new_with_free_func (status_free), 0 };

  if (node == NULL)
    return false;
  if (!door_json_member_read_object (object, "devices", &devices, NULL) || devices == NULL)
    return refuse (error, "devices");
  if (!door_json_member_read_integer (object, "retry_after_seconds", &statuses.retry_after_s, NULL))
    return refuse (error, "retry_after_seconds");
  if (!read_statuses (devices, statuses.list, error))
    return false;
  statuses.retry_after_s = CLAMP (statuses.retry_after_s, 0, MAX_RETRY_S);
  *out = statuses;
  statuses = (DoorDepStatuses){ NULL, 0 };
  return true;
}
