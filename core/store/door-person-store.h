/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"
#include "door-team-scope.h"

/**
 * DoorPerson:
 *
 * A person; @state is "active" or "deactivated", @group_names has one group a line.
 */
typedef struct
{
  char *id;
  char *state;
  char *user_name;
  char *email;
  char *full_name;
  char *given_name;
  char *family_name;
  char *department;
  char *managed_account;
  char *group_names;
  int64_t created_at;
  int64_t updated_at;
  int64_t signed_in_at;
} DoorPerson;

void door_person_free (DoorPerson *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPerson, door_person_free)

/**
 * DoorPersonIdentity:
 *
 * What a person is at one identity provider: issuer and subject, never an e-mail address.
 */
typedef struct
{
  char *issuer;
  char *subject;
  char *person_id;
  char *connection;
  int64_t created_at;
} DoorPersonIdentity;

void door_person_identity_free (DoorPersonIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorPersonIdentity, door_person_identity_free)

bool door_person_store_add (DoorTxn *txn, const DoorPerson *person, GError **error);
bool door_person_store_move_identities (DoorTxn *txn, const char *from, const char *to, bool *changed,
                                        GError **error);
bool door_person_store_count_identities (DoorTxn *txn, const char *connection, int64_t *count,
                                         GError **error);
bool door_person_store_add_identity (DoorTxn *txn, const DoorPersonIdentity *identity, bool *changed,
                                     GError **error);
bool door_person_store_lookup (DoorTxn *txn, const char *id, DoorPerson **out, GError **error);
bool door_person_store_lookup_by_identity (DoorTxn *txn, const char *issuer, const char *subject,
                                           DoorPerson **out, GError **error);
bool door_person_store_update (DoorTxn *txn, const DoorPerson *person, GError **error);
GPtrArray *door_person_store_list (DoorTxn *txn, const char *after, int64_t limit, GError **error);
GPtrArray *door_person_store_list_in_teams (DoorTxn *txn, const DoorTeamScope *scope, const char *after,
                                            int64_t limit, GError **error);
GPtrArray *door_person_store_find (DoorTxn *txn, const char *name, int64_t limit, GError **error);
GPtrArray *door_person_store_list_identities (DoorTxn *txn, const char *person_id, GError **error);
