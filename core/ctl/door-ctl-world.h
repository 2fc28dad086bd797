/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-config.h"
#include "door-ctl.h"
#include "door-plugin-loader.h"

/**
 * DoorCtlWorld:
 * @staged: `--root` or `--config` was given: the files are not those of this system
 * @tree: `--root` was given: neither is what the files refer to
 * @development: `--dev` was given
 * @files: what was read
 * @registry: what the plugins brought
 * @loader: which plugins were loaded
 * @plugin_errors: (element-type utf8): why one could not be loaded
 * @config: the configuration
 *
 * Configuration and plugins, as the server would see them.
 */
typedef struct
{
  bool staged;
  bool tree;
  bool development;
  DoorConfigFiles *files;
  DoorPluginRegistry *registry;
  DoorPluginLoader *loader;
  GPtrArray *plugin_errors;
  DoorConfig *config;
} DoorCtlWorld;

char *door_ctl_dup_credentials_folder (const char *root);
DoorCtlWorld *door_ctl_world_new (const DoorCommandLine *line);
DoorCtlWorld *door_ctl_world_new_edited (const DoorCommandLine *line, GHashTable *edited);
void door_ctl_world_free (DoorCtlWorld *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCtlWorld, door_ctl_world_free)
