/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorEndingIdentity:
 *
 * An identity certificate that is to be renewed, or looked at again because it was to be; @apple_id is empty
 * when its device is not on record.
 */
typedef struct
{
  char *sha256;
  char *enrollment_id;
  char *person_id;
  char *apple_id;
  int64_t not_after;
  int64_t renewal_due;
} DoorEndingIdentity;

void door_ending_identity_free (DoorEndingIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorEndingIdentity, door_ending_identity_free)

/**
 * DoorRenewal:
 *
 * What the device of an enrollment was last asked for; @key_hash and @certificate_sha256 are empty before it
 * asked for a certificate, @done_at is 0 before it used one.
 */
typedef struct
{
  char *enrollment_id;
  char *challenge_hash;
  char *key_hash;
  char *certificate_sha256;
  char *command_uuid;
  int64_t asked_at;
  int64_t expires_at;
  int64_t tries;
  int64_t done_at;
} DoorRenewal;

void door_renewal_free (DoorRenewal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorRenewal, door_renewal_free)

GPtrArray *door_renewal_store_list_again (DoorTxn *txn, int64_t now_ms, int64_t limit, GError **error);
GPtrArray *door_renewal_store_list_ending (DoorTxn *txn, int64_t now_ms, int64_t until_ms, int64_t limit,
                                           GError **error);
bool door_renewal_store_claim (DoorTxn *txn, const DoorEndingIdentity *identity, int64_t next_due_ms,
                               bool *changed, GError **error);
bool door_renewal_store_wish (DoorTxn *txn, const char *certificate_sha256, int64_t due_ms, bool *changed,
                              GError **error);
bool door_renewal_store_save (DoorTxn *txn, const DoorRenewal *renewal, GError **error);
bool door_renewal_store_lookup (DoorTxn *txn, const char *enrollment_id, DoorRenewal **out, GError **error);
bool door_renewal_store_lookup_by_challenge (DoorTxn *txn, const char *challenge_hash, DoorRenewal **out,
                                             GError **error);
bool door_renewal_store_use_challenge (DoorTxn *txn, const char *challenge_hash, const char *key_hash,
                                       const char *certificate_sha256, bool *changed, GError **error);
bool door_renewal_store_finish (DoorTxn *txn, const char *enrollment_id, int64_t now_ms, GError **error);
bool door_renewal_store_remove (DoorTxn *txn, const char *enrollment_id, GError **error);
