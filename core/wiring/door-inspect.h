/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-config.h"
#include "door-plugin-registry.h"

/**
 * DoorInspection:
 * @config: what is looked at
 * @registry: the plugins
 * @development: whether this is development mode
 * @as_server: the process is the server: what it may not read, it cannot do without
 * @tree: only at what stands in the files, not at what they refer to
 * @known: (nullable) (element-type DoorConnection): connections in force; what was read for them stays
 * @problems: (element-type DoorConfigProblem): what is wrong
 * @notes: (element-type utf8): what is worth knowing
 * @connections: (element-type DoorConnection): the providers whose metadata could be read
 *
 * A look at everything that a configuration refers to. doorctl, the start and the reload of the server all
 * take it, so that none accepts what another refuses.
 */
typedef struct
{
  const DoorConfig *config;
  DoorPluginRegistry *registry;
  bool development;
  bool as_server;
  bool tree;
  const GPtrArray *known;
  GPtrArray *problems;
  GPtrArray *notes;
  GPtrArray *connections;
} DoorInspection;

void door_inspection_init (DoorInspection *self, const DoorConfig *config, DoorPluginRegistry *registry,
                           bool development);
void door_inspection_clear (DoorInspection *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorInspection, door_inspection_clear)

void door_inspect_storage (DoorInspection *self);
void door_inspect_providers (DoorInspection *self);
void door_inspect_signing (DoorInspection *self);
void door_inspect_eulas (DoorInspection *self);
void door_inspect_dep_profiles (DoorInspection *self);
void door_inspect_rest (DoorInspection *self);
void door_inspect_before_start (DoorInspection *self);
const DoorConfigProblem *door_inspection_find_fatal (const DoorInspection *self);
