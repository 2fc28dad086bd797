/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-json-scan.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "door-error.h"
#include "door-text.h"

#define MAX_NUMBER 64
#define MAX_NAME_BYTES 1024
/* Anybody can choose names that fall on one another in json-glib's table, so that each is compared with all
 * before it in its object. What a document can cost is bounded by this and by the names of all. */
#define MAX_OBJECT_NAMES 512

typedef struct
{
  const char *text;
  const char *at;
  const char *end;
  const DoorJsonLimits *limits;
  size_t n_values;
  size_t n_names;
  const char *problem;
} Scanner;

static bool scan_value (Scanner *self, unsigned int depth);

static bool
fail (Scanner *self, const char *problem)
{
  if (self->problem == NULL)
    self->problem = problem;
  return false;
}

static void
skip_space (Scanner *self)
{
  while (self->at < self->end &&
         (*self->at == ' ' || *self->at == '\t' || *self->at == '\r' || *self->at == '\n'))
    self->at++;
}

static bool
next_is (const Scanner *self, char c)
{
  return self->at < self->end && *self->at == c;
}

/* The character if it is the next one, white space around it included. */
static bool
take (Scanner *self, char c)
{
  skip_space (self);
  if (!next_is (self, c))
    return false;
  self->at++;
  skip_space (self);
  return true;
}

static bool
scan_four_digits (Scanner *self, gunichar *out)
{
  gunichar value = 0;

  if (self->end - self->at < 4)
    return fail (self, "malformed escape");
  for (int i = 0; i < 4; i++, self->at++)
    {
      if (!g_ascii_isxdigit (*self->at))
        return fail (self, "malformed escape");
      value = value * 16 + (gunichar) g_ascii_xdigit_value (*self->at);
    }
  *out = value;
  return true;
}

/* What follows `\u`: a character, or both halves of one. NUL would end the text for those who read it. */
static bool
scan_unicode (Scanner *self, GString *out)
{
  gunichar first, second;

  if (!scan_four_digits (self, &first))
    return false;
  if (first == 0)
    return fail (self, "NUL in a string");
  if (first >= 0xd800 && first <= 0xdfff)
    {
      if (first >= 0xdc00 || self->end - self->at < 2 || memcmp (self->at, "\\u", 2) != 0)
        return fail (self, "half a character");
      self->at += 2;
      if (!scan_four_digits (self, &second))
        return false;
      if (second < 0xdc00 || second > 0xdfff)
        return fail (self, "half a character");
      first = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    }
  if (out != NULL)
    g_string_append_unichar (out, first);
  return true;
}

static bool
scan_escape (Scanner *self, GString *out)
{
  static const char marks[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
  const char *mark;

  if (self->at >= self->end)
    return fail (self, "the string does not end");
  if (*self->at == 'u')
    {
      self->at++;
      return scan_unicode (self, out);
    }
  mark = memchr (marks, *self->at, sizeof marks - 1);
  if (mark == NULL)
    return fail (self, "unknown escape");
  self->at++;
  if (out != NULL)
    g_string_append_c (out, meanings[mark - marks]);
  return true;
}

/* A string whose quote is next; what it means is appended to out unless that is NULL. */
static bool
scan_string (Scanner *self, GString *out)
{
  self->at++;
  while (self->at < self->end)
    {
      const char *plain = self->at;

      while (self->at < self->end && *self->at != '"' && *self->at != '\\' && (uint8_t) *self->at >= 0x20)
        self->at++;
      if (out != NULL)
        g_string_append_len (out, plain, self->at - plain);
      if (self->at >= self->end)
        break;
      if ((uint8_t) *self->at < 0x20)
        return fail (self, "control character in a string");
      if (*self->at++ == '"')
        return true;
      if (!scan_escape (self, out))
        return false;
    }
  return fail (self, "the string does not end");
}

static size_t
skip_digits (Scanner *self)
{
  const char *from = self->at;

  while (self->at < self->end && g_ascii_isdigit (*self->at))
    self->at++;
  return (size_t) (self->at - from);
}

/* RFC 8259, 6; says whether it is an integer. */
static bool
scan_number_form (Scanner *self, bool *is_integer)
{
  const char *digits;
  size_t n;

  if (next_is (self, '-'))
    self->at++;
  digits = self->at;
  n = skip_digits (self);
  if (n == 0 || (n > 1 && *digits == '0'))
    return fail (self, "malformed number");
  *is_integer = true;
  if (next_is (self, '.'))
    {
      *is_integer = false;
      self->at++;
      if (skip_digits (self) == 0)
        return fail (self, "malformed number");
    }
  if (next_is (self, 'e') || next_is (self, 'E'))
    {
      *is_integer = false;
      self->at++;
      if (next_is (self, '+') || next_is (self, '-'))
        self->at++;
      if (skip_digits (self) == 0)
        return fail (self, "malformed number");
    }
  return true;
}

static bool
scan_number (Scanner *self)
{
  const char *start = self->at;
  char text[MAX_NUMBER + 1];
  size_t length;
  int64_t value;
  bool is_integer;

  if (!scan_number_form (self, &is_integer))
    return false;
  length = (size_t) (self->at - start);
  if (length > MAX_NUMBER)
    return fail (self, "a number is too long");
  memcpy (text, start, length);
  text[length] = '\0';
  if (is_integer)
    return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &value, NULL) ||
           fail (self, "an integer is too large");
  return isfinite (g_ascii_strtod (text, NULL)) || fail (self, "a number is too large");
}

static bool
scan_word (Scanner *self)
{
  static const char *const words[] = { "true", "false", "null" };

  for (size_t i = 0; i < G_N_ELEMENTS (words); i++)
    {
      size_t length = strlen (words[i]);

      if ((size_t) (self->end - self->at) < length || memcmp (self->at, words[i], length) != 0)
        continue;
      self->at += length;
      return true;
    }
  return fail (self, "value expected");
}

static bool
scan_name (Scanner *self, GPtrArray *names)
{
  g_autoptr (GString) name = g_string_new (NULL);

  if (!next_is (self, '"'))
    return fail (self, "name expected");
  if (!scan_string (self, name))
    return false;
  if (name->len > MAX_NAME_BYTES)
    return fail (self, "a name is too long");
  g_ptr_array_add (names, g_strdup (name->str));
  if (names->len > MAX_OBJECT_NAMES || ++self->n_names > self->limits->max_names)
    return fail (self, "too many names");
  return true;
}

/* Sorting takes the same time whoever chose the names. */
static bool
check_names (Scanner *self, GPtrArray *names)
{
  g_ptr_array_sort (names, door_text_compare_items);
  for (guint i = 1; i < names->len; i++)
    if (strcmp (names->pdata[i - 1], names->pdata[i]) == 0)
      return fail (self, "the same name twice");
  return true;
}

static bool
scan_object (Scanner *self, unsigned int depth)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  self->at++;
  skip_space (self);
  if (next_is (self, '}'))
    {
      self->at++;
      return true;
    }
  do
    {
      if (!scan_name (self, names))
        return false;
      if (!take (self, ':'))
        return fail (self, "colon expected");
      if (!scan_value (self, depth + 1))
        return false;
    }
  while (take (self, ','));
  if (!next_is (self, '}'))
    return fail (self, "comma or } expected");
  self->at++;
  return check_names (self, names);
}

static bool
scan_array (Scanner *self, unsigned int depth)
{
  self->at++;
  skip_space (self);
  if (next_is (self, ']'))
    {
      self->at++;
      return true;
    }
  do
    if (!scan_value (self, depth + 1))
      return false;
  while (take (self, ','));
  if (!next_is (self, ']'))
    return fail (self, "comma or ] expected");
  self->at++;
  return true;
}

static bool
scan_value (Scanner *self, unsigned int depth)
{
  if (self->at >= self->end)
    return fail (self, "value expected");
  if (++self->n_values > self->limits->max_values)
    return fail (self, "too many values");
  if ((*self->at == '{' || *self->at == '[') && depth > self->limits->max_depth)
    return fail (self, "nested too deeply");

  switch (*self->at)
    {
    case '{':
      return scan_object (self, depth);
    case '[':
      return scan_array (self, depth);
    case '"':
      return scan_string (self, NULL);
    case '-':
    case '0' ... '9':
      return scan_number (self);
    default:
      return scan_word (self);
    }
}

static bool
scan_document (Scanner *self)
{
  if ((size_t) (self->end - self->text) > self->limits->max_bytes)
    return fail (self, "too large");
  if (!g_utf8_validate_len (self->text, (size_t) (self->end - self->text), NULL))
    return fail (self, "not UTF-8, or a NUL");
  skip_space (self);
  if (!scan_value (self, 1))
    return false;
  skip_space (self);
  return self->at == self->end || fail (self, "text after the end");
}

/* As editors count: from 1, and a column for each byte. */
static bool
refuse (const Scanner *self, GError **error)
{
  size_t line = 1;
  const char *start = self->text;

  for (const char *at = self->text; at < self->at; at++)
    if (*at == '\n')
      {
        line++;
        start = at + 1;
      }
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                         "JSON: %s at line %zu, column %zu", self->problem, line,
                         (size_t) (self->at - start) + 1);
}

/**
 * door_json_scan:
 * @text: (array length=length): JSON as received
 * @length: its size
 * @limits: how large it may be; a scalar alone has no depth
 * @error: return location for an error
 *
 * Checks a text completely before json-glib sees it: that library takes comments, trailing commas and more
 * than one value, lets the last of two equal names win, and recurses as deep as it is led. Accepted is RFC
 * 8259 in UTF-8: one value, integers of 64 bits, finite decimals; no name twice in an object, no NUL, no half
 * characters, no byte order mark. Pure; never blocks.
 *
 * Returns: whether it is such a text; if not, %DOOR_ERROR_INVALID_DATA
 */
bool
door_json_scan (const char *text, size_t length, const DoorJsonLimits *limits, GError **error)
{
  Scanner self = { .text = text, .at = text, .end = text + length, .limits = limits };

  return scan_document (&self) || refuse (&self, error);
}
