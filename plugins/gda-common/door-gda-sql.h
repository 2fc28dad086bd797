/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <glib.h>

/* What a statement does, which decides how it may be run. */
typedef enum
{
  DOOR_GDA_SQL_SELECT,      /* returns rows */
  DOOR_GDA_SQL_CHANGE,      /* INSERT, UPDATE, DELETE: has affected rows */
  DOOR_GDA_SQL_DEFINE,      /* CREATE, ALTER, DROP */
  DOOR_GDA_SQL_SAVEPOINT,   /* SAVEPOINT, RELEASE */
  DOOR_GDA_SQL_ROLLBACK_TO, /* back to a savepoint */
} DoorGdaSqlKind;

typedef struct _DoorGdaSql DoorGdaSql;

DoorGdaSql *door_gda_sql_parse (const char *text, GError **error);
void door_gda_sql_free (DoorGdaSql *self);
DoorGdaSqlKind door_gda_sql_get_kind (const DoorGdaSql *self);
size_t door_gda_sql_get_n_names (const DoorGdaSql *self);
const char *door_gda_sql_get_name (const DoorGdaSql *self, size_t i);
char *door_gda_sql_dup_text (const DoorGdaSql *self);
char *door_gda_sql_render (const DoorGdaSql *self, const char *types, bool numbers_as_text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorGdaSql, door_gda_sql_free)
