/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-listener.h"

#include <grp.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

#include "door-error.h"

#define NOBODY 65534
#define PROXY_GROUP 64123

typedef struct
{
  char *dir;
  char *path;
} Folder;

static void
folder_init (Folder *self)
{
  self->dir = g_dir_make_tmp ("doorward-XXXXXX", NULL);
  self->path = g_build_filename (self->dir, "s", NULL);
}

static void
folder_clear (Folder *self)
{
  g_unlink (self->path);
  g_assert_cmpint (g_rmdir (self->dir), ==, 0);
  g_free (self->dir);
  g_free (self->path);
}

static int
dial (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

static void
test_unix (void)
{
  Folder folder;
  g_autoptr (DoorListener) listener = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;
  struct stat info;
  int client;

  folder_init (&folder);
  listener = door_listener_new_unix (folder.path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (stat (folder.path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0660);
  g_assert_true (door_listener_is_unix (listener));
  g_assert_cmpuint (door_listener_get_port (listener), ==, 0);
  g_assert_cmpint (door_listener_accept (listener, &socket), ==, DOOR_ACCEPT_AGAIN);
  client = dial (folder.path);
  g_assert_cmpint (door_listener_accept (listener, &socket), ==, DOOR_ACCEPT_OK);
  close (client);
  door_listener_unlink (listener);
  g_assert_cmpint (stat (folder.path, &info), <, 0);
  folder_clear (&folder);
}

static void
test_group (void)
{
  Folder folder;
  DoorProxyPeers peers = { NULL, 0, getegid (), true };
  g_autoptr (DoorListener) listener = NULL;
  struct stat info;

  if (geteuid () == 0)
    peers.gid = NOBODY;
  folder_init (&folder);
  listener = door_listener_new_unix (folder.path, &peers, NULL);
  g_assert_nonnull (listener);
  g_assert_cmpint (stat (folder.path, &info), ==, 0);
  g_assert_cmpuint (info.st_gid, ==, peers.gid);
  folder_clear (&folder);
}

static void
test_stale (void)
{
  Folder folder;
  g_autoptr (DoorListener) second = NULL;
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  {
    g_autoptr (DoorListener) first = door_listener_new_unix (folder.path, NULL, NULL);

    g_assert_nonnull (first);
    g_assert_null (door_listener_new_unix (folder.path, NULL, &error));
    g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
    g_clear_error (&error);
  }
  g_assert_cmpint (dial (folder.path), <, 0);
  second = door_listener_new_unix (folder.path, NULL, &error);
  g_assert_no_error (error);
  folder_clear (&folder);
}

/* a path that has become somebody else's is left alone */
static void
test_unlink_own_only (void)
{
  Folder folder;
  g_autoptr (DoorListener) first = NULL, second = NULL;
  int client;

  folder_init (&folder);
  first = door_listener_new_unix (folder.path, NULL, NULL);
  g_unlink (folder.path);
  second = door_listener_new_unix (folder.path, NULL, NULL);
  door_listener_unlink (first);
  client = dial (folder.path);
  g_assert_cmpint (client, >=, 0);
  close (client);
  folder_clear (&folder);
}

static void
test_bad_paths (void)
{
  Folder folder;
  g_autofree char *deep = NULL, *text = NULL, *name = g_strnfill (120, 'x');
  g_autoptr (GError) error = NULL;

  folder_init (&folder);
  g_file_set_contents (folder.path, "precious", -1, NULL);
  g_assert_null (door_listener_new_unix (folder.path, NULL, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_clear_error (&error);
  g_file_get_contents (folder.path, &text, NULL, NULL);
  g_assert_cmpstr (text, ==, "precious");
  deep = g_build_filename (folder.dir, name, NULL);
  g_assert_null (door_listener_new_unix (deep, NULL, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  folder_clear (&folder);
}

static void
test_allows (void)
{
  const uid_t uids[] = { 33, 34 };
  const DoorProxyPeers none = { NULL, 0, 0, false }, some = { uids, 2, 70, true };

  g_assert_true (door_listener_allows (&none, 100, 0, 5));
  g_assert_true (door_listener_allows (&none, 100, 100, 5));
  g_assert_false (door_listener_allows (&none, 100, 101, 0));
  g_assert_true (door_listener_allows (&some, 100, 34, 5));
  g_assert_true (door_listener_allows (&some, 100, 101, 70));
  g_assert_false (door_listener_allows (&some, 100, 35, 71));
}

/* a child that has become nobody, of one more group, dials and reports whether it was hung up on */
static int
dial_as_nobody (const char *path, gid_t group)
{
  char byte;
  int fd;

  if (setgroups (1, &group) != 0 || setgid (NOBODY) != 0 || setuid (NOBODY) != 0 || (fd = dial (path)) < 0)
    return 2;
  return recv (fd, &byte, 1, 0) == 0 ? 0 : 1;
}

static DoorAccept
accept_from_nobody (const DoorProxyPeers *peers, gid_t group)
{
  Folder folder;
  g_autoptr (DoorListener) listener = NULL;
  g_autoptr (GSocket) socket = NULL;
  DoorAccept result;
  pid_t child;
  int status;

  folder_init (&folder);
  listener = door_listener_new_unix (folder.path, peers, NULL);
  chmod (folder.dir, 0755);
  chmod (folder.path, 0666);
  child = fork ();
  if (child == 0)
    _exit (dial_as_nobody (folder.path, group));
  do
    {
      GPollFD fd = { door_listener_get_fd (listener), G_IO_IN, 0 };

      g_assert_cmpint (g_poll (&fd, 1, 10000), ==, 1);
      result = door_listener_accept (listener, &socket);
    }
  while (result == DOOR_ACCEPT_AGAIN);
  g_clear_object (&socket);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  folder_clear (&folder);
  return result;
}

/* The proxy keeps the first group it has and gets ours as one more. */
static void
test_foreign_user (void)
{
  const DoorProxyPeers peers = { NULL, 0, PROXY_GROUP, true };

  if (geteuid () != 0)
    {
      g_test_skip ("only root can become another user");
      return;
    }
  g_assert_cmpint (accept_from_nobody (&peers, PROXY_GROUP), ==, DOOR_ACCEPT_OK);
  g_test_expect_message ("doorward-http", G_LOG_LEVEL_WARNING, "*user 65534*SocketGroup*restart the proxy");
  g_assert_cmpint (accept_from_nobody (&peers, PROXY_GROUP + 1), ==, DOOR_ACCEPT_REFUSED);
  g_test_assert_expected_messages ();
  g_test_expect_message ("doorward-http", G_LOG_LEVEL_WARNING, "*user 65534*");
  g_assert_cmpint (accept_from_nobody (NULL, PROXY_GROUP), ==, DOOR_ACCEPT_REFUSED);
  g_test_assert_expected_messages ();
}

static void
test_tcp (void)
{
  static const char *const bad[] = {
    "",      "127.0.0.1",       ":80",           "127.0.0.1:",    "127.0.0.1:65536", "127.0.0.1:x", "::1:80",
    "[::1]", "name.example:80", "[127.0.0.1:80", "198.51.100.1:1"
  };
  g_autoptr (DoorListener) four = door_listener_new_tcp ("127.0.0.1:0", false, NULL);
  g_autoptr (DoorListener) tls = door_listener_new_tcp ("127.0.0.1:0", true, NULL);
  g_autofree char *same = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (four);
  g_assert_false (door_listener_is_tls (four));
  g_assert_true (door_listener_is_tls (tls));
  g_assert_cmpuint (door_listener_get_port (four), >, 0);
  same = g_strdup_printf ("127.0.0.1:%u", door_listener_get_port (four));
  g_assert_null (door_listener_new_tcp (same, false, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_INUSE);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_clear_error (&error);
      g_assert_null (door_listener_new_tcp (bad[i], false, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_CFG_VALUE);
    }
}

static void
test_from_fd (void)
{
  int pair[2];
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_un any = { .sun_family = AF_UNIX };
  g_autoptr (DoorListener) listener = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_null (door_listener_new_from_fd (pair[0], false, NULL, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_CONFIG);
  close (pair[0]);
  close (pair[1]);
  /* an address of the kernel's choice */
  g_assert_cmpint (bind (fd, (struct sockaddr *) &any, sizeof any.sun_family), ==, 0);
  g_assert_cmpint (listen (fd, 1), ==, 0);
  listener = door_listener_new_from_fd (fd, true, NULL, NULL);
  g_assert_nonnull (listener);
  g_assert_true (door_listener_is_unix (listener));
  g_assert_false (door_listener_is_tls (listener));
  /* it has been made non-blocking */
  g_assert_cmpint (door_listener_accept (listener, &socket), ==, DOOR_ACCEPT_AGAIN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/listener/unix", test_unix);
  g_test_add_func ("/http/listener/group", test_group);
  g_test_add_func ("/http/listener/stale", test_stale);
  g_test_add_func ("/http/listener/unlink-own-only", test_unlink_own_only);
  g_test_add_func ("/http/listener/bad-paths", test_bad_paths);
  g_test_add_func ("/http/listener/allows", test_allows);
  g_test_add_func ("/http/listener/foreign-user", test_foreign_user);
  g_test_add_func ("/http/listener/tcp", test_tcp);
  g_test_add_func ("/http/listener/from-fd", test_from_fd);
  return g_test_run ();
}
