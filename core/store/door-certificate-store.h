/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorScepChallenge:
 *
 * The challenge password of one profile, and the first key that used it.
 */
typedef struct
{
  char *hash;
  char *token_hash;
  int64_t created_at;
  int64_t expires_at;
  char *key_hash;
  char *certificate_sha256;
  int64_t ended_at;
} DoorScepChallenge;

void door_scep_challenge_free (DoorScepChallenge *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorScepChallenge, door_scep_challenge_free)

/**
 * DoorIssuedCertificate:
 *
 * A certificate our authority issued; @der is base64.
 */
typedef struct
{
  char *sha256;
  char *serial;
  char *key_hash;
  char *person_id;
  char *team;
  char *enrollment_id;
  char *der;
  int64_t not_before;
  int64_t not_after;
  int64_t issued_at;
  int64_t revoked_at;
} DoorIssuedCertificate;

void door_issued_certificate_free (DoorIssuedCertificate *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorIssuedCertificate, door_issued_certificate_free)

bool door_certificate_store_add_challenge (DoorTxn *txn, const DoorScepChallenge *challenge, GError **error);
bool door_certificate_store_lookup_challenge (DoorTxn *txn, const char *hash, DoorScepChallenge **out,
                                              GError **error);
bool door_certificate_store_lookup_challenge_of (DoorTxn *txn, const char *certificate_sha256,
                                                 DoorScepChallenge **out, GError **error);
bool door_certificate_store_use_challenge (DoorTxn *txn, const char *hash, const char *key_hash,
                                           const char *certificate_sha256, bool *changed, GError **error);
bool door_certificate_store_end_challenge (DoorTxn *txn, const char *certificate_sha256, int64_t now_ms,
                                           GError **error);
bool door_certificate_store_remove_expired_challenges (DoorTxn *txn, int64_t before_ms, int64_t limit,
                                                       bool *changed, GError **error);
bool door_certificate_store_add (DoorTxn *txn, const DoorIssuedCertificate *certificate, GError **error);
bool door_certificate_store_lookup (DoorTxn *txn, const char *sha256, DoorIssuedCertificate **out,
                                    GError **error);
bool door_certificate_store_lookup_by_key (DoorTxn *txn, const char *enrollment_id, const char *key_hash,
                                           DoorIssuedCertificate **out, GError **error);
bool door_certificate_store_count_current (DoorTxn *txn, const char *enrollment_id, int64_t limit,
                                           size_t *count, GError **error);
bool door_certificate_store_pin (DoorTxn *txn, const char *sha256, const char *enrollment_id, bool *changed,
                                 GError **error);
bool door_certificate_store_revoke_others (DoorTxn *txn, const char *enrollment_id, const char *sha256,
                                           int64_t now_ms, GError **error);
bool door_certificate_store_revoke_of_enrollment (DoorTxn *txn, const char *enrollment_id, int64_t now_ms,
                                                  GError **error);
