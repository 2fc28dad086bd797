/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-scim-query.h"

/**
 * DoorScimSql:
 * @problem: (nullable): what nothing is found by
 *
 * A statement that is being put together.
 */
typedef struct
{
  const DoorScimScope *scope;
  GString *text;
  GVariantBuilder params;
  unsigned int n;
  const char *problem;
} DoorScimSql;

void door_scim_sql_init (DoorScimSql *self, const DoorScimScope *scope);
void door_scim_sql_clear (DoorScimSql *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorScimSql, door_scim_sql_clear)

void door_scim_sql_put (DoorScimSql *self, const char *fragment);
void door_scim_sql_put_text (DoorScimSql *self, const char *text);
void door_scim_sql_put_int (DoorScimSql *self, int64_t value);
void door_scim_sql_put_scope (DoorScimSql *self, const char *alias);
void door_scim_sql_put_where (DoorScimSql *self, const DoorScimFilter *filter);
bool door_scim_sql_is_narrow (const DoorScimFilter *filter);
