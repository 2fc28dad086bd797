/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A state key that is lost for good. */
#include <gio/gunixsocketaddress.h>

#include "door-clock.h"
#include "door-control.h"
#include "door-ctl-actor.h"
#include "door-ctl-database.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-log.h"
#include "door-sealed-store.h"

/* What is to be done about what cannot be opened any more; name is what scripts see. */
static const struct
{
  const char *name;
  const char *text;
} losses[] = {
  [DOOR_SEALED_SP_KEY] = { "sp-key",
                           "keys towards identity providers: removed; the server makes new ones, give "
                           "the providers the new metadata (doorctl idp sp-metadata NAME)" },
  [DOOR_SEALED_SIGNING_KEY] = { "signing-key", "the key that signs tokens of sessions: removed; "
                                               "administrators sign in again" },
  [DOOR_SEALED_PUSH_KEY] = { "push-key", "keys of push certificates: doorctl apns request FILE, renew the "
                                         "certificate at Apple, doorctl apns import CERT" },
  [DOOR_SEALED_DEP_KEY] = { "dep-key",
                            "keys for Apple Business Manager: doorctl dep remove NAME --keep-profiles, "
                            "then begin again with doorctl dep keypair NAME" },
  [DOOR_SEALED_DEP_TOKEN] = { "dep-token", "tokens of Apple Business Manager: they go with those keys" },
  [DOOR_SEALED_UNLOCK_TOKEN] = { "unlock-token",
                                 "unlock tokens of devices: lost, until the devices enroll again" },
  [DOOR_SEALED_BOOTSTRAP_TOKEN] = { "bootstrap-token",
                                    "bootstrap tokens of Macs: lost, until the Macs give others" },
  [DOOR_SEALED_ADMIN_PASSWORD] = { "admin-password",
                                   "passwords of managed administrators: lost, until the Macs "
                                   "enroll again" },
  [DOOR_SEALED_COMMAND_MESSAGE] = { "command",
                                    "commands that wait: given up when the device asks for them, queue them "
                                    "again; renewals of profiles: doorctl device renew DEVICE" },
  [DOOR_SEALED_COMMAND_RESULT] = { "command-result", "answers of devices that are secrets: ask them again" },
  [DOOR_SEALED_DEVICE_REFRESH] = { "device-refresh",
                                   "refresh tokens of people with a device: they sign in again "
                                   "at its next refresh" },
  [DOOR_SEALED_ADMIN_REFRESH] = { "admin-refresh", "refresh tokens of administrators: they sign in again" },
};

/* It would go on sealing with the former key. */
static bool
check_stopped (GError **error)
{
  g_autofree char *path = door_control_dup_path ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

  if (socket == NULL || !g_socket_connect (socket, address, NULL, NULL))
    return true;
  return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_NONE,
                         "the server runs, and would go on with the former key; stop it and all other "
                         "instances on this database first: systemctl stop doorward.socket doorward");
}

static void
show_loss (const DoorStateKeyLoss *loss, bool json, JsonObject *object)
{
  JsonArray *array = json_array_new ();
  int last = -1; /* a kind may lie in two places, which follow each other */

  if (!json)
    g_print ("The state key that is there now is the one of this database%s\n",
             loss->lost->len > 0 ? ". What an earlier one has sealed does not open:"
                                 : "; all opens with it.");
  for (guint i = 0; i < loss->lost->len; i++)
    {
      const DoorSealed *sealed = g_ptr_array_index (loss->lost, i);

      if ((int) sealed->kind != last && !json)
        g_print ("  - %s\n", losses[sealed->kind].text);
      if ((int) sealed->kind != last)
        json_array_add_string_element (array, losses[sealed->kind].name);
      last = (int) sealed->kind;
    }
  json_object_set_array_member (object, "lost", array);
}

static void
show (DoorCtlContext *context, const DoorStateKeyLoss *loss)
{
  JsonObject *object = json_object_new ();
  g_autofree char *actor = door_ctl_actor_dup ();

  json_object_set_boolean_member (object, "changed", loss->is_changed);
  if (loss->is_changed)
    door_log_event (G_LOG_LEVEL_MESSAGE, "state-key", "the state key was replaced", "DOORWARD_BY", actor,
                    NULL);
  show_loss (loss, context->json, object);
  context->result = door_ctl_output_take_object (object);
}

/**
 * door_ctl_state_key_replace:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl state-key replace`: begins again with another state key. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING when the key is the right one, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_state_key_replace (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = NULL;
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  g_autoptr (DoorRandom) random = door_random_new_system ();
  g_auto (DoorStateKeyLoss) loss = { false };
  DoorStateKeyPlace place;

  database = check_stopped (error) ? door_ctl_database_open (context->line, error) : NULL;
  if (database == NULL)
    return DOOR_CTL_ERROR;
  g_clear_pointer (&database->txn, door_txn_free); /* nothing may be older than what is written here */
  place = door_ctl_database_find_state_key (database);
  if (!door_state_key_replace (&place, random, door_clock_now_ms (clock), &loss, error))
    return DOOR_CTL_ERROR;
  show (context, &loss);
  return loss.is_changed ? DOOR_CTL_OK : DOOR_CTL_NOTHING;
}
