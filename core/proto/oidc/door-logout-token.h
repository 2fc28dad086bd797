/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-id-token.h"

/**
 * DoorLogoutToken:
 * @issuer: the provider
 * @subject: (nullable): the person; at least one of this and the next
 * @session_id: (nullable): the session, as named by `sid` of its ID token
 * @id: what is unique together with the issuer
 * @expires_at_ms: from when on it is refused for its age; milliseconds since 1970, UTC
 *
 * A provider's word that a session has ended.
 */
typedef struct
{
  char *issuer;
  char *subject;
  char *session_id;
  char *id;
  int64_t expires_at_ms;
} DoorLogoutToken;

DoorLogoutToken *door_logout_token_verify (const char *token, const DoorOidcExpectation *expect,
                                           GError **error);
void door_logout_token_free (DoorLogoutToken *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DoorLogoutToken, door_logout_token_free)
