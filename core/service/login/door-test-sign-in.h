/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-sign-in.h"
#include "door-test-result.h"
#include "door-test-store.h"

/**
 * DoorTestStart:
 * @token: what the start address ends with
 * @row: the test, as it is to be stored
 *
 * A test that waits for a browser.
 */
typedef struct
{
  char *token;
  DoorTestRow row;
} DoorTestStart;

void door_test_start_init (DoorTestStart *self, DoorRandom *random, const char *connection, int64_t now_ms);
void door_test_start_clear (DoorTestStart *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorTestStart, door_test_start_clear)

DoorTestRow *door_test_sign_in_find (const DoorContext *context, const char *token, const char *cookie,
                                     GCancellable *cancellable, GError **error);
bool door_test_sign_in_settle (const DoorContext *context, const DoorSignIn *sign_in, GVariant **out,
                               GError **error);
GVariant *door_test_sign_in_refuse (const DoorContext *context, const DoorTestRefusal *refusal,
                                    GCancellable *cancellable);
