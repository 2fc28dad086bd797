/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-administrator.h"
#include "door-attempt-store.h"
#include "door-device-store.h"
#include "door-person-store.h"
#include "door-session.h"

/**
 * DoorDeskPage:
 * @session: who asks
 * @after: name of the last row seen, "" for the first page
 * @limit: most rows
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * One page of a list.
 */
typedef struct
{
  const DoorSession *session;
  const char *after;
  int64_t limit;
  GCancellable *cancellable;
} DoorDeskPage;

/**
 * DoorDeskAdministrator:
 * @row: an administrator
 * @roles: (element-type DoorRoleGrant): their roles
 *
 * An administrator as others see them.
 */
typedef struct
{
  DoorAdministrator *row;
  GPtrArray *roles;
} DoorDeskAdministrator;

GPtrArray *door_admin_desk_list_devices (const DoorContext *context, const DoorDeskPage *page,
                                         GError **error);
GPtrArray *door_admin_desk_list_people (const DoorContext *context, const DoorDeskPage *page, GError **error);
GPtrArray *door_admin_desk_list_sign_ins (const DoorContext *context, const DoorDeskPage *page,
                                          GError **error);
GPtrArray *door_admin_desk_list_administrators (const DoorContext *context, const DoorDeskPage *page,
                                                GError **error);
bool door_admin_desk_edit (const DoorContext *context, const DoorSession *session,
                           DoorAdministratorEdit *edit, GError **error);
bool door_admin_desk_end_sessions (const DoorContext *context, const DoorSession *session, const char *id,
                                   GError **error);
