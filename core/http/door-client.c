/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-client.h"

#include "door-client-stream.h"

/* how long a connection that was refused may go on sending before it is cut, so that the client comes to
 * read the answer */
#define LINGER_US (2 * G_USEC_PER_SEC)

/* a connection accepted a moment ago may still have its first request on the way */
#define FIRST_REQUEST_US G_USEC_PER_SEC

/**
 * door_client_new:
 * @socket: its socket
 * @remote: (transfer full): its address, an object no other connection has
 * @timeout_us: how long it may take for each of its turns
 * @thread: the thread that accepted it
 *
 * Returns: (transfer full): a connection with one reference
 */
DoorClient *
door_client_new (GSocket *socket, GSocketAddress *remote, int64_t timeout_us, DoorIoThread *thread)
{
  DoorClient *self = g_new0 (DoorClient, 1);

  self->thread = thread;
  self->socket = g_object_ref (socket);
  self->remote = remote;
  self->refs = 1;
  self->since_us = g_get_monotonic_time ();
  self->timeout_us = timeout_us;
  self->deadline_us = self->since_us + timeout_us;
  return self;
}

/**
 * door_client_unref:
 * @self: (transfer full): a connection; the last reference closes it
 */
void
door_client_unref (DoorClient *self)
{
  if (--self->refs > 0)
    return;
  if (self->stream != NULL)
    door_client_stream_forget (self->stream);
  g_clear_object (&self->stream);
  g_clear_object (&self->socket);
  g_clear_object (&self->remote);
  g_free (self);
}

/* The client sends no more. Between two requests that is the end: nothing of ours is on the way, and
 * nothing the server library might yet say is for anybody. */
static bool
ended_cb (gpointer data)
{
  DoorClient *self = data;

  if (self->phase != DOOR_CLIENT_IDLE)
    return false;
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
  return true;
}

/**
 * door_client_take_stream:
 * @self: a connection
 * @base: what is read and written
 *
 * The client can be served from now on.
 */
void
door_client_take_stream (DoorClient *self, GIOStream *base)
{
  door_client_set_deadline (self, self->timeout_us);
  self->stream = door_client_stream_new (base, ended_cb, self);
}

/**
 * door_client_set_deadline:
 * @self: a connection
 * @after_us: how much longer it may take
 */
void
door_client_set_deadline (DoorClient *self, int64_t after_us)
{
  self->deadline_us = g_get_monotonic_time () + after_us;
}

/**
 * door_client_begin_request:
 * @self: a connection
 *
 * The head of a request has come; its body has the client's time to follow.
 */
void
door_client_begin_request (DoorClient *self)
{
  self->phase = DOOR_CLIENT_READING;
  self->used = true;
  door_client_set_deadline (self, self->timeout_us);
}

/**
 * door_client_await_answer:
 * @self: a connection
 *
 * The request is complete; now it is us who take time.
 */
void
door_client_await_answer (DoorClient *self)
{
  self->phase = DOOR_CLIENT_ANSWERING;
  self->deadline_us = 0;
}

/**
 * door_client_begin_answer:
 * @self: a connection
 *
 * The answer is on its way; the client has its time to take it.
 */
void
door_client_begin_answer (DoorClient *self)
{
  door_client_set_deadline (self, self->timeout_us);
}

/**
 * door_client_end_request:
 * @self: a connection
 *
 * The answer is out or has failed; the connection is idle.
 */
void
door_client_end_request (DoorClient *self)
{
  self->phase = DOOR_CLIENT_IDLE;
  door_client_set_deadline (self, self->timeout_us);
}

/**
 * door_client_refuse:
 * @self: a connection
 * @answer: (array length=length): a whole HTTP answer
 * @length: its size
 *
 * Answers without the server library and at once, whatever of the request is still to come: nothing can be
 * sent after it, and what the client goes on sending is thrown away for a moment, so that it finds the
 * answer, and then cut.
 */
void
door_client_refuse (DoorClient *self, const char *answer, size_t length)
{
  GOutputStream *out = g_io_stream_get_output_stream (self->stream);

  /* nothing else has been written to this connection that was not taken: what does not fit now is lost,
   * and so is the client */
  g_pollable_output_stream_write_nonblocking (G_POLLABLE_OUTPUT_STREAM (out), answer, length, NULL, NULL);
  g_socket_shutdown (self->socket, FALSE, TRUE, NULL);
  door_client_set_deadline (self, LINGER_US);
}

/**
 * door_client_is_idle:
 * @self: a connection
 * @now_us: monotonic time
 *
 * Returns: whether nothing of it is under way, as far as anybody can know
 */
bool
door_client_is_idle (DoorClient *self, int64_t now_us)
{
  return self->phase == DOOR_CLIENT_IDLE && (self->used || now_us - self->since_us > FIRST_REQUEST_US) &&
         (g_socket_condition_check (self->socket, G_IO_IN) & G_IO_IN) == 0;
}

/**
 * door_client_has_left:
 * @self: a connection whose request is being answered
 *
 * A client that only sends no more may still read. Over TCP that looks the same as one that has left, until
 * something is sent to it; over a unix socket it does not.
 *
 * Returns: whether the other end reads no more, as far as can be told
 */
bool
door_client_has_left (DoorClient *self)
{
  return g_socket_condition_check (self->socket, G_IO_HUP | G_IO_ERR) != 0;
}

/**
 * door_client_leave:
 * @self: an idle connection
 *
 * Ends the reading side only: a request that is in the socket already is still read and answered, and one
 * that is not fails at the proxy at once.
 */
void
door_client_leave (DoorClient *self)
{
  self->is_leaving = true;
  g_socket_shutdown (self->socket, TRUE, FALSE, NULL);
}

/**
 * door_client_find_longest_idle:
 * @clients: (element-type GSocketAddress DoorClient): connections
 *
 * Looks for the connection that can best be spared: between two requests, for the longest time.
 *
 * Returns: (transfer none) (nullable): it
 */
DoorClient *
door_client_find_longest_idle (GHashTable *clients)
{
  DoorClient *best = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, clients);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      DoorClient *client = value;

      if (client->phase == DOOR_CLIENT_IDLE && client->used && !client->is_leaving &&
          (best == NULL || client->deadline_us < best->deadline_us))
        best = client;
    }
  return best;
}
