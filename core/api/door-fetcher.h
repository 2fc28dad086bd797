/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "door-types.h"

/**
 * DoorFetcher:
 *
 * Asks a provider's own API, over HTTPS, with limits of time and size, and the credentials that
 * #DoorFetcherAccess describes. The core implements it, tests bring their own.
 */
#define DOOR_TYPE_FETCHER (door_fetcher_get_type ())
G_DECLARE_INTERFACE (DoorFetcher, door_fetcher, DOOR, FETCHER, GObject)

/**
 * DoorFetcherInterface:
 * @fetch: asks and gives the JSON document of a 200 answer
 *
 * Asks a provider's own API. Blocking; any thread.
 */
struct _DoorFetcherInterface
{
  GTypeInterface parent_iface;

  JsonNode *(*fetch) (DoorFetcher *self, const char *url, JsonNode *body, GCancellable *cancellable,
                      GError **error);
};

JsonNode *door_fetcher_fetch (DoorFetcher *self, const char *url, JsonNode *body, GCancellable *cancellable,
                              GError **error);

/**
 * DoorFetcherAccess:
 * @host: the only host that is asked
 * @token_url: where an access token comes from
 * @scope: what it is asked for
 * @client_id: (nullable): with it, @secret_key is a client secret (RFC 6749, 4.4)
 * @secret_key: name of the key with the secret: a client secret, or else the JSON key of a service account,
 *   which then signs for itself (RFC 7523, 2.1)
 * @subject: (nullable): of a service account: in whose name it asks
 *
 * How a #DoorFetcher gets in. The secret itself stays in the core.
 */
typedef struct
{
  char *host;
  char *token_url;
  char *scope;
  char *client_id;
  char *secret_key;
  char *subject;
} DoorFetcherAccess;

#define DOOR_TYPE_FETCHER_ACCESS (door_fetcher_access_get_type ())

GType door_fetcher_access_get_type (void);
DoorFetcherAccess *door_fetcher_access_new (const char *host, const char *token_url, const char *scope,
                                            const char *secret_key);
DoorFetcherAccess *door_fetcher_access_copy (const DoorFetcherAccess *self);
void door_fetcher_access_free (DoorFetcherAccess *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorFetcherAccess, door_fetcher_access_free)
