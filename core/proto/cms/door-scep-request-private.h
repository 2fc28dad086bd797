/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include "door-cms-envelope.h"
#include "door-scep-request.h"

#define DOOR_SCEP_OID "2.16.840.1.113733.1.9."
#define DOOR_SCEP_OID_MESSAGE_TYPE DOOR_SCEP_OID "2"
#define DOOR_SCEP_OID_PKI_STATUS DOOR_SCEP_OID "3"
#define DOOR_SCEP_OID_FAIL_INFO DOOR_SCEP_OID "4"
#define DOOR_SCEP_OID_SENDER_NONCE DOOR_SCEP_OID "5"
#define DOOR_SCEP_OID_RECIPIENT_NONCE DOOR_SCEP_OID "6"
#define DOOR_SCEP_OID_TRANSACTION_ID DOOR_SCEP_OID "7"

X509 *door_scep_request_get_x509 (const DoorScepRequest *self);
const DoorCmsCipher *door_scep_request_get_cipher (const DoorScepRequest *self);
const EVP_MD *door_scep_request_get_digest (const DoorScepRequest *self);
