/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "door-claims.h"
#include "door-idp-profile.h"
#include "door-saml-metadata.h"

typedef struct _DoorSamlResponse DoorSamlResponse;

/**
 * DoorSamlExpectation:
 * @metadata: the identity provider the request went to
 * @acs_url: our address the answer was posted to, as registered and as sent in the request
 * @sp_entity_id: our entity id at this provider
 * @now_ms: milliseconds since 1970, UTC
 * @clock_skew_s: how far clocks may differ, in seconds
 * @signed_part: what must be signed
 * @allow_sha1: whether signatures with SHA-1 are tolerated
 * @allow_unsolicited: whether an answer may answer no request at all
 * @want_encrypted: whether a clear assertion is refused
 * @decryption_keys: (nullable) (element-type DoorSamlSpKey): our private keys, at most four, %NULL when
 *   nothing is decrypted
 * @decrypt_for: (nullable): ID of the pending request for which decryption may be tried: one that is alive,
 *   of the browser that brought the answer, and with tries left; %NULL when nothing is decrypted
 * @captured: whether it is a message that was captured somewhere, whose reader holds the private keys
 * himself: it is decrypted whatever it answers. Never for what a stranger may send
 * @allow_rsa15: whether a key may be wrapped with RSA 1.5; with @captured only
 *
 * What an answer is measured against.
 */
typedef struct
{
  const DoorSamlMetadata *metadata;
  const char *acs_url;
  const char *sp_entity_id;
  int64_t now_ms;
  int64_t clock_skew_s;
  DoorSignedPart signed_part;
  bool allow_sha1;
  bool allow_unsolicited;
  bool want_encrypted;
  const GPtrArray *decryption_keys;
  const char *decrypt_for;
  bool captured;
  bool allow_rsa15;
} DoorSamlExpectation;

DoorSamlResponse *door_saml_response_verify (const char *form_value, size_t length,
                                             const DoorSamlExpectation *expect, GError **error);
void door_saml_response_free (DoorSamlResponse *self);
DoorClaims *door_saml_response_get_claims (const DoorSamlResponse *self);
const char *door_saml_response_get_assertion_id (const DoorSamlResponse *self);
const char *door_saml_response_get_in_response_to (const DoorSamlResponse *self);
int64_t door_saml_response_get_expires_at_ms (const DoorSamlResponse *self);
const char *door_saml_response_get_session_index (const DoorSamlResponse *self);
int64_t door_saml_response_get_session_expires_at_ms (const DoorSamlResponse *self);
const char *const *door_saml_response_get_checks (const DoorSamlResponse *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSamlResponse, door_saml_response_free)
