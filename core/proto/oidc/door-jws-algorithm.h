/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * DoorJwsAlgorithms:
 *
 * Signature algorithms (RFC 7518, 3.1; RFC 8037, 3.1), one or several. What needs no key or a shared one is
 * no member, so it can never be allowed.
 */
typedef enum
{
  DOOR_JWS_RS256 = 1 << 0,
  DOOR_JWS_RS384 = 1 << 1,
  DOOR_JWS_RS512 = 1 << 2,
  DOOR_JWS_PS256 = 1 << 3,
  DOOR_JWS_PS384 = 1 << 4,
  DOOR_JWS_PS512 = 1 << 5,
  DOOR_JWS_ES256 = 1 << 6,
  DOOR_JWS_ES384 = 1 << 7,
  DOOR_JWS_ES512 = 1 << 8,
  DOOR_JWS_EDDSA = 1 << 9,
} DoorJwsAlgorithms;

#define DOOR_JWS_NONE ((DoorJwsAlgorithms) 0)
#define DOOR_JWS_ALL ((DoorJwsAlgorithms) 0x3ff)

DoorJwsAlgorithms door_jws_algorithm_from_name (const char *name);
DoorJwsAlgorithms door_jws_algorithms_from_names (const char *const *names);
GChecksumType door_jws_algorithm_get_hash (DoorJwsAlgorithms algorithm);
