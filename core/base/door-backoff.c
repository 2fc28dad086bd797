/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-backoff.h"

#include <glib.h>

/**
 * door_backoff_double:
 * @first: how long to wait after the first failure, in any unit, at least 1
 * @times: how many failures there were before this one
 * @most: the longest that is waited, in the same unit
 *
 * Pure.
 *
 * Returns: @first doubled @times times, and no more than @most
 */
int64_t
door_backoff_double (int64_t first, int64_t times, int64_t most)
{
  int64_t wait = MIN (first, most);

  for (; times > 0 && wait < most; times--)
    wait = wait > most / 2 ? most : wait * 2;
  return wait;
}

/**
 * door_backoff_spread:
 * @length: how long to wait
 * @jitter: any number, by door_random_fill()
 *
 * What failed at one time does not come back at one time. Pure.
 *
 * Returns: a quarter less than @length for the smallest @jitter, up to a quarter more for the largest
 */
int64_t
door_backoff_spread (int64_t length, uint32_t jitter)
{
  return length - length / 4 + length / 2 * (int64_t) jitter / UINT32_MAX;
}
