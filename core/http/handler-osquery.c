/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handlers.h"

#include "door-osquery.h"

typedef GBytes *(*Answer) (const DoorContext *context, const DoorOsqueryVisit *visit, GError **error);

/* Agents call their bodies by several types; what is no JSON is told by reading it. */
static DoorResponse *
answer (gpointer context, DoorRequest *request, Answer service, GError **error)
{
  const DoorWeb *web = context;
  const DoorOsqueryVisit visit = {
    .body = door_request_get_body (request),
    .address = door_request_get_peer (request),
    .request_id = door_request_get_id (request),
    .cancellable = door_request_get_cancellable (request),
  };
  GBytes *body = service (web->service, &visit, error);
  DoorResponse *response;

  if (body == NULL)
    return NULL;
  response = door_response_new (200);
  door_response_take_body (response, body, "application/json; charset=utf-8");
  door_response_set_header (response, "Cache-Control", "no-store");
  return response;
}

/**
 * door_handle_osquery_enroll:
 * @context: a #DoorWeb
 * @request: POST of JSON, by an agent of osquery
 * @error: return location for an error
 *
 * Gives an agent its key (osquery, Remote API, Enrollment).
 *
 * Returns: (transfer full): the answer, or %NULL with an error
 */
DoorResponse *
door_handle_osquery_enroll (gpointer context, DoorRequest *request, GError **error)
{
  return answer (context, request, door_osquery_enroll, error);
}

/**
 * door_handle_osquery_config:
 * @context: a #DoorWeb
 * @request: POST of JSON, by an agent of osquery
 * @error: return location for an error
 *
 * What an agent does by itself (osquery, Remote API, Configuration).
 *
 * Returns: (transfer full): the answer, or %NULL with an error
 */
DoorResponse *
door_handle_osquery_config (gpointer context, DoorRequest *request, GError **error)
{
  return answer (context, request, door_osquery_configure, error);
}

/**
 * door_handle_osquery_read:
 * @context: a #DoorWeb
 * @request: POST of JSON, by an agent of osquery
 * @error: return location for an error
 *
 * What an agent is asked (osquery, Remote API, Distributed queries).
 *
 * Returns: (transfer full): the answer, or %NULL with an error
 */
DoorResponse *
door_handle_osquery_read (gpointer context, DoorRequest *request, GError **error)
{
  return answer (context, request, door_osquery_ask, error);
}

/**
 * door_handle_osquery_write:
 * @context: a #DoorWeb
 * @request: POST of JSON, by an agent of osquery
 * @error: return location for an error
 *
 * What it answers.
 *
 * Returns: (transfer full): the answer, or %NULL with an error
 */
DoorResponse *
door_handle_osquery_write (gpointer context, DoorRequest *request, GError **error)
{
  return answer (context, request, door_osquery_take, error);
}
