/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-gda-storage.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include <libgda/libgda.h>

#include "door-error.h"

/* A caller that waits longer for a free connection is better told to come again. */
#define MAX_WAIT_S 30
/* An attempt to connect that fails after this long has waited for an answer; for so long nobody tries again.
 */
#define IN_VAIN_US G_USEC_PER_SEC
#define REST_US G_USEC_PER_SEC

/* The connections to read or to write with. */
typedef struct
{
  GPtrArray *idle; /* (element-type DoorGdaConnection): the last used is the first taken */
  unsigned int n_used;
  unsigned int max;
} Pool;

typedef struct
{
  pthread_mutex_t lock; /* guards what follows; pthread, so that TSan sees it */
  pthread_cond_t freed;
  Pool pools[2];         /* to read with, to write with */
  int64_t rest_until_us; /* monotonic; before, nobody connects */
  DoorOwner owner;
} DoorGdaStoragePrivate;

static void door_gda_storage_class_init (DoorGdaStorageClass *klass);
static void door_gda_storage_init (DoorGdaStorage *self);
static void iface_init (DoorStorageInterface *iface);

static gpointer door_gda_storage_parent_class;
static gint private_offset;

/* By hand, for the name: each storage plugin has its own copy of this class inside, both may be loaded
 * into one process, and GObject wants names to differ. */
GType
door_gda_storage_get_type (void)
{
  static gsize registered = 0;

  if (g_once_init_enter (&registered))
    {
      g_autofree char *name =
          g_strdup_printf ("DoorGdaStorage-%" G_GINTPTR_MODIFIER "x", (guintptr) &registered);
      const GInterfaceInfo storage = { (GInterfaceInitFunc) iface_init, NULL, NULL };
      const GTypeInfo info = {
        .class_size = sizeof (DoorGdaStorageClass),
        .class_init = (GClassInitFunc) door_gda_storage_class_init,
        .instance_size = sizeof (DoorGdaStorage),
        .instance_init = (GInstanceInitFunc) door_gda_storage_init,
      };
      GType type = g_type_register_static (G_TYPE_OBJECT, name, &info, G_TYPE_FLAG_ABSTRACT);

      private_offset = g_type_add_instance_private (type, sizeof (DoorGdaStoragePrivate));
      g_type_add_interface_static (type, DOOR_TYPE_STORAGE, &storage);
      g_once_init_leave (&registered, type);
    }
  return (GType) registered;
}

static DoorGdaStoragePrivate *
get_private (DoorGdaStorage *self)
{
  return G_STRUCT_MEMBER_P (self, private_offset);
}

static void
door_gda_storage_init (DoorGdaStorage *self)
{
  DoorGdaStoragePrivate *priv = get_private (self);
  pthread_condattr_t attributes;

  pthread_mutex_init (&priv->lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&priv->freed, &attributes);
  pthread_condattr_destroy (&attributes);
  for (size_t i = 0; i < G_N_ELEMENTS (priv->pools); i++)
    priv->pools[i].idle = g_ptr_array_new_with_free_func ((GDestroyNotify) door_gda_connection_free);
}

/* It could be done when the database was opened. If not any more, nothing but an end leaves root's files
 * alone. */
static void
act_as (const DoorOwner *owner)
{
  if (!door_owner_enter (owner))
    g_error ("cannot act as the user %u, who owns the folder of the database", (unsigned int) owner->user);
}

static void
finalize (GObject *object)
{
  DoorGdaStoragePrivate *priv = get_private (DOOR_GDA_STORAGE (object));

  act_as (&priv->owner);
  for (size_t i = 0; i < G_N_ELEMENTS (priv->pools); i++)
    g_ptr_array_unref (priv->pools[i].idle);
  door_owner_leave (&priv->owner);
  pthread_cond_destroy (&priv->freed);
  pthread_mutex_destroy (&priv->lock);
  G_OBJECT_CLASS (door_gda_storage_parent_class)->finalize (object);
}

static void
door_gda_storage_class_init (DoorGdaStorageClass *klass)
{
  door_gda_storage_parent_class = g_type_class_peek_parent (klass);
  g_type_class_adjust_private_offset (klass, &private_offset);
  G_OBJECT_CLASS (klass)->finalize = finalize;

  /* libgda complains when it is asked twice, and another plugin may have done it. */
  if (g_type_from_name ("GdaNumeric") == 0)
    gda_init ();
}

static gboolean
configure (DoorStorage *storage, DoorSettings *settings, GError **error)
{
  DoorGdaStorage *self = DOOR_GDA_STORAGE (storage);
  DoorGdaStorageClass *klass = DOOR_GDA_STORAGE_GET_CLASS (self);
  DoorGdaStoragePrivate *priv = get_private (self);

  priv->pools[DOOR_TXN_READ].max = (unsigned int) door_settings_get_integer (settings, "PoolSize");
  priv->pools[DOOR_TXN_WRITE].max = klass->max_writers;
  return klass->configure (self, settings, error);
}

static gboolean
set_up (DoorGdaStorage *self, DoorGdaConnection *connection, DoorTxnMode mode, GError **error)
{
  DoorGdaStorageClass *klass = DOOR_GDA_STORAGE_GET_CLASS (self);

  for (const char *const *statement = klass->setup; *statement != NULL; statement++)
    if (!door_gda_connection_run (connection, *statement, NULL, error))
      return FALSE;
  return klass->prepare_connection == NULL || klass->prepare_connection (self, connection, mode, error);
}

static DoorGdaConnection *
connect_new (DoorGdaStorage *self, DoorTxnMode mode, GError **error)
{
  DoorGdaStorageClass *klass = DOOR_GDA_STORAGE_GET_CLASS (self);
  g_autofree char *where = klass->dup_where (self);
  char *who = klass->dup_who != NULL ? klass->dup_who (self) : NULL;
  g_autoptr (DoorGdaConnection) connection = NULL;

  if (klass->check_connect == NULL || klass->check_connect (self, error))
    connection = door_gda_connection_new (klass->backend, where, who, error);
  if (who != NULL)
    explicit_bzero (who, strlen (who));
  g_free (who);
  if (connection == NULL || !set_up (self, connection, mode, error))
    return NULL;
  return g_steal_pointer (&connection);
}

static Pool *
get_pool (DoorGdaStoragePrivate *priv, DoorTxnMode mode)
{
  return &priv->pools[mode == DOOR_TXN_WRITE ? DOOR_TXN_WRITE : DOOR_TXN_READ];
}

static void
wake_waiters (GCancellable *cancellable, DoorGdaStorage *self)
{
  DoorGdaStoragePrivate *priv = get_private (self);

  pthread_mutex_lock (&priv->lock);
  pthread_cond_broadcast (&priv->freed);
  pthread_mutex_unlock (&priv->lock);
}

/* Waits for the right to use one connection; gives an idle one if there is any. */
static gboolean
take_place (DoorGdaStorage *self, DoorTxnMode mode, GCancellable *cancellable, DoorGdaConnection **idle)
{
  DoorGdaStoragePrivate *priv = get_private (self);
  Pool *pool = get_pool (priv, mode);
  struct timespec until;
  gboolean taken = FALSE, waiting = TRUE;

  clock_gettime (CLOCK_MONOTONIC, &until);
  until.tv_sec += MAX_WAIT_S;
  pthread_mutex_lock (&priv->lock);
  while (pool->n_used >= pool->max && waiting)
    waiting = !g_cancellable_is_cancelled (cancellable) &&
              pthread_cond_timedwait (&priv->freed, &priv->lock, &until) == 0;
  if (pool->n_used < pool->max && !g_cancellable_is_cancelled (cancellable))
    {
      pool->n_used++;
      taken = TRUE;
      *idle = pool->idle->len > 0 ? g_ptr_array_steal_index (pool->idle, pool->idle->len - 1) : NULL;
    }
  pthread_mutex_unlock (&priv->lock);
  return taken;
}

/* Ends the right to use one; keeps the connection if it can be used again. */
static void
give_place (DoorGdaStorage *self, DoorTxnMode mode, DoorGdaConnection *connection)
{
  DoorGdaStoragePrivate *priv = get_private (self);

  if (connection != NULL && door_gda_connection_is_lost (connection))
    g_clear_pointer (&connection, door_gda_connection_free);
  pthread_mutex_lock (&priv->lock);
  if (connection != NULL)
    g_ptr_array_add (get_pool (priv, mode)->idle, connection);
  get_pool (priv, mode)->n_used--;
  pthread_cond_broadcast (&priv->freed);
  pthread_mutex_unlock (&priv->lock);
}

/* Who asks a database that does not answer waits for long, and a request may ask more than once: after one
 * that waited in vain, others are refused at once for a moment. A refused connection costs nothing. */
static DoorGdaConnection *
connect_unless_in_vain (DoorGdaStorage *self, DoorTxnMode mode, GError **error)
{
  DoorGdaStoragePrivate *priv = get_private (self);
  int64_t began_us = g_get_monotonic_time (), ended_us;
  DoorGdaConnection *connection;
  bool resting;

  pthread_mutex_lock (&priv->lock);
  resting = began_us < priv->rest_until_us;
  pthread_mutex_unlock (&priv->lock);
  if (resting)
    {
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                      "the database did not answer a moment ago");
      return NULL;
    }
  connection = connect_new (self, mode, error);
  ended_us = g_get_monotonic_time ();
  if (connection == NULL && ended_us - began_us >= IN_VAIN_US)
    {
      pthread_mutex_lock (&priv->lock);
      priv->rest_until_us = ended_us + REST_US;
      pthread_mutex_unlock (&priv->lock);
    }
  return connection;
}

static void
forget_idle (DoorGdaStorage *self, DoorTxnMode mode)
{
  DoorGdaStoragePrivate *priv = get_private (self);
  GPtrArray *idle;

  pthread_mutex_lock (&priv->lock);
  idle = g_steal_pointer (&get_pool (priv, mode)->idle);
  get_pool (priv, mode)->idle = g_ptr_array_new_with_free_func ((GDestroyNotify) door_gda_connection_free);
  pthread_mutex_unlock (&priv->lock);
  g_ptr_array_unref (idle);
}

/* Begins on the idle connection or, if that was lost while it rested, on a new one: nothing has been done
 * on it that could be lost with it. */
static gboolean
begin_on (DoorGdaStorage *self, DoorTxnMode mode, DoorGdaConnection **connection, GError **error)
{
  if (*connection != NULL)
    {
      g_autoptr (GError) from = NULL;

      if (door_gda_connection_begin (*connection, mode, &from))
        return TRUE;
      if (!door_gda_connection_is_lost (*connection))
        {
          g_propagate_error (error, g_steal_pointer (&from));
          return FALSE;
        }
      /* The others went the same way: a server that restarts closes them all. */
      forget_idle (self, mode);
      g_clear_pointer (connection, door_gda_connection_free);
    }
  *connection = connect_unless_in_vain (self, mode, error);
  if (*connection == NULL)
    return FALSE;
  if (door_gda_connection_begin (*connection, mode, error))
    return TRUE;
  /* SQLite opens read-only what it may not write, and what it shares between connections then stays so until
   * the last of them is closed. */
  if (mode == DOOR_TXN_WRITE && door_gda_connection_is_lost (*connection))
    forget_idle (self, DOOR_TXN_READ);
  return FALSE;
}

static const DoorOwner *
get_owner (DoorStorage *storage)
{
  return &get_private (DOOR_GDA_STORAGE (storage))->owner;
}

static gpointer
begin (DoorStorage *storage, DoorTxnMode mode, GCancellable *cancellable, GError **error)
{
  DoorGdaStorage *self = DOOR_GDA_STORAGE (storage);
  const DoorOwner *owner = get_owner (storage);
  DoorGdaConnection *connection = NULL;
  gulong id = 0;
  gboolean taken;

  if (cancellable != NULL)
    id = g_cancellable_connect (cancellable, G_CALLBACK (wake_waiters), self, NULL);
  taken = take_place (self, mode, cancellable, &connection);
  g_cancellable_disconnect (cancellable, id);
  if (!taken)
    {
      door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                      g_cancellable_is_cancelled (cancellable)
                          ? "waiting for a database connection was cancelled"
                          : "no database connection became free");
      return NULL;
    }
  act_as (owner);
  if (!begin_on (self, mode, &connection, error))
    {
      give_place (self, mode, connection);
      connection = NULL;
    }
  door_owner_leave (owner);
  return connection;
}

static int64_t
execute (DoorStorage *storage, gpointer handle, const char *sql, GVariant *params, GError **error)
{
  const DoorOwner *owner = get_owner (storage);
  int64_t n_rows;

  act_as (owner);
  n_rows = door_gda_connection_execute (handle, sql, params, error);
  door_owner_leave (owner);
  return n_rows;
}

static int64_t
execute_batch (DoorStorage *storage, gpointer handle, const char *sql, GVariant *rows, GError **error)
{
  const DoorOwner *owner = get_owner (storage);
  int64_t n_rows;

  act_as (owner);
  n_rows = door_gda_connection_execute_batch (handle, sql, rows, error);
  door_owner_leave (owner);
  return n_rows;
}

static GVariant *
query (DoorStorage *storage, gpointer handle, const char *sql, GVariant *params, GError **error)
{
  const DoorOwner *owner = get_owner (storage);
  GVariant *rows;

  act_as (owner);
  rows = door_gda_connection_query (handle, sql, params, error);
  door_owner_leave (owner);
  return rows;
}

static gboolean
end (DoorStorage *storage, gpointer handle, gboolean commit, GError **error)
{
  const DoorOwner *owner = get_owner (storage);
  DoorGdaConnection *connection = handle;
  gboolean success;

  act_as (owner);
  success = door_gda_connection_end (connection, commit, error);
  give_place (DOOR_GDA_STORAGE (storage), door_gda_connection_get_mode (connection), connection);
  door_owner_leave (owner);
  return success;
}

static gboolean
prepare (DoorGdaStorage *self, GError **error)
{
  DoorGdaStorageClass *klass = DOOR_GDA_STORAGE_GET_CLASS (self);
  DoorOwner *owner = &get_private (self)->owner;
  gboolean ready;

  if (klass->find_owner != NULL)
    *owner = klass->find_owner (self);
  ready = door_owner_enter (owner);
  if (!ready)
    door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DB_UNAVAILABLE,
                    "the database belongs to the user %u, and cannot be opened as that user; run this as it",
                    (unsigned int) owner->user);
  else if (klass->prepare_open != NULL)
    ready = klass->prepare_open (self, error);
  door_owner_leave (owner);
  return ready;
}

static gboolean
open_storage (DoorStorage *storage, GCancellable *cancellable, GError **error)
{
  DoorGdaStorage *self = DOOR_GDA_STORAGE (storage);
  gpointer handle;

  if (!prepare (self, error))
    return FALSE;
  handle = begin (storage, DOOR_TXN_WRITE, cancellable, error);
  return handle != NULL && end (storage, handle, TRUE, error);
}

static void
iface_init (DoorStorageInterface *iface)
{
  iface->configure = configure;
  iface->open = open_storage;
  iface->begin = begin;
  iface->execute = execute;
  iface->execute_batch = execute_batch;
  iface->query = query;
  iface->end = end;
}
