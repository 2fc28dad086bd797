/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * DoorForwardedHop:
 * @address: (nullable): whom the proxy saw, %NULL when it is hidden or not an address
 * @proto: (nullable): the protocol it was spoken to
 * @host: (nullable): the host it was asked for
 *
 * What one proxy says about the one before it.
 */
typedef struct
{
  GInetAddress *address;
  char *proto;
  char *host;
} DoorForwardedHop;

GPtrArray *door_forwarded_parse (const char *text, GError **error);
GPtrArray *door_forwarded_parse_x (const char *text, GError **error);
GInetAddress *door_forwarded_parse_address (const char *text);
void door_forwarded_hop_clear (DoorForwardedHop *hop);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorForwardedHop, door_forwarded_hop_clear)
