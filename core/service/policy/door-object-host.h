/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

/**
 * DoorObjectHost:
 * @owner: handed to each function
 * @dup_file: (transfer full) (nullable): the file in which a group such as "idp/okta" stands
 * @check: whether a group with such keys could be used beside all others; else %DOOR_ERROR_CONFIG and every
 * reason. Blocks on the file system
 * @changed: the objects in the database have changed. Blocks until that is in force here, for some seconds at
 * most; what fails is logged
 *
 * What those who keep parts of the configuration in the database need to know of the rest of it. Any thread.
 */
typedef struct
{
  void *owner;
  char *(*dup_file) (void *owner, const char *group);
  bool (*check) (void *owner, const char *group, const char *content, GError **error);
  void (*changed) (void *owner);
} DoorObjectHost;
