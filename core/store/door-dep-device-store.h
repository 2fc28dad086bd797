/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-dep-store.h"

/**
 * DoorDepAssignment:
 * @id: of the device
 * @from_uuid: the profile it had when Apple was asked
 * @uuid: the profile that it has now
 * @status: what Apple said: "SUCCESS"
 * @failures: how often Apple has refused it in a row
 * @due_at: when Apple is asked again, 0: never
 *
 * What came of giving a device a profile.
 */
typedef struct
{
  const char *id;
  const char *from_uuid;
  const char *uuid;
  const char *status;
  int64_t failures;
  int64_t due_at;
} DoorDepAssignment;

bool door_dep_device_store_save (DoorTxn *txn, const GPtrArray *devices, GError **error);
bool door_dep_device_store_remove (DoorTxn *txn, const GPtrArray *devices, GError **error);
bool door_dep_device_store_remove_unseen (DoorTxn *txn, const DoorDepServer *server, int64_t now_ms,
                                          int64_t *n_removed, GError **error);
bool door_dep_device_store_set_team (DoorTxn *txn, const char *serial, const char *team, bool *changed,
                                     GError **error);
bool door_dep_device_store_set_default_team (DoorTxn *txn, const char *server, const char *family,
                                             const char *team, GError **error);
bool door_dep_device_store_release_team (DoorTxn *txn, const char *server, const char *team, GError **error);
GPtrArray *door_dep_device_store_list_teams (DoorTxn *txn, const char *server, GError **error);
GPtrArray *door_dep_device_store_list_families (DoorTxn *txn, const char *server, GError **error);
bool door_dep_device_store_mark (DoorTxn *txn, const DoorDepProfile *profile, int64_t now_ms, int64_t limit,
                                 bool *changed, GError **error);
bool door_dep_device_store_forget_assignments (DoorTxn *txn, const char *server, GError **error);
GPtrArray *door_dep_device_store_list_due (DoorTxn *txn, const DoorDepProfile *profile, int64_t now_ms,
                                           int64_t limit, GError **error);
GPtrArray *door_dep_device_store_list_with_profile (DoorTxn *txn, const char *server, const char *after,
                                                    int64_t limit, GError **error);
bool door_dep_device_store_save_assignment (DoorTxn *txn, const DoorDepAssignment *assignment,
                                            GError **error);
bool door_dep_device_store_find_next_due (DoorTxn *txn, const char *server, int64_t *out, GError **error);
