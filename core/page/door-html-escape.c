/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-html-escape.h"

#include <string.h>

/* shown in place of an address that is not allowed; leads nowhere */
#define NOWHERE "#"

/**
 * door_html_is_safe_url:
 * @url: an address
 *
 * Allowed are http, https, mailto and tel and addresses relative to the page. A colon makes a scheme only
 * before the first '/', '?' or '#' (RFC 3986, 4.2). Browsers drop control characters and white space
 * inside a scheme and read '\' as '/', so those make an address unsafe wherever they stand; "//" would
 * leave the server. Pure.
 *
 * Returns: whether a person may be sent there
 */
bool
door_html_is_safe_url (const char *url)
{
  static const char *const schemes[] = { "http:", "https:", "mailto:", "tel:" };
  size_t first = strcspn (url, ":/?#");

  for (const char *at = url; *at != '\0'; at++)
    if ((unsigned char) *at <= 0x20 || *at == 0x7f || *at == '\\')
      return false;
  if (url[first] != ':')
    return !g_str_has_prefix (url, "//");
  for (size_t i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (first + 1 == strlen (schemes[i]) && g_ascii_strncasecmp (url, schemes[i], first + 1) == 0)
      return true;
  return false;
}

static void
append_text (GString *out, const char *text)
{
  for (const char *at = text; *at != '\0'; at++)
    switch (*at)
      {
      case '&':
        g_string_append (out, "&amp;");
        break;
      case '<':
        g_string_append (out, "&lt;");
        break;
      case '>':
        g_string_append (out, "&gt;");
        break;
      case '"':
        g_string_append (out, "&quot;");
        break;
      case '\'':
        g_string_append (out, "&#39;");
        break;
      default:
        if (((unsigned char) *at < 0x20 && strchr ("\t\n\r", *at) == NULL) || *at == 0x7f)
          g_string_append (out, "\xef\xbf\xbd");
        else
          g_string_append_c (out, *at);
      }
}

/* A value inside a path or a query; '@' stays readable for mail addresses. Dot segments would climb. */
static void
append_url_part (GString *out, const char *text)
{
  g_autofree char *escaped = g_uri_escape_string (text, "@", FALSE);

  if (strcmp (text, ".") != 0 && strcmp (text, "..") != 0)
    g_string_append (out, escaped);
}

/* People write numbers with spaces, dots and brackets; a tel: address has digits and a plus (RFC 3966). */
static void
append_phone (GString *out, const char *text)
{
  for (const char *at = text; *at != '\0'; at++)
    if (g_ascii_isdigit (*at) || (*at == '+' && at == text))
      g_string_append_c (out, *at);
}

/**
 * door_html_append_escaped:
 * @out: a page
 * @text: a value, UTF-8
 * @place: where it stands
 *
 * Appends the value so that it can only be what @place says: text, an attribute's value, an address with
 * an allowed scheme ("#" otherwise), a part of one, a phone number. Pure.
 */
void
door_html_append_escaped (GString *out, const char *text, DoorHtmlPlace place)
{
  switch (place)
    {
    case DOOR_HTML_TEXT:
    case DOOR_HTML_ATTRIBUTE:
      append_text (out, text);
      break;
    case DOOR_HTML_URL:
      append_text (out, door_html_is_safe_url (text) ? text : NOWHERE);
      break;
    case DOOR_HTML_URL_PART:
      append_url_part (out, text);
      break;
    case DOOR_HTML_URL_PHONE:
      append_phone (out, text);
      break;
    }
}
