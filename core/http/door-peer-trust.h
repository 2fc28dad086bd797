/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include <gio/gio.h>

#include "door-headers.h"

/**
 * DoorForwarded:
 * @DOOR_FORWARDED_NONE: no such header is read
 * @DOOR_FORWARDED_X: X-Forwarded-For, -Proto and -Host
 * @DOOR_FORWARDED_RFC7239: Forwarded
 *
 * How the proxy says for whom it asks.
 */
typedef enum
{
  DOOR_FORWARDED_NONE,
  DOOR_FORWARDED_X,
  DOOR_FORWARDED_RFC7239,
} DoorForwarded;

/**
 * DoorDirectPeer:
 * @address: (nullable): who is at the other end of the connection, %NULL on a unix socket
 * @is_proxy: the connection came over our unix socket from the proxy
 * @scheme: "http" or "https", what is spoken on the connection
 */
typedef struct
{
  const char *address;
  bool is_proxy;
  const char *scheme;
} DoorDirectPeer;

/**
 * DoorPeer:
 * @address: the client as far as we believe it, "local" when only a unix socket is known
 * @scheme: "http" or "https" at the client's end
 * @host: the host the client asked for, lower case, with the port if it named one
 * @certificate: (nullable): the client certificate, DER, not verified
 * @headers: the headers without those only a proxy may set
 */
typedef struct
{
  char *address;
  char *scheme;
  char *host;
  GBytes *certificate;
  DoorHeaders *headers;
} DoorPeer;

typedef struct _DoorPeerTrust DoorPeerTrust;

DoorPeerTrust *door_peer_trust_new (DoorForwarded forwarded, const char *const *proxies,
                                    const char *certificate_header, GError **error);
DoorPeerTrust *door_peer_trust_ref (DoorPeerTrust *self);
void door_peer_trust_unref (DoorPeerTrust *self);
char *door_peer_trust_dup_origin (DoorPeerTrust *self, GInetAddress *address);
gboolean door_peer_trust_resolve (DoorPeerTrust *self, const DoorDirectPeer *direct, DoorHeaders *headers,
                                  DoorPeer *peer, GError **error);
void door_peer_clear (DoorPeer *peer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPeerTrust, door_peer_trust_unref)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorPeer, door_peer_clear)
