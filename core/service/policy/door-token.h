/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-token-store.h"

bool door_token_check_person (DoorTxn *txn, const char *person_id, GError **error);
bool door_token_bind (DoorTxn *txn, const DoorAccessToken *token, const char *certificate_sha256,
                      GError **error);
bool door_token_check (DoorTxn *txn, const char *bearer, int64_t now_ms, DoorAccessToken **out,
                       GError **error);
bool door_token_is_agreed (const DoorAccessToken *token);
bool door_token_check_living (DoorTxn *txn, const char *ticket, int64_t now_ms, DoorAccessToken **out,
                              GError **error);
bool door_token_check_hash (DoorTxn *txn, const char *hash, int64_t now_ms, DoorAccessToken **out,
                            GError **error);
char *door_token_derive (const DoorContext *context, const char *purpose, const char *token_hash);
char *door_token_derive_uuid (const DoorContext *context, const char *purpose, const char *token_hash);
