/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-forwarded.h"

#include <stdbool.h>
#include <string.h>

#include "door-error.h"

#define MAX_HOPS 64
#define MAX_VALUE_BYTES 300

/**
 * door_forwarded_hop_clear:
 * @hop: a hop
 *
 * Frees what @hop holds, not @hop itself.
 */
void
door_forwarded_hop_clear (DoorForwardedHop *hop)
{
  g_clear_object (&hop->address);
  g_clear_pointer (&hop->proto, g_free);
  g_clear_pointer (&hop->host, g_free);
}

static void
hop_free (gpointer data)
{
  door_forwarded_hop_clear (data);
  g_free (data);
}

static bool
is_port (const char *text)
{
  return *text != '\0' && strlen (text) <= 5 && text[strspn (text, "0123456789")] == '\0';
}

/* an IPv4 address that came over a dual-stack socket is the IPv4 address */
static GInetAddress *
unmap (GInetAddress *address)
{
  static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };
  const uint8_t *bytes = g_inet_address_to_bytes (address);
  GInetAddress *inner;

  if (g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV6 ||
      memcmp (bytes, prefix, sizeof prefix) != 0)
    return address;
  inner = g_inet_address_new_from_bytes (bytes + sizeof prefix, G_SOCKET_FAMILY_IPV4);
  g_object_unref (address);
  return inner;
}

/**
 * door_forwarded_parse_address:
 * @text: an address, with or without a port: "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80"
 *
 * Returns: (transfer full) (nullable): the address, an IPv4-mapped one as IPv4; %NULL when it is none
 */
GInetAddress *
door_forwarded_parse_address (const char *text)
{
  g_autofree char *bare = NULL;
  const char *colon = strchr (text, ':');
  GInetAddress *address;

  if (text[0] == '[')
    {
      const char *end = strchr (text, ']');

      if (end == NULL || (end[1] != '\0' && (end[1] != ':' || !is_port (end + 2))))
        return NULL;
      bare = g_strndup (text + 1, (size_t) (end - text - 1));
      if (strchr (bare, ':') == NULL)
        return NULL;
    }
  else if (colon != NULL && strchr (colon + 1, ':') == NULL)
    {
      if (!is_port (colon + 1))
        return NULL;
      bare = g_strndup (text, (size_t) (colon - text));
    }
  address = g_inet_address_new_from_string (bare != NULL ? bare : text);
  return address == NULL ? NULL : unmap (address);
}

static gboolean
fail (GError **error, const char *reason)
{
  door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "forwarding header: %s",
                  reason);
  return FALSE;
}

/**
 * door_forwarded_parse_x:
 * @text: value of X-Forwarded-For
 * @error: return location for an error
 *
 * Parses a list of addresses. What is no address becomes a hop without one, for a client can put anything
 * at the far end of the list.
 *
 * Returns: (transfer full) (element-type DoorForwardedHop): the hops, farthest first, or %NULL with
 *   %DOOR_ERROR_INVALID_DATA when they are too many
 */
GPtrArray *
door_forwarded_parse_x (const char *text, GError **error)
{
  g_autoptr (GPtrArray) hops = g_ptr_array_new_with_free_func (hop_free);
  g_auto (GStrv) parts = g_strsplit (text, ",", MAX_HOPS + 1);

  for (size_t i = 0; parts[i] != NULL; i++)
    {
      DoorForwardedHop *hop;

      if (i >= MAX_HOPS)
        {
          fail (error, "too many hops");
          return NULL;
        }
      hop = g_new0 (DoorForwardedHop, 1);
      hop->address = door_forwarded_parse_address (g_strstrip (parts[i]));
      g_ptr_array_add (hops, hop);
    }
  return g_steal_pointer (&hops);
}

static void
skip_space (const char **at)
{
  *at += strspn (*at, " \t");
}

static bool
is_token_byte (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

static char *
take_token (const char **at)
{
  const char *start = *at;

  while (is_token_byte (**at))
    (*at)++;
  return g_strndup (start, (size_t) (*at - start));
}

/* a token or a quoted string (RFC 9110, 5.6.4), NULL when it is neither */
static char *
take_value (const char **at)
{
  g_autoptr (GString) value = NULL;

  if (**at != '"')
    return is_token_byte (**at) ? take_token (at) : NULL;
  value = g_string_new (NULL);
  for ((*at)++; **at != '"'; (*at)++)
    {
      if (**at == '\\')
        (*at)++;
      if (**at == '\0' || value->len >= MAX_VALUE_BYTES)
        return NULL;
      g_string_append_c (value, **at);
    }
  (*at)++;
  return g_string_free (g_steal_pointer (&value), FALSE);
}

/* gives the value to the member of that name; false when the name stands twice */
static bool
store_parameter (DoorForwardedHop *hop, const char *name, char **value, bool *has_for)
{
  if (g_ascii_strcasecmp (name, "for") == 0)
    {
      if (*has_for)
        return false;
      *has_for = true;
      hop->address = door_forwarded_parse_address (*value);
    }
  else if (g_ascii_strcasecmp (name, "proto") == 0)
    {
      if (hop->proto != NULL)
        return false;
      hop->proto = g_ascii_strdown (*value, -1);
    }
  else if (g_ascii_strcasecmp (name, "host") == 0)
    {
      if (hop->host != NULL)
        return false;
      hop->host = g_steal_pointer (value);
    }
  return true;
}

/* one forwarded-element: name=value;name=value */
static bool
parse_element (const char **at, DoorForwardedHop *hop)
{
  bool has_for = false;

  while (true)
    {
      g_autofree char *name = NULL, *value = NULL;

      skip_space (at);
      name = take_token (at);
      if (*name == '\0' || *(*at)++ != '=')
        return false;
      value = take_value (at);
      if (value == NULL || !store_parameter (hop, name, &value, &has_for))
        return false;
      skip_space (at);
      if (**at != ';')
        return true;
      (*at)++;
    }
}

/**
 * door_forwarded_parse:
 * @text: value of Forwarded
 * @error: return location for an error
 *
 * Parses a Forwarded header (RFC 7239, 4). Hidden and unknown nodes become hops without an address.
 *
 * Returns: (transfer full) (element-type DoorForwardedHop): the hops, farthest first, or %NULL with
 *   %DOOR_ERROR_INVALID_DATA
 */
GPtrArray *
door_forwarded_parse (const char *text, GError **error)
{
  g_autoptr (GPtrArray) hops = g_ptr_array_new_with_free_func (hop_free);
  const char *at = text;

  while (true)
    {
      DoorForwardedHop *hop = g_new0 (DoorForwardedHop, 1);

      g_ptr_array_add (hops, hop);
      if (hops->len > MAX_HOPS || !parse_element (&at, hop))
        {
          fail (error, "malformed or too long");
          return NULL;
        }
      if (*at == '\0')
        return g_steal_pointer (&hops);
      if (*at++ != ',')
        {
          fail (error, "malformed");
          return NULL;
        }
    }
}
