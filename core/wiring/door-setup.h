/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-config.h"
#include "door-inspect.h"
#include "door-plugin-loader.h"
#include "door-policy.h"
#include "door-storage.h"

/**
 * DoorSetupOptions:
 * @config_file: (nullable): read this file instead of the system's configuration
 * @state_folder: (nullable): where the server keeps what is its own; %NULL for the service's folder
 * @plugin_folder: (nullable): development: where plugins lie
 * @credentials_folder: (nullable): where `credential:NAME` is looked up; %NULL for the folder of the service
 * manager
 * @development: development mode
 * @problems: (nullable) (element-type utf8): takes a line for each problem of a configuration that forbids a
 *   start
 *
 * What the command line says.
 */
typedef struct
{
  const char *config_file;
  const char *state_folder;
  const char *plugin_folder;
  const char *credentials_folder;
  bool development;
  GPtrArray *problems;
} DoorSetupOptions;

typedef struct _DoorSetup DoorSetup;

DoorSetup *door_setup_new (const DoorSetupOptions *options, GError **error);
void door_setup_free (DoorSetup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSetup, door_setup_free)

DoorConfig *door_setup_get_config (const DoorSetup *self);
const char *door_setup_get_state_folder (const DoorSetup *self);
bool door_setup_is_development (const DoorSetup *self);
DoorStorage *door_setup_open_storage (const DoorSetup *self, GError **error);
void door_setup_begin_inspection (const DoorSetup *self, const DoorConfig *config,
                                  DoorInspection *inspection);
void door_setup_list_problems (const DoorSetup *self, GPtrArray *lines);
DoorConfig *door_setup_reread (const DoorSetup *self, const GPtrArray *objects);
void door_setup_set_config (DoorSetup *self, DoorConfig *config);
bool door_setup_check_connection (const DoorSetup *self, const DoorConfig *config, const char *group,
                                  GError **error);
DoorPolicy *door_setup_make_policy (const DoorConfig *config);
GPtrArray *door_setup_load_eulas (const DoorConfig *config, GPtrArray *failures);
GPtrArray *door_setup_make_connections (const DoorSetup *self, const DoorConfig *config,
                                        const DoorPolicy *policy, GPtrArray *failures);
