/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"
#include "door-team-scope.h"

/**
 * DoorEnrollmentLink:
 *
 * An address that an administrator hands out, by which people enroll devices into a team; only the hash of
 * its secret part is known. @id is what it is called where that must not be seen, @created_by who made it.
 * @uses counts enrollments, @max_uses is how many there may be, 0 for any number.
 */
typedef struct
{
  char *id;
  char *token_hash;
  char *team;
  char *created_by;
  int64_t created_at;
  int64_t expires_at;
  int64_t max_uses;
  int64_t uses;
  int64_t revoked_at;
} DoorEnrollmentLink;

void door_enrollment_link_free (DoorEnrollmentLink *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorEnrollmentLink, door_enrollment_link_free)

bool door_enrollment_link_store_add (DoorTxn *txn, const DoorEnrollmentLink *link, GError **error);
bool door_enrollment_link_store_lookup (DoorTxn *txn, const char *id, DoorEnrollmentLink **out,
                                        GError **error);
bool door_enrollment_link_store_lookup_by_hash (DoorTxn *txn, const char *token_hash,
                                                DoorEnrollmentLink **out, GError **error);
GPtrArray *door_enrollment_link_store_list (DoorTxn *txn, const char *after, int64_t limit, GError **error);
GPtrArray *door_enrollment_link_store_list_in_teams (DoorTxn *txn, const DoorTeamScope *scope,
                                                     const char *after, int64_t limit, GError **error);
bool door_enrollment_link_store_revoke (DoorTxn *txn, const char *id, int64_t now_ms, bool *changed,
                                        GError **error);
bool door_enrollment_link_store_count_use (DoorTxn *txn, const char *id, bool *changed, GError **error);
bool door_enrollment_link_store_remove_expired (DoorTxn *txn, int64_t before_ms, int64_t limit, bool *changed,
                                                GError **error);
