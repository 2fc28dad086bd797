/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

#include <glib.h>

#include "door-secret.h"

typedef struct _DoorServiceAccount DoorServiceAccount;

/**
 * DoorServiceAccountGrant:
 * @scope: what is asked for
 * @subject: (nullable): in whose name
 * @audience: the token endpoint
 * @now_ms: milliseconds since 1970, UTC
 *
 * What a service account says of itself.
 */
typedef struct
{
  const char *scope;
  const char *subject;
  const char *audience;
  int64_t now_ms;
} DoorServiceAccountGrant;

DoorServiceAccount *door_service_account_parse (const DoorSecret *json, GError **error);
void door_service_account_free (DoorServiceAccount *self);
char *door_service_account_build_assertion (const DoorServiceAccount *self,
                                            const DoorServiceAccountGrant *grant, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorServiceAccount, door_service_account_free)
