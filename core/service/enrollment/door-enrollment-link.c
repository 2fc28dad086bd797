/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-enrollment-link.h"

#include <string.h>

#include "door-digest.h"
#include "door-error.h"
#include "door-log.h"
#include "door-paths.h"
#include "door-purpose.h"

/* More than any secret of ours has. */
#define MAX_SECRET_BYTES 128

static bool
check_way (const DoorTeam *team, const char *name, GError **error)
{
  if (door_team_has_way (team, DOOR_WAY_LINK))
    return true;
  return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_FLOW_NOLINK,
                         "Flows of %s%s%s lists no link, so no device can come by one",
                         *name != '\0' ? "[team/" : "[enrollment", name, "]");
}

static bool
check_wish (const DoorEnrollmentLinkWish *wish, const DoorPolicy *policy, GError **error)
{
  const DoorTeam *team = door_policy_lookup_team (policy, wish->team);

  if (team == NULL)
    {
      door_policy_refuse_team (wish->team, error);
      return false;
    }
  if (!check_way (team, wish->team, error))
    return false;
  if (wish->lifetime_s < 1 || wish->lifetime_s > DOOR_ENROLLMENT_LINK_MAX_S)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "an enrollment link lives for 1 to %" G_GINT64_FORMAT " seconds",
                           DOOR_ENROLLMENT_LINK_MAX_S);
  if (wish->max_uses < 0 || wish->max_uses > DOOR_ENROLLMENT_LINK_MAX_USES)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                           "an enrollment link is for 1 to %" G_GINT64_FORMAT
                           " devices, or for any number (0)",
                           DOOR_ENROLLMENT_LINK_MAX_USES);
  return true;
}

/**
 * door_enrollment_link_new:
 * @wish: what is wanted
 * @policy: the teams
 * @random: source of the secret
 * @secret: (out) (transfer full): the secret part of the address, which is shown once and not stored
 * @error: return location for an error
 *
 * Makes a link; it works when it is stored.
 *
 * Returns: (transfer full): what is stored of it, or %NULL with %DOOR_ERROR_INVALID_DATA,
 *   %DOOR_FAULT_FLOW_NOLINK or %DOOR_FAULT_TEAM_UNKNOWN
 */
DoorEnrollmentLink *
door_enrollment_link_new (const DoorEnrollmentLinkWish *wish, const DoorPolicy *policy, DoorRandom *random,
                          char **secret, GError **error)
{
  DoorEnrollmentLink *self;

  if (!check_wish (wish, policy, error))
    return NULL;
  self = g_new0 (DoorEnrollmentLink, 1);
  *secret = door_random_dup_token (random);
  self->id = door_random_dup_uuid (random);
  self->token_hash = door_digest_sha256_text (*secret);
  self->team = g_strdup (wish->team);
  self->created_by = g_strdup (wish->created_by);
  self->created_at = wish->now_ms;
  self->expires_at = wish->now_ms + wish->lifetime_s * 1000;
  self->max_uses = wish->max_uses;
  return self;
}

/**
 * door_enrollment_link_dup_url:
 * @policy: the addresses
 * @secret: the secret part of a link
 *
 * Returns: (transfer full): what people open
 */
char *
door_enrollment_link_dup_url (const DoorPolicy *policy, const char *secret)
{
  return g_strconcat (door_policy_get_external_url (policy), DOOR_PATH_ENROLLMENT_LINK (""), secret, NULL);
}

static gboolean
write_issue (DoorTxn *txn, gpointer data, GError **error)
{
  return door_enrollment_link_store_add (txn, data, error);
}

/**
 * door_enrollment_link_issue:
 * @context: what every service needs
 * @session: who wants it
 * @wish: team, lifetime and number of devices
 * @url: (out) (transfer full): the link, which is shown once
 * @error: return location for an error
 *
 * Makes a link for an administrator to hand out. Blocks for the commit.
 *
 * Returns: (transfer full): what is stored of it, or %NULL with %DOOR_FAULT_ADM_FORBIDDEN or another error
 */
DoorEnrollmentLink *
door_enrollment_link_issue (const DoorContext *context, const DoorSession *session,
                            const DoorEnrollmentLinkWish *wish, char **url, GError **error)
{
  DoorEnrollmentLinkWish own = *wish;
  g_autoptr (DoorEnrollmentLink) link = NULL;
  g_autofree char *secret = NULL;

  if (!door_session_allow_team (session, DOOR_ACTION_ENROLLMENT_LINKS, wish->team, error))
    return NULL;
  own.created_by = session->administrator->id;
  own.now_ms = door_clock_now_ms (context->clock);
  link = door_enrollment_link_new (&own, context->policy, context->random, &secret, error);
  if (link == NULL || !door_writer_run (context->writer, write_issue, link, NULL, error))
    return NULL;
  door_enrollment_link_log (link->id, link->team, "made", own.created_by);
  *url = door_enrollment_link_dup_url (context->policy, secret);
  return g_steal_pointer (&link);
}

static bool
refuse (const char *reason, GError **error)
{
  return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_FLOW_LINK, "%s", reason);
}

static bool
check_living (const DoorContext *context, const DoorEnrollmentLink *link, GError **error)
{
  const DoorTeam *team = NULL;

  if (link == NULL)
    return refuse ("enrollment link unknown", error);
  team = door_policy_lookup_team (context->policy, link->team);
  if (link->revoked_at != 0)
    return refuse ("enrollment link revoked", error);
  if (link->expires_at <= door_clock_now_ms (context->clock))
    return refuse ("enrollment link expired", error);
  if (link->max_uses != 0 && link->uses >= link->max_uses)
    return refuse ("enrollment link used up", error);
  if (team == NULL)
    return refuse ("the team of the enrollment link is gone", error);
  return check_way (team, link->team, error);
}

/**
 * door_enrollment_link_find:
 * @context: what every service needs
 * @secret: the secret part of an address, as somebody sends it
 * @cancellable: (nullable): stops waiting
 * @error: return location for an error
 *
 * Finds a link by which one more device may enroll now. Blocks for a read.
 *
 * Returns: (transfer full): the link, or %NULL with %DOOR_FAULT_FLOW_LINK, %DOOR_FAULT_FLOW_NOLINK or a
 *   database error
 */
DoorEnrollmentLink *
door_enrollment_link_find (const DoorContext *context, const char *secret, GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (DoorEnrollmentLink) link = NULL;
  g_autofree char *hash = NULL;

  if (strlen (secret) > MAX_SECRET_BYTES)
    {
      refuse ("enrollment link too long", error);
      return NULL;
    }
  hash = door_digest_sha256_text (secret);
  {
    g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, cancellable, error);

    if (txn == NULL || !door_enrollment_link_store_lookup_by_hash (txn, hash, &link, error))
      return NULL;
  }
  return check_living (context, link, error) ? g_steal_pointer (&link) : NULL;
}

/**
 * door_enrollment_link_use:
 * @txn: a transaction of the writer, in which a device enrolls
 * @id: the link that its ticket comes from, "" for none
 * @error: return location for an error
 *
 * Counts the enrollment. Of two devices that come for the last one, one gets it; and a link that was revoked
 * stops those too that have signed in already. One whose time is over meanwhile was begun in time.
 *
 * Returns: false with %DOOR_FAULT_FLOW_LINK or a database error
 */
bool
door_enrollment_link_use (DoorTxn *txn, const char *id, GError **error)
{
  bool counted = false;

  if (*id == '\0')
    return true;
  if (!door_enrollment_link_store_count_use (txn, id, &counted, error))
    return false;
  return counted || refuse ("the enrollment link is used up or revoked", error);
}

/**
 * door_enrollment_link_list:
 * @context: what every service needs
 * @session: who asks
 * @after: id of the last one seen, "" for the first page
 * @limit: most rows
 * @error: return location for an error
 *
 * Lists links, all or those into the teams of who asks, ordered by id. Blocks for a read.
 *
 * Returns: (transfer full) (element-type DoorEnrollmentLink): the rows, or %NULL with
 *   %DOOR_FAULT_ADM_FORBIDDEN or another error
 */
GPtrArray *
door_enrollment_link_list (const DoorContext *context, const DoorSession *session, const char *after,
                           int64_t limit, GError **error)
{
  const DoorAction action = DOOR_ACTION_ENROLLMENT_LINKS;
  const DoorTeamScope scope = { session->administrator->id, door_permission_get_roles (action) };
  const DoorReach reach = door_session_get_reach (session, action);
  g_autoptr (DoorTxn) txn = NULL;

  if (!door_session_allow (session, action, DOOR_REACH_TEAMS, error))
    return NULL;
  txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);
  if (txn == NULL)
    return NULL;
  return reach == DOOR_REACH_ALL
             ? door_enrollment_link_store_list (txn, after, limit, error)
             : door_enrollment_link_store_list_in_teams (txn, &scope, after, limit, error);
}

/* One run of the writer; the roles of who asks were read with the session. */
typedef struct
{
  const DoorSession *session;
  const char *id;
  int64_t now_ms;
  char *team; /* (out) */
} Revoke;

static gboolean
write_revoke (DoorTxn *txn, gpointer data, GError **error)
{
  Revoke *work = data;
  g_autoptr (DoorEnrollmentLink) link = NULL;
  bool changed = false;

  if (!door_enrollment_link_store_lookup (txn, work->id, &link, error))
    return FALSE;
  /* who may not see a link is not told that it exists */
  if (link == NULL ||
      !door_session_allow_team (work->session, DOOR_ACTION_ENROLLMENT_LINKS, link->team, NULL))
    return door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_HTTP_NOTFOUND,
                           "there is no such enrollment link");
  g_free (work->team);
  work->team = g_strdup (link->team);
  return door_enrollment_link_store_revoke (txn, work->id, work->now_ms, &changed, error);
}

/**
 * door_enrollment_link_revoke:
 * @context: what every service needs
 * @session: who asks
 * @id: a link
 * @error: return location for an error
 *
 * Ends a link for good, also for those who have signed in by it and not enrolled yet. Blocks for the commit.
 *
 * Returns: false with %DOOR_ERROR_NOT_FOUND or another error
 */
bool
door_enrollment_link_revoke (const DoorContext *context, const DoorSession *session, const char *id,
                             GError **error)
{
  Revoke work = { session, id, door_clock_now_ms (context->clock), NULL };
  bool done = door_writer_run (context->writer, write_revoke, &work, NULL, error);
  g_autofree char *team = work.team;

  if (done)
    door_enrollment_link_log (id, team, "revoked", session->administrator->id);
  return done;
}

/**
 * door_enrollment_link_log:
 * @id: the link
 * @team: its team
 * @outcome: "made" or "revoked"
 * @by: who did it: id of an administrator, or somebody at this machine
 *
 * Logs a change of links, once it is stored.
 */
void
door_enrollment_link_log (const char *id, const char *team, const char *outcome, const char *by)
{
  door_log_event (G_LOG_LEVEL_MESSAGE, "enrollment-link", "enrollment link", "DOORWARD_OUTCOME", outcome,
                  "DOORWARD_LINK", id, "DOORWARD_TEAM", team, "DOORWARD_BY", by, NULL);
}
