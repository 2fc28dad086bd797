/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-declaration-store.h"
#include "door-declaration.h"

/**
 * DoorDeclarationChange:
 * @team: whose declarations they are, "" for devices of no team
 * @now_ms: milliseconds since 1970, UTC
 *
 * Somebody changes the declarations of a team.
 */
typedef struct
{
  const char *team;
  int64_t now_ms;
} DoorDeclarationChange;

bool door_declarations_save (DoorTxn *txn, const DoorDeclarationChange *change,
                             const DoorDeclaration *declaration, bool *changed, GError **error);
bool door_declarations_remove (DoorTxn *txn, const DoorDeclarationChange *change, const char *identifier,
                               GError **error);
bool door_declarations_check_team (const DoorPolicy *policy, const char *team, GError **error);
void door_declarations_log (const char *team, const char *identifier, const char *outcome, const char *by);
GStrv door_declarations_list_names (DoorTxn *txn, const char *team, GError **error);
bool door_declarations_build_answer (DoorTxn *txn, const char *team, bool items, GBytes **out,
                                     GError **error);
bool door_declarations_announce (DoorTxn *txn, const DoorContext *context, const char *team,
                                 const char *enrollment_id, int64_t now_ms, GError **error);
bool door_declarations_run (const DoorContext *context, bool *more, GError **error);
