/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-body-slots.h"

struct _DoorBodySlots
{
  size_t max;
  size_t max_per_origin;
  size_t n_kept;
  size_t n_taken;
  GHashTable *origins; /* name → number of slots; those that have any */
};

/**
 * door_body_slots_new:
 * @max: bodies on their way at once
 * @max_per_origin: those of them that may be of one origin
 * @n_kept: those of them that an origin which has one already does not get, so that some who are slow with
 *   many do not keep out who comes with one
 *
 * Keeps account of the large bodies that are on their way to one thread. For that thread; never blocks.
 *
 * Returns: (transfer full): the account
 */
DoorBodySlots *
door_body_slots_new (size_t max, size_t max_per_origin, size_t n_kept)
{
  DoorBodySlots *self = g_new0 (DoorBodySlots, 1);

  self->max = max;
  self->max_per_origin = max_per_origin;
  self->n_kept = n_kept;
  self->origins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

/**
 * door_body_slots_free:
 * @self: (transfer full): an account
 */
void
door_body_slots_free (DoorBodySlots *self)
{
  g_hash_table_unref (self->origins);
  g_free (self);
}

/**
 * door_body_slots_take:
 * @self: an account
 * @origin: (nullable): whose body it is, door_peer_trust_dup_origin(); %NULL: not known, counted among all
 *   alone
 *
 * Takes a slot, which door_body_slots_give_back() returns.
 *
 * Returns: false when there is none for this origin
 */
bool
door_body_slots_take (DoorBodySlots *self, const char *origin)
{
  size_t of_origin = origin != NULL ? GPOINTER_TO_SIZE (g_hash_table_lookup (self->origins, origin)) : 0;

  if (self->n_taken >= self->max || of_origin >= self->max_per_origin ||
      (of_origin > 0 && self->n_taken + self->n_kept >= self->max))
    return false;
  self->n_taken++;
  if (origin != NULL)
    g_hash_table_replace (self->origins, g_strdup (origin), GSIZE_TO_POINTER (of_origin + 1));
  return true;
}

/**
 * door_body_slots_give_back:
 * @self: an account
 * @origin: (nullable): what the slot was taken for
 *
 * Returns a slot that was taken.
 */
void
door_body_slots_give_back (DoorBodySlots *self, const char *origin)
{
  size_t of_origin = origin != NULL ? GPOINTER_TO_SIZE (g_hash_table_lookup (self->origins, origin)) : 0;

  self->n_taken--;
  if (of_origin > 1)
    g_hash_table_replace (self->origins, g_strdup (origin), GSIZE_TO_POINTER (of_origin - 1));
  else if (origin != NULL)
    g_hash_table_remove (self->origins, origin);
}
