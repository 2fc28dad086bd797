/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DOOR_TOKEN_ACCOUNT:
 *
 * Kind of an access token of account-driven enrollment; the others are tickets: of Automated Device
 * Enrollment, of an enrollment link.
 */
#define DOOR_TOKEN_ACCOUNT "account"
#define DOOR_TOKEN_ADE "ade"
#define DOOR_TOKEN_LINK "link"

/**
 * DOOR_TOKEN_CODE:
 *
 * Kind of a ticket that is an authorization code of apple-oauth2.
 */
#define DOOR_TOKEN_CODE "oauth2"

/**
 * DOOR_TOKEN_OTA:
 *
 * Kind of what an identity of the Profile Service comes from. Nobody has it, and nothing is enrolled with it.
 */
#define DOOR_TOKEN_OTA "ota"

/**
 * DOOR_MODE_USER:
 *
 * EnrollmentMode of an account-driven enrollment as Apple writes it in the profile: of a user, beside what is
 * the owner's, or (%DOOR_MODE_DEVICE) of the whole device. Other enrollments have none, "".
 */
#define DOOR_MODE_USER "BYOD"
#define DOOR_MODE_DEVICE "ADDE"

/**
 * DoorAccessToken:
 *
 * The outcome of a sign-in that leads to one enrollment; only its hash is known. @kind is %DOOR_TOKEN_ACCOUNT
 * for an access token, which the device carries, or the name of a ticket, which stands in an address. @mode
 * is %DOOR_MODE_USER, %DOOR_MODE_DEVICE or empty, of the profile that was fetched at @fetched_at. @serial and
 * @udid are of the only device it is for, @eula names what must be agreed to first; empty for none.
 * @person_id is empty where nobody had to sign in. @link is the id of the enrollment link it comes from,
 * empty for none. @parent_hash is the ticket that one of the kind %DOOR_TOKEN_OTA belongs to.
 * @enroll_reference stands behind ServerURL in the profile that was fetched, empty for none. @connection
 * names the identity provider that gave the token, empty for one of our own; @vouched_until is when it
 * expires there, which may be later than here.
 */
typedef struct
{
  char *hash;
  char *kind;
  char *mode;
  char *person_id;
  char *team;
  char *managed_account;
  char *serial;
  char *udid;
  char *product;
  char *eula;
  int64_t agreed_at;
  int64_t created_at;
  int64_t expires_at;
  int64_t fetched_at;
  char *certificate_sha256;
  int64_t revoked_at;
  char *link;
  char *parent_hash;
  char *enroll_reference;
  char *connection;
  int64_t vouched_until;
} DoorAccessToken;

void door_access_token_free (DoorAccessToken *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorAccessToken, door_access_token_free)

bool door_token_store_add (DoorTxn *txn, const DoorAccessToken *token, GError **error);
bool door_token_store_prolong (DoorTxn *txn, const DoorAccessToken *token, GError **error);
bool door_token_store_lookup (DoorTxn *txn, const char *hash, DoorAccessToken **out, GError **error);
bool door_token_store_claim (DoorTxn *txn, const DoorAccessToken *token, bool *changed, GError **error);
bool door_token_store_bind (DoorTxn *txn, const char *hash, const char *certificate_sha256, bool *changed,
                            GError **error);
bool door_token_store_set_fetched (DoorTxn *txn, const DoorAccessToken *token, GError **error);
bool door_token_store_set_agreed (DoorTxn *txn, const char *hash, int64_t now_ms, bool *changed,
                                  GError **error);
bool door_token_store_lookup_nobodys (DoorTxn *txn, const DoorAccessToken *like, int64_t now_ms,
                                      DoorAccessToken **out, GError **error);
bool door_token_store_revoke_former (DoorTxn *txn, const DoorAccessToken *token, int64_t now_ms,
                                     GError **error);
bool door_token_store_remove_expired (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                      GError **error);
