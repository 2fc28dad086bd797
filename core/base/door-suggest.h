/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stddef.h>

#include <glib.h>

typedef struct _DoorSuggest DoorSuggest;

DoorSuggest *door_suggest_new (const char *word);
void door_suggest_free (DoorSuggest *self);
void door_suggest_add (DoorSuggest *self, const char *candidate);
const char *door_suggest_get_best (const DoorSuggest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSuggest, door_suggest_free)
