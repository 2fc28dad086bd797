/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * DoorFetchRequest:
 * @method: (nullable): "GET", which %NULL stands for, or another one
 * @url: the address
 * @headers: (nullable) (array zero-terminated=1): name, value, …
 * @content_type: (nullable): media type of @body
 * @body: (nullable): what to send
 * @max_bytes: largest answer accepted
 * @timeout_s: longest time until the answer is there as a whole, seconds
 * @allow_http: plain http is tolerated, but only to this machine
 * @allow_private: addresses of this machine and of networks that are not public are tolerated
 * @take_redirect: an answer that leads to another address is the answer, and is not followed
 * @trust: (nullable): certificate (PEM) of one more authority that may vouch for the server
 * @take_header: (nullable): name of a header of the answer that is wanted
 *
 * A bounded outgoing request.
 */
typedef struct
{
  const char *method;
  const char *url;
  const char *const *headers;
  const char *content_type;
  GBytes *body;
  size_t max_bytes;
  unsigned int timeout_s;
  bool allow_http;
  bool allow_private;
  bool take_redirect;
  const char *trust;
  const char *take_header;
} DoorFetchRequest;

/**
 * DoorFetchAnswer:
 * @status: HTTP status
 * @content_type: (nullable): media type without parameters
 * @body: what came
 * @retry_after_s: how long the server wants to be left alone (Retry-After), 0 when it does not say
 * @max_age_s: how long it may be kept (Cache-Control), -1 when it does not say
 * @date_ms: what time it is over there (Date), milliseconds since 1970, UTC; 0 when it does not say
 * @header: (nullable): value of the header that was wanted, %NULL when it is not there
 *
 * What came back. All 0 at first.
 */
typedef struct
{
  unsigned int status;
  char *content_type;
  GBytes *body;
  int64_t retry_after_s;
  int64_t max_age_s;
  int64_t date_ms;
  char *header;
} DoorFetchAnswer;

/**
 * DoorFetchFunc:
 * @request: what to ask
 * @answer: (out caller-allocates): the answer, whatever its status; clear it
 * @cancellable: (nullable): ends it early
 * @error: return location for an error
 *
 * Asks another server. Blocking.
 *
 * Returns: false with %DOOR_ERROR_UNAVAILABLE when no answer came, or %DOOR_ERROR_CONFIG for an address that
 *   is not allowed
 */
typedef bool (*DoorFetchFunc) (const DoorFetchRequest *request, DoorFetchAnswer *answer,
                               GCancellable *cancellable, GError **error);

void door_fetch_answer_clear (DoorFetchAnswer *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorFetchAnswer, door_fetch_answer_clear)
