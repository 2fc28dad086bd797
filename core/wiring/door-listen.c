/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-listen.h"

#include <string.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "door-activation.h"
#include "door-error.h"
#include "door-host.h"

#define RUNTIME_FOLDER "/run/doorward"
/* GLib runs TLS handshakes in about ten threads that all share. */
#define MAX_RUNNING_HANDSHAKES 8
/* for everything but connections: files of the database, sockets to it, what threads need */
#define RESERVED_DESCRIPTORS 128
/* Handlers wait for the commit of what they write; this many of them can share one. */
#define WAITING_WORKERS 16

/**
 * door_listen_dup_runtime_path:
 * @name: name of a socket
 *
 * Returns: (transfer full): its path in the folder that the service manager made
 */
char *
door_listen_dup_runtime_path (const char *name)
{
  const char *folder = g_getenv ("RUNTIME_DIRECTORY");

  return g_build_filename (folder != NULL ? folder : RUNTIME_FOLDER, name, NULL);
}

/* One socket for each I/O thread. */
static char **
default_sockets (unsigned int n)
{
  GStrvBuilder *builder = g_strv_builder_new ();
  char **sockets;

  for (unsigned int i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("http-%u.sock", i);
      g_autofree char *path = door_listen_dup_runtime_path (name);

      g_strv_builder_add (builder, path);
    }
  sockets = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return sockets;
}

static bool
is_local_socket (int fd)
{
  struct sockaddr_storage native;
  socklen_t size = sizeof native;
  g_autoptr (GSocketAddress) address = NULL;

  if (getsockname (fd, (struct sockaddr *) &native, &size) != 0)
    return false;
  address = g_socket_address_new_from_native (&native, size);
  return !G_IS_INET_SOCKET_ADDRESS (address) ||
         g_inet_address_get_is_loopback (g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address)));
}

/* Sockets of the service manager take the place of all that the configuration names. */
static bool
read_activation (DoorActivation *passed, bool development, GError **error)
{
  if (!door_activation_read (g_getenv ("LISTEN_PID"), g_getenv ("LISTEN_FDS"), g_getenv ("LISTEN_FDNAMES"),
                             passed, error))
    return false;
  for (size_t i = 0; development && i < passed->n; i++)
    if (!is_local_socket (passed->fds[i]))
      return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                             "--dev listens on loopback only; the service manager passed another socket");
  if (passed->n > 0)
    g_message ("%zu sockets of the service manager; Sockets, Http and Https are not used", passed->n);
  return true;
}

/* Development mode has keys and switches that a network must not reach. */
static bool
check_development (char *const *addresses, bool development, GError **error)
{
  for (size_t i = 0; development && addresses[i] != NULL; i++)
    if (!door_host_of_endpoint_is_this_machine (addresses[i]))
      {
        door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                        "--dev listens on loopback only; [listen] names %s", addresses[i]);
        return false;
      }
  return true;
}

/**
 * door_listen_is_direct:
 * @listen: group `[listen]`
 *
 * Returns: whether TLS is spoken here and not by a proxy
 */
bool
door_listen_is_direct (const DoorSettings *listen)
{
  return g_str_equal (door_settings_get_string (listen, "TlsMode"), "files");
}

/* GIO takes any two; handshakes would fail when one is not the other's. */
static bool
check_pair (const char *chain, size_t size, DoorSecret *key, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new (chain, size);
  g_autoptr (DoorCmsSigner) pair = door_cms_signer_new (bytes, key, error);

  return pair != NULL;
}

static GTlsCertificate *
join_pair (const char *chain, DoorSecret *key, GError **error)
{
  g_autofree char *both = g_strconcat (chain, "\n", door_secret_get_text (key), NULL);
  GTlsCertificate *certificate = g_tls_certificate_new_from_pem (both, -1, error);

  explicit_bzero (both, strlen (both));
  return certificate;
}

/**
 * door_listen_load_certificate:
 * @listen: group `[listen]`
 * @error: return location for an error
 *
 * Reads certificate and key of direct TLS, which must belong together. Blocking.
 *
 * Returns: (transfer full): the certificate, or %NULL with %DOOR_ERROR_CONFIG
 */
GTlsCertificate *
door_listen_load_certificate (const DoorSettings *listen, GError **error)
{
  const char *path = door_settings_get_string (listen, "TlsCertificate");
  g_autoptr (DoorSecret) key = door_settings_dup_secret (listen, "TlsKey", error);
  g_autofree char *chain = NULL;
  g_autoptr (GError) local = NULL;
  GTlsCertificate *certificate = NULL;
  gsize size;

  if (key == NULL)
    return NULL;
  if (g_file_get_contents (path, &chain, &size, &local) && check_pair (chain, size, key, &local))
    certificate = join_pair (chain, key, &local);
  if (certificate == NULL)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "TlsCertificate %s: %s", path,
                    local->message);
  return certificate;
}

static DoorPeerTrust *
make_trust (const DoorSettings *listen, GError **error)
{
  g_auto (GStrv) proxies = door_settings_dup_list (listen, "TrustedProxies");
  const char *word = door_settings_get_string (listen, "ForwardedHeaders");
  DoorForwarded headers = DOOR_FORWARDED_NONE;

  if (g_str_equal (word, "x-forwarded"))
    headers = DOOR_FORWARDED_X;
  else if (g_str_equal (word, "rfc7239"))
    headers = DOOR_FORWARDED_RFC7239;
  return door_peer_trust_new (headers, (const char *const *) proxies,
                              door_settings_get_string (listen, "ClientCertHeader"), error);
}

static unsigned int
get_count (const DoorSettings *listen, const char *key)
{
  return (unsigned int) door_settings_get_integer (listen, key);
}

static unsigned int
get_seconds (const DoorSettings *listen, const char *key)
{
  return (unsigned int) door_settings_get_duration_s (listen, key);
}

/* A connection that gets no descriptor waits without anybody knowing of it; better to say how many may be. */
static unsigned int
limit_connections (const DoorSettings *listen)
{
  unsigned int wanted = get_count (listen, "MaxConnections");
  struct rlimit limit;
  rlim_t most;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return wanted;
  most =
      limit.rlim_cur > 2 * RESERVED_DESCRIPTORS ? limit.rlim_cur - RESERVED_DESCRIPTORS : limit.rlim_cur / 2;
  if (wanted <= most)
    return wanted;
  g_message (
      "[listen] MaxConnections=%u, but the limit of file descriptors (LimitNOFILE=) is %" G_GUINT64_FORMAT
      ": at most %" G_GUINT64_FORMAT " connections are served at the same time",
      wanted, (uint64_t) limit.rlim_cur, (uint64_t) most);
  return (unsigned int) most;
}

static unsigned int
count_threads (const DoorSettings *listen, const char *key, unsigned int automatic)
{
  int64_t set = door_settings_get_integer (listen, key);

  return set > 0 ? (unsigned int) set : automatic;
}

/* Where to listen; all empty when the service manager has passed sockets. */
typedef struct
{
  char **sockets;
  char **http;
  char **https;
} Addresses;

static void
addresses_clear (Addresses *self)
{
  g_strfreev (self->sockets);
  g_strfreev (self->http);
  g_strfreev (self->https);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Addresses, addresses_clear)

static bool
read_addresses (Addresses *self, const DoorSettings *listen, bool passed, bool development, GError **error)
{
  self->sockets = passed ? g_new0 (char *, 1) : door_settings_dup_list (listen, "Sockets");
  self->http = passed ? g_new0 (char *, 1) : door_settings_dup_list (listen, "Http");
  self->https = passed ? g_new0 (char *, 1) : door_settings_dup_list (listen, "Https");
  return check_development (self->https, development, error) &&
         check_development (self->http, development, error);
}

/**
 * door_listen_make_engine:
 * @listen: group `[listen]`
 * @router: what answers
 * @context: randomness and metrics
 * @times: where is kept how long requests take; must outlive the engine
 * @development: development mode: loopback only
 * @error: return location for an error
 *
 * Opens the listening sockets of the configuration. Blocking.
 *
 * Returns: (transfer full): the engine, not started yet, or %NULL with an error
 */
DoorHttpEngine *
door_listen_make_engine (const DoorSettings *listen, DoorRouter *router, const DoorContext *context,
                         DoorRouteTimes *times, bool development, GError **error)
{
  unsigned int cores = (unsigned int) g_get_num_processors ();
  unsigned int n_io = count_threads (listen, "IoThreads", cores);
  g_auto (Addresses) addresses = { NULL, NULL, NULL };
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (DoorPeerTrust) trust = make_trust (listen, error);
  g_auto (DoorActivation) passed = { NULL, NULL, 0 };
  DoorHttpOptions options;

  if (trust == NULL || !read_activation (&passed, development, error) ||
      !read_addresses (&addresses, listen, passed.n > 0, development, error))
    return NULL;
  if (door_listen_is_direct (listen))
    {
      certificate = door_listen_load_certificate (listen, error);
      if (certificate == NULL)
        return NULL;
      g_message ("TLS without a proxy: for laboratories and trusted networks, not for the Internet");
    }
  else if (addresses.sockets[0] == NULL && addresses.http[0] == NULL && passed.n == 0)
    {
      g_strfreev (addresses.sockets);
      addresses.sockets = default_sockets (n_io);
    }
  options = (DoorHttpOptions){
    .unix_sockets = (const char *const *) addresses.sockets,
    .http = (const char *const *) addresses.http,
    .https = (const char *const *) addresses.https,
    .fds = passed.fds,
    .fd_names = (const char *const *) passed.names,
    .n_fds = passed.n,
    .socket_group = door_settings_get_string (listen, "SocketGroup"),
    .certificate = certificate,
    .trust = trust,
    .random = context->random,
    .n_io_threads = n_io,
    .n_workers = count_threads (listen, "Workers", MAX (WAITING_WORKERS, 2 * cores)),
    .n_crypto_workers = MAX (WAITING_WORKERS / 2, cores),
    .n_waiting_workers = WAITING_WORKERS,
    .metrics = context->metrics,
    .times = times,
    .max_queue = get_count (listen, "QueueLength"),
    .max_connections = limit_connections (listen),
    .max_handshakes = get_count (listen, "MaxHandshakes"),
    .max_peer_handshakes = get_count (listen, "HandshakesPerAddress"),
    .max_running_handshakes = MAX_RUNNING_HANDSHAKES,
    .handshake_timeout_s = get_seconds (listen, "HandshakeTimeout"),
    .client_timeout_s = get_seconds (listen, "ClientTimeout"),
    .handler_timeout_s = get_seconds (listen, "RequestTimeout"),
  };
  return door_http_engine_new (&options, router, error);
}
