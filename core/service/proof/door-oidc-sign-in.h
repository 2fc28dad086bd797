/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-proof.h"
#include "door-saml-sign-in.h"

/**
 * DoorOidcAnswer:
 * @code: (nullable): authorization code
 * @issuer: (nullable): who says it answers (RFC 9207)
 * @error: (nullable): the provider's refusal
 * @error_description: (nullable): what it says to that
 *
 * What a provider sends along with the browser (OpenID Connect Core 3.1.2.5 and 3.1.2.6). Nothing of it is
 * proven.
 */
typedef struct
{
  const char *code;
  const char *issuer;
  const char *error;
  const char *error_description;
} DoorOidcAnswer;

bool door_oidc_sign_in_is_prepared (const DoorContext *context, DoorConnection *connection);
bool door_oidc_sign_in_prepare (const DoorContext *context, DoorConnection *connection,
                                GCancellable *cancellable, GError **error);
char *door_oidc_sign_in_build_url (const DoorContext *context, const DoorQuestion *question, GError **error);
bool door_oidc_sign_in_verify (const DoorContext *context, const DoorQuestion *question,
                               const DoorOidcAnswer *answer, DoorProof *out, GError **error);
