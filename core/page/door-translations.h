/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct _DoorTranslations DoorTranslations;

DoorTranslations *door_translations_new (GError **error);
DoorTranslations *door_translations_ref (DoorTranslations *self);
void door_translations_unref (DoorTranslations *self);
const char *const *door_translations_get_languages (const DoorTranslations *self);
const char *door_translations_lookup (const DoorTranslations *self, const char *language, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorTranslations, door_translations_unref)
