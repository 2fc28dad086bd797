/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include "door-certificate.h"
#include "door-gnutls.h"

gnutls_x509_crt_t door_certificate_dup_gnutls (const DoorCertificate *self);
char *door_certificate_hash_public_key (gnutls_pubkey_t key);
bool door_certificate_check_issued_by (const DoorCertificate *self, gnutls_x509_crt_t issuer,
                                       unsigned int flags, const char **reason);
