/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <gio/gio.h>

#include "door-form.h"
#include "door-headers.h"
#include "door-response.h"

/**
 * DoorRequestParts:
 * @method: the method as received
 * @target: path and query as received, "/scim/v2/okta/Users?count=1"
 * @headers: (nullable): the header fields
 * @params: (nullable) (array zero-terminated=1): variables of the path: name, value, …
 * @body: (nullable): the body
 * @peer: (nullable): address of the client, %NULL: "local"
 * @scheme: (nullable): "http" or "https", %NULL: "https"
 * @host: (nullable): the host asked for, %NULL: "localhost"
 * @client_certificate: (nullable): DER, not verified
 * @id: (nullable): id of the request, %NULL: "-"
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * What a request is made of. The request copies or references all of it.
 */
typedef struct
{
  const char *method;
  const char *target;
  DoorHeaders *headers;
  const char *const *params;
  GBytes *body;
  const char *peer;
  const char *scheme;
  const char *host;
  GBytes *client_certificate;
  const char *id;
  GCancellable *cancellable;
} DoorRequestParts;

typedef struct _DoorRequest DoorRequest;

DoorRequest *door_request_new (const DoorRequestParts *parts, GError **error);
DoorRequest *door_request_ref (DoorRequest *self);
void door_request_unref (DoorRequest *self);
void door_request_complete (DoorRequest *self, const char *const *params, GBytes *body);

const char *door_request_get_method (DoorRequest *self);
const char *door_request_get_path (DoorRequest *self);
const char *door_request_get_path_param (DoorRequest *self, const char *name);
const char *door_request_get_query (DoorRequest *self);
gboolean door_request_lookup_query (DoorRequest *self, const char *name, char **value, GError **error);
DoorForm *door_request_parse_query (DoorRequest *self, GError **error);
DoorForm *door_request_parse_form (DoorRequest *self, size_t max_fields, GError **error);
const char *door_request_get_header (DoorRequest *self, const char *name);
bool door_request_has_content_type (DoorRequest *self, const char *media_type);
gboolean door_request_lookup_cookie (DoorRequest *self, const char *name, char **value, GError **error);
GBytes *door_request_get_body (DoorRequest *self);
const char *door_request_get_peer (DoorRequest *self);
const char *door_request_get_scheme (DoorRequest *self);
const char *door_request_get_host (DoorRequest *self);
GBytes *door_request_get_client_certificate (DoorRequest *self);
const char *door_request_get_id (DoorRequest *self);
DoorResponse *door_request_ask_to_wait (DoorRequest *self);
bool door_request_take_wish_to_wait (DoorRequest *self);
bool door_request_is_waiting (const DoorRequest *self);
GCancellable *door_request_get_cancellable (DoorRequest *self);
void door_request_abandon (DoorRequest *self);
bool door_request_is_abandoned (DoorRequest *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorRequest, door_request_unref)
