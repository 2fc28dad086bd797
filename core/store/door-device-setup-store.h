/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorDeviceSetup:
 *
 * What is done for a device that waits in Setup Assistant; @prepared_at is 0 before its commands were queued,
 * @finished_at before it was let go, the @releases-th time. @outcome is "done", "time" when it was let go
 * because it took too long, "again" when it was not enough to let it go once, or "ended" when it has left.
 */
typedef struct
{
  char *enrollment_id;
  int64_t begun_at;
  int64_t prepared_at;
  int64_t due_at;
  char *account_name;
  char *admin_name;
  char *sealed_admin_password;
  int64_t releases;
  int64_t finished_at;
  char *outcome;
} DoorDeviceSetup;

void door_device_setup_free (DoorDeviceSetup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDeviceSetup, door_device_setup_free)

bool door_device_setup_store_begin (DoorTxn *txn, const char *enrollment_id, int64_t now_ms, GError **error);
bool door_device_setup_store_lookup (DoorTxn *txn, const char *enrollment_id, DoorDeviceSetup **out,
                                     GError **error);
bool door_device_setup_store_set_prepared (DoorTxn *txn, const DoorDeviceSetup *setup, bool *changed,
                                           GError **error);
bool door_device_setup_store_set_finished (DoorTxn *txn, const DoorDeviceSetup *setup, bool *changed,
                                           GError **error);
bool door_device_setup_store_postpone (DoorTxn *txn, const char *enrollment_id, int64_t due_at,
                                       GError **error);
bool door_device_setup_store_end (DoorTxn *txn, const char *enrollment_id, int64_t now_ms, GError **error);
GPtrArray *door_device_setup_store_list_due (DoorTxn *txn, int64_t now_ms, int64_t limit, GError **error);
