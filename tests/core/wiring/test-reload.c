/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests in several threads while the configuration is replaced under them; ThreadSanitizer looks on. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "door-daemon-private.h"
#include "door-log.h"

#define N_CLIENTS 6
#define N_RELOADS 20
#define TIMEOUT_S 60
#define IDP "EntityId=https://sso.example.com\nSsoUrl=https://sso.example.com/sso\n"

typedef struct
{
  char *folder;
  char *file;
  char *socket;
  char *management;
  char *certificate;
} Place;

typedef struct
{
  const Place *place;
  atomic_bool stop;
  atomic_uint n_answers;
  atomic_uint n_wrong;
} Load;

static void
set_up (Place *place, gconstpointer data)
{
  place->folder = g_dir_make_tmp ("door-reload-XXXXXX", NULL);
  g_assert_nonnull (place->folder);
  place->file = g_build_filename (place->folder, "x.conf", NULL);
  place->socket = g_build_filename (place->folder, "http.sock", NULL);
  place->management = g_build_filename (place->folder, "management.sock", NULL);
  place->certificate = g_test_build_filename (G_TEST_DIST, "data", "saml", "keys", "rsa.crt.pem", NULL);
}

static void
tear_down (Place *place, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (place->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (place->folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (place->folder), ==, 0);
  g_free (place->folder);
  g_free (place->file);
  g_free (place->socket);
  g_free (place->management);
  g_free (place->certificate);
}

/* Every other configuration has one provider more and another name for all. */
static void
write_config (const Place *place, unsigned int number)
{
  g_autofree char *more = number % 2 == 0 ? g_strdup ("")
                                          : g_strdup_printf ("[idp/more]\nType=saml\n" IDP
                                                             "Certificates=%s\n[team/red]\nTitle=Red\n",
                                                             place->certificate);
  g_autofree char *text = g_strdup_printf (
      "[plugins]\nLoad=sqlite;saml\n[doorward]\nExternalUrl=https://mdm.example.com\nOrganizationName=Number "
      "%u\n"
      "SupportEmail=it@example.com\nLogLevel=warning\n[listen]\nTlsMode=proxy\nIoThreads=2\nWorkers=4\n"
      "SignInsPerMinute=%u\nSockets=%s\nManagement=%s\n[database]\nDriver=sqlite\nPath=%s/x.db\n"
      "[idp/corp]\nType=saml\n" IDP "Certificates=%s\n%s",
      number, 60000 + number, place->socket, place->management, place->folder, place->certificate, more);

  g_assert_true (g_file_set_contents (place->file, text, -1, NULL));
  g_assert_cmpint (g_chmod (place->file, 0600), ==, 0);
}

/* The status of the answer to one request; 0 when there is none. */
static unsigned int
ask (const char *path, const char *request)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_autoptr (GString) answer = g_string_new (NULL);
  char bytes[4096];
  ssize_t n = 0;

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (connect (fd, (const struct sockaddr *) &address, sizeof address) == 0 &&
      send (fd, request, strlen (request), MSG_NOSIGNAL) > 0)
    while ((n = recv (fd, bytes, sizeof bytes, 0)) > 0)
      g_string_append_len (answer, bytes, n);
  close (fd);
  if (n < 0 || !g_str_has_prefix (answer->str, "HTTP/1.1 "))
    return 0;
  return (unsigned int) g_ascii_strtoull (answer->str + strlen ("HTTP/1.1 "), NULL, 10);
}

#define HEAD " HTTP/1.1\r\nHost: mdm.example.com\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n"

static void *
run_client (void *data)
{
  static const struct
  {
    const char *request;
    unsigned int status;
    bool management;
  } visits[] = {
    { "GET /mdm/sso/start?idp=corp" HEAD "\r\n", 303, false },
    { "GET /" HEAD "\r\n", 200, false },
    { "POST /saml/corp/acs" HEAD
      "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 17\r\n\r\nSAMLResponse=PHg+",
      400, false },
    { "GET /metrics" HEAD "\r\n", 200, true },
    { "GET /readyz" HEAD "\r\n", 200, true },
  };
  Load *load = data;

  while (!atomic_load (&load->stop))
    for (size_t i = 0; i < G_N_ELEMENTS (visits); i++)
      {
        unsigned int status =
            ask (visits[i].management ? load->place->management : load->place->socket, visits[i].request);

        if (status != visits[i].status && atomic_fetch_add (&load->n_wrong, 1) == 0)
          g_test_message ("%u instead of %u: %s", status, visits[i].status, visits[i].request);
        atomic_fetch_add (&load->n_answers, 1);
      }
  return NULL;
}

static unsigned int
number_in_force (DoorDaemon *daemon)
{
  g_autoptr (DoorGeneration) generation = door_generations_pin (daemon->generations);

  return generation->number;
}

/* Until the generation is in force and some requests more have been answered. */
static void
wait_for (DoorDaemon *daemon, Load *load, unsigned int number)
{
  int64_t end_us = g_get_monotonic_time () + TIMEOUT_S * G_USEC_PER_SEC;
  unsigned int answers = atomic_load (&load->n_answers) + 2 * N_CLIENTS;

  while (number_in_force (daemon) < number || atomic_load (&load->n_answers) < answers)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (200);
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    }
}

static void
test_reload (Place *place, gconstpointer data)
{
  const DoorSetupOptions options = { .config_file = place->file,
                                     .state_folder = place->folder,
                                     .plugin_folder = TEST_PLUGINS,
                                     .development = true };
  g_autoptr (GError) error = NULL;
  DoorLogOutput *log = door_log_start ();
  Load load = { .place = place };
  pthread_t threads[N_CLIENTS];
  DoorDaemon *daemon;
  DoorSetup *setup;

  write_config (place, 0);
  door_log_set_level (log, "warning");
  setup = door_setup_new (&options, &error);
  g_assert_no_error (error);
  daemon = door_daemon_new (setup, NULL, &error);
  g_assert_no_error (error);
  door_daemon_start (daemon, log, NULL);
  for (size_t i = 0; i < N_CLIENTS; i++)
    g_assert_cmpint (pthread_create (&threads[i], NULL, run_client, &load), ==, 0);
  for (unsigned int i = 1; i <= N_RELOADS; i++)
    {
      write_config (place, i);
      door_daemon_reload (daemon);
      wait_for (daemon, &load, i + 1);
    }
  atomic_store (&load.stop, true);
  for (size_t i = 0; i < N_CLIENTS; i++)
    pthread_join (threads[i], NULL);
  g_assert_cmpuint (atomic_load (&load.n_wrong), ==, 0);
  g_assert_cmpuint (door_generations_count (daemon->generations), ==, 1);
  g_test_message ("%u answers, %u generations", atomic_load (&load.n_answers), number_in_force (daemon));
  door_daemon_free (daemon);
  door_setup_free (setup);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  g_test_add ("/reload/under-requests", Place, NULL, set_up, test_reload, tear_down);
  return g_test_run ();
}
