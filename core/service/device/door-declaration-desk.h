/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-admin-desk.h"
#include "door-declarations.h"
#include "door-json.h"

/**
 * DoorDeclarationPlace:
 * @session: who asks
 * @team: whose declarations they are, "" for devices of no team
 * @identifier: which one
 *
 * A declaration that an administrator means.
 */
typedef struct
{
  const DoorSession *session;
  const char *team;
  const char *identifier;
} DoorDeclarationPlace;

GPtrArray *door_declaration_desk_list (const DoorContext *context, const DoorDeskPage *page, const char *team,
                                       GError **error);
DoorStoredDeclaration *door_declaration_desk_show (const DoorContext *context,
                                                   const DoorDeclarationPlace *place, GError **error);
DoorStoredDeclaration *door_declaration_desk_set (const DoorContext *context,
                                                  const DoorDeclarationPlace *place, GBytes *json,
                                                  bool *created, GError **error);
JsonObject *door_declaration_desk_show_status (const DoorContext *context, const DoorSession *session,
                                               const char *name, GError **error);
bool door_declaration_desk_remove (const DoorContext *context, const DoorDeclarationPlace *place,
                                   GError **error);
