/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-oidc-cell.h"

#include "door-error.h"

/**
 * door_oidc_cell_new:
 *
 * Returns: (transfer full): a cell that knows nothing yet
 */
DoorOidcCell *
door_oidc_cell_new (void)
{
  DoorOidcCell *self = g_atomic_rc_box_new0 (DoorOidcCell);

  pthread_mutex_init (&self->lock, NULL);
  pthread_cond_init (&self->changed, NULL);
  return self;
}

/**
 * door_oidc_cell_ref:
 * @self: a cell
 *
 * Returns: (transfer full): @self
 */
DoorOidcCell *
door_oidc_cell_ref (DoorOidcCell *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer box)
{
  DoorOidcCell *self = box;

  g_clear_pointer (&self->discovery, door_oidc_discovery_unref);
  g_clear_pointer (&self->keys, door_jwk_set_unref);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->lock);
}

/**
 * door_oidc_cell_unref:
 * @self: (transfer full): a cell
 */
void
door_oidc_cell_unref (DoorOidcCell *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

static bool
enter (DoorOidcCell *self, unsigned int most, const char *name, GError **error)
{
  bool entered;

  pthread_mutex_lock (&self->lock);
  entered = self->n_waiting < most;
  self->n_waiting += entered ? 1 : 0;
  pthread_mutex_unlock (&self->lock);
  return entered || door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_HTTP_BUSY,
                                    "idp/%s: too many wait for the provider", name);
}

/**
 * door_oidc_cell_enter:
 * @self: a cell
 * @name: name of the connection
 * @error: return location for an error
 *
 * Takes one of the places for threads that wait for this provider; door_oidc_cell_leave() gives it back.
 *
 * Returns: false with %DOOR_FAULT_HTTP_BUSY when there is none
 */
bool
door_oidc_cell_enter (DoorOidcCell *self, const char *name, GError **error)
{
  return enter (self, DOOR_OIDC_MAX_WAITING, name, error);
}

/**
 * door_oidc_cell_enter_stranger:
 * @self: a cell
 * @name: name of the connection
 * @error: return location for an error
 *
 * As door_oidc_cell_enter(), for what anybody can send: the last places are kept for others.
 *
 * Returns: false with %DOOR_FAULT_HTTP_BUSY when there is none
 */
bool
door_oidc_cell_enter_stranger (DoorOidcCell *self, const char *name, GError **error)
{
  return enter (self, DOOR_OIDC_MAX_STRANGERS, name, error);
}

/**
 * door_oidc_cell_leave:
 * @self: a cell that was entered
 */
void
door_oidc_cell_leave (DoorOidcCell *self)
{
  pthread_mutex_lock (&self->lock);
  self->n_waiting--;
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_oidc_cell_is_broken:
 * @self: a cell
 *
 * Returns: whether nothing is known of the provider although it was asked
 */
bool
door_oidc_cell_is_broken (DoorOidcCell *self)
{
  bool broken;

  pthread_mutex_lock (&self->lock);
  broken = self->discovery == NULL && self->tried_s != 0 && !self->busy;
  pthread_mutex_unlock (&self->lock);
  return broken;
}
