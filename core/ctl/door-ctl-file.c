/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-file.h"

#include <gio/gio.h>

#include "door-error.h"

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
  g_autoptr (GFile) file = g_file_new_for_path (g_str_equal (path, "-") ? "/dev/stdin" : path);
  g_autoptr (GError) local = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &local);
  /* one byte more than is accepted, so that a file that is too large is seen to be */
  g_autofree char *data = g_malloc (max_bytes + 1);
  gsize size = 0;

  if (stream == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), data, max_bytes + 1, &size, NULL, &local))
    door_error_set (error,
                    g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ? DOOR_ERROR_NOT_FOUND
                                                                              : DOOR_ERROR_FAILED,
                    DOOR_FAULT_NONE, "%s: %s", path, local->message);
  else if (size > max_bytes)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                    "%s is larger than %" G_GSIZE_FORMAT " KiB", path, max_bytes / 1024);
  else
    return g_bytes_new (data, size);
  return NULL;
}
