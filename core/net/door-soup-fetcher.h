/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

/**
 * DoorFetchRequest:
 * @url: what to fetch, by GET
 * @max_bytes: largest answer accepted
 * @timeout_s: longest silence, seconds
 * @allow_http: plain http is tolerated, but only to this machine
 *
 * A bounded outgoing request.
 */
typedef struct
{
  const char *url;
  size_t max_bytes;
  unsigned int timeout_s;
  bool allow_http;
} DoorFetchRequest;

GBytes *door_soup_fetch (const DoorFetchRequest *request, GCancellable *cancellable, GError **error);
