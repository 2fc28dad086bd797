/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"

/**
 * DoorSamlEnd:
 * @connection: name in the address
 * @query: (nullable): the query as it came, for a message by redirect
 * @field: (nullable): name of the field, for a message by form
 * @value: (nullable): its value
 * @relay_state: (nullable): that of the form
 * @address: where the request came from, for the limit
 * @cancellable: (nullable): cancelled when nobody waits for it any more
 *
 * A logout message of an identity provider, carried by a browser.
 */
typedef struct
{
  const char *connection;
  const char *query;
  const char *field;
  const char *value;
  const char *relay_state;
  const char *address;
  GCancellable *cancellable;
} DoorSamlEnd;

bool door_saml_end (const DoorContext *context, const DoorSamlEnd *end, char **url, GError **error);
