/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checkin-message.h"

#include <string.h>

#include "door-error.h"

#define MAX_BYTES (1024 * 1024)

struct _DoorCheckinMessage
{
  DoorCheckinType type;
  DoorEnrollmentIdKind id_kind;
  char *id;
  char *topic;
  GBytes *token;
  char *push_magic;
  char *details[DOOR_CHECKIN_N_DETAILS];
};

static const char *const detail_keys[DOOR_CHECKIN_N_DETAILS] = {
  [DOOR_CHECKIN_PRODUCT_NAME] = "ProductName",
  [DOOR_CHECKIN_OS_VERSION] = "OSVersion",
  [DOOR_CHECKIN_BUILD_VERSION] = "BuildVersion",
  [DOOR_CHECKIN_DEVICE_NAME] = "DeviceName",
  [DOOR_CHECKIN_MODEL] = "Model",
  [DOOR_CHECKIN_MODEL_NAME] = "ModelName",
  [DOOR_CHECKIN_SERIAL_NUMBER] = "SerialNumber",
};

static const char *const answered[] = {
  [DOOR_CHECKIN_AUTHENTICATE] = "Authenticate",
  [DOOR_CHECKIN_TOKEN_UPDATE] = "TokenUpdate",
  [DOOR_CHECKIN_CHECK_OUT] = "CheckOut",
};

static gboolean
read_type (const DoorMessageDict *message, DoorCheckinType *type, GError **error)
{
  /* sent only by devices whose profile declares a capability ours does not, or after a command */
  static const char *const known[] = { "UserAuthenticate",
                                       "SetBootstrapToken",
                                       "GetBootstrapToken",
                                       "GetToken",
                                       "DeclarativeManagement",
                                       "ReturnToService",
                                       NULL };
  g_autofree char *name = NULL;

  if (!door_message_dict_dup_string (message, "MessageType", DOOR_MESSAGE_REQUIRED, &name, error))
    return FALSE;
  for (size_t i = 0; i < G_N_ELEMENTS (answered); i++)
    if (strcmp (name, answered[i]) == 0)
      {
        *type = (DoorCheckinType) i;
        return TRUE;
      }
  if (g_strv_contains (known, name))
    door_error_set (error, DOOR_ERROR_NOT_SUPPORTED, message->fault, "MessageType %s is not offered", name);
  else
    door_error_set (error, DOOR_ERROR_INVALID_DATA, message->fault, "unknown MessageType");
  return FALSE;
}

static gboolean
read_details (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  for (size_t i = 0; i < DOOR_CHECKIN_N_DETAILS; i++)
    {
      /* Apple forbids the serial number in a user enrollment; if it comes, it is not kept. */
      if (i == DOOR_CHECKIN_SERIAL_NUMBER && self->id_kind == DOOR_ENROLLMENT_ID_ENROLLMENT)
        continue;
      if (!door_message_dict_dup_string (message, detail_keys[i], DOOR_MESSAGE_OPTIONAL, &self->details[i],
                                         error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_token (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  return door_message_dict_dup_bytes (message, "Token", DOOR_CHECKIN_MAX_TOKEN, &self->token, error) &&
         door_message_dict_dup_string (message, "PushMagic", DOOR_MESSAGE_REQUIRED, &self->push_magic, error);
}

/**
 * door_checkin_message_parse:
 * @plist: the body of the request, exactly the bytes that Mdm-Signature covers
 * @error: return location for an error
 *
 * Reads a check-in message (Apple, "Check-in"). Keys it does not know are ignored, `UnlockToken` too:
 * user enrollments have none and nothing here uses it. Strings have at most 256 bytes and no control
 * characters, the token 1 to %DOOR_CHECKIN_MAX_TOKEN bytes. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): the message, or %NULL with %DOOR_ERROR_INVALID_DATA, or with
 *   %DOOR_ERROR_NOT_SUPPORTED for a message type or channel that Apple defines and this version does not
 *   offer; always %DOOR_FAULT_DEV_MESSAGE
 */
DoorCheckinMessage *
door_checkin_message_parse (GBytes *plist, GError **error)
{
  g_auto (DoorMessageDict) message = { .fault = DOOR_FAULT_DEV_MESSAGE };
  g_autoptr (DoorCheckinMessage) self = g_new0 (DoorCheckinMessage, 1);

  if (!door_message_dict_parse (&message, plist, MAX_BYTES, error) ||
      !read_type (&message, &self->type, error) ||
      !door_enrollment_id_read (&message, &self->id_kind, &self->id, error) ||
      !door_message_dict_dup_string (&message, "Topic", DOOR_MESSAGE_REQUIRED, &self->topic, error))
    return NULL;
  if (self->type == DOOR_CHECKIN_AUTHENTICATE && !read_details (self, &message, error))
    return NULL;
  if (self->type == DOOR_CHECKIN_TOKEN_UPDATE && !read_token (self, &message, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_checkin_message_free:
 * @self: (transfer full): a message
 */
void
door_checkin_message_free (DoorCheckinMessage *self)
{
  g_free (self->id);
  g_free (self->topic);
  g_clear_pointer (&self->token, g_bytes_unref);
  g_free (self->push_magic);
  for (size_t i = 0; i < DOOR_CHECKIN_N_DETAILS; i++)
    g_free (self->details[i]);
  g_free (self);
}

/**
 * door_checkin_message_get_message_type:
 * @self: a message
 *
 * Returns: its `MessageType`
 */
DoorCheckinType
door_checkin_message_get_message_type (const DoorCheckinMessage *self)
{
  return self->type;
}

/**
 * door_checkin_message_get_type_name:
 * @self: a message
 *
 * Returns: (transfer none): the type in the words of the specification
 */
const char *
door_checkin_message_get_type_name (const DoorCheckinMessage *self)
{
  return answered[self->type];
}

/**
 * door_checkin_message_get_id_kind:
 * @self: a message
 *
 * Returns: which key named the enrollment
 */
DoorEnrollmentIdKind
door_checkin_message_get_id_kind (const DoorCheckinMessage *self)
{
  return self->id_kind;
}

/**
 * door_checkin_message_get_id:
 * @self: a message
 *
 * Returns: (transfer none): the UDID or EnrollmentID, opaque and case-sensitive
 */
const char *
door_checkin_message_get_id (const DoorCheckinMessage *self)
{
  return self->id;
}

/**
 * door_checkin_message_get_topic:
 * @self: a message
 *
 * Returns: (transfer none): the push topic the device listens to
 */
const char *
door_checkin_message_get_topic (const DoorCheckinMessage *self)
{
  return self->topic;
}

/**
 * door_checkin_message_get_token:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): the push token of a TokenUpdate; %NULL for other messages
 */
GBytes *
door_checkin_message_get_token (const DoorCheckinMessage *self)
{
  return self->token;
}

/**
 * door_checkin_message_get_push_magic:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): the push magic of a TokenUpdate, a secret; %NULL for other messages
 */
const char *
door_checkin_message_get_push_magic (const DoorCheckinMessage *self)
{
  return self->push_magic;
}

/**
 * door_checkin_message_get_detail:
 * @self: a message
 * @detail: which
 *
 * Returns: (transfer none) (nullable): what the device said; %NULL when it said nothing or the message is
 *   not an Authenticate
 */
const char *
door_checkin_message_get_detail (const DoorCheckinMessage *self, DoorCheckinDetail detail)
{
  g_return_val_if_fail ((int) detail >= 0 && detail < DOOR_CHECKIN_N_DETAILS, NULL);
  return self->details[detail];
}
