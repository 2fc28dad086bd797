/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include "door-random.h"
#include "door-settings.h"
#include "door-storage.h"

/**
 * DoorStateKeyPlace:
 * @storage: the database, its schema in place
 * @database: group `[database]`
 * @state_folder: where the server keeps what is its own
 *
 * Where the state key is, and what is sealed with it.
 */
typedef struct
{
  DoorStorage *storage;
  const DoorSettings *database;
  const char *state_folder;
} DoorStateKeyPlace;

/**
 * DoorStateKeyLoss:
 * @is_changed: whether the database belonged to another key or to none, or a key in it was removed
 * @lost: (nullable) (element-type DoorSealed): what is sealed and does not open, one of each kind
 *
 * What comes of a replacement.
 */
typedef struct
{
  bool is_changed;
  GPtrArray *lost;
} DoorStateKeyLoss;

DoorSecret *door_state_key_open (const DoorStateKeyPlace *place, GError **error);
DoorSecret *door_state_key_ensure (const DoorStateKeyPlace *place, DoorRandom *random, int64_t now_ms,
                                   GError **error);
bool door_state_key_check (DoorStorage *storage, const DoorSecret *key, GError **error);
bool door_state_key_replace (const DoorStateKeyPlace *place, DoorRandom *random, int64_t now_ms,
                             DoorStateKeyLoss *loss, GError **error);
GPtrArray *door_state_key_list_lost (const DoorStateKeyPlace *place, const DoorSecret *key, GError **error);
void door_state_key_loss_clear (DoorStateKeyLoss *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorStateKeyLoss, door_state_key_loss_clear)
