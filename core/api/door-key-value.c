/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-key-value.h"

#include <string.h>

#include "door-error.h"

#define MAX_DURATION_S (UINT64_C (36500) * 86400) /* so that milliseconds never overflow */

typedef struct
{
  const char *suffix;
  uint64_t factor;
} Unit;

static const Unit plain_units[] = { { "", 1 }, { NULL, 0 } };
static const Unit duration_units[] = {
  { "s", 1 }, { "min", 60 }, { "h", 3600 }, { "d", 86400 }, { NULL, 0 }
};
static const Unit size_units[] = { { "", 1 },
                                   { "K", UINT64_C (1) << 10 },
                                   { "M", UINT64_C (1) << 20 },
                                   { "G", UINT64_C (1) << 30 },
                                   { NULL, 0 } };

static bool
is_list (const DoorKey *key)
{
  return key->type == DOOR_KEY_LIST;
}

/* Reads one item up to an unescaped `;` (lists only) or the end; *text is moved behind it. */
static char *
decode_item (const char **text, bool list, GError **error)
{
  g_autoptr (GString) item = g_string_new (NULL);
  const char *p = *text;

  for (; *p != '\0' && !(list && *p == ';'); p++)
    {
      if (*p != '\\')
        {
          g_string_append_c (item, *p);
          continue;
        }
      p++;
      if (*p == '\\' || (list && *p == ';'))
        g_string_append_c (item, *p);
      else if (*p == 's')
        g_string_append_c (item, ' ');
      else
        {
          door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE,
                          "has a single backslash; write \\\\ for a backslash");
          return NULL;
        }
    }
  *text = *p == ';' ? p + 1 : p;
  return g_string_free (g_steal_pointer (&item), FALSE);
}

/**
 * door_key_value_parse_list:
 * @text: a list as it stands in the file
 * @error: return location for an error
 *
 * Splits at every `;` that is not escaped. Never blocks.
 *
 * Returns: (transfer full) (element-type utf8): the items without escapes and surrounding space; empty ones
 *   are dropped. %NULL with %DOOR_FAULT_CFG_TYPE when an escape is unknown
 */
GPtrArray *
door_key_value_parse_list (const char *text, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (g_free);

  while (*text != '\0')
    {
      g_autofree char *item = decode_item (&text, true, error);

      if (item == NULL)
        return NULL;
      if (*g_strstrip (item) != '\0')
        g_ptr_array_add (items, g_steal_pointer (&item));
    }
  return g_steal_pointer (&items);
}

static bool
parse_number (const char *text, const Unit *units, uint64_t max, uint64_t *value)
{
  uint64_t number = 0;
  const char *p = text;

  for (; g_ascii_isdigit (*p); p++)
    if (!g_uint64_checked_mul (&number, number, 10) ||
        !g_uint64_checked_add (&number, number, (uint64_t) (*p - '0')))
      return false;
  if (p == text)
    return false;
  for (; units->suffix != NULL; units++)
    if (strcmp (units->suffix, p) == 0)
      {
        if (!g_uint64_checked_mul (&number, number, units->factor) || number > max)
          return false;
        *value = number;
        return true;
      }
  return false;
}

/**
 * door_key_value_parse_boolean:
 * @text: text of a key
 * @value: (out): written on success
 *
 * Returns: false when it is no boolean
 */
bool
door_key_value_parse_boolean (const char *text, bool *value)
{
  bool is_true = strcmp (text, "true") == 0 || strcmp (text, "yes") == 0;

  if (!is_true && strcmp (text, "false") != 0 && strcmp (text, "no") != 0)
    return false;
  *value = is_true;
  return true;
}

/**
 * door_key_value_parse_number:
 * @type: %DOOR_KEY_INTEGER, %DOOR_KEY_DURATION or %DOOR_KEY_SIZE
 * @text: the text without escapes
 * @value: (out): the number, in seconds or bytes where it has a unit
 *
 * Never blocks.
 *
 * Returns: %FALSE when the text has another form or the number is too large
 */
bool
door_key_value_parse_number (DoorKeyType type, const char *text, uint64_t *value)
{
  if (type == DOOR_KEY_DURATION)
    return parse_number (text, duration_units, MAX_DURATION_S, value);
  return parse_number (text, type == DOOR_KEY_SIZE ? size_units : plain_units, INT64_MAX, value);
}

static bool
check_number (const DoorKey *key, const char *text, GError **error)
{
  uint64_t value = 0, low = 0, high = 0;
  g_auto (GStrv) range = NULL;

  if (!door_key_value_parse_number (key->type, text, &value))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE, "\"%s\" is not %s%s%s", text,
                      key->type == DOOR_KEY_DURATION ? "a duration such as 90s, 30min, 24h or 14d"
                      : key->type == DOOR_KEY_SIZE   ? "a size such as 65536, 64K, 4M or 1G"
                                                     : "a whole number",
                      key->choices != NULL ? ", within " : "", key->choices != NULL ? key->choices : "");
      return false;
    }
  if (key->choices == NULL)
    return true;
  range = g_strsplit (key->choices, "..", 2);
  if (g_strv_length (range) == 2 && door_key_value_parse_number (key->type, range[0], &low) &&
      door_key_value_parse_number (key->type, range[1], &high) && value >= low && value <= high)
    return true;
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE, "\"%s\" is not within %s", text,
                  key->choices);
  return false;
}

static bool
check_choice (const DoorKey *key, const char *text, GError **error)
{
  g_auto (GStrv) words = g_strsplit (key->choices, ";", -1);
  g_autofree char *known = g_strjoinv (", ", words);

  if (g_strv_contains ((const char *const *) words, text))
    return true;
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE, "\"%s\" is not one of %s", text, known);
  return false;
}

static bool
check_list (const DoorKey *key, const char *text, GError **error)
{
  g_autoptr (GPtrArray) items = door_key_value_parse_list (text, error);

  if (items == NULL)
    return false;
  if (items->len == 0)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE,
                      "is an empty list; remove the line to use the default");
      return false;
    }
  for (size_t i = 0; key->choices != NULL && i < items->len; i++)
    if (!check_choice (key, g_ptr_array_index (items, i), error))
      return false;
  return true;
}

static bool
is_url (const char *text)
{
  g_autoptr (GUri) uri = NULL;

  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isgraph (*p) || strchr ("\"<>\\^`{|}", *p) != NULL)
      return false;
  uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD, NULL); /* why it does not parse is of no use */
  return uri != NULL && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0' &&
         g_uri_get_userinfo (uri) == NULL && g_uri_get_fragment (uri) == NULL &&
         (strcmp (g_uri_get_scheme (uri), "https") == 0 || strcmp (g_uri_get_scheme (uri), "http") == 0);
}

/**
 * door_key_value_is_word:
 * @text: any text
 * @extra: characters allowed beside ASCII letters and digits
 *
 * Returns: whether the text has 1 to 64 of these characters and does not begin with a dot
 */
bool
door_key_value_is_word (const char *text, const char *extra)
{
  if (*text == '\0' || *text == '.' || strlen (text) > 64)
    return false;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && strchr (extra, *text) == NULL)
      return false;
  return true;
}

/**
 * door_key_value_is_reference:
 * @text: the text of a secret
 *
 * Returns: whether it says where the secret is, rightly or not; otherwise it is the secret itself
 */
bool
door_key_value_is_reference (const char *text)
{
  return g_str_has_prefix (text, "credential:") || g_str_has_prefix (text, "file:") ||
         g_str_has_prefix (text, "env:");
}

/* The text may be the secret itself, so no message repeats it. */
static bool
check_reference (const char *text, GError **error)
{
  if (g_str_has_prefix (text, "credential:"))
    {
      if (door_key_value_is_word (text + strlen ("credential:"), "._-"))
        return true;
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE,
                      "credential: must be followed by a name of letters, digits, '.', '_' and '-'");
      return false;
    }
  if (g_str_has_prefix (text, "file:"))
    {
      if (g_path_is_absolute (text + strlen ("file:")))
        return true;
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE,
                      "file: must be followed by an absolute file name");
      return false;
    }
  if (g_str_has_prefix (text, "env:"))
    {
      if (door_key_value_is_word (text + strlen ("env:"), "_"))
        return true;
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE,
                      "env: must be followed by the name of a variable");
      return false;
    }
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_INLINE_SECRET,
                  "is a secret and must not stand here; write credential:NAME or file:/PATH");
  return false;
}

static bool
check_typed (const DoorKey *key, const char *text, GError **error)
{
  bool boolean;

  switch (key->type)
    {
    case DOOR_KEY_STRING:
      return true;
    case DOOR_KEY_LIST:
      return check_list (key, text, error);
    case DOOR_KEY_BOOLEAN:
      if (door_key_value_parse_boolean (text, &boolean))
        return true;
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE,
                      "\"%s\" is not one of true, false, yes, no", text);
      return false;
    case DOOR_KEY_INTEGER:
    case DOOR_KEY_DURATION:
    case DOOR_KEY_SIZE:
      return check_number (key, text, error);
    case DOOR_KEY_URL:
      if (is_url (text))
        return true;
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE,
                      "is not an absolute http or https URL without user name and fragment");
      return false;
    case DOOR_KEY_ENUM:
      return check_choice (key, text, error);
    case DOOR_KEY_PATH:
      if (g_path_is_absolute (text))
        return true;
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE, "\"%s\" is not an absolute file name",
                      text);
      return false;
    case DOOR_KEY_SECRET:
      return check_reference (text, error);
    default:
      g_return_val_if_reached (false);
    }
}

static bool
has_control_character (const char *text)
{
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (g_unichar_iscntrl (g_utf8_get_char (text)))
      return true;
  return false;
}

/**
 * door_key_value_decode:
 * @key: an entry of an option table
 * @text: its text as it stands in the file
 * @error: return location for an error
 *
 * Checks a text against the key. Never blocks.
 *
 * Returns: (transfer full): the text without escapes (a list keeps them: its items are decoded when read), or
 *   %NULL with %DOOR_ERROR_CONFIG
 */
char *
door_key_value_decode (const DoorKey *key, const char *text, GError **error)
{
  g_autofree char *plain = NULL;

  if (!g_utf8_validate (text, -1, NULL) || has_control_character (text))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE,
                      "is not UTF-8 text or has a control character");
      return NULL;
    }
  if (*text == '\0')
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_TYPE,
                      (key->flags & DOOR_KEY_FLAG_REQUIRED) != 0
                          ? "is empty, and it is required; write a value behind the ="
                          : "is empty; remove the line to use the default");
      return NULL;
    }
  plain = is_list (key) ? g_strdup (text) : decode_item (&text, false, error);
  if (plain == NULL || !check_typed (key, plain, error))
    return NULL;
  return g_steal_pointer (&plain);
}
