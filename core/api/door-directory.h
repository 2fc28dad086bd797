/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "door-settings.h"

/**
 * DoorDirectory:
 *
 * Where people and groups come from: the dialect of one vendor. They are configured and checked at the start;
 * nothing is read from one yet.
 */
#define DOOR_TYPE_DIRECTORY (door_directory_get_type ())
G_DECLARE_INTERFACE (DoorDirectory, door_directory, DOOR, DIRECTORY, GObject)

/**
 * DoorDirectoryMode:
 * @DOOR_DIRECTORY_MODE_PUSH: the vendor calls our SCIM server
 * @DOOR_DIRECTORY_MODE_PULL: we read from the vendor
 *
 * Who calls whom.
 */
typedef enum
{
  DOOR_DIRECTORY_MODE_PUSH,
  DOOR_DIRECTORY_MODE_PULL,
} DoorDirectoryMode;

/**
 * DoorScimTarget:
 * @method: HTTP method
 * @resource_type: (nullable): "User" or "Group"
 * @resource_id: (nullable): id in the path
 *
 * What a SCIM request is about (RFC 7644, 3.2).
 */
typedef struct
{
  const char *method;
  const char *resource_type;
  const char *resource_id;
} DoorScimTarget;

/**
 * DoorDirectoryInterface:
 * @configure: reads and checks this directory's group; no I/O; runs once, before any other call
 * @get_mode: whether the vendor pushes or is pulled
 * @normalize: (nullable): push; pure; a vendor's body to one that conforms to RFC 7643 and RFC 7644
 * @present: (nullable): push; pure; shapes an answer this vendor insists on
 *
 * A directory: the dialect of one vendor's SCIM client. Synchronous; constant after @configure.
 */
struct _DoorDirectoryInterface
{
  GTypeInterface parent_iface;

  gboolean (*configure) (DoorDirectory *self, DoorSettings *settings, GError **error);
  DoorDirectoryMode (*get_mode) (DoorDirectory *self);
  JsonNode *(*normalize) (DoorDirectory *self, const DoorScimTarget *target, JsonNode *body, GError **error);
  JsonNode *(*present) (DoorDirectory *self, const DoorScimTarget *target, JsonNode *resource,
                        GError **error);
};

gboolean door_directory_configure (DoorDirectory *self, DoorSettings *settings, GError **error);
DoorDirectoryMode door_directory_get_mode (DoorDirectory *self);
JsonNode *door_directory_normalize (DoorDirectory *self, const DoorScimTarget *target, JsonNode *body,
                                    GError **error);
JsonNode *door_directory_present (DoorDirectory *self, const DoorScimTarget *target, JsonNode *resource,
                                  GError **error);
