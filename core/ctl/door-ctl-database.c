/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-database.h"

#include "door-connections.h"
#include "door-ctl-world.h"
#include "door-error.h"
#include "door-objects.h"
#include "door-schema.h"

/**
 * door_ctl_open_setup:
 * @line: the options given
 * @error: return location for an error
 *
 * Configuration and plugins as the server has them. Blocks on the file system.
 *
 * Returns: (transfer full): the setup, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorSetup *
door_ctl_open_setup (const DoorCommandLine *line, GError **error)
{
  g_autofree char *credentials = door_ctl_dup_credentials_folder (NULL);
  DoorSetupOptions options = {
    .credentials_folder = credentials,
    .config_file = door_command_line_get_value (line, "config"),
    .state_folder = door_command_line_get_value (line, "state-dir"),
    .plugin_folder = door_command_line_get_value (line, "plugin-dir"),
    .development = door_command_line_has (line, "dev"),
  };

  return door_setup_new (&options, error);
}

/* Statements for another schema would fail one by one, in the database's own words. */
static bool
has_our_schema (DoorStorage *storage, GError **error)
{
  g_autoptr (DoorSchema) schema = door_schema_new (error);

  return schema != NULL && door_schema_check (storage, schema, error);
}

/* A part of the configuration is in the database. */
static bool
complete_config (DoorCtlDatabase *self, GError **error)
{
  g_autoptr (DoorObjects) objects = door_objects_new (self->setup, self->storage);
  g_autoptr (DoorConfig) config = door_objects_reread (objects, error);

  if (config == NULL || !door_config_check (config, error))
    return false;
  door_setup_set_config (self->setup, config);
  return true;
}

/**
 * door_ctl_database_open:
 * @line: the options given
 * @error: return location for an error
 *
 * Opens the server's database for reading; the server may run or not. Blocking.
 *
 * Returns: (transfer full): the database, or %NULL with an error, %DOOR_FAULT_DB_SCHEMA when it is that of
 *   another version, %DOOR_FAULT_DB_EMPTY when no server has used it
 */
DoorCtlDatabase *
door_ctl_database_open (const DoorCommandLine *line, GError **error)
{
  g_autoptr (DoorCtlDatabase) self = g_new0 (DoorCtlDatabase, 1);

  self->setup = door_ctl_open_setup (line, error);
  self->storage = self->setup != NULL ? door_setup_open_storage (self->setup, error) : NULL;
  if (self->storage == NULL || !has_our_schema (self->storage, error) || !complete_config (self, error))
    return NULL;
  self->txn = door_storage_begin (self->storage, DOOR_TXN_READ, NULL, error);
  return self->txn != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * door_ctl_database_find_state_key:
 * @self: a database
 *
 * Returns: where the key is with which it is sealed; good for as long as @self is
 */
DoorStateKeyPlace
door_ctl_database_find_state_key (const DoorCtlDatabase *self)
{
  return (DoorStateKeyPlace){
    .storage = self->storage,
    .database = door_config_get_settings (door_setup_get_config (self->setup), "database"),
    .state_folder = door_setup_get_state_folder (self->setup),
  };
}

/**
 * door_ctl_database_begin_write:
 * @self: a database
 * @error: return location for an error
 *
 * Begins a transaction that writes, after the one that reads has ended: nothing may be older than what is
 * written. Blocks for the database.
 *
 * Returns: (transfer full): the transaction, or %NULL with an error
 */
DoorTxn *
door_ctl_database_begin_write (DoorCtlDatabase *self, GError **error)
{
  g_clear_pointer (&self->txn, door_txn_free);
  return door_storage_begin (self->storage, DOOR_TXN_WRITE, NULL, error);
}

/**
 * door_ctl_open_whole_setup:
 * @line: the options given
 * @error: return location for an error
 *
 * Configuration and plugins as the server has them, with what stands in its database where that can be read;
 * without the database the files alone. Blocking.
 *
 * Returns: (transfer full): the setup, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorSetup *
door_ctl_open_whole_setup (const DoorCommandLine *line, GError **error)
{
  g_autoptr (DoorCtlDatabase) database = door_ctl_database_open (line, NULL);

  return database != NULL ? g_steal_pointer (&database->setup) : door_ctl_open_setup (line, error);
}

/**
 * door_ctl_database_free:
 * @self: (transfer full): a database
 */
void
door_ctl_database_free (DoorCtlDatabase *self)
{
  g_clear_pointer (&self->txn, door_txn_free);
  g_clear_object (&self->storage);
  g_clear_pointer (&self->setup, door_setup_free);
  g_free (self);
}

/**
 * door_ctl_status_of:
 * @error: why something could not be shown
 *
 * Returns: %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_status_of (const GError *error)
{
  return g_error_matches (error, DOOR_ERROR, DOOR_ERROR_NOT_FOUND) ? DOOR_CTL_NOT_FOUND : DOOR_CTL_ERROR;
}

/**
 * door_ctl_list_connections:
 * @setup: configuration and plugins
 *
 * Makes the connections the server would have; what keeps one from being usable goes to the log. Blocks on
 * the file system.
 *
 * Returns: (transfer full) (element-type DoorConnection): the connections, without metadata
 */
GPtrArray *
door_ctl_list_connections (const DoorSetup *setup)
{
  const DoorConfig *config = door_setup_get_config (setup);
  g_autoptr (DoorPolicy) policy = door_setup_make_policy (config);
  g_autoptr (GPtrArray) failures = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *connections = door_setup_make_connections (setup, config, policy, failures);

  for (guint i = 0; i < failures->len; i++)
    g_warning ("%s", (const char *) g_ptr_array_index (failures, i));
  return connections;
}

/**
 * door_ctl_find_connection:
 * @connections: (element-type DoorConnection): all of them
 * @name: what the administrator has written
 * @error: return location for an error
 *
 * Returns: (transfer none): the connection, or %NULL with %DOOR_ERROR_NOT_FOUND
 */
DoorConnection *
door_ctl_find_connection (const GPtrArray *connections, const char *name, GError **error)
{
  DoorConnection *connection = door_connections_lookup (connections, name);

  if (connection == NULL)
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                    "there is no usable [idp/%s]; doorctl config check tells why, doorctl idp list shows the "
                    "others",
                    name);
  return connection;
}
