/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-config-files.h"
#include "door-settings.h"

typedef struct _DoorConfig DoorConfig;

/**
 * DoorConfigKeysFunc:
 * @kind: "idp", "directory" or "storage"
 * @type: the value of the group's Type or Driver
 * @user_data: as given to door_config_new()
 *
 * Asks for the keys a plugin brings. The table must outlive the configuration.
 *
 * Returns: (transfer none) (nullable): the table, which may be empty; %NULL when no loaded plugin has the
 * type
 */
typedef const DoorKey *(*DoorConfigKeysFunc) (const char *kind, const char *type, gpointer user_data);

/**
 * DoorConfigProblem:
 * @fault: the entry of the error catalogue
 * @file: (nullable): where it stands
 * @line: its line, 0 when it concerns the whole file or nothing that is written
 * @group: (nullable): the group concerned
 * @text: what is wrong, for the administrator
 * @fatal: the server must not start; otherwise only @group is switched off, or nothing for a warning
 */
typedef struct
{
  DoorFault fault;
  char *file;
  unsigned int line;
  char *group;
  char *text;
  bool fatal;
} DoorConfigProblem;

DoorConfigProblem *door_config_problem_new (const DoorConfig *config, const char *group, const char *key,
                                            const GError *error);
void door_config_problem_free (DoorConfigProblem *self);
char *door_config_problem_dup_line (const DoorConfigProblem *self);
bool door_config_problem_set_error (const DoorConfigProblem *self, GError **error);

DoorConfig *door_config_new (const DoorConfigFiles *files, DoorConfigKeysFunc keys, gpointer user_data);
DoorConfig *door_config_ref (DoorConfig *self);
void door_config_unref (DoorConfig *self);

gboolean door_config_check (const DoorConfig *self, GError **error);
const GPtrArray *door_config_get_problems (const DoorConfig *self);
const GPtrArray *door_config_get_warnings (const DoorConfig *self);
DoorSettings *door_config_get_settings (const DoorConfig *self, const char *group);
bool door_config_is_incomplete (const DoorConfig *self);
bool door_config_is_broken (const DoorConfig *self, const char *group);
const char *door_config_lookup_file (const DoorConfig *self, const char *group);
bool door_config_is_forwarded_to (const DoorConfig *self, const char *provider);
char **door_config_list_instances (const DoorConfig *self, const char *type);
char **door_config_list_groups (const DoorConfig *self);
char **door_config_list_keys (const DoorConfig *self, const char *group, bool with_defaults);
const DoorKey *door_config_lookup_key (const DoorConfig *self, const char *group, const char *key);
const char *door_config_lookup_text (const DoorConfig *self, const char *group, const char *key);
char *door_config_dup_origin (const DoorConfig *self, const char *group, const char *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorConfig, door_config_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorConfigProblem, door_config_problem_free)
