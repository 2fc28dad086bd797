/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>
#include <stdint.h>

/**
 * DoorAddressScope:
 * @DOOR_ADDRESS_NEVER: no single host: unspecified, multicast, broadcast
 * @DOOR_ADDRESS_LOOPBACK: this machine
 * @DOOR_ADDRESS_PRIVATE: reached from inside only, or reserved
 * @DOOR_ADDRESS_PUBLIC: a host of the public network
 *
 * How far an address reaches.
 */
typedef enum
{
  DOOR_ADDRESS_NEVER,
  DOOR_ADDRESS_LOOPBACK,
  DOOR_ADDRESS_PRIVATE,
  DOOR_ADDRESS_PUBLIC,
} DoorAddressScope;

DoorAddressScope door_address_scope_of (GInetAddress *address);
