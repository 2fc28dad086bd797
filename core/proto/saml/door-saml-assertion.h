/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <libxml/tree.h>

#include "door-saml-response.h"

#define DOOR_SAML_MAX_CHECKS 16

/* What has been learned from an answer; internal to this folder. */
struct _DoorSamlResponse
{
  DoorClaims *claims;
  char *assertion_id;
  char *in_response_to;
  bool confirmed;
  int64_t expires_at_ms;
  char *session_index;
  int64_t session_expires_at_ms;
  const char *checks[DOOR_SAML_MAX_CHECKS]; /* static strings, %NULL behind the last */
};

void door_saml_response_add_check (DoorSamlResponse *self, const char *check);
bool door_saml_assertion_check_issuer (const xmlNode *parent, bool required,
                                       const DoorSamlExpectation *expect, GError **error);
bool door_saml_assertion_check (DoorSamlResponse *self, const xmlNode *assertion,
                                const char *response_in_response_to, const DoorSamlExpectation *expect,
                                GError **error);
DoorClaims *door_saml_assertion_read_claims (const xmlNode *assertion, const char *issuer, GError **error);
