/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-ctl-service.h"
#include "door-keys.h"
#include "door-push-certificates.h"

/**
 * DoorCtlApnsRun:
 *
 * One run: the part of a server, what keeps keys, and a transaction.
 */
typedef struct
{
  DoorCtlService *service;
  DoorPushKeeper keeper;
  DoorTxn *txn;
} DoorCtlApnsRun;

/**
 * DoorCtlApnsRow:
 * @certificate: a push certificate
 * @imported_at: when it came into the database; 0: the configuration names it
 * @n_enrollments: how many that have not ended have its topic
 *
 * A push certificate and who depends on it.
 */
typedef struct
{
  DoorPushCertificate *certificate;
  int64_t imported_at;
  int64_t n_enrollments;
} DoorCtlApnsRow;

bool door_ctl_apns_has_topic (const GPtrArray *rows, const DoorPushCertificate *configured,
                              const char *topic);
void door_ctl_apns_row_free (DoorCtlApnsRow *self);
