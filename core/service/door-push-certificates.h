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

GPtrArray *door_push_certificates_read (DoorTxn *txn, const DoorSecret *state_key,
                                        DoorPushCertificate *configured, GError **error);
DoorPushCertificate *door_push_certificates_lookup (const GPtrArray *certificates, const char *topic);
char *door_push_certificates_request (DoorTxn *txn, const DoorPushKeeper *keeper, const char *common_name,
                                      GError **error);
DoorPushCertificate *door_push_certificates_import (DoorTxn *txn, const DoorPushKeeper *keeper,
                                                    const DoorPushImport *import, GError **error);
