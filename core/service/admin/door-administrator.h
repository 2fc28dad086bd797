/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-admin-rules.h"
#include "door-administrator-store.h"
#include "door-random.h"

/* No e-mail address is longer (RFC 5321, 4.5.3.1.3). */
#define DOOR_ADMINISTRATOR_EMAIL_MAX_BYTES 254
#define DOOR_ADMINISTRATOR_NAME_MAX_BYTES 200

/**
 * DoorAdministratorChange:
 * @before: the administrator as stored
 * @roles_before: (element-type DoorRoleGrant): the roles as stored, ordered by team
 * @after: the administrator as it shall be; the same id
 * @roles_after: (element-type DoorRoleGrant): the roles as they shall be, ordered by team
 * @passwords: whether who has a password only can sign in
 * @reason: why sessions end, a word
 * @now_ms: milliseconds since 1970, UTC
 *
 * A change of an administrator, whoever makes it.
 */
typedef struct
{
  const DoorAdministrator *before;
  const GPtrArray *roles_before;
  const DoorAdministrator *after;
  const GPtrArray *roles_after;
  bool passwords;
  const char *reason;
  int64_t now_ms;
} DoorAdministratorChange;

/**
 * DoorAdministratorEdit:
 * @id: whose
 * @roles: (nullable) (element-type DoorRoleGrant): the roles from now on; %NULL leaves them
 * @state: (nullable): "active" or "deactivated"; %NULL leaves it
 * @sso: (nullable): "on", which takes a password away, or "off"; %NULL leaves it
 * @full_name: (nullable): the name from now on; %NULL leaves it
 * @password_hash: (nullable): what is stored of a new password, "" for none; %NULL leaves it
 * @passwords: whether who has a password only can sign in
 * @now_ms: milliseconds since 1970, UTC
 *
 * What an administrator wants of another.
 */
typedef struct
{
  const char *id;
  GPtrArray *roles;
  const char *state;
  const char *sso;
  const char *full_name;
  const char *password_hash;
  bool passwords;
  int64_t now_ms;
} DoorAdministratorEdit;

char *door_administrator_dup_email_key (const char *email);
bool door_administrator_check_name (const char *full_name, GError **error);
DoorAdministrator *door_administrator_new (const char *id, const char *email, const char *full_name,
                                           int64_t now_ms);
DoorAdministrator *door_administrator_copy (const DoorAdministrator *administrator);
bool door_administrator_add (DoorTxn *txn, const DoorAdministrator *administrator, const GPtrArray *roles,
                             GError **error);
bool door_administrator_change (DoorTxn *txn, const DoorAdministratorChange *change, GError **error);
void door_administrator_log_added (const char *id, const GPtrArray *roles, const char *by);
void door_administrator_log_edited (const DoorAdministratorEdit *edit, const char *by);
void door_administrator_log_sessions_ended (const char *id, const char *by);
bool door_administrator_edit (DoorTxn *txn, const DoorAdministratorEdit *edit, GError **error);
bool door_administrator_remove (DoorTxn *txn, const char *id, bool passwords, GError **error);
bool door_administrator_may_use_password (const DoorAdministrator *administrator,
                                          const DoorAdminRules *rules);
