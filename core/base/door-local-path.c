/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-local-path.h"

#include <string.h>

#define MAX_LENGTH 1024

/**
 * door_local_path_is_valid:
 * @text: where somebody wants a browser to go
 *
 * Browsers read "//host", "/\host" and a path with a tab or line break inside as another host (WHATWG URL,
 * "path or authority state"), so none of these is a path of this server: it begins with one slash, has
 * printable ASCII only and no backslash. Pure; any thread.
 *
 * Returns: whether it is a path of this server, with a query perhaps
 */
bool
door_local_path_is_valid (const char *text)
{
  if (text[0] != '/' || text[1] == '/' || strlen (text) > MAX_LENGTH)
    return false;
  for (const char *c = text; *c != '\0'; c++)
    if (*c <= ' ' || *c >= 0x7f || *c == '\\')
      return false;
  return true;
}
