/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "door-translations.h"

/* The style sheet is served at this path plus its name, for example by a route /assets/{name}. */
#define DOOR_PAGES_ASSET_PATH "/assets/"

typedef struct _DoorPages DoorPages;

DoorPages *door_pages_new (DoorTranslations *translations, GError **error);
void door_pages_free (DoorPages *self);
GBytes *door_pages_render (DoorPages *self, const char *name, GVariant *data, const char *language,
                           GError **error);
GBytes *door_pages_get_asset (DoorPages *self, const char *name, const char **content_type,
                              const char **hash);
void door_pages_add_messages (DoorPages *self, GHashTable *messages);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPages, door_pages_free)
