/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "fixture.h"

#define HOST "Host: a.example\r\n"

/* Asked by the address sanitizer, where there is one. libsoup 3.2 loses the path of a request whose length or
 * transfer coding it cannot read; nginx refuses those before they come to us. */
const char *__asan_default_options (void);
const char *__lsan_default_suppressions (void);

const char *
__asan_default_options (void)
{
  return "fast_unwind_on_malloc=0";
}

const char *
__lsan_default_suppressions (void)
{
  return "leak:soup_headers_parse_request\n";
}

static void
assert_has (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("'%s' is not in: %s", part, text);
}

static size_t
count (const char *text, const char *part)
{
  size_t n = 0;

  for (; (text = strstr (text, part)) != NULL; text += strlen (part))
    n++;
  return n;
}

static void
test_answer (void)
{
  Fixture f = { 0 };
  g_autofree char *answer = NULL;
  const char *id;
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  answer = client_ask (fd, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
  g_assert_cmpuint (client_status (answer), ==, 200);
  assert_has (answer, "\r\n\r\nhello");
  assert_has (answer, "\r\nX-Content-Type-Options: nosniff\r\n");
  assert_has (answer, "\r\nCache-Control: no-store\r\n");
  assert_has (answer, "\r\nReferrer-Policy: no-referrer\r\n");
  assert_has (answer, "\r\nX-Request-Id: ");
  id = strstr (answer, "X-Request-Id: ") + strlen ("X-Request-Id: ");
  g_assert_cmpuint (strspn (id, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), ==, 16);
  g_assert_null (strstr (answer, "\r\nServer:"));
  close (fd);
  fixture_clear (&f);
}

static void
test_keep_alive (void)
{
  static const struct
  {
    const char *request;
    unsigned int status;
  } steps[] = {
    { "GET /hello HTTP/1.1\r\n" HOST "\r\n", 200 },
    { "GET /empty HTTP/1.1\r\n" HOST "\r\n", 204 },
    { "GET /nothing HTTP/1.1\r\n" HOST "\r\n", 404 },
    { "POST /nothing HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabcde", 404 },
    { "DELETE /hello HTTP/1.1\r\n" HOST "\r\n", 405 },
    { "GET /error HTTP/1.1\r\n" HOST "\r\n", 403 },
    { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nabcde", 200 },
    { "GET /hello HTTP/1.1\r\n" HOST "\r\n", 200 },
  };
  Fixture f = { 0 };
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  for (size_t i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *answer = client_ask (fd, steps[i].request);

      g_assert_cmpuint (client_status (answer), ==, steps[i].status);
      g_assert_cmpuint (count (answer, "HTTP/1."), ==, 1);
    }
  close (fd);
  fixture_clear (&f);
}

static void
test_head (void)
{
  static const char request[] = "HEAD /hello HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
  Fixture f = { 0 };
  g_autofree char *answer = NULL;
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  client_send (fd, request, strlen (request));
  answer = client_read_all (fd);
  g_assert_cmpuint (client_status (answer), ==, 200);
  assert_has (answer, "\r\nContent-Length: 5\r\n");
  g_assert_true (g_str_has_suffix (answer, "\r\n\r\n"));
  close (fd);
  fixture_clear (&f);
}

static void
test_error (void)
{
  Fixture f = { 0 };
  g_autofree char *refused = NULL, *method = NULL;
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  refused = client_ask (fd, "GET /error HTTP/1.1\r\n" HOST "\r\n");
  g_assert_cmpuint (client_status (refused), ==, 403);
  assert_has (refused, "DW-ID-GROUP");
  g_assert_null (strstr (refused, "reason for the log"));
  method = client_ask (fd, "OPTIONS /echo/x HTTP/1.1\r\n" HOST "\r\n");
  g_assert_cmpuint (client_status (method), ==, 405);
  assert_has (method, "\r\nAllow: GET, HEAD, POST\r\n");
  close (fd);
  fixture_clear (&f);
}

typedef struct
{
  const char *request;
  unsigned int status;
} Refusal;

/* Each ends the connection with one answer, whatever follows. */
static const Refusal refusals[] = {
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    400 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n-5\r\n\r\n", 411 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    400 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde", 400 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde", 400 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: +5\r\n\r\nabcde", 400 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 400 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 0x5\r\n\r\nabcde", 400 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 5, 5\r\n\r\nabcde", 400 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n", 400 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 18446744073709551617\r\n\r\n", 400 },
  { "GET /hello HTTP/1.1\r\n" HOST HOST "\r\n", 400 },
  { "GET /hello HTTP/1.1\r\n" HOST "Host: b.example\r\n\r\n", 400 },
  { "GET /hello HTTP/1.1\r\nHost: a b\"<>@\r\n\r\n", 400 },
  { "GET /hello HTTP/1.1\r\nHost: a@b\r\n\r\n", 400 },
  { "GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 400 },
  { "GET /hello HTTP/1.1\r\n\r\n", 400 },
  { "GET /hello HTTP/1.0\r\n\r\n", 400 },
  { "GET /hello HTTP/2.0\r\n" HOST "\r\n", 505 },
  { "GET /\xff HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /echo/a%2fb HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /echo/%00 HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /echo/%zz HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /hello#x HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET http://b.example/hello HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET http://u@a.example/hello HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET * HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "get /hello HTTP/1.1\r\n" HOST "\r\n", 400 },
  { "GET /hello HTTP/1.1\r\n" HOST "X: a\x01\r\n\r\n", 400 },
  { "GET /hello HTTP/1.1\r\n" HOST "X(): a\r\n\r\n", 400 },
  { "GET /hello HTTP/1.1\r\n" HOST "Content-Type: a\r\nContent-Type: b\r\n\r\n", 400 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 4097\r\n\r\n", 413 },
  { "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 4097\r\nExpect: 100-continue\r\n\r\n", 413 },
  { "GET /hello HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\n", 413 },
  { "POST /nothing HTTP/1.1\r\n" HOST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", 404 },
  { "POST /nothing HTTP/1.1\r\n" HOST "Content-Length: 999999999\r\n\r\n", 404 },
};

static void
check_refusal (const Fixture *f, const char *request, unsigned int status)
{
  static const char next[] = "GET /hello HTTP/1.1\r\n" HOST "\r\n";
  g_autofree char *answer = NULL, *shown = g_strescape (request, NULL);
  int fd = fixture_connect (f);

  g_test_message ("%.120s", shown);
  client_send (fd, request, strlen (request));
  client_send (fd, next, strlen (next));
  answer = client_read_all (fd);
  g_assert_cmpuint (client_status (answer), ==, status);
  g_assert_cmpuint (count (answer, "HTTP/1."), ==, status == 0 ? 0 : 1);
  g_assert_null (strstr (answer, "hello"));
  close (fd);
}

static void
test_refusals (void)
{
  Fixture f = { 0 };

  fixture_init (&f, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (refusals); i++)
    check_refusal (&f, refusals[i].request, refusals[i].status);
  fixture_clear (&f);
}

/* the library resolves these before we see them, as proxies do before they choose a location */
static void
test_dot_segments (void)
{
  static const char *const targets[] = { "/echo/../hello", "/echo/%2e%2e/hello", "/./hello", "/../../hello" };
  Fixture f = { 0 };
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  for (size_t i = 0; i < G_N_ELEMENTS (targets); i++)
    {
      g_autofree char *request = g_strdup_printf ("GET %s HTTP/1.1\r\n" HOST "\r\n", targets[i]);
      g_autofree char *answer = client_ask (fd, request);

      assert_has (answer, "\r\n\r\nhello");
    }
  close (fd);
  fixture_clear (&f);
}

static void
test_head_limits (void)
{
  Fixture f = { 0 };
  g_autofree char *ten = g_strnfill (10 * 1024, 'x'), *forty = g_strnfill (40 * 1024, 'x');
  g_autofree char *hundred = g_strnfill (100 * 1024, 'x'), *answer = NULL;
  g_autofree char *good =
      g_strconcat ("GET /echo/x HTTP/1.1\r\n" HOST "Mdm-Signature: ", ten, "\r\n\r\n", NULL);
  g_autofree char *bad = g_strconcat ("GET /echo/x HTTP/1.1\r\n" HOST "X: ", forty, "\r\n\r\n", NULL);
  g_autofree char *worse = g_strconcat ("GET /echo/x HTTP/1.1\r\n" HOST "X: ", hundred, "\r\n\r\n", NULL);
  g_autoptr (GString) many = g_string_new ("GET /hello HTTP/1.1\r\n" HOST);
  int fd;

  for (size_t i = 0; i < 101; i++)
    g_string_append_printf (many, "X-%zu: y\r\n", i);
  g_string_append (many, "\r\n");
  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  answer = client_ask (fd, good);
  assert_has (answer, "signature=10240 ");
  close (fd);
  check_refusal (&f, bad, 431);
  /* beyond 64 KiB the library just closes */
  check_refusal (&f, worse, 0);
  check_refusal (&f, many->str, 431);
  fixture_clear (&f);
}

static void
test_body_limit (void)
{
  Fixture f = { 0 };
  g_autofree char *body = g_strnfill (4096, 'x'), *answer = NULL;
  g_autofree char *request =
      g_strconcat ("POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 4096\r\n\r\n", body, NULL);
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  answer = client_ask (fd, request);
  assert_has (answer, "body=4096 ");
  close (fd);
  fixture_clear (&f);
}

/* the answer comes although none of the body does */
static void
test_too_large_at_once (void)
{
  Fixture f = { 0 };
  g_autofree char *answer = NULL;
  static const char request[] = "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 99999\r\n\r\n";
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  client_send (fd, request, strlen (request));
  answer = client_read_all (fd);
  g_assert_cmpuint (client_status (answer), ==, 413);
  assert_has (answer, "\r\nConnection: close\r\n");
  assert_has (answer, "DW-HTTP-TOOLARGE");
  close (fd);
  fixture_clear (&f);
}

static void
test_expect (void)
{
  Fixture f = { 0 };
  g_autofree char *go_on = NULL, *answer = NULL;
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  go_on =
      client_ask (fd, "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  g_assert_cmpuint (client_status (go_on), ==, 100);
  answer = client_ask (fd, "abc");
  assert_has (answer, "body=3 ");
  close (fd);
  fixture_clear (&f);
}

static void
test_range (void)
{
  Fixture f = { 0 };
  g_autofree char *answer = NULL;
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  answer = client_ask (fd, "GET /hello HTTP/1.1\r\n" HOST "Range: bytes=0-,0-,0-,1-2\r\n\r\n");
  g_assert_cmpuint (client_status (answer), ==, 200);
  assert_has (answer, "\r\n\r\nhello");
  close (fd);
  fixture_clear (&f);
}

static void
test_trust (void)
{
  static const char request[] =
      "GET /echo/x HTTP/1.1\r\nHost: A.example:80\r\nX-Forwarded-For: 203.0.113.5\r\n"
      "X-Forwarded-Proto: https\r\nX-Forwarded-Host: mdm.example\r\n"
      "X-Request-Id: theirs\r\nClient-Cert: :MAMCAQA=:\r\n\r\n";
  Fixture f = { 0 };
  g_autofree char *proxy = NULL, *stranger = NULL;
  int unix_fd, tcp_fd;

  fixture_init (&f, NULL);
  unix_fd = fixture_connect (&f);
  proxy = client_ask (unix_fd, request);
  assert_has (proxy, "peer=203.0.113.5 scheme=https host=mdm.example ");
  assert_has (proxy, "certificate=yes forwarded=no id=own");
  tcp_fd = fixture_connect_tcp (&f);
  stranger = client_ask (tcp_fd, request);
  assert_has (stranger, "peer=127.0.0.1 scheme=http host=a.example:80 ");
  assert_has (stranger, "certificate=no forwarded=no id=own");
  close (unix_fd);
  close (tcp_fd);
  fixture_clear (&f);
}

static void
test_pools (void)
{
  Fixture f = { 0 };
  g_autofree char *worker = NULL, *crypto = NULL, *waiting = NULL, *wish = NULL;
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  worker = client_ask (fd, "GET /thread HTTP/1.1\r\n" HOST "\r\n");
  assert_has (worker, "\r\n\r\nworker");
  crypto = client_ask (fd, "GET /crypto HTTP/1.1\r\n" HOST "\r\n");
  assert_has (crypto, "\r\n\r\ncrypto");
  waiting = client_ask (fd, "GET /waiting HTTP/1.1\r\n" HOST "\r\n");
  assert_has (waiting, "\r\n\r\nwaiting");
  wish = client_ask (fd, "GET /wish HTTP/1.1\r\n" HOST "\r\n");
  assert_has (wish, "\r\n\r\nwaiting");
  close (fd);
  fixture_clear (&f);
}

/* whichever of the two has something to say first */
static int
first_answered (int a, int b)
{
  GPollFD fds[] = { { a, G_IO_IN, 0 }, { b, G_IO_IN, 0 } };

  g_assert_cmpint (g_poll (fds, 2, 20000), >, 0);
  return fds[0].revents != 0 ? a : b;
}

static void
test_busy (void)
{
  static const char request[] = "GET /gate HTTP/1.1\r\n" HOST "\r\n";
  DoorHttpOptions options = { .n_workers = 2, .max_queue = 1 };
  Fixture f = { 0 };
  g_autofree char *busy = NULL, *other = NULL;
  int fds[3], fd, busy_fd;

  fixture_init (&f, &options);
  for (size_t i = 0; i < 2; i++)
    {
      fds[i] = fixture_connect (&f);
      client_send (fds[i], request, strlen (request));
      gate_wait_for (&f.gate, (unsigned int) i + 1);
    }
  /* one more waits in the queue, whichever of the two arrives first; the other is sent away */
  fds[2] = fixture_connect (&f);
  fd = fixture_connect (&f);
  client_send (fds[2], request, strlen (request));
  client_send (fd, request, strlen (request));
  busy_fd = first_answered (fds[2], fd);
  fds[2] = busy_fd == fd ? fds[2] : fd;
  busy = client_read_answer (busy_fd);
  g_assert_cmpuint (client_status (busy), ==, 503);
  assert_has (busy, "\r\nRetry-After: 1\r\n");
  assert_has (busy, "DW-HTTP-BUSY");
  other = client_ask (busy_fd, "GET /crypto HTTP/1.1\r\n" HOST "\r\n");
  g_assert_cmpuint (client_status (other), ==, 200);
  gate_open (&f.gate);
  for (size_t i = 0; i < 3; i++)
    {
      g_autofree char *answer = client_read_answer (fds[i]);

      assert_has (answer, "through the gate");
      close (fds[i]);
    }
  close (busy_fd);
  fixture_clear (&f);
}

/* Whose time was over before a thread took it up is told so, in the words of the catalogue. */
static void
test_late (void)
{
  static const char gate[] = "GET /gate HTTP/1.1\r\n" HOST "\r\n",
                    hello[] = "GET /hello HTTP/1.1\r\n" HOST "\r\n";
  DoorHttpOptions options = { .n_workers = 2, .max_queue = 1, .handler_timeout_s = 1 };
  Fixture f = { 0 };
  g_autofree char *busy = NULL, *patient = NULL, *late = NULL;
  int fds[4], busy_fd;

  fixture_init (&f, &options);
  for (size_t i = 0; i < 4; i++)
    fds[i] = fixture_connect (&f);
  for (size_t i = 0; i < 2; i++)
    {
      client_send (fds[i], gate, strlen (gate));
      gate_wait_for (&f.gate, (unsigned int) i + 1);
    }
  /* when one of two is sent away, the other is in the queue */
  client_send (fds[2], hello, strlen (hello));
  client_send (fds[3], hello, strlen (hello));
  busy_fd = first_answered (fds[2], fds[3]);
  busy = client_read_answer (busy_fd);
  assert_has (busy, "DW-HTTP-BUSY");
  /* it came later, so when its time is over, that of the one in the queue is too */
  g_test_expect_message ("doorward-http", G_LOG_LEVEL_WARNING, "*patient: cancelled*");
  patient = client_ask (busy_fd, "GET /patient-crypto HTTP/1.1\r\n" HOST "\r\n");
  g_test_assert_expected_messages ();
  gate_open (&f.gate);
  late = client_read_answer (busy_fd == fds[2] ? fds[3] : fds[2]);
  g_assert_cmpuint (client_status (late), ==, 503);
  assert_has (late, "\r\nRetry-After: 1\r\n");
  assert_has (late, "DW-HTTP-BUSY");
  for (size_t i = 0; i < 2; i++)
    {
      g_autofree char *through = client_read_answer (fds[i]);

      g_assert_cmpuint (client_status (through), ==, 200);
    }
  for (size_t i = 0; i < 4; i++)
    close (fds[i]);
  fixture_clear (&f);
}

static void
test_client_gone (void)
{
  static const char request[] = "GET /gate HTTP/1.1\r\n" HOST "\r\n";
  Fixture f = { 0 };
  g_autofree char *answer = NULL;
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  client_send (fd, request, strlen (request));
  gate_wait_for (&f.gate, 1);
  close (fd);
  gate_open (&f.gate);
  fd = fixture_connect (&f);
  answer = client_ask (fd, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
  g_assert_cmpuint (client_status (answer), ==, 200);
  close (fd);
  fixture_clear (&f);
}

static void
test_large_answer (void)
{
  Fixture f = { 0 };
  g_autofree char *answer = NULL;
  int fd;

  fixture_init (&f, NULL);
  fd = fixture_connect (&f);
  answer = client_ask (fd, "GET /large HTTP/1.1\r\n" HOST "\r\n");
  assert_has (answer, "\r\nContent-Length: 8388608\r\n");
  close (fd);
  fixture_clear (&f);
}

#define LARGE "POST /big/x HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n"

/* a whole large request on a connection of its own, until it is answered so */
static bool
large_gets (const Fixture *f, unsigned int status)
{
  g_autoptr (GString) request = g_string_new (LARGE);

  g_string_set_size (request, strlen (LARGE) + 100000);
  memset (request->str + strlen (LARGE), 'a', 100000);
  for (size_t i = 0; i < 1000; i++)
    {
      int fd = fixture_connect (f);
      g_autofree char *answer = client_ask (fd, request->str);

      close (fd);
      if (client_status (answer) == status)
        return true;
    }
  return false;
}

/* clients that send large bodies slowly hold back one another, and nobody else */
static void
test_large_bodies (void)
{
  static const char small[] = "POST /echo/x HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\nabcd";
  g_autofree char *half = g_strnfill (50000, 'a'), *served = NULL, *slow = NULL;
  g_autoptr (DoorMetrics) metrics = door_metrics_new ();
  DoorHttpOptions options = { .metrics = metrics };
  int slots[32], fd;
  Fixture f = { 0 };

  fixture_init (&f, &options);
  g_assert_true (large_gets (&f, 200));
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_LARGE_BODIES), ==, 0);
  for (size_t i = 0; i < G_N_ELEMENTS (slots); i++)
    {
      slots[i] = fixture_connect (&f);
      client_send (slots[i], LARGE, strlen (LARGE));
      client_send (slots[i], half, 50000);
    }
  g_assert_true (large_gets (&f, 503));
  g_assert_cmpint (door_metrics_get (metrics, DOOR_METRIC_LIMIT_LARGE_BODIES), >, 0);
  fd = fixture_connect (&f);
  served = client_ask (fd, small);
  g_assert_cmpuint (client_status (served), ==, 200);
  close (fd);
  client_send (slots[0], half, 25000);
  slow = client_ask (slots[0], half + 25000);
  assert_has (slow, " body=100000 ");
  g_assert_true (large_gets (&f, 200));
  for (size_t i = 0; i < G_N_ELEMENTS (slots); i++)
    close (slots[i]);
  g_assert_true (large_gets (&f, 200));
  fixture_clear (&f);
}

/* the head of a large body, of which a proxy says that it is of this client */
static int
begin_large (const Fixture *f, const char *client)
{
  g_autofree char *head = g_strdup_printf ("POST /big/x HTTP/1.1\r\n" HOST "X-Forwarded-For: %s\r\n"
                                           "Content-Length: 100000\r\n\r\n",
                                           client);
  int fd = fixture_connect (f);

  client_send (fd, head, strlen (head));
  return fd;
}

static unsigned int
end_large (int fd)
{
  g_autofree char *body = g_strnfill (100000, 'a');
  g_autofree char *answer = client_ask (fd, body);

  close (fd);
  return client_status (answer);
}

/* the heads that were sent before may not have been read yet */
static bool
is_kept_out (const Fixture *f, const char *client)
{
  for (size_t i = 0; i < 1000; i++)
    if (end_large (begin_large (f, client)) == 503)
      return true;
  return false;
}

/* one client that is slow with many large bodies keeps no other client out */
static void
test_large_bodies_of_one (void)
{
  /* the second half are addresses of one network, which one client has */
  static const char *const clients[][2] = { { "203.0.113.5", "203.0.113.5" },
                                            { "2001:db8::1", "2001:db8::ffff:2" } };
  static const char *const others[] = { "203.0.113.6", "2001:db8:0:1::1" };
  int slots[8];
  Fixture f = { 0 };

  for (size_t i = 0; i < G_N_ELEMENTS (clients); i++)
    {
      fixture_init (&f, NULL);
      for (size_t j = 0; j < G_N_ELEMENTS (slots); j++)
        slots[j] = begin_large (&f, clients[i][j % 2]);
      g_assert_true (is_kept_out (&f, clients[i][0]));
      g_assert_true (is_kept_out (&f, clients[i][1]));
      for (size_t j = 0; j < G_N_ELEMENTS (others); j++)
        g_assert_cmpuint (end_large (begin_large (&f, others[j])), ==, 200);
      g_assert_cmpuint (end_large (slots[0]), ==, 200);
      g_assert_cmpuint (end_large (begin_large (&f, clients[i][0])), ==, 200);
      for (size_t j = 1; j < G_N_ELEMENTS (slots); j++)
        close (slots[j]);
      fixture_clear (&f);
    }
}

/* a few clients that are slow with many large bodies keep out nobody who comes with one */
static void
test_large_bodies_of_few (void)
{
  static const char *const clients[] = { "203.0.113.5", "203.0.113.6", "203.0.113.7" };
  int slots[24], fd;
  Fixture f = { 0 };

  fixture_init (&f, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (slots); i++)
    slots[i] = begin_large (&f, clients[i % G_N_ELEMENTS (clients)]);
  g_assert_true (is_kept_out (&f, clients[0]));
  fd = begin_large (&f, "203.0.113.8");
  g_assert_true (is_kept_out (&f, "203.0.113.8"));
  g_assert_cmpuint (end_large (begin_large (&f, "203.0.113.9")), ==, 200);
  g_assert_cmpuint (end_large (fd), ==, 200);
  for (size_t i = 0; i < G_N_ELEMENTS (slots); i++)
    close (slots[i]);
  fixture_clear (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/engine/answer", test_answer);
  g_test_add_func ("/http/engine/keep-alive", test_keep_alive);
  g_test_add_func ("/http/engine/head", test_head);
  g_test_add_func ("/http/engine/error", test_error);
  g_test_add_func ("/http/engine/refusals", test_refusals);
  g_test_add_func ("/http/engine/dot-segments", test_dot_segments);
  g_test_add_func ("/http/engine/head-limits", test_head_limits);
  g_test_add_func ("/http/engine/body-limit", test_body_limit);
  g_test_add_func ("/http/engine/too-large-at-once", test_too_large_at_once);
  g_test_add_func ("/http/engine/expect", test_expect);
  g_test_add_func ("/http/engine/range", test_range);
  g_test_add_func ("/http/engine/trust", test_trust);
  g_test_add_func ("/http/engine/pools", test_pools);
  g_test_add_func ("/http/engine/busy", test_busy);
  g_test_add_func ("/http/engine/late", test_late);
  g_test_add_func ("/http/engine/client-gone", test_client_gone);
  g_test_add_func ("/http/engine/large-bodies", test_large_bodies);
  g_test_add_func ("/http/engine/large-bodies-of-one", test_large_bodies_of_one);
  g_test_add_func ("/http/engine/large-bodies-of-few", test_large_bodies_of_few);
  g_test_add_func ("/http/engine/large-answer", test_large_answer);
  return g_test_run ();
}
