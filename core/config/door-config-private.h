/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-config.h"
#include "door-options.h"

/* The text of a key and where it stands. A derived one was taken from another key or group. */
typedef struct
{
  char *text;
  char *file; /* NULL: nowhere */
  unsigned int line;
  bool derived;
} DoorConfigValue;

typedef struct
{
  const DoorOptionGroup *option; /* NULL: there is no such group */
  char *name;                    /* "idp/NAME" */
  GPtrArray *tables;             /* of const DoorKey *, with a NULL at the end */
  GHashTable *values;            /* key as in the file to DoorConfigValue */
  DoorSettings *settings;        /* NULL when broken */
  bool broken;
  bool object; /* it is kept in the database */
  char *file;
  unsigned int line;
} DoorConfigGroup;

struct _DoorConfig
{
  GTree *groups; /* name to DoorConfigGroup */
  GPtrArray *problems;
  GPtrArray *warnings; /* as problems, but they switch nothing off */
  char *credentials_folder;
  bool allow_env;
  bool lax;           /* Strict=false */
  bool objects_later; /* what is named and missing may be in the database */
  bool incomplete;    /* a file could not be read: what is missing may stand there */
};

void door_config_report (DoorConfig *self, DoorConfigGroup *group, const char *key, DoorFault fault,
                         const char *format, ...) G_GNUC_PRINTF (5, 6);
void door_config_warn (DoorConfig *self, DoorConfigGroup *group, const char *key, DoorFault fault,
                       const char *format, ...) G_GNUC_PRINTF (5, 6);
void door_config_check_forward (DoorConfig *self, DoorConfigGroup *group);
void door_config_apply_rules (DoorConfig *self);
