/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-control.h"

#include <string.h>

#include <glib-unix.h>

#include "door-listen.h"
#include "door-listener.h"

#define RELOAD "reload\n"
/* Only root and the server's own user get here; what one of them does wrong must not keep out the other. */
#define MAX_CLIENTS 8
#define MAX_REQUEST_BYTES 64
/* to send a request, and to take an answer */
#define CLIENT_TIMEOUT_S 5
#define RELOAD_TIMEOUT_S 60
#define EXHAUSTED_PAUSE_S 1

typedef enum
{
  STATE_ASKS,
  STATE_WAITS,
  STATE_TAKES,
} State;

typedef struct
{
  DoorControl *home;
  GSocket *socket;
  State state;
  unsigned int number; /* the reload it waits for */
  GString *text;       /* the request, then the answer */
  size_t sent;
  GSource *ready;
  guint timer;
} Client;

struct _DoorControl
{
  DoorListener *listener;
  DoorControlReload reload;
  gpointer data;
  GPtrArray *clients; /* of Client, oldest first */
  GSource *incoming;
  guint pause;
};

static void
stop_source (GSource **source)
{
  if (*source == NULL)
    return;
  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
client_free (gpointer data)
{
  Client *self = data;

  stop_source (&self->ready);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_object_unref (self->socket);
  g_string_free (self->text, TRUE);
  g_free (self);
}

static gboolean
expired_cb (gpointer data)
{
  Client *self = data;

  self->timer = 0;
  g_ptr_array_remove (self->home->clients, self);
  return G_SOURCE_REMOVE;
}

static void
set_state (Client *self, State state, unsigned int timeout_s)
{
  self->state = state;
  stop_source (&self->ready);
  g_clear_handle_id (&self->timer, g_source_remove);
  self->timer = g_timeout_add_seconds (timeout_s, expired_cb, self);
}

static void
when_ready (Client *self, GIOCondition condition, GSocketSourceFunc func)
{
  self->ready = g_socket_create_source (self->socket, condition, NULL);
  g_source_set_callback (self->ready, G_SOURCE_FUNC (func), self, NULL);
  g_source_attach (self->ready, NULL);
}

static bool
would_block (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

static gboolean
send_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  Client *self = data;
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_send (socket, self->text->str + self->sent, self->text->len - self->sent, NULL, &error);

  if (n < 0 && would_block (error))
    return G_SOURCE_CONTINUE;
  self->sent += n > 0 ? (size_t) n : 0;
  if (n > 0 && self->sent < self->text->len)
    return G_SOURCE_CONTINUE;
  g_ptr_array_remove (self->home->clients, self); /* it has all, or has gone */
  return G_SOURCE_REMOVE;
}

static void
answer (Client *self, const char *text)
{
  set_state (self, STATE_TAKES, CLIENT_TIMEOUT_S);
  g_string_assign (self->text, text);
  when_ready (self, G_IO_OUT, send_cb);
}

static void
take_request (Client *self)
{
  if (self->text->len != strlen (RELOAD) || strcmp (self->text->str, RELOAD) != 0)
    {
      answer (self, "unknown\n");
      return;
    }
  self->number = self->home->reload (self->home->data);
  if (self->number == 0)
    answer (self, "busy\n");
  else
    set_state (self, STATE_WAITS, RELOAD_TIMEOUT_S);
}

static gboolean
receive_cb (GSocket *socket, GIOCondition condition, gpointer data)
{
  Client *self = data;
  char bytes[MAX_REQUEST_BYTES];
  g_autoptr (GError) error = NULL;
  gssize n = g_socket_receive (socket, bytes, sizeof bytes - self->text->len, NULL, &error);

  if (n < 0 && would_block (error))
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    {
      g_ptr_array_remove (self->home->clients, self);
      return G_SOURCE_REMOVE;
    }
  g_string_append_len (self->text, bytes, n);
  if (memchr (bytes, '\n', (size_t) n) == NULL && self->text->len < MAX_REQUEST_BYTES)
    return G_SOURCE_CONTINUE;
  take_request (self);
  return G_SOURCE_REMOVE;
}

static void
send_away (GSocket *socket)
{
  g_socket_send (socket, "busy\n", strlen ("busy\n"), NULL, NULL); /* fits, or nobody is there */
}

/* It has not asked, and nothing of it waits to be read. */
static bool
is_silent (const Client *self)
{
  return self->state == STATE_ASKS && g_socket_condition_check (self->socket, G_IO_IN) == 0;
}

/* The oldest of those who are silent makes room; who asks or waits for an answer does not. */
static bool
make_room (DoorControl *self)
{
  if (self->clients->len < MAX_CLIENTS)
    return true;
  for (guint i = 0; i < self->clients->len; i++)
    {
      Client *client = g_ptr_array_index (self->clients, i);

      if (!is_silent (client))
        continue;
      send_away (client->socket);
      g_ptr_array_remove_index (self->clients, i);
      return true;
    }
  return false;
}

static void
add_client (DoorControl *self, GSocket *socket)
{
  Client *client;

  if (!make_room (self))
    {
      send_away (socket);
      g_object_unref (socket);
      return;
    }
  client = g_new0 (Client, 1);
  client->home = self;
  client->socket = socket;
  client->text = g_string_new (NULL);
  g_ptr_array_add (self->clients, client);
  set_state (client, STATE_ASKS, CLIENT_TIMEOUT_S);
  when_ready (client, G_IO_IN, receive_cb);
}

static void listen_on (DoorControl *self);

static gboolean
pause_cb (gpointer data)
{
  DoorControl *self = data;

  self->pause = 0;
  listen_on (self);
  return G_SOURCE_REMOVE;
}

static gboolean
incoming_cb (int fd, GIOCondition condition, gpointer data)
{
  DoorControl *self = data;
  GSocket *socket = NULL;

  switch (door_listener_accept (self->listener, &socket))
    {
    case DOOR_ACCEPT_OK:
      g_socket_set_blocking (socket, FALSE);
      add_client (self, socket);
      return G_SOURCE_CONTINUE;
    case DOOR_ACCEPT_EXHAUSTED:
      /* it would be ready again at once */
      g_clear_pointer (&self->incoming, g_source_unref);
      self->pause = g_timeout_add_seconds (EXHAUSTED_PAUSE_S, pause_cb, self);
      return G_SOURCE_REMOVE;
    case DOOR_ACCEPT_AGAIN:
    case DOOR_ACCEPT_REFUSED:
    default:
      return G_SOURCE_CONTINUE;
    }
}

static void
listen_on (DoorControl *self)
{
  self->incoming = g_unix_fd_source_new (door_listener_get_fd (self->listener), G_IO_IN);
  g_source_set_callback (self->incoming, G_SOURCE_FUNC (incoming_cb), self, NULL);
  g_source_attach (self->incoming, NULL);
}

/**
 * door_control_dup_path:
 *
 * Returns: (transfer full): where the server listens for `doorctl`: in the folder that the service manager
 * made
 */
char *
door_control_dup_path (void)
{
  return door_listen_dup_runtime_path ("control.sock");
}

/**
 * door_control_new:
 * @path: where the socket goes
 * @reload: asked for a reload
 * @data: its argument
 * @error: return location for an error
 *
 * Listens for what an administrator tells the server while it runs. A request is the line `reload`; the
 * answer is what door_control_answer() says, or `busy`, or `unknown`, and the end. Root and the server's own
 * user are heard, nobody else. Everything runs in the main loop; nothing blocks.
 *
 * Returns: (transfer full): the socket, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorControl *
door_control_new (const char *path, DoorControlReload reload, gpointer data, GError **error)
{
  DoorListener *listener = door_listener_new_unix (path, NULL, error);
  DoorControl *self;

  if (listener == NULL)
    return NULL;
  self = g_new0 (DoorControl, 1);
  self->listener = listener;
  self->reload = reload;
  self->data = data;
  self->clients = g_ptr_array_new_with_free_func (client_free);
  listen_on (self);
  return self;
}

/**
 * door_control_answer:
 * @self: a socket
 * @number: which reload has ended
 * @text: lines that say what came of it
 *
 * Tells all who asked for it or an earlier one, which it stands for. Main loop only.
 */
void
door_control_answer (DoorControl *self, unsigned int number, const char *text)
{
  for (guint i = 0; i < self->clients->len; i++)
    {
      Client *client = g_ptr_array_index (self->clients, i);

      if (client->state == STATE_WAITS && client->number <= number)
        answer (client, text);
    }
}

/**
 * door_control_free:
 * @self: (transfer full): a socket
 *
 * Closes it and all connections.
 */
void
door_control_free (DoorControl *self)
{
  g_clear_handle_id (&self->pause, g_source_remove);
  stop_source (&self->incoming);
  g_ptr_array_unref (self->clients);
  door_listener_unlink (self->listener);
  door_listener_unref (self->listener);
  g_free (self);
}
