/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <stdbool.h>

#include "door-address-scope.h"

/**
 * DoorCheckedHost:
 *
 * A host whose addresses were asked for once and looked at. Whoever connects to it connects to one of those
 * and to nothing else, whatever the name means by then; TLS checks the name.
 */
#define DOOR_TYPE_CHECKED_HOST (door_checked_host_get_type ())
G_DECLARE_FINAL_TYPE (DoorCheckedHost, door_checked_host, DOOR, CHECKED_HOST, GNetworkAddress)

DoorCheckedHost *door_checked_host_new (GUri *uri, DoorAddressScope least, GCancellable *cancellable,
                                        GError **error);
