/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-apns.h"

#include <pthread.h>

#include <libsoup/soup.h>

#include "door-error.h"
#include "door-version.h"

/* A push that has no answer by then will have none; the connection may be dead. */
#define TIMEOUT_S 20
#define LOST_S 3
#define STOP_S 5

/* With one certificate over one connection (Apple, "Communicating with APNs"). */
typedef struct
{
  SoupSession *session;
  GTlsCertificate *certificate;
} Line;

struct _DoorApns
{
  char *server;
  GTlsDatabase *trust; /* NULL: that of the system */
  GMainContext *context;
  GMainLoop *loop;
  pthread_t thread;
  GHashTable *lines; /* topic → Line; what follows is of the thread alone */
  GQueue flights;    /* the oldest first */
  GSource *watch;    /* ends those that take too long */
};

/* One push. */
typedef struct
{
  DoorApns *apns;
  char *topic;
  char *push_token;
  GBytes *body;
  int64_t expires_s;
  DoorPushDone done;
  gpointer data;
  Line *line;
  SoupMessage *message;
  GCancellable *cancellable;
  GList link;
  int64_t begun_us;
  bool late;
  bool over; /* was reported, and is freed when libsoup gives it back, if ever */
  uint8_t answer[DOOR_PUSH_MAX_ANSWER];
} Flight;

static void
line_clear (gpointer box)
{
  Line *line = box;

  g_clear_object (&line->session);
  g_clear_object (&line->certificate);
}

static void
line_release (gpointer line)
{
  g_atomic_rc_box_release_full (line, line_clear);
}

static void
flight_report (Flight *self, const DoorPushAnswer *answer)
{
  if (self->over)
    return;
  self->over = true;
  self->done (self->data, answer);
  if (self->line != NULL)
    g_queue_unlink (&self->apns->flights, &self->link);
}

static void
flight_end (Flight *self, const DoorPushAnswer *answer)
{
  flight_report (self, answer);
  g_clear_pointer (&self->line, line_release);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_bytes_unref (self->body);
  g_free (self->topic);
  g_free (self->push_token);
  g_free (self);
}

static void
flight_fail (Flight *self, const char *failure)
{
  const DoorPushAnswer answer = { .failure = self->late ? "no answer within 20 s" : failure };

  flight_end (self, &answer);
}

static int64_t
get_retry_after_s (SoupMessage *message)
{
  const char *text =
      soup_message_headers_get_one (soup_message_get_response_headers (message), "Retry-After");
  guint64 seconds = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT32, &seconds, NULL)
             ? (int64_t) seconds
             : 0;
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Flight *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = G_INPUT_STREAM (source); /* was kept for the reading */
  g_autoptr (GBytes) body = NULL;
  DoorPushAnswer answer = { 0 };
  gsize got = 0;

  if (!g_input_stream_read_all_finish (stream, result, &got, &error))
    {
      flight_fail (self, error->message);
      return;
    }
  body = g_bytes_new (self->answer, got);
  answer.status = soup_message_get_status (self->message);
  answer.body = body;
  answer.retry_after_s = get_retry_after_s (self->message);
  flight_end (self, &answer);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Flight *self = data;
  g_autoptr (GError) error = NULL;
  GInputStream *stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);

  if (stream == NULL)
    {
      flight_fail (self, error->message);
      return;
    }
  if (soup_message_get_http_version (self->message) != SOUP_HTTP_2_0)
    {
      g_object_unref (stream);
      flight_fail (self, "the server does not speak HTTP/2");
      return;
    }
  /* what is longer than an answer of APNs can be is cut, and means nothing then */
  g_input_stream_read_all_async (stream, self->answer, sizeof self->answer, G_PRIORITY_DEFAULT,
                                 self->cancellable, read_cb, self);
}

/* A TLS session that is resumed has the client certificate it began with: after a renewal that would be the
 * former one. */
static void
handshake_cb (SoupMessage *message, GSocketClientEvent event, GIOStream *connection, gpointer certificate)
{
  if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
    return;
  g_tls_connection_set_certificate (G_TLS_CONNECTION (connection), certificate);
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (connection), "session-resumption-enabled") != NULL)
    g_object_set (connection, "session-resumption-enabled", FALSE, NULL);
}

/* A connection that goes away makes libsoup send a message again on another one, with a body that was read to
 * its end. */
static void
restarted_cb (SoupMessage *message, gpointer body)
{
  soup_message_set_request_body_from_bytes (message, "application/json", body);
}

static void
unref_body (gpointer body, GClosure *closure)
{
  g_bytes_unref (body);
}

static SoupMessage *
make_message (const Flight *self)
{
  g_autofree char *url = g_strdup_printf ("https://%s/3/device/%s", self->apns->server, self->push_token);
  SoupMessage *message = soup_message_new (SOUP_METHOD_POST, url);
  SoupMessageHeaders *headers;
  char expires[24];

  if (message == NULL)
    return NULL;
  headers = soup_message_get_request_headers (message);
  g_snprintf (expires, sizeof expires, "%" G_GINT64_FORMAT, self->expires_s);
  soup_message_headers_append (headers, "apns-topic", self->topic);
  soup_message_headers_append (headers, "apns-push-type", "mdm");
  soup_message_headers_append (headers, "apns-priority", "10");
  soup_message_headers_append (headers, "apns-expiration", expires);
  soup_message_set_request_body_from_bytes (message, "application/json", self->body);
  /* without the first each POST of libsoup opens a connection of its own */
  soup_message_add_flags (message, SOUP_MESSAGE_IDEMPOTENT | SOUP_MESSAGE_NO_REDIRECT);
  soup_message_set_tls_client_certificate (message, self->line->certificate);
  g_signal_connect_object (message, "network-event", G_CALLBACK (handshake_cb), self->line->certificate, 0);
  g_signal_connect_data (message, "restarted", G_CALLBACK (restarted_cb), g_bytes_ref (self->body),
                         unref_body, 0);
  return message;
}

static Line *
make_line (const DoorApns *self, GTlsCertificate *certificate)
{
  Line *line = g_atomic_rc_box_new0 (Line);

  /* no proxy: what the environment of the service says of one is not meant for this */
  line->session = soup_session_new_with_options ("max-conns", 1, "max-conns-per-host", 1, "idle-timeout", 0,
                                                 "timeout", TIMEOUT_S, "user-agent", "doorward/" DOOR_VERSION,
                                                 "proxy-resolver", NULL, NULL);
  if (self->trust != NULL)
    soup_session_set_tls_database (line->session, self->trust);
  line->certificate = g_object_ref (certificate);
  return line;
}

/* libsoup may lose a message whose connection was cut while it was sent again: it never comes back, also when
 * it is cancelled. Then the push counts as one without an answer. */
static void
flight_abandon (Flight *self)
{
  const DoorPushAnswer answer = { .failure = "no answer, and the request was lost" };

  flight_report (self, &answer);
}

/* What has lost a message counts its connection as taken, and may open no other: the next push begins anew.
 */
static void
give_line_up (DoorApns *self, const Flight *flight, GPtrArray *lost)
{
  Line *line = flight->line;

  if (g_hash_table_lookup (self->lines, flight->topic) != line)
    return;
  g_ptr_array_add (lost, g_object_ref (line->session));
  g_hash_table_replace (self->lines, g_strdup (flight->topic), make_line (self, line->certificate));
}

static gboolean
watch_cb (gpointer data)
{
  DoorApns *self = data;
  int64_t now_us = g_get_monotonic_time ();
  g_autoptr (GPtrArray) lost = g_ptr_array_new_with_free_func (g_object_unref);
  GList *next;

  /* each takes itself out of the queue, most of them later, when their calls come back */
  for (GList *at = self->flights.head; at != NULL; at = next)
    {
      Flight *flight = at->data;
      int64_t age_us = now_us - flight->begun_us;

      next = at->next;
      if (age_us > (TIMEOUT_S + LOST_S) * G_USEC_PER_SEC)
        {
          give_line_up (self, flight, lost);
          flight_abandon (flight);
        }
      else if (age_us > TIMEOUT_S * G_USEC_PER_SEC && !flight->late)
        {
          flight->late = true;
          g_cancellable_cancel (flight->cancellable);
        }
    }
  for (guint i = 0; i < lost->len; i++) /* behind the loop: what it ends takes itself out of the queue */
    soup_session_abort (lost->pdata[i]);
  return G_SOURCE_CONTINUE;
}

static gboolean
send_cb (gpointer data)
{
  Flight *self = data;
  Line *line = g_hash_table_lookup (self->apns->lines, self->topic);

  if (line == NULL)
    {
      flight_fail (self, "no certificate for this topic");
      return G_SOURCE_REMOVE;
    }
  self->line = g_atomic_rc_box_acquire (line);
  self->begun_us = g_get_monotonic_time ();
  self->link.data = self;
  g_queue_push_tail_link (&self->apns->flights, &self->link);
  self->message = make_message (self);
  if (self->message == NULL)
    {
      flight_fail (self, "the address of the server or the token is not one");
      return G_SOURCE_REMOVE;
    }
  self->cancellable = g_cancellable_new ();
  soup_session_send_async (line->session, self->message, G_PRIORITY_DEFAULT, self->cancellable, sent_cb,
                           self);
  return G_SOURCE_REMOVE;
}

static void
send (gpointer owner, const DoorPushMessage *message, DoorPushDone done, gpointer data)
{
  DoorApns *self = owner;
  Flight *flight = g_new0 (Flight, 1);

  flight->apns = self;
  flight->topic = g_strdup (message->topic);
  flight->push_token = g_strdup (message->push_token);
  flight->body = g_bytes_ref (message->body);
  flight->expires_s = message->expires_s;
  flight->done = done;
  flight->data = data;
  g_main_context_invoke (self->context, send_cb, flight);
}

/* A certificate on its way to the thread. */
typedef struct
{
  DoorApns *apns;
  char *topic;
  GTlsCertificate *certificate; /* NULL: take it away */
} Change;

static gboolean
change_cb (gpointer data)
{
  Change *change = data;

  if (change->certificate != NULL)
    g_hash_table_replace (change->apns->lines, g_strdup (change->topic),
                          make_line (change->apns, change->certificate));
  else
    g_hash_table_remove (change->apns->lines, change->topic);
  g_clear_object (&change->certificate);
  g_free (change->topic);
  g_free (change);
  return G_SOURCE_REMOVE;
}

static bool
set_identity (gpointer owner, const char *topic, const char *pem, GError **error)
{
  DoorApns *self = owner;
  g_autoptr (GError) local = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;
  Change *change;

  if (pem != NULL)
    certificate = g_tls_certificate_new_from_pem (pem, -1, &local);
  if (local != NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_NONE, "%s", local->message);
  change = g_new0 (Change, 1);
  change->apns = self;
  change->topic = g_strdup (topic);
  change->certificate = g_steal_pointer (&certificate);
  g_main_context_invoke (self->context, change_cb, change);
  return true;
}

/* Waits for what was cancelled to come back, but not for ever: libsoup may have lost a message whose
 * connection was cut while it was sent again. What does not come back is as if it had no answer, which its
 * wish is kept for. */
static void
end_flights (DoorApns *self)
{
  int64_t until_us = g_get_monotonic_time () + STOP_S * G_USEC_PER_SEC;
  GHashTableIter iter;
  gpointer line;

  for (GList *at = self->flights.head; at != NULL; at = at->next)
    g_cancellable_cancel (((Flight *) at->data)->cancellable);
  g_hash_table_iter_init (&iter, self->lines);
  while (g_hash_table_iter_next (&iter, NULL, &line))
    soup_session_abort (((Line *) line)->session);
  while (self->flights.length > 0 && g_get_monotonic_time () < until_us)
    g_main_context_iteration (self->context, TRUE); /* the watch wakes it every second */
  while (self->flights.length > 0)
    flight_abandon (self->flights.head->data);
}

static void *
run (void *data)
{
  DoorApns *self = data;

  pthread_setname_np (pthread_self (), "apns");
  g_main_context_push_thread_default (self->context);
  self->watch = g_timeout_source_new_seconds (1);
  g_source_set_callback (self->watch, watch_cb, self, NULL);
  g_source_attach (self->watch, self->context);
  g_main_loop_run (self->loop);
  end_flights (self);
  g_source_destroy (self->watch);
  g_source_unref (self->watch);
  g_hash_table_remove_all (self->lines);
  while (g_main_context_pending (self->context))
    g_main_context_iteration (self->context, FALSE);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

/**
 * door_apns_new:
 * @server: host and port of Apple's push service
 * @trust: (nullable): who may certify it; %NULL: whom the system trusts
 *
 * Starts what speaks to Apple's push service (APNs): one connection for each topic, HTTP/2, kept open, in a
 * thread of its own. It needs certificates before it sends, see #DoorPushSender.
 *
 * Returns: (transfer full): it
 */
DoorApns *
door_apns_new (const char *server, GTlsDatabase *trust)
{
  DoorApns *self = g_new0 (DoorApns, 1);

  self->server = g_strdup (server);
  self->trust = trust != NULL ? g_object_ref (trust) : NULL;
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, line_release);
  g_queue_init (&self->flights);
  if (pthread_create (&self->thread, NULL, run, self) != 0)
    g_error ("cannot start the thread for APNs");
  return self;
}

static gboolean
quit_cb (gpointer data)
{
  g_main_loop_quit (((DoorApns *) data)->loop);
  return G_SOURCE_REMOVE;
}

/**
 * door_apns_free:
 * @self: (transfer full): what speaks to APNs; nobody sends any more
 *
 * Ends the connections; pushes under way are reported as without an answer. Blocks until that is done.
 */
void
door_apns_free (DoorApns *self)
{
  g_main_context_invoke (self->context, quit_cb, self);
  pthread_join (self->thread, NULL);
  g_hash_table_unref (self->lines);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_clear_object (&self->trust);
  g_free (self->server);
  g_free (self);
}

/**
 * door_apns_get_sender:
 * @self: what speaks to APNs
 *
 * Returns: what sends through it; lives as long as @self
 */
DoorPushSender
door_apns_get_sender (DoorApns *self)
{
  return (DoorPushSender){ self, set_identity, send };
}
