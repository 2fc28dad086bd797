/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorUserChannel:
 *
 * The channel of somebody who uses an enrolled Mac or a shared iPad. @user_key tells the users of an
 * enrollment apart, @push_token is hexadecimal; @awaiting_since is when the user was first said to wait in
 * Setup Assistant, 0: never. @ended_at is 0 while it can be reached.
 */
typedef struct
{
  char *id;
  char *enrollment_id;
  char *user_key;
  char *short_name;
  char *long_name;
  char *topic;
  char *push_magic;
  char *push_token;
  bool not_on_console;
  int64_t awaiting_since;
  int64_t created_at;
  int64_t token_updated_at;
  int64_t seen_at;
  int64_t ended_at;
} DoorUserChannel;

void door_user_channel_free (DoorUserChannel *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorUserChannel, door_user_channel_free)

bool door_user_channel_store_save (DoorTxn *txn, const DoorUserChannel *channel, GError **error);
bool door_user_channel_store_lookup (DoorTxn *txn, const char *enrollment_id, const char *user_key,
                                     DoorUserChannel **out, GError **error);
GPtrArray *door_user_channel_store_list (DoorTxn *txn, const char *enrollment_id, const char *after,
                                         int64_t limit, GError **error);
bool door_user_channel_store_touch (DoorTxn *txn, const char *id, int64_t now_ms, GError **error);
bool door_user_channel_store_end (DoorTxn *txn, const char *enrollment_id, int64_t now_ms, GError **error);
bool door_user_channel_store_has_room (DoorTxn *txn, const char *enrollment_id, int64_t most, bool *room,
                                       GError **error);
bool door_user_channel_store_remove_old (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                         GError **error);
