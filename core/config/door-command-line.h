/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

/**
 * DoorCommandOption:
 * @name: long name, without dashes; %NULL ends a table
 * @value: (nullable): name of its value in help texts; %NULL for a switch
 * @text: what it does
 * @repeats: it may be given more than once
 * @alias: (nullable): another name that is understood, without dashes
 * @may_be_empty: `--name=` with nothing behind it means something
 *
 * One option of a program: the single source of parsing, help and manual.
 */
typedef struct
{
  const char *name;
  const char *value;
  const char *text;
  bool repeats;
  const char *alias;
  bool may_be_empty;
} DoorCommandOption;

typedef struct _DoorCommandLine DoorCommandLine;

DoorCommandLine *door_command_line_parse (const DoorCommandOption *options, const char *const *words,
                                          GError **error);
void door_command_line_free (DoorCommandLine *self);
bool door_command_line_has (const DoorCommandLine *self, const char *name);
const char *door_command_line_get_value (const DoorCommandLine *self, const char *name);
const char *const *door_command_line_get_values (const DoorCommandLine *self, const char *name);
const char *const *door_command_line_get_words (const DoorCommandLine *self);
const DoorCommandOption *door_command_line_list_daemon_options (void);
char *door_command_line_dup_help (const DoorCommandOption *options);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCommandLine, door_command_line_free)
