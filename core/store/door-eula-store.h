/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"
#include "door-team-scope.h"

/**
 * DoorEulaAcceptance:
 *
 * That somebody has agreed to a document. @token_hash is of the token or ticket that goes on by it, @sha256
 * of the bytes that were shown, in @language ("" for the document that has none). @serial, @udid and @product
 * as far as the device had said. @email and @device_id are of the person, and of the device that was enrolled
 * with it; empty while there is none. They are read, not stored.
 */
typedef struct
{
  char *id;
  char *token_hash;
  char *person_id;
  char *team;
  char *document;
  char *version;
  char *language;
  char *sha256;
  char *serial;
  char *udid;
  char *product;
  char *address;
  int64_t accepted_at;
  char *email;
  char *device_id;
} DoorEulaAcceptance;

/**
 * DoorEulaWho:
 * @person_id: who
 * @document: name of the document
 * @version: its version
 *
 * Whose earlier consent is looked for.
 */
typedef struct
{
  const char *person_id;
  const char *document;
  const char *version;
} DoorEulaWho;

/**
 * DoorEulaCount:
 *
 * How many have agreed to a version of a document: each person once.
 */
typedef struct
{
  char *document;
  char *version;
  int64_t people;
  int64_t times;
} DoorEulaCount;

/**
 * DoorEulaPage:
 * @document: (nullable): only of this document
 * @scope: (nullable): only of these teams
 * @last: (nullable): the last row seen; %NULL for the first page
 * @limit: most rows
 *
 * Which acceptances are wanted.
 */
typedef struct
{
  const char *document;
  const DoorTeamScope *scope;
  const DoorEulaAcceptance *last;
  int64_t limit;
} DoorEulaPage;

void door_eula_acceptance_free (DoorEulaAcceptance *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorEulaAcceptance, door_eula_acceptance_free)
void door_eula_count_free (DoorEulaCount *self);

bool door_eula_store_add (DoorTxn *txn, const DoorEulaAcceptance *row, GError **error);
bool door_eula_store_lookup (DoorTxn *txn, const char *id, DoorEulaAcceptance **out, GError **error);
GPtrArray *door_eula_store_list_earlier (DoorTxn *txn, const DoorEulaWho *who, int64_t limit, GError **error);
GPtrArray *door_eula_store_list_before (DoorTxn *txn, const DoorEulaPage *page, GError **error);
GPtrArray *door_eula_store_list_counts (DoorTxn *txn, GError **error);
