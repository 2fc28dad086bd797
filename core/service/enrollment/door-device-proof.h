/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-certificate-store.h"
#include "door-device-answer.h"
#include "door-device-store.h"
#include "door-known-device.h"
#include "door-token-store.h"

/**
 * DoorSignInProof:
 * @known: who the identity certificate of the device stands for
 * @bearer: (nullable): the access token it sent
 * @product: its model identifier, "iPhone15,4"
 * @now_ms: milliseconds since 1970, UTC
 *
 * What shows that somebody has signed in on a device.
 */
typedef struct
{
  const DoorKnownDevice *known;
  const char *bearer;
  const char *product;
  int64_t now_ms;
} DoorSignInProof;

DoorCertificate *door_device_proof_verify (const DoorContext *context, const DoorDeviceProof *proof,
                                           GError **error);
bool door_device_proof_check_origin (DoorTxn *txn, const DoorKnownDevice *known, DoorAccessToken *token,
                                     GError **error);
bool door_device_proof_identify (DoorTxn *txn, const char *certificate_sha256, DoorKnownDevice **out,
                                 GError **error);
bool door_device_proof_sends_no_bearer (const char *product);
bool door_device_proof_check_sign_in (DoorTxn *txn, const DoorSignInProof *proof, DoorAccessToken **out,
                                      GError **error);
bool door_device_proof_check_origin (DoorTxn *txn, const DoorKnownDevice *known, DoorAccessToken *token,
                                     GError **error);
