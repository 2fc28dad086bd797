/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct _DoorMessageCatalog DoorMessageCatalog;

DoorMessageCatalog *door_message_catalog_parse (GBytes *mo, GError **error);
void door_message_catalog_free (DoorMessageCatalog *self);
const char *door_message_catalog_lookup (const DoorMessageCatalog *self, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorMessageCatalog, door_message_catalog_free)
