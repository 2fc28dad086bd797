/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorFlow:
 *
 * What a browser or device is in the middle of: its cookie (hashed), what it leads to, team and the account
 * typed; @return_path is empty or a path of this server where it goes on afterwards. @way is how a device
 * came, "account" unless it says otherwise; @serial and @udid are vouched for by Apple. @redirect_uri and
 * @client_state are those of a device that asked for an authorization code. @link is the id of the enrollment
 * link it began with, empty for none.
 */
typedef struct
{
  char *key_hash;
  char *purpose;
  char *return_path;
  char *team;
  char *user_identifier;
  char *way;
  char *serial;
  char *udid;
  char *product;
  char *redirect_uri;
  char *client_state;
  char *code_challenge;
  int64_t created_at;
  int64_t expires_at;
  char *link;
} DoorFlow;

void door_flow_free (DoorFlow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorFlow, door_flow_free)

/**
 * DoorSignInRequest:
 *
 * One question put to an identity provider, within a flow.
 */
typedef struct
{
  char *id;
  char *flow_hash;
  char *connection;
  char *acs_url;
  char *relay_hash;
  int64_t created_at;
  int64_t expires_at;
  int64_t spent_at;
  DoorFlow *flow; /* (nullable): as looked up */
} DoorSignInRequest;

void door_sign_in_request_free (DoorSignInRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSignInRequest, door_sign_in_request_free)

bool door_login_store_add_flow (DoorTxn *txn, const DoorFlow *flow, GError **error);
bool door_login_store_lookup_flow (DoorTxn *txn, const char *key_hash, DoorFlow **out, GError **error);
bool door_login_store_add_request (DoorTxn *txn, const DoorSignInRequest *request, GError **error);
bool door_login_store_lookup_request (DoorTxn *txn, const char *relay_hash, DoorSignInRequest **out,
                                      GError **error);
bool door_login_store_spend_request (DoorTxn *txn, const char *id, int64_t now_ms, bool *changed,
                                     GError **error);
bool door_login_store_count_decryption (DoorTxn *txn, const char *id, int64_t most, bool *changed,
                                        GError **error);
bool door_login_store_count_resolution (DoorTxn *txn, const char *id, int64_t most, bool *changed,
                                        GError **error);
bool door_login_store_add_replay (DoorTxn *txn, const char *issuer, const char *assertion_id,
                                  int64_t expires_at_ms, bool *changed, GError **error);
bool door_login_store_remove_expired_flows (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                            GError **error);
bool door_login_store_remove_expired_replays (DoorTxn *txn, int64_t now_ms, int64_t limit, bool *changed,
                                              GError **error);
