/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-access-cell.h"

#include <pthread.h>
#include <string.h>

/* Of one provider; the others need threads too. */
#define MAX_INSIDE 4

struct _DoorAccessCell
{
  pthread_mutex_t lock; /* guards everything below */
  char *token;
  int64_t token_until_s;
  int64_t blocked_until_s;
  unsigned int n_inside;
};

static void
wipe (DoorAccessCell *self)
{
  if (self->token != NULL)
    explicit_bzero (self->token, strlen (self->token));
  g_clear_pointer (&self->token, g_free);
}

/**
 * door_access_cell_new:
 *
 * Returns: (transfer full): what is remembered of a provider's own API: nothing yet
 */
DoorAccessCell *
door_access_cell_new (void)
{
  DoorAccessCell *self = g_new0 (DoorAccessCell, 1);

  pthread_mutex_init (&self->lock, NULL);
  return self;
}

/**
 * door_access_cell_free:
 * @self: (transfer full): a cell
 */
void
door_access_cell_free (DoorAccessCell *self)
{
  wipe (self);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

/**
 * door_access_cell_enter:
 * @self: a cell
 * @now_s: now, by monotonic time
 *
 * Any thread; does not block.
 *
 * Returns: false when too many ask already, or the provider wants to be left alone
 */
bool
door_access_cell_enter (DoorAccessCell *self, int64_t now_s)
{
  bool entered;

  pthread_mutex_lock (&self->lock);
  entered = self->n_inside < MAX_INSIDE && self->blocked_until_s <= now_s;
  self->n_inside += entered ? 1 : 0;
  pthread_mutex_unlock (&self->lock);
  return entered;
}

/**
 * door_access_cell_leave:
 * @self: a cell that was entered
 */
void
door_access_cell_leave (DoorAccessCell *self)
{
  pthread_mutex_lock (&self->lock);
  self->n_inside--;
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_access_cell_block:
 * @self: a cell
 * @until_s: until when nobody asks, by monotonic time
 */
void
door_access_cell_block (DoorAccessCell *self, int64_t until_s)
{
  pthread_mutex_lock (&self->lock);
  self->blocked_until_s = MAX (self->blocked_until_s, until_s);
  pthread_mutex_unlock (&self->lock);
}

/**
 * door_access_cell_dup_token:
 * @self: a cell
 * @now_s: now, by monotonic time
 *
 * Returns: (transfer full) (nullable): an access token that is still good
 */
char *
door_access_cell_dup_token (DoorAccessCell *self, int64_t now_s)
{
  char *token;

  pthread_mutex_lock (&self->lock);
  token = now_s < self->token_until_s ? g_strdup (self->token) : NULL;
  pthread_mutex_unlock (&self->lock);
  return token;
}

/**
 * door_access_cell_set_token:
 * @self: a cell
 * @token: (nullable): an access token
 * @until_s: until when it is used, by monotonic time
 */
void
door_access_cell_set_token (DoorAccessCell *self, const char *token, int64_t until_s)
{
  pthread_mutex_lock (&self->lock);
  wipe (self);
  self->token = g_strdup (token);
  self->token_until_s = token != NULL ? until_s : 0;
  pthread_mutex_unlock (&self->lock);
}
