/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-random.h"
#include "door-sealed-store.h"
#include "door-secret.h"

/**
 * DoorSealedPlace:
 * @kind: what is sealed
 * @id: of what, see #DoorSealedKind
 *
 * Where a sealed secret belongs; it opens nowhere else.
 */
typedef struct
{
  DoorSealedKind kind;
  const char *id;
} DoorSealedPlace;

char *door_sealing_seal (const DoorSecret *state_key, DoorRandom *random, DoorSealedPlace place,
                         const DoorSecret *secret, GError **error);
DoorSecret *door_sealing_open (const DoorSecret *state_key, DoorSealedPlace place, const char *sealed,
                               GError **error);
