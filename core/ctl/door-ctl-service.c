/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-service.h"

#include "door-ctl-actor.h"
#include "door-state-key.h"
#include "door-soup-fetcher.h"

#define WRITER_QUEUE 4

/**
 * door_ctl_service_open:
 * @line: the options given
 * @error: return location for an error
 *
 * Opens the database and makes what services need. Connections that cannot be used are told as warnings.
 * Blocks on the file system and the database.
 *
 * Returns: (transfer full): the part of a server, or %NULL with an error
 */
DoorCtlService *
door_ctl_service_open (const DoorCommandLine *line, GError **error)
{
  g_autoptr (DoorCtlService) self = g_new0 (DoorCtlService, 1);
  DoorContext *context = &self->context;
  const DoorSetup *setup;

  self->database = door_ctl_database_open (line, error);
  if (self->database == NULL)
    return NULL;
  self->actor = door_ctl_actor_dup ();
  setup = self->database->setup;
  self->policy = door_setup_make_policy (door_setup_get_config (setup));
  context->policy = self->policy;
  context->storage = self->database->storage;
  context->clock = door_clock_new_system ();
  context->random = door_random_new_system ();
  context->instance = door_random_dup_uuid (context->random); /* by which it holds a lease */
  context->fetch = door_soup_fetch;
  context->development = door_setup_is_development (setup);
  context->connections = door_ctl_list_connections (setup);
  self->objects = door_objects_new (setup, context->storage);
  context->objects = door_objects_get_host (self->objects);
  g_clear_pointer (&self->database->txn, door_txn_free); /* nothing may be older than what is written here */
  context->writer = door_writer_new (context->storage, 1, WRITER_QUEUE, 1);
  return g_steal_pointer (&self);
}

/**
 * door_ctl_service_load_state_key:
 * @self: the part of a server
 * @error: return location for an error
 *
 * Reads the key with which secrets are sealed in the database. It is never made here: one of our own would
 * lock the server out of what is sealed with it. Blocks on the file system.
 *
 * Returns: false with an error
 */
bool
door_ctl_service_load_state_key (DoorCtlService *self, GError **error)
{
  const DoorStateKeyPlace place = door_ctl_database_find_state_key (self->database);

  self->context.state_key = door_state_key_open (&place, error);
  return self->context.state_key != NULL;
}

/**
 * door_ctl_service_free:
 * @self: (transfer full): the part of a server
 */
void
door_ctl_service_free (DoorCtlService *self)
{
  g_clear_pointer (&self->context.writer, door_writer_free);
  g_clear_pointer (&self->context.connections, g_ptr_array_unref);
  g_clear_pointer (&self->context.state_key, door_secret_unref);
  g_clear_pointer (&self->objects, door_objects_free);
  g_clear_pointer (&self->context.instance, g_free);
  g_clear_pointer (&self->context.random, door_random_unref);
  g_clear_pointer (&self->context.clock, door_clock_free);
  g_clear_pointer (&self->policy, door_policy_free);
  g_clear_pointer (&self->actor, g_free);
  g_clear_pointer (&self->database, door_ctl_database_free);
  g_free (self);
}
