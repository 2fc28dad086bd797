/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-sealing.h"

#include "door-seal.h"

/* What is before and behind the id: each kind has a place of its own. */
static const struct
{
  const char *prefix;
  const char *suffix;
} places[] = {
  [DOOR_SEALED_SP_KEY] = { "sp_key/", "" },
  [DOOR_SEALED_SIGNING_KEY] = { "signing_key/", "" },
  [DOOR_SEALED_PUSH_KEY] = { "push_key/", "" },
  [DOOR_SEALED_DEP_KEY] = { "dep_server/key/", "" },
  [DOOR_SEALED_DEP_TOKEN] = { "dep_server/token/", "" },
  [DOOR_SEALED_UNLOCK_TOKEN] = { "enrollment/", "/unlock-token" },
  [DOOR_SEALED_BOOTSTRAP_TOKEN] = { "enrollment/", "/bootstrap-token" },
  [DOOR_SEALED_ADMIN_PASSWORD] = { "enrollment/", "/admin-password" },
  [DOOR_SEALED_COMMAND_MESSAGE] = { "command/", "" },
  [DOOR_SEALED_COMMAND_RESULT] = { "result/", "" },
  [DOOR_SEALED_DEVICE_REFRESH] = { "oauth2_grant/refresh/", "" },
  [DOOR_SEALED_ADMIN_REFRESH] = { "admin_session/refresh/", "" },
};

static char *
build_place (DoorSealedPlace place)
{
  return g_strconcat (places[place.kind].prefix, place.id, places[place.kind].suffix, NULL);
}

/**
 * door_sealing_seal:
 * @state_key: the key of this server
 * @random: randomness
 * @place: where it belongs
 * @secret: what to seal, at most %DOOR_SEAL_MAX_BYTES
 * @error: return location for an error
 *
 * Makes a secret fit for the database, see door_seal(). Pure but for randomness; any thread.
 *
 * Returns: (transfer full): what is stored, or %NULL with %DOOR_ERROR_FAILED
 */
char *
door_sealing_seal (const DoorSecret *state_key, DoorRandom *random, DoorSealedPlace place,
                   const DoorSecret *secret, GError **error)
{
  g_autofree char *name = build_place (place);
  uint8_t nonce[DOOR_SEAL_NONCE_SIZE];

  door_random_fill (random, nonce, sizeof nonce);
  return door_seal (state_key, name, nonce, secret, error);
}

/**
 * door_sealing_open:
 * @state_key: the key of this server
 * @place: where it belongs
 * @sealed: what door_sealing_seal() made for that place
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: (transfer full): the secret, or %NULL with %DOOR_ERROR_CONFIG, %DOOR_FAULT_CFG_STATEKEY
 */
DoorSecret *
door_sealing_open (const DoorSecret *state_key, DoorSealedPlace place, const char *sealed, GError **error)
{
  g_autofree char *name = build_place (place);

  return door_seal_open (state_key, name, sealed, error);
}
