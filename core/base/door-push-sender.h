/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

/**
 * DoorPushMessage:
 * @topic: of the certificate it is sent with
 * @push_token: where to, hexadecimal
 * @body: what to send
 * @expires_s: until when it is kept for a device that cannot be reached, seconds since 1970
 *
 * A push.
 */
typedef struct
{
  const char *topic;
  const char *push_token;
  GBytes *body;
  int64_t expires_s;
} DoorPushMessage;

/**
 * DoorPushAnswer:
 * @status: HTTP status; 0: no answer came
 * @body: (nullable): what came with it, at most %DOOR_PUSH_MAX_ANSWER bytes
 * @retry_after_s: how long the server wants to be left alone (Retry-After), 0 when it does not say
 * @failure: (nullable): why no answer came
 *
 * What came back.
 */
typedef struct
{
  unsigned int status;
  GBytes *body;
  int64_t retry_after_s;
  const char *failure;
} DoorPushAnswer;

#define DOOR_PUSH_MAX_ANSWER 4096

/**
 * DoorPushDone:
 * @data: what was given with the message
 * @answer: what came of it; lives as long as the call
 *
 * Hears of the outcome, once. Runs in a thread of the sender: it must not block.
 */
typedef void (*DoorPushDone) (gpointer data, const DoorPushAnswer *answer);

/**
 * DoorPushSender:
 * @owner: first argument of both
 * @set_identity: gives a topic its certificate, chain and private key as one PEM text; what is under way goes
 *   on with the former. %NULL takes it away. False with an error when it cannot be used
 * @send: sends a push; without an identity for the topic it is answered at once. Does not block
 *
 * What sends pushes. Any thread.
 */
typedef struct
{
  gpointer owner;
  bool (*set_identity) (gpointer owner, const char *topic, const char *pem, GError **error);
  void (*send) (gpointer owner, const DoorPushMessage *message, DoorPushDone done, gpointer data);
} DoorPushSender;
