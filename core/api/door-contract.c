/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-contract.h"

#include "door-error.h"

/**
 * door_contract_check:
 * @function: what was called, for the log
 * @success: what it returned
 * @from: (transfer full) (nullable): the error it set
 * @error: return location for an error
 *
 * Holds what an implementation of an interface returned against the contract: an error if and only if it
 * failed. One that breaks it has a bug; nobody above has to live with half a result, or to read a message
 * that is not there. Never blocks.
 *
 * Returns: @success; when it is false, @error is set
 */
bool
door_contract_check (const char *function, bool success, GError *from, GError **error)
{
  if (success && from != NULL)
    {
      g_critical ("%s succeeded with an error: %s", function, from->message);
      g_error_free (from);
    }
  else if (!success && from == NULL)
    {
      g_critical ("%s failed without an error", function);
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_INTERNAL, "%s failed without an error", function);
    }
  else if (from != NULL)
    g_propagate_error (error, from);
  return success;
}
