/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

/**
 * DoorTlsHello:
 * @DOOR_TLS_HELLO_PART: more has to come
 * @DOOR_TLS_HELLO_WHOLE: the first record is there
 * @DOOR_TLS_HELLO_NONE: this is not the beginning of a handshake, or its end has come
 *
 * What a client has said so far.
 */
typedef enum
{
  DOOR_TLS_HELLO_PART,
  DOOR_TLS_HELLO_WHOLE,
  DOOR_TLS_HELLO_NONE,
} DoorTlsHello;

DoorTlsHello door_tls_hello_check (GSocket *socket);
