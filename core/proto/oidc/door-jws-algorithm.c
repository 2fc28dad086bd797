/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-jws-algorithm.h"

#include <string.h>

static const struct
{
  const char *name;
  DoorJwsAlgorithms algorithm;
  GChecksumType hash; /* of at_hash; what Ed25519 uses inside */
} table[] = {
  { "RS256", DOOR_JWS_RS256, G_CHECKSUM_SHA256 }, { "RS384", DOOR_JWS_RS384, G_CHECKSUM_SHA384 },
  { "RS512", DOOR_JWS_RS512, G_CHECKSUM_SHA512 }, { "PS256", DOOR_JWS_PS256, G_CHECKSUM_SHA256 },
  { "PS384", DOOR_JWS_PS384, G_CHECKSUM_SHA384 }, { "PS512", DOOR_JWS_PS512, G_CHECKSUM_SHA512 },
  { "ES256", DOOR_JWS_ES256, G_CHECKSUM_SHA256 }, { "ES384", DOOR_JWS_ES384, G_CHECKSUM_SHA384 },
  { "ES512", DOOR_JWS_ES512, G_CHECKSUM_SHA512 }, { "EdDSA", DOOR_JWS_EDDSA, G_CHECKSUM_SHA512 },
};

/**
 * door_jws_algorithm_from_name:
 * @name: as in the header of a token; letter case matters
 *
 * Returns: the algorithm, %DOOR_JWS_NONE for none that is known here
 */
DoorJwsAlgorithms
door_jws_algorithm_from_name (const char *name)
{
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (strcmp (name, table[i].name) == 0)
      return table[i].algorithm;
  return DOOR_JWS_NONE;
}

/**
 * door_jws_algorithms_from_names:
 * @names: (array zero-terminated=1): as a provider lists them
 *
 * Returns: those of them that are known here
 */
DoorJwsAlgorithms
door_jws_algorithms_from_names (const char *const *names)
{
  DoorJwsAlgorithms all = DOOR_JWS_NONE;

  for (size_t i = 0; names[i] != NULL; i++)
    all |= door_jws_algorithm_from_name (names[i]);
  return all;
}

/**
 * door_jws_algorithm_get_hash:
 * @algorithm: one algorithm
 *
 * Returns: the hash that goes with it (OpenID Connect Core 3.1.3.6)
 */
GChecksumType
door_jws_algorithm_get_hash (DoorJwsAlgorithms algorithm)
{
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++)
    if (algorithm == table[i].algorithm)
      return table[i].hash;
  g_return_val_if_reached (G_CHECKSUM_SHA256);
}
