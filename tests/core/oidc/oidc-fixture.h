/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "door-id-token.h"

#define OIDC_ISSUER "https://idp.example.com/tenant"
#define OIDC_CLIENT "client-1"
#define OIDC_NONCE "n-0S6_WzA2Mj"
#define OIDC_NOW_S INT64_C (1767268860) /* 2026-01-01T12:01:00Z */
#define OIDC_NOW "1767268860"

typedef enum
{
  KEY_RSA,
  KEY_RSA_OTHER,
  KEY_RSA_SHORT,
  KEY_P256,
  KEY_P384,
  KEY_P521,
  KEY_ED25519,
  N_KEYS,
} Key;

char *oidc_fixture_jwk (Key key, const char *more);
DoorJwkSet *oidc_fixture_keys (const char *first, ...) G_GNUC_NULL_TERMINATED;
DoorJwkSet *oidc_fixture_all_keys (void);
char *oidc_fixture_token (Key key, const char *header, const char *claims);
char *oidc_fixture_sign_as (Key key, const char *algorithm, const char *header, const char *claims);
char *oidc_fixture_hmac_token (const char *secret, const char *header, const char *claims);
char *oidc_fixture_encode (const char *text);
DoorOidcExpectation oidc_fixture_expectation (const DoorJwkSet *keys);
void oidc_fixture_free_keys (void);
