/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-gda-batch.h"
#include "door-storage.h"

/* How bad a failure of the database is. */
typedef enum
{
  DOOR_GDA_FAILURE_STATEMENT, /* this statement is wrong, or breaks a constraint */
  DOOR_GDA_FAILURE_BUSY,      /* another time it may work; the connection is good */
  DOOR_GDA_FAILURE_LOST,      /* the connection is of no use any more */
} DoorGdaFailure;

/* What differs between databases without code that runs. */
typedef struct
{
  const char *provider;                             /* libgda's name */
  bool dynamic_types;                               /* columns have no type of their own */
  bool numbers_as_text;                             /* see door_gda_value_new() */
  const char *begin[2];                             /* by DoorTxnMode, to read and to write */
  bool single_is_bare;                              /* a lone query needs no transaction around it */
  DoorGdaBatchDialect batch;                        /* how it reads rows out of JSON */
  DoorGdaFailure (*classify) (const char *message); /* what libgda said */
} DoorGdaBackend;

typedef struct _DoorGdaConnection DoorGdaConnection;

DoorGdaConnection *door_gda_connection_new (const DoorGdaBackend *backend, const char *where, const char *who,
                                            GError **error);
void door_gda_connection_free (DoorGdaConnection *self);
gboolean door_gda_connection_run (DoorGdaConnection *self, const char *sql, char **result, GError **error);
gboolean door_gda_connection_begin (DoorGdaConnection *self, DoorTxnMode mode, GError **error);
gboolean door_gda_connection_end (DoorGdaConnection *self, gboolean commit, GError **error);
int64_t door_gda_connection_execute (DoorGdaConnection *self, const char *sql, GVariant *params,
                                     GError **error);
int64_t door_gda_connection_execute_batch (DoorGdaConnection *self, const char *sql, GVariant *rows,
                                           GError **error);
GVariant *door_gda_connection_query (DoorGdaConnection *self, const char *sql, GVariant *params,
                                     GError **error);
DoorTxnMode door_gda_connection_get_mode (const DoorGdaConnection *self);
bool door_gda_connection_is_lost (const DoorGdaConnection *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorGdaConnection, door_gda_connection_free)
