/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-push-note.h"

#include <string.h>

#include "door-json-member.h"
#include "door-json.h"

#define MAX_DEPTH 2

/**
 * door_push_note_build:
 * @push_magic: what the device gave in its TokenUpdate
 *
 * Builds what is sent to a device so that it polls (Apple, MDM: push notification).
 *
 * Returns: (transfer full): JSON
 */
GBytes *
door_push_note_build (const char *push_magic)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "mdm", push_magic);
  return door_json_build_object (object);
}

static bool
is_word (const char *text)
{
  size_t length = 0;

  for (; text[length] != '\0'; length++)
    if (!g_ascii_isalnum (text[length]))
      return false;
  return length > 0 && length <= DOOR_PUSH_REASON_LENGTH;
}

/**
 * door_push_refusal_parse:
 * @body: what APNs answered
 * @out: (out): what it says; all empty when it is not what APNs answers
 *
 * Reads the reason of a refusal (Apple, "Handling notification responses from APNs"). A proxy or a failing
 * server may answer anything: then the status is all there is. Pure.
 */
void
door_push_refusal_parse (GBytes *body, DoorPushRefusal *out)
{
  g_autoptr (JsonNode) node = door_json_parse (body, MAX_DEPTH, NULL); /* as said above */
  JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *reason = NULL;
  int64_t at_ms = 0;

  memset (out, 0, sizeof *out);
  if (object == NULL || !door_json_member_read_string (object, "reason", &reason, NULL) || reason == NULL ||
      !is_word (reason))
    return;
  g_strlcpy (out->reason, reason, sizeof out->reason);
  if (door_json_member_read_integer (object, "timestamp", &at_ms, NULL) && at_ms > 0)
    out->at_ms = at_ms;
}
