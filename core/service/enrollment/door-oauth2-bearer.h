/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-device-answer.h"
#include "door-known-device.h"
#include "door-oidc-client.h"
#include "door-oidc-documents.h"

/* An access token of a provider, which travels in a header. */
#define DOOR_OAUTH2_BEARER_MAX_BYTES 8192

/**
 * DoorBearerVisit:
 * @team: the team that the device belongs to, or enrolls into
 * @bearer: the access token it brings
 * @address: (nullable): where the request came from, for one that has no certificate yet
 * @known: (nullable): who its identity certificate stands for
 * @request_id: id of the HTTP request
 * @must_wait: (nullable): set when the provider must be asked, in a thread that may not wait for it; %NULL in
 *   one that may
 * @cancellable: (nullable): cancelled when nobody waits for the answer any more
 *
 * A device that brings an access token nobody knows here.
 */
typedef struct
{
  const char *team;
  const char *bearer;
  const char *address;
  const DoorKnownDevice *known;
  const char *request_id;
  bool *must_wait;
  GCancellable *cancellable;
} DoorBearerVisit;

bool door_oauth2_bearer_check_provider (const DoorConnection *connection, const DoorOidcDiscovery *discovery,
                                        GError **error);
bool door_oauth2_bearer_check_given (const DoorOidcAsk *ask, DoorOidcDocuments *documents,
                                     const char *access_token, GError **error);
bool door_oauth2_bearer_admit (const DoorContext *context, const DoorBearerVisit *visit, bool *admitted,
                               GError **error);
bool door_oauth2_bearer_admit_of_device (const DoorContext *context, const DoorDeviceProof *proof,
                                         DoorDeviceAnswer *answer, GError **failure);
