/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-connection.h"
#include "door-context.h"
#include "door-saml-message.h"

/**
 * DoorSamlEnd:
 * @connection: name in the address
 * @query: (nullable): the query as it came, for a message by redirect
 * @field: (nullable): name of the field, for a message by form
 * @value: (nullable): its value
 * @relay_state: (nullable): that of the form
 * @cookie: (nullable): value of the cookie of a logout that began here
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
  const char *cookie;
  const char *address;
  GCancellable *cancellable;
} DoorSamlEnd;

/**
 * DoorSamlEnded:
 * @connection: the identity provider
 * @url: (nullable): its address with our answer, by redirect
 * @form: our answer by form, where @url is %NULL
 * @answered: the message was an answer itself
 * @complete: it says that all has ended
 *
 * How a browser goes on that has brought a logout message. Without @url and @form it stays here.
 */
typedef struct
{
  const DoorConnection *connection;
  char *url;
  DoorSamlForm form;
  bool answered;
  bool complete;
} DoorSamlEnded;

void door_saml_ended_clear (DoorSamlEnded *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorSamlEnded, door_saml_ended_clear)

bool door_saml_end (const DoorContext *context, const DoorSamlEnd *end, DoorSamlEnded *out, GError **error);
