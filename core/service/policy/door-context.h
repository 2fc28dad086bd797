/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-certificate-authority.h"
#include "door-clock.h"
#include "door-cms.h"
#include "door-fetch.h"
#include "door-metrics.h"
#include "door-object-host.h"
#include "door-password-gate.h"
#include "door-policy.h"
#include "door-random.h"
#include "door-rate-limit.h"
#include "door-secret.h"
#include "door-signer-cache.h"
#include "door-storage.h"
#include "door-writer.h"

typedef struct _DoorMetadataRefresh DoorMetadataRefresh;
typedef struct _DoorPush DoorPush;
typedef struct _DoorSoftwareUpdates DoorSoftwareUpdates;

/**
 * DoorContext:
 * @policy: what the administrator decided
 * @storage: for reads
 * @writer: for writes; they are durable when it returns
 * @clock: the time
 * @random: randomness
 * @instance: this process among all that ever use the database; made anew at each start
 * @connections: (element-type DoorConnection): identity providers
 * @authority: issues identity certificates
 * @signers: certificates of @authority that have signed messages lately
 * @profile_signer: signs enrollment profiles
 * @device_anchor: (nullable): for development, one more authority that devices have their certificates from
 * @topic: push topic of this server
 * @push_certificates: (nullable) (element-type DoorPushCertificate): what devices are pushed with
 * @state_key: derives what a repeat must get again
 * @sign_in_limit: sign-ins for each address
 * @osquery_limit: agents of osquery that want to be known, which take nothing from sign-ins
 * @password_gate: who may try a password, and how many at once
 * @metrics: (nullable): counts what was refused
 * @fetch: asks other servers
 * @objects: (nullable): what objects of the configuration need to know of it; %NULL: none can be changed
 * @refresh: (nullable): keeps metadata fresh
 * @push: (nullable): pushes devices
 * @updates: (nullable): what systems devices could have
 * @eulas: (nullable) (element-type DoorEulaDocument): what people may have to agree to
 * @development: development mode: plain http and private addresses are tolerated there
 *
 * What every service needs. Constant once requests are served; its owner is main.
 */
typedef struct
{
  const DoorPolicy *policy;
  DoorStorage *storage;
  DoorWriter *writer;
  DoorClock *clock;
  DoorRandom *random;
  char *instance;
  GPtrArray *connections;
  DoorCertificateAuthority *authority;
  DoorSignerCache *signers;
  DoorCmsSigner *profile_signer;
  DoorCertificate *device_anchor;
  const char *topic;
  GPtrArray *push_certificates;
  DoorSecret *state_key;
  DoorRateLimit *sign_in_limit;
  DoorRateLimit *osquery_limit;
  DoorPasswordGate *password_gate;
  DoorMetrics *metrics;
  DoorFetchFunc fetch;
  const DoorObjectHost *objects;
  DoorMetadataRefresh *refresh;
  DoorPush *push;
  DoorSoftwareUpdates *updates;
  GPtrArray *eulas;
  bool development;
} DoorContext;
