/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <gio/gio.h>

typedef struct _DoorIoThread DoorIoThread;

/**
 * DoorClientPhase:
 * @DOOR_CLIENT_IDLE: between two requests, or in the middle of a head
 * @DOOR_CLIENT_READING: the body is still to come
 * @DOOR_CLIENT_ANSWERING: we have it all
 *
 * Whose turn it is.
 */
typedef enum
{
  DOOR_CLIENT_IDLE,
  DOOR_CLIENT_READING,
  DOOR_CLIENT_ANSWERING,
} DoorClientPhase;

/**
 * DoorClient:
 * @thread: the thread that accepted it
 * @socket: its socket
 * @remote: its address, an object no other connection has
 * @stream: (nullable): what is read and written; %NULL until a handshake is done
 * @refs: references: of a table, and of a handshake under way
 * @since_us: when it was accepted
 * @timeout_us: how long it may take for each of its turns
 * @deadline_us: when its turn ends; 0: none, the answer is ours to give
 * @is_proxy: whether it came over our unix socket
 * @is_tls: whether TLS is spoken
 * @phase: whose turn it is
 * @used: whether it has had a request
 * @is_waiting: whether it waits for its turn to begin the handshake
 * @is_cut: whether it was cut
 * @is_leaving: whether it was asked to end while idle
 *
 * One connection. Only its thread touches it.
 */
typedef struct
{
  DoorIoThread *thread;
  GSocket *socket;
  GSocketAddress *remote;
  GIOStream *stream;
  unsigned int refs;
  int64_t since_us;
  int64_t timeout_us;
  int64_t deadline_us;
  bool is_proxy;
  bool is_tls;
  DoorClientPhase phase;
  bool used;
  bool is_waiting;
  bool is_cut;
  bool is_leaving;
} DoorClient;

DoorClient *door_client_new (GSocket *socket, GSocketAddress *remote, int64_t timeout_us,
                             DoorIoThread *thread);
void door_client_unref (DoorClient *self);
void door_client_take_stream (DoorClient *self, GIOStream *base);
void door_client_set_deadline (DoorClient *self, int64_t after_us);
void door_client_begin_request (DoorClient *self);
void door_client_await_answer (DoorClient *self);
void door_client_begin_answer (DoorClient *self);
void door_client_end_request (DoorClient *self);
void door_client_refuse (DoorClient *self, const char *answer, size_t length);
bool door_client_is_idle (DoorClient *self, int64_t now_us);
bool door_client_has_left (DoorClient *self);
void door_client_leave (DoorClient *self);
DoorClient *door_client_find_longest_idle (GHashTable *clients);
