/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-escrow.h"

#include "door-error.h"
#include "door-escrow-store.h"
#include "door-sealing.h"

static DoorSealedPlace
find_place (const char *enrollment_id, DoorEscrowKind kind)
{
  return (DoorSealedPlace){ kind == DOOR_ESCROW_UNLOCK_TOKEN ? DOOR_SEALED_UNLOCK_TOKEN
                                                             : DOOR_SEALED_BOOTSTRAP_TOKEN,
                            enrollment_id };
}

static char *
seal (const DoorContext *context, const char *enrollment_id, DoorEscrowKind kind, GBytes *token,
      GError **error)
{
  g_autoptr (DoorSecret) secret = door_secret_new (g_bytes_get_data (token, NULL), g_bytes_get_size (token));

  return door_sealing_seal (context->state_key, context->random, find_place (enrollment_id, kind), secret,
                            error);
}

/**
 * door_escrow_keep:
 * @txn: a transaction of the writer
 * @context: what every service needs
 * @enrollment_id: whose it is
 * @kind: what it is
 * @token: (nullable): what the device hands over; %NULL to forget it
 * @error: return location for an error
 *
 * Keeps what a device escrows, sealed; what was kept before is gone.
 *
 * Returns: false with an error
 */
bool
door_escrow_keep (DoorTxn *txn, const DoorContext *context, const char *enrollment_id, DoorEscrowKind kind,
                  GBytes *token, GError **error)
{
  g_autofree char *sealed = token != NULL ? seal (context, enrollment_id, kind, token, error) : g_strdup ("");

  if (sealed == NULL)
    return false;
  return kind == DOOR_ESCROW_UNLOCK_TOKEN
             ? door_escrow_store_set_unlock_token (txn, enrollment_id, sealed, error)
             : door_escrow_store_set_bootstrap_token (txn, enrollment_id, sealed, error);
}

/**
 * door_escrow_read:
 * @txn: a transaction
 * @state_key: what it was sealed with
 * @enrollment_id: whose it is
 * @kind: what it is
 * @out: (out) (transfer full) (nullable): what the device handed over, %NULL when there is none
 * @error: return location for an error
 *
 * Opens what a device has escrowed. Who calls it says in the log who gets to see it.
 *
 * Returns: false with an error, %DOOR_ERROR_CONFIG when it was sealed with another key
 */
bool
door_escrow_read (DoorTxn *txn, const DoorSecret *state_key, const char *enrollment_id, DoorEscrowKind kind,
                  DoorSecret **out, GError **error)
{
  g_autoptr (DoorEscrow) escrow = NULL;
  const char *sealed;

  *out = NULL;
  if (!door_escrow_store_lookup (txn, enrollment_id, &escrow, error))
    return false;
  if (escrow == NULL)
    return true;
  sealed = kind == DOOR_ESCROW_UNLOCK_TOKEN ? escrow->sealed_unlock_token : escrow->sealed_bootstrap_token;
  if (*sealed == '\0')
    return true;
  *out = door_sealing_open (state_key, find_place (enrollment_id, kind), sealed, error);
  return *out != NULL;
}
