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
  /* no database, so that what is measured is the engine's */
  stream = g_initable_new (g_tls_backend_get_client_connection_type (g_tls_backend_get_default ()), NULL,
                           &error, "base-io-stream", plain, "database", NULL, NULL);
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

/* what of the process is in memory */
static uint64_t
resident_bytes (void)
{
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  return g_ascii_strtoull (strchr (text, ' '), NULL, 10) * (uint64_t) sysconf (_SC_PAGESIZE);
}

/* a connection costs kilobytes, not a copy of all authorities of the system */
static void
test_memory (void)
{
  Fixture f = { 0 };
  g_autoptr (GTlsCertificate) one = load ("one.pem");
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (g_object_unref);
  uint64_t before;

  start (&f, one);
  g_ptr_array_add (streams, dial (&f));
  before = resident_bytes ();
  for (size_t i = 0; i < 32; i++)
    g_ptr_array_add (streams, dial (&f));
  g_assert_cmpuint (resident_bytes (), <, before + (32 << 20));
  for (guint i = 0; i < streams->len; i++)
    g_io_stream_close (streams->pdata[i], NULL, NULL);
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

/* the record of a ClientHello, taken from a client that never gets an answer */
static GBytes *
make_hello (void)
{
  g_autoptr (GInputStream) in = g_memory_input_stream_new ();
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GIOStream) base = g_simple_io_stream_new (in, out);
  g_autoptr (GIOStream) stream = g_tls_client_connection_new (base, NULL, NULL);

  g_assert_false (g_tls_connection_handshake (G_TLS_CONNECTION (stream), NULL, NULL));
  g_assert_cmpuint (g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (out)), >, 64);
  return g_bytes_new (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (out)),
                      g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (out)));
}

static void
open_many (const Fixture *f, int *fds, size_t n, const char *text, size_t length)
{
  for (size_t i = 0; i < n; i++)
    {
      fds[i] = fixture_connect_tcp (f);
      client_send (fds[i], text, length);
    }
}

static void
close_many (const int *fds, size_t n)
{
  for (size_t i = 0; i < n; i++)
    close (fds[i]);
}

/* clients that have begun to say something keep nobody from a handshake either */
static void
test_half_hello (void)
{
  Fixture f = { 0 };
  g_autoptr (GTlsCertificate) one = load ("one.pem");
  g_autoptr (GBytes) hello_bytes = make_hello ();
  const char *text = g_bytes_get_data (hello_bytes, NULL);
  const size_t lengths[] = { 1, 4, 5, g_bytes_get_size (hello_bytes) - 1 };
  int fds[G_N_ELEMENTS (lengths)][50];
  int64_t began_us = g_get_monotonic_time ();

  start (&f, one);
  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++)
    open_many (&f, fds[i], G_N_ELEMENTS (fds[i]), text, lengths[i]);
  check (&f, one);
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, 15 * G_USEC_PER_SEC);
  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++)
    close_many (fds[i], G_N_ELEMENTS (fds[i]));
  fixture_clear (&f);
}

/* nor do those that never finish what they began, which each hold a thread */
static void
test_half_handshake (void)
{
  Fixture f = { 0 };
  g_autoptr (GTlsCertificate) one = load ("one.pem");
  g_autoptr (GBytes) hello_bytes = make_hello ();
  int fds[60];
  int64_t began_us;

  start (&f, one);
  open_many (&f, fds, G_N_ELEMENTS (fds), g_bytes_get_data (hello_bytes, NULL),
             g_bytes_get_size (hello_bytes));
  began_us = g_get_monotonic_time ();
  check (&f, one);
  g_test_message ("after %" G_GINT64_FORMAT " ms", (g_get_monotonic_time () - began_us) / 1000);
  close_many (fds, G_N_ELEMENTS (fds));
  fixture_clear (&f);
}

/* a client has a time for the whole of its handshake, however it uses it */
static void
test_handshake_deadline (void)
{
  static const char *const https[] = { "127.0.0.1:0", NULL };
  Fixture f = { 0 };
  g_autoptr (GTlsCertificate) one = load ("one.pem");
  g_autoptr (GBytes) hello_bytes = make_hello ();
  const char *text = g_bytes_get_data (hello_bytes, NULL);
  const size_t lengths[] = { 0, 1, 5, g_bytes_get_size (hello_bytes) };
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  DoorHttpOptions options = {
    .https = https, .certificate = one, .handshake_timeout_s = 1, .metrics = metrics
  };
  int fds[G_N_ELEMENTS (lengths)];

  fixture_init (&f, &options);
  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++)
    open_many (&f, &fds[i], 1, text, lengths[i]);
  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *answer = client_read_all (fds[i]);

      close (fds[i]);
    }
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_HANDSHAKE_TIME), ==, G_N_ELEMENTS (lengths));
  check (&f, one);
  fixture_clear (&f);
}

/* in sum and from one address: the oldest make room */
static void
test_handshake_caps (void)
{
  static const char *const https[] = { "127.0.0.1:0", NULL };
  g_autoptr (GTlsCertificate) one = load ("one.pem");

  for (size_t round = 0; round < 2; round++)
    {
      g_autoptr (DoorMetrics) metrics = door_metrics_new ();
      DoorHttpOptions options = { .https = https, .certificate = one, .metrics = metrics };
      Fixture f = { 0 };
      int fds[3];

      if (round == 0)
        options.max_handshakes = 2;
      else
        options.max_peer_handshakes = 2;
      fixture_init (&f, &options);
      open_many (&f, fds, G_N_ELEMENTS (fds), "\x16", 1);
      {
        g_autofree char *answer = client_read_all (fds[0]);

        g_assert_cmpstr (answer, ==, "");
      }
      g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_HANDSHAKES), ==, 1);
      check (&f, one);
      close_many (fds, G_N_ELEMENTS (fds));
      fixture_clear (&f);
    }
}

/* what has not become a request does not keep it from stopping */
static void
test_stop (void)
{
  Fixture f = { 0 };
  g_autoptr (GTlsCertificate) one = load ("one.pem");
  g_autoptr (GBytes) hello_bytes = make_hello ();
  const char *text = g_bytes_get_data (hello_bytes, NULL);
  const size_t lengths[] = { 0, 1, 5, g_bytes_get_size (hello_bytes) };
  g_autoptr (GIOStream) head = NULL;
  int fds[G_N_ELEMENTS (lengths)];
  int64_t began_us;

  start (&f, one);
  for (size_t i = 0; i < G_N_ELEMENTS (lengths); i++)
    open_many (&f, &fds[i], 1, text, lengths[i]);
  head = dial (&f);
  g_output_stream_write_all (g_io_stream_get_output_stream (head), hello, 10, NULL, NULL, NULL);
  check (&f, one);
  began_us = g_get_monotonic_time ();
  door_http_engine_stop (f.engine, 30);
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, 10 * G_USEC_PER_SEC);
  close_many (fds, G_N_ELEMENTS (fds));
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
  g_test_add_func ("/http/engine-tls/memory", test_memory);
  g_test_add_func ("/http/engine-tls/silent-clients", test_silent_clients);
  g_test_add_func ("/http/engine-tls/half-hello", test_half_hello);
  g_test_add_func ("/http/engine-tls/half-handshake", test_half_handshake);
  g_test_add_func ("/http/engine-tls/handshake-deadline", test_handshake_deadline);
  g_test_add_func ("/http/engine-tls/handshake-caps", test_handshake_caps);
  g_test_add_func ("/http/engine-tls/stop", test_stop);
  g_test_add_func ("/http/engine-tls/no-tls", test_no_tls);
  g_test_add_func ("/http/engine-tls/too-large", test_too_large);
  return g_test_run ();
}
