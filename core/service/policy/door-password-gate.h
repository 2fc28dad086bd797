/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "door-metrics.h"
#include "door-secret.h"

typedef struct _DoorPasswordGate DoorPasswordGate;

/**
 * DoorPasswordTry:
 * @account: who somebody says to be, as typed
 * @address: where the request came from
 * @now_ms: milliseconds since 1970, UTC
 * @known: (out): somebody has signed in to this account from this address; set by door_password_gate_take()
 *
 * Somebody who shows a password.
 */
typedef struct
{
  const char *account;
  const char *address;
  int64_t now_ms;
  bool known;
} DoorPasswordTry;

DoorPasswordGate *door_password_gate_new (void);
void door_password_gate_free (DoorPasswordGate *self);
bool door_password_gate_take (DoorPasswordGate *self, DoorPasswordTry *attempt);
void door_password_gate_give_back (DoorPasswordGate *self, const DoorPasswordTry *attempt);
void door_password_gate_accept (DoorPasswordGate *self, const DoorPasswordTry *attempt);
bool door_password_gate_enter (DoorPasswordGate *self, DoorMetrics *metrics, bool known, GError **error);
void door_password_gate_leave (DoorPasswordGate *self, bool known);
