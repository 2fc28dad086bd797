/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <glib.h>

/* Longest text that is kept of what an agent says. */
#define DOOR_OSQUERY_MAX_TEXT 255

/**
 * DoorOsqueryEnroll:
 * @secret: the enroll secret
 * @host_identifier: what the agent is known by, made by it
 *
 * An agent that wants to be known.
 */
typedef struct
{
  char *secret;
  char *host_identifier;
} DoorOsqueryEnroll;

void door_osquery_enroll_clear (DoorOsqueryEnroll *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorOsqueryEnroll, door_osquery_enroll_clear)

/**
 * DoorOsqueryReport:
 * @node_key: what the agent was given
 * @serial: serial number of the hardware, empty when it was not told; so are the next
 * @uuid: UUID of the hardware, which on a Mac is its UDID
 * @hostname: name of the machine
 * @mdm_url: address of the server that manages it
 * @managed: whether the machine says that it is enrolled there
 *
 * What an agent answers to the questions of door_osquery_build_questions().
 */
typedef struct
{
  char *node_key;
  char *serial;
  char *uuid;
  char *hostname;
  char *mdm_url;
  bool managed;
} DoorOsqueryReport;

void door_osquery_report_clear (DoorOsqueryReport *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorOsqueryReport, door_osquery_report_clear)

bool door_osquery_enroll_parse (GBytes *body, DoorOsqueryEnroll *out, GError **error);
char *door_osquery_parse_node_key (GBytes *body, GError **error);
bool door_osquery_report_parse (GBytes *body, DoorOsqueryReport *out, GError **error);
GBytes *door_osquery_build_enrolled (const char *node_key);
GBytes *door_osquery_build_unknown (void);
GBytes *door_osquery_build_config (void);
GBytes *door_osquery_build_questions (bool ask);
GBytes *door_osquery_build_taken (void);
