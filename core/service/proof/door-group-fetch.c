/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-group-fetch.h"

#include "door-access-cell.h"
#include "door-error.h"
#include "door-idp-fetcher.h"

/* What the answer itself said stays true: it may have named other things too, such as roles. */
static void
take_groups (DoorIdentity *identity, char **fetched)
{
  const char *const *before = door_identity_get_groups (identity);
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_free);

  for (size_t i = 0; before[i] != NULL; i++)
    g_ptr_array_add (all, g_strdup (before[i]));
  for (size_t i = 0; fetched[i] != NULL; i++)
    if (!g_strv_contains (before, fetched[i]))
      g_ptr_array_add (all, g_strdup (fetched[i]));
  g_ptr_array_add (all, NULL);
  door_identity_set_groups (identity, (const char *const *) all->pdata, true);
}

static bool
fetch (const DoorContext *context, const DoorSignIn *sign_in, const DoorFetcherAccess *access,
       DoorIdentity *identity, GError **error)
{
  g_autoptr (DoorFetcher) fetcher = door_idp_fetcher_new (context, sign_in->connection, access);
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) groups = door_idp_fetch_groups (door_connection_get_idp (sign_in->connection), identity,
                                                 fetcher, sign_in->cancellable, &local);

  if (groups == NULL)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_GROUPS, "idp/%s: groups: %s",
                           door_connection_get_name (sign_in->connection), local->message);
  take_groups (identity, groups);
  return true;
}

/**
 * door_group_fetch_complete:
 * @context: what every service needs
 * @sign_in: a sign-in whose proof holds
 * @identity: who it is; gets the groups
 * @error: return location for an error
 *
 * Asks the provider for the groups when its answer did not have all of them and it can be asked. For whoever
 * decides by groups, and for nobody else: it blocks on the network. Where that may not be, it says so in
 * @sign_in and fails.
 *
 * Returns: false with %DOOR_FAULT_IDP_GROUPS; true also when the groups stay incomplete because nobody can be
 *   asked
 */
bool
door_group_fetch_complete (const DoorContext *context, const DoorSignIn *sign_in, DoorIdentity *identity,
                           GError **error)
{
  g_autoptr (DoorFetcherAccess) access = NULL;
  DoorAccessCell *cell = door_connection_get_access_cell (sign_in->connection);
  bool done;

  if (door_identity_groups_complete (identity))
    return true;
  access = door_idp_dup_access (door_connection_get_idp (sign_in->connection));
  if (access == NULL)
    return true;
  if (sign_in->must_wait != NULL)
    {
      *sign_in->must_wait = true;
      return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_GROUPS,
                             "idp/%s: groups must be asked for",
                             door_connection_get_name (sign_in->connection));
    }
  if (!door_access_cell_enter (cell, door_clock_monotonic_s (context->clock)))
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_IDP_GROUPS,
                           "idp/%s: groups: the provider is asked too much as it is",
                           door_connection_get_name (sign_in->connection));
  done = fetch (context, sign_in, access, identity, error);
  door_access_cell_leave (cell);
  return done;
}
