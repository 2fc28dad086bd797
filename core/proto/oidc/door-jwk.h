/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include <stdbool.h>

#include <json-glib/json-glib.h>

#include "door-jws-algorithm.h"

/* One public key (RFC 7517, 4), as numbers: a key object of GnuTLS is made for each signature, since what the
 * library keeps in it is not said to be safe between threads. */
typedef struct
{
  char *id;                     /* (nullable) */
  DoorJwsAlgorithms algorithms; /* what it may be used with */
  int curve;                    /* of GnuTLS; GNUTLS_ECC_CURVE_INVALID for RSA */
  GBytes *first;                /* modulus, or x */
  GBytes *second;               /* (nullable): exponent, or y */
} DoorJwk;

DoorJwk *door_jwk_parse (JsonObject *object);
void door_jwk_free (DoorJwk *self);
bool door_jwk_equal (const DoorJwk *a, const DoorJwk *b);
bool door_jwk_verify (const DoorJwk *self, DoorJwsAlgorithms algorithm, GBytes *data, GBytes *signature);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorJwk, door_jwk_free)
