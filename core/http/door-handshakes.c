/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-handshakes.h"

/* A handshake that holds a thread for longer gives way to one that waits for a thread. */
#define PATIENCE_US (G_USEC_PER_SEC / 2)

typedef enum
{
  SILENT,  /* has not said enough to begin with */
  READY,   /* waits for its turn */
  RUNNING, /* holds a thread */
} State;

typedef struct
{
  gpointer client;
  char *peer; /* NULL: not counted for its address */
  State state;
  int64_t begun_us;
} Entry;

struct _DoorHandshakes
{
  DoorHandshakeLimits limits;
  const DoorHandshakeHooks *hooks;
  GQueue entries; /* Entry, in the order of their coming */
  size_t n_running;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->peer);
  g_free (entry);
}

/**
 * door_handshakes_new:
 * @limits: what clients may do
 * @hooks: what becomes of them; must outlive it
 *
 * Keeps account of the clients that have not finished their TLS handshake. For one thread; takes the time
 * from its caller and never blocks.
 *
 * Returns: (transfer full): the account
 */
DoorHandshakes *
door_handshakes_new (const DoorHandshakeLimits *limits, const DoorHandshakeHooks *hooks)
{
  DoorHandshakes *self = g_new0 (DoorHandshakes, 1);

  self->limits = *limits;
  self->hooks = hooks;
  g_queue_init (&self->entries);
  return self;
}

/**
 * door_handshakes_free:
 * @self: (transfer full): an account
 */
void
door_handshakes_free (DoorHandshakes *self)
{
  g_queue_clear_full (&self->entries, entry_free);
  g_free (self);
}

static void
forget (DoorHandshakes *self, GList *link)
{
  Entry *entry = link->data;

  if (entry->state == RUNNING)
    self->n_running--;
  g_queue_delete_link (&self->entries, link);
  entry_free (entry);
}

static void
drop (DoorHandshakes *self, GList *link)
{
  gpointer client = ((Entry *) link->data)->client;

  forget (self, link);
  self->hooks->drop (client);
}

static bool
is_peer (const Entry *entry, const char *peer)
{
  return peer != NULL && g_strcmp0 (entry->peer, peer) == 0;
}

/**
 * door_handshakes_add:
 * @self: an account
 * @client: a new client
 * @peer: (nullable): its address, %NULL when that shall not be counted
 *
 * Where there are too many, of one address or in all, the oldest makes room: the newest is the likeliest to
 * finish.
 */
void
door_handshakes_add (DoorHandshakes *self, gpointer client, const char *peer)
{
  Entry *entry = g_new0 (Entry, 1);
  GList *oldest_of_peer = NULL;
  size_t of_peer = 0;

  for (GList *link = self->entries.head; link != NULL; link = link->next)
    if (is_peer (link->data, peer))
      {
        oldest_of_peer = oldest_of_peer == NULL ? link : oldest_of_peer;
        of_peer++;
      }
  if (oldest_of_peer != NULL && of_peer >= self->limits.max_per_peer)
    drop (self, oldest_of_peer);
  if (self->entries.length >= self->limits.max)
    drop (self, self->entries.head);
  entry->client = client;
  entry->peer = g_strdup (peer);
  g_queue_push_tail (&self->entries, entry);
}

static GList *
find (DoorHandshakes *self, gpointer client)
{
  for (GList *link = self->entries.head; link != NULL; link = link->next)
    if (((Entry *) link->data)->client == client)
      return link;
  return NULL;
}

static Entry *
find_slowest (DoorHandshakes *self, const char *peer, size_t *n)
{
  Entry *slowest = NULL;

  *n = 0;
  for (GList *link = self->entries.head; link != NULL; link = link->next)
    {
      Entry *entry = link->data;

      if (entry->state != RUNNING || (peer != NULL && !is_peer (entry, peer)))
        continue;
      if (slowest == NULL || entry->begun_us < slowest->begun_us)
        slowest = entry;
      (*n)++;
    }
  return slowest;
}

/* One address never holds all threads, as long as there are two. */
static bool
make_room (DoorHandshakes *self, const Entry *entry, int64_t now_us)
{
  size_t n = 0;
  Entry *slowest = entry->peer == NULL ? NULL : find_slowest (self, entry->peer, &n);

  if (n < MAX (self->limits.max_running / 2, 1))
    {
      if (self->n_running < self->limits.max_running)
        return true;
      slowest = find_slowest (self, NULL, &n);
    }
  if (slowest == NULL || now_us - slowest->begun_us < PATIENCE_US)
    return false;
  drop (self, find (self, slowest->client));
  return true;
}

/* The newest first: its client is the likeliest to be still there and to finish. */
static bool
begin_one (DoorHandshakes *self, int64_t now_us)
{
  for (GList *link = self->entries.tail; link != NULL; link = link->prev)
    {
      Entry *entry = link->data;

      if (entry->state != READY || !make_room (self, entry, now_us))
        continue;
      if (self->hooks->begin (entry->client))
        {
          entry->state = RUNNING;
          entry->begun_us = now_us;
          self->n_running++;
        }
      else
        forget (self, link);
      return true;
    }
  return false;
}

/**
 * door_handshakes_run:
 * @self: an account
 * @now_us: monotonic time
 *
 * Begins what may begin. A handshake holds a thread while it waits for its client; one that does so for long
 * is dropped as soon as another one waits for the thread. To be called now and then.
 */
void
door_handshakes_run (DoorHandshakes *self, int64_t now_us)
{
  while (begin_one (self, now_us))
    continue;
}

/**
 * door_handshakes_set_ready:
 * @self: an account
 * @client: a client, which has said enough to begin
 * @now_us: monotonic time
 */
void
door_handshakes_set_ready (DoorHandshakes *self, gpointer client, int64_t now_us)
{
  GList *link = find (self, client);

  if (link == NULL)
    return;
  ((Entry *) link->data)->state = READY;
  door_handshakes_run (self, now_us);
}

/**
 * door_handshakes_remove:
 * @self: an account
 * @client: a client whose handshake is over; it may be unknown
 * @now_us: monotonic time
 *
 * Forgets a client without dropping it, and lets the next begin.
 */
void
door_handshakes_remove (DoorHandshakes *self, gpointer client, int64_t now_us)
{
  GList *link = find (self, client);

  if (link == NULL)
    return;
  forget (self, link);
  door_handshakes_run (self, now_us);
}
