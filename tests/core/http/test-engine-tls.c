/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "fixture.h"

static const char hello[] = "GET /echo/x HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n";

/* Asked by the address sanitizer, where there is one. The leak checker of gcc 12 crashes on the thread-local
 * storage of the threads in which handshakes run. */
const char *__asan_default_options (void);

const char *
__asan_default_options (void)
{
  return "detect_leaks=0";
}

static GTlsCertificate *
load (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "http", name, NULL);
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_file (path, &error);

  g_assert_no_error (error);
  return certificate;
}

static gboolean
accept_cb (GTlsConnection *connection, GTlsCertificate *certificate, GTlsCertificateFlags errors,
           gpointer data)
{
  return TRUE;
}

static GIOStream *
dial (const Fixture *f)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address =
      g_inet_socket_address_new (loopback, (guint16) door_http_engine_get_port (f->engine, 1));
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketConnection) plain =
      g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  g_autoptr (GIOStream) stream = NULL;

  g_assert_no_error (error);
  g_socket_set_timeout (g_socket_connection_get_socket (plain), 20);
  stream = g_tls_client_connection_new (G_IO_STREAM (plain), NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (stream, "accept-certificate", G_CALLBACK (accept_cb), NULL);
  g_tls_connection_handshake (G_TLS_CONNECTION (stream), NULL, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&stream);
}

/* asks once and says which certificate was shown */
static void
check (const Fixture *f, GTlsCertificate *expected)
{
  g_autoptr (GIOStream) stream = dial (f);
  g_autoptr (GError) error = NULL;
  char answer[2048] = "";
  gsize size = 0;

  g_output_stream_write_all (g_io_stream_get_output_stream (stream), hello, strlen (hello), NULL, NULL,
                             &error);
  g_assert_no_error (error);
  g_input_stream_read_all (g_io_stream_get_input_stream (stream), answer, sizeof answer - 1, &size, NULL,
                           NULL);
  g_assert_nonnull (strstr (answer, "peer=127.0.0.1 scheme=https host=a.example"));
  g_assert_true (g_tls_certificate_is_same (g_tls_connection_get_peer_certificate (G_TLS_CONNECTION (stream)),
                                            expected));
  g_io_stream_close (stream, NULL, NULL);
}

static void
start (Fixture *f, GTlsCertificate *certificate)
{
  static const char *const https[] = { "127.0.0.1:0", NULL };
  DoorHttpOptions options = { .https = https, .certificate = certificate };

  fixture_init (f, &options);
}

static void
test_swap (void)
{
  Fixture f = { 0 };
  g_autoptr (GTlsCertificate) one = load ("one.pem"), two = load ("two.pem");

  start (&f, one);
  check (&f, one);
  door_http_engine_set_certificate (f.engine, two);
  check (&f, two);
  fixture_clear (&f);
}

/* clients that say nothing keep nobody from a handshake, and stopping ends them */
static void
test_silent_clients (void)
{
  Fixture f = { 0 };
  g_autoptr (GTlsCertificate) one = load ("one.pem");
  int silent[100];

  start (&f, one);
  for (size_t i = 0; i < G_N_ELEMENTS (silent); i++)
    silent[i] = fixture_connect_tcp (&f);
  check (&f, one);
  door_http_engine_stop (f.engine, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (silent); i++)
    close (silent[i]);
  fixture_clear (&f);
}

static void
test_no_tls (void)
{
  Fixture f = { 0 };
  g_autoptr (GTlsCertificate) one = load ("one.pem");
  g_autofree char *answer = NULL;
  int fd;

  start (&f, one);
  fd = fixture_connect_tcp (&f);
  client_send (fd, hello, strlen (hello));
  answer = client_read_all (fd);
  g_assert_null (strstr (answer, "HTTP/1."));
  close (fd);
  check (&f, one);
  fixture_clear (&f);
}

static void
test_too_large (void)
{
  static const char request[] = "POST /echo/x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5000\r\n\r\n";
  Fixture f = { 0 };
  g_autoptr (GTlsCertificate) one = load ("one.pem");
  g_autoptr (GIOStream) stream = NULL;
  char answer[2048] = "";
  gsize size;

  start (&f, one);
  stream = dial (&f);
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), request, strlen (request), NULL, NULL,
                             NULL);
  g_input_stream_read_all (g_io_stream_get_input_stream (stream), answer, sizeof answer - 1, &size, NULL,
                           NULL);
  g_assert_cmpuint (client_status (answer), ==, 413);
  g_io_stream_close (stream, NULL, NULL);
  fixture_clear (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/engine-tls/swap", test_swap);
  g_test_add_func ("/http/engine-tls/silent-clients", test_silent_clients);
  g_test_add_func ("/http/engine-tls/no-tls", test_no_tls);
  g_test_add_func ("/http/engine-tls/too-large", test_too_large);
  return g_test_run ();
}
