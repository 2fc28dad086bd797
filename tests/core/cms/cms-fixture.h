/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-certificate-authority.h"
#include "door-secret.h"

#define FIXTURE_NOW_MS (INT64_C (1795316863) * 1000) /* 2026-11-22T03:07:43Z */

GBytes *fixture_load (const char *name);
DoorSecret *fixture_load_secret (const char *name);
DoorCertificate *fixture_load_certificate (const char *name);
DoorCertificateAuthority *fixture_load_authority (void);
GBytes *fixture_replace (GBytes *bytes, size_t at, uint8_t byte);
GBytes *fixture_insert_empty (GBytes *bytes, size_t at, unsigned int count);
size_t fixture_find (GBytes *bytes, const void *needle, size_t size);
