/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include "door-certificate.h"
#include "door-libcrypto.h"

/* A SignedData with exactly one signer whose certificate it carries. Nothing is verified before
 * door_signed_data_verify() says so. */
typedef struct
{
  CMS_ContentInfo *cms;
  CMS_SignerInfo *info;    /* in cms */
  X509 *certificate;       /* the signer's */
  DoorCertificate *signer; /* the same */
  const EVP_MD *digest;
  DoorFault fault; /* what its errors carry */
} DoorSignedData;

DoorSignedData *door_signed_data_parse (GBytes *message, size_t max_bytes, DoorFault fault, GError **error);
DoorSignedData *door_signed_data_parse_of (GBytes *message, X509 *certificate, DoorCertificate *signer,
                                           DoorFault fault, GError **error);
void door_signed_data_free (DoorSignedData *self);
const ASN1_OCTET_STRING *door_signed_data_get_content (const DoorSignedData *self);
GPtrArray *door_signed_data_list_certificates (const DoorSignedData *self);
const ASN1_STRING *door_signed_data_get_attribute (const DoorSignedData *self, const char *oid, int type);
bool door_signed_data_verify (const DoorSignedData *self, const void *data, size_t size, GError **error);
bool door_signed_data_verify_detached (const DoorSignedData *self, GBytes *content, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSignedData, door_signed_data_free)
