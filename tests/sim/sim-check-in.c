/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim-check-in.h"

#include "sim-error.h"
#include "sim-plist.h"

#define PUSH_TOKEN_BYTES 32
#define UNLOCK_TOKEN_BYTES 64

/* Every message says who speaks: a device that is managed as a whole by its UDID. */
static void
set_id (plist_t message, const SimDevice *device)
{
  bool whole = sim_device_is_whole (device);

  sim_plist_set_string (message, whole ? "UDID" : "EnrollmentID", sim_device_get_enrollment_id (device));
}

static SimPlist *
new_message (const SimDevice *device, const char *type, const char *topic)
{
  SimPlist *message = plist_new_dict ();

  set_id (message, device);
  sim_plist_set_string (message, "MessageType", type);
  sim_plist_set_string (message, "Topic", topic);
  return message;
}

/**
 * sim_check_in_build_authenticate:
 * @device: the device
 * @topic: topic of its profile
 *
 * Returns: (transfer full): the first check-in message; that of a user enrollment has no serial number and no
 * UDID
 */
GBytes *
sim_check_in_build_authenticate (const SimDevice *device, const char *topic)
{
  const SimOptions *options = sim_device_get_options (device);
  g_autoptr (SimPlist) message = new_message (device, "Authenticate", topic);

  sim_plist_set_string (message, "BuildVersion", options->build);
  sim_plist_set_string (message, "OSVersion", options->os_version);
  sim_plist_set_string (message, "ProductName", options->product);
  if (sim_device_is_whole (device))
    sim_plist_set_string (message, "SerialNumber", sim_device_get_serial (device));
  if (sim_device_is_mac (device))
    {
      sim_plist_set_string (message, "DeviceName", sim_device_get_marketing_name (device));
      sim_plist_set_string (message, "Model", options->product);
      sim_plist_set_string (message, "ModelName", sim_device_get_marketing_name (device));
    }
  return sim_plist_build (message);
}

/**
 * sim_check_in_build_token_update:
 * @device: the device
 * @topic: topic of its profile
 * @awaiting: whether it waits in Setup Assistant
 *
 * With --escrow a device that is no Mac leaves an unlock token with it.
 *
 * Returns: (transfer full): the message that completes an enrollment, with a new push token and magic
 */
GBytes *
sim_check_in_build_token_update (const SimDevice *device, const char *topic, bool awaiting)
{
  g_autoptr (SimPlist) message = new_message (device, "TokenUpdate", topic);
  g_autofree char *magic = sim_random_uuid ();
  g_autoptr (GBytes) token = sim_random_bytes (PUSH_TOKEN_BYTES);

  sim_plist_set_bool (message, "AwaitingConfiguration", awaiting);
  sim_plist_set_string (message, "PushMagic", magic);
  sim_plist_set_data (message, "Token", token);
  if (sim_device_get_options (device)->escrow && !sim_device_is_mac (device))
    {
      g_autoptr (GBytes) unlock = sim_random_bytes (UNLOCK_TOKEN_BYTES);

      sim_plist_set_data (message, "UnlockToken", unlock);
    }
  return sim_plist_build (message);
}

/**
 * sim_check_in_build_bootstrap_token:
 * @device: a Mac
 * @topic: topic of its profile
 * @token: what it leaves with the server
 *
 * Returns: (transfer full): the message with which a Mac escrows its bootstrap token (Apple,
 * SetBootstrapToken)
 */
GBytes *
sim_check_in_build_bootstrap_token (const SimDevice *device, const char *topic, GBytes *token)
{
  g_autoptr (SimPlist) message = new_message (device, "SetBootstrapToken", topic);

  sim_plist_set_bool (message, "AwaitingConfiguration", false);
  sim_plist_set_data (message, "BootstrapToken", token);
  return sim_plist_build (message);
}

/**
 * sim_check_in_build_check_out:
 * @device: the device
 * @topic: topic of its profile
 *
 * Returns: (transfer full): the message of a device whose profile is being removed
 */
GBytes *
sim_check_in_build_check_out (const SimDevice *device, const char *topic)
{
  g_autoptr (SimPlist) message = new_message (device, "CheckOut", topic);

  return sim_plist_build (message);
}

/**
 * sim_check_in_build_idle:
 * @device: the device
 *
 * Returns: (transfer full): the question for a command
 */
GBytes *
sim_check_in_build_idle (const SimDevice *device)
{
  g_autoptr (SimPlist) message = plist_new_dict ();

  set_id (message, device);
  sim_plist_set_string (message, "Status", "Idle");
  return sim_plist_build (message);
}

/* What a user enrollment may tell; serial number, UDID and the like stay unanswered as on a real device. */
static plist_t
answer_queries (const SimDevice *device, char **queries)
{
  const SimOptions *options = sim_device_get_options (device);
  const char *const known[][2] = { { "BuildVersion", options->build },
                                   { "DeviceName", sim_device_get_marketing_name (device) },
                                   { "ModelName", options->model_family },
                                   { "OSVersion", options->os_version },
                                   { "ProductName", options->product },
                                   { "SerialNumber", sim_device_get_serial (device) },
                                   { "UDID", sim_device_get_enrollment_id (device) } };
  size_t n_known = sim_device_is_whole (device) ? G_N_ELEMENTS (known) : G_N_ELEMENTS (known) - 2;
  plist_t answers = plist_new_dict ();

  for (size_t i = 0; queries != NULL && i < n_known; i++)
    if (g_strv_contains ((const char *const *) queries, known[i][0]))
      sim_plist_set_string (answers, known[i][0], known[i][1]);
  return answers;
}

/* What a device that is managed as a whole does at once. */
static bool
carries_out (const SimDevice *device, const SimCommand *command)
{
  static const char *const done[] = {
    "AccountConfiguration",
    "CertificateList",
    "DeclarativeManagement",
    "DeviceConfigured",
    "DeviceLock",
    "EraseDevice",
    "InstalledApplicationList",
    "ProfileList",
    "RemoveProfile",
    "RestartDevice",
    "SecurityInfo",
    NULL,
  };

  return g_str_equal (command->request_type, "DeviceInformation") ||
         g_str_equal (command->request_type, "InstallProfile") ||
         (sim_device_is_whole (device) && g_strv_contains (done, command->request_type));
}

static void
set_lists (plist_t message, const char *request_type)
{
  static const char *const lists[][2] = { { "CertificateList", "CertificateList" },
                                          { "InstalledApplicationList", "InstalledApplicationList" },
                                          { "ProfileList", "ProfileList" } };

  for (size_t i = 0; i < G_N_ELEMENTS (lists); i++)
    if (g_str_equal (request_type, lists[i][0]))
      plist_dict_set_item (message, lists[i][1], plist_new_array ());
  if (g_str_equal (request_type, "SecurityInfo"))
    plist_dict_set_item (message, "SecurityInfo", plist_new_dict ());
}

/**
 * sim_check_in_build_report:
 * @device: the device
 * @command: what it was told to do
 *
 * DeviceInformation is answered, and a device that is managed as a whole does what is common. Everything else
 * is put off with NotNow, for nothing here could carry it out.
 *
 * Returns: (transfer full): the report on the command
 */
GBytes *
sim_check_in_build_report (const SimDevice *device, const SimCommand *command)
{
  g_autoptr (SimPlist) message = plist_new_dict ();
  bool done = carries_out (device, command);

  sim_plist_set_string (message, "CommandUUID", command->uuid);
  set_id (message, device);
  sim_plist_set_string (message, "Status", done ? "Acknowledged" : "NotNow");
  if (g_str_equal (command->request_type, "DeviceInformation"))
    plist_dict_set_item (message, "QueryResponses", answer_queries (device, command->queries));
  else if (done)
    set_lists (message, command->request_type);
  return sim_plist_build (message);
}

static bool
get_bool (plist_t dict, const char *key)
{
  plist_t node = sim_plist_lookup (dict, key, PLIST_BOOLEAN);
  uint8_t value = 0;

  if (node != NULL)
    plist_get_bool_val (node, &value);
  return value != 0;
}

static void
read_account (SimAccount *account, plist_t command)
{
  plist_t admins = sim_plist_lookup (command, "AutoSetupAdminAccounts", PLIST_ARRAY);
  plist_t admin =
      admins != NULL && plist_array_get_size (admins) > 0 ? plist_array_get_item (admins, 0) : NULL;

  account->user_name = sim_plist_dup_string (command, "PrimaryAccountUserName");
  account->full_name = sim_plist_dup_string (command, "PrimaryAccountFullName");
  account->locked = get_bool (command, "LockPrimaryAccountInfo");
  if (admin == NULL || plist_get_node_type (admin) != PLIST_DICT)
    return;
  account->admin_name = sim_plist_dup_string (admin, "shortName");
  account->admin_hidden = get_bool (admin, "hidden");
}

static char **
read_queries (plist_t command)
{
  plist_t list = sim_plist_lookup (command, "Queries", PLIST_ARRAY);
  g_autoptr (GPtrArray) queries = g_ptr_array_new_with_free_func (g_free);

  for (uint32_t i = 0; list != NULL && i < plist_array_get_size (list); i++)
    {
      plist_t item = plist_array_get_item (list, i);

      if (plist_get_node_type (item) == PLIST_STRING)
        g_ptr_array_add (queries, g_strdup (plist_get_string_ptr (item, NULL)));
    }
  g_ptr_array_add (queries, NULL);
  return (char **) g_ptr_array_steal (queries, NULL);
}

/**
 * sim_command_parse:
 * @body: body of an answer that is not empty
 * @error: return location for an error
 *
 * Returns: (transfer full): the command, or %NULL with %SIM_ERROR_UNEXPECTED
 */
SimCommand *
sim_command_parse (GBytes *body, GError **error)
{
  g_autoptr (SimPlist) root = sim_plist_parse (body, error);
  g_autoptr (SimCommand) self = NULL;
  plist_t command = NULL;

  if (root == NULL)
    return NULL;
  self = g_new0 (SimCommand, 1);
  command = sim_plist_lookup (root, "Command", PLIST_DICT);
  self->uuid = sim_plist_dup_string (root, "CommandUUID");
  self->request_type = sim_plist_dup_string (command, "RequestType");
  self->queries = read_queries (command);
  self->payload = sim_plist_dup_data (command, "Payload");
  read_account (&self->account, command);
  if (self->uuid != NULL && self->request_type != NULL)
    return g_steal_pointer (&self);
  g_set_error_literal (error, SIM_ERROR, SIM_ERROR_UNEXPECTED,
                       "a command without CommandUUID or RequestType");
  return NULL;
}

/**
 * sim_command_free:
 * @self: (transfer full): a command
 */
void
sim_command_free (SimCommand *self)
{
  g_free (self->uuid);
  g_free (self->request_type);
  g_strfreev (self->queries);
  g_clear_pointer (&self->payload, g_bytes_unref);
  g_free (self->account.user_name);
  g_free (self->account.full_name);
  g_free (self->account.admin_name);
  g_free (self);
}
