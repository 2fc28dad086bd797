/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Private to this folder. */

#include "door-cms-signer.h"
#include "door-libcrypto.h"

#define DOOR_CMS_MAX_PEM_BYTES (64 * 1024)

/* One more signed attribute: its type as dotted numbers, its only value as a universal string type. */
typedef struct
{
  const char *oid;
  int type;
  const void *data;
  size_t size;
} DoorCmsAttribute;

typedef struct
{
  const EVP_MD *digest;
  const DoorCmsAttribute *attributes;
  size_t n_attributes;
  bool detached; /* no content in the message */
  int64_t now_ms;
} DoorCmsSignOptions;

X509 *door_cms_signer_get_x509 (const DoorCmsSigner *self);
EVP_PKEY *door_cms_signer_get_key (const DoorCmsSigner *self);
GBytes *door_cms_signer_build (const DoorCmsSigner *self, const void *data, size_t size,
                               const DoorCmsSignOptions *options, GError **error);
GBytes *door_cms_build_certificates (DoorX509Stack *certificates, GError **error);
