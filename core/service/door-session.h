/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"

/**
 * DoorSessionMatch:
 * @connection: name of the connection that says so
 * @issuer: its entity id or issuer, as verified
 * @subject: (nullable): the person in its own words: the NameID, or sub; %NULL: whoever has the session
 * @session_indexes: (nullable) (array zero-terminated=1): SessionIndex or sid; %NULL: every session of
 *   @subject
 *
 * Sessions of administrators that an identity provider ends. At least one of @subject and @session_indexes is
 * needed.
 */
typedef struct
{
  const char *connection;
  const char *issuer;
  const char *subject;
  const char *const *session_indexes;
} DoorSessionMatch;

bool door_session_end_by_index (const DoorContext *context, const DoorSessionMatch *match, GError **error);
