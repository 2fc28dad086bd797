/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-administrator.h"
#include "door-attempt-store.h"
#include "door-dep-store.h"
#include "door-device-store.h"
#include "door-eula-store.h"
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

/**
 * DoorAdministratorWish:
 * @email: e-mail address
 * @full_name: the name people read, "" for the one the provider says
 * @roles: (element-type DoorRoleGrant): their roles
 * @password: (nullable): their password; %NULL: they sign in through a provider
 * @sso: whether they sign in through a provider; who has a password does not
 * @api_only: whether they may use the API only
 *
 * An administrator that somebody wants to add.
 */
typedef struct
{
  const char *email;
  const char *full_name;
  GPtrArray *roles;
  const char *password;
  bool sso;
  bool api_only;
} DoorAdministratorWish;

void door_desk_administrator_free (DoorDeskAdministrator *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDeskAdministrator, door_desk_administrator_free)

GPtrArray *door_admin_desk_list_dep_devices (const DoorContext *context, const DoorDeskPage *page,
                                             GError **error);
GPtrArray *door_admin_desk_list_devices (const DoorContext *context, const DoorDeskPage *page,
                                         GError **error);
GPtrArray *door_admin_desk_list_people (const DoorContext *context, const DoorDeskPage *page, GError **error);
GPtrArray *door_admin_desk_list_sign_ins (const DoorContext *context, const DoorDeskPage *page,
                                          GError **error);
GPtrArray *door_admin_desk_list_acceptances (const DoorContext *context, const DoorDeskPage *page,
                                             GError **error);
GPtrArray *door_admin_desk_list_administrators (const DoorContext *context, const DoorDeskPage *page,
                                                GError **error);
GPtrArray *door_admin_desk_find (const DoorContext *context, const DoorSession *session, const char *email,
                                 GError **error);
DoorDeskAdministrator *door_admin_desk_show (const DoorContext *context, const DoorSession *session,
                                             const char *id, GError **error);
DoorDeskAdministrator *door_admin_desk_add (const DoorContext *context, const DoorSession *session,
                                            const DoorAdministratorWish *wish, GError **error);
bool door_admin_desk_remove (const DoorContext *context, const DoorSession *session, const char *id,
                             GError **error);
bool door_admin_desk_edit (const DoorContext *context, const DoorSession *session,
                           DoorAdministratorEdit *edit, const char *password, GError **error);
bool door_admin_desk_end_sessions (const DoorContext *context, const DoorSession *session, const char *id,
                                   GError **error);
