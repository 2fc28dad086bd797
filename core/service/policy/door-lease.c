/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-lease.h"

#include "door-lease-store.h"

typedef struct
{
  DoorLease lease;
  bool taken;
} Claim;

static gboolean
write_take (DoorTxn *txn, gpointer data, GError **error)
{
  Claim *claim = data;

  return door_lease_store_take (txn, &claim->lease, &claim->taken, error);
}

/**
 * door_lease_take:
 * @context: what every service needs
 * @name: the work
 * @length_s: how long it is this instance's alone, in case it does not say that it is done
 * @taken: (out): false when another instance does it
 * @error: return location for an error
 *
 * Claims work that only one of the instances on a database is to do. Blocks for the commit.
 *
 * Returns: false with an error
 */
bool
door_lease_take (const DoorContext *context, const char *name, int64_t length_s, bool *taken, GError **error)
{
  Claim claim = {
    .lease = { .name = name,
               .holder = context->instance,
               .now_ms = door_clock_now_ms (context->clock),
               .length_ms = length_s * 1000 },
  };

  if (!door_writer_run (context->writer, write_take, &claim, NULL, error))
    return false;
  *taken = claim.taken;
  return true;
}

typedef struct
{
  const char *name;
  const char *holder;
} Release;

static gboolean
write_release (DoorTxn *txn, gpointer data, GError **error)
{
  const Release *release = data;

  return door_lease_store_release (txn, release->name, release->holder, error);
}

/**
 * door_lease_release:
 * @context: what every service needs
 * @name: the work
 *
 * Says that the work is done, so that others may do it again. Blocks for the commit. If it cannot be said,
 * the lease ends by itself.
 */
void
door_lease_release (const DoorContext *context, const char *name)
{
  Release release = { name, context->instance };
  g_autoptr (GError) error = NULL;

  if (!door_writer_run (context->writer, write_release, &release, NULL, &error))
    g_info ("lease %s: not released: %s", name, error->message);
}
