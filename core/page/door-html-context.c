/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-html-context.h"

#include <string.h>

#include <glib.h>

#include "door-html-escape.h"

static bool
fail (DoorHtmlContext *self, const char *problem)
{
  self->problem = problem;
  return false;
}

static bool
is_space (char c)
{
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
append (char *buffer, size_t size, char c)
{
  size_t length = strlen (buffer);

  if (length + 1 >= size)
    return false;
  buffer[length] = c;
  buffer[length + 1] = '\0';
  return true;
}

/* Scripts and styles are files of their own; the others load foreign content, change what addresses mean
 * or are read by browsers in a way this scanner does not follow. A frame may be there if it can do nothing
 * but show what is in it. */
static bool
is_forbidden_tag (const char *tag)
{
  static const char *const tags[] = { "script",  "style",    "frame",     "frameset", "object",   "embed",
                                      "applet",  "base",     "noscript",  "xmp",      "template", "math",
                                      "noembed", "noframes", "plaintext", NULL };

  return g_strv_contains (tags, tag);
}

static bool
is_forbidden_attribute (const char *name)
{
  static const char *const names[] = { "style", "srcdoc", "srcset", "ping", "http-equiv", NULL };

  return g_str_has_prefix (name, "on") || g_strv_contains (names, name);
}

static bool
is_url_attribute (const char *name)
{
  static const char *const names[] = { "href",       "src",        "action", "formaction", "cite",
                                       "poster",     "longdesc",   "data",   "usemap",     "manifest",
                                       "background", "xlink:href", NULL };

  return g_strv_contains (names, name);
}

static bool
check_tag_name (DoorHtmlContext *self)
{
  return !is_forbidden_tag (self->tag) || fail (self, "element not allowed in a page");
}

static bool
check_attribute_name (DoorHtmlContext *self)
{
  if (is_forbidden_attribute (self->attribute))
    return fail (self, "attribute not allowed in a page (inline style, inline script or foreign content)");
  self->has_alt |= strcmp (self->attribute, "alt") == 0;
  self->has_lang |= strcmp (self->attribute, "lang") == 0;
  self->has_title |= strcmp (self->attribute, "title") == 0;
  self->has_sandbox |= strcmp (self->attribute, "sandbox") == 0;
  return true;
}

static bool
finish_tag (DoorHtmlContext *self)
{
  bool is_img = strcmp (self->tag, "img") == 0 || strcmp (self->tag, "area") == 0;

  self->state = DOOR_HTML_IN_TEXT;
  if (self->closing)
    return true;
  if (is_img && !self->has_alt)
    return fail (self, "image without alt");
  if (strcmp (self->tag, "html") == 0 && !self->has_lang)
    return fail (self, "html without lang");
  if (strcmp (self->tag, "iframe") == 0 && (!self->has_sandbox || !self->has_title))
    return fail (self, "frame without sandbox or title");
  return true;
}

static bool
finish_value (DoorHtmlContext *self)
{
  self->state = DOOR_HTML_IN_TAG;
  if (strcmp (self->attribute, "sandbox") == 0 && self->value_length > 0)
    return fail (self, "frame that may do more than show");
  if (!is_url_attribute (self->attribute) || self->value_has_variable)
    return true;
  return door_html_is_safe_url (self->value) || fail (self, "address with a scheme that is not allowed");
}

static void
start_attribute (DoorHtmlContext *self, char c)
{
  self->attribute[0] = '\0';
  append (self->attribute, sizeof self->attribute, g_ascii_tolower (c));
  self->value[0] = '\0';
  self->value_length = 0;
  self->value_has_variable = false;
  self->value_is_closed = false;
  self->state = DOOR_HTML_IN_ATTRIBUTE_NAME;
}

static bool
feed_after_less_than (DoorHtmlContext *self, char c)
{
  if (c == '!')
    {
      self->state = DOOR_HTML_IN_DECLARATION;
      return true;
    }
  if (c == '/' && !self->closing)
    {
      self->closing = true;
      return true;
    }
  if (!g_ascii_isalpha (c))
    return fail (self, "'<' that begins no tag");
  self->tag[0] = '\0';
  self->has_alt = false;
  self->has_lang = false;
  self->has_title = false;
  self->has_sandbox = false;
  append (self->tag, sizeof self->tag, g_ascii_tolower (c));
  self->state = DOOR_HTML_IN_TAG_NAME;
  return true;
}

/* Between attributes; a closing slash of an empty element counts as space. */
static bool
feed_tag (DoorHtmlContext *self, char c)
{
  self->state = DOOR_HTML_IN_TAG;
  if (c == '>')
    return finish_tag (self);
  if (is_space (c) || c == '/')
    return true;
  if (!g_ascii_isalpha (c))
    return fail (self, "malformed attribute");
  start_attribute (self, c);
  return true;
}

static bool
feed_tag_name (DoorHtmlContext *self, char c)
{
  if (g_ascii_isalnum (c) || c == '-')
    return append (self->tag, sizeof self->tag, g_ascii_tolower (c)) || fail (self, "tag name too long");
  return check_tag_name (self) && feed_tag (self, c);
}

static bool
feed_attribute_name (DoorHtmlContext *self, char c)
{
  if (g_ascii_isalnum (c) || c == '-' || c == ':' || c == '_')
    return append (self->attribute, sizeof self->attribute, g_ascii_tolower (c)) ||
           fail (self, "attribute name too long");
  if (!check_attribute_name (self))
    return false;
  if (c != '=')
    return feed_tag (self, c);
  self->state = DOOR_HTML_AFTER_EQUALS;
  return true;
}

static bool
feed_after_equals (DoorHtmlContext *self, char c)
{
  if (c != '"' && c != '\'')
    return fail (self, "attribute value without quotes");
  self->quote = c;
  self->state = DOOR_HTML_IN_VALUE;
  return true;
}

static bool
feed_value (DoorHtmlContext *self, char c)
{
  if (c == self->quote)
    return finish_value (self);
  if (self->value_is_closed)
    return fail (self, "text behind a variable that is a whole address");
  if (self->value_length + 1 < sizeof self->value)
    {
      self->value[self->value_length++] = c;
      self->value[self->value_length] = '\0';
    }
  return true;
}

static bool
feed_character (DoorHtmlContext *self, char c)
{
  switch (self->state)
    {
    case DOOR_HTML_IN_TEXT:
      if (c == '<')
        {
          self->state = DOOR_HTML_AFTER_LESS_THAN;
          self->closing = false;
        }
      return true;
    case DOOR_HTML_AFTER_LESS_THAN:
      return feed_after_less_than (self, c);
    case DOOR_HTML_IN_DECLARATION:
      if (c == '-' || c == '[' || c == '<')
        return fail (self, "markup declaration other than DOCTYPE; write comments as {{! }}");
      self->state = c == '>' ? DOOR_HTML_IN_TEXT : DOOR_HTML_IN_DECLARATION;
      return true;
    case DOOR_HTML_IN_TAG_NAME:
      return feed_tag_name (self, c);
    case DOOR_HTML_IN_TAG:
      return feed_tag (self, c);
    case DOOR_HTML_IN_ATTRIBUTE_NAME:
      return feed_attribute_name (self, c);
    case DOOR_HTML_AFTER_EQUALS:
      return feed_after_equals (self, c);
    case DOOR_HTML_IN_VALUE:
      return feed_value (self, c);
    }
  return fail (self, "impossible state");
}

/**
 * door_html_context_feed:
 * @self: a position; all zero is the beginning of a page
 * @text: (array length=length): the constant text that follows
 * @length: its size
 *
 * Moves on over constant HTML and refuses what a page must not have: inline scripts and styles, event
 * handlers, attribute values without quotes, addresses with foreign schemes, comments, images without
 * `alt` and a root element without `lang`. Pure.
 *
 * Returns: %FALSE when something is wrong, with the problem in @self
 */
bool
door_html_context_feed (DoorHtmlContext *self, const char *text, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (!feed_character (self, text[i]))
      return false;
  return true;
}

/* A variable may complete a path, a query or a mail address, never a scheme or a host. */
static bool
place_in_url (DoorHtmlContext *self, DoorHtmlPlace *place)
{
  const char *authority = strstr (self->value, "//");

  if (self->value_length == 0 && !self->value_has_variable)
    {
      *place = DOOR_HTML_URL;
      self->value_is_closed = true;
    }
  else if (self->value_is_closed)
    return fail (self, "two variables where the first is a whole address");
  else if (!self->value_has_variable && !door_html_is_safe_url (self->value))
    return fail (self, "address with a scheme that is not allowed");
  else if (authority != NULL && strpbrk (authority + 2, "/?#") == NULL)
    return fail (self, "variable in the host of an address");
  else
    *place = g_ascii_strcasecmp (self->value, "tel:") == 0 ? DOOR_HTML_URL_PHONE : DOOR_HTML_URL_PART;
  self->value_has_variable = true;
  return true;
}

/**
 * door_html_context_add_variable:
 * @self: a position
 * @place: (out): how the variable must be escaped
 *
 * Moves on over a variable. Pure.
 *
 * Returns: %FALSE when no variable may stand here, with the problem in @self
 */
bool
door_html_context_add_variable (DoorHtmlContext *self, DoorHtmlPlace *place)
{
  if (self->state == DOOR_HTML_IN_TEXT)
    {
      *place = DOOR_HTML_TEXT;
      return true;
    }
  if (self->state != DOOR_HTML_IN_VALUE)
    return fail (self, "variable outside of text and quoted attributes");
  if (strcmp (self->attribute, "sandbox") == 0)
    return fail (self, "frame that may do more than show");
  if (is_url_attribute (self->attribute))
    return place_in_url (self, place);
  *place = DOOR_HTML_ATTRIBUTE;
  return true;
}

/**
 * door_html_context_is_same_place:
 * @a: a position
 * @b: another one
 *
 * A section may or may not be in the page, so it must end where it began. Pure.
 *
 * Returns: whether what follows means the same at both
 */
bool
door_html_context_is_same_place (const DoorHtmlContext *a, const DoorHtmlContext *b)
{
  if (a->state != b->state)
    return false;
  if (a->state == DOOR_HTML_IN_TEXT)
    return true;
  if (strcmp (a->tag, b->tag) != 0 || a->closing != b->closing)
    return false;
  if (a->state == DOOR_HTML_IN_TAG)
    return true;
  if (a->state != DOOR_HTML_IN_VALUE || strcmp (a->attribute, b->attribute) != 0 || a->quote != b->quote)
    return false;
  return !is_url_attribute (a->attribute) ||
         (a->value_length == b->value_length && a->value_has_variable == b->value_has_variable);
}
