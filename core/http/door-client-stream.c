/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-client-stream.h"

#include <string.h>

/* The server library (libsoup before 3.4) forgets to close a connection that the client closes between two
 * requests, or resets because it left without our last answer: descriptor and memory stay for ever. It does
 * close one that ends in the middle of a head. So the end of an idle connection is preceded by a line that
 * belongs to no valid request, and an error is an end as well; the same line keeps a head that was cut off
 * from being taken for a whole one. */
static const char last_line[] = "\x01:\x01\n";

#define DOOR_TYPE_CLIENT_INPUT (door_client_input_get_type ())
G_DECLARE_FINAL_TYPE (DoorClientInput, door_client_input, DOOR, CLIENT_INPUT, GFilterInputStream)

struct _DoorClientInput
{
  GFilterInputStream parent_instance;
  DoorClientEnded ended; /* NULL when nobody wants to know any more */
  gpointer data;
  const char *rest; /* what is left of the last line; NULL while the client sends */
};

static gboolean
input_can_poll (GPollableInputStream *stream)
{
  GInputStream *base = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));

  return g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (base));
}

static gboolean
input_is_readable (GPollableInputStream *stream)
{
  GInputStream *base = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));

  return g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (base));
}

static GSource *
input_create_source (GPollableInputStream *stream, GCancellable *cancellable)
{
  GInputStream *base = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));
  g_autoptr (GSource) source =
      g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (base), cancellable);

  return g_pollable_source_new_full (stream, source, NULL);
}

static gssize
input_read_nonblocking (GPollableInputStream *stream, void *buffer, gsize count, GError **error)
{
  DoorClientInput *self = DOOR_CLIENT_INPUT (stream);
  GInputStream *base = g_filter_input_stream_get_base_stream (G_FILTER_INPUT_STREAM (stream));
  g_autoptr (GError) failure = NULL;
  gssize n;

  if (self->rest == NULL)
    {
      n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (base), buffer, count, NULL,
                                                    &failure);
      if (n > 0 || count == 0 || self->ended == NULL ||
          g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          if (failure != NULL)
            g_propagate_error (error, g_steal_pointer (&failure));
          return n;
        }
      self->rest = self->ended (self->data) ? last_line : "";
    }
  count = MIN (count, strlen (self->rest));
  memcpy (buffer, self->rest, count);
  self->rest += count;
  return (gssize) count;
}

static void
input_iface_init (GPollableInputStreamInterface *iface)
{
  iface->can_poll = input_can_poll;
  iface->is_readable = input_is_readable;
  iface->create_source = input_create_source;
  iface->read_nonblocking = input_read_nonblocking;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (DoorClientInput, door_client_input, G_TYPE_FILTER_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, input_iface_init))

static void
door_client_input_class_init (DoorClientInputClass *klass)
{
}

static void
door_client_input_init (DoorClientInput *self)
{
}

#define DOOR_TYPE_CLIENT_STREAM (door_client_stream_get_type ())
G_DECLARE_FINAL_TYPE (DoorClientStream, door_client_stream, DOOR, CLIENT_STREAM, GIOStream)

struct _DoorClientStream
{
  GIOStream parent_instance;
  GIOStream *base;
  DoorClientInput *input;
};

G_DEFINE_FINAL_TYPE (DoorClientStream, door_client_stream, G_TYPE_IO_STREAM)

static GInputStream *
stream_get_input (GIOStream *stream)
{
  return G_INPUT_STREAM (DOOR_CLIENT_STREAM (stream)->input);
}

static GOutputStream *
stream_get_output (GIOStream *stream)
{
  return g_io_stream_get_output_stream (DOOR_CLIENT_STREAM (stream)->base);
}

static gboolean
stream_close (GIOStream *stream, GCancellable *cancellable, GError **error)
{
  return g_io_stream_close (DOOR_CLIENT_STREAM (stream)->base, cancellable, error);
}

static void
stream_finalize (GObject *object)
{
  DoorClientStream *self = DOOR_CLIENT_STREAM (object);

  g_clear_object (&self->input);
  g_clear_object (&self->base);
  G_OBJECT_CLASS (door_client_stream_parent_class)->finalize (object);
}

static void
door_client_stream_class_init (DoorClientStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = stream_finalize;
  G_IO_STREAM_CLASS (klass)->get_input_stream = stream_get_input;
  G_IO_STREAM_CLASS (klass)->get_output_stream = stream_get_output;
  G_IO_STREAM_CLASS (klass)->close_fn = stream_close;
}

static void
door_client_stream_init (DoorClientStream *self)
{
}

/**
 * door_client_stream_new:
 * @base: connection to a client, with streams that can be polled
 * @ended: called once, when the client sends no more
 * @data: its argument, until door_client_stream_forget()
 *
 * Wraps a connection so that the server library sees its end between two requests. Never blocks; to be used
 * by one thread.
 *
 * Returns: (transfer full): the stream to give to the library
 */
GIOStream *
door_client_stream_new (GIOStream *base, DoorClientEnded ended, gpointer data)
{
  DoorClientStream *self = g_object_new (DOOR_TYPE_CLIENT_STREAM, NULL);

  self->base = g_object_ref (base);
  self->input = g_object_new (DOOR_TYPE_CLIENT_INPUT, "base-stream", g_io_stream_get_input_stream (base),
                              "close-base-stream", FALSE, NULL);
  self->input->ended = ended;
  self->input->data = data;
  return G_IO_STREAM (self);
}

/**
 * door_client_stream_forget:
 * @stream: a stream of door_client_stream_new()
 *
 * Calls nobody from now on.
 */
void
door_client_stream_forget (GIOStream *stream)
{
  DOOR_CLIENT_STREAM (stream)->input->ended = NULL;
}
