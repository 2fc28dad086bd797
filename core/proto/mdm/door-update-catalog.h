/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* What a list of updates may be long. */
#define DOOR_UPDATE_CATALOG_MAX_BYTES (2 * 1024 * 1024)

/**
 * DoorUpdateRelease:
 * @version: version of a system, "17.4.1"
 * @build: its build, "21E236"
 *
 * An update that Apple offers.
 */
typedef struct
{
  char *version;
  char *build;
} DoorUpdateRelease;

typedef struct _DoorUpdateCatalog DoorUpdateCatalog;

DoorUpdateCatalog *door_update_catalog_parse (GBytes *json, GError **error);
void door_update_catalog_free (DoorUpdateCatalog *self);
const DoorUpdateRelease *door_update_catalog_lookup (const DoorUpdateCatalog *self, const char *device);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorUpdateCatalog, door_update_catalog_free)
