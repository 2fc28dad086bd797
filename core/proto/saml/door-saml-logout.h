/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "door-claims.h"
#include "door-saml-message.h"
#include "door-saml-metadata.h"

typedef struct _DoorSamlLogout DoorSamlLogout;

/**
 * DoorSamlLogoutMessage:
 * @id: ID of the message, an NCName nobody can guess
 * @issued_at_ms: milliseconds since 1970, UTC
 * @destination: the identity provider's address for it
 * @issuer: our entity id
 * @relay_state: (nullable): what comes back, or has come; at most 80 bytes
 * @signing_key: what signs it; no message goes out without
 * @in_response_to: (nullable): ID of the request it answers, %NULL for a request
 * @success: for an answer, whether all that was asked for has ended
 * @subject: (nullable): for a request, whose sessions end
 * @session_index: (nullable): for a request, the one session; %NULL for all
 *
 * A LogoutRequest or LogoutResponse of ours (SAML core 3.7).
 */
typedef struct
{
  const char *id;
  int64_t issued_at_ms;
  const char *destination;
  const char *issuer;
  const char *relay_state;
  const DoorSamlSpKey *signing_key;
  const char *in_response_to;
  bool success;
  const DoorSubject *subject;
  const char *session_index;
} DoorSamlLogoutMessage;

/**
 * DoorSamlLogoutExpectation:
 * @metadata: the identity provider it is to come from
 * @issuers: (nullable): other names this provider uses in logout messages
 * @location: our address it came to
 * @now_ms: milliseconds since 1970, UTC
 * @clock_skew_s: how far clocks may differ, in seconds
 * @allow_sha1: whether signatures with SHA-1 are tolerated
 *
 * What a logout message is measured against.
 */
typedef struct
{
  const DoorSamlMetadata *metadata;
  const char *const *issuers;
  const char *location;
  int64_t now_ms;
  int64_t clock_skew_s;
  bool allow_sha1;
} DoorSamlLogoutExpectation;

char *door_saml_logout_build_redirect_url (const DoorSamlLogoutMessage *message, GError **error);
bool door_saml_logout_build_form (const DoorSamlLogoutMessage *message, DoorSamlForm *form, GError **error);

DoorSamlLogout *door_saml_logout_verify_query (const char *query, const DoorSamlLogoutExpectation *expect,
                                               GError **error);
DoorSamlLogout *door_saml_logout_verify_form (const char *field, const char *value,
                                              const DoorSamlLogoutExpectation *expect, GError **error);
void door_saml_logout_free (DoorSamlLogout *self);
bool door_saml_logout_is_request (const DoorSamlLogout *self);
bool door_saml_logout_is_success (const DoorSamlLogout *self);
const char *door_saml_logout_get_id (const DoorSamlLogout *self);
const char *door_saml_logout_get_in_response_to (const DoorSamlLogout *self);
const char *door_saml_logout_get_name_id (const DoorSamlLogout *self);
const char *const *door_saml_logout_get_session_indexes (const DoorSamlLogout *self);
const char *door_saml_logout_get_relay_state (const DoorSamlLogout *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorSamlLogout, door_saml_logout_free)
