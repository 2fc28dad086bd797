/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-cookie.h"

#include <stdbool.h>
#include <string.h>

#include "door-error.h"

/* cookie-octet of RFC 6265, 4.1.1 */
static bool
is_cookie_text (const char *text, size_t length)
{
  for (size_t i = 0; i < length; i++)
    if (text[i] <= ' ' || text[i] >= 0x7f || strchr ("\",;\\", text[i]) != NULL)
      return false;
  return true;
}

static void
trim (const char **at, size_t *length)
{
  while (*length > 0 && (**at == ' ' || **at == '\t'))
    {
      (*at)++;
      (*length)--;
    }
  while (*length > 0 && ((*at)[*length - 1] == ' ' || (*at)[*length - 1] == '\t'))
    (*length)--;
}

/* the value of one "name=value", NULL when it is another cookie */
static const char *
match_pair (const char *pair, size_t length, const char *name, size_t *value_length)
{
  size_t name_length = strlen (name);

  trim (&pair, &length);
  if (length <= name_length || memcmp (pair, name, name_length) != 0 || pair[name_length] != '=')
    return NULL;
  *value_length = length - name_length - 1;
  return pair + name_length + 1;
}

/**
 * door_cookie_lookup:
 * @header: (nullable): the value of the Cookie header
 * @name: name of a cookie
 * @value: (out) (transfer full) (nullable): its value, %NULL when it was not sent
 * @error: return location for an error
 *
 * Finds one cookie (RFC 6265, 5.4). What other cookies look like does not matter: they may be somebody
 * else's. The one asked for must stand once and be of cookie characters. Never blocks.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_INVALID_DATA
 */
gboolean
door_cookie_lookup (const char *header, const char *name, char **value, GError **error)
{
  const char *at = header == NULL ? "" : header, *found = NULL;
  size_t found_length = 0;

  while (*at != '\0')
    {
      size_t length = strcspn (at, ";"), value_length = 0;
      const char *here = match_pair (at, length, name, &value_length);

      if (here != NULL && (found != NULL || !is_cookie_text (here, value_length)))
        {
          door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                          "cookie %s stands twice or has a forbidden character", name);
          return FALSE;
        }
      if (here != NULL)
        {
          found = here;
          found_length = value_length;
        }
      at += length;
      if (*at == ';')
        at++;
    }
  *value = found == NULL ? NULL : g_strndup (found, found_length);
  return TRUE;
}

/**
 * door_cookie_build:
 * @name: name of the cookie, with the prefix __Host-
 * @value: what we chose, of cookie characters
 * @same_site: whether it travels with requests from other sites
 * @max_age_s: lifetime, %DOOR_COOKIE_SESSION or %DOOR_COOKIE_DELETE
 *
 * Builds the value of a Set-Cookie header. The prefix makes the browser insist on Secure, Path=/ and no
 * Domain, so that no sibling host can plant the cookie (RFC 6265bis, 4.1.3.2).
 *
 * Returns: (transfer full): "__Host-x=…; Path=/; Secure; HttpOnly; SameSite=…"
 */
char *
door_cookie_build (const char *name, const char *value, DoorSameSite same_site, int max_age_s)
{
  static const char *const words[] = {
    [DOOR_SAME_SITE_STRICT] = "Strict",
    [DOOR_SAME_SITE_LAX] = "Lax",
    [DOOR_SAME_SITE_NONE] = "None",
  };
  g_autoptr (GString) text = NULL;

  g_return_val_if_fail (g_str_has_prefix (name, "__Host-") && is_cookie_text (name, strlen (name)), NULL);
  g_return_val_if_fail (is_cookie_text (value, strlen (value)), NULL);

  text = g_string_new (NULL);
  g_string_printf (text, "%s=%s; Path=/; Secure; HttpOnly; SameSite=%s", name, value, words[same_site]);
  if (max_age_s >= 0)
    g_string_append_printf (text, "; Max-Age=%d", max_age_s);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
