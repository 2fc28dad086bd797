/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-command-report.h"

#include <string.h>

#include <json-glib/json-glib.h>

#include "door-error.h"
#include "door-json.h"

#define MAX_BYTES (1024 * 1024)
/* Of what a device says about a failure; the whole report is kept beside it. */
#define MAX_ERRORS 16
#define MAX_ERROR_TEXT 512

struct _DoorCommandReport
{
  DoorCommandStatus status;
  DoorEnrollmentId id;
  char *uuid;
  char *errors;
  bool has_secret;
};

static gboolean
read_status (const DoorMessageDict *message, DoorCommandStatus *status, GError **error)
{
  static const char *const names[] = {
    [DOOR_COMMAND_IDLE] = "Idle",      [DOOR_COMMAND_ACKNOWLEDGED] = "Acknowledged",
    [DOOR_COMMAND_ERROR] = "Error",    [DOOR_COMMAND_FORMAT_ERROR] = "CommandFormatError",
    [DOOR_COMMAND_NOT_NOW] = "NotNow",
  };
  g_autofree char *name = NULL;

  if (!door_message_dict_dup_string (message, "Status", DOOR_MESSAGE_REQUIRED, &name, error))
    return FALSE;
  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      {
        *status = (DoorCommandStatus) i;
        return TRUE;
      }
  door_error_set (error, DOOR_ERROR_INVALID_DATA, message->fault, "unknown Status");
  return FALSE;
}

/* Every answer to a command names the command; a device that only asks for one has none to name. */
static gboolean
read_command (const DoorMessageDict *message, DoorCommandStatus status, char **uuid, GError **error)
{
  DoorMessageNeed need = status == DOOR_COMMAND_IDLE ? DOOR_MESSAGE_OPTIONAL : DOOR_MESSAGE_REQUIRED;

  return door_message_dict_dup_string (message, "CommandUUID", need, uuid, error);
}

static void
copy_text (GVariant *from, const char *key, JsonObject *into, const char *name)
{
  const char *text = NULL;
  g_autofree char *cut = NULL;

  if (!g_variant_lookup (from, key, "&s", &text))
    return;
  cut = g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), MAX_ERROR_TEXT));
  json_object_set_string_member (into, name, cut);
}

static JsonObject *
build_error (GVariant *from)
{
  JsonObject *object = json_object_new ();
  int64_t code = 0;

  if (g_variant_lookup (from, "ErrorCode", "x", &code))
    json_object_set_int_member (object, "code", code);
  copy_text (from, "ErrorDomain", object, "domain");
  copy_text (from, "LocalizedDescription", object, "description");
  copy_text (from, "USEnglishDescription", object, "english");
  return object;
}

/* What does not look like an error is left out: the answer counts all the same. */
static char *
dup_errors (GVariant *dict)
{
  g_autoptr (GVariant) chain = g_variant_lookup_value (dict, "ErrorChain", G_VARIANT_TYPE ("av"));
  size_t n = chain != NULL ? g_variant_n_children (chain) : 0;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GBytes) json = NULL;
  JsonArray *array;

  if (n == 0)
    return g_strdup ("");
  array = json_array_new ();
  for (size_t i = 0; i < MIN (n, MAX_ERRORS); i++)
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (chain, i);
      g_autoptr (GVariant) item = g_variant_get_variant (boxed);

      if (g_variant_is_of_type (item, G_VARIANT_TYPE_VARDICT))
        json_array_add_object_element (array, build_error (item));
    }
  node = json_node_init_array (json_node_alloc (), array);
  json_array_unref (array);
  json = door_json_build (node);
  return g_strndup (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
}

/* What RequestUnlockToken and ActivationLockBypassCode bring (Apple, their responses). */
static bool
has_secret (GVariant *dict)
{
  static const char *const keys[] = { "UnlockToken", "ActivationLockBypassCode" };

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (dict, keys[i], NULL);

      if (value != NULL)
        return true;
    }
  return false;
}

/**
 * door_command_report_parse:
 * @plist: the body of the request, exactly the bytes that Mdm-Signature covers
 * @error: return location for an error
 *
 * Reads what a device sends to the ServerURL (Apple, "Sending MDM commands to a device"). Pure; never
 * blocks; any thread.
 *
 * Returns: (transfer full): the report, or %NULL with %DOOR_ERROR_INVALID_DATA and
 *   %DOOR_FAULT_DEV_MESSAGE
 */
DoorCommandReport *
door_command_report_parse (GBytes *plist, GError **error)
{
  g_auto (DoorMessageDict) message = { .fault = DOOR_FAULT_DEV_MESSAGE };
  g_autoptr (DoorCommandReport) self = g_new0 (DoorCommandReport, 1);

  if (!door_message_dict_parse (&message, plist, MAX_BYTES, error) ||
      !read_status (&message, &self->status, error) ||
      !read_command (&message, self->status, &self->uuid, error) ||
      !door_enrollment_id_read (&message, &self->id, error))
    return NULL;
  self->errors = dup_errors (message.dict);
  self->has_secret = has_secret (message.dict);
  return g_steal_pointer (&self);
}

/**
 * door_command_report_free:
 * @self: (transfer full): a report
 */
void
door_command_report_free (DoorCommandReport *self)
{
  door_enrollment_id_clear (&self->id);
  g_free (self->uuid);
  g_free (self->errors);
  g_free (self);
}

/**
 * door_command_report_get_status:
 * @self: a report
 *
 * Returns: its `Status`
 */
DoorCommandStatus
door_command_report_get_status (const DoorCommandReport *self)
{
  return self->status;
}

/**
 * door_command_report_get_id_kind:
 * @self: a report
 *
 * Returns: which key named the enrollment
 */
DoorEnrollmentIdKind
door_command_report_get_id_kind (const DoorCommandReport *self)
{
  return self->id.kind;
}

/**
 * door_command_report_get_id:
 * @self: a report
 *
 * Returns: (transfer none): the UDID or EnrollmentID, opaque and case-sensitive
 */
const char *
door_command_report_get_id (const DoorCommandReport *self)
{
  return self->id.id;
}

/**
 * door_command_report_get_user_key:
 * @self: a report
 *
 * Returns: (transfer none) (nullable): what tells users of the enrollment apart; %NULL on the device channel
 */
const char *
door_command_report_get_user_key (const DoorCommandReport *self)
{
  return self->id.user_key;
}

/**
 * door_command_report_get_uuid:
 * @self: a report
 *
 * Returns: (transfer none) (nullable): the `CommandUUID` it is about; never %NULL unless the status is Idle
 */
const char *
door_command_report_get_uuid (const DoorCommandReport *self)
{
  return self->uuid;
}

/**
 * door_command_report_get_errors:
 * @self: a report
 *
 * Returns: (transfer none): its `ErrorChain` as a JSON array of objects with `code`, `domain`, `description`
 * and `english`, what is there of them; "" when there is none
 */
const char *
door_command_report_get_errors (const DoorCommandReport *self)
{
  return self->errors;
}

/**
 * door_command_report_has_secret:
 * @self: a report
 *
 * Returns: whether it holds with what a device is unlocked
 */
bool
door_command_report_has_secret (const DoorCommandReport *self)
{
  return self->has_secret;
}
