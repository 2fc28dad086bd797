/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checkin-message.h"

#include <string.h>

#include "door-declaration-status.h"
#include "door-error.h"

#define MAX_BYTES (1024 * 1024)

struct _DoorCheckinMessage
{
  DoorCheckinType type;
  DoorEnrollmentId id;
  char *topic;
  GBytes *token;
  char *push_magic;
  GBytes *secret;
  bool awaiting;
  bool not_on_console;
  bool has_digest;
  char *service_type;
  DoorCheckinEndpoint endpoint;
  char *declaration_type;
  char *declaration_id;
  JsonNode *status;
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
  [DOOR_CHECKIN_USER_AUTHENTICATE] = "UserAuthenticate",
  [DOOR_CHECKIN_SET_BOOTSTRAP_TOKEN] = "SetBootstrapToken",
  [DOOR_CHECKIN_GET_BOOTSTRAP_TOKEN] = "GetBootstrapToken",
  [DOOR_CHECKIN_GET_TOKEN] = "GetToken",
  [DOOR_CHECKIN_DECLARATIVE_MANAGEMENT] = "DeclarativeManagement",
};

static gboolean
refuse (const DoorMessageDict *message, const char *problem, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, message->fault, "%s", problem);
}

static gboolean
read_type (const DoorMessageDict *message, DoorCheckinType *type, GError **error)
{
  g_autofree char *name = NULL;

  if (!door_message_dict_dup_string (message, "MessageType", DOOR_MESSAGE_REQUIRED, &name, error))
    return FALSE;
  for (size_t i = 0; i < G_N_ELEMENTS (answered); i++)
    if (strcmp (name, answered[i]) == 0)
      {
        *type = (DoorCheckinType) i;
        return TRUE;
      }
  /* A device sends it only when its Setup Assistant was told to, which nothing here does. */
  if (strcmp (name, "ReturnToService") == 0)
    return door_error_set (error, DOOR_ERROR_NOT_SUPPORTED, message->fault,
                           "MessageType ReturnToService is not offered");
  return refuse (message, "unknown MessageType", error);
}

static gboolean
read_details (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  for (size_t i = 0; i < DOOR_CHECKIN_N_DETAILS; i++)
    {
      /* Apple forbids the serial number in a user enrollment; if it comes, it is not kept. */
      if (i == DOOR_CHECKIN_SERIAL_NUMBER && self->id.kind == DOOR_ENROLLMENT_ID_ENROLLMENT)
        continue;
      if (!door_message_dict_dup_string (message, detail_keys[i], DOOR_MESSAGE_OPTIONAL, &self->details[i],
                                         error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_authenticate (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  if (self->id.user_key != NULL)
    return refuse (message, "Authenticate is of the device channel", error);
  return read_details (self, message, error);
}

/* A device of which a part is managed must not hand out what unlocks it; if it does, it is not kept. */
static gboolean
read_token_update (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  bool may_unlock = self->id.kind == DOOR_ENROLLMENT_ID_UDID && self->id.user_key == NULL;

  return door_message_dict_dup_bytes (message, "Token", DOOR_CHECKIN_MAX_TOKEN, &self->token, error) &&
         door_message_dict_dup_string (message, "PushMagic", DOOR_MESSAGE_REQUIRED, &self->push_magic,
                                       error) &&
         door_message_dict_get_flag (message, "AwaitingConfiguration", &self->awaiting, error) &&
         door_message_dict_get_flag (message, "NotOnConsole", &self->not_on_console, error) &&
         (!may_unlock || door_message_dict_dup_optional_bytes (
                             message, "UnlockToken", DOOR_CHECKIN_MAX_SECRET, &self->secret, error));
}

static gboolean
read_check_out (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  return self->id.user_key == NULL || refuse (message, "CheckOut is of the device channel", error);
}

static gboolean
read_user_authenticate (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  if (self->id.kind != DOOR_ENROLLMENT_ID_UDID || self->id.user_key == NULL)
    return refuse (message, "UserAuthenticate needs UDID and UserID", error);
  self->has_digest = door_message_dict_has (message, "DigestResponse");
  return TRUE;
}

static gboolean
read_bootstrap_token (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  if (self->id.user_key != NULL)
    return refuse (message, "a bootstrap token is of the device channel", error);
  return door_message_dict_get_flag (message, "AwaitingConfiguration", &self->awaiting, error) &&
         (self->type == DOOR_CHECKIN_GET_BOOTSTRAP_TOKEN ||
          door_message_dict_dup_optional_bytes (message, "BootstrapToken", DOOR_CHECKIN_MAX_SECRET,
                                                &self->secret, error));
}

static gboolean
read_get_token (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  return door_message_dict_dup_string (message, "TokenServiceType", DOOR_MESSAGE_REQUIRED,
                                       &self->service_type, error);
}

/* `declaration/TYPE/IDENTIFIER`; an identifier may have a slash of its own. */
static gboolean
read_declaration (DoorCheckinMessage *self, const DoorMessageDict *message, const char *rest, GError **error)
{
  const char *slash = strchr (rest, '/');

  if (slash == NULL || slash == rest || slash[1] == '\0')
    return refuse (message, "Endpoint names no declaration", error);
  self->endpoint = DOOR_CHECKIN_ENDPOINT_DECLARATION;
  self->declaration_type = g_strndup (rest, slash - rest);
  self->declaration_id = g_strdup (slash + 1);
  return TRUE;
}

static gboolean
read_status (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  g_autoptr (GBytes) data = NULL;

  if (!door_message_dict_dup_bytes (message, "Data", DOOR_CHECKIN_MAX_STATUS, &data, error))
    return FALSE;
  self->status = door_declaration_status_parse (data, error);
  return self->status != NULL;
}

static gboolean
read_declarative_management (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  static const char *const endpoints[] = {
    [DOOR_CHECKIN_ENDPOINT_TOKENS] = "tokens",
    [DOOR_CHECKIN_ENDPOINT_DECLARATION_ITEMS] = "declaration-items",
    [DOOR_CHECKIN_ENDPOINT_STATUS] = "status",
  };
  g_autofree char *endpoint = NULL;

  if (!door_message_dict_dup_string (message, "Endpoint", DOOR_MESSAGE_REQUIRED, &endpoint, error))
    return FALSE;
  if (g_str_has_prefix (endpoint, "declaration/"))
    return read_declaration (self, message, endpoint + strlen ("declaration/"), error);
  for (size_t i = 0; i < G_N_ELEMENTS (endpoints); i++)
    if (strcmp (endpoint, endpoints[i]) == 0)
      {
        self->endpoint = (DoorCheckinEndpoint) i;
        return self->endpoint != DOOR_CHECKIN_ENDPOINT_STATUS || read_status (self, message, error);
      }
  return refuse (message, "unknown Endpoint", error);
}

typedef gboolean (*ReadKeys) (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error);

/* What the topic is asked of is what changes where the device can be reached. */
static gboolean
read_keys (DoorCheckinMessage *self, const DoorMessageDict *message, GError **error)
{
  static const struct
  {
    ReadKeys read;
    DoorMessageNeed topic;
  } types[] = {
    [DOOR_CHECKIN_AUTHENTICATE] = { read_authenticate, DOOR_MESSAGE_REQUIRED },
    [DOOR_CHECKIN_TOKEN_UPDATE] = { read_token_update, DOOR_MESSAGE_REQUIRED },
    [DOOR_CHECKIN_CHECK_OUT] = { read_check_out, DOOR_MESSAGE_REQUIRED },
    [DOOR_CHECKIN_USER_AUTHENTICATE] = { read_user_authenticate, DOOR_MESSAGE_OPTIONAL },
    [DOOR_CHECKIN_SET_BOOTSTRAP_TOKEN] = { read_bootstrap_token, DOOR_MESSAGE_OPTIONAL },
    [DOOR_CHECKIN_GET_BOOTSTRAP_TOKEN] = { read_bootstrap_token, DOOR_MESSAGE_OPTIONAL },
    [DOOR_CHECKIN_GET_TOKEN] = { read_get_token, DOOR_MESSAGE_OPTIONAL },
    [DOOR_CHECKIN_DECLARATIVE_MANAGEMENT] = { read_declarative_management, DOOR_MESSAGE_OPTIONAL },
  };

  return door_message_dict_dup_string (message, "Topic", types[self->type].topic, &self->topic, error) &&
         types[self->type].read (self, message, error);
}

/**
 * door_checkin_message_parse:
 * @plist: the body of the request, exactly the bytes that Mdm-Signature covers
 * @error: return location for an error
 *
 * Reads a check-in message (Apple, "Check-in"). Keys it does not know are ignored. Strings have at most 256
 * bytes and no control characters; the push token at most %DOOR_CHECKIN_MAX_TOKEN bytes, what a device
 * escrows %DOOR_CHECKIN_MAX_SECRET, a status report %DOOR_CHECKIN_MAX_STATUS. Which messages have a user
 * channel is decided here. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): the message, or %NULL with %DOOR_ERROR_INVALID_DATA, or with
 *   %DOOR_ERROR_NOT_SUPPORTED for a message type that Apple defines and this version does not offer; always
 *   %DOOR_FAULT_DEV_MESSAGE
 */
DoorCheckinMessage *
door_checkin_message_parse (GBytes *plist, GError **error)
{
  g_auto (DoorMessageDict) message = { .fault = DOOR_FAULT_DEV_MESSAGE };
  g_autoptr (DoorCheckinMessage) self = g_new0 (DoorCheckinMessage, 1);

  if (!door_message_dict_parse (&message, plist, MAX_BYTES, error) ||
      !read_type (&message, &self->type, error) || !door_enrollment_id_read (&message, &self->id, error) ||
      !read_keys (self, &message, error))
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
  door_enrollment_id_clear (&self->id);
  g_free (self->topic);
  g_clear_pointer (&self->token, g_bytes_unref);
  g_free (self->push_magic);
  g_clear_pointer (&self->secret, g_bytes_unref);
  g_free (self->service_type);
  g_free (self->declaration_type);
  g_free (self->declaration_id);
  g_clear_pointer (&self->status, json_node_unref);
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
  return self->id.kind;
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
  return self->id.id;
}

/**
 * door_checkin_message_get_topic:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): the push topic the device listens to; it is there in Authenticate,
 *   TokenUpdate and CheckOut
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

/**
 * door_checkin_message_get_user_key:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): what tells users of the enrollment apart; %NULL on the device channel
 */
const char *
door_checkin_message_get_user_key (const DoorCheckinMessage *self)
{
  return self->id.user_key;
}

/**
 * door_checkin_message_get_short_name:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): `UserShortName` of a user channel
 */
const char *
door_checkin_message_get_short_name (const DoorCheckinMessage *self)
{
  return self->id.short_name;
}

/**
 * door_checkin_message_get_long_name:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): `UserLongName` of a user channel
 */
const char *
door_checkin_message_get_long_name (const DoorCheckinMessage *self)
{
  return self->id.long_name;
}

/**
 * door_checkin_message_get_secret:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): `UnlockToken` of a TokenUpdate, `BootstrapToken` of a
 *   SetBootstrapToken; %NULL when there is none or it is empty
 */
GBytes *
door_checkin_message_get_secret (const DoorCheckinMessage *self)
{
  return self->secret;
}

/**
 * door_checkin_message_is_awaiting:
 * @self: a message
 *
 * Returns: `AwaitingConfiguration`: whether the device waits in Setup Assistant
 */
bool
door_checkin_message_is_awaiting (const DoorCheckinMessage *self)
{
  return self->awaiting;
}

/**
 * door_checkin_message_is_not_on_console:
 * @self: a message
 *
 * Returns: `NotOnConsole` of a TokenUpdate
 */
bool
door_checkin_message_is_not_on_console (const DoorCheckinMessage *self)
{
  return self->not_on_console;
}

/**
 * door_checkin_message_has_digest:
 * @self: a message
 *
 * Returns: whether a UserAuthenticate answers a challenge
 */
bool
door_checkin_message_has_digest (const DoorCheckinMessage *self)
{
  return self->has_digest;
}

/**
 * door_checkin_message_get_service_type:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): `TokenServiceType` of a GetToken
 */
const char *
door_checkin_message_get_service_type (const DoorCheckinMessage *self)
{
  return self->service_type;
}

/**
 * door_checkin_message_get_endpoint:
 * @self: a message
 *
 * Returns: what a DeclarativeManagement asks for
 */
DoorCheckinEndpoint
door_checkin_message_get_endpoint (const DoorCheckinMessage *self)
{
  return self->endpoint;
}

/**
 * door_checkin_message_get_declaration_type:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): `Type` of the declaration that is asked for
 */
const char *
door_checkin_message_get_declaration_type (const DoorCheckinMessage *self)
{
  return self->declaration_type;
}

/**
 * door_checkin_message_get_declaration_id:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): `Identifier` of the declaration that is asked for
 */
const char *
door_checkin_message_get_declaration_id (const DoorCheckinMessage *self)
{
  return self->declaration_id;
}

/**
 * door_checkin_message_get_status:
 * @self: a message
 *
 * Returns: (transfer none) (nullable): the status report, an object
 */
JsonNode *
door_checkin_message_get_status (const DoorCheckinMessage *self)
{
  return self->status;
}
