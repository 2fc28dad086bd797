/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-identity.h"
#include "door-sign-in.h"

/* Longer than any result. */
#define DOOR_TEST_RESULT_MAX_BYTES (512 * 1024)

/**
 * DoorTestFindings:
 * @protocol: "saml" or "oidc"
 * @identity: (nullable): who it is, by the adapter
 * @refusal: (nullable): why the adapter refused
 * @enrollment: (nullable): why the person may not enroll; %NULL: they may
 * @roles: (nullable): what an administrator could do from now on
 * @administration: (nullable): why the person does not become or stay an administrator; %NULL: they do
 *
 * What would have come of a sign-in whose proof holds.
 */
typedef struct
{
  const char *protocol;
  const DoorIdentity *identity;
  const GError *refusal;
  const GError *enrollment;
  const char *roles;
  const GError *administration;
} DoorTestFindings;

/**
 * DoorTestRefusal:
 * @connection: name of the identity provider
 * @flow_hash: the flow
 * @code: code of the record
 * @failure: why the answer was refused
 * @detail: the same for people
 * @checks: names of the checks it has passed, separated by spaces
 * @received: what the answer says, in lines
 *
 * What is known of an answer that does not hold.
 */
typedef struct
{
  const char *connection;
  const char *flow_hash;
  const char *code;
  const GError *failure;
  const char *detail;
  const char *checks;
  const char *received;
} DoorTestRefusal;

GVariant *door_test_result_build (const DoorSignIn *sign_in, const DoorTestFindings *findings);
GVariant *door_test_result_build_refused (const DoorTestRefusal *refusal);
GVariant *door_test_result_parse (const char *text, GError **error);
