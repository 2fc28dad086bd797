/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <openssl/cms.h>

#include "sim-certificate.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CMS_ContentInfo, CMS_ContentInfo_free)

/* Who signs, and what goes along. */
typedef struct
{
  EVP_PKEY *key;
  X509 *certificate;
  SimCertificates *chain; /* (nullable) */
  const EVP_MD *digest;
} SimSigner;

typedef enum
{
  SIM_CMS_EMBEDDED = 0,
  SIM_CMS_DETACHED = 1 << 0,
  SIM_CMS_AS_DEVICE = 1 << 1, /* BER, no signed attributes, sha1WithRSAEncryption; for SHA-1 only */
} SimCmsFlags;

GBytes *sim_cms_sign (GBytes *content, const SimSigner *signer, SimCmsFlags flags, GError **error);
GBytes *sim_cms_to_bytes (CMS_ContentInfo *cms, bool indefinite_length);
CMS_ContentInfo *sim_cms_parse (GBytes *message, GError **error);
GBytes *sim_cms_verify_chain (GBytes *message, const char *anchors_file, GError **error);
