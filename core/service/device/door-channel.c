/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-channel.h"

#include "door-error.h"
#include "door-user-channel-store.h"

/**
 * door_channel_find:
 * @txn: a transaction
 * @known: who the certificate stands for, after it was found to be who it says
 * @user_key: (nullable): the user who speaks, %NULL for the device itself
 * @id: (out) (transfer full): names the channel in all that is kept for it
 * @error: return location for an error
 *
 * Finds the channel a message came on: the device's has the id of its enrollment. A user's is looked for
 * among those of this enrollment alone, so nobody reaches the channel of another device.
 *
 * Returns: false with %DOOR_FAULT_DEV_UNKNOWN when the user has sent no TokenUpdate yet,
 * %DOOR_FAULT_DEV_CHANNEL when the channel has ended, or a database error
 */
bool
door_channel_find (DoorTxn *txn, const DoorKnownDevice *known, const char *user_key, char **id,
                   GError **error)
{
  g_autoptr (DoorUserChannel) channel = NULL;

  if (user_key == NULL)
    {
      *id = g_strdup (known->enrollment_id);
      return true;
    }
  if (!door_user_channel_store_lookup (txn, known->enrollment_id, user_key, &channel, error))
    return false;
  if (channel == NULL)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_UNKNOWN,
                           "a user channel before its TokenUpdate");
  if (channel->ended_at != 0)
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_CHANNEL,
                           "the user channel has ended");
  *id = g_steal_pointer (&channel->id);
  return true;
}
