/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checkin-write.h"

#include "door-channel.h"
#include "door-checkin-answer.h"
#include "door-dep-server.h"
#include "door-device-store.h"
#include "door-device-token.h"
#include "door-error.h"

/* Tokens by which a managed account may be used on a device. The other type of Apple's, for the pairing of a
 * watch, needs what the enrollment of a phone has left, and is not offered. */
#define SERVICE_TYPE "com.apple.maid"

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_MESSAGE, "%s", reason);
}

/* A server speaks for the organization once Apple has told who it is. */
static bool
is_known (const DoorDepServer *server)
{
  return server != NULL && *server->server_uuid != '\0';
}

static bool
find_by_serial (DoorTxn *txn, const char *serial, DoorDepServer **out, GError **error)
{
  g_autoptr (GPtrArray) devices =
      door_dep_store_list_devices_of_serial (txn, serial, "", DOOR_DEP_MAX_SERVERS, error);

  for (guint i = 0; devices != NULL && *out == NULL && i < devices->len; i++)
    {
      const DoorDepDevice *device = g_ptr_array_index (devices, i);
      g_autoptr (DoorDepServer) server = NULL;

      if (device->removed_at != 0)
        continue;
      if (!door_dep_store_lookup_server (txn, device->server, &server, error))
        return false;
      if (is_known (server))
        *out = g_steal_pointer (&server);
    }
  return devices != NULL;
}

/* A device of which only a part is managed does not say which it is, and one that was bought elsewhere is on
 * no list: with only one server there is no question which organization they are of. */
static bool
find_only (DoorTxn *txn, DoorDepServer **out, GError **error)
{
  g_autoptr (GPtrArray) servers = door_dep_store_list_servers (txn, error);

  if (servers == NULL)
    return false;
  if (servers->len == 1 && is_known (g_ptr_array_index (servers, 0)))
    *out = g_ptr_array_steal_index (servers, 0);
  return true;
}

/**
 * door_checkin_get_token:
 * @txn: a transaction of the writer
 * @checkin: a GetToken
 * @known: who the certificate stands for
 * @error: return location for an error
 *
 * Finds the server of Apple Business Manager that vouches for a device (Apple, GetToken); the token is signed
 * when nothing is held up by it any more, see door_checkin_build_token().
 *
 * Returns: false with an error; an answer of 400 says that the service is not offered
 */
bool
door_checkin_get_token (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known, GError **error)
{
  g_autofree char *channel_id = NULL;
  g_autoptr (DoorDevice) device = NULL;

  g_clear_pointer (&checkin->token_server, door_dep_server_free); /* this may be another try */
  if (!door_checkin_confirm_active (txn, checkin, known, error) ||
      !door_channel_find (txn, known, door_checkin_message_get_user_key (checkin->message), &channel_id,
                          error))
    return false;
  if (!g_str_equal (door_checkin_message_get_service_type (checkin->message), SERVICE_TYPE))
    return refuse (error, "TokenServiceType is not offered");
  if (!door_device_store_lookup (txn, known->device_id, &device, error))
    return false;
  if (device != NULL && *device->serial != '\0' &&
      !find_by_serial (txn, device->serial, &checkin->token_server, error))
    return false;
  if (checkin->token_server == NULL && !find_only (txn, &checkin->token_server, error))
    return false;
  return checkin->token_server != NULL ||
         refuse (error, "no server of Apple Business Manager vouches for the device");
}

/**
 * door_checkin_build_token:
 * @checkin: a GetToken that was written
 * @error: return location for an error
 *
 * Signs the token that a device has asked for, by the key whose certificate its server has at Apple.
 * CPU-bound.
 *
 * Returns: (transfer full): the answer, or %NULL with an error
 */
GBytes *
door_checkin_build_token (const DoorCheckinWrite *checkin, GError **error)
{
  g_autofree char *id = door_random_dup_uuid (checkin->context->random), *token = NULL;
  g_autoptr (DoorSecret) key = door_dep_server_open_key (checkin->context, checkin->token_server, error);
  const DoorDeviceTokenClaims claims = {
    .issuer = checkin->token_server->server_uuid,
    .id = id,
    .service_type = SERVICE_TYPE,
    .now_ms = checkin->now_ms,
  };

  if (key != NULL)
    token = door_device_token_build (key, &claims, error);
  return token != NULL ? door_checkin_answer_build_token (token, error) : NULL;
}
