/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-gda-connection.h"
#include "door-owner.h"

#define DOOR_TYPE_GDA_STORAGE (door_gda_storage_get_type ())
G_DECLARE_DERIVABLE_TYPE (DoorGdaStorage, door_gda_storage, DOOR, GDA_STORAGE, GObject)

/**
 * DoorGdaStorageClass:
 * @backend: what differs without code
 * @setup: (array zero-terminated=1): statements for each new connection, in this order
 * @max_writers: most transactions that write at the same time
 * @configure: reads and checks the backend's own keys; no I/O
 * @find_owner: (nullable): blocking; as whom files are touched
 * @prepare_open: (nullable): blocking; what must be there before the first connection
 * @check_connect: (nullable): blocking; whether a new connection makes sense
 * @dup_where: (transfer full): libgda's connection string
 * @dup_who: (nullable): (transfer full) (nullable): libgda's authentication string; wiped after use
 * @prepare_connection: (nullable): blocking; what a new connection needs beside @setup for transactions of
 *   one mode
 *
 * A #DoorStorage over libgda. A subclass says what is particular about its database.
 */
struct _DoorGdaStorageClass
{
  GObjectClass parent_class;

  const DoorGdaBackend *backend;
  const char *const *setup;
  unsigned int max_writers;
  gboolean (*configure) (DoorGdaStorage *self, DoorSettings *settings, GError **error);
  DoorOwner (*find_owner) (DoorGdaStorage *self);
  gboolean (*prepare_open) (DoorGdaStorage *self, GError **error);
  gboolean (*check_connect) (DoorGdaStorage *self, GError **error);
  char *(*dup_where) (DoorGdaStorage *self);
  char *(*dup_who) (DoorGdaStorage *self);
  gboolean (*prepare_connection) (DoorGdaStorage *self, DoorGdaConnection *connection, DoorTxnMode mode,
                                  GError **error);
};
