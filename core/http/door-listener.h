/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <sys/types.h>

#include <gio/gio.h>

/**
 * DoorProxyPeers:
 * @uids: (array length=n_uids): users the proxy may run as
 * @n_uids: how many
 * @gid: group the proxy may run in, used when @has_gid
 * @has_gid: whether there is one
 *
 * Who may connect to our unix sockets besides root and ourselves.
 */
typedef struct
{
  const uid_t *uids;
  size_t n_uids;
  gid_t gid;
  bool has_gid;
} DoorProxyPeers;

/**
 * DoorAccept:
 * @DOOR_ACCEPT_OK: there is a connection
 * @DOOR_ACCEPT_AGAIN: nobody waits
 * @DOOR_ACCEPT_REFUSED: a connection came that may not, and was closed
 * @DOOR_ACCEPT_EXHAUSTED: no file descriptor or memory is left
 *
 * What became of an attempt to accept.
 */
typedef enum
{
  DOOR_ACCEPT_OK,
  DOOR_ACCEPT_AGAIN,
  DOOR_ACCEPT_REFUSED,
  DOOR_ACCEPT_EXHAUSTED,
} DoorAccept;

typedef struct _DoorListener DoorListener;

DoorListener *door_listener_new_unix (const char *path, const DoorProxyPeers *peers, GError **error);
DoorListener *door_listener_new_tcp (const char *address, bool is_tls, GError **error);
DoorListener *door_listener_new_from_fd (int fd, bool is_tls, const DoorProxyPeers *peers, GError **error);
DoorListener *door_listener_ref (DoorListener *self);
void door_listener_unref (DoorListener *self);
void door_listener_unlink (DoorListener *self);
int door_listener_get_fd (DoorListener *self);
bool door_listener_is_unix (DoorListener *self);
bool door_listener_is_tls (DoorListener *self);
unsigned int door_listener_get_port (DoorListener *self);
DoorAccept door_listener_accept (DoorListener *self, GSocket **socket);
bool door_listener_allows (const DoorProxyPeers *peers, uid_t own, uid_t uid, gid_t gid);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorListener, door_listener_unref)
