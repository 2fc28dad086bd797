/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-dep-token.h"

#include <string.h>

#include "door-dep-time.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"

#define BEGIN "-----BEGIN MESSAGE-----"
#define END "-----END MESSAGE-----"
#define MAX_TEXT_BYTES (16 * 1024)
#define MAX_PART_BYTES 512
#define MAX_DEPTH 2

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEP_TOKEN, "server token: %s", reason);
}

static void
free_wiped (char *text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

/**
 * door_dep_token_free:
 * @self: (transfer full) (nullable): a token
 */
void
door_dep_token_free (DoorDepToken *self)
{
  if (self == NULL)
    return;
  free_wiped (self->consumer_key);
  free_wiped (self->consumer_secret);
  free_wiped (self->access_token);
  free_wiped (self->access_secret);
  g_free (self);
}

/**
 * door_dep_token_take_message:
 * @text: what was encrypted for us: a mail part with the token between two lines
 * @error: return location for an error
 *
 * Finds the token in what a server token file decrypts to. Pure; any thread.
 *
 * Returns: (transfer full): the token as JSON, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorSecret *
door_dep_token_take_message (const DoorSecret *text, GError **error)
{
  size_t size;
  const char *data = (const char *) door_secret_get_data (text, &size);
  const char *begin, *end;

  if (size == 0 || size > MAX_TEXT_BYTES || memchr (data, '\0', size) != NULL)
    return refuse (error, "what it decrypts to is not text"), NULL;
  begin = g_strstr_len (data, (gssize) size, BEGIN);
  end = g_strstr_len (data, (gssize) size, END);
  if (begin == NULL || end == NULL || end < begin + strlen (BEGIN))
    return refuse (error, "it was not encrypted for the key of this server, or is not a server token"), NULL;
  begin += strlen (BEGIN);
  while (begin < end && g_ascii_isspace (*begin))
    begin++;
  while (end > begin && g_ascii_isspace (end[-1]))
    end--;
  return door_secret_new (begin, (size_t) (end - begin));
}

static bool
read_part (JsonObject *object, const char *name, char **out, GError **error)
{
  const char *text = NULL;

  if (!door_json_member_read_string (object, name, &text, NULL) || text == NULL || *text == '\0' ||
      strlen (text) > MAX_PART_BYTES)
    return refuse (error, name);
  for (const char *at = text; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at))
      return refuse (error, name);
  *out = g_strdup (text);
  return true;
}

/**
 * door_dep_token_parse:
 * @json: the token as JSON
 * @error: return location for an error
 *
 * Pure; any thread. Members that are not known are left alone.
 *
 * Returns: (transfer full): the token, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorDepToken *
door_dep_token_parse (const DoorSecret *json, GError **error)
{
  g_autoptr (DoorDepToken) self = g_new0 (DoorDepToken, 1);
  size_t size;
  const uint8_t *data = door_secret_get_data (json, &size);
  g_autoptr (GBytes) bytes = g_bytes_new (data, MIN (size, MAX_TEXT_BYTES));
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) node = door_json_parse (bytes, MAX_DEPTH, &local);
  JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *expiry = NULL;

  if (object == NULL)
    return refuse (error, local != NULL ? local->message : "not a JSON object"), NULL;
  if (!read_part (object, "consumer_key", &self->consumer_key, error) ||
      !read_part (object, "consumer_secret", &self->consumer_secret, error) ||
      !read_part (object, "access_token", &self->access_token, error) ||
      !read_part (object, "access_secret", &self->access_secret, error))
    return NULL;
  if (!door_json_member_read_string (object, "access_token_expiry", &expiry, NULL) || expiry == NULL ||
      !door_dep_time_parse (expiry, &self->expires_at_ms))
    return refuse (error, "access_token_expiry"), NULL;
  return g_steal_pointer (&self);
}
