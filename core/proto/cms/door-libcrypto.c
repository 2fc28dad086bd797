/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-libcrypto.h"

/**
 * door_libcrypto_fail: (skip)
 * @error: (nullable): return location for an error
 * @code: what a caller can act on
 * @fault: the entry of the error catalogue
 * @what: what was being done
 *
 * Sets an error with libcrypto's reason, if it left one, and empties this thread's queue of them, so that
 * a later call does not report this one's. Never blocks.
 */
void
door_libcrypto_fail (GError **error, DoorError code, DoorFault fault, const char *what)
{
  const char *reason = ERR_reason_error_string (ERR_peek_last_error ());

  door_error_set (error, code, fault, "%s%s%s", what, reason != NULL ? ": " : "",
                  reason != NULL ? reason : "");
  ERR_clear_error ();
}
