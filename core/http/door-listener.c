/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <glib/gstdio.h>

#include "door-error.h"
#include "door-host.h"

#define BACKLOG 1024
#define WARNING_INTERVAL_US (60 * G_USEC_PER_SEC)

struct _DoorListener
{
  int fd;
  bool is_unix;
  bool is_tls;
  char *path; /* NULL: not ours to unlink */
  ino_t inode;
  uid_t *uids;
  DoorProxyPeers peers;
  _Atomic int64_t warned_us; /* 0: never */
};

static gboolean
fail (GError **error, const char *what, const char *where)
{
  DoorFault fault = errno == EADDRINUSE ? DOOR_FAULT_CFG_INUSE : DOOR_FAULT_CFG_VALUE;

  door_error_set (error, DOOR_ERROR_CONFIG, fault, "%s %s: %s", what, where, g_strerror (errno));
  return FALSE;
}

static void
listener_clear (gpointer box)
{
  DoorListener *self = box;

  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self->uids);
}

static DoorListener *
listener_alloc (int fd, bool is_tls, const DoorProxyPeers *peers)
{
  DoorListener *self = g_atomic_rc_box_new0 (DoorListener);

  self->fd = fd;
  self->is_tls = is_tls;
  if (peers != NULL)
    {
      self->peers = *peers;
      self->peers.uids = self->uids = g_memdup2 (peers->uids, peers->n_uids * sizeof *peers->uids);
    }
  return self;
}

static int
open_socket (int family)
{
  return socket (family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* refuses a path on which somebody answers, or that is no socket */
static gboolean
check_unused (const struct sockaddr_un *address, GError **error)
{
  struct stat info;
  int fd, result, reason;

  if (lstat (address->sun_path, &info) == 0 && !S_ISSOCK (info.st_mode))
    {
      errno = EEXIST;
      return fail (error, "cannot listen on", address->sun_path);
    }
  fd = open_socket (AF_UNIX);
  result = connect (fd, (const struct sockaddr *) address, sizeof *address);
  reason = errno;
  close (fd);
  if (result < 0 && (reason == ECONNREFUSED || reason == ENOENT))
    return TRUE;
  errno = result == 0 || reason == EAGAIN ? EADDRINUSE : reason;
  return fail (error, "cannot listen on", address->sun_path);
}

static gboolean
fill_address (struct sockaddr_un *address, const char *path, GError **error)
{
  size_t size = strlen (path) + 1;

  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  if (size > sizeof address->sun_path)
    {
      errno = ENAMETOOLONG;
      return fail (error, "cannot listen on", path);
    }
  memcpy (address->sun_path, path, size);
  return TRUE;
}

/* Binds under another name and renames: the path never leads to a socket that nobody listens on or that
 * the wrong users may open. */
static gboolean
bind_unix (DoorListener *self, const char *path, GError **error)
{
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);
  struct sockaddr_un final, address;
  struct stat info;

  if (!fill_address (&final, path, error) || !fill_address (&address, fresh, error) ||
      !check_unused (&final, error))
    return FALSE;
  g_unlink (fresh);
  if (fchmod (self->fd, 0600) < 0 || bind (self->fd, (struct sockaddr *) &address, sizeof address) < 0)
    return fail (error, "cannot listen on", path);
  if (self->peers.has_gid && chown (fresh, (uid_t) -1, self->peers.gid) < 0)
    {
      fail (error, "[listen] SocketGroup: this user is not in the group and cannot give it", path);
      g_unlink (fresh);
      return FALSE;
    }
  if (chmod (fresh, 0660) < 0 || listen (self->fd, BACKLOG) < 0 || stat (fresh, &info) < 0 ||
      g_rename (fresh, path) < 0)
    {
      fail (error, "cannot listen on", path);
      g_unlink (fresh);
      return FALSE;
    }
  self->inode = info.st_ino;
  return TRUE;
}

/**
 * door_listener_new_unix:
 * @path: where the socket goes
 * @peers: who may connect; the socket belongs to their group
 * @error: return location for an error
 *
 * Listens on a unix socket of mode 0660. A socket left behind by a
 * dead process is replaced, a living one is not. Does not block.
 *
 * Returns: (transfer full): the listener, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorListener *
door_listener_new_unix (const char *path, const DoorProxyPeers *peers, GError **error)
{
  g_autoptr (DoorListener) self = listener_alloc (open_socket (AF_UNIX), false, peers);

  self->is_unix = true;
  if (self->fd < 0)
    {
      fail (error, "no socket for", path);
      return NULL;
    }
  if (!bind_unix (self, path, error))
    return NULL;
  self->path = g_strdup (path);
  return g_steal_pointer (&self);
}

/* "127.0.0.1:8080" or "[::]:8443" */
static GSocketAddress *
parse_address (const char *text)
{
  g_autofree char *host = NULL;
  uint16_t port;

  return door_host_split_endpoint (text, &host, &port) ? g_inet_socket_address_new_from_string (host, port)
                                                       : NULL;
}

/* g_socket_bind() would give the port to whoever else wants to share it; the address may be reused at once */
static gboolean
bind_tcp (DoorListener *self, GSocketAddress *address, const char *text, GError **error)
{
  struct sockaddr_storage native;
  int on = 1;

  if (!g_socket_address_to_native (address, &native, sizeof native, error))
    return FALSE;
  if (setsockopt (self->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0 ||
      bind (self->fd, (struct sockaddr *) &native, (socklen_t) g_socket_address_get_native_size (address)) <
          0 ||
      listen (self->fd, BACKLOG) < 0)
    return fail (error, "cannot listen on", text);
  return TRUE;
}

/**
 * door_listener_new_tcp:
 * @address: numeric address and port, "127.0.0.1:8080" or "[::]:8443"; port 0 takes a free one
 * @is_tls: whether TLS is spoken
 * @error: return location for an error
 *
 * Listens on a TCP port. Does not block.
 *
 * Returns: (transfer full): the listener, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorListener *
door_listener_new_tcp (const char *address, bool is_tls, GError **error)
{
  g_autoptr (GSocketAddress) parsed = parse_address (address);
  g_autoptr (DoorListener) self = NULL;

  if (parsed == NULL)
    {
      errno = EINVAL;
      fail (error, "cannot listen on", address);
      return NULL;
    }
  self = listener_alloc (open_socket ((int) g_socket_address_get_family (parsed)), is_tls, NULL);
  if (self->fd < 0)
    {
      fail (error, "no socket for", address);
      return NULL;
    }
  if (!bind_tcp (self, parsed, address, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_listener_new_from_fd:
 * @fd: a listening stream socket, as a service manager passes it; taken over on success
 * @is_tls: whether TLS is spoken, on TCP
 * @peers: who may connect, on a unix socket
 * @error: return location for an error
 *
 * Returns: (transfer full): the listener, or %NULL with %DOOR_ERROR_CONFIG when @fd is no such socket
 */
DoorListener *
door_listener_new_from_fd (int fd, bool is_tls, const DoorProxyPeers *peers, GError **error)
{
  struct sockaddr_storage address;
  socklen_t size = sizeof address, int_size = sizeof (int);
  int listening = 0;
  bool is_unix;
  DoorListener *self;

  if (getsockname (fd, (struct sockaddr *) &address, &size) < 0 ||
      getsockopt (fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &int_size) < 0 || !listening)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                      "file descriptor %d is no listening socket", fd);
      return NULL;
    }
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  is_unix = address.ss_family == AF_UNIX;
  self = listener_alloc (fd, is_tls && !is_unix, is_unix ? peers : NULL);
  self->is_unix = is_unix;
  return self;
}

/**
 * door_listener_ref:
 * @self: a listener
 *
 * Returns: (transfer full): @self
 */
DoorListener *
door_listener_ref (DoorListener *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_listener_unref:
 * @self: (transfer full): a listener; the last one closes the socket
 */
void
door_listener_unref (DoorListener *self)
{
  g_atomic_rc_box_release_full (self, listener_clear);
}

/**
 * door_listener_unlink:
 * @self: a listener
 *
 * Removes the path of our own unix socket, unless another process has put its own there meanwhile.
 */
void
door_listener_unlink (DoorListener *self)
{
  struct stat info;

  if (self->path != NULL && lstat (self->path, &info) == 0 && info.st_ino == self->inode)
    g_unlink (self->path);
}

/**
 * door_listener_get_fd:
 * @self: a listener
 *
 * Returns: its socket, non-blocking; it stays the listener's
 */
int
door_listener_get_fd (DoorListener *self)
{
  return self->fd;
}

/**
 * door_listener_is_unix:
 * @self: a listener
 *
 * Returns: whether it is a unix socket
 */
bool
door_listener_is_unix (DoorListener *self)
{
  return self->is_unix;
}

/**
 * door_listener_is_tls:
 * @self: a listener
 *
 * Returns: whether TLS is spoken
 */
bool
door_listener_is_tls (DoorListener *self)
{
  return self->is_tls;
}

/**
 * door_listener_get_port:
 * @self: a listener
 *
 * Returns: its TCP port, 0 for a unix socket
 */
unsigned int
door_listener_get_port (DoorListener *self)
{
  struct sockaddr_storage native;
  socklen_t size = sizeof native;
  g_autoptr (GSocketAddress) address = NULL;

  if (self->is_unix || getsockname (self->fd, (struct sockaddr *) &native, &size) < 0)
    return 0;
  address = g_socket_address_new_from_native (&native, size);
  return g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

/**
 * door_listener_allows:
 * @peers: who may connect
 * @own: the user we run as
 * @uid: user of the peer
 * @gid: group of the peer
 *
 * Returns: whether the peer is root, ourselves, one of the users or of the group
 */
bool
door_listener_allows (const DoorProxyPeers *peers, uid_t own, uid_t uid, gid_t gid)
{
  if (uid == 0 || uid == own || (peers->has_gid && gid == peers->gid))
    return true;
  for (size_t i = 0; i < peers->n_uids; i++)
    if (peers->uids[i] == uid)
      return true;
  return false;
}

/* SO_PEERCRED knows only the first group of a process; a proxy is put into ours as one more. */
static bool
has_group (int fd, gid_t gid)
{
  socklen_t size = 0;
  g_autofree gid_t *gids = NULL;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 || errno != ERANGE)
    return false;
  gids = g_malloc (size);
  if (getsockopt (fd, SOL_SOCKET, SO_PEERGROUPS, gids, &size) != 0)
    return false;
  for (size_t i = 0; i < size / sizeof *gids; i++)
    if (gids[i] == gid)
      return true;
  return false;
}

/* Who is refused may try again as fast as he can; that must not fill the log. */
static void
warn_of_peer (DoorListener *self, uid_t uid)
{
  int64_t now_us = g_get_monotonic_time (), warned_us = atomic_load (&self->warned_us);

  if ((warned_us != 0 && now_us - warned_us < WARNING_INTERVAL_US) ||
      !atomic_compare_exchange_strong (&self->warned_us, &warned_us, now_us))
    return;
  if (self->peers.has_gid)
    g_warning (
        "refused a connection of user %u to a unix socket: it is not in the group of [listen] SocketGroup, "
        "or was not when it started; put the proxy's user into it and restart the proxy",
        (unsigned int) uid);
  else
    g_warning ("refused a connection of user %u to %s: only root and the server's own user may use it; if it "
               "is a socket for a proxy, set [listen] SocketGroup",
               (unsigned int) uid, self->path != NULL ? self->path : "a unix socket");
}

/* The mode of the socket keeps others out already; this holds also where a folder was copied or a mode
 * changed. */
static bool
is_allowed_peer (DoorListener *self, int fd)
{
  struct ucred peer = { .uid = (uid_t) -1 };
  socklen_t size = sizeof peer;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
      (door_listener_allows (&self->peers, geteuid (), peer.uid, peer.gid) ||
       (self->peers.has_gid && has_group (fd, self->peers.gid))))
    return true;
  warn_of_peer (self, peer.uid);
  return false;
}

static DoorAccept
accept_error (void)
{
  switch (errno)
    {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return DOOR_ACCEPT_EXHAUSTED;
    case EAGAIN:
      return DOOR_ACCEPT_AGAIN;
    default:
      /* the client gave up before we came to it */
      return DOOR_ACCEPT_REFUSED;
    }
}

/**
 * door_listener_accept:
 * @self: a listener
 * @socket: (out) (transfer full): the connection, when there is one
 *
 * Takes one waiting connection. May be called by several threads at once; never blocks.
 *
 * Returns: what became of it
 */
DoorAccept
door_listener_accept (DoorListener *self, GSocket **socket)
{
  int fd = accept4 (self->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  int on = 1;

  if (fd < 0)
    return accept_error ();
  if (self->is_unix && !is_allowed_peer (self, fd))
    {
      close (fd);
      return DOOR_ACCEPT_REFUSED;
    }
  if (!self->is_unix)
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  *socket = g_socket_new_from_fd (fd, NULL);
  if (*socket == NULL)
    {
      close (fd);
      return DOOR_ACCEPT_REFUSED;
    }
  return DOOR_ACCEPT_OK;
}
