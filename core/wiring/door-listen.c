/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-listen.h"

#include <string.h>

#include <unistd.h>

#include <sys/resource.h>

#include "door-error.h"
#include "door-host.h"

#define RUNTIME_FOLDER "/run/doorward"
/* GLib runs TLS handshakes in about ten threads that all share. */
#define MAX_RUNNING_HANDSHAKES 8
/* for everything but connections: files of the database, sockets to it, what threads need */
#define RESERVED_DESCRIPTORS 128
/* Handlers wait for the commit of what they write; this many of them can share one. */
#define WAITING_WORKERS 16

/* One socket for each I/O thread, in the folder that the service manager made. */
static char **
default_sockets (unsigned int n)
{
  const char *folder = g_getenv ("RUNTIME_DIRECTORY");
  GStrvBuilder *builder = g_strv_builder_new ();
  char **sockets;

  for (unsigned int i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("http-%u.sock", i);
      g_autofree char *path = g_build_filename (folder != NULL ? folder : RUNTIME_FOLDER, name, NULL);
      g_strv_builder_add (builder, path);
    }
  sockets = g_strv_builder_end (builder);
  g_strv_builder_unref (builder);
  return sockets;
}

static bool
is_loopback (const char *address)
{
  const char *colon = strrchr (address, ':');
  size_t length = colon != NULL ? (size_t) (colon - address) : 0;
  bool brackets = length >= 2 && *address == '[';
  g_autofree char *host = g_strndup (address + brackets, length - 2 * brackets);

  return door_host_is_this_machine (host);
}

/* Development mode has keys and switches that a network must not reach. */
static bool
check_development (char *const *addresses, bool development, GError **error)
{
  for (size_t i = 0; development && addresses[i] != NULL; i++)
    if (!is_loopback (addresses[i]))
      {
        door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                        "--dev listens on loopback only; [listen] names %s", addresses[i]);
        return false;
      }
  return true;
}

static GTlsCertificate *
load_certificate (const DoorSettings *listen, GError **error)
{
  const char *path = door_settings_get_string (listen, "TlsCertificate");
  g_autoptr (DoorSecret) key = door_settings_dup_secret (listen, "TlsKey", error);
  g_autofree char *chain = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *both = NULL;
  GTlsCertificate *certificate = NULL;

  if (key == NULL)
    return NULL;
  if (g_file_get_contents (path, &chain, NULL, &local))
    {
      both = g_strconcat (chain, "\n", door_secret_get_text (key), NULL);
      certificate = g_tls_certificate_new_from_pem (both, -1, &local);
      explicit_bzero (both, strlen (both));
    }
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

/**
 * door_listen_make_engine:
 * @listen: group `[listen]`
 * @router: what answers
 * @context: clock and randomness
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
  bool direct = g_str_equal (door_settings_get_string (listen, "TlsMode"), "files");
  g_auto (GStrv) sockets = door_settings_dup_list (listen, "Sockets");
  g_auto (GStrv) https = door_settings_dup_list (listen, "Https");
  g_auto (GStrv) http = door_settings_dup_list (listen, "Http");
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (DoorPeerTrust) trust = make_trust (listen, error);
  DoorHttpOptions options;

  if (trust == NULL || !check_development (https, development, error) ||
      !check_development (http, development, error))
    return NULL;
  if (direct)
    {
      certificate = load_certificate (listen, error);
      if (certificate == NULL)
        return NULL;
      g_message ("TLS without a proxy: for laboratories and trusted networks, not for the Internet");
    }
  else if (sockets[0] == NULL && http[0] == NULL)
    {
      g_strfreev (sockets);
      sockets = default_sockets (n_io);
    }
  options = (DoorHttpOptions){
    .unix_sockets = (const char *const *) sockets,
    .http = (const char *const *) http,
    .https = (const char *const *) https,
    .socket_group = door_settings_get_string (listen, "SocketGroup"),
    .certificate = certificate,
    .trust = trust,
    .clock = context->clock,
    .random = context->random,
    .n_io_threads = n_io,
    .n_workers = count_threads (listen, "Workers", MAX (WAITING_WORKERS, 2 * cores)),
    .n_crypto_workers = MAX (WAITING_WORKERS / 2, cores),
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
