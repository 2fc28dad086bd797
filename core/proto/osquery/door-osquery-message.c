/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-osquery-message.h"

#include <string.h>

#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-text.h"

/* Rows of a distributed query are three deep; what an agent tells of itself at enrollment is four. */
#define MAX_DEPTH 8
#define SYSTEM_QUESTION "doorward_system"
#define MDM_QUESTION "doorward_mdm"

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "osquery: %s", reason);
}

static JsonObject *
parse (GBytes *body, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) node = door_json_parse (body, MAX_DEPTH, &local);

  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    return json_object_ref (json_node_get_object (node));
  refuse (error, local != NULL ? local->message : "the body is no object");
  return NULL;
}

/* One line of printable text that fits into a column. */
static bool
is_text (const char *text)
{
  return *text != '\0' && strlen (text) <= DOOR_OSQUERY_MAX_TEXT && door_text_is_plain (text);
}

static char *
dup_required (JsonObject *object, const char *name, GError **error)
{
  const char *text = NULL;

  if (!door_json_member_read_string (object, name, &text, error))
    return NULL;
  if (text != NULL && is_text (text))
    return g_strdup (text);
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                  "osquery: %s is not there or no text", name);
  return NULL;
}

/**
 * door_osquery_enroll_clear:
 * @self: a message
 *
 * Frees what it holds; the secret is wiped.
 */
void
door_osquery_enroll_clear (DoorOsqueryEnroll *self)
{
  if (self->secret != NULL)
    explicit_bzero (self->secret, strlen (self->secret));
  g_clear_pointer (&self->secret, g_free);
  g_clear_pointer (&self->host_identifier, g_free);
}

/**
 * door_osquery_report_clear:
 * @self: a message
 *
 * Frees what it holds.
 */
void
door_osquery_report_clear (DoorOsqueryReport *self)
{
  g_clear_pointer (&self->node_key, g_free);
  g_clear_pointer (&self->serial, g_free);
  g_clear_pointer (&self->uuid, g_free);
  g_clear_pointer (&self->hostname, g_free);
  g_clear_pointer (&self->mdm_url, g_free);
}

/**
 * door_osquery_enroll_parse:
 * @body: JSON of POST /enroll
 * @out: (out): what it says
 * @error: return location for an error
 *
 * Reads `enroll_secret` and `host_identifier` (osquery, Remote API, Enrollment). What the agent tells of its
 * machine beside them is not read: it is asked for later, by a query. Pure; any thread.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_osquery_enroll_parse (GBytes *body, DoorOsqueryEnroll *out, GError **error)
{
  g_autoptr (JsonObject) object = parse (body, error);

  *out = (DoorOsqueryEnroll){ NULL };
  if (object == NULL)
    return false;
  out->secret = dup_required (object, "enroll_secret", error);
  out->host_identifier = out->secret != NULL ? dup_required (object, "host_identifier", error) : NULL;
  return out->host_identifier != NULL;
}

/**
 * door_osquery_parse_node_key:
 * @body: JSON of POST /config or /distributed/read
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): its `node_key`, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
char *
door_osquery_parse_node_key (GBytes *body, GError **error)
{
  g_autoptr (JsonObject) object = parse (body, error);

  return object != NULL ? dup_required (object, "node_key", error) : NULL;
}

/* The first row of a question's answer; there is none where the agent could not answer it. */
static bool
find_row (JsonObject *queries, const char *question, JsonObject **out, GError **error)
{
  JsonArray *rows = NULL;
  JsonNode *row;

  *out = NULL;
  if (json_object_has_member (queries, question) &&
      JSON_NODE_HOLDS_VALUE (json_object_get_member (queries, question)))
    return true; /* an empty text in place of no rows, as agents write it */
  if (!door_json_member_read_array (queries, question, &rows, error))
    return false;
  if (rows == NULL || json_array_get_length (rows) == 0)
    return true;
  row = json_array_get_element (rows, 0);
  if (!JSON_NODE_HOLDS_OBJECT (row))
    return refuse (error, "a row is no object");
  *out = json_node_get_object (row);
  return true;
}

/* Columns are texts, whatever they hold; one that is no good is as if it were not there. */
static char *
dup_column (JsonObject *row, const char *name)
{
  JsonNode *node = row != NULL ? json_object_get_member (row, name) : NULL;
  const char *text =
      node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";

  return g_strdup (is_text (text) ? text : "");
}

/**
 * door_osquery_report_parse:
 * @body: JSON of POST /distributed/write
 * @out: (out): what it says
 * @error: return location for an error
 *
 * Reads the answers to our own questions and no others (osquery, Remote API, Distributed queries). Pure; any
 * thread.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_osquery_report_parse (GBytes *body, DoorOsqueryReport *out, GError **error)
{
  g_autoptr (JsonObject) object = parse (body, error);
  g_autofree char *enrolled = NULL;
  JsonObject *queries = NULL, *system = NULL, *mdm = NULL;

  *out = (DoorOsqueryReport){ NULL };
  if (object == NULL)
    return false;
  out->node_key = dup_required (object, "node_key", error);
  if (out->node_key == NULL || !door_json_member_read_object (object, "queries", &queries, error))
    return false;
  if (queries != NULL && (!find_row (queries, SYSTEM_QUESTION, &system, error) ||
                          !find_row (queries, MDM_QUESTION, &mdm, error)))
    return false;
  out->serial = dup_column (system, "hardware_serial");
  out->uuid = dup_column (system, "uuid");
  out->hostname = dup_column (system, "hostname");
  out->mdm_url = dup_column (mdm, "server_url");
  enrolled = dup_column (mdm, "enrolled");
  out->managed = g_str_equal (enrolled, "true") || g_str_equal (enrolled, "1");
  return true;
}

static GBytes *
build (bool invalid, const char *name, JsonObject *member)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_boolean_member (object, "node_invalid", invalid);
  if (member != NULL)
    json_object_set_object_member (object, name, member);
  return door_json_build_object (object);
}

/**
 * door_osquery_build_enrolled:
 * @node_key: what the agent is known by from now on
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_osquery_build_enrolled (const char *node_key)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "node_key", node_key);
  json_object_set_boolean_member (object, "node_invalid", FALSE);
  return door_json_build_object (object);
}

/**
 * door_osquery_build_unknown:
 *
 * What tells an agent to enroll (again). Pure; any thread.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_osquery_build_unknown (void)
{
  return build (true, NULL, NULL);
}

/**
 * door_osquery_build_config:
 *
 * A configuration in which an agent does nothing but answer questions. Pure; any thread.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_osquery_build_config (void)
{
  return build (false, "schedule", json_object_new ());
}

/**
 * door_osquery_build_questions:
 * @ask: whether there is anything to ask now
 *
 * Asks for the machine, and for the server that manages it. The table of the second is of macadmins'
 * extension, which agents for managed Macs bring; the agents that lack it answer the first alone. Pure; any
 * thread.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_osquery_build_questions (bool ask)
{
  JsonObject *queries = json_object_new ();

  if (ask)
    {
      json_object_set_string_member (queries, SYSTEM_QUESTION,
                                     "SELECT hardware_serial, uuid, hostname FROM system_info");
      json_object_set_string_member (queries, MDM_QUESTION, "SELECT enrolled, server_url FROM mdm");
    }
  return build (false, "queries", queries);
}

/**
 * door_osquery_build_taken:
 *
 * What an agent is told when its answers are stored. Pure; any thread.
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_osquery_build_taken (void)
{
  return build (false, NULL, NULL);
}
