/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-lease-store.h"

#include "door-row.h"

/**
 * door_lease_store_take:
 * @txn: a transaction
 * @lease: who wants to do what, and for how long
 * @taken: (out): whether the work is now the holder's
 * @error: return location for an error
 *
 * Takes work that nobody does, that the holder does already, or whose holder's time is over. A time that ends
 * later than anybody could have asked for now, with a clock that is ahead by the length of a lease, was
 * written by one that has been set back since: it counts as over, or nobody would do the work for as long as
 * the clock was wrong.
 *
 * Returns: false with an error
 */
bool
door_lease_store_take (DoorTxn *txn, const DoorLease *lease, bool *taken, GError **error)
{
  static const char take[] = "UPDATE lease SET holder = :holder, expires_at = :until WHERE name = :name "
                             "AND (holder = :holder OR expires_at <= :now OR expires_at > :beyond)";
  static const char begin[] = "INSERT INTO lease (name, holder, expires_at) VALUES (:name, :holder, :until) "
                              "ON CONFLICT (name) DO NOTHING";
  int64_t until_ms = lease->now_ms + lease->length_ms;
  bool changed = false;

  if (!door_txn_change (txn, take,
                        door_params_new ("holder", "s", lease->holder, "until", "x", until_ms, "name", "s",
                                         lease->name, "now", "x", lease->now_ms, "beyond", "x",
                                         until_ms + lease->length_ms, NULL),
                        &changed, error))
    return false;
  if (!changed && !door_txn_change (txn, begin,
                                    door_params_new ("name", "s", lease->name, "holder", "s", lease->holder,
                                                     "until", "x", until_ms, NULL),
                                    &changed, error))
    return false;
  *taken = changed;
  return true;
}

/**
 * door_lease_store_release:
 * @txn: a transaction
 * @name: the work
 * @holder: who did it
 * @error: return location for an error
 *
 * Lets others do the work at once. Does nothing when it is somebody else's by now.
 *
 * Returns: false with an error
 */
bool
door_lease_store_release (DoorTxn *txn, const char *name, const char *holder, GError **error)
{
  static const char sql[] = "DELETE FROM lease WHERE name = :name AND holder = :holder";

  return door_txn_change (txn, sql, door_params_new ("name", "s", name, "holder", "s", holder, NULL), NULL,
                          error);
}
