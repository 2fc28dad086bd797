/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-gda-batch.h"

/* The rows of a batch, cut into pieces of bounded size. */
typedef struct _DoorGdaRows DoorGdaRows;

DoorGdaRows *door_gda_rows_new (DoorGdaBatch *batch, GVariant *rows, GError **error);
void door_gda_rows_free (DoorGdaRows *self);
const char *door_gda_rows_get_types (const DoorGdaRows *self);
bool door_gda_rows_next (DoorGdaRows *self, const char **json, GVariant **alone);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorGdaRows, door_gda_rows_free)
