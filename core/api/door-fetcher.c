/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-fetcher.h"

#include "door-contract.h"

G_DEFINE_INTERFACE (DoorFetcher, door_fetcher, G_TYPE_OBJECT)

static void
door_fetcher_default_init (DoorFetcherInterface *iface)
{
}

/**
 * door_fetcher_fetch:
 * @self: a fetcher
 * @url: an https address at the host of its access
 * @body: (nullable): what to send, by POST; %NULL asks by GET
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Asks the provider's own API. Blocking; any thread that may wait for the network.
 *
 * Returns: (transfer full): the document of a 200 answer, or %NULL with %DOOR_ERROR_NOT_ALLOWED for another
 *   host or a status of 401 or 403, %DOOR_ERROR_NOT_FOUND for 404, %DOOR_ERROR_INVALID_DATA when the answer
 * is not JSON, and else %DOOR_ERROR_UNAVAILABLE
 */
JsonNode *
door_fetcher_fetch (DoorFetcher *self, const char *url, JsonNode *body, GCancellable *cancellable,
                    GError **error)
{
  JsonNode *node;
  GError *from = NULL;

  g_return_val_if_fail (DOOR_IS_FETCHER (self), NULL);
  node = DOOR_FETCHER_GET_IFACE (self)->fetch (self, url, body, cancellable, &from);
  if (from != NULL)
    g_clear_pointer (&node, json_node_unref);
  return door_contract_check ("DoorFetcher.fetch", node != NULL, from, error) ? node : NULL;
}

G_DEFINE_BOXED_TYPE (DoorFetcherAccess, door_fetcher_access, door_fetcher_access_copy,
                     door_fetcher_access_free)

/**
 * door_fetcher_access_new:
 * @host: the only host that is asked
 * @token_url: where an access token comes from
 * @scope: what it is asked for
 * @secret_key: name of the key with the secret
 *
 * Describes how to get in; the other members may be set by hand. Never blocks.
 *
 * Returns: (transfer full): the description
 */
DoorFetcherAccess *
door_fetcher_access_new (const char *host, const char *token_url, const char *scope, const char *secret_key)
{
  DoorFetcherAccess *self = g_new0 (DoorFetcherAccess, 1);

  self->host = g_strdup (host);
  self->token_url = g_strdup (token_url);
  self->scope = g_strdup (scope);
  self->secret_key = g_strdup (secret_key);
  return self;
}

/**
 * door_fetcher_access_copy:
 * @self: a description
 *
 * Copies it. Never blocks.
 *
 * Returns: (transfer full): a copy
 */
DoorFetcherAccess *
door_fetcher_access_copy (const DoorFetcherAccess *self)
{
  DoorFetcherAccess *copy =
      door_fetcher_access_new (self->host, self->token_url, self->scope, self->secret_key);

  copy->client_id = g_strdup (self->client_id);
  copy->subject = g_strdup (self->subject);
  return copy;
}

/**
 * door_fetcher_access_free:
 * @self: (transfer full): a description
 *
 * Frees it.
 */
void
door_fetcher_access_free (DoorFetcherAccess *self)
{
  g_free (self->host);
  g_free (self->token_url);
  g_free (self->scope);
  g_free (self->client_id);
  g_free (self->secret_key);
  g_free (self->subject);
  g_free (self);
}
