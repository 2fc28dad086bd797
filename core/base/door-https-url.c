/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-https-url.h"

#include <string.h>

#include <glib.h>

#define MAX_URL 2048

/**
 * door_https_url_is_valid:
 * @url: (nullable): an address that a device is going to be given
 * @rule: whether it may have a query
 *
 * Devices take `https` only. User information, fragments and characters that RFC 3986 does not allow
 * unescaped (quotes and backslashes among them) are refused, so the value can stand in a header or a
 * profile as it is. Pure.
 *
 * Returns: whether it can be used
 */
bool
door_https_url_is_valid (const char *url, DoorHttpsUrlRule rule)
{
  g_autoptr (GUri) uri = NULL;

  if (url == NULL || strlen (url) > MAX_URL || !g_str_has_prefix (url, "https://"))
    return false;
  for (const char *at = url; *at != '\0'; at++)
    if (*at <= 0x20 || *at >= 0x7f || strchr ("\"<>\\^`{|}", *at) != NULL)
      return false;
  uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL); /* why it is no URI does not matter here */
  return uri != NULL && g_uri_get_host (uri) != NULL && g_uri_get_host (uri)[0] != '\0' &&
         g_uri_get_userinfo (uri) == NULL && g_uri_get_fragment (uri) == NULL &&
         (rule == DOOR_HTTPS_URL_QUERY_ALLOWED || g_uri_get_query (uri) == NULL);
}
