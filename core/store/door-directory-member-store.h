/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-directory-store.h"

/**
 * DoorDirectoryMember:
 * @id: of the member, or of the group
 * @kind: its kind
 * @name: its name
 *
 * A member of a group, or a group of a member.
 */
typedef struct
{
  char *id;
  char *kind;
  char *name;
} DoorDirectoryMember;

void door_directory_member_free (DoorDirectoryMember *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDirectoryMember, door_directory_member_free)

/**
 * DoorMemberChange:
 * @group: the group
 * @id: of the change, new for each; what it names lies in the database while its transaction runs
 *
 * A change of the members of a group, by as many statements however many it names.
 */
typedef struct
{
  const DoorDirectoryResource *group;
  const char *id;
} DoorMemberChange;

bool door_directory_member_store_name (DoorTxn *txn, const DoorMemberChange *change, const char *const *ids,
                                       GError **error);
GPtrArray *door_directory_member_store_list_unknown (DoorTxn *txn, const DoorMemberChange *change,
                                                     int64_t limit, GError **error);
bool door_directory_member_store_add (DoorTxn *txn, const DoorMemberChange *change, bool *changed,
                                      GError **error);
bool door_directory_member_store_remove (DoorTxn *txn, const DoorMemberChange *change, bool *changed,
                                         GError **error);
bool door_directory_member_store_keep (DoorTxn *txn, const DoorMemberChange *change, bool *changed,
                                       GError **error);
bool door_directory_member_store_forget (DoorTxn *txn, const DoorMemberChange *change, GError **error);
GPtrArray *door_directory_member_store_list (DoorTxn *txn, const char *group_id, GError **error);
GPtrArray *door_directory_member_store_list_groups (DoorTxn *txn, const char *member_id, GError **error);
GPtrArray *door_directory_member_store_list_all_groups (DoorTxn *txn, const char *member_id, GError **error);
