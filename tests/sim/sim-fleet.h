/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#define SIM_FLEET_MAX_DEVICES 100000
#define SIM_FLEET_MAX_CONCURRENCY 256

/* Many devices, each of which is a process of this program: what one device does says nothing about how it
 * does that beside others. */
typedef struct
{
  int count;
  int concurrency;
  gboolean report;
  gboolean json;
  char *way;     /* the subcommand that each is */
  char **device; /* its words, for each the same */
} SimFleetOptions;

char *sim_fleet_dup_help (void);
SimFleetOptions *sim_fleet_options_parse (char **argv, GError **error);
void sim_fleet_options_free (SimFleetOptions *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimFleetOptions, sim_fleet_options_free)

int sim_fleet_run (const SimFleetOptions *options, const char *program);
