/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-refresh-chain-store.h"

/**
 * DoorOauth2Grant:
 *
 * What one sign-in by apple-oauth2 gave: first a code, a ticket of the kind %DOOR_TOKEN_CODE, which goes to
 * @redirect_uri with @client_state and is exchanged once at @exchanged_at; then a chain of refresh tokens,
 * see #DoorRefreshChain. @access_hash is the newest access token.
 * @enrollment_id is empty until a device has enrolled with it. @ended_at is 0 while it goes on.
 * @connection is the provider that is asked at a refresh, empty where none is, with @sealed_refresh, about
 * @subject of @issuer; @verified_at is when it last vouched for the person.
 */
typedef struct
{
  char *id;
  char *code_hash;
  char *redirect_uri;
  char *client_state;
  char *code_challenge;
  char *person_id;
  char *team;
  char *managed_account;
  char *chain_hash;
  char *token_hash;
  char *before_hash;
  char *salt;
  char *access_hash;
  char *enrollment_id;
  int64_t created_at;
  int64_t exchanged_at;
  int64_t rotated_at;
  int64_t ended_at;
  char *sealed_refresh;
  char *connection;
  char *issuer;
  char *subject;
  int64_t verified_at;
} DoorOauth2Grant;

void door_oauth2_grant_free (DoorOauth2Grant *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorOauth2Grant, door_oauth2_grant_free)

/**
 * DoorOauth2Exchange:
 * @id: of the grant
 * @chain_hash: SHA-256 of what all of its refresh tokens begin with
 * @token_hash: SHA-256 of the first
 * @now_ms: milliseconds since 1970, UTC
 *
 * A code that is exchanged.
 */
typedef struct
{
  const char *id;
  const char *chain_hash;
  const char *token_hash;
  int64_t now_ms;
} DoorOauth2Exchange;

/**
 * DoorOauth2Access:
 * @hash: SHA-256 of the access token
 * @grant_id: the grant that gave it
 * @expires_at: milliseconds since 1970, UTC
 *
 * An access token of a grant.
 */
typedef struct
{
  const char *hash;
  const char *grant_id;
  int64_t expires_at;
} DoorOauth2Access;

/**
 * DoorOauth2Verdict:
 * @id: of the grant
 * @sealed_refresh: the provider's refresh token that counts now
 * @verified_at: when the provider last vouched for the person; milliseconds since 1970, UTC
 *
 * What came of a question to the provider after which a grant goes on.
 */
typedef struct
{
  const char *id;
  const char *sealed_refresh;
  int64_t verified_at;
} DoorOauth2Verdict;

bool door_oauth2_store_add (DoorTxn *txn, const DoorOauth2Grant *grant, GError **error);
bool door_oauth2_store_lookup_by_code (DoorTxn *txn, const char *code_hash, DoorOauth2Grant **out,
                                       GError **error);
bool door_oauth2_store_lookup_by_chain (DoorTxn *txn, const char *chain_hash, DoorOauth2Grant **out,
                                        GError **error);
bool door_oauth2_store_lookup_by_access (DoorTxn *txn, const char *access_hash, DoorOauth2Grant **out,
                                         GError **error);
bool door_oauth2_store_exchange (DoorTxn *txn, const DoorOauth2Exchange *exchange, bool *changed,
                                 GError **error);
bool door_oauth2_store_turn (DoorTxn *txn, const DoorRefreshTurn *turn, bool *changed, GError **error);
bool door_oauth2_store_claim (DoorTxn *txn, const DoorRefreshTurn *turn, int64_t until_ms, bool *changed,
                              GError **error);
bool door_oauth2_store_save (DoorTxn *txn, const DoorOauth2Verdict *verdict, GError **error);
bool door_oauth2_store_add_access (DoorTxn *txn, const DoorOauth2Access *access, GError **error);
bool door_oauth2_store_bind (DoorTxn *txn, const char *id, const char *enrollment_id, GError **error);
bool door_oauth2_store_end (DoorTxn *txn, const char *id, const char *reason, int64_t now_ms, GError **error);
bool door_oauth2_store_end_others (DoorTxn *txn, const char *enrollment_id, const char *id, int64_t now_ms,
                                   GError **error);
bool door_oauth2_store_remove_old (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                   GError **error);
bool door_oauth2_store_remove_expired_access (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                              GError **error);
