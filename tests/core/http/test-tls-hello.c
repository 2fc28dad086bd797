/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include <unistd.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include "door-tls-hello.h"

/* the two ends of a TCP connection */
static GSocket *
make_pair (int *client)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl (INADDR_LOOPBACK) } };
  socklen_t size = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), fd;
  g_autoptr (GError) error = NULL;
  GSocket *server;

  *client = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (listener, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (listen (listener, 1), ==, 0);
  g_assert_cmpint (getsockname (listener, (struct sockaddr *) &address, &size), ==, 0);
  g_assert_cmpint (connect (*client, (struct sockaddr *) &address, size), ==, 0);
  fd = accept (listener, NULL, NULL);
  server = g_socket_new_from_fd (fd, &error);
  g_assert_no_error (error);
  close (listener);
  return server;
}

static void
say (GSocket *server, int client, const void *bytes, size_t length)
{
  gssize before = g_socket_get_available_bytes (server);

  g_assert_cmpint (send (client, bytes, length, MSG_NOSIGNAL), ==, (ssize_t) length);
  while (g_socket_get_available_bytes (server) < before + (gssize) length)
    g_thread_yield ();
}

static bool
is_readable (GSocket *server)
{
  return (g_socket_condition_check (server, G_IO_IN) & G_IO_IN) != 0;
}

/* a record in parts; the socket wakes nobody for a part that does not help */
static void
test_parts (void)
{
  static const unsigned char record[] = { 22, 3, 1, 0, 6, 1, 2, 3, 4, 5, 6, 7 };
  g_autoptr (GSocket) server = NULL;
  int client;

  server = make_pair (&client);
  for (size_t i = 0; i < 11; i++)
    {
      say (server, client, record + i, 1);
      if (i == 0 || i == 4 || i == 10)
        {
          g_assert_true (is_readable (server));
          g_assert_cmpint (door_tls_hello_check (server), ==,
                           i < 10 ? DOOR_TLS_HELLO_PART : DOOR_TLS_HELLO_WHOLE);
        }
      else
        g_assert_false (is_readable (server));
    }
  /* nothing has been taken, and the next byte counts again */
  g_assert_cmpint (g_socket_get_available_bytes (server), ==, 11);
  g_assert_true (is_readable (server));
  close (client);
}

static void
test_whole (void)
{
  g_autofree unsigned char *record = g_malloc0 (5 + 16384);
  g_autoptr (GSocket) server = NULL;
  int client;

  record[0] = 22;
  record[1] = 3;
  record[3] = 0x40;
  server = make_pair (&client);
  say (server, client, record, 5 + 16384);
  g_assert_cmpint (door_tls_hello_check (server), ==, DOOR_TLS_HELLO_WHOLE);
  close (client);
}

static void
test_end (void)
{
  static const unsigned char record[] = { 22, 3, 1, 0, 6, 1 };

  for (size_t length = 0; length <= sizeof record; length++)
    {
      g_autoptr (GSocket) server = NULL;
      int client;

      server = make_pair (&client);
      if (length > 0)
        {
          say (server, client, record, length);
          g_assert_cmpint (door_tls_hello_check (server), ==, DOOR_TLS_HELLO_PART);
          g_assert_false (is_readable (server));
        }
      close (client);
      g_assert_true (g_socket_condition_timed_wait (server, G_IO_IN, 20 * G_USEC_PER_SEC, NULL, NULL));
      g_assert_cmpint (door_tls_hello_check (server), ==, DOOR_TLS_HELLO_NONE);
    }
}

static void
test_strangers (void)
{
  static const unsigned char records[][5] = {
    { 'G', 'E', 'T', ' ', '/' }, { 21, 3, 1, 0, 6 },  { 22, 2, 1, 0, 6 },
    { 22, 3, 1, 0, 0 },          { 22, 3, 1, 64, 1 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (GSocket) server = NULL;
      int client;

      server = make_pair (&client);
      say (server, client, records[i], sizeof records[i]);
      g_assert_cmpint (door_tls_hello_check (server), ==, DOOR_TLS_HELLO_NONE);
      close (client);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/tls-hello/parts", test_parts);
  g_test_add_func ("/http/tls-hello/whole", test_whole);
  g_test_add_func ("/http/tls-hello/end", test_end);
  g_test_add_func ("/http/tls-hello/strangers", test_strangers);
  return g_test_run ();
}
