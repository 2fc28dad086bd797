/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-storage.h"

/**
 * DoorAdministrator:
 *
 * Somebody who administers the server; @state is "active" or "deactivated", @email_key the address in lower
 * case, @password_hash empty when there is no password. @sso_enabled and @api_only are 0 or 1.
 */
typedef struct
{
  char *id;
  char *email;
  char *email_key;
  char *full_name;
  char *state;
  int64_t sso_enabled;
  int64_t api_only;
  char *password_hash;
  int64_t created_at;
  int64_t updated_at;
  int64_t signed_in_at;
} DoorAdministrator;

void door_administrator_free (DoorAdministrator *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorAdministrator, door_administrator_free)

/**
 * DoorAdministratorIdentity:
 *
 * What an administrator is at one identity provider: issuer and subject, never an e-mail address.
 */
typedef struct
{
  char *issuer;
  char *subject;
  char *administrator_id;
  char *connection;
  int64_t created_at;
} DoorAdministratorIdentity;

void door_administrator_identity_free (DoorAdministratorIdentity *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorAdministratorIdentity, door_administrator_identity_free)

/**
 * DoorRoleGrant:
 *
 * A role of an administrator; @team is empty when it holds everywhere.
 */
typedef struct
{
  char *team;
  char *role;
} DoorRoleGrant;

void door_role_grant_free (DoorRoleGrant *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorRoleGrant, door_role_grant_free)

bool door_administrator_store_add (DoorTxn *txn, const DoorAdministrator *administrator, bool *added,
                                   GError **error);
bool door_administrator_store_update (DoorTxn *txn, const DoorAdministrator *administrator, GError **error);
bool door_administrator_store_lookup (DoorTxn *txn, const char *id, DoorAdministrator **out, GError **error);
bool door_administrator_store_lookup_by_email (DoorTxn *txn, const char *email_key, DoorAdministrator **out,
                                               GError **error);
bool door_administrator_store_lookup_by_identity (DoorTxn *txn, const char *issuer, const char *subject,
                                                  DoorAdministrator **out, GError **error);
GPtrArray *door_administrator_store_list (DoorTxn *txn, const char *after, int64_t limit, GError **error);
bool door_administrator_store_move_identities (DoorTxn *txn, const char *from, const char *to, bool *changed,
                                               GError **error);
bool door_administrator_store_count_identities (DoorTxn *txn, const char *connection, int64_t *count,
                                                GError **error);
bool door_administrator_store_add_identity (DoorTxn *txn, const DoorAdministratorIdentity *identity,
                                            bool *added, GError **error);
GPtrArray *door_administrator_store_list_identities (DoorTxn *txn, const char *administrator_id,
                                                     GError **error);
bool door_administrator_store_remove_identities (DoorTxn *txn, const char *administrator_id, bool *changed,
                                                 GError **error);
bool door_administrator_store_add_role (DoorTxn *txn, const char *administrator_id, const char *team,
                                        const char *role, GError **error);
bool door_administrator_store_remove_roles (DoorTxn *txn, const char *administrator_id, GError **error);
GPtrArray *door_administrator_store_list_roles (DoorTxn *txn, const char *administrator_id, GError **error);
bool door_administrator_store_take_turn (DoorTxn *txn, GError **error);
bool door_administrator_store_count_global_admins (DoorTxn *txn, bool passwords, int64_t *count,
                                                   GError **error);
bool door_administrator_store_remove (DoorTxn *txn, const char *id, GError **error);
