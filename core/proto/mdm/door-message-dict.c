/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-message-dict.h"

#include <string.h>

#include "door-error.h"
#include "door-text.h"
#include "door-plist.h"

/* Keys come from constants of ours, so they may stand in the text. */
static gboolean
refuse (const DoorMessageDict *self, const char *key, const char *problem, GError **error)
{
  door_error_set (error, DOOR_ERROR_INVALID_DATA, self->fault, "%s %s", key, problem);
  return FALSE;
}

/**
 * door_message_dict_parse:
 * @self: (inout): with the fault set; receives the dict
 * @plist: the property list as received
 * @max_bytes: most bytes accepted
 * @error: return location for an error
 *
 * Pure; never blocks.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA and the fault of @self
 */
gboolean
door_message_dict_parse (DoorMessageDict *self, GBytes *plist, size_t max_bytes, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->dict = door_plist_parse (plist, max_bytes, &local);
  if (self->dict != NULL)
    return TRUE;
  door_error_set (error, DOOR_ERROR_INVALID_DATA, self->fault, "%s", local->message);
  return FALSE;
}

/* Control characters would end up in logs and pages. C1 controls are two bytes in UTF-8. */
static bool
is_plain (const char *text)
{
  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029)
        return false;
    }
  return true;
}

/**
 * door_message_dict_dup_string:
 * @self: a message
 * @key: the key
 * @need: whether it may be absent
 * @out: (out) (transfer full) (nullable): the text, 1 to %DOOR_MESSAGE_MAX_STRING bytes that are plain
 *   (door_text_is_plain()): marks of direction, which stand in names that people give, become U+FFFD; %NULL
 * when an optional key is absent or empty
 * @error: return location for an error
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA
 */
gboolean
door_message_dict_dup_string (const DoorMessageDict *self, const char *key, DoorMessageNeed need, char **out,
                              GError **error)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (self->dict, key, NULL);
  const char *text = NULL;

  if (value != NULL && !g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return refuse (self, key, "is not a string", error);
  text = value != NULL ? g_variant_get_string (value, NULL) : "";
  if (text[0] == '\0')
    {
      if (need == DOOR_MESSAGE_REQUIRED)
        return refuse (self, key, "is missing", error);
      *out = NULL;
      return TRUE;
    }
  if (strlen (text) > DOOR_MESSAGE_MAX_STRING)
    return refuse (self, key, "is too long", error);
  if (!is_plain (text))
    return refuse (self, key, "has a control character", error);
  *out = door_text_dup_line (text, DOOR_MESSAGE_MAX_STRING);
  return TRUE;
}

/**
 * door_message_dict_dup_bytes:
 * @self: a message
 * @key: the key, required
 * @max_bytes: most bytes accepted
 * @out: (out) (transfer full): 1 to @max_bytes bytes
 * @error: return location for an error
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA
 */
gboolean
door_message_dict_dup_bytes (const DoorMessageDict *self, const char *key, size_t max_bytes, GBytes **out,
                             GError **error)
{
  g_autoptr (GBytes) bytes = NULL;

  if (!door_message_dict_dup_optional_bytes (self, key, max_bytes, &bytes, error))
    return FALSE;
  if (bytes == NULL)
    return refuse (self, key, "is missing or empty", error);
  *out = g_steal_pointer (&bytes);
  return TRUE;
}

/**
 * door_message_dict_dup_optional_bytes:
 * @self: a message
 * @key: the key
 * @max_bytes: most bytes accepted
 * @out: (out) (transfer full) (nullable): 1 to @max_bytes bytes; %NULL when the key is absent or empty
 * @error: return location for an error
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA
 */
gboolean
door_message_dict_dup_optional_bytes (const DoorMessageDict *self, const char *key, size_t max_bytes,
                                      GBytes **out, GError **error)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (self->dict, key, NULL);
  const void *data = NULL;
  size_t size = 0;

  if (value != NULL && !g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return refuse (self, key, "is not data", error);
  if (value != NULL)
    data = g_variant_get_fixed_array (value, &size, 1);
  if (size > max_bytes)
    return refuse (self, key, "is too long", error);
  *out = size > 0 ? g_bytes_new (data, size) : NULL;
  return TRUE;
}

/**
 * door_message_dict_get_flag:
 * @self: a message
 * @key: the key
 * @out: (out): its value; false when the key is absent
 * @error: return location for an error
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA
 */
gboolean
door_message_dict_get_flag (const DoorMessageDict *self, const char *key, bool *out, GError **error)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (self->dict, key, NULL);

  if (value != NULL && !g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return refuse (self, key, "is not true or false", error);
  *out = value != NULL && g_variant_get_boolean (value);
  return TRUE;
}

/**
 * door_message_dict_has:
 * @self: a message
 * @key: a key
 *
 * Returns: whether the key is there, whatever its value
 */
bool
door_message_dict_has (const DoorMessageDict *self, const char *key)
{
  g_autoptr (GVariant) value = g_variant_lookup_value (self->dict, key, NULL);

  return value != NULL;
}

/**
 * door_message_dict_clear:
 * @self: a message
 *
 * Drops the dict.
 */
void
door_message_dict_clear (DoorMessageDict *self)
{
  g_clear_pointer (&self->dict, g_variant_unref);
}
