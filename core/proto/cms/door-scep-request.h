/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-certificate-authority.h"

/**
 * DoorScepRequest:
 *
 * The outer part of a SCEP message (RFC 8894, 3): who sent it and which transaction it belongs to,
 * verified; enough to answer it. Immutable.
 */
typedef struct _DoorScepRequest DoorScepRequest;

#define DOOR_SCEP_MAX_BYTES (64 * 1024)

DoorScepRequest *door_scep_request_parse (GBytes *message, const DoorCertificateAuthority *authority,
                                          GError **error);
void door_scep_request_free (DoorScepRequest *self);
const char *door_scep_request_get_transaction_id (const DoorScepRequest *self);
GBytes *door_scep_request_get_sender_nonce (const DoorScepRequest *self);
DoorCertificate *door_scep_request_get_signer (const DoorScepRequest *self);
bool door_scep_request_is_renewal (const DoorScepRequest *self);
DoorCsr *door_scep_request_open (const DoorScepRequest *self, const DoorCertificateAuthority *authority,
                                 bool allow_des, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorScepRequest, door_scep_request_free)
