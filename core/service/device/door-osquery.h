/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/* How often an agent is asked about its machine. */
#define DOOR_OSQUERY_ASK_MS (60 * 60 * INT64_C (1000))
/* A shorter secret is as if there were none. */
#define DOOR_OSQUERY_MIN_SECRET 16
/* An agent that was silent for so long is forgotten. */
#define DOOR_OSQUERY_SILENT_MS (90 * 24 * 60 * 60 * INT64_C (1000))

/**
 * DoorOsqueryVisit:
 * @body: what the agent sent
 * @address: where it came from, for the limit
 * @request_id: id of the HTTP request
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * An agent of osquery at one of its addresses.
 */
typedef struct
{
  GBytes *body;
  const char *address;
  const char *request_id;
  GCancellable *cancellable;
} DoorOsqueryVisit;

GBytes *door_osquery_enroll (const DoorContext *context, const DoorOsqueryVisit *visit, GError **error);
GBytes *door_osquery_configure (const DoorContext *context, const DoorOsqueryVisit *visit, GError **error);
GBytes *door_osquery_ask (const DoorContext *context, const DoorOsqueryVisit *visit, GError **error);
GBytes *door_osquery_take (const DoorContext *context, const DoorOsqueryVisit *visit, GError **error);
