/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-keys-text.h"

#include <string.h>

static bool
is_key (const char *key)
{
  size_t base = strspn (key, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS);

  if (base == 0 || key[base] == '\0')
    return base > 0;
  return key[base] == '[' && key[strlen (key) - 1] == ']' &&
         strspn (key + base + 1, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_-") == strlen (key) - base - 2;
}

static bool
is_line (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return false;
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_iscntrl (g_utf8_get_char (c)))
      return false;
  return true;
}

/* Behind the `=` of the line with @key; NULL when this is another line. */
static const char *
match_line (const char *line, const char *key)
{
  size_t length = strlen (key);

  return strncmp (line, key, length) == 0 && line[length] == '=' ? line + length + 1 : NULL;
}

/**
 * door_keys_text_add:
 * @content: lines of keys, in the syntax of the configuration files
 * @key: a key, "Title" or "Title[de]"
 * @text: its text
 *
 * Adds one line.
 *
 * Returns: false when @key and @text would not be exactly one
 */
bool
door_keys_text_add (GString *content, const char *key, const char *text)
{
  if (!is_key (key) || !is_line (text))
    return false;
  g_string_append_printf (content, "%s=%s\n", key, text);
  return true;
}

/**
 * door_keys_text_dup:
 * @content: lines of keys
 * @key: a key
 *
 * Returns: (transfer full) (nullable): the text of its first line; %NULL when there is none
 */
char *
door_keys_text_dup (const char *content, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (content, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    {
      const char *text = match_line (*line, key);

      if (text != NULL)
        return g_strdup (text);
    }
  return NULL;
}

/**
 * door_keys_text_dup_without:
 * @content: lines of keys
 * @keys: (array zero-terminated=1): keys
 *
 * Returns: (transfer full): the lines of all other keys
 */
char *
door_keys_text_dup_without (const char *content, const char *const *keys)
{
  g_auto (GStrv) lines = g_strsplit (content, "\n", -1);
  GString *kept = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    {
      bool dropped = **line == '\0';

      for (const char *const *key = keys; *key != NULL && !dropped; key++)
        dropped = match_line (*line, *key) != NULL;
      if (!dropped)
        g_string_append_printf (kept, "%s\n", *line);
    }
  return g_string_free (kept, FALSE);
}
