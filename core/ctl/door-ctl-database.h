/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-ctl.h"
#include "door-setup.h"
#include "door-state-key.h"

/**
 * DoorCtlDatabase:
 * @setup: configuration and plugins
 * @storage: the database
 * @txn: one snapshot of it
 *
 * The server's data, read beside it.
 */
typedef struct
{
  DoorSetup *setup;
  DoorStorage *storage;
  DoorTxn *txn;
} DoorCtlDatabase;

DoorSetup *door_ctl_open_setup (const DoorCommandLine *line, GError **error);
DoorSetup *door_ctl_open_whole_setup (const DoorCommandLine *line, GError **error);
DoorCtlDatabase *door_ctl_database_open (const DoorCommandLine *line, GError **error);
DoorStateKeyPlace door_ctl_database_find_state_key (const DoorCtlDatabase *self);
DoorTxn *door_ctl_database_begin_write (DoorCtlDatabase *self, GError **error);
void door_ctl_database_free (DoorCtlDatabase *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCtlDatabase, door_ctl_database_free)

GPtrArray *door_ctl_list_connections (const DoorSetup *setup);
DoorConnection *door_ctl_find_connection (const GPtrArray *connections, const char *name, GError **error);

DoorCtlExit door_ctl_status_of (const GError *error);
