/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "sim-cms.h"

/* How a device signs; what is %NULL or 0 is as usual: a certificate of the authority in other-ca.pem, which
 * tests take for Apple's, within its time, sent along with its issuer. */
typedef struct
{
  const char *issuer;
  const char *issuer_key;
  int64_t from_s;
  int64_t to_s;
  int64_t issuer_to_s; /* the issuer is made anew with this end */
  bool without_issuer;
  SimCmsFlags flags;
} AppleSigner;

/* What a device says of itself; what is %NULL is as usual. */
typedef struct
{
  const char *serial;
  const char *udid;
  const char *product;
  const char *os_version; /* "" for none */
  bool can_update;
  const char *update_id;
} AppleInfo;

#define APPLE_UDID "00008101-001938611EE9001E"
#define APPLE_SERIAL "C02TESTDEV01"

GBytes *apple_device_sign (GBytes *content, const AppleSigner *signer);
GBytes *apple_device_info (const AppleInfo *info, const AppleSigner *signer);
char *apple_device_issuer_key_sha256 (const char *certificate);
