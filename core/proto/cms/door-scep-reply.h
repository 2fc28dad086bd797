/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-scep-request.h"

/**
 * DoorScepFailInfo:
 * @DOOR_SCEP_FAIL_BAD_ALG: the algorithm is unknown or not allowed
 * @DOOR_SCEP_FAIL_BAD_MESSAGE_CHECK: the message cannot be verified or decrypted
 * @DOOR_SCEP_FAIL_BAD_REQUEST: the transaction is not permitted
 * @DOOR_SCEP_FAIL_BAD_TIME: the signing time is too far off
 * @DOOR_SCEP_FAIL_BAD_CERT_ID: no certificate matches
 *
 * What a failure says (RFC 8894, 3.2.1.4).
 */
typedef enum
{
  DOOR_SCEP_FAIL_BAD_ALG,
  DOOR_SCEP_FAIL_BAD_MESSAGE_CHECK,
  DOOR_SCEP_FAIL_BAD_REQUEST,
  DOOR_SCEP_FAIL_BAD_TIME,
  DOOR_SCEP_FAIL_BAD_CERT_ID,
} DoorScepFailInfo;

const char *door_scep_ca_caps (bool allow_des);
DoorScepFailInfo door_scep_fail_info_from_error (const GError *error);
GBytes *door_scep_reply_build_success (const DoorScepRequest *request,
                                       const DoorCertificateAuthority *authority,
                                       const DoorCertificate *issued, int64_t now_ms, GError **error);
GBytes *door_scep_reply_build_failure (const DoorScepRequest *request,
                                       const DoorCertificateAuthority *authority, DoorScepFailInfo fail_info,
                                       int64_t now_ms, GError **error);
