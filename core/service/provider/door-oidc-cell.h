/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "door-jwk-set.h"
#include "door-oidc-discovery.h"

/* A provider that is slow holds no more of the threads that wait than this. */
#define DOOR_OIDC_MAX_WAITING 6

/* What nobody vouches for, such as an access token without an identity certificate, takes no more of them
 * than this: sign-ins, and devices that are known, find a place all the same. */
#define DOOR_OIDC_MAX_STRANGERS 3

/**
 * DoorOidcCell:
 * @lock: guards everything below
 * @changed: when @busy ends
 * @discovery: (nullable): as fetched last
 * @keys: (nullable): as fetched last
 * @fetched_ms: when; milliseconds since 1970, UTC
 * @recalled: the database was asked
 * @busy: a thread is fetching
 * @due_s: when they are to be fetched again, by the clock's monotonic time
 * @tried_s: when they were asked for last; 0: never
 * @n_waiting: threads that wait for this provider, whatever protocol it speaks
 *
 * What is known of a provider of OpenID Connect, shared by its connections through all generations of the
 * configuration. Of one with SAML only @n_waiting counts.
 */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t changed;
  DoorOidcDiscovery *discovery;
  DoorJwkSet *keys;
  int64_t fetched_ms;
  bool recalled;
  bool busy;
  int64_t due_s;
  int64_t tried_s;
  unsigned int n_waiting;
} DoorOidcCell;

DoorOidcCell *door_oidc_cell_new (void);
DoorOidcCell *door_oidc_cell_ref (DoorOidcCell *self);
void door_oidc_cell_unref (DoorOidcCell *self);
bool door_oidc_cell_enter (DoorOidcCell *self, const char *name, GError **error);
bool door_oidc_cell_enter_stranger (DoorOidcCell *self, const char *name, GError **error);
void door_oidc_cell_leave (DoorOidcCell *self);
bool door_oidc_cell_is_broken (DoorOidcCell *self);
