/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-readiness.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "door-connection.h"
#include "door-error.h"
#include "door-job-pool.h"
#include "door-push.h"
#include "door-schema.h"

/* Whoever asks, a balancer or Prometheus, does not wait for longer than this by far. */
#define PATIENCE_S 2

struct _DoorReadiness
{
  DoorPins contexts;
  DoorSchema *schema;
  DoorJobPool *asker;   /* one thread: a silent database may keep it for long */
  pthread_mutex_t lock; /* guards what follows */
  pthread_cond_t answered;
  bool is_asking;
  uint64_t n_answers;
  GError *problem; /* NULL: the latest answer was a good one */
};

static void
part_free (gpointer data)
{
  DoorReadinessPart *part = data;

  g_free (part->name);
  g_free (part->problem);
  g_free (part);
}

static void
add_part (GPtrArray *parts, char *name, const GError *problem, bool is_needed)
{
  DoorReadinessPart *part = g_new0 (DoorReadinessPart, 1);

  part->name = name;
  part->problem = problem != NULL ? g_strdup (problem->message) : NULL;
  part->is_needed = is_needed;
  g_ptr_array_add (parts, part);
}

/**
 * door_readiness_new:
 * @contexts: give the #DoorContext in force; their owner must outlive the result
 * @error: return location for an error
 *
 * Returns: (transfer full): what can tell whether the server can do its work, or %NULL with
 *   %DOOR_ERROR_FAILED
 */
DoorReadiness *
door_readiness_new (const DoorPins *contexts, GError **error)
{
  DoorSchema *schema = door_schema_new (error);
  pthread_condattr_t attributes;
  DoorReadiness *self;

  if (schema == NULL)
    return NULL;
  self = g_new0 (DoorReadiness, 1);
  self->contexts = *contexts;
  self->schema = schema;
  pthread_mutex_init (&self->lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&self->answered, &attributes);
  pthread_condattr_destroy (&attributes);
  self->asker = door_job_pool_new ("readiness", 1, 1);
  return self;
}

/**
 * door_readiness_free:
 * @self: (transfer full): it
 *
 * Blocks until the database has answered the last question, or has been given up.
 */
void
door_readiness_free (DoorReadiness *self)
{
  door_job_pool_free (self->asker);
  door_schema_free (self->schema);
  g_clear_error (&self->problem);
  pthread_cond_destroy (&self->answered);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

/* in the asker's thread */
static void
ask (gpointer data)
{
  DoorReadiness *self = data;
  gpointer pinned = self->contexts.pin (self->contexts.owner);
  GError *problem = NULL;

  door_schema_check (((const DoorContext *) pinned)->storage, self->schema, &problem);
  self->contexts.unpin (pinned);
  pthread_mutex_lock (&self->lock);
  g_clear_error (&self->problem);
  self->problem = problem;
  self->is_asking = false;
  self->n_answers++;
  pthread_cond_broadcast (&self->answered);
  pthread_mutex_unlock (&self->lock);
}

/* Asks the database, or waits with those who have asked. */
static GError *
find_problem (DoorReadiness *self)
{
  struct timespec until;
  GError *problem = NULL;
  uint64_t before;
  int waited = 0;

  clock_gettime (CLOCK_MONOTONIC, &until);
  until.tv_sec += PATIENCE_S;
  pthread_mutex_lock (&self->lock);
  before = self->n_answers;
  if (!self->is_asking)
    self->is_asking = door_job_pool_push (self->asker, ask, self);
  while (self->n_answers == before && waited != ETIMEDOUT)
    waited = pthread_cond_timedwait (&self->answered, &self->lock, &until);
  if (self->n_answers == before)
    door_error_set (&problem, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                    "no answer from the database for %d s", PATIENCE_S);
  else if (self->problem != NULL)
    problem = g_error_copy (self->problem);
  pthread_mutex_unlock (&self->lock);
  return problem;
}

/* A provider of OpenID Connect is asked when the first person signs in; until then nothing is wrong with it.
 */
static GError *
find_provider_problem (const DoorContext *context, DoorConnection *connection)
{
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  GError *problem = NULL;

  if (!door_connection_speaks_oidc (connection))
    metadata = door_connection_dup_valid_metadata (connection, door_clock_now_ms (context->clock), &problem);
  else if (door_oidc_cell_is_broken (door_connection_get_oidc_cell (connection)))
    door_error_set (&problem, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_OIDC_PROVIDER,
                    "idp/%s: the provider does not answer", door_connection_get_name (connection));
  return problem;
}

/* Without pushes devices come by themselves, seldom. */
static void
add_push (GPtrArray *parts, const DoorContext *context)
{
  g_autofree char *problem = context->push != NULL ? door_push_dup_problem (context->push) : NULL;
  g_autoptr (GError) error = NULL;

  if (problem != NULL)
    door_error_set (&error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_PUSH_CERTIFICATE, "%s", problem);
  if (context->push_certificates != NULL && context->push_certificates->len > 0)
    add_part (parts, g_strdup ("apns"), error, false);
}

/**
 * door_readiness_list:
 * @self: it
 *
 * Looks at everything the server depends on. Without the database nothing works; without the metadata of a
 * provider the people of that provider cannot sign in, while devices check in and the others sign in. Blocks
 * on the database for a short while; one that says nothing is a problem by then.
 *
 * Returns: (transfer full) (element-type DoorReadinessPart): the parts
 */
GPtrArray *
door_readiness_list (DoorReadiness *self)
{
  gpointer pinned = self->contexts.pin (self->contexts.owner);
  const DoorContext *context = pinned;
  GPtrArray *parts = g_ptr_array_new_with_free_func (part_free);
  g_autoptr (GError) database = find_problem (self);

  if (database == NULL)
    door_writer_check (context->writer, &database);
  add_part (parts, g_strdup ("database"), database, true);
  add_push (parts, context);
  for (guint i = 0; i < context->connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (context->connections, i);
      g_autoptr (GError) problem = find_provider_problem (context, connection);

      add_part (parts, g_strconcat ("idp/", door_connection_get_name (connection), NULL), problem, false);
    }
  self->contexts.unpin (pinned);
  return parts;
}
