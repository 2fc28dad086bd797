/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-tls-hello.h"

#include <stdint.h>

#include <sys/socket.h>

#define HEADER_BYTES 5
#define TYPE_HANDSHAKE 22
#define MAJOR_VERSION 3
#define MAX_RECORD_BYTES (16 * 1024)

/* The socket becomes readable again only when so much is there, or its end. */
static void
wait_for_bytes (GSocket *socket, size_t n)
{
  g_socket_set_option (socket, SOL_SOCKET, SO_RCVLOWAT, (int) n, NULL);
}

/**
 * door_tls_hello_check:
 * @socket: a stream socket from which nothing has been read
 *
 * Looks whether the first TLS record (RFC 8446, 5.1) has come, without taking anything. While it has not, the
 * socket becomes readable only when more of it is there, or at its end; so it is to be called whenever the
 * socket is readable. Never blocks.
 *
 * Returns: what there is
 */
DoorTlsHello
door_tls_hello_check (GSocket *socket)
{
  uint8_t header[HEADER_BYTES];
  gssize available = g_socket_get_available_bytes (socket);
  ssize_t n = recv (g_socket_get_fd (socket), header, sizeof header, MSG_PEEK | MSG_DONTWAIT);
  int wanted = 1;
  size_t length;

  g_socket_get_option (socket, SOL_SOCKET, SO_RCVLOWAT, &wanted, NULL);
  /* readable with less than was asked for is the end; a first byte is enough to know a stranger */
  if (available < wanted || n < 1 || header[0] != TYPE_HANDSHAKE || (n > 1 && header[1] != MAJOR_VERSION))
    return DOOR_TLS_HELLO_NONE;
  if (n < HEADER_BYTES)
    {
      wait_for_bytes (socket, HEADER_BYTES);
      return DOOR_TLS_HELLO_PART;
    }
  length = (size_t) header[3] << 8 | header[4];
  if (length == 0 || length > MAX_RECORD_BYTES)
    return DOOR_TLS_HELLO_NONE;
  length += HEADER_BYTES;
  if ((size_t) available >= length)
    {
      wait_for_bytes (socket, 1);
      return DOOR_TLS_HELLO_WHOLE;
    }
  wait_for_bytes (socket, length);
  return DOOR_TLS_HELLO_PART;
}
