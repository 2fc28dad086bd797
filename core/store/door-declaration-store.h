/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/* More would not fit into what a device asks for at once. */
#define DOOR_DECLARATION_MAX_SET 200

/**
 * DoorStoredDeclaration:
 *
 * A declaration of a team; @payload is JSON.
 */
typedef struct
{
  char *team;
  char *identifier;
  char *type;
  char *payload;
  char *server_token;
  int64_t updated_at;
} DoorStoredDeclaration;

void door_stored_declaration_free (DoorStoredDeclaration *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorStoredDeclaration, door_stored_declaration_free)

/**
 * DoorDeclarationSet:
 *
 * What the declarations of a team are known by, and how far its devices were told; @wave is the number of the
 * last change, which devices after the enrollment @wave_after do not know of while @wave_open.
 */
typedef struct
{
  char *team;
  char *token;
  int64_t changed_at;
  int64_t wave;
  bool wave_open;
  char *wave_after;
} DoorDeclarationSet;

void door_declaration_set_free (DoorDeclarationSet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDeclarationSet, door_declaration_set_free)

/**
 * DoorDeclarationStatus:
 *
 * What a channel has reported of its declarations, JSON.
 */
typedef struct
{
  char *channel_id;
  char *enrollment_id;
  char *report;
  int64_t reported_at;
} DoorDeclarationStatus;

void door_declaration_status_free (DoorDeclarationStatus *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDeclarationStatus, door_declaration_status_free)

/**
 * DoorDeclarationTarget:
 *
 * An enrollment that is to be told that the declarations of its team have changed; @is_told: it will be told
 * when it comes next.
 */
typedef struct
{
  char *enrollment_id;
  bool is_told;
} DoorDeclarationTarget;

void door_declaration_target_free (DoorDeclarationTarget *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorDeclarationTarget, door_declaration_target_free)

bool door_declaration_store_save (DoorTxn *txn, const DoorStoredDeclaration *row, GError **error);
bool door_declaration_store_lookup (DoorTxn *txn, const char *team, const char *identifier,
                                    DoorStoredDeclaration **out, GError **error);
GPtrArray *door_declaration_store_list (DoorTxn *txn, const char *team, const char *after, int64_t limit,
                                        GError **error);
GPtrArray *door_declaration_store_list_outlines (DoorTxn *txn, const char *team, int64_t limit,
                                                 GError **error);
bool door_declaration_store_remove (DoorTxn *txn, const char *team, const char *identifier, bool *changed,
                                    GError **error);
bool door_declaration_store_begin_wave (DoorTxn *txn, const char *team, int64_t now_ms, GError **error);
bool door_declaration_store_set_token (DoorTxn *txn, const char *team, const char *token, GError **error);
bool door_declaration_store_lookup_set (DoorTxn *txn, const char *team, DoorDeclarationSet **out,
                                        GError **error);
bool door_declaration_store_lookup_open_wave (DoorTxn *txn, DoorDeclarationSet **out, GError **error);
bool door_declaration_store_move_wave (DoorTxn *txn, const DoorDeclarationSet *from, const char *after,
                                       bool *changed, GError **error);
GPtrArray *door_declaration_store_list_targets (DoorTxn *txn, const char *team, const char *after,
                                                int64_t limit, GError **error);
bool door_declaration_store_save_status (DoorTxn *txn, const DoorDeclarationStatus *status, GError **error);
bool door_declaration_store_lookup_status (DoorTxn *txn, const char *channel_id, DoorDeclarationStatus **out,
                                           GError **error);
GPtrArray *door_declaration_store_list_status (DoorTxn *txn, const char *enrollment_id, int64_t limit,
                                               GError **error);
bool door_declaration_store_remove_status (DoorTxn *txn, const char *enrollment_id, GError **error);
