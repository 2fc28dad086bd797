/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "door-error.h"

static bool
read_all (int file, char *data, gsize room, gsize *size)
{
  ssize_t n = 0;

  while (*size < room && ((n = read (file, data + *size, room - *size)) > 0 || (n < 0 && errno == EINTR)))
    *size += n > 0 ? (gsize) n : 0;
  return n >= 0;
}

/**
 * door_ctl_file_read:
 * @path: a file that somebody names on the command line, "-" for standard input
 * @max_bytes: most that is accepted
 * @error: return location for an error
 *
 * Reads a file to its end, a pipe too. Blocks on the file system.
 *
 * Returns: (transfer full): what is in it, or %NULL with %DOOR_ERROR_NOT_FOUND, %DOOR_ERROR_INVALID_DATA when
 *   it is larger, or %DOOR_ERROR_FAILED
 */
GBytes *
door_ctl_file_read (const char *path, gsize max_bytes, GError **error)
{
  int file = g_str_equal (path, "-") ? fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                     : open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
  /* one byte more than is accepted, so that a file that is too large is seen to be */
  g_autofree char *data = g_malloc (max_bytes + 1);
  gsize size = 0;
  bool good = file >= 0 && read_all (file, data, max_bytes + 1, &size);
  int code = errno;

  if (file >= 0)
    close (file);
  if (!good)
    door_error_set (error, code == ENOENT ? DOOR_ERROR_NOT_FOUND : DOOR_ERROR_FAILED, DOOR_FAULT_NONE,
                    "the file %s cannot be read: %s; name one that doorctl may read", path,
                    g_strerror (code));
  else if (size > max_bytes)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                    "%s is larger than %" G_GSIZE_FORMAT " KiB", path, max_bytes / 1024);
  else
    return g_bytes_new (data, size);
  return NULL;
}
