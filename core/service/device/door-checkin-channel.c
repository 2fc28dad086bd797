/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-checkin-write.h"

#include "door-checkin-answer.h"
#include "door-declarations.h"
#include "door-device-answer.h"
#include "door-device-setup-store.h"
#include "door-device-store.h"
#include "door-error.h"
#include "door-escrow.h"
#include "door-hex.h"
#include "door-purpose.h"
#include "door-push-store.h"
#include "door-user-channel-store.h"

/* Far more than use one Mac or shared iPad, and few enough for a device that makes them up. */
#define MAX_USERS 500

static char *
dup_push_token (const DoorCheckinMessage *message)
{
  gsize size;
  const uint8_t *token = g_bytes_get_data (door_checkin_message_get_token (message), &size);

  return door_hex_encode (token, size);
}

/* A device says that it waits until it is let go; what counts is when it began to. One of which only a part
 * is managed has no Setup Assistant to wait in. */
static bool
keep_what_device_says (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known, GError **error)
{
  GBytes *unlock_token = door_checkin_message_get_secret (checkin->message);

  if (!g_str_equal (known->kind, DOOR_DEVICE_WHOLE))
    return true;
  if (unlock_token != NULL && !door_escrow_keep (txn, checkin->context, known->enrollment_id,
                                                 DOOR_ESCROW_UNLOCK_TOKEN, unlock_token, error))
    return false;
  if (!door_checkin_message_is_awaiting (checkin->message))
    return true;
  g_free (checkin->awaiting_id);
  checkin->awaiting_id = g_strdup (known->enrollment_id);
  return door_device_setup_store_begin (txn, known->enrollment_id, checkin->now_ms, error);
}

static bool
update_device (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known, GError **error)
{
  g_autofree char *push_token = dup_push_token (checkin->message);
  const DoorEnrollment update = {
    .id = known->enrollment_id,
    .state = (char *) "active",
    .topic = (char *) door_checkin_message_get_topic (checkin->message),
    .push_magic = (char *) door_checkin_message_get_push_magic (checkin->message),
    .push_token = push_token,
    .active_at = known->active_at != 0 ? known->active_at : checkin->now_ms,
    .token_updated_at = checkin->now_ms,
  };

  checkin->change.active = known->active_at == 0;
  return door_device_store_update_enrollment (txn, &update, error) &&
         door_push_store_token_updated (txn, update.id, checkin->now_ms, error) &&
         keep_what_device_says (txn, checkin, known, error) &&
         (!checkin->change.active ||
          door_declarations_announce (txn, checkin->context, known->team, known->enrollment_id,
                                      checkin->now_ms, error));
}

/* Of an account-driven Mac the device channel carries no access token, so the first who does is its user, and
 * must. It is asked for once: later the certificate is enough, as for a device. */
static bool
check_user_sign_in (DoorTxn *txn, const DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                    const DoorUserChannel *channel, GError **error)
{
  const DoorSpeaker speaker = door_checkin_write_get_speaker (checkin, known);

  if (channel != NULL && channel->ended_at == 0)
    return true;
  if (!g_str_equal (known->way, DOOR_WAY_ACCOUNT) && !g_str_equal (known->way, DOOR_WAY_OAUTH2))
    return true;
  return door_standing_confirm_bearer (txn, &speaker, error);
}

/* Who has a channel keeps it. Two who are new at the same moment may both have the last place. */
static bool
check_room (DoorTxn *txn, const DoorKnownDevice *known, const DoorUserChannel *channel, GError **error)
{
  bool room = true;

  if (channel == NULL &&
      !door_user_channel_store_has_room (txn, known->enrollment_id, MAX_USERS, &room, error))
    return false;
  return room || door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_DEV_USER,
                                 "the enrollment has %d users already", MAX_USERS);
}

static char *
text (const char *value)
{
  return (char *) (value != NULL ? value : "");
}

static bool
update_user (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known, GError **error)
{
  const DoorCheckinMessage *message = checkin->message;
  const char *user_key = door_checkin_message_get_user_key (message);
  g_autofree char *push_token = dup_push_token (message);
  g_autoptr (DoorUserChannel) before = NULL;
  const DoorUserChannel channel = {
    .id = (char *) checkin->new_ids[0],
    .enrollment_id = known->enrollment_id,
    .user_key = (char *) user_key,
    .short_name = text (door_checkin_message_get_short_name (message)),
    .long_name = text (door_checkin_message_get_long_name (message)),
    .topic = (char *) door_checkin_message_get_topic (message),
    .push_magic = (char *) door_checkin_message_get_push_magic (message),
    .push_token = push_token,
    .not_on_console = door_checkin_message_is_not_on_console (message),
    .awaiting_since = door_checkin_message_is_awaiting (message) ? checkin->now_ms : 0,
    .created_at = checkin->now_ms,
    .token_updated_at = checkin->now_ms,
    .seen_at = checkin->now_ms,
  };

  return door_user_channel_store_lookup (txn, known->enrollment_id, user_key, &before, error) &&
         check_user_sign_in (txn, checkin, known, before, error) && check_room (txn, known, before, error) &&
         door_user_channel_store_save (txn, &channel, error) &&
         door_push_store_token_updated (txn, before != NULL ? before->id : channel.id, checkin->now_ms,
                                        error);
}

/**
 * door_checkin_token_update:
 * @txn: a transaction of the writer
 * @checkin: a TokenUpdate
 * @known: who the certificate stands for
 * @error: return location for an error
 *
 * Keeps where a device, or somebody who uses it, can be reached (Apple, TokenUpdate). The first of the device
 * completes its enrollment.
 *
 * Returns: false with an error
 */
bool
door_checkin_token_update (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                           GError **error)
{
  const DoorSpeaker speaker = door_checkin_write_get_speaker (checkin, known);

  if (*known->enrollment_id == '\0')
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_UNKNOWN, "TokenUpdate before Authenticate");
  if (!door_standing_confirm (txn, &speaker, error))
    return false;
  if (door_checkin_message_get_user_key (checkin->message) == NULL
          ? !update_device (txn, checkin, known, error)
          : !update_user (txn, checkin, known, error))
    return false;
  return door_device_store_touch (txn, known->device_id, checkin->now_ms, error);
}

/**
 * door_checkin_user_authenticate:
 * @txn: a transaction of the writer
 * @checkin: a UserAuthenticate
 * @known: who the certificate stands for
 * @error: return location for an error
 *
 * Somebody with a network account signs in to a Mac (Apple, UserAuthenticate). Whether such a user is managed
 * is what the team says; if so, a challenge of no length says that no proof is needed, and there is no second
 * message.
 *
 * Returns: false with an error, %DOOR_FAULT_DEV_USER when the user is not managed
 */
bool
door_checkin_user_authenticate (DoorTxn *txn, DoorCheckinWrite *checkin, const DoorKnownDevice *known,
                                GError **error)
{
  const DoorTeam *team = door_policy_lookup_team (checkin->context->policy, known->team);

  if (!door_checkin_confirm_active (txn, checkin, known, error))
    return false;
  if (team == NULL || !team->accept_users)
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_USER,
                                      "users of network accounts are not managed");
  if (door_checkin_message_has_digest (checkin->message))
    return door_device_answer_refuse (error, DOOR_FAULT_DEV_USER,
                                      "an answer to a challenge that was never given");
  checkin->answer = door_checkin_answer_build_challenge (error);
  return checkin->answer != NULL;
}
