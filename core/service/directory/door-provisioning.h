/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-directory-store.h"
#include "door-scim-query.h"
#include "door-scim-resource.h"

/**
 * DoorProvisioning:
 * @scope: the directory, and the kind of resource
 * @dialect: what is taken in beside the RFCs
 * @id: of the resource; of a new one a UUID that was never used
 * @change_id: a UUID that was never used
 * @version: which the resource must have, 0: any
 * @now_ms: milliseconds since 1970, UTC
 *
 * What a directory wants done to one resource. Holds values only, so that a transaction may run more than
 * once.
 */
typedef struct
{
  DoorScimScope scope;
  DoorScimDialect dialect;
  const char *id;
  const char *change_id;
  int64_t version;
  int64_t now_ms;
} DoorProvisioning;

/**
 * DoorProvisioned:
 * @resource: (nullable): as it is now; %NULL once it is removed
 * @changed: whether anything is another than before
 * @warnings: (element-type utf8): what was left out of what was sent, and why
 *
 * What came of it.
 */
typedef struct
{
  DoorDirectoryResource *resource;
  bool changed;
  GPtrArray *warnings;
} DoorProvisioned;

void door_provisioned_clear (DoorProvisioned *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorProvisioned, door_provisioned_clear)

bool door_provisioning_create (DoorTxn *txn, const DoorProvisioning *self, JsonObject *from,
                               DoorProvisioned *out, GError **error);
bool door_provisioning_replace (DoorTxn *txn, const DoorProvisioning *self, JsonObject *from,
                                DoorProvisioned *out, GError **error);
bool door_provisioning_patch (DoorTxn *txn, const DoorProvisioning *self, JsonObject *message,
                              DoorProvisioned *out, GError **error);
bool door_provisioning_remove (DoorTxn *txn, const DoorProvisioning *self, DoorProvisioned *out,
                               GError **error);
JsonObject *door_provisioned_build (DoorTxn *txn, const DoorScimScope *scope,
                                    const DoorDirectoryResource *resource,
                                    const DoorScimProjection *projection, GError **error);
