/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-base64url.h"

#include <stdbool.h>
#include <string.h>

/**
 * door_base64url_encode:
 * @data: (array length=size): bytes
 * @size: their number
 *
 * Returns: (transfer full): base64url without padding (RFC 4648, 5)
 */
char *
door_base64url_encode (const uint8_t *data, size_t size)
{
  char *text = g_base64_encode (data, size);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

static bool
is_base64 (char c)
{
  return g_ascii_isalnum (c) || c == '+' || c == '/';
}

/* Copies the alphabet and up to two pads, drops white space; false on anything else. */
static bool
copy_alphabet (const char *text, size_t length, char *out, size_t *count)
{
  size_t n = 0, pads = 0;

  for (size_t i = 0; i < length; i++)
    {
      char c = text[i];

      if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        continue;
      if (c == '=')
        pads++;
      else if (!is_base64 (c) || pads > 0)
        return false;
      out[n++] = c;
    }
  *count = n;
  return n % 4 == 0 && pads <= 2;
}

/**
 * door_base64_decode_strict:
 * @text: (array length=length): base64 with padding; white space is allowed anywhere
 * @length: number of characters
 * @max_bytes: most bytes the result may have
 *
 * Decodes standard base64 (RFC 4648, 4) and refuses every other character.
 *
 * Returns: (transfer full) (nullable): the bytes, %NULL when malformed or too long
 */
GBytes *
door_base64_decode_strict (const char *text, size_t length, size_t max_bytes)
{
  g_autofree char *clean = NULL;
  size_t count = 0;
  gsize size = 0;

  if (length > max_bytes * 2 + 16)
    return NULL;
  clean = g_malloc (length + 1);
  if (!copy_alphabet (text, length, clean, &count))
    return NULL;
  clean[count] = '\0';
  if (count > 0)
    g_base64_decode_inplace (clean, &size);
  if (size > max_bytes)
    return NULL;
  return g_bytes_new_take (g_steal_pointer (&clean), size);
}
