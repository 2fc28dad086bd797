/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-backoff.h"
#include "door-dep-answer.h"
#include "door-dep-device-store.h"
#include "door-dep-profile.h"
#include "door-dep-run.h"
#include "door-digest.h"
#include "door-error.h"
#include "door-paths.h"

#define BATCH 500
#define MARK_LIMIT 2000
#define THROTTLED_MS (3600 * INT64_C (1000))
#define DAY_MS (24 * 3600 * INT64_C (1000))
#define FAILED_MS (5 * 60 * INT64_C (1000))

/* Teams of the devices of a server, as the writer gets them. */
typedef struct
{
  const DoorDepRun *run;
  GPtrArray *teams; /* (out) */
} Teams;

static bool
set_default_teams (DoorTxn *txn, const DoorDepRun *run, GError **error)
{
  const char *server = run->request->name;
  g_autoptr (GPtrArray) families = door_dep_device_store_list_families (txn, server, error);

  for (guint i = 0; families != NULL && i < families->len; i++)
    {
      const char *family = g_ptr_array_index (families, i);

      if (!door_dep_device_store_set_default_team (txn, server, family,
                                                   door_dep_rules_choose_team (run->rules, family), error))
        return false;
    }
  return families != NULL;
}

/* A team that somebody has chosen may be gone. */
static bool
release_lost_teams (DoorTxn *txn, const Teams *self, GError **error)
{
  for (guint i = 0; i < self->teams->len; i++)
    {
      const char *team = g_ptr_array_index (self->teams, i);

      if (door_policy_lookup_team (self->run->context->policy, team) != NULL)
        continue;
      if (!door_dep_device_store_release_team (txn, self->run->request->name, team, error))
        return false;
      if (*team != '\0')
        g_warning ("dep/%s: there is no [team/%s] any more; its devices get the team by default",
                   self->run->request->name, team);
    }
  return true;
}

static gboolean
write_teams (DoorTxn *txn, gpointer data, GError **error)
{
  Teams *self = data;

  g_clear_pointer (&self->teams, g_ptr_array_unref);
  self->teams = door_dep_device_store_list_teams (txn, self->run->request->name, error);
  if (self->teams == NULL || !release_lost_teams (txn, self, error) ||
      !set_default_teams (txn, self->run, error))
    return FALSE;
  g_ptr_array_unref (self->teams);
  self->teams = door_dep_device_store_list_teams (txn, self->run->request->name, error);
  return self->teams != NULL;
}

/* What devices of a laboratory are to trust: PEM without its lines is what Apple wants. */
static char **
read_anchors (const DoorDepRun *self)
{
  const char *path = door_policy_get_tls_certificate (self->context->policy);
  g_autofree char *text = NULL;
  GPtrArray *list;

  /* without a certificate there is nothing to trust, which the start has said already */
  if (!self->context->development || path == NULL || !g_file_get_contents (path, &text, NULL, NULL))
    return NULL;
  list = g_ptr_array_new ();
  for (char *at = strstr (text, "-----BEGIN CERTIFICATE-----"); at != NULL;
       at = strstr (at, "-----BEGIN CERTIFICATE-----"))
    {
      char *begin = at + strlen ("-----BEGIN CERTIFICATE-----");
      char *finish = strstr (begin, "-----END CERTIFICATE-----");
      GString *bare = g_string_new (NULL);

      at = finish != NULL ? finish : begin;
      for (char *c = begin; c < at; c++)
        if (!g_ascii_isspace (*c))
          g_string_append_c (bare, *c);
      g_ptr_array_add (list, g_string_free (bare, FALSE));
    }
  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (list, FALSE);
}

/* A device whose team asks for no sign-in comes to the other address by itself. */
static bool
is_for_nobody (const DoorDepRun *self, const char *name)
{
  const DoorTeam *team = door_policy_lookup_team (self->context->policy, name);

  return team != NULL && !team->require_sign_in;
}

static GBytes *
build_profile (const DoorDepRun *self, const char *team, GError **error)
{
  const char *mdm_url = door_policy_get_mdm_url (self->context->policy);
  const char *slash = *team != '\0' ? "/" : "", *query = *team != '\0' ? "?team=" : "";
  g_autofree char *url = g_strconcat (mdm_url, DOOR_PATH_ADE, slash, team, NULL);
  g_autofree char *web_url = g_strconcat (mdm_url, DOOR_PATH_SIGN_IN, query, team, NULL);
  g_autofree char *name = g_strconcat ("Doorward", *team != '\0' ? " " : "", team, NULL);
  g_autoptr (GBytes) custom = NULL;
  g_auto (GStrv) anchors = read_anchors (self);
  DoorDepProfileParts parts = { .name = name, .org_magic = self->server->name, .url = url };

  if (self->rules->profile_path != NULL)
    {
      custom = door_dep_rules_read_profile (self->rules->profile_path, error);
      if (custom == NULL)
        return NULL;
    }
  parts.custom = custom;
  parts.web_url = is_for_nobody (self, team) ? NULL : web_url;
  parts.anchors = (const char *const *) anchors;
  return door_dep_profile_build (&parts, error);
}

static gboolean
write_profile (DoorTxn *txn, gpointer data, GError **error)
{
  return door_dep_store_save_profile (txn, data, error);
}

/* A refused profile is the administrator's to change; anything else passes. */
static char *
define (DoorDepRun *self, GBytes *json, GError **error)
{
  const DoorDepQuestion question = { "POST", "/profile", json };
  g_autoptr (GBytes) answer = NULL;
  GError *local = NULL;

  if (!door_dep_run_keep (self, error))
    return NULL;
  answer = door_dep_client_ask (&self->client, &question, &local);
  if (answer != NULL)
    return door_dep_answer_parse_profile (answer, error);
  if (door_error_get_fault (local) == DOOR_FAULT_DEP_ANSWER)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_DEP_PROFILE, "Apple refuses the profile: %s",
                      local->message);
      g_error_free (local);
      return NULL;
    }
  g_propagate_error (error, local);
  return NULL;
}

static const DoorDepProfile *
find_profile (const GPtrArray *profiles, const char *team)
{
  for (guint i = 0; i < profiles->len; i++)
    if (strcmp (((const DoorDepProfile *) g_ptr_array_index (profiles, i))->team, team) == 0)
      return g_ptr_array_index (profiles, i);
  return NULL;
}

/* What the devices of a team are to have; defined at Apple if that is not what they were to have before. */
static DoorDepProfile *
ensure_profile (DoorDepRun *self, const GPtrArray *known, const char *team, GError **error)
{
  g_autoptr (GBytes) json = build_profile (self, team, error);
  const DoorDepProfile *before = find_profile (known, team);
  g_autoptr (DoorDepProfile) profile = g_new0 (DoorDepProfile, 1);

  if (json == NULL)
    return NULL;
  profile->server = g_strdup (self->request->name);
  profile->team = g_strdup (team);
  profile->digest = door_digest_sha256_hex (g_bytes_get_data (json, NULL), g_bytes_get_size (json));
  if (before != NULL && strcmp (before->digest, profile->digest) == 0)
    {
      profile->uuid = g_strdup (before->uuid);
      return g_steal_pointer (&profile);
    }
  profile->uuid = define (self, json, error);
  profile->defined_at = door_clock_now_ms (self->context->clock);
  if (profile->uuid == NULL || !door_writer_run (self->context->writer, write_profile, profile, NULL, error))
    return NULL;
  g_message ("dep/%s: a profile was defined for team \"%s\"", self->request->name, team);
  return g_steal_pointer (&profile);
}

typedef struct
{
  const DoorDepProfile *profile;
  int64_t now_ms;
  bool changed; /* (out) */
} Mark;

static gboolean
write_mark (DoorTxn *txn, gpointer data, GError **error)
{
  Mark *mark = data;

  return door_dep_device_store_mark (txn, mark->profile, mark->now_ms, MARK_LIMIT, &mark->changed, error);
}

static GPtrArray *
list_due (const DoorDepRun *self, const DoorDepProfile *profile, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (self->context->storage, DOOR_TXN_SINGLE, NULL, error);

  return txn != NULL ? door_dep_device_store_list_due (txn, profile, door_clock_now_ms (self->context->clock),
                                                       BATCH, error)
                     : NULL;
}

/* A batch, as the writer gets it. */
typedef struct
{
  const GPtrArray *devices;
  const DoorDepStatuses *statuses;
  const char *uuid;
  int64_t now_ms;
  int64_t n_good; /* (out) */
} Batch;

static const char *
find_status (const DoorDepStatuses *statuses, const char *serial)
{
  for (guint i = 0; i < statuses->list->len; i++)
    {
      const DoorDepStatus *status = g_ptr_array_index (statuses->list, i);

      if (strcmp (status->serial, serial) == 0)
        return status->status;
    }
  return "FAILED"; /* Apple has said nothing of it */
}

static DoorDepAssignment
judge (const Batch *batch, const DoorDepDevice *device)
{
  const char *status = find_status (batch->statuses, device->serial);
  DoorDepAssignment out = {
    .id = device->id, .from_uuid = device->profile_uuid, .uuid = device->profile_uuid, .status = status
  };

  if (strcmp (status, "SUCCESS") == 0)
    {
      out.uuid = batch->uuid;
      return out;
    }
  if (strcmp (status, "THROTTLED") == 0)
    {
      out.failures = device->assign_failures;
      out.due_at = batch->now_ms + (batch->statuses->retry_after_s > 0 ? batch->statuses->retry_after_s * 1000
                                                                       : THROTTLED_MS);
      return out;
    }
  out.failures = device->assign_failures + 1;
  out.due_at = batch->now_ms + (strcmp (status, "NOT_ACCESSIBLE") == 0
                                    ? DAY_MS
                                    : door_backoff_double (FAILED_MS, device->assign_failures, DAY_MS));
  return out;
}

static gboolean
write_batch (DoorTxn *txn, gpointer data, GError **error)
{
  Batch *batch = data;

  batch->n_good = 0;
  for (guint i = 0; i < batch->devices->len; i++)
    {
      const DoorDepAssignment assignment = judge (batch, g_ptr_array_index (batch->devices, i));

      if (!door_dep_device_store_save_assignment (txn, &assignment, error))
        return FALSE;
      batch->n_good += assignment.due_at == 0;
    }
  return TRUE;
}

static bool
assign_batch (DoorDepRun *self, const DoorDepProfile *profile, const GPtrArray *devices, GError **error)
{
  g_autoptr (GPtrArray) serials = g_ptr_array_new ();
  g_autoptr (GBytes) body = NULL, answer = NULL;
  g_auto (DoorDepStatuses) statuses = { NULL, 0 };
  DoorDepQuestion question = { "PUT", "/profile/devices", NULL };
  Batch batch = { .devices = devices, .statuses = &statuses, .uuid = profile->uuid };

  for (guint i = 0; i < devices->len; i++)
    g_ptr_array_add (serials, ((DoorDepDevice *) g_ptr_array_index (devices, i))->serial);
  question.body = body = door_dep_request_build_devices (profile->uuid, serials);
  if (!door_dep_run_keep (self, error))
    return false;
  answer = door_dep_client_ask (&self->client, &question, error);
  if (answer == NULL || !door_dep_answer_parse_statuses (answer, &statuses, error))
    return false;
  batch.now_ms = door_clock_now_ms (self->context->clock);
  if (!door_writer_run (self->context->writer, write_batch, &batch, NULL, error))
    return false;
  self->result->n_assigned += batch.n_good;
  self->result->n_refused += devices->len - batch.n_good;
  door_dep_run_tell (self);
  return true;
}

/* Each batch leaves nothing that is due now, so this ends. */
static bool
assign_team (DoorDepRun *self, const DoorDepProfile *profile, GError **error)
{
  Mark mark = { profile, door_clock_now_ms (self->context->clock), true };

  while (mark.changed)
    if (!door_writer_run (self->context->writer, write_mark, &mark, NULL, error))
      return false;
  for (;;)
    {
      g_autoptr (GPtrArray) devices = list_due (self, profile, error);

      if (devices == NULL)
        return false;
      if (devices->len == 0)
        return true;
      if (!assign_batch (self, profile, devices, error))
        return false;
    }
}

static GPtrArray *
list_profiles (const DoorDepRun *self, GError **error)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (self->context->storage, DOOR_TXN_SINGLE, NULL, error);

  return txn != NULL ? door_dep_store_list_profiles (txn, self->request->name, error) : NULL;
}

/**
 * door_dep_assign:
 * @self: a round
 * @error: return location for an error
 *
 * Gives each device of the server the profile of its team. All of a team have the same one in the end,
 * whatever they had and however they came to the team. Blocks on the network and for commits.
 *
 * Returns: false with an error
 */
bool
door_dep_assign (DoorDepRun *self, GError **error)
{
  Teams teams = { self, NULL };
  g_autoptr (GPtrArray) names = NULL, known = NULL;
  bool good = door_writer_run (self->context->writer, write_teams, &teams, NULL, error);

  names = teams.teams;
  known = good ? list_profiles (self, error) : NULL;
  for (guint i = 0; known != NULL && i < names->len; i++)
    {
      g_autoptr (DoorDepProfile) profile = ensure_profile (self, known, g_ptr_array_index (names, i), error);

      if (profile == NULL || !assign_team (self, profile, error))
        return false;
    }
  return known != NULL;
}

static gboolean
write_discovery (DoorTxn *txn, gpointer data, GError **error)
{
  return door_dep_store_set_discovery (txn, data, error);
}

/* Where accounts find us: what is refused is noted, and asked for again, since it keeps nothing else from
 * being done. What we have never told Apple is not ours to take back. */
static bool
settle_discovery (DoorDepRun *self, const char *url, GError **error)
{
  g_autoptr (GBytes) body = *url != '\0' ? door_dep_request_build_discovery (url) : NULL, answer = NULL;
  const DoorDepQuestion question = { body != NULL ? "POST" : "DELETE", "/account-driven-enrollment/profile",
                                     body };
  g_autoptr (GError) local = NULL;
  DoorDepServer server = *self->server;
  bool gone;

  if (!door_dep_run_keep (self, error))
    return false;
  answer = door_dep_client_ask (&self->client, &question, &local);
  self->client.retry_after_s = 0; /* of this alone */
  gone = body == NULL && g_error_matches (local, DOOR_ERROR, DOOR_ERROR_NOT_FOUND);
  if (answer != NULL || gone)
    server.discovery_url = (char *) url;
  server.discovery_detail = answer != NULL || gone ? (char *) "" : local->message;
  if (answer == NULL && !gone)
    g_warning ("dep/%s: %s: %s", self->request->name, door_fault_get_info (DOOR_FAULT_DEP_DISCOVERY)->id,
               local->message);
  return door_writer_run (self->context->writer, write_discovery, &server, NULL, error);
}

/**
 * door_dep_register_discovery:
 * @self: a round
 * @error: return location for an error
 *
 * Tells Apple where accounts find this server, or takes that back, as the configuration has it. A refusal of
 * Apple is noted with the server and is no error. Blocks on the network and for a commit.
 *
 * Returns: false with an error
 */
bool
door_dep_register_discovery (DoorDepRun *self, GError **error)
{
  g_autofree char *url = g_strconcat (door_policy_get_external_url (self->context->policy),
                                      "/.well-known/com.apple.remotemanagement", NULL);
  const char *wanted = self->rules->service_discovery ? url : "";

  if (strcmp (self->server->discovery_url, wanted) == 0 &&
      (*wanted == '\0' || *self->server->discovery_detail == '\0'))
    return true;
  return settle_discovery (self, wanted, error);
}
