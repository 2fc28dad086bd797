/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-language.h"

#include <string.h>

#define MAX_TAG 35
#define MAX_HEADER 512
#define MAX_RANGES 16

/* "pt-BR", "pt_BR" and "PT-br" are the same language. */
static bool
is_same_tag (const char *a, size_t a_length, const char *b)
{
  if (strlen (b) != a_length)
    return false;
  for (size_t i = 0; i < a_length; i++)
    {
      char x = a[i] == '_' ? '-' : g_ascii_tolower (a[i]), y = b[i] == '_' ? '-' : g_ascii_tolower (b[i]);

      if (x != y)
        return false;
    }
  return true;
}

static bool
is_tag (const char *tag, size_t length)
{
  if (length == 0 || length > MAX_TAG)
    return false;
  for (size_t i = 0; i < length; i++)
    if (!g_ascii_isalnum (tag[i]) && tag[i] != '-' && tag[i] != '_')
      return false;
  return true;
}

/* Lookup as in RFC 4647, 3.4: the tag is shortened at its end until something fits. */
static const char *
lookup (const char *const *available, const char *tag, size_t length)
{
  while (is_tag (tag, length))
    {
      for (size_t i = 0; available[i] != NULL; i++)
        if (is_same_tag (tag, length, available[i]))
          return available[i];
      while (length > 0 && tag[length - 1] != '-' && tag[length - 1] != '_')
        length--;
      length = length > 0 ? length - 1 : 0;
    }
  return NULL;
}

/* Thousandths, as in RFC 9110, 12.4.2; -1 when malformed. */
static int
parse_weight (const char *text, size_t length)
{
  int weight, scale = 100;

  if (length == 0 || length > 5 || (text[0] != '0' && text[0] != '1') || (length > 1 && text[1] != '.'))
    return -1;
  weight = text[0] == '1' ? 1000 : 0;
  for (size_t i = 2; i < length; i++, scale /= 10)
    {
      if (!g_ascii_isdigit (text[i]))
        return -1;
      weight += (text[i] - '0') * scale;
    }
  return weight <= 1000 ? weight : -1;
}

static size_t
skip_space (const char *text, size_t length, size_t at)
{
  while (at < length && (text[at] == ' ' || text[at] == '\t'))
    at++;
  return at;
}

/* `de-CH;q=0.8`; a range that is malformed has no weight and is passed over. */
static int
parse_range (const char *range, size_t length, const char **tag, size_t *tag_length)
{
  size_t start = skip_space (range, length, 0), end = start, at;

  while (end < length && strchr (" \t;", range[end]) == NULL)
    end++;
  *tag = range + start;
  *tag_length = end - start;
  at = skip_space (range, length, end);
  if (at == length)
    return 1000;
  if (range[at] != ';')
    return 0;
  at = skip_space (range, length, at + 1);
  if (length - at < 2 || g_ascii_tolower (range[at]) != 'q' || range[at + 1] != '=')
    return 0;
  while (length > at && (range[length - 1] == ' ' || range[length - 1] == '\t'))
    length--;
  return parse_weight (range + at + 2, length - at - 2);
}

static const char *
choose_by_header (const char *const *available, const char *header)
{
  const char *best = NULL;
  int best_weight = 0;

  if (header == NULL || strlen (header) > MAX_HEADER)
    return NULL;
  for (int i = 0; i < MAX_RANGES && *header != '\0'; i++)
    {
      size_t length = strcspn (header, ","), tag_length = 0;
      const char *tag = NULL, *found = NULL;
      int weight = parse_range (header, length, &tag, &tag_length);

      if (weight > best_weight)
        found = lookup (available, tag, tag_length);
      if (found != NULL)
        {
          best = found;
          best_weight = weight;
        }
      header += length;
      header += *header == ',';
    }
  return best;
}

/**
 * door_language_choose:
 * @available: (array zero-terminated=1): the languages there are
 * @query: (nullable): what a link on the page asked for (`?lang=`)
 * @device: (nullable): what the device named as its language
 * @accept_language: (nullable): the Accept-Language header as received (RFC 9110, 12.5.4)
 *
 * The first of these that names a language of @available decides, else it is English. Regions fall back
 * to their language ("de-CH" to "de"). Of the header the first 16 ranges count, and it is not read when
 * longer than 512 bytes; equal weights keep their order; `*` and malformed ranges are passed over. Pure.
 *
 * Returns: (transfer none): an element of @available or %DOOR_LANGUAGE_SOURCE
 */
const char *
door_language_choose (const char *const *available, const char *query, const char *device,
                      const char *accept_language)
{
  const char *found = query != NULL ? lookup (available, query, strlen (query)) : NULL;

  if (found == NULL && device != NULL)
    found = lookup (available, device, strlen (device));
  if (found == NULL)
    found = choose_by_header (available, accept_language);
  return found != NULL ? found : DOOR_LANGUAGE_SOURCE;
}

/**
 * door_language_is_right_to_left:
 * @language: a language
 *
 * Returns: whether its script runs from right to left
 */
bool
door_language_is_right_to_left (const char *language)
{
  static const char *const languages[] = { "ar", "dv", "fa", "he", "ps", "ur", "yi", NULL };
  g_autofree char *primary = g_strndup (language, strcspn (language, "-_"));

  return g_strv_contains (languages, primary);
}
