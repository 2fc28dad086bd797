/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-basic.h"

#include <string.h>

#include "door-base64.h"
#include "door-error.h"

/* An address, a colon, and more than any password has, so that one that is too long is refused as wrong. */
#define MAX_BYTES 4096

static bool
refuse (const char *reason, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST, "Authorization: %s",
                         reason);
}

/**
 * door_basic_parse:
 * @header: value of the header Authorization
 * @user: (out) (transfer full): the name, UTF-8
 * @password: (out) (transfer full): the password, any bytes
 * @error: return location for an error
 *
 * Parses credentials of the scheme Basic (RFC 7617, 2). Pure.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_basic_parse (const char *header, char **user, DoorSecret **password, GError **error)
{
  const char *text = header + strlen ("Basic ");
  g_autoptr (GBytes) bytes = NULL;
  const char *data, *colon;
  size_t size, length;

  if (g_ascii_strncasecmp (header, "Basic ", strlen ("Basic ")) != 0)
    return refuse ("not of the scheme Basic", error);
  text += strspn (text, " ");
  length = strlen (text);
  if (strpbrk (text, " \t\r\n") == NULL)
    bytes = door_base64_decode_strict (text, length, MAX_BYTES);
  if (bytes == NULL)
    return refuse ("no base64, or too long", error);
  data = g_bytes_get_data (bytes, &size);
  colon = size > 0 ? memchr (data, ':', size) : NULL;
  if (colon == NULL)
    return refuse ("no colon between name and password", error);
  if (!g_utf8_validate_len (data, (size_t) (colon - data), NULL))
    return refuse ("the name is no UTF-8", error);
  *user = g_strndup (data, (size_t) (colon - data));
  *password = door_secret_new (colon + 1, size - (size_t) (colon - data) - 1);
  return true;
}
