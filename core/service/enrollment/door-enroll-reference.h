/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-token-store.h"

/* Ours are UUIDs. */
#define DOOR_ENROLL_REFERENCE_MAX_BYTES 64

/* What a device sent, compared with what stands behind ServerURL in its profile; words of the log. */
#define DOOR_ENROLL_REFERENCE_MATCHED "matched"
#define DOOR_ENROLL_REFERENCE_MISSING "missing"
#define DOOR_ENROLL_REFERENCE_OTHER "other"

/**
 * DoorEnrollReferenceProof:
 * @context: what every service needs
 * @certificate_sha256: an identity certificate that was never used
 * @token: the sign-in that it enrolls with
 * @offered: (nullable): the reference in the address of the request
 *
 * What shows which reference the profile of a new enrollment has.
 */
typedef struct
{
  const DoorContext *context;
  const char *certificate_sha256;
  const DoorAccessToken *token;
  const char *offered;
} DoorEnrollReferenceProof;

char *door_enroll_reference_choose (const DoorContext *context, const DoorAccessToken *token);
bool door_enroll_reference_find (DoorTxn *txn, const DoorEnrollReferenceProof *proof, char **out,
                                 GError **error);
const char *door_enroll_reference_judge (const char *expected, const char *offered);
