/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-push-certificate-store.h"
#include "door-push-certificate.h"
#include "door-random.h"

/**
 * DoorPushKeeper:
 * @state_key: seals private keys
 * @random: randomness
 * @now_ms: milliseconds since 1970, UTC
 *
 * What it takes to keep a private key in the database.
 */
typedef struct
{
  const DoorSecret *state_key;
  DoorRandom *random;
  int64_t now_ms;
} DoorPushKeeper;

/**
 * DoorPushImport:
 * @chain_pem: the certificate as it came, with those above it
 * @key_pem: (nullable): its private key; %NULL: it was made here
 * @topic: (nullable): what the configuration says the topic is
 * @new_topic: that devices are enrolled with another topic is known
 *
 * A certificate that is brought in.
 */
typedef struct
{
  GBytes *chain_pem;
  DoorSecret *key_pem;
  const char *topic;
  bool new_topic;
} DoorPushImport;

/**
 * DoorPushRequest:
 * @pem: the certificate request
 * @key_sha256: of its public key
 * @sealed_key: its private key, for the database
 *
 * A key that waits for its certificate.
 */
typedef struct
{
  char *pem;
  char *key_sha256;
  char *sealed_key;
} DoorPushRequest;

void door_push_request_clear (DoorPushRequest *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorPushRequest, door_push_request_clear)

GPtrArray *door_push_certificates_read (DoorTxn *txn, const DoorSecret *state_key,
                                        DoorPushCertificate *configured, GError **error);
DoorPushCertificate *door_push_certificates_lookup (const GPtrArray *certificates, const char *topic);
bool door_push_certificates_request (const DoorPushKeeper *keeper, const char *common_name,
                                     DoorPushRequest *out, GError **error);
DoorPushCertificate *door_push_certificates_import (DoorTxn *txn, const DoorPushKeeper *keeper,
                                                    const DoorPushImport *import, GError **error);
