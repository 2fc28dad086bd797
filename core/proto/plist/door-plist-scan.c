/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-plist-scan.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "door-error.h"
#include "door-text.h"

#define MAX_SCALAR 64
#define MAX_PROLOGUE 512
#define MAX_KEY_BYTES 1024
/* Anybody can choose keys that fall on one another in libplist's table, so that each is compared with all
 * before it in its dict. What a list can cost is bounded by both numbers; no message of a device comes near
 * the one, and a report on some seven hundred apps fits the other. */
#define MAX_DICT_KEYS 256
#define MAX_KEYS 8192

typedef struct
{
  const char *text;
  const char *at;
  const char *end;
  GArray *dates;
  size_t n_values;
  size_t n_keys;
  const char *problem;
} Scanner;

typedef enum
{
  TAG_OPEN,
  TAG_CLOSE,
  TAG_EMPTY,
} TagKind;

typedef struct
{
  TagKind kind;
  const char *name;
  size_t name_length;
} Tag;

typedef struct
{
  const char *start;
  size_t length;
} Span;

static bool scan_value (Scanner *self, const Tag *tag, int depth);

static bool
fail (Scanner *self, const char *problem)
{
  if (self->problem == NULL)
    self->problem = problem;
  return false;
}

static bool
starts_with (const Scanner *self, const char *prefix)
{
  size_t length = strlen (prefix);

  return (size_t) (self->end - self->at) >= length && memcmp (self->at, prefix, length) == 0;
}

static bool
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_space (Scanner *self)
{
  while (self->at < self->end && is_space (*self->at))
    self->at++;
}

static bool
skip_space_and_comments (Scanner *self)
{
  for (skip_space (self); starts_with (self, "<!--"); skip_space (self))
    {
      const char *dashes = memmem (self->at + 4, (size_t) (self->end - self->at) - 4, "--", 2);

      if (dashes == NULL || dashes + 2 >= self->end || dashes[2] != '>')
        return fail (self, "malformed comment");
      self->at = dashes + 3;
    }
  return true;
}

/* `<?xml version="1.0" encoding="UTF-8"?>`: nothing but UTF-8 may be declared. */
static bool
skip_declaration (Scanner *self)
{
  g_autofree char *declaration = NULL;
  const char *close = NULL, *encoding = NULL;
  size_t size;

  if (!starts_with (self, "<?xml "))
    return true;
  size = MIN ((size_t) (self->end - self->at), MAX_PROLOGUE);
  close = memmem (self->at, size, "?>", 2);
  if (close == NULL)
    return fail (self, "malformed XML declaration");
  declaration = g_ascii_strdown (self->at, close - self->at);
  encoding = strstr (declaration, "encoding");
  if (encoding != NULL && strstr (encoding, "\"utf-8\"") == NULL && strstr (encoding, "'utf-8'") == NULL)
    return fail (self, "encoding is not UTF-8");
  self->at = close + 2;
  return true;
}

/* Apple's DOCTYPE names a DTD that nobody loads; an internal subset could declare entities. */
static bool
skip_doctype (Scanner *self)
{
  const char *close = NULL;
  size_t size;

  if (!starts_with (self, "<!DOCTYPE plist"))
    return true;
  size = MIN ((size_t) (self->end - self->at), MAX_PROLOGUE);
  close = memchr (self->at, '>', size);
  if (close == NULL || memchr (self->at, '[', (size_t) (close - self->at)) != NULL)
    return fail (self, "malformed DOCTYPE or one with an internal subset");
  self->at = close + 1;
  return true;
}

static bool
tag_is (const Tag *tag, const char *name)
{
  return strlen (name) == tag->name_length && memcmp (tag->name, name, tag->name_length) == 0;
}

/* No element of a property list but the root has attributes. */
static bool
scan_tag (Scanner *self, Tag *tag)
{
  if (self->at >= self->end || *self->at != '<')
    return fail (self, "text where an element is expected");
  self->at++;
  tag->kind = TAG_OPEN;
  if (self->at < self->end && *self->at == '/')
    {
      tag->kind = TAG_CLOSE;
      self->at++;
    }
  tag->name = self->at;
  while (self->at < self->end && *self->at >= 'a' && *self->at <= 'z')
    self->at++;
  tag->name_length = (size_t) (self->at - tag->name);
  skip_space (self);
  if (tag->kind == TAG_OPEN && self->at < self->end && *self->at == '/')
    {
      tag->kind = TAG_EMPTY;
      self->at++;
    }
  if (self->at >= self->end || *self->at != '>')
    return fail (self, "malformed tag");
  self->at++;
  return true;
}

static bool
scan_root_tag (Scanner *self)
{
  const char *close = NULL;
  size_t size = MIN ((size_t) (self->end - self->at), MAX_PROLOGUE);

  if (!starts_with (self, "<plist>") && !starts_with (self, "<plist "))
    return fail (self, "the root is not plist");
  close = memchr (self->at, '>', size);
  if (close == NULL || close[-1] == '/' ||
      memchr (self->at + 1, '<', (size_t) (close - self->at) - 1) != NULL)
    return fail (self, "malformed plist tag");
  self->at = close + 1;
  return true;
}

static bool
is_xml_char (uint64_t c)
{
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
         (c >= 0x10000 && c <= 0x10ffff);
}

static bool
decode_numeric (const char *digits, gunichar *out)
{
  bool hex = digits[0] == 'x';
  uint64_t value;

  if (hex)
    digits++;
  if (!(hex ? g_ascii_isxdigit (digits[0]) : g_ascii_isdigit (digits[0])) ||
      !g_ascii_string_to_unsigned (digits, hex ? 16 : 10, 0, G_MAXUINT32, &value, NULL) ||
      !is_xml_char (value))
    return false;
  *out = (gunichar) value;
  return true;
}

/* One of the five predefined entities or a character reference; a property list declares no others. */
static bool
decode_reference (const char *start, size_t length, gunichar *out)
{
  static const struct
  {
    const char *name;
    gunichar character;
  } known[] = { { "lt", '<' }, { "gt", '>' }, { "amp", '&' }, { "apos", '\'' }, { "quot", '"' } };
  g_autofree char *name = g_strndup (start, length);

  if (name[0] == '#')
    return decode_numeric (name + 1, out);
  for (size_t i = 0; i < G_N_ELEMENTS (known); i++)
    if (strcmp (name, known[i].name) == 0)
      {
        *out = known[i].character;
        return true;
      }
  return false;
}

/* Checks every reference of the text; appends what it means to out unless that is NULL. */
static bool
decode_text (Scanner *self, const Span *span, GString *out)
{
  const char *at = span->start, *end = span->start + span->length;

  while (at < end)
    {
      const char *reference = memchr (at, '&', (size_t) (end - at)), *semicolon = NULL;
      gunichar character;

      if (out != NULL)
        g_string_append_len (out, at, (reference != NULL ? reference : end) - at);
      if (reference == NULL)
        return true;
      semicolon = memchr (reference, ';', MIN ((size_t) (end - reference), 12));
      if (semicolon == NULL ||
          !decode_reference (reference + 1, (size_t) (semicolon - reference) - 1, &character))
        return fail (self, "unknown entity");
      if (out != NULL)
        g_string_append_unichar (out, character);
      at = semicolon + 1;
    }
  return true;
}

/* The text of the element up to its own closing tag; an empty element has none. */
static bool
scan_text (Scanner *self, const Tag *tag, Span *span)
{
  Tag close;

  span->start = self->at;
  span->length = 0;
  if (tag->kind == TAG_EMPTY)
    return true;
  while (self->at < self->end && *self->at != '<')
    self->at++;
  span->length = (size_t) (self->at - span->start);
  if (!scan_tag (self, &close))
    return false;
  if (close.kind != TAG_CLOSE || close.name_length != tag->name_length ||
      memcmp (close.name, tag->name, tag->name_length) != 0)
    return fail (self, "wrong closing tag");
  return true;
}

static size_t
count_digits (const char *text)
{
  size_t n = 0;

  while (g_ascii_isdigit (text[n]))
    n++;
  return n;
}

/* A leading zero would make the number octal for libplist. */
static bool
is_integer (const char *text)
{
  const char *digits = text[0] == '-' ? text + 1 : text;
  size_t n = count_digits (digits);
  int64_t value;

  return n > 0 && digits[n] == '\0' && (digits[0] != '0' || (n == 1 && digits == text)) &&
         g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &value, NULL);
}

static bool
is_real (const char *text)
{
  const char *at = text[0] == '-' ? text + 1 : text;
  size_t n = count_digits (at);

  if (n == 0)
    return false;
  at += n;
  if (at[0] == '.')
    {
      n = count_digits (at + 1);
      if (n == 0)
        return false;
      at += n + 1;
    }
  if (at[0] == 'e' || at[0] == 'E')
    {
      at += at[1] == '-' || at[1] == '+' ? 2 : 1;
      n = count_digits (at);
      if (n == 0)
        return false;
      at += n;
    }
  return at[0] == '\0' && isfinite (g_ascii_strtod (text, NULL));
}

static bool
parse_date (const char *text, int64_t *out)
{
  static const char pattern[] = "dddd-dd-ddTdd:dd:ddZ";
  g_autoptr (GDateTime) date = NULL;

  if (strlen (text) != sizeof pattern - 1)
    return false;
  for (size_t i = 0; pattern[i] != '\0'; i++)
    if (pattern[i] == 'd' ? !g_ascii_isdigit (text[i]) : text[i] != pattern[i])
      return false;
  date = g_date_time_new_from_iso8601 (text, NULL);
  if (date == NULL)
    return false;
  *out = g_date_time_to_unix (date);
  return true;
}

static bool
is_base64 (const Span *span)
{
  size_t n = 0, pads = 0;

  for (size_t i = 0; i < span->length; i++)
    {
      char c = span->start[i];

      if (is_space (c))
        continue;
      if (c == '=')
        pads++;
      else if (pads > 0 || !(g_ascii_isalnum (c) || c == '+' || c == '/'))
        return false;
      n++;
    }
  return n % 4 == 0 && pads <= 2;
}

static bool
scan_number_or_date (Scanner *self, const Tag *tag)
{
  char text[MAX_SCALAR + 1];
  Span span;
  int64_t date;

  if (!scan_text (self, tag, &span))
    return false;
  if (span.length > MAX_SCALAR)
    return fail (self, "a number or date is too long");
  memcpy (text, span.start, span.length);
  text[span.length] = '\0';
  if (tag_is (tag, "integer"))
    return is_integer (text) || fail (self, "malformed integer");
  if (tag_is (tag, "real"))
    return is_real (text) || fail (self, "malformed real");
  if (!parse_date (text, &date))
    return fail (self, "malformed date");
  g_array_append_val (self->dates, date);
  return true;
}

static bool
scan_key (Scanner *self, GPtrArray *keys)
{
  g_autoptr (GString) key = g_string_new (NULL);
  Tag tag;
  Span span;

  if (!scan_tag (self, &tag))
    return false;
  if (tag.kind != TAG_OPEN || !tag_is (&tag, "key"))
    return fail (self, "key expected");
  if (!scan_text (self, &tag, &span) || !decode_text (self, &span, key))
    return false;
  if (key->len == 0 || key->len > MAX_KEY_BYTES)
    return fail (self, "empty or too long key");
  g_ptr_array_add (keys, g_strdup (key->str));
  if (keys->len > MAX_DICT_KEYS || ++self->n_keys > MAX_KEYS)
    return fail (self, "too many keys");
  return true;
}

/* Sorting takes the same time whoever chose the keys. */
static bool
check_keys (Scanner *self, GPtrArray *keys)
{
  g_ptr_array_sort (keys, door_text_compare_items);
  for (guint i = 1; i < keys->len; i++)
    if (strcmp (keys->pdata[i - 1], keys->pdata[i]) == 0)
      return fail (self, "the same key twice");
  return true;
}

static bool
scan_dict (Scanner *self, int depth)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  Tag tag;

  while (true)
    {
      if (!skip_space_and_comments (self))
        return false;
      if (starts_with (self, "</"))
        break;
      if (!scan_key (self, keys) || !skip_space_and_comments (self) || !scan_tag (self, &tag) ||
          !scan_value (self, &tag, depth + 1))
        return false;
    }
  return check_keys (self, keys) && scan_tag (self, &tag) &&
         (tag_is (&tag, "dict") || fail (self, "wrong closing tag"));
}

static bool
scan_array (Scanner *self, int depth)
{
  Tag tag;

  while (true)
    {
      if (!skip_space_and_comments (self))
        return false;
      if (starts_with (self, "</"))
        break;
      if (!scan_tag (self, &tag) || !scan_value (self, &tag, depth + 1))
        return false;
    }
  return scan_tag (self, &tag) && (tag_is (&tag, "array") || fail (self, "wrong closing tag"));
}

/* A value whose opening tag has been read. */
static bool
scan_value (Scanner *self, const Tag *tag, int depth)
{
  Span span;

  if (tag->kind == TAG_CLOSE)
    return fail (self, "value expected");
  if (depth > DOOR_PLIST_MAX_DEPTH)
    return fail (self, "nested too deeply");
  if (++self->n_values > DOOR_PLIST_MAX_VALUES)
    return fail (self, "too many values");

  if (tag_is (tag, "dict"))
    return tag->kind == TAG_EMPTY || scan_dict (self, depth);
  if (tag_is (tag, "array"))
    return tag->kind == TAG_EMPTY || scan_array (self, depth);
  if (tag_is (tag, "true") || tag_is (tag, "false"))
    return tag->kind == TAG_EMPTY || fail (self, "a boolean has no content");
  if (tag_is (tag, "integer") || tag_is (tag, "real") || tag_is (tag, "date"))
    return scan_number_or_date (self, tag);
  if (!tag_is (tag, "string") && !tag_is (tag, "data"))
    return fail (self, "unknown element");
  if (!scan_text (self, tag, &span))
    return false;
  if (tag_is (tag, "string"))
    return decode_text (self, &span, NULL);
  return is_base64 (&span) || fail (self, "malformed data");
}

static bool
check_characters (Scanner *self)
{
  if (!g_utf8_validate_len (self->text, (size_t) (self->end - self->text), NULL))
    return fail (self, "not UTF-8");
  for (const char *at = self->text; at < self->end; at++)
    if ((unsigned char) *at < 0x20 && !is_space (*at))
      return fail (self, "control character");
  return true;
}

static bool
scan_document (Scanner *self)
{
  Tag tag;

  if (starts_with (self, "bplist"))
    return fail (self, "binary property lists are not accepted");
  if (!check_characters (self))
    return false;
  skip_space (self);
  if (!skip_declaration (self) || !skip_space_and_comments (self) || !skip_doctype (self) ||
      !skip_space_and_comments (self) || !scan_root_tag (self) || !skip_space_and_comments (self) ||
      !scan_tag (self, &tag))
    return false;
  if (!tag_is (&tag, "dict"))
    return fail (self, "the root value is not a dict");
  if (!scan_value (self, &tag, 1) || !skip_space_and_comments (self) || !scan_tag (self, &tag))
    return false;
  if (tag.kind != TAG_CLOSE || !tag_is (&tag, "plist"))
    return fail (self, "wrong closing tag");
  if (!skip_space_and_comments (self))
    return false;
  return self->at == self->end || fail (self, "text after the end");
}

/**
 * door_plist_scan:
 * @text: (array length=length): an XML property list as received
 * @length: its size
 * @dates: (element-type gint64): the dates of the document are added here, in document order, as
 *   seconds since 1970
 * @n_values: (out): number of values, the root included
 * @error: return location for an error
 *
 * Checks a property list completely before libplist sees it: that library has no limits, takes
 * malformed numbers and lets the last of two equal keys win. Accepted is what Apple's DTD allows with
 * UTF-8 text, a dict as root, at most %DOOR_PLIST_MAX_DEPTH levels and %DOOR_PLIST_MAX_VALUES values;
 * refused are binary lists, internal DTD subsets, CDATA, processing instructions, attributes, unknown
 * entities and repeated keys. Pure; never blocks.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA
 */
gboolean
door_plist_scan (const char *text, size_t length, GArray *dates, size_t *n_values, GError **error)
{
  Scanner self = { .text = text, .at = text, .end = text + length, .dates = dates };

  if (!scan_document (&self))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_DEV_MESSAGE, "property list: %s at byte %zu",
                      self.problem, (size_t) (self.at - self.text));
      return FALSE;
    }
  *n_values = self.n_values;
  return TRUE;
}
