/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends prepared requests over a few keep-alive connections as fast as answers come, and says how it went. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <netinet/tcp.h>

#include <arpa/inet.h>
#include <glib.h>
#include <gnutls/gnutls.h>

#define ANSWER_MAX_BYTES (64 * 1024)
#define MAX_EVENTS 64
#define WAIT_MS 1000

typedef struct
{
  char **sockets;
  int port;
  char *host;
  char *file;
  int connections;
  int requests;
  int timeout_s;
  gboolean hold;
} Options;

typedef struct
{
  int fd;
  gnutls_session_t tls; /* NULL: plain */
  size_t index;
  int64_t began_us;
  char *answer;
  size_t length;
} Client;

/* One run. Its latencies are microseconds, one for each answer. */
typedef struct
{
  const Options *options;
  GPtrArray *requests; /* GBytes */
  gnutls_certificate_credentials_t credentials;
  int epoll;
  size_t sent;
  size_t done;
  size_t reopened;
  uint32_t *latencies;
  unsigned int statuses[600];
} Run;

static void G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN give_up (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  vfprintf (stderr, format, args);
  va_end (args);
  fputc ('\n', stderr);
  exit (EXIT_FAILURE);
}

static int
open_unix (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    give_up ("%s: %s", path, g_strerror (errno));
  return fd;
}

static int
open_tcp (int port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  if (fd < 0 || connect (fd, (struct sockaddr *) &address, sizeof address) != 0)
    give_up ("port %d: %s", port, g_strerror (errno));
  return fd;
}

/* The server is our own on loopback: its certificate is not looked at. */
static void
shake_hands (Run *run, Client *client)
{
  int status;

  gnutls_init (&client->tls, GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);
  gnutls_set_default_priority (client->tls);
  gnutls_credentials_set (client->tls, GNUTLS_CRD_CERTIFICATE, run->credentials);
  gnutls_server_name_set (client->tls, GNUTLS_NAME_DNS, run->options->host, strlen (run->options->host));
  gnutls_transport_set_int (client->tls, client->fd);
  while ((status = gnutls_handshake (client->tls)) == GNUTLS_E_INTERRUPTED)
    continue;
  if (status < 0)
    give_up ("TLS: %s", gnutls_strerror (status));
}

static void
open_client (Run *run, Client *client)
{
  const Options *options = run->options;
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };

  client->fd = options->port != 0
                   ? open_tcp (options->port)
                   : open_unix (options->sockets[client->index % g_strv_length (options->sockets)]);
  if (options->port != 0)
    shake_hands (run, client);
  if (fcntl (client->fd, F_SETFL, O_NONBLOCK) != 0 ||
      epoll_ctl (run->epoll, EPOLL_CTL_ADD, client->fd, &event) != 0)
    give_up ("epoll: %s", g_strerror (errno));
  client->length = 0;
}

static void
close_client (Client *client)
{
  g_clear_pointer (&client->tls, gnutls_deinit);
  close (client->fd);
  client->fd = -1;
}

/* Bytes moved; 0 when it would block; a connection that ends ends the run. */
static size_t
transfer (Client *client, bool out, char *data, size_t size)
{
  ssize_t n;

  if (client->tls != NULL)
    n = out ? gnutls_record_send (client->tls, data, size) : gnutls_record_recv (client->tls, data, size);
  else
    n = out ? send (client->fd, data, size, MSG_NOSIGNAL) : recv (client->fd, data, size, 0);
  if (n > 0)
    return (size_t) n;
  if (client->tls != NULL ? n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED
                          : n < 0 && (errno == EAGAIN || errno == EINTR))
    return 0;
  give_up ("the connection ended in the middle: %s",
           client->tls != NULL ? gnutls_strerror ((int) n) : g_strerror (errno));
}

/* What is sent fits into the buffers of the sockets, so waiting here is rare. */
static void
send_next (Run *run, Client *client)
{
  GBytes *request = run->requests->pdata[run->sent % run->requests->len];
  gsize size;
  const char *data = g_bytes_get_data (request, &size);

  run->sent++;
  client->length = 0;
  client->began_us = g_get_monotonic_time ();
  while (size > 0)
    {
      size_t n = transfer (client, true, (char *) data, size);
      struct pollfd wait = { .fd = client->fd, .events = POLLOUT };

      data += n;
      size -= n;
      if (n == 0 && poll (&wait, 1, WAIT_MS) <= 0)
        give_up ("the server takes no request");
    }
}

static const char *
find_header (const char *head, const char *name)
{
  const char *at = strcasestr (head, name);

  return at != NULL ? at + strlen (name) : NULL;
}

/* Length of the whole answer, 0 while its head is not complete. */
static size_t
measure_answer (Client *client, unsigned int *status, bool *closes)
{
  char *end;
  const char *length, *connection;

  client->answer[client->length] = '\0';
  end = strstr (client->answer, "\r\n\r\n");
  if (end == NULL)
    return 0;
  if (strncmp (client->answer, "HTTP/1.1 ", 9) != 0)
    give_up ("no answer of HTTP/1.1");
  *status = (unsigned int) strtoul (client->answer + 9, NULL, 10);
  *end = '\0';
  length = find_header (client->answer, "\r\nContent-Length:");
  connection = find_header (client->answer, "\r\nConnection:");
  *closes = connection != NULL && g_str_has_prefix (connection, " close");
  *end = '\r';
  return (size_t) (end + 4 - client->answer) + (length != NULL ? strtoul (length, NULL, 10) : 0);
}

static void
finish (Run *run, Client *client, unsigned int status, bool closes)
{
  run->latencies[run->done++] = (uint32_t) (g_get_monotonic_time () - client->began_us);
  run->statuses[MIN (status, G_N_ELEMENTS (run->statuses) - 1)]++;
  if (closes)
    {
      run->reopened++;
      close_client (client);
      open_client (run, client);
    }
  if (!run->options->hold && run->sent < (size_t) run->options->requests)
    send_next (run, client);
}

static void
receive (Run *run, Client *client)
{
  unsigned int status = 0;
  bool closes = false;
  size_t n, whole;

  while ((n = transfer (client, false, client->answer + client->length, ANSWER_MAX_BYTES - client->length)) >
         0)
    {
      client->length += n;
      whole = measure_answer (client, &status, &closes);
      if (whole > ANSWER_MAX_BYTES || client->length == ANSWER_MAX_BYTES)
        give_up ("an answer of more than %d bytes", ANSWER_MAX_BYTES);
      if (whole > 0 && client->length > whole)
        give_up ("bytes behind an answer");
      if (whole > 0 && client->length == whole)
        {
          finish (run, client, status, closes);
          return;
        }
    }
}

static void
await_answers (Run *run, size_t count, int64_t end_us)
{
  struct epoll_event events[MAX_EVENTS];

  while (run->done < count)
    {
      int n = epoll_wait (run->epoll, events, MAX_EVENTS, WAIT_MS);

      for (int i = 0; i < n; i++)
        receive (run, events[i].data.ptr);
      if (g_get_monotonic_time () > end_us)
        give_up ("only %zu of %d answers in %d s", run->done, run->options->requests,
                 run->options->timeout_s);
    }
}

static void
open_all (Run *run, Client *clients)
{
  for (int i = 0; i < run->options->connections; i++)
    {
      clients[i].index = (size_t) i;
      clients[i].answer = g_malloc (ANSWER_MAX_BYTES + 1);
      open_client (run, &clients[i]);
    }
}

static void
play (Run *run, Client *clients, int64_t end_us)
{
  for (int i = 0; i < run->options->connections && run->sent < (size_t) run->options->requests; i++)
    send_next (run, &clients[i]);
  await_answers (run, (size_t) run->options->requests, end_us);
}

/* One after the other: a server does not wait for the first request of a connection for as long as it takes
 * to make thousands. */
static void
open_and_hold (Run *run, Client *clients, int64_t end_us)
{
  for (int i = 0; i < run->options->connections; i++)
    {
      clients[i].index = (size_t) i;
      clients[i].answer = g_malloc (ANSWER_MAX_BYTES + 1);
      open_client (run, &clients[i]);
      send_next (run, &clients[i]);
      await_answers (run, (size_t) i + 1, end_us);
    }
}

static int
compare_latencies (const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

  return x < y ? -1 : x > y;
}

static void
print_result (Run *run, double seconds)
{
  struct rusage usage;
  const char *comma = "";

  getrusage (RUSAGE_SELF, &usage);
  qsort (run->latencies, run->done, sizeof *run->latencies, compare_latencies);
  printf ("{\"requests\": %zu, \"seconds\": %.6f, \"p50_us\": %u, \"p99_us\": %u, \"reopened\": %zu, "
          "\"client_cpu_s\": %.3f, \"statuses\": {",
          run->done, seconds, run->latencies[run->done / 2], run->latencies[run->done * 99 / 100],
          run->reopened,
          (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
              (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
  for (size_t i = 0; i < G_N_ELEMENTS (run->statuses); i++)
    if (run->statuses[i] > 0)
      {
        printf ("%s\"%zu\": %u", comma, i, run->statuses[i]);
        comma = ", ";
      }
  puts ("}}");
  fflush (stdout);
}

/* The file is a row of requests, each behind its length as four bytes, the highest first. */
static GPtrArray *
read_requests (const char *path)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *requests = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autofree char *data = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error))
    give_up ("%s", error->message);
  for (gsize at = 0; at + 4 <= size;)
    {
      uint32_t length;

      memcpy (&length, data + at, sizeof length);
      length = ntohl (length);
      at += 4;
      if (length > size - at)
        give_up ("%s is cut off", path);
      g_ptr_array_add (requests, g_bytes_new (data + at, length));
      at += length;
    }
  if (requests->len == 0)
    give_up ("%s has no request", path);
  return requests;
}

static void
execute (const Options *options)
{
  Run run = { .options = options, .epoll = epoll_create1 (EPOLL_CLOEXEC) };
  g_autofree Client *clients = g_new0 (Client, (size_t) options->connections);
  int64_t from_us, end_us = g_get_monotonic_time () + options->timeout_s * G_USEC_PER_SEC;
  char byte;

  run.requests = read_requests (options->file);
  run.latencies = g_new0 (uint32_t, (size_t) options->requests + 1);
  gnutls_certificate_allocate_credentials (&run.credentials);
  if (!options->hold)
    open_all (&run, clients);
  from_us = g_get_monotonic_time ();
  if (options->hold)
    open_and_hold (&run, clients, end_us);
  else
    play (&run, clients, end_us);
  print_result (&run, (double) (g_get_monotonic_time () - from_us) / G_USEC_PER_SEC);
  while (options->hold && read (STDIN_FILENO, &byte, 1) > 0)
    continue;
  for (int i = 0; i < options->connections; i++)
    {
      close_client (&clients[i]);
      g_free (clients[i].answer);
    }
  gnutls_certificate_free_credentials (run.credentials);
  g_ptr_array_unref (run.requests);
  g_free (run.latencies);
  close (run.epoll);
}

int
main (int argc, char **argv)
{
  Options options = { .connections = 16, .requests = 1000, .timeout_s = 120 };
  const GOptionEntry entries[] = {
    { "unix", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.sockets, "plain, over this socket; repeatable",
      "PATH" },
    { "tls", 0, 0, G_OPTION_ARG_INT, &options.port, "TLS to this port of 127.0.0.1", "PORT" },
    { "host", 0, 0, G_OPTION_ARG_STRING, &options.host, "server name of TLS", "NAME" },
    { "file", 0, 0, G_OPTION_ARG_FILENAME, &options.file, "prepared requests", "FILE" },
    { "connections", 0, 0, G_OPTION_ARG_INT, &options.connections, "connections (16)", "N" },
    { "requests", 0, 0, G_OPTION_ARG_INT, &options.requests, "requests in all (1000)", "N" },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &options.timeout_s, "longest run (120)", "SECONDS" },
    { "hold", 0, 0, G_OPTION_ARG_NONE, &options.hold, "keep the connections until stdin ends", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    give_up ("%s", error->message);
  if ((options.sockets == NULL) == (options.port == 0) || options.file == NULL || options.connections < 1 ||
      options.requests < 1 || (options.hold && options.requests != options.connections) ||
      (options.port != 0 && options.host == NULL))
    give_up ("give --unix or --tls with --host, and --file; see --help");
  execute (&options);
  g_strfreev (options.sockets);
  g_free (options.host);
  g_free (options.file);
  return EXIT_SUCCESS;
}
