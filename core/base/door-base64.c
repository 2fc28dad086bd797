/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-base64.h"

#include <stdbool.h>
#include <string.h>

/**
 * door_base64_encode_url:
 * @data: (array length=size): bytes
 * @size: their number
 *
 * Returns: (transfer full): base64url without padding (RFC 4648, 5)
 */
char *
door_base64_encode_url (const uint8_t *data, size_t size)
{
  char *text = g_base64_encode (data, size);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

/* What a character of base64 is; signatures of devices are long, and each message has one. */
enum
{
  OTHER,
  DIGIT,
  PAD,
  SPACE,
};

static const uint8_t kinds[256] = {
  ['A' ... 'Z'] = DIGIT, ['a' ... 'z'] = DIGIT, ['0' ... '9'] = DIGIT, ['+'] = DIGIT,  ['/'] = DIGIT,
  ['='] = PAD,           [' '] = SPACE,         ['\t'] = SPACE,        ['\r'] = SPACE, ['\n'] = SPACE,
};

/* Copies the alphabet and up to two pads, drops white space; false on anything else. */
static bool
copy_alphabet (const char *text, size_t length, char *out, size_t *count)
{
  size_t n = 0, pads = 0;

  for (size_t i = 0; i < length; i++)
    {
      uint8_t kind = kinds[(uint8_t) text[i]];

      if (kind == SPACE)
        continue;
      if (kind == PAD)
        pads++;
      else if (kind == OTHER || pads > 0)
        return false;
      out[n++] = text[i];
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
