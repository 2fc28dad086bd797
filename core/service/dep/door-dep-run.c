/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-run.h"

#include "door-error.h"
#include "door-lease.h"

/**
 * door_dep_run_build_lease_name:
 * @server: name of a server
 *
 * Names what only one at a time may have: a round with the server, or its removal. Pure.
 *
 * Returns: (transfer full): the name of the lease
 */
char *
door_dep_run_build_lease_name (const char *server)
{
  return g_strconcat ("dep/", server, NULL);
}

/**
 * door_dep_run_keep:
 * @self: a round
 * @error: return location for an error
 *
 * Says that the server is still ours. Blocks for a commit.
 *
 * Returns: false with an error, %DOOR_ERROR_CONFLICT when another instance has it, or %DOOR_ERROR_UNAVAILABLE
 *   when the round is to end
 */
bool
door_dep_run_keep (DoorDepRun *self, GError **error)
{
  g_autofree char *name = door_dep_run_build_lease_name (self->request->name);
  bool taken = false;

  if (g_cancellable_is_cancelled (self->request->cancellable))
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DEP_UNAVAILABLE, "ended early");
  if (!door_lease_take (self->context, name, DOOR_DEP_LEASE_S, &taken, error))
    return false;
  return taken || door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_DEP_UNAVAILABLE,
                                  "another instance has gone on with it");
}

/**
 * door_dep_run_tell:
 * @self: a round
 *
 * Tells whoever waits for the round how far it is. Does not block by itself.
 */
void
door_dep_run_tell (DoorDepRun *self)
{
  self->result->n_read = self->server->n_read;
  self->result->n_calls = self->client.n_calls;
  if (self->request->progress != NULL)
    self->request->progress (self->result, self->request->data);
}
