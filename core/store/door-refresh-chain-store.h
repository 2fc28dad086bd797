/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorRefreshChain:
 * @chain_hash: SHA-256 of what all tokens of the chain begin with
 * @session_id: the session they are of, and end with
 * @token_hash: SHA-256 of the token that counts
 * @before_hash: SHA-256 of the one that was exchanged for it, "" for none
 * @salt: what makes the one that counts from the one before
 * @created_at: milliseconds since 1970, UTC
 * @rotated_at: when the one that counts was given; milliseconds since 1970, UTC
 *
 * Refresh tokens of one client, each of which took the place of the one before.
 */
typedef struct
{
  char *chain_hash;
  char *session_id;
  char *token_hash;
  char *before_hash;
  char *salt;
  int64_t created_at;
  int64_t rotated_at;
} DoorRefreshChain;

/**
 * DoorRefreshTurn:
 * @chain_hash: which chain
 * @token_hash: SHA-256 of the token that is exchanged
 * @next_hash: SHA-256 of the one that takes its place
 * @salt: what makes it from the one that is exchanged
 * @now_ms: milliseconds since 1970, UTC
 *
 * One exchange of a refresh token.
 */
typedef struct
{
  const char *chain_hash;
  const char *token_hash;
  const char *next_hash;
  const char *salt;
  int64_t now_ms;
} DoorRefreshTurn;

void door_refresh_chain_free (DoorRefreshChain *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorRefreshChain, door_refresh_chain_free)

bool door_refresh_chain_store_add (DoorTxn *txn, const DoorRefreshChain *chain, GError **error);
bool door_refresh_chain_store_lookup (DoorTxn *txn, const char *chain_hash, DoorRefreshChain **out,
                                      GError **error);
bool door_refresh_chain_store_turn (DoorTxn *txn, const DoorRefreshTurn *turn, bool *changed, GError **error);
bool door_refresh_chain_store_remove_oldest (DoorTxn *txn, const char *session_id, int64_t keep,
                                             GError **error);
