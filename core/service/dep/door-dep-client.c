/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-client.h"

#include <string.h>

#include "door-dep-answer.h"
#include "door-error.h"
#include "door-oauth1.h"

#define TIMEOUT_S 30
#define MAX_RETRY_S 3600
/* What names the platform of a device as iPadOS (Apple, device assignment). */
#define PROTOCOL_VERSION "7"
#define CONTENT_TYPE "application/json;charset=UTF8"

/**
 * door_dep_client_clear: (skip)
 * @self: a conversation
 */
void
door_dep_client_clear (DoorDepClient *self)
{
  g_clear_pointer (&self->session, g_free);
  g_clear_pointer (&self->code, g_free);
}

/**
 * door_dep_client_was_refused:
 * @self: a conversation
 * @code: a word of Apple's
 *
 * Returns: whether the last question was refused by that word
 */
bool
door_dep_client_was_refused (const DoorDepClient *self, const char *code)
{
  return g_strcmp0 (self->code, code) == 0;
}

/* Where Server= names another service, an error must not point to Apple. */
static const char *
get_name (const DoorDepClient *self)
{
  return g_strcmp0 (self->url, DOOR_DEP_SERVICE_URL) == 0 ? "Apple" : self->url;
}

static bool
fail (GError **error, DoorFault fault, const DoorDepClient *self, unsigned int status)
{
  return door_error_set (error, status == 404 ? DOOR_ERROR_NOT_FOUND : DOOR_ERROR_UNAVAILABLE, fault,
                         "%s answered %u%s%s", get_name (self), status, *self->code != '\0' ? " " : "",
                         self->code);
}

/* What an answer that is no success means. */
static bool
judge (const DoorDepClient *self, unsigned int status, GError **error)
{
  if (door_dep_client_was_refused (self, "T_C_NOT_SIGNED"))
    return fail (error, DOOR_FAULT_DEP_TERMS, self, status);
  if (status == 401 || status == 403)
    return fail (error, DOOR_FAULT_DEP_DENIED, self, status);
  if (status == 429 || status >= 500)
    return fail (error, DOOR_FAULT_DEP_UNAVAILABLE, self, status);
  return fail (error, DOOR_FAULT_DEP_ANSWER, self, status);
}

/* Apple's own addresses never lead elsewhere, and what we carry is meant for nobody else. */
static bool
fetch (DoorDepClient *self, DoorFetchRequest *request, DoorFetchAnswer *answer, GError **error)
{
  g_autoptr (GError) local = NULL;

  request->max_bytes = DOOR_DEP_MAX_BYTES;
  request->timeout_s = TIMEOUT_S;
  request->allow_http = request->allow_private = self->context->development;
  request->take_redirect = true;
  self->n_calls++;
  self->retry_after_s = 0;
  g_clear_pointer (&self->code, g_free);
  self->code = g_strdup ("");
  if (!self->context->fetch (request, answer, self->cancellable, &local))
    return door_error_set (error, DOOR_ERROR_UNAVAILABLE, DOOR_FAULT_DEP_UNAVAILABLE, "%s", local->message);
  if (answer->status == 200)
    return true;
  g_free (self->code);
  self->code = door_dep_answer_dup_code (answer->body);
  if (answer->status == 429 || answer->status == 503)
    self->retry_after_s = CLAMP (answer->retry_after_s, 0, MAX_RETRY_S);
  return true;
}

static char *
sign (const DoorDepClient *self, const char *url)
{
  g_autofree char *nonce = door_random_dup_token (self->context->random);
  const DoorOauth1Request request = {
    .method = "GET",
    .url = url,
    .realm = "ADM",
    .consumer_key = self->token->consumer_key,
    .consumer_secret = self->token->consumer_secret,
    .token = self->token->access_token,
    .token_secret = self->token->access_secret,
    .nonce = nonce,
    .timestamp_s = door_clock_now_ms (self->context->clock) / 1000,
    .version = TRUE,
  };

  return door_oauth1_build_authorization (&request);
}

static bool
begin_session (DoorDepClient *self, GError **error)
{
  g_autofree char *url = g_strconcat (self->url, "/session", NULL);
  g_autofree char *authorization = sign (self, url);
  const char *const headers[] = {
    "Authorization",  authorization, "Content-Type", CONTENT_TYPE, "X-Server-Protocol-Version",
    PROTOCOL_VERSION, NULL
  };
  DoorFetchRequest request = { .url = url, .headers = headers };
  g_auto (DoorFetchAnswer) answer = { 0 };

  g_clear_pointer (&self->session, g_free);
  if (!fetch (self, &request, &answer, error))
    return false;
  if (answer.status == 400)
    return fail (error, DOOR_FAULT_DEP_DENIED, self, answer.status);
  if (answer.status != 200)
    return judge (self, answer.status, error);
  self->session = door_dep_answer_parse_session (answer.body, error);
  return self->session != NULL;
}

/* The next question carries what the answer to this one brought. */
static void
take_session (DoorDepClient *self, const char *header)
{
  if (header == NULL || *header == '\0' || strlen (header) > 4096)
    return;
  g_free (self->session);
  self->session = g_strdup (header);
}

static bool
ask_once (DoorDepClient *self, const DoorDepQuestion *question, DoorFetchAnswer *answer, GError **error)
{
  g_autofree char *url = g_strconcat (self->url, question->path, NULL);
  const char *const headers[] = { "X-ADM-Auth-Session",
                                  self->session,
                                  "X-Server-Protocol-Version",
                                  PROTOCOL_VERSION,
                                  question->body == NULL ? "Content-Type" : NULL,
                                  CONTENT_TYPE,
                                  NULL };
  DoorFetchRequest request = {
    .method = question->method,
    .url = url,
    .headers = headers,
    .content_type = question->body != NULL ? CONTENT_TYPE : NULL,
    .body = question->body,
    .take_header = "X-ADM-Auth-Session",
  };

  if (!fetch (self, &request, answer, error))
    return false;
  take_session (self, answer->header);
  return true;
}

static bool
is_session_over (const DoorDepClient *self, unsigned int status)
{
  return status == 401 || (status == 403 && door_dep_client_was_refused (self, "FORBIDDEN"));
}

/**
 * door_dep_client_ask:
 * @self: a conversation
 * @question: what to ask
 * @error: return location for an error
 *
 * Asks Apple's service for device assignment. A session begins when there is none, and once more when Apple
 * says that it is over. Blocks on the network, for half a minute at most each time.
 *
 * Returns: (transfer full): the body of the answer 200, or %NULL with an error whose fault says who has to do
 *   something: %DOOR_FAULT_DEP_TERMS, %DOOR_FAULT_DEP_DENIED, %DOOR_FAULT_DEP_UNAVAILABLE, or
 *   %DOOR_FAULT_DEP_ANSWER for a question that was refused by a word, see door_dep_client_was_refused();
 *   %DOOR_ERROR_NOT_FOUND for 404
 */
GBytes *
door_dep_client_ask (DoorDepClient *self, const DoorDepQuestion *question, GError **error)
{
  g_auto (DoorFetchAnswer) first = { 0 }, second = { 0 };
  DoorFetchAnswer *answer = &first;

  if ((self->session == NULL && !begin_session (self, error)) || !ask_once (self, question, &first, error))
    return NULL;
  if (is_session_over (self, first.status))
    {
      if (!begin_session (self, error) || !ask_once (self, question, &second, error))
        return NULL;
      answer = &second;
    }
  if (answer->status != 200)
    {
      judge (self, answer->status, error);
      return NULL;
    }
  return g_steal_pointer (&answer->body);
}
