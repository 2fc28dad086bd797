/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-saml-prescan.h"

#include <string.h>

#define MAX_TAG_BYTES 8192
#define MAX_ATTRIBUTES 64
#define MAX_DEPTH 64
#define MAX_NAMESPACES 64 /* declared by all open elements together */

typedef struct
{
  const char *start;
  const char *at;
  const char *end;
  const DoorSamlLimits *limits;
  unsigned int depth;
  unsigned int in_scope;
  uint64_t work;
  unsigned int declared[MAX_DEPTH];
} Scanner;

static bool
refuse (const Scanner *scanner, const char *reason, GError **error)
{
  door_error_set (error, DOOR_ERROR_INVALID_DATA, scanner->limits->fault,
                  "XML refused at byte %" G_GSIZE_FORMAT ": %s", (gsize) (scanner->at - scanner->start),
                  reason);
  return false;
}

static bool
starts_with (const Scanner *scanner, const char *text)
{
  size_t length = strlen (text);

  return (size_t) (scanner->end - scanner->at) >= length && memcmp (scanner->at, text, length) == 0;
}

static bool
skip_past (Scanner *scanner, const char *text)
{
  const char *hit = memmem (scanner->at, (size_t) (scanner->end - scanner->at), text, strlen (text));

  if (hit != NULL)
    scanner->at = hit + strlen (text);
  return hit != NULL;
}

static bool
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
skip_space (Scanner *scanner)
{
  while (scanner->at < scanner->end && is_space (*scanner->at))
    scanner->at++;
}

static size_t
skip_name (Scanner *scanner)
{
  const char *from = scanner->at;

  while (scanner->at < scanner->end && !is_space (*scanner->at) && strchr ("=/><\"'", *scanner->at) == NULL)
    scanner->at++;
  return (size_t) (scanner->at - from);
}

/* The parser is told that the document is UTF-8; a declaration that says otherwise is a trick. */
static bool
check_declaration (Scanner *scanner, GError **error)
{
  const char *from = scanner->at;
  g_autofree char *text = NULL;
  const char *encoding;

  if (!starts_with (scanner, "<?xml") || scanner->end - from < 6 || !is_space (from[5]))
    return true;
  if (!skip_past (scanner, "?>"))
    return refuse (scanner, "the XML declaration does not end", error);
  text = g_ascii_strdown (from, scanner->at - from);
  encoding = strstr (text, "encoding");
  if (encoding == NULL)
    return true;
  encoding += strlen ("encoding");
  encoding += strspn (encoding, " \t\r\n=\"'");
  if (!g_str_has_prefix (encoding, "utf-8") || strchr ("\"'", encoding[5]) == NULL)
    return refuse (scanner, "an encoding other than UTF-8 is declared", error);
  return true;
}

/* One attribute, the name of which begins here. */
static bool
scan_attribute (Scanner *scanner, unsigned int *namespaces, GError **error)
{
  const char *name = scanner->at;
  size_t length = skip_name (scanner);
  char quote;

  if (length == 0)
    return refuse (scanner, "a tag is malformed", error);
  if (length >= 5 && memcmp (name, "xmlns", 5) == 0)
    (*namespaces)++;
  skip_space (scanner);
  if (scanner->at == scanner->end || *scanner->at != '=')
    return refuse (scanner, "an attribute has no value", error);
  scanner->at++;
  skip_space (scanner);
  if (scanner->at == scanner->end || (*scanner->at != '"' && *scanner->at != '\''))
    return refuse (scanner, "an attribute value has no quotes", error);
  quote = *scanner->at++;
  while (scanner->at < scanner->end && *scanner->at != quote && *scanner->at != '<')
    scanner->at++;
  if (scanner->at == scanner->end || *scanner->at != quote)
    return refuse (scanner, "an attribute value does not end", error);
  scanner->at++;
  return true;
}

static bool
open_element (Scanner *scanner, unsigned int namespaces, GError **error)
{
  if (scanner->depth == MAX_DEPTH)
    return refuse (scanner, "elements are nested too deeply", error);
  if (scanner->in_scope + namespaces > MAX_NAMESPACES)
    return refuse (scanner, "too many namespaces are in scope", error);
  scanner->declared[scanner->depth++] = namespaces;
  scanner->in_scope += namespaces;
  scanner->work += (uint64_t) scanner->depth * (scanner->in_scope + 1);
  if (scanner->work > scanner->limits->max_work)
    return refuse (scanner, "too many elements for their depth and namespaces", error);
  return true;
}

static bool
close_element (Scanner *scanner, GError **error)
{
  if (scanner->depth == 0)
    return refuse (scanner, "an element ends that never began", error);
  scanner->in_scope -= scanner->declared[--scanner->depth];
  return true;
}

static bool
scan_start_tag (Scanner *scanner, GError **error)
{
  const char *from = scanner->at++;
  unsigned int attributes = 0, namespaces = 0;
  bool empty;

  if (skip_name (scanner) == 0)
    return refuse (scanner, "a tag is malformed", error);
  for (skip_space (scanner); scanner->at < scanner->end && *scanner->at != '>' && *scanner->at != '/';
       skip_space (scanner))
    {
      if (++attributes > MAX_ATTRIBUTES)
        return refuse (scanner, "a tag has too many attributes", error);
      if (!scan_attribute (scanner, &namespaces, error))
        return false;
    }
  empty = starts_with (scanner, "/");
  scanner->at += empty ? 1 : 0;
  if (!starts_with (scanner, ">"))
    return refuse (scanner, "a tag does not end", error);
  scanner->at++;
  if (scanner->at - from > MAX_TAG_BYTES)
    return refuse (scanner, "a tag is too long", error);
  return open_element (scanner, namespaces, error) && (!empty || close_element (scanner, error));
}

static bool
scan_markup (Scanner *scanner, GError **error)
{
  if (starts_with (scanner, "<!--"))
    {
      scanner->at += 4;
      return skip_past (scanner, "-->") || refuse (scanner, "a comment does not end", error);
    }
  if (starts_with (scanner, "<![CDATA["))
    return skip_past (scanner, "]]>") || refuse (scanner, "a CDATA section does not end", error);
  if (starts_with (scanner, "<!"))
    return refuse (scanner, "a document type or other declaration is not allowed", error);
  if (starts_with (scanner, "<?"))
    {
      if (!scanner->limits->allow_instructions)
        return refuse (scanner, "a processing instruction is not allowed", error);
      return skip_past (scanner, "?>") || refuse (scanner, "a processing instruction does not end", error);
    }
  if (starts_with (scanner, "</"))
    return close_element (scanner, error) &&
           (skip_past (scanner, ">") || refuse (scanner, "a tag does not end", error));
  return scan_start_tag (scanner, error);
}

/**
 * door_saml_prescan:
 * @data: (array length=size): an XML document as received
 * @size: number of bytes
 * @limits: what is allowed
 * @error: return location for an error
 *
 * Reads the document lexically, in one pass and without memory, and refuses what must not reach an XML
 * parser: other encodings than UTF-8, a document type, processing instructions, tags and nesting that make
 * parsing or canonicalisation expensive. Says nothing about well-formedness. Never blocks.
 *
 * Returns: true when a parser may have the document, false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_saml_prescan (const char *data, size_t size, const DoorSamlLimits *limits, GError **error)
{
  Scanner scanner = { .start = data, .at = data, .end = data + size, .limits = limits };

  if (size > limits->max_bytes)
    return refuse (&scanner, "the document is too large", error);
  if (!g_utf8_validate_len (data, size, &scanner.at))
    return refuse (&scanner, "this is not UTF-8", error);
  scanner.at = data;
  if (starts_with (&scanner, "\xef\xbb\xbf"))
    scanner.at += 3;
  if (!check_declaration (&scanner, error))
    return false;
  skip_space (&scanner);
  if (!starts_with (&scanner, "<"))
    return refuse (&scanner, "this is not XML", error);
  while ((scanner.at = memchr (scanner.at, '<', (size_t) (scanner.end - scanner.at))) != NULL)
    if (!scan_markup (&scanner, error))
      return false;
  return true;
}
