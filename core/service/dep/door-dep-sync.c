/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-sync.h"

#include <string.h>

#include "door-backoff.h"
#include "door-dep-answer.h"
#include "door-dep-device-store.h"
#include "door-dep-profile.h"
#include "door-dep-run.h"
#include "door-dep-server.h"
#include "door-error.h"
#include "door-expiry.h"
#include "door-lease.h"
#include "door-text.h"

/* A cursor is good for seven days. */
#define MAX_CURSOR_AGE_MS (7 * 24 * 3600 * INT64_C (1000))
/* Whoever sends more pages than that does not mean to end. */
#define MAX_PAGES 20000
#define RETRY_MS (30 * INT64_C (1000))
#define MAX_RETRY_MS (3600 * INT64_C (1000))
#define MAX_DETAIL_BYTES 300

static bool
reread (DoorDepRun *self, GError **error)
{
  g_autoptr (DoorDepServer) server = NULL;

  if (!door_dep_server_read (self->context, self->request->name, &server, error))
    return false;
  door_dep_server_free (self->server);
  self->server = g_steal_pointer (&server);
  return true;
}

static gboolean
write_begin (DoorTxn *txn, gpointer data, GError **error)
{
  const DoorDepServer *server = data;
  bool changed = false;

  return door_dep_store_begin_fetch (txn, server->name, server->generation, &changed, error) &&
         (changed || door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_DEP_UNAVAILABLE,
                                     "the list was begun anew by somebody else"));
}

/* Once in a round: a service that forgets each cursor at once would keep us at it for good. */
static bool
begin_whole_list (DoorDepRun *self, GError **error)
{
  if (self->restarted)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DEP_ANSWER,
                           "Apple does not know the cursor that it has just given");
  self->restarted = true;
  return door_writer_run (self->context->writer, write_begin, self->server, NULL, error) &&
         reread (self, error);
}

/* A page, as the writer gets it. */
typedef struct
{
  const DoorDepServer *from;
  DoorDepServer to;
  GPtrArray *present;
  GPtrArray *removed;
  bool complete; /* the last page of the whole list */
  int64_t now_ms;
} PageWrite;

/* The page and the cursor behind it are one write: neither is there without the other. */
static gboolean
write_page (DoorTxn *txn, gpointer data, GError **error)
{
  const PageWrite *page = data;
  bool moved = false;
  int64_t n_gone = 0;

  if (!door_dep_store_move (txn, page->from, &page->to, &moved, error))
    return FALSE;
  if (!moved)
    return door_error_set (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_DEP_UNAVAILABLE,
                           "the page was stored by somebody else");
  return door_dep_device_store_save (txn, page->present, error) &&
         door_dep_device_store_remove (txn, page->removed, error) &&
         (!page->complete ||
          door_dep_device_store_remove_unseen (txn, page->from, page->now_ms, &n_gone, error));
}

static DoorDepDevice *
make_device (const DoorDepRun *self, const DoorDepRecord *record, int64_t now_ms)
{
  DoorDepDevice *device = g_new0 (DoorDepDevice, 1);

  device->id = g_strconcat (record->serial, "/", self->server->name, NULL);
  device->serial = g_strdup (record->serial);
  device->server = g_strdup (self->server->name);
  device->model = g_strdup (record->model);
  device->description = g_strdup (record->description);
  device->color = g_strdup (record->color);
  device->asset_tag = g_strdup (record->asset_tag);
  device->family = g_strdup (record->family);
  device->os = g_strdup (record->os);
  device->team = g_strdup (door_dep_rules_choose_team (self->rules, record->family));
  device->profile_status = g_strdup (record->profile_status);
  device->profile_uuid = g_strdup (record->profile_uuid);
  device->op_date = MIN (record->op_date_ms, now_ms); /* what has not happened yet would win for good */
  device->generation = self->server->generation;
  device->seen_at = now_ms;
  device->removed_at = record->deleted ? now_ms : 0;
  return device;
}

static bool
store_page (DoorDepRun *self, const DoorDepPage *page, GError **error)
{
  bool fetching = strcmp (self->server->phase, DOOR_DEP_PHASE_FETCH) == 0;
  g_autoptr (GPtrArray) present = g_ptr_array_new_with_free_func ((GDestroyNotify) door_dep_device_free);
  g_autoptr (GPtrArray) removed = g_ptr_array_new_with_free_func ((GDestroyNotify) door_dep_device_free);
  PageWrite write = { .from = self->server, .to = *self->server, .present = present, .removed = removed };

  write.now_ms = door_clock_now_ms (self->context->clock);
  write.complete = fetching && !page->more;
  write.to.cursor = page->cursor;
  write.to.n_read = self->server->n_read + page->records->len;
  if (write.complete)
    {
      write.to.phase = (char *) DOOR_DEP_PHASE_SYNC;
      write.to.full_sync_at = write.now_ms;
    }
  for (guint i = 0; i < page->records->len; i++)
    {
      const DoorDepRecord *record = g_ptr_array_index (page->records, i);

      g_ptr_array_add (record->deleted ? removed : present, make_device (self, record, write.now_ms));
    }
  if (!door_writer_run (self->context->writer, write_page, &write, NULL, error) || !reread (self, error))
    return false;
  self->result->whole = self->result->whole || write.complete;
  door_dep_run_tell (self);
  return true;
}

typedef enum
{
  STEP_FAILED,
  STEP_MORE,
  STEP_DONE,
} Step;

static gboolean
write_phase (DoorTxn *txn, gpointer data, GError **error)
{
  const DoorDepServer *from = data;
  DoorDepServer to = *from;
  bool moved = false;

  to.phase = (char *) DOOR_DEP_PHASE_SYNC;
  return door_dep_store_move (txn, from, &to, &moved, error);
}

/* What Apple says of our cursor (Apple, device assignment). That a list has ended without a last page says
 * nothing about devices that were not in it. */
static Step
judge_cursor (DoorDepRun *self, bool changes, GError *refusal, GError **error)
{
  const DoorDepClient *client = &self->client;

  if (door_dep_client_was_refused (client, "EXHAUSTED_CURSOR"))
    {
      g_error_free (refusal);
      if (changes)
        return STEP_DONE;
      return door_writer_run (self->context->writer, write_phase, self->server, NULL, error) &&
                     reread (self, error)
                 ? STEP_MORE
                 : STEP_FAILED;
    }
  if (door_dep_client_was_refused (client, "EXPIRED_CURSOR") ||
      door_dep_client_was_refused (client, "INVALID_CURSOR") ||
      door_dep_client_was_refused (client, "CURSOR_REQUIRED"))
    {
      g_info ("dep/%s: %s: the whole list is read again", self->request->name, client->code);
      g_error_free (refusal);
      return begin_whole_list (self, error) ? STEP_MORE : STEP_FAILED;
    }
  g_propagate_error (error, refusal);
  return STEP_FAILED;
}

static Step
read_page (DoorDepRun *self, GError **error)
{
  bool changes = strcmp (self->server->phase, DOOR_DEP_PHASE_SYNC) == 0;
  g_autoptr (GBytes) body = door_dep_request_build_page (self->server->cursor), answer = NULL;
  const DoorDepQuestion question = { "POST", changes ? "/devices/sync" : "/server/devices", body };
  g_auto (DoorDepPage) page = { NULL };
  GError *refusal = NULL;

  if (!door_dep_run_keep (self, error))
    return STEP_FAILED;
  answer = door_dep_client_ask (&self->client, &question, &refusal);
  if (answer == NULL)
    return judge_cursor (self, changes, refusal, error);
  if (!door_dep_answer_parse_page (answer, changes, &page, error))
    return STEP_FAILED;
  if (page.more && strcmp (page.cursor, self->server->cursor) == 0)
    {
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DEP_ANSWER,
                      "Apple's answer: more to follow at the same cursor");
      return STEP_FAILED;
    }
  if (!store_page (self, &page, error))
    return STEP_FAILED;
  return page.more ? STEP_MORE : STEP_DONE;
}

static bool
read_devices (DoorDepRun *self, GError **error)
{
  const DoorDepServer *server = self->server;
  int64_t now_ms = door_clock_now_ms (self->context->clock);
  bool old = server->synced_at > 0 && now_ms - server->synced_at > MAX_CURSOR_AGE_MS;
  Step step = STEP_MORE;

  if ((server->generation == 0 || self->request->full || old) && !begin_whole_list (self, error))
    return false;
  self->restarted = false;
  for (int i = 0; i < MAX_PAGES && step == STEP_MORE; i++)
    step = read_page (self, error);
  if (step == STEP_MORE)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DEP_ANSWER, "Apple's list has no end");
  return step == STEP_DONE;
}

static gboolean
write_account (DoorTxn *txn, gpointer data, GError **error)
{
  return door_dep_store_set_account (txn, data, error);
}

/* Another account: what was defined there and where we were in its list is worth nothing. */
static gboolean
write_other_account (DoorTxn *txn, gpointer data, GError **error)
{
  const DoorDepServer *server = data;
  bool changed = false;

  return door_dep_store_set_account (txn, server, error) &&
         door_dep_store_remove_profiles (txn, server->name, error) &&
         door_dep_device_store_forget_assignments (txn, server->name, error) &&
         door_dep_store_begin_fetch (txn, server->name, server->generation, &changed, error);
}

static bool
read_account (DoorDepRun *self, GError **error)
{
  const DoorDepQuestion question = { "GET", "/account", NULL };
  g_autoptr (GBytes) answer = NULL;
  g_auto (DoorDepAccount) account = { NULL };
  DoorDepServer server = *self->server;
  bool other;

  if (!door_dep_run_keep (self, error))
    return false;
  answer = door_dep_client_ask (&self->client, &question, error);
  if (answer == NULL || !door_dep_answer_parse_account (answer, &account, error))
    return false;
  other = *server.server_uuid != '\0' && strcmp (server.server_uuid, account.server_uuid) != 0;
  server.server_uuid = account.server_uuid;
  server.server_name = account.server_name;
  server.organization = account.organization;
  return door_writer_run (self->context->writer, other ? write_other_account : write_account, &server, NULL,
                          error) &&
         reread (self, error);
}

static bool
run (DoorDepRun *self, GError **error)
{
  g_autoptr (DoorDepToken) token = NULL;
  int64_t now_ms = door_clock_now_ms (self->context->clock);
  bool good;

  if (!self->rules->usable)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "[ade/%s] is wrong: run doorctl config check", self->request->name);
  token = door_dep_server_open_token (self->context, self->server, error);
  if (token == NULL)
    return false;
  if (token->expires_at_ms <= now_ms)
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DEP_EXPIRED, "the token has expired");
  self->client = (DoorDepClient){ .context = self->context,
                                  .url = DOOR_DEP_SERVICE_URL,
                                  .token = token,
                                  .cancellable = self->request->cancellable };
  if (self->context->development && self->rules->server_url != NULL)
    self->client.url = self->rules->server_url;
  good = read_account (self, error) && read_devices (self, error) && door_dep_assign (self, error) &&
         door_dep_register_discovery (self, error);
  self->result->n_calls = self->client.n_calls;
  self->result->retry_after_s = self->client.retry_after_s;
  door_dep_client_clear (&self->client);
  return good;
}

static gboolean
write_end (DoorTxn *txn, gpointer data, GError **error)
{
  return door_dep_store_end_round (txn, data, error);
}

static int64_t
read_next_due (const DoorDepRun *self, int64_t fallback)
{
  g_autoptr (DoorTxn) txn = door_storage_begin (self->context->storage, DOOR_TXN_SINGLE, NULL, NULL);
  int64_t due = 0;

  /* unknown: the next round finds them */
  if (txn == NULL || !door_dep_device_store_find_next_due (txn, self->request->name, &due, NULL) || due == 0)
    return fallback;
  return MIN (due, fallback);
}

static int64_t
choose_retry_ms (const DoorDepRun *self)
{
  int64_t doubled = door_backoff_double (RETRY_MS, self->server->failures, MAX_RETRY_MS);

  if (self->result->retry_after_s > 0)
    return self->result->retry_after_s * 1000;
  return MIN (doubled, MAX (self->rules->sync_interval_ms, 1000));
}

static void
count (const DoorDepRun *self, const GError *failure)
{
  const DoorMetricSample sample = { DOOR_METRIC_FAMILY_DEP_SYNCS,
                                    { self->request->name, failure == NULL ? "done" : "failed",
                                      failure != NULL ? door_error_get_info (failure)->id : NULL },
                                    1 };
  const DoorMetricSample expiry = { DOOR_METRIC_FAMILY_DEP_TOKEN_EXPIRY,
                                    { self->request->name },
                                    self->server->token_expires_at / 1000 };

  if (self->context->metrics == NULL)
    return;
  door_metrics_count (self->context->metrics, &sample);
  door_metrics_note (self->context->metrics, &expiry);
}

/* Also when it has failed: what is due, and what the administrator has to know. */
static void
end (const DoorDepRun *self, const GError *failure)
{
  int64_t now_ms = door_clock_now_ms (self->context->clock);
  g_autofree char *detail = failure != NULL ? door_text_dup_line (failure->message, MAX_DETAIL_BYTES) : NULL;
  DoorDepServer server = { .name = (char *) self->request->name, .synced_at = now_ms };
  g_autoptr (GError) error = NULL;

  server.fault = (char *) (failure != NULL ? door_error_get_info (failure)->id : "");
  server.detail = detail;
  server.due_at = read_next_due (self, now_ms + self->rules->sync_interval_ms);
  if (failure != NULL)
    {
      server.synced_at = self->server->synced_at;
      server.failures = self->server->failures + 1;
      server.due_at = now_ms + choose_retry_ms (self);
      g_log (G_LOG_DOMAIN, self->server->failures == 0 ? G_LOG_LEVEL_WARNING : G_LOG_LEVEL_INFO,
             "dep/%s: %s: %s", self->request->name, server.fault, failure->message);
    }
  count (self, failure);
  door_expiry_warn_of_dep_token (self->context, self->server, now_ms);
  if (!door_writer_run (self->context->writer, write_end, &server, NULL, &error))
    g_info ("dep/%s: %s", self->request->name, error->message);
}

static bool
run_with_lease (DoorDepRun *self, GError **error)
{
  GError *failure = NULL;

  if (!reread (self, error))
    return false;
  if (*self->server->sealed_token == '\0')
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_DEP_TOKEN,
                           "there is no token yet: doorctl dep import-token %s FILE", self->request->name);
  self->rules = door_policy_lookup_dep_rules (self->context->policy, self->request->name);
  if (run (self, &failure))
    {
      end (self, NULL);
      return true;
    }
  /* whoever has gone on with it says what came of it */
  if (failure->code != DOOR_ERROR_CONFLICT && !g_cancellable_is_cancelled (self->request->cancellable))
    end (self, failure);
  g_propagate_error (error, failure);
  return false;
}

/**
 * door_dep_sync:
 * @context: what every service needs
 * @request: which server, and how
 * @result: (out caller-allocates): what came of it, also of a round that failed
 * @error: return location for an error
 *
 * Reads the devices of a server, page by page, gives them the profiles of their teams, and notes what came of
 * it. What was read stays when it ends early, and the next round goes on there. Blocks on the network: for a
 * thread of its own.
 *
 * Returns: false with an error
 */
bool
door_dep_sync (const DoorContext *context, const DoorDepSyncRequest *request, DoorDepSyncResult *result,
               GError **error)
{
  g_autofree char *lease = door_dep_run_build_lease_name (request->name);
  DoorDepRun self = { .context = context, .request = request, .result = result };
  bool taken = false, good;

  *result = (DoorDepSyncResult){ 0 };
  if (!door_lease_take (context, lease, DOOR_DEP_LEASE_S, &taken, error))
    return false;
  result->busy = !taken;
  if (!taken)
    return true;
  good = run_with_lease (&self, error);
  door_lease_release (context, lease);
  door_dep_server_free (self.server);
  return good;
}

static GPtrArray *
list_servers (const DoorContext *context)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTxn) txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, &error);
  GPtrArray *servers = txn != NULL ? door_dep_store_list_servers (txn, &error) : NULL;

  if (servers == NULL)
    g_info ("servers of Apple Business Manager not looked at: %s", error->message);
  return servers;
}

/**
 * door_dep_sync_round:
 * @context: what every service needs
 * @cancellable: (nullable): ends it early
 *
 * Asks Apple about the servers that are due. Several instances on one database share the work. Blocks on the
 * network: for a thread of its own.
 */
void
door_dep_sync_round (const DoorContext *context, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) servers = list_servers (context);
  int64_t now_ms = door_clock_now_ms (context->clock);

  for (guint i = 0; servers != NULL && i < servers->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      const DoorDepServer *server = g_ptr_array_index (servers, i);
      const DoorDepSyncRequest request = { .name = server->name, .cancellable = cancellable };
      DoorDepSyncResult result;
      g_autoptr (GError) error = NULL;

      /* a time further away than any that is ever set was written by a clock that has been set back since */
      if (*server->sealed_token != '\0' &&
          (server->due_at <= now_ms || server->due_at > now_ms + 2 * 24 * 3600 * INT64_C (1000)) &&
          !door_dep_sync (context, &request, &result, &error))
        g_debug ("dep/%s: %s", server->name, error->message); /* noted with the server */
    }
}
