/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "door-gda-sql.h"

/* How a database reads rows out of JSON. In all of these # stands for a name. */
typedef struct
{
  const char *rows;    /* a table called r of the array :rows; # is the table that is written */
  const char *text;    /* the member # of r, as the single statement would have it */
  const char *integer; /* the same for the other types */
  const char *number;
  const char *boolean;
} DoorGdaBatchDialect;

/* An INSERT whose values are parameters, so that it can be run for many rows at once. */
typedef struct _DoorGdaBatch DoorGdaBatch;

DoorGdaBatch *door_gda_batch_parse (const DoorGdaSql *sql, GError **error);
DoorGdaBatch *door_gda_batch_ref (DoorGdaBatch *self);
void door_gda_batch_unref (DoorGdaBatch *self);
size_t door_gda_batch_get_n_columns (const DoorGdaBatch *self);
const char *door_gda_batch_get_column (const DoorGdaBatch *self, size_t i);
const char *door_gda_batch_get_parameter (const DoorGdaBatch *self, size_t i);
bool door_gda_batch_updates (const DoorGdaBatch *self);
bool door_gda_batch_is_key (const DoorGdaBatch *self, size_t i);
char *door_gda_batch_render (const DoorGdaBatch *self, const DoorGdaBatchDialect *dialect, const char *types);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorGdaBatch, door_gda_batch_unref)
