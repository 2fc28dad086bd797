/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/socket.h>

#include "door-error.h"
#include "fixture.h"

#define HOST "Host: a.example\r\n"

static const char hello[] = "GET /hello HTTP/1.1\r\n" HOST "\r\n";
static const char patient[] = "GET /patient HTTP/1.1\r\n" HOST "\r\n";
static const char gate[] = "GET /gate HTTP/1.1\r\n" HOST "\r\n";

static void
assert_hello (int fd)
{
  g_autofree char *answer = client_ask (fd, hello);

  g_assert_cmpuint (client_status (answer), ==, 200);
}

static void
assert_closed (int fd)
{
  g_autofree char *answer = client_read_all (fd);

  g_assert_cmpstr (answer, ==, "");
  close (fd);
}

/* a connection that the client closes between two requests must not stay open on our side */
static void
test_idle_close (void)
{
  DoorHttpOptions options = { .max_connections = 8 };
  Fixture f = { 0 };

  fixture_init (&f, &options);
  for (size_t i = 0; i < 50; i++)
    {
      int fd = fixture_connect (&f);

      assert_hello (fd);
      shutdown (fd, SHUT_WR);
      assert_closed (fd);
    }
  fixture_clear (&f);
}

/* a head that was cut off is not taken for a whole one */
static void
test_cut_head (void)
{
  static const char *const heads[] = { "GET /hello HTTP/1.1\r\n" HOST,
                                       "GET /hello HTTP/1.1\r\nHost: a.example", "GET /hello HTTP/1.1\r\n",
                                       "GET /hel" };
  Fixture f = { 0 };

  fixture_init (&f, NULL);
  for (size_t i = 0; i < 2 * G_N_ELEMENTS (heads); i++)
    {
      const char *head = heads[i / 2];
      int fd = fixture_connect (&f);
      g_autofree char *answer = NULL;

      if (i % 2 == 1)
        assert_hello (fd);
      client_send (fd, head, strlen (head));
      shutdown (fd, SHUT_WR);
      answer = client_read_all (fd);
      g_assert_null (strstr (answer, "hello"));
      close (fd);
    }
  fixture_clear (&f);
}

/* a client may say at once that it has no more to send */
static void
test_half_close (void)
{
  Fixture f = { 0 };
  g_autofree char *answer = NULL;
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  client_send (fd, hello, strlen (hello));
  shutdown (fd, SHUT_WR);
  answer = client_read_all (fd);
  g_assert_true (g_str_has_suffix (answer, "\r\n\r\nhello"));
  close (fd);
  fixture_clear (&f);
}

static void
test_timeouts (void)
{
  static const char *const starts[] = {
    "",
    "GET /hello HTTP/1.1\r\nHo",
    "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nabc",
  };
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  DoorHttpOptions options = { .client_timeout_s = 1, .metrics = metrics };
  Fixture f = { 0 };
  int fds[G_N_ELEMENTS (starts)], idle, lazy;
  struct pollfd cut = { .events = POLLRDHUP };

  fixture_init (&f, &options);
  for (size_t i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      fds[i] = fixture_connect (&f);
      client_send (fds[i], starts[i], strlen (starts[i]));
    }
  idle = fixture_connect (&f);
  assert_hello (idle);
  lazy = fixture_connect (&f);
  client_send (lazy, "GET /large HTTP/1.1\r\n" HOST "\r\n", strlen ("GET /large HTTP/1.1\r\n" HOST "\r\n"));
  for (size_t i = 0; i < G_N_ELEMENTS (starts); i++)
    assert_closed (fds[i]);
  assert_closed (idle);
  /* it has not read for longer than allowed: what was not sent by then never comes */
  cut.fd = lazy;
  g_assert_cmpint (poll (&cut, 1, 20 * 1000), ==, 1);
  /* the one that was idle is nobody's fault */
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_CLIENT_TIME), ==, G_N_ELEMENTS (starts) + 1);
  {
    g_autofree char *answer = client_read_all (lazy);
    size_t n = strlen (answer);

    g_assert_cmpuint (n, <, 8 << 20);
  }
  close (lazy);
  fixture_clear (&f);
}

/* Who does not go after a refusal has reached one limit, not two. */
static void
test_refused_and_stays (void)
{
  static const char request[] = "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 4097\r\n\r\n";
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  DoorHttpOptions options = { .metrics = metrics };
  Fixture f = { 0 };
  struct pollfd cut = { 0 };

  fixture_init (&f, &options);
  cut.fd = fixture_connect (&f);
  client_send (cut.fd, request, strlen (request));
  {
    g_autofree char *answer = client_read_all (cut.fd);

    g_assert_cmpuint (client_status (answer), ==, 413);
  }
  g_assert_cmpint (poll (&cut, 1, 20 * 1000), ==, 1);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_BODY), ==, 1);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_CLIENT_TIME), ==, 0);
  close (cut.fd);
  fixture_clear (&f);
}

static void
test_handler_timeout (void)
{
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  DoorHttpOptions options = { .handler_timeout_s = 1, .metrics = metrics };
  Fixture f = { 0 };
  g_autofree char *answer = NULL;
  int fd;

  fixture_init (&f, &options);
  fd = fixture_connect (&f);
  g_test_expect_message ("doorward-http", G_LOG_LEVEL_WARNING, "*patient: cancelled*");
  answer = client_ask (fd, patient);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (client_status (answer), ==, 503);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_REQUEST_TIME), ==, 1);
  close (fd);
  fixture_clear (&f);
}

static void
assert_only_abandoned (const char *text, const char *route)
{
  g_autofree char *expected =
      g_strdup_printf ("request_duration_seconds_count{route=\"%s\",code=\"4xx\"} 1\n", route);

  if (strstr (text, expected) == NULL)
    g_test_message ("%s is not in:\n%s", expected, text);
  g_assert_nonnull (strstr (text, expected));
}

/* Who hangs up is told from who waits: what is done for him ends, is no fault of ours, and what has not begun
 * never does. */
static void
test_left (void)
{
  DoorHttpOptions options = { .n_workers = 1 };
  Fixture f = { 0 };
  g_autoptr (GString) text = g_string_new (NULL);
  int running, queued;

  fixture_init (&f, &options);
  running = fixture_connect (&f);
  client_send (running, patient, strlen (patient));
  gate_wait_for (&f.gate, 1);
  queued = fixture_connect (&f);
  client_send (queued, hello, strlen (hello));
  close (queued);
  close (running);
  door_http_engine_stop (f.engine, 30); /* waits for both, and cuts nobody before */
  door_route_times_print (f.times, text);
  assert_only_abandoned (text->str, "patient");
  assert_only_abandoned (text->str, "hello");
  g_assert_null (strstr (text->str, "5xx"));
  g_assert_null (strstr (text->str, "2xx"));
  fixture_clear (&f);
}

/* with no room left the longest idle connection makes some, and where none is idle the new one is refused */
static void
test_connection_cap (void)
{
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  DoorHttpOptions options = { .max_connections = 2, .metrics = metrics };
  Fixture f = { 0 };
  int fds[3];

  fixture_init (&f, &options);
  for (size_t i = 0; i < 2; i++)
    fds[i] = fixture_connect (&f);
  fds[2] = fixture_connect (&f);
  assert_closed (fds[2]);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_CONNECTIONS), ==, 1);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_IDLE), ==, 0);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_CONNECTIONS), ==, 2);
  assert_hello (fds[1]);
  assert_hello (fds[0]);
  fds[2] = fixture_connect (&f);
  assert_hello (fds[2]);
  assert_closed (fds[1]);
  assert_hello (fds[0]);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_IDLE), ==, 1);
  close (fds[0]);
  close (fds[2]);
  fixture_clear (&f);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_CONNECTIONS), ==, 0);
}

static void
warned_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  sem_post (data);
}

/* out of descriptors the engine waits instead of giving up its listener */
static void
test_out_of_descriptors (void)
{
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  DoorHttpOptions options = { .metrics = metrics };
  Fixture f = { 0 };
  struct rlimit before, tight;
  int client, fillers[64];
  GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  guint handler;
  sem_t warned;
  size_t n = 0;

  sem_init (&warned, 0, 0);
  handler = g_log_set_handler ("doorward-http", G_LOG_LEVEL_WARNING, warned_cb, &warned);
  fixture_init (&f, &options);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  client = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  tight = before;
  tight.rlim_cur = (rlim_t) client + 32;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &tight), ==, 0);
  close (client);
  client = fixture_connect (&f);
  assert_hello (client);
  while (n < G_N_ELEMENTS (fillers) && (fillers[n] = fcntl (0, F_DUPFD_CLOEXEC, 0)) >= 0)
    n++;
  g_assert_cmpint (errno, ==, EMFILE);
  /* one descriptor for the client's end, none for the engine's */
  close (fillers[--n]);
  g_assert_cmpint (fixture_connect (&f), >=, 0);
  g_assert_cmpint (sem_wait (&warned), ==, 0);
  /* the connection that was idle gave way */
  assert_closed (client);
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_DESCRIPTORS), >, 0);
  while (n > 0)
    close (fillers[--n]);
  for (size_t i = 0; i < 8; i++)
    {
      int fd = fixture_connect (&f);

      assert_hello (fd);
      close (fd);
    }
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &before), ==, 0);
  close (client);
  fixture_clear (&f);
  g_log_remove_handler ("doorward-http", handler);
  g_log_set_always_fatal (fatal);
  sem_destroy (&warned);
}

static gpointer
stop_cb (gpointer data)
{
  door_http_engine_stop (((Fixture *) data)->engine, 20);
  return NULL;
}

static void
test_graceful_stop (void)
{
  Fixture f = { 0 };
  g_autofree char *answer = NULL;
  int busy, idle;
  GThread *stopper;

  fixture_init (&f, NULL);
  idle = fixture_connect (&f);
  assert_hello (idle);
  busy = fixture_connect (&f);
  client_send (busy, gate, strlen (gate));
  gate_wait_for (&f.gate, 1);
  stopper = g_thread_new ("stopper", stop_cb, &f);
  assert_closed (idle);
  g_assert_cmpint (fixture_connect (&f), <, 0);
  gate_open (&f.gate);
  answer = client_read_all (busy);
  g_assert_cmpuint (client_status (answer), ==, 200);
  g_assert_nonnull (strstr (answer, "\r\nConnection: close\r\n"));
  g_assert_true (g_str_has_suffix (answer, "through the gate"));
  close (busy);
  g_thread_join (stopper);
  fixture_clear (&f);
}

static void
test_stop_deadline (void)
{
  Fixture f = { 0 };
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  client_send (fd, patient, strlen (patient));
  gate_wait_for (&f.gate, 1);
  g_test_expect_message ("doorward-http", G_LOG_LEVEL_WARNING, "*patient: cancelled*");
  door_http_engine_stop (f.engine, 0);
  g_test_assert_expected_messages ();
  assert_closed (fd);
  fixture_clear (&f);
}

static void
assert_served (const Fixture *f, const char *path)
{
  g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n" HOST "\r\n", path);
  int fd = fixture_connect (f);
  g_autofree char *answer = client_ask (fd, request);

  g_assert_cmpuint (client_status (answer), ==, 200);
  close (fd);
}

/* Workers that all hang are seen, though nobody else has come; other pools and the I/O thread go on. */
static void
test_check (void)
{
  static const char request[] = "GET /gate HTTP/1.1\r\n" HOST "\r\n";
  Fixture f = { 0 };
  int fds[2];

  fixture_init (&f, NULL);
  for (int i = 0; i < 3; i++)
    {
      g_assert_true (door_http_engine_check (f.engine));
      assert_served (&f, "/crypto");
      assert_served (&f, "/waiting");
      assert_served (&f, "/hello");
    }
  for (int i = 0; i < 2; i++)
    {
      fds[i] = fixture_connect (&f);
      client_send (fds[i], request, strlen (request));
    }
  gate_wait_for (&f.gate, 2);
  g_assert_true (door_http_engine_check (f.engine));
  assert_served (&f, "/crypto");
  assert_served (&f, "/waiting");
  g_assert_false (door_http_engine_check (f.engine));
  gate_open (&f.gate);
  assert_served (&f, "/hello");
  assert_served (&f, "/crypto");
  assert_served (&f, "/waiting");
  g_assert_true (door_http_engine_check (f.engine));
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *answer = client_read_answer (fds[i]);

      g_assert_cmpuint (client_status (answer), ==, 200);
      close (fds[i]);
    }
  fixture_clear (&f);
}

/* half a request is none: only what is being answered is waited for */
static void
test_stop_half_request (void)
{
  static const char *const halves[] = {
    "GET /hello HTTP/1.1\r\nHo",
    "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\nabc",
  };
  Fixture f = { 0 };
  int fds[2 * G_N_ELEMENTS (halves)];
  int64_t began_us;

  fixture_init (&f, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (fds); i++)
    {
      fds[i] = fixture_connect (&f);
      if (i % 2 == 1)
        assert_hello (fds[i]);
      client_send (fds[i], halves[i / 2], strlen (halves[i / 2]));
    }
  began_us = g_get_monotonic_time ();
  door_http_engine_stop (f.engine, 30);
  g_assert_cmpint (g_get_monotonic_time () - began_us, <, 10 * G_USEC_PER_SEC);
  for (size_t i = 0; i < G_N_ELEMENTS (fds); i++)
    close (fds[i]);
  fixture_clear (&f);
}

/* a client that goes without taking the answers to @n requests; it waits for the first byte if told to */
static void
leave_unread (int fd, const char *request, size_t n, bool wait)
{
  char c;

  g_assert_cmpint (fd, >=, 0);
  for (size_t i = 0; i < n; i++)
    client_send (fd, request, strlen (request));
  if (wait)
    recv (fd, &c, 1, 0);
  close (fd);
}

/* whether somebody gets an answer, as soon as the engine comes to close what it was left with */
static bool
is_served (const Fixture *f)
{
  for (size_t i = 0; i < 1000; i++)
    {
      int fd = fixture_connect (f);
      g_autofree char *answer = client_ask (fd, hello);

      close (fd);
      if (client_status (answer) == 200)
        return true;
    }
  return false;
}

/* The closed socket of a client that left an answer unread is an error to read from, not an end: it must
 * neither stay in the table for ever nor be waited for at the end. */
static void
test_unread_answers (void)
{
  static const char large[] = "GET /large HTTP/1.1\r\n" HOST "\r\n";
  DoorHttpOptions options = { .max_connections = 4 };

  for (size_t round = 0; round < 16; round++)
    {
      Fixture f = { 0 };

      fixture_init (&f, &options);
      for (size_t i = 0; i < 8; i++)
        leave_unread (round % 2 == 0 ? fixture_connect (&f) : fixture_connect_tcp (&f),
                      round / 8 == 0 ? hello : large, round % 8 < 4 ? 1 : 4, round % 4 < 2);
      g_assert_true (is_served (&f));
      leave_unread (fixture_connect (&f), hello, 1, true);
      /* at once, and at the end of a long time */
      door_http_engine_stop (f.engine, round % 2 == 0 ? 0 : 30);
      fixture_clear (&f);
    }
}

typedef struct
{
  Fixture *fixture;
  bool keep;
  sem_t *warm; /* told once, after some answers */
  unsigned int answered;
  unsigned int lost;
} Hammer;

/* one request after the other until nobody listens any more; counts those that arrived but got nothing */
static gpointer
hammer_cb (gpointer data)
{
  Hammer *self = data;
  int fd = -1;

  while (true)
    {
      g_autofree char *answer = NULL;

      if (fd < 0)
        fd = fixture_connect (self->fixture);
      if (fd < 0)
        return NULL;
      if (send (fd, hello, strlen (hello), MSG_NOSIGNAL) == (ssize_t) strlen (hello))
        {
          answer = client_read_answer (fd);
          if (g_str_has_suffix (answer, "\r\n\r\nhello"))
            self->answered++;
          else
            self->lost++;
          if (self->answered == 50)
            sem_post (self->warm);
        }
      if (answer == NULL || !self->keep || strstr (answer, "\r\nConnection: close\r\n") != NULL)
        {
          close (fd);
          fd = -1;
        }
    }
}

/* what reached a socket of ours before we stopped is answered */
static void
test_stop_under_load (void)
{
  DoorHttpOptions options = { .n_io_threads = 2, .n_workers = 2 };
  Hammer hammers[4] = { { 0 } };
  GThread *threads[G_N_ELEMENTS (hammers)];
  unsigned int answered = 0, lost = 0;
  sem_t warm;

  sem_init (&warm, 0, 0);
  for (size_t round = 0; round < 5; round++)
    {
      Fixture f = { 0 };

      fixture_init (&f, &options);
      for (size_t i = 0; i < G_N_ELEMENTS (hammers); i++)
        {
          hammers[i] = (Hammer){ &f, i % 2 == 0, &warm, 0, 0 };
          threads[i] = g_thread_new ("hammer", hammer_cb, &hammers[i]);
        }
      for (size_t i = 0; i < G_N_ELEMENTS (hammers); i++)
        sem_wait (&warm);
      door_http_engine_stop (f.engine, 20);
      for (size_t i = 0; i < G_N_ELEMENTS (hammers); i++)
        {
          g_thread_join (threads[i]);
          answered += hammers[i].answered;
          lost += hammers[i].lost;
        }
      fixture_clear (&f);
    }
  g_test_message ("%u answered, %u lost", answered, lost);
  g_assert_cmpuint (answered, >, 0);
  g_assert_cmpuint (lost, ==, 0);
  sem_destroy (&warm);
}

static void
test_never_started (void)
{
  g_autoptr (DoorPeerTrust) trust = door_peer_trust_new (DOOR_FORWARDED_NONE, NULL, NULL, NULL);
  g_autoptr (DoorRandom) random = door_random_new_fake (0);
  g_autoptr (DoorRouter) router = door_router_new (NULL, 0, NULL, NULL, NULL);
  const char *const http[] = { "127.0.0.1:0", NULL };
  const char *const https[] = { "127.0.0.1:0", NULL };
  DoorHttpOptions options = { .http = http,
                              .trust = trust,
                              .random = random,
                              .n_io_threads = 1,
                              .n_workers = 1,
                              .n_crypto_workers = 1,
                              .n_waiting_workers = 1,
                              .max_queue = 1,
                              .max_connections = 1,
                              .client_timeout_s = 1 };
  g_autoptr (GError) error = NULL;
  DoorHttpEngine *engine = door_http_engine_new (&options, router, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (door_http_engine_get_port (engine, 0), >, 0);
  g_assert_cmpuint (door_http_engine_get_port (engine, 1), ==, 0);
  door_http_engine_free (engine);
  options.https = https;
  g_assert_null (door_http_engine_new (&options, router, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_clear_error (&error);
  options.https = NULL;
  options.socket_group = "no-such-group-here";
  g_assert_null (door_http_engine_new (&options, router, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/engine-life/idle-close", test_idle_close);
  g_test_add_func ("/http/engine-life/cut-head", test_cut_head);
  g_test_add_func ("/http/engine-life/half-close", test_half_close);
  g_test_add_func ("/http/engine-life/timeouts", test_timeouts);
  g_test_add_func ("/http/engine-life/refused-and-stays", test_refused_and_stays);
  g_test_add_func ("/http/engine-life/handler-timeout", test_handler_timeout);
  g_test_add_func ("/http/engine-life/left", test_left);
  g_test_add_func ("/http/engine-life/connection-cap", test_connection_cap);
  g_test_add_func ("/http/engine-life/out-of-descriptors", test_out_of_descriptors);
  g_test_add_func ("/http/engine-life/graceful-stop", test_graceful_stop);
  g_test_add_func ("/http/engine-life/stop-deadline", test_stop_deadline);
  g_test_add_func ("/http/engine-life/stop-half-request", test_stop_half_request);
  g_test_add_func ("/http/engine-life/unread-answers", test_unread_answers);
  g_test_add_func ("/http/engine-life/stop-under-load", test_stop_under_load);
  g_test_add_func ("/http/engine-life/check", test_check);
  g_test_add_func ("/http/engine-life/never-started", test_never_started);
  return g_test_run ();
}
