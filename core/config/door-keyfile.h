/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-fault.h"
#include "door-types.h"

/* One `Key=Value` line. The text is as it stands there, without space around it. */
typedef struct
{
  char *group;
  char *key;
  char *text;
  unsigned int line;
} DoorKeyfileEntry;

/* One `[group]` line. */
typedef struct
{
  char *name;
  unsigned int line;
} DoorKeyfileGroup;

/* A line that is wrong; @group is the one it stands in, %NULL when that is not known. */
typedef struct
{
  DoorFault fault;
  char *group;
  char *text;
  unsigned int line;
} DoorKeyfileProblem;

typedef struct
{
  GPtrArray *groups;
  GPtrArray *entries;
  GPtrArray *problems;
} DoorKeyfile;

DoorKeyfile *door_keyfile_parse (const char *data, size_t size);
void door_keyfile_free (DoorKeyfile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorKeyfile, door_keyfile_free)
