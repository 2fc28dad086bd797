/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-types.h"

/**
 * DoorCertificate:
 *
 * An X.509 certificate (RFC 5280) as bytes and the few values this server asks of it. Immutable and
 * reference counted; may be used by any number of threads.
 */
typedef struct _DoorCertificate DoorCertificate;

#define DOOR_CERTIFICATE_MAX_BYTES (16 * 1024)

DoorCertificate *door_certificate_parse (GBytes *der_or_pem, GError **error);
DoorCertificate *door_certificate_ref (DoorCertificate *self);
void door_certificate_unref (DoorCertificate *self);
GBytes *door_certificate_get_der (const DoorCertificate *self);
GBytes *door_certificate_dup_pem (const DoorCertificate *self);
const char *door_certificate_get_sha256 (const DoorCertificate *self);
const char *door_certificate_get_public_key_sha256 (const DoorCertificate *self);
const char *door_certificate_get_serial (const DoorCertificate *self);
const char *door_certificate_get_subject (const DoorCertificate *self);
int64_t door_certificate_get_not_before_ms (const DoorCertificate *self);
int64_t door_certificate_get_not_after_ms (const DoorCertificate *self);
bool door_certificate_is_valid_at (const DoorCertificate *self, int64_t now_ms);
bool door_certificate_verify_issued_by (const DoorCertificate *self, const DoorCertificate *issuer,
                                        GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCertificate, door_certificate_unref)
