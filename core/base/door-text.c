/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-text.h"

#include <stdint.h>
#include <string.h>

#include <glib.h>

/**
 * door_text_is_plain_char:
 * @c: a character
 *
 * Control characters, C1 included, speak to a terminal; line and paragraph separators break a log line;
 * overrides and isolates of direction make a text read as another (Unicode Technical Report 36, 2.1).
 *
 * Returns: whether @c is none of these
 */
bool
door_text_is_plain_char (uint32_t c)
{
  return !g_unichar_iscntrl (c) && c != 0x2028 && c != 0x2029 && !(c >= 0x202a && c <= 0x202e) &&
         !(c >= 0x2066 && c <= 0x2069);
}

/**
 * door_text_is_plain:
 * @text: any bytes
 *
 * Returns: whether @text is UTF-8 that shows as what it is, on one line of a terminal
 */
bool
door_text_is_plain (const char *text)
{
  if (!g_utf8_validate (text, -1, NULL))
    return false;
  for (; *text != '\0'; text = g_utf8_next_char (text))
    if (!door_text_is_plain_char (g_utf8_get_char (text)))
      return false;
  return true;
}

static char *
dup_plain (const char *text, size_t max_bytes, const char *kept)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *line = g_string_new (NULL);

  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      bool plain = door_text_is_plain_char (c) || strchr (kept, *at) != NULL;
      char bytes[6];
      size_t size = (size_t) g_unichar_to_utf8 (plain ? c : 0xfffd, bytes);

      if (line->len + size > max_bytes)
        break;
      g_string_append_len (line, bytes, (gssize) size);
    }
  return g_string_free (line, FALSE);
}

/**
 * door_text_dup_line:
 * @text: any bytes, in part from a stranger
 * @max_bytes: most bytes of the result
 *
 * Makes a text fit for one line of a log, a record or a terminal: what is not UTF-8 or not plain becomes
 * U+FFFD, and what is too long is cut between two characters. Never blocks.
 *
 * Returns: (transfer full): the line
 */
char *
door_text_dup_line (const char *text, size_t max_bytes)
{
  return dup_plain (text, max_bytes, "");
}

/**
 * door_text_dup_lines:
 * @text: any bytes, in part from a stranger
 *
 * The same of a text of several lines for a terminal: ends of lines and tabulators stay. Never blocks.
 *
 * Returns: (transfer full): the lines
 */
char *
door_text_dup_lines (const char *text)
{
  return dup_plain (text, SIZE_MAX, "\n\t");
}

/**
 * door_text_compare_items:
 * @a: an item of an array of strings
 * @b: another
 *
 * For qsort() and g_ptr_array_sort(), which give the places of two items. Sorts by bytes.
 *
 * Returns: as strcmp()
 */
int
door_text_compare_items (const void *a, const void *b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}
