/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "door-context.h"
#include "door-dep-token.h"

#define DOOR_DEP_SERVICE_URL "https://mdmenrollment.apple.com"

/**
 * DoorDepClient:
 * @context: what every service needs
 * @url: the service, without a slash at the end
 * @token: what lets us in
 * @cancellable: (nullable): ends it early
 * @session: (nullable): the session, made when it is needed
 * @code: (nullable): the word by which the last question was refused, "" when Apple has said none
 * @retry_after_s: how long Apple wants to be left alone, 0 when it does not say
 * @n_calls: how often Apple was asked
 *
 * One conversation with Apple's service.
 */
typedef struct
{
  const DoorContext *context;
  const char *url;
  const DoorDepToken *token;
  GCancellable *cancellable;
  char *session;
  char *code;
  int64_t retry_after_s;
  int64_t n_calls;
} DoorDepClient;

/**
 * DoorDepQuestion:
 * @method: "POST"
 * @path: "/profile"
 * @body: (nullable): JSON
 *
 * What Apple is asked.
 */
typedef struct
{
  const char *method;
  const char *path;
  GBytes *body;
} DoorDepQuestion;

GBytes *door_dep_client_ask (DoorDepClient *self, const DoorDepQuestion *question, GError **error);
bool door_dep_client_was_refused (const DoorDepClient *self, const char *code);
void door_dep_client_clear (DoorDepClient *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (DoorDepClient, door_dep_client_clear)
