/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <libsoup/soup.h>

#include "door-address-scope.h"
#include "door-error.h"
#include "door-soup-fetcher.h"

#define LIMIT 1000

/* A resolver that knows what it was told, and counts. */
#define FAKE_TYPE_RESOLVER (fake_resolver_get_type ())
G_DECLARE_FINAL_TYPE (FakeResolver, fake_resolver, FAKE, RESOLVER, GResolver)

struct _FakeResolver
{
  GResolver parent_instance;
  const char *const *answers; /* the last stays */
  int n_asked;
};

G_DEFINE_FINAL_TYPE (FakeResolver, fake_resolver, G_TYPE_RESOLVER)

static GList *
fake_resolver_lookup (GResolver *resolver, const char *name, GCancellable *cancellable, GError **error)
{
  FakeResolver *self = FAKE_RESOLVER (resolver);
  g_auto (GStrv) addresses = g_strsplit (self->answers[0], " ", -1);
  GList *found = NULL;

  g_assert_cmpstr (name, ==, "idp.example");
  self->n_asked++;
  if (self->answers[1] != NULL)
    self->answers++;
  for (size_t i = 0; addresses[i] != NULL; i++)
    found = g_list_append (found, g_inet_address_new_from_string (addresses[i]));
  return found;
}

static void
fake_resolver_class_init (FakeResolverClass *klass)
{
  G_RESOLVER_CLASS (klass)->lookup_by_name = fake_resolver_lookup;
}

static void
fake_resolver_init (FakeResolver *self)
{
}

/* A server that answers by TLS, or slowly in plain text. */
typedef struct
{
  GThread *thread;
  GSocketListener *listener;
  GCancellable *stop;
  GTlsCertificate *certificate;
  const char *head; /* NULL: one byte after the other, without end */
  uint16_t port;
  int n_connections;
  FakeResolver *resolver;
} Site;

static void
serve_slowly (Site *site, GIOStream *stream)
{
  GOutputStream *out = g_io_stream_get_output_stream (stream);

  g_output_stream_write_all (out, site->head, strlen (site->head), NULL, site->stop, NULL);
  while (g_output_stream_write_all (out, "x", 1, NULL, site->stop, NULL))
    g_usleep (20000);
}

static void
serve_tls (Site *site, GIOStream *plain)
{
  static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
  g_autoptr (GIOStream) tls = g_tls_server_connection_new (plain, site->certificate, NULL);
  char request[4096];

  if (g_input_stream_read (g_io_stream_get_input_stream (tls), request, sizeof request, site->stop, NULL) > 0)
    g_output_stream_write_all (g_io_stream_get_output_stream (tls), answer, strlen (answer), NULL, site->stop,
                               NULL);
  g_io_stream_close (tls, NULL, NULL);
}

static gpointer
serve (gpointer data)
{
  Site *site = data;
  g_autoptr (GSocketConnection) connection = NULL;

  while ((connection = g_socket_listener_accept (site->listener, NULL, site->stop, NULL)) != NULL)
    {
      g_atomic_int_inc (&site->n_connections);
      if (site->head != NULL)
        serve_slowly (site, G_IO_STREAM (connection));
      else
        serve_tls (site, G_IO_STREAM (connection));
      g_clear_object (&connection);
    }
  return NULL;
}

static void
set_up (Site *site, gconstpointer head)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "net", "idp.example.pem", NULL);
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) error = NULL;

  site->head = head;
  site->certificate = g_tls_certificate_new_from_file (path, &error);
  g_assert_no_error (error);
  database = g_tls_file_database_new (path, &error);
  g_assert_no_error (error);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
  site->resolver = g_object_new (FAKE_TYPE_RESOLVER, NULL);
  g_resolver_set_default (G_RESOLVER (site->resolver));
  site->stop = g_cancellable_new ();
  site->listener = g_socket_listener_new ();
  site->port = g_socket_listener_add_any_inet_port (site->listener, NULL, &error);
  g_assert_no_error (error);
  site->thread = g_thread_new ("site", serve, site);
}

static void
tear_down (Site *site, gconstpointer head)
{
  g_cancellable_cancel (site->stop);
  g_thread_join (site->thread);
  g_socket_listener_close (site->listener);
  g_object_unref (site->listener);
  g_object_unref (site->stop);
  g_object_unref (site->certificate);
  g_object_unref (site->resolver);
}

static bool
fetch (const Site *site, const char *host, bool allow_private, GError **error)
{
  g_autofree char *url = g_strdup_printf ("https://%s:%u/", host, site->port);
  const DoorFetchRequest request = {
    .url = url, .max_bytes = LIMIT, .timeout_s = 5, .allow_private = allow_private
  };
  g_auto (DoorFetchAnswer) answer = { 0 };

  return door_soup_fetch (&request, &answer, NULL, error);
}

/* Whatever a name means to the resolver, or however an address is written, it must not lead inside. */
static void
test_private (Site *site, gconstpointer head)
{
  static const char *const hosts[] = {
    "127.0.0.1",
    "[::1]",
    "localhost",
    "idp.localhost",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "[::ffff:127.0.0.1]",
    "[::ffff:a00:1]",
    "100.64.0.1",
    "0.0.0.0",
    "[::]",
    "224.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[fd00::1]",
    "[ff02::1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[::127.0.0.1]",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (fetch (site, hosts[i], false, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
      g_assert_nonnull (strstr (error->message, "is not a public address"));
    }
  g_assert_cmpint (g_atomic_int_get (&site->n_connections), ==, 0);
}

static void
test_never (Site *site, gconstpointer head)
{
  static const char *const hosts[] = { "0.0.0.0",         "[::]", "224.0.0.1", "[ff02::1]", "255.255.255.255",
                                       "[::ffff:0.0.0.0]" };

  for (size_t i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (fetch (site, hosts[i], true, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
}

/* A name is refused for one bad address among good ones, before anything is connected to. */
static void
test_name (Site *site, gconstpointer head)
{
  static const char *const inside[] = { "127.0.0.1", NULL }, *const mixed[] = { "1.1.1.1 127.0.0.1", NULL };
  static const char *const *const answers[] = { inside, mixed };

  for (size_t i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GError) error = NULL;

      site->resolver->answers = answers[i];
      g_assert_false (fetch (site, "idp.example", false, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    }
  g_assert_cmpint (g_atomic_int_get (&site->n_connections), ==, 0);
}

/* What was looked at is what is connected to: the second answer of the resolver is never asked for. */
static void
test_rebinding (Site *site, gconstpointer head)
{
  static const char *const answers[] = { "127.0.0.1", "127.0.0.9", NULL };
  g_autoptr (GError) error = NULL;

  site->resolver->answers = answers;
  g_assert_true (fetch (site, "idp.example", true, &error));
  g_assert_no_error (error);
  g_assert_cmpint (site->resolver->n_asked, ==, 1);
  g_assert_cmpint (g_atomic_int_get (&site->n_connections), ==, 1);
}

/* The certificate must be that of the name, not of the address that was found. */
static void
test_identity (Site *site, gconstpointer head)
{
  static const char *const hosts[] = { "127.0.0.1", "localhost" };

  for (size_t i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (fetch (site, hosts[i], true, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
      g_assert_nonnull (strstr (error->message, "certificate"));
    }
  g_assert_cmpint (g_atomic_int_get (&site->n_connections), ==, 2);
}

static bool
fetch_trusting (const Site *site, const char *host, const char *trust, GError **error)
{
  g_autofree char *url = g_strdup_printf ("https://%s:%u/", host, site->port);
  const DoorFetchRequest request = {
    .url = url, .max_bytes = LIMIT, .timeout_s = 5, .allow_private = true, .trust = trust
  };
  g_auto (DoorFetchAnswer) answer = { 0 };

  return door_soup_fetch (&request, &answer, NULL, error);
}

/* One more authority is one more, and no way around the name. */
static void
test_trust (Site *site, gconstpointer head)
{
  static const char *const answers[] = { "127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1", NULL };
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "cms", "ca.pem", NULL);
  g_autofree char *other = NULL, *own = NULL;
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GError) error = NULL, none = NULL, name = NULL, wrong = NULL;

  site->resolver->answers = answers;
  g_assert_true (g_file_get_contents (path, &other, NULL, NULL));
  database = g_tls_file_database_new (path, &error);
  g_assert_no_error (error);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
  g_object_get (site->certificate, "certificate-pem", &own, NULL);
  g_assert_false (fetch_trusting (site, "idp.example", NULL, &none));
  g_assert_error (none, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
  g_assert_false (fetch_trusting (site, "idp.example", other, &wrong));
  g_assert_error (wrong, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
  g_assert_false (fetch_trusting (site, "127.0.0.1", own, &name));
  g_assert_error (name, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
  g_assert_true (fetch_trusting (site, "idp.example", own, &error));
  g_assert_no_error (error);
}

/* A server that is never silent and never done. */
static void
test_slow (Site *site, gconstpointer head)
{
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/", site->port);
  const DoorFetchRequest request = {
    .url = url, .max_bytes = 1000000, .timeout_s = 1, .allow_http = true, .allow_private = true
  };
  g_auto (DoorFetchAnswer) answer = { 0 };
  int64_t start_us = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  g_assert_false (door_soup_fetch (&request, &answer, NULL, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "not done within 1 s"));
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 10 * G_USEC_PER_SEC);
}

static void
test_scope (void)
{
  static const struct
  {
    const char *address;
    DoorAddressScope scope;
  } rows[] = {
    { "1.1.1.1", DOOR_ADDRESS_PUBLIC },
    { "9.255.255.255", DOOR_ADDRESS_PUBLIC },
    { "11.0.0.0", DOOR_ADDRESS_PUBLIC },
    { "100.63.255.255", DOOR_ADDRESS_PUBLIC },
    { "100.127.255.255", DOOR_ADDRESS_PRIVATE },
    { "100.128.0.0", DOOR_ADDRESS_PUBLIC },
    { "172.15.255.255", DOOR_ADDRESS_PUBLIC },
    { "172.32.0.0", DOOR_ADDRESS_PUBLIC },
    { "192.0.0.170", DOOR_ADDRESS_PRIVATE },
    { "198.19.255.255", DOOR_ADDRESS_PRIVATE },
    { "198.20.0.0", DOOR_ADDRESS_PUBLIC },
    { "240.0.0.1", DOOR_ADDRESS_PRIVATE },
    { "239.255.255.255", DOOR_ADDRESS_NEVER },
    { "127.255.255.254", DOOR_ADDRESS_LOOPBACK },
    { "::1", DOOR_ADDRESS_LOOPBACK },
    { "::2", DOOR_ADDRESS_PRIVATE },
    { "2606:4700:4700::1111", DOOR_ADDRESS_PUBLIC },
    { "2001:4860:4860::8888", DOOR_ADDRESS_PUBLIC },
    { "2001:db8::1", DOOR_ADDRESS_PRIVATE },
    { "2001::1", DOOR_ADDRESS_PRIVATE },
    { "4000::1", DOOR_ADDRESS_PRIVATE },
    { "fec0::1", DOOR_ADDRESS_PRIVATE },
    { "64:ff9b:1::1", DOOR_ADDRESS_PRIVATE },
    { "64:ff9b::1.1.1.1", DOOR_ADDRESS_PUBLIC },
    { "::ffff:1.1.1.1", DOOR_ADDRESS_PUBLIC },
    { "::ffff:224.0.0.1", DOOR_ADDRESS_NEVER },
    { "2002:101:101::", DOOR_ADDRESS_PUBLIC },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (rows[i].address);

      g_assert_nonnull (address);
      if (door_address_scope_of (address) != rows[i].scope)
        g_error ("%s is not of scope %d", rows[i].address, rows[i].scope);
    }
}

#define ADD(name, head, func) g_test_add ("/net/fetch-guard/" name, Site, head, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/fetch-guard/scope", test_scope);
  ADD ("private", NULL, test_private);
  ADD ("never", NULL, test_never);
  ADD ("name", NULL, test_name);
  ADD ("rebinding", NULL, test_rebinding);
  ADD ("identity", NULL, test_identity);
  ADD ("trust", NULL, test_trust);
  ADD ("slow-head", "HTTP/1.1 200 OK\r\nX-Drip: ", test_slow);
  ADD ("slow-body", "HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", test_slow);
  return g_test_run ();
}
