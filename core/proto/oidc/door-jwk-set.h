/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

#include "door-jws-algorithm.h"

typedef struct _DoorJwkSet DoorJwkSet;

DoorJwkSet *door_jwk_set_parse (GBytes *document, GError **error);
DoorJwkSet *door_jwk_set_ref (DoorJwkSet *self);
void door_jwk_set_unref (DoorJwkSet *self);
guint door_jwk_set_get_n_keys (const DoorJwkSet *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorJwkSet, door_jwk_set_unref)
