/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-osquery.h"

#include <string.h>

#include "door-device-store.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-hex.h"
#include "door-log.h"
#include "door-osquery-message.h"
#include "door-osquery-store.h"
#include "door-paths.h"
#include "door-turn.h"

/* An agent asks every few seconds; that it was seen is noted no more often than this. */
#define SEEN_STEP_MS (10 * 60 * INT64_C (1000))

/* By what a secret is known here; whoever reads the database cannot try secrets. */
static char *
dup_mark (const DoorContext *context, const char *secret)
{
  uint8_t digest[DOOR_SHA256_SIZE];
  size_t size;
  const uint8_t *key = door_secret_get_data (context->state_key, &size);

  door_digest_hmac_sha256 (key, size, "osquery secret", secret, digest);
  return door_hex_encode (digest, sizeof digest);
}

/* Whether a secret that is known by that lets agents in, now. */
static bool
lets_in (const DoorContext *context, const DoorSettings *settings, const char *mark)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSecret) own = NULL;
  g_auto (GStrv) lines = NULL;
  bool found = false;

  if (settings == NULL)
    return false;
  own = door_settings_dup_secret (settings, "OsquerySecret", &error);
  if (own == NULL)
    {
      g_warning ("OsquerySecret: %s", error->message);
      return false;
    }
  /* several, one a line, while one takes the place of another */
  lines = g_strsplit (door_secret_get_text (own), "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      g_autofree char *right = NULL;

      g_strstrip (*line);
      if (**line != '\0' && strlen (*line) < DOOR_OSQUERY_MIN_SECRET)
        g_info ("OsquerySecret: a secret of fewer than %d bytes lets nobody in", DOOR_OSQUERY_MIN_SECRET);
      right = dup_mark (context, *line);
      found = found || (strlen (*line) >= DOOR_OSQUERY_MIN_SECRET && door_digest_equal (mark, right));
      explicit_bzero (*line, strlen (*line));
    }
  return found;
}

/* A team's own secret opens that team alone, and the one of [enrollment] what belongs to none. */
static const DoorTeam *
find_team (const DoorContext *context, const char *mark)
{
  const GPtrArray *teams = door_policy_get_teams (context->policy);
  const DoorTeam *none = door_policy_lookup_team (context->policy, "");

  for (guint i = 0; i < teams->len; i++)
    {
      const DoorTeam *team = g_ptr_array_index (teams, i);

      if (lets_in (context, team->osquery, mark))
        return team;
    }
  return lets_in (context, none->osquery, mark) ? none : NULL;
}

static gboolean
write_enroll (DoorTxn *txn, gpointer data, GError **error)
{
  return door_osquery_store_enroll (txn, data, error);
}

/**
 * door_osquery_enroll:
 * @context: what every service needs
 * @visit: an agent that wants to be known
 * @error: return location for an error
 *
 * Gives an agent a key of its own for the enroll secret of a team (osquery, Remote API, Enrollment). Blocks
 * for the commit.
 *
 * Returns: (transfer full): JSON; with a wrong secret the agent is told that it is unknown; %NULL with an
 * error
 */
GBytes *
door_osquery_enroll (const DoorContext *context, const DoorOsqueryVisit *visit, GError **error)
{
  g_auto (DoorOsqueryEnroll) message = { NULL };
  g_autofree char *key = NULL, *key_hash = NULL, *mark = NULL;
  const DoorTeam *team;
  DoorOsqueryNode node;

  if (!door_turn_take (context, DOOR_TURN_AGENT, visit->address, error) ||
      !door_osquery_enroll_parse (visit->body, &message, error))
    return NULL;
  mark = dup_mark (context, message.secret);
  team = find_team (context, mark);
  if (team == NULL)
    {
      door_log_event (G_LOG_LEVEL_WARNING, "osquery", "enroll secret of no team", "DOORWARD_PEER",
                      visit->address, "DOORWARD_REQUEST", visit->request_id, NULL);
      return door_osquery_build_unknown ();
    }
  key = door_random_dup_token (context->random);
  key_hash = door_digest_sha256_text (key);
  node = (DoorOsqueryNode){
    .key_hash = key_hash,
    .team = team->name,
    .host_identifier = message.host_identifier,
    .enrolled_at = door_clock_now_ms (context->clock),
    .secret_mark = mark,
  };
  if (!door_writer_run (context->writer, write_enroll, &node, visit->cancellable, error))
    return NULL;
  door_log_event (G_LOG_LEVEL_INFO, "osquery", "agent enrolled", "DOORWARD_TEAM", team->name,
                  "DOORWARD_REQUEST", visit->request_id, NULL);
  return door_osquery_build_enrolled (key);
}

/* The agent of a key, if its team still takes agents by the secret with which it came. */
static bool
find_node (const DoorContext *context, const DoorOsqueryVisit *visit, const char *key, DoorOsqueryNode **out,
           GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, visit->cancellable, error);
  g_autofree char *hash = door_digest_sha256_text (key);
  g_autoptr (DoorOsqueryNode) node = NULL;
  const DoorTeam *team;

  if (txn == NULL || !door_osquery_store_lookup (txn, hash, &node, error))
    return false;
  team = node != NULL ? door_policy_lookup_team (context->policy, node->team) : NULL;
  if (team != NULL && lets_in (context, team->osquery, node->secret_mark))
    *out = g_steal_pointer (&node);
  return true;
}

typedef struct
{
  const char *key_hash;
  int64_t now_ms;
} Seen;

static gboolean
write_seen (DoorTxn *txn, gpointer data, GError **error)
{
  const Seen *seen = data;

  return door_osquery_store_touch (txn, seen->key_hash, seen->now_ms, error);
}

static bool
note_seen (const DoorContext *context, const DoorOsqueryVisit *visit, const DoorOsqueryNode *node,
           GError **error)
{
  Seen seen = { node->key_hash, door_clock_now_ms (context->clock) };

  return ABS (seen.now_ms - node->seen_at) < SEEN_STEP_MS ||
         door_writer_run (context->writer, write_seen, &seen, visit->cancellable, error);
}

/* What both kinds of poll begin with; @node is %NULL for a key that is good for nothing. */
static bool
begin_poll (const DoorContext *context, const DoorOsqueryVisit *visit, DoorOsqueryNode **node, GError **error)
{
  g_autofree char *key = door_osquery_parse_node_key (visit->body, error);

  return key != NULL && find_node (context, visit, key, node, error) &&
         (*node == NULL || note_seen (context, visit, *node, error));
}

/**
 * door_osquery_configure:
 * @context: what every service needs
 * @visit: an agent that asks for its configuration
 * @error: return location for an error
 *
 * Tells an agent to do nothing by itself. Writes no more than now and then that it was seen; then blocks for
 * the commit.
 *
 * Returns: (transfer full): JSON, or %NULL with an error
 */
GBytes *
door_osquery_configure (const DoorContext *context, const DoorOsqueryVisit *visit, GError **error)
{
  g_autoptr (DoorOsqueryNode) node = NULL;

  if (!begin_poll (context, visit, &node, error))
    return NULL;
  return node != NULL ? door_osquery_build_config () : door_osquery_build_unknown ();
}

static bool
is_due (const DoorContext *context, const DoorOsqueryNode *node)
{
  return ABS (door_clock_now_ms (context->clock) - node->reported_at) >= DOOR_OSQUERY_ASK_MS;
}

/**
 * door_osquery_ask:
 * @context: what every service needs
 * @visit: an agent that asks for questions
 * @error: return location for an error
 *
 * Asks an agent about its machine, once an hour. Blocks as door_osquery_configure() does.
 *
 * Returns: (transfer full): JSON, or %NULL with an error
 */
GBytes *
door_osquery_ask (const DoorContext *context, const DoorOsqueryVisit *visit, GError **error)
{
  g_autoptr (DoorOsqueryNode) node = NULL;

  if (!begin_poll (context, visit, &node, error))
    return NULL;
  if (node == NULL)
    return door_osquery_build_unknown ();
  return door_osquery_build_questions (is_due (context, node));
}

/* What the writer gets: values only, so that it may run more than once. */
typedef struct
{
  const DoorContext *context;
  const DoorOsqueryReport *report;
  const DoorOsqueryNode *node;
  int64_t now_ms;
  const char *reason; /* (out) (nullable): why no link is confirmed */
} Take;

/* Ours is the address of every profile, maybe with a parameter behind it, which is believed to be nothing. */
static bool
is_our_url (const DoorPolicy *policy, const char *url)
{
  g_autofree char *ours = g_strconcat (door_policy_get_mdm_url (policy), DOOR_PATH_MDM, NULL);
  size_t length = strlen (ours);

  return strncmp (url, ours, length) == 0 && (url[length] == '\0' || url[length] == '?');
}

static const char *
judge_device (const Take *take, const DoorDevice *device, const DoorEnrollment *enrollment)
{
  if (device == NULL || !g_str_equal (device->kind, DOOR_DEVICE_WHOLE))
    return "no device has this UUID";
  if (*device->serial != '\0' && !g_str_equal (device->serial, take->report->serial))
    return "the device has another serial number";
  if (enrollment == NULL || !g_str_equal (enrollment->team, take->node->team))
    return "the device is not enrolled in the team of the agent";
  if (!take->report->managed || !is_our_url (take->context->policy, take->report->mdm_url))
    return "the machine does not say that this server manages it";
  return NULL;
}

/* Confirms a link that is there, and touches none: what an agent says of a machine, anybody with the secret
 * of the team can say. */
static bool
judge (DoorTxn *txn, Take *take, char **device_id, GError **error)
{
  g_autoptr (DoorDevice) device = NULL;
  g_autoptr (DoorEnrollment) enrollment = NULL;

  if (!door_device_store_lookup_by_apple_id (txn, take->report->uuid, &device, error) ||
      (device != NULL && !door_device_store_lookup_open_enrollment (txn, device->id, &enrollment, error)))
    return false;
  take->reason = judge_device (take, device, enrollment);
  *device_id = g_strdup (take->reason == NULL ? device->id : "");
  return true;
}

static gboolean
write_report (DoorTxn *txn, gpointer data, GError **error)
{
  Take *take = data;
  g_autofree char *device_id = NULL;
  DoorOsqueryNode node = {
    .key_hash = take->node->key_hash,
    .serial = take->report->serial,
    .uuid = take->report->uuid,
    .hostname = take->report->hostname,
    .mdm_url = take->report->mdm_url,
    .reported_at = take->now_ms,
  };

  if (!judge (txn, take, &device_id, error))
    return FALSE;
  node.device_id = device_id;
  node.confirmed_at = take->reason == NULL ? take->now_ms : 0;
  return door_osquery_store_save_report (txn, &node, error);
}

/**
 * door_osquery_take:
 * @context: what every service needs
 * @visit: an agent that answers
 * @error: return location for an error
 *
 * Takes in what an agent says of its machine. It confirms the link of a device that is enrolled here by UUID,
 * serial number and server, and never makes or moves one. Blocks for the commit.
 *
 * Returns: (transfer full): JSON, or %NULL with an error
 */
GBytes *
door_osquery_take (const DoorContext *context, const DoorOsqueryVisit *visit, GError **error)
{
  g_auto (DoorOsqueryReport) report = { NULL };
  g_autoptr (DoorOsqueryNode) node = NULL;
  Take take = {
    .context = context,
    .report = &report,
    .now_ms = door_clock_now_ms (context->clock),
  };

  if (!door_osquery_report_parse (visit->body, &report, error) ||
      !find_node (context, visit, report.node_key, &node, error))
    return NULL;
  if (node == NULL)
    return door_osquery_build_unknown ();
  if (!is_due (context, node)) /* nobody has asked */
    return door_osquery_build_taken ();
  take.node = node;
  if (!door_writer_run (context->writer, write_report, &take, visit->cancellable, error))
    return NULL;
  if (take.reason != NULL)
    door_log_event (G_LOG_LEVEL_INFO, "osquery", take.reason, "DOORWARD_REQUEST", visit->request_id, NULL);
  return door_osquery_build_taken ();
}
