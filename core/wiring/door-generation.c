/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-generation.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "door-connections.h"
#include "door-error.h"
#include "door-keys.h"
#include "door-metadata-kept.h"
#include "door-push-certificates.h"

struct _DoorGenerations
{
  pthread_mutex_t lock; /* guards current */
  DoorGeneration *current;
  unsigned int n_made;         /* of whoever makes them, one at a time */
  _Atomic unsigned int n_live; /* made and not freed */
};

/**
 * door_generations_new:
 *
 * Returns: (transfer full): a place for generations, with none in force yet
 */
DoorGenerations *
door_generations_new (void)
{
  DoorGenerations *self = g_new0 (DoorGenerations, 1);

  pthread_mutex_init (&self->lock, NULL);
  return self;
}

/**
 * door_generations_free:
 * @self: (transfer full): a place; nothing is pinned any more
 */
void
door_generations_free (DoorGenerations *self)
{
  g_clear_pointer (&self->current, door_generation_unpin);
  pthread_mutex_destroy (&self->lock);
  g_free (self);
}

static void
generation_clear (gpointer box)
{
  DoorGeneration *self = box;
  DoorContext *context = &self->context;
  unsigned int n_live;

  g_clear_pointer (&context->connections, g_ptr_array_unref);
  g_clear_pointer (&context->profile_signer, door_cms_signer_free);
  g_clear_pointer (&context->device_anchor, door_certificate_unref);
  g_clear_pointer (&context->eulas, g_ptr_array_unref);
  g_clear_pointer (&context->push_certificates, g_ptr_array_unref);
  g_clear_pointer (&self->policy, door_policy_free);
  g_clear_pointer (&self->config, door_config_unref);
  g_free (self->topic);
  n_live = atomic_fetch_sub (&self->home->n_live, 1) - 1;
  g_debug ("generation %u of the configuration has ended, %u live", self->number, n_live);
}

/**
 * door_generation_unpin:
 * @self: (transfer full): a generation
 *
 * Lets it go; the last one frees it. Any thread.
 */
void
door_generation_unpin (DoorGeneration *self)
{
  g_atomic_rc_box_release_full (self, generation_clear);
}

/**
 * door_generations_pin:
 * @self: a place in which one is in force
 *
 * Any thread.
 *
 * Returns: (transfer full): the generation in force
 */
DoorGeneration *
door_generations_pin (DoorGenerations *self)
{
  DoorGeneration *pinned;

  pthread_mutex_lock (&self->lock);
  pinned = g_atomic_rc_box_acquire (self->current);
  pthread_mutex_unlock (&self->lock);
  return pinned;
}

/* A counter that is there from the beginning shows its first increase. */
static void
announce_providers (const DoorContext *context)
{
  for (guint i = 0; i < context->connections->len; i++)
    {
      const DoorConnection *connection = g_ptr_array_index (context->connections, i);
      const DoorMetricSample none = { DOOR_METRIC_FAMILY_SIGN_INS,
                                      { door_connection_get_name (connection), "accepted" },
                                      0 };

      door_metrics_count (context->metrics, &none);
    }
}

/**
 * door_generations_put:
 * @self: a place
 * @next: (transfer full): a generation
 *
 * Puts it into force. The one before lives as long as somebody has it pinned. Any thread.
 */
void
door_generations_put (DoorGenerations *self, DoorGeneration *next)
{
  DoorGeneration *before;

  announce_providers (&next->context);
  pthread_mutex_lock (&self->lock);
  before = self->current;
  self->current = next;
  pthread_mutex_unlock (&self->lock);
  g_clear_pointer (&before, door_generation_unpin);
}

/**
 * door_generations_count:
 * @self: a place
 *
 * Returns: how many generations are in memory; more than one while requests keep an older one
 */
unsigned int
door_generations_count (DoorGenerations *self)
{
  return atomic_load (&self->n_live);
}

static gpointer
pin_web (gpointer owner)
{
  return &door_generations_pin (owner)->web;
}

static void
unpin_web (gpointer pinned)
{
  door_generation_unpin ((DoorGeneration *) ((char *) pinned - offsetof (DoorGeneration, web)));
}

/**
 * door_generations_get_webs:
 * @self: a place
 *
 * Returns: pins of the #DoorWeb in force
 */
DoorPins
door_generations_get_webs (DoorGenerations *self)
{
  return (DoorPins){ pin_web, unpin_web, self };
}

static gpointer
pin_context (gpointer owner)
{
  return &door_generations_pin (owner)->context;
}

static void
unpin_context (gpointer pinned)
{
  door_generation_unpin ((DoorGeneration *) ((char *) pinned - offsetof (DoorGeneration, context)));
}

/**
 * door_generations_get_contexts:
 * @self: a place
 *
 * Returns: pins of the #DoorContext in force
 */
DoorPins
door_generations_get_contexts (DoorGenerations *self)
{
  return (DoorPins){ pin_context, unpin_context, self };
}

/* A server that starts does without a provider that is wrong: it answers with its own error page, and
 * door_inspect_providers() and door_inspect_eulas() have told. One that runs has better: what is in force. */
static bool
judge_failures (const GPtrArray *failures, const DoorGeneration *before, GError **error)
{
  for (guint i = 0; i < failures->len; i++)
    {
      const char *text = g_ptr_array_index (failures, i);

      if (before != NULL)
        return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "%s", text);
      g_warning ("left out at the start: %s", text);
    }
  return true;
}

/* Files that are wrong now do not take away what was read from them when they were right. */
static void
load_metadata (const DoorGeneration *self, DoorConnection *connection, bool adopted, bool development,
               GPtrArray *failures)
{
  g_autoptr (DoorSamlMetadata) known = NULL;
  g_autoptr (GError) error = NULL;
  int64_t fetched_ms = 0;

  if (door_idp_profile_get_metadata_upload (door_connection_get_profile (connection)))
    {
      if (door_metadata_kept_recall (&self->context, connection, &fetched_ms, &error))
        return;
      if (self->number == 1) /* of the start; it cannot be looked at in the configuration */
        g_warning ("%s; nobody can sign in there until it is mended", error->message);
      g_ptr_array_add (failures, g_strdup (error->message));
      return;
    }
  if (door_connection_get_source (connection) != NULL)
    {
      if (!adopted && !door_metadata_kept_recall (&self->context, connection, &fetched_ms, &error))
        g_warning ("%s", error->message);
      return;
    }
  if (door_connection_load (connection, development, &error))
    return;
  /* whether there is some is all that matters */
  known = door_connection_dup_metadata (connection, NULL);
  if (known != NULL)
    g_warning ("%s; what was read before stays in force", error->message);
  else
    g_ptr_array_add (failures, g_strdup (error->message));
}

static bool
open_connections (DoorGeneration *self, const DoorSetup *setup, const DoorGeneration *before, GError **error)
{
  g_autoptr (GPtrArray) failures = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *connections = door_setup_make_connections (setup, self->config, self->policy, failures);

  self->context.connections = connections;
  if (!judge_failures (failures, before, error))
    return false;
  g_ptr_array_set_size (failures, 0);
  for (guint i = 0; i < connections->len; i++)
    {
      DoorConnection *connection = g_ptr_array_index (connections, i), *other = NULL;

      if (before != NULL)
        other = door_connections_lookup (before->context.connections, door_connection_get_name (connection));
      load_metadata (self, connection, other != NULL && door_connection_adopt (connection, other),
                     door_setup_is_development (setup), failures);
    }
  return judge_failures (failures, before, error);
}

static bool
open_push (DoorGeneration *self, const DoorSettings *apple, bool development, GError **error)
{
  DoorContext *context = &self->context;
  g_autoptr (DoorPushCertificate) configured = NULL;
  g_autoptr (DoorTxn) txn = NULL;

  if (!door_keys_load_push_certificate (apple, &configured, error))
    return false;
  txn = door_storage_begin (context->storage, DOOR_TXN_SINGLE, NULL, error);
  if (txn != NULL)
    context->push_certificates = door_push_certificates_read (txn, context->state_key, configured, error);
  if (context->push_certificates == NULL)
    return false;
  self->topic =
      door_keys_dup_topic (apple, context->push_certificates, context->state_key, development, error);
  context->topic = self->topic;
  return self->topic != NULL;
}

static bool
load_eulas (DoorGeneration *self, const DoorGeneration *before, GError **error)
{
  g_autoptr (GPtrArray) failures = g_ptr_array_new_with_free_func (g_free);

  self->context.eulas = door_setup_load_eulas (self->config, failures);
  return judge_failures (failures, before, error);
}

static bool
fill (DoorGeneration *self, const DoorGenerationParts *parts, const DoorGeneration *before, GError **error)
{
  bool development = door_setup_is_development (parts->setup);
  DoorSettings *apple = door_config_get_settings (self->config, "apple");
  DoorContext *context = &self->context;

  self->policy = door_setup_make_policy (self->config);
  context->policy = self->policy;
  context->profile_signer = door_keys_load_signer (apple, context->authority, development, error);
  if (context->profile_signer == NULL ||
      !door_keys_load_device_anchor (apple, development, &context->device_anchor, error) ||
      !open_push (self, apple, development, error))
    return false;
  self->web = (DoorWeb){ context, parts->pages, parts->translations };
  return load_eulas (self, before, error) && open_connections (self, parts->setup, before, error);
}

/**
 * door_generations_make:
 * @self: a place
 * @parts: what a generation is made of
 * @config: a configuration without errors that forbid a start
 * @error: return location for an error
 *
 * Makes a generation without putting it into force. Connections whose source of metadata is the same as in
 * the one that is in force share the metadata with it. The first one tolerates identity providers that are
 * wrong, later ones do not. Blocking; one thread at a time.
 *
 * Returns: (transfer full): the generation, or %NULL with an error
 */
DoorGeneration *
door_generations_make (DoorGenerations *self, const DoorGenerationParts *parts, DoorConfig *config,
                       GError **error)
{
  g_autoptr (DoorGeneration) before = self->current != NULL ? door_generations_pin (self) : NULL;
  g_autoptr (DoorGeneration) next = g_atomic_rc_box_new0 (DoorGeneration);

  next->number = self->n_made + 1;
  next->config = door_config_ref (config);
  next->context = *parts->lasting;
  next->home = self;
  atomic_fetch_add (&self->n_live, 1);
  if (!fill (next, parts, before, error))
    return NULL;
  self->n_made++;
  return g_steal_pointer (&next);
}
