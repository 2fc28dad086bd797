/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libgda/libgda.h>
#include <libgda/sql-parser/gda-sql-parser.h>

#include "door-gda-batch.h"
#include "door-gda-connection.h"
#include "door-gda-sql.h"

/* One statement with one combination of parameter types, prepared on one connection. */
typedef struct _DoorGdaStatement DoorGdaStatement;

/* All the statements of one connection. */
typedef struct _DoorGdaStatementCache DoorGdaStatementCache;

gboolean door_gda_prepare (GdaConnection *connection, GdaStatement *statement, GError **error);
DoorGdaStatementCache *door_gda_statement_cache_new (GdaConnection *connection,
                                                     const DoorGdaBackend *backend);
void door_gda_statement_cache_free (DoorGdaStatementCache *self);
const DoorGdaSql *door_gda_statement_cache_parse (DoorGdaStatementCache *self, const char *sql,
                                                  GError **error);
DoorGdaBatch *door_gda_statement_cache_parse_batch (DoorGdaStatementCache *self, const char *sql,
                                                    GError **error);
DoorGdaStatement *door_gda_statement_cache_bind (DoorGdaStatementCache *self, const char *sql,
                                                 GVariant *params, GError **error);
DoorGdaSqlKind door_gda_statement_get_kind (const DoorGdaStatement *self);
int door_gda_statement_execute (DoorGdaStatement *self, GError **error);
GdaDataModel *door_gda_statement_select (DoorGdaStatement *self, GError **error);

/* libgda 5 has none of its own. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GdaDataModel, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GdaSet, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GdaStatement, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorGdaStatementCache, door_gda_statement_cache_free)
