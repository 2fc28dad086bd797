/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-json.h"

#include <string.h>

#include "door-error.h"
#include "door-json-scan.h"
#include "door-text.h"

/**
 * door_json_parse_within:
 * @bytes: JSON as received
 * @limits: how large it may be
 * @error: return location for an error
 *
 * Parses RFC 8259 strictly; see door_json_scan() for what is refused. Pure; never blocks; any thread.
 *
 * Returns: (transfer full): the value, immutable, or %NULL with %DOOR_ERROR_INVALID_DATA and
 *   %DOOR_FAULT_HTTP_BADREQUEST, which a caller that reads something else than a request replaces
 */
JsonNode *
door_json_parse_within (GBytes *bytes, const DoorJsonLimits *limits, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (GError) problem = NULL;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  if (!door_json_scan (text != NULL ? text : "", size, limits, error))
    return NULL;
  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, (gssize) size, &problem))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "JSON: %s",
                      problem->message);
      return NULL;
    }
  return json_parser_steal_root (parser);
}

/**
 * door_json_parse:
 * @bytes: JSON as received
 * @max_depth: how deep objects and arrays may stand in one another
 * @error: return location for an error
 *
 * As door_json_parse_within(), with at most %DOOR_JSON_MAX_BYTES, %DOOR_JSON_MAX_VALUES and
 * %DOOR_JSON_MAX_NAMES; what a caller expects is mostly smaller, and bounded where it comes in.
 *
 * Returns: (transfer full): the value, immutable, or %NULL with an error as there
 */
JsonNode *
door_json_parse (GBytes *bytes, unsigned int max_depth, GError **error)
{
  const DoorJsonLimits limits = { max_depth, DOOR_JSON_MAX_BYTES, DOOR_JSON_MAX_VALUES, DOOR_JSON_MAX_NAMES };

  return door_json_parse_within (bytes, &limits, error);
}

/* Bytes of a character that a terminal would obey, which as an escape has the same value; 0: of none. */
static size_t
measure_odd (const char *at, gunichar *c)
{
  *c = (guchar) *at >= 0x80 ? g_utf8_get_char_validated (at, -1) : (guchar) *at;
  if (*c >= 0x10000 || (*c >= 0x20 && *c < 0x80) || door_text_is_plain_char (*c))
    return 0;
  return (size_t) (g_utf8_next_char (at) - at);
}

/* The string whose quote stands at `at`; gives what is behind it. json-glib 1.6 writes U+001F as it is, which
 * nobody reads either. */
static const char *
copy_string (GString *out, const char *at)
{
  const char *from = at++;

  for (; *at != '"'; at++)
    {
      gunichar c;
      size_t size = *at == '\\' ? 0 : measure_odd (at, &c);

      if (*at == '\\')
        at++;
      if (size == 0)
        continue;
      g_string_append_len (out, from, at - from);
      g_string_append_printf (out, "\\u%04x", (unsigned int) c);
      from = at + size;
      at = from - 1;
    }
  g_string_append_len (out, from, at + 1 - from);
  return at + 1;
}

/* json-glib 1.6 writes 2e18 as `2e+18.0`, which nobody reads; that end is left out. */
static GBytes *
write_node (JsonNode *node, gboolean pretty)
{
  g_autofree char *text = json_to_string (node, pretty);
  GString *out = g_string_sized_new (strlen (text));

  for (const char *at = text; *at != '\0';)
    {
      size_t plain;

      if (*at == '"')
        at = copy_string (out, at);
      plain = strcspn (at, "\"e");
      g_string_append_len (out, at, (gssize) plain);
      at += plain;
      if (*at != 'e')
        continue;
      plain = 1 + strspn (at + 1, "+-0123456789"); /* an exponent, or the end of a word */
      g_string_append_len (out, at, (gssize) plain);
      at += plain;
      if (plain > 1 && g_str_has_prefix (at, ".0"))
        at += 2;
    }
  return g_string_free_to_bytes (out);
}

/**
 * door_json_build:
 * @node: a value
 *
 * Writes a value, without white space. Pure; never blocks.
 *
 * Returns: (transfer full): RFC 8259, which door_json_parse() reads as the same value
 */
GBytes *
door_json_build (JsonNode *node)
{
  return write_node (node, FALSE);
}

/**
 * door_json_build_pretty:
 * @node: a value
 *
 * As door_json_build(), in lines for people to read.
 *
 * Returns: (transfer full): RFC 8259
 */
GBytes *
door_json_build_pretty (JsonNode *node)
{
  return write_node (node, TRUE);
}

/**
 * door_json_build_object:
 * @object: (transfer none): an object
 *
 * As door_json_build().
 *
 * Returns: (transfer full): RFC 8259
 */
GBytes *
door_json_build_object (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  return door_json_build (node);
}
