/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-onward.h"

#include "door-oauth2-grant.h"
#include "door-paths.h"
#include "door-ticket.h"
#include "door-token.h"

/* Where a device's own browser gives the access token to the device (Apple, account-driven enrollment). */
#define RESULT_URL "apple-remotemanagement-user-login://authentication-results?access-token="

/**
 * door_onward_clear:
 * @self: a value
 */
void
door_onward_clear (DoorOnward *self)
{
  g_clear_pointer (&self->location, g_free);
}

/* A code goes to the address by which the device has asked for it. */
static bool
find_device (const DoorContext *context, const char *code, GCancellable *cancellable, char **out,
             GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, cancellable, error);

  return txn != NULL && door_oauth2_grant_find_location (txn, code, out, error);
}

/**
 * door_onward_find:
 * @context: what every service needs
 * @ticket: an access token or a ticket
 * @cancellable: (nullable): stops waiting
 * @out: (out caller-allocates): where to; clear it
 * @error: return location for an error
 *
 * Says where the holder of an access token or a ticket goes next: to the terms that he has not agreed to yet,
 * else an access token or a code to the device's own scheme, and no other ticket ever there; a ticket to the
 * profile, whose host is that of MdmUrl, and where a person installs that by hand to the page that says how.
 * Blocks for a read.
 *
 * Returns: false with an error; %DOOR_FAULT_TOKEN_TICKET when there is none, or it is over
 */
bool
door_onward_find (const DoorContext *context, const char *ticket, GCancellable *cancellable, DoorOnward *out,
                  GError **error)
{
  const char *mdm_url = door_policy_get_mdm_url (context->policy);
  g_autoptr (DoorAccessToken) token = NULL;

  if (!door_ticket_read (context, ticket, cancellable, &token, error))
    return false;
  out->status = 303;
  if (!door_token_is_agreed (token))
    out->location = g_strconcat (DOOR_PATH_EULA (""), ticket, NULL);
  else if (g_str_equal (token->kind, DOOR_TOKEN_ACCOUNT))
    {
      out->status = 308;
      out->location = g_strconcat (RESULT_URL, ticket, NULL);
    }
  else if (g_str_equal (token->kind, DOOR_TOKEN_CODE))
    {
      out->status = 308;
      return find_device (context, ticket, cancellable, &out->location, error);
    }
  else if (g_str_equal (token->kind, DOOR_TOKEN_LINK))
    out->location = g_strconcat (mdm_url, DOOR_PATH_INSTALL (""), ticket, NULL);
  else
    out->location = g_strconcat (mdm_url, DOOR_PATH_PROFILE (""), ticket, NULL);
  return true;
}
