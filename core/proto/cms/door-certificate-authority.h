/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-certificate.h"
#include "door-csr.h"

/**
 * DoorCertificateAuthority:
 *
 * The certificate authority for device identities: an RSA key, as SCEP encrypts to it, and its certificate.
 * Immutable and reference counted; may be used by any number of threads.
 */
typedef struct _DoorCertificateAuthority DoorCertificateAuthority;

#define DOOR_SERIAL_BYTES 16

/**
 * DoorIssueRequest:
 * @csr: whose key is certified; nothing else of it is used
 * @common_name: the subject's common name, 1 to 64 bytes of UTF-8
 * @organization: the subject's organization, likewise
 * @serial: (array fixed-size=16): random bytes; the two highest bits are replaced
 * @not_before_ms: start of validity
 * @not_after_ms: end of validity; cut where the authority's own ends
 *
 * What a certificate is to say.
 */
typedef struct
{
  const DoorCsr *csr;
  const char *common_name;
  const char *organization;
  const uint8_t *serial;
  int64_t not_before_ms;
  int64_t not_after_ms;
} DoorIssueRequest;

DoorCertificateAuthority *door_certificate_authority_generate (const char *organization, int64_t now_ms,
                                                               int64_t lifetime_s, GError **error);
DoorCertificateAuthority *door_certificate_authority_load (GBytes *certificate_pem, DoorSecret *key_pem,
                                                           GError **error);
DoorCertificateAuthority *door_certificate_authority_ref (DoorCertificateAuthority *self);
void door_certificate_authority_unref (DoorCertificateAuthority *self);
GBytes *door_certificate_authority_dup_certificate_pem (const DoorCertificateAuthority *self);
DoorSecret *door_certificate_authority_dup_key_pem (const DoorCertificateAuthority *self);
DoorCertificate *door_certificate_authority_get_certificate (const DoorCertificateAuthority *self);
bool door_certificate_authority_issued (const DoorCertificateAuthority *self,
                                        const DoorCertificate *certificate, GError **error);
DoorCertificate *door_certificate_authority_issue (const DoorCertificateAuthority *self,
                                                   const DoorIssueRequest *request, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorCertificateAuthority, door_certificate_authority_unref)
