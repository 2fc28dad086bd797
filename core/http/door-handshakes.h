/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/**
 * DoorHandshakeLimits:
 * @max: clients at once that have not finished their handshake, at least 1
 * @max_per_peer: how many of them may come from one address
 * @max_running: handshakes at once that hold a thread, at least 1
 * @timeout_us: how long a client may take from its connection to the end of the handshake
 *
 * What clients may do before they have finished their TLS handshake.
 */
typedef struct
{
  unsigned int max;
  unsigned int max_per_peer;
  unsigned int max_running;
  int64_t timeout_us;
} DoorHandshakeLimits;

/**
 * DoorHandshakeHooks:
 * @begin: begins the handshake; false when it cannot, and the client is forgotten
 * @drop: the client has to go, and is forgotten
 *
 * What becomes of clients. Neither may call back.
 */
typedef struct
{
  bool (*begin) (gpointer client);
  void (*drop) (gpointer client);
} DoorHandshakeHooks;

typedef struct _DoorHandshakes DoorHandshakes;

DoorHandshakes *door_handshakes_new (const DoorHandshakeLimits *limits, const DoorHandshakeHooks *hooks);
void door_handshakes_free (DoorHandshakes *self);
void door_handshakes_add (DoorHandshakes *self, gpointer client, const char *peer);
void door_handshakes_set_ready (DoorHandshakes *self, gpointer client, int64_t now_us);
void door_handshakes_remove (DoorHandshakes *self, gpointer client, int64_t now_us);
void door_handshakes_run (DoorHandshakes *self, int64_t now_us);
