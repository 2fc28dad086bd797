/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

GVariant *door_params_new (const char *name, ...) G_GNUC_NULL_TERMINATED;

/**
 * DoorRow:
 *
 * A row that is being decoded.
 */
typedef struct _DoorRow DoorRow;

char *door_row_dup_text (DoorRow *self, const char *column);
int64_t door_row_get_int (DoorRow *self, const char *column);

typedef gpointer (*DoorRowFunc) (DoorRow *row);

bool door_txn_lookup (DoorTxn *txn, const char *sql, GVariant *params, DoorRowFunc decode, gpointer *out,
                      GError **error);
GPtrArray *door_txn_list (DoorTxn *txn, const char *sql, GVariant *params, DoorRowFunc decode,
                          GDestroyNotify free_func, GError **error);
bool door_txn_change (DoorTxn *txn, const char *sql, GVariant *params, bool *changed, GError **error);
