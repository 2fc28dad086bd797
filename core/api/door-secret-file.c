/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-secret-file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door-error.h"

#define MAX_SECRET_BYTES (64 * 1024)

static bool
check_secret_file (int fd, const char *path, uid_t owner, GError **error)
{
  struct stat st;

  if (fstat (fd, &st) != 0 || !S_ISREG (st.st_mode))
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET, "%s is not a regular file", path);
  else if (st.st_uid != 0 && st.st_uid != owner)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PERMISSIONS,
                    "%s belongs to the user %u; run this as that user, or, if only root is to change it: "
                    "chown root %s",
                    path, (unsigned int) st.st_uid, path);
  else if ((st.st_mode & 0027) != 0)
    door_error_set (
        error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PERMISSIONS,
        "%s may be read or written by the wrong users; run: chmod 0600 %s (0640 where its group, such as "
        "the server's, is to read it)",
        path, path);
  else
    return true;
  return false;
}

static DoorSecret *
read_secret (int fd, const char *path, uid_t owner, GError **error)
{
  size_t size = 0, room = MAX_SECRET_BYTES + 1;
  g_autofree char *buffer = NULL;
  DoorSecret *secret = NULL;
  ssize_t n = 0;
  bool too_large;

  if (!check_secret_file (fd, path, owner, error))
    return NULL;
  buffer = g_malloc (room);
  while (size < room && ((n = read (fd, buffer + size, room - size)) > 0 || (n < 0 && errno == EINTR)))
    size += n > 0 ? (size_t) n : 0;
  too_large = size == room;
  if (size > 0 && buffer[size - 1] == '\n')
    size -= size > 1 && buffer[size - 2] == '\r' ? 2 : 1;
  if (n < 0 || too_large || size == 0)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET, "%s %s", path,
                    n < 0 ? "cannot be read" : (too_large ? "is larger than 64 KiB" : "is empty"));
  else
    secret = door_secret_new (buffer, size);
  explicit_bzero (buffer, room);
  return secret;
}

static DoorSecret *
read_file (const char *path, uid_t owner, GError **error)
{
  DoorSecret *secret;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    {
      int code = errno;

      door_error_set (error, code == EACCES || code == EPERM ? DOOR_ERROR_NOT_ALLOWED : DOOR_ERROR_CONFIG,
                      DOOR_FAULT_CFG_SECRET, "%s cannot be read: %s", path, g_strerror (code));
      return NULL;
    }
  secret = read_secret (fd, path, owner, error);
  close (fd);
  return secret;
}

/**
 * door_secret_file_read:
 * @path: an absolute file name; a symbolic link is followed
 * @error: return location for an error
 *
 * Reads a secret from a regular file of at most 64 KiB that belongs to root or to the running user, that its
 * group cannot write and that nobody else can read or write; the newline at its end is left out. May block on
 * the file system.
 *
 * Returns: (transfer full): the secret, or %NULL with %DOOR_FAULT_CFG_SECRET or %DOOR_FAULT_CFG_PERMISSIONS;
 *   %DOOR_ERROR_NOT_ALLOWED when the running user may not read the file, else %DOOR_ERROR_CONFIG
 */
DoorSecret *
door_secret_file_read (const char *path, GError **error)
{
  return read_file (path, geteuid (), error);
}

/**
 * door_secret_file_read_of:
 * @path: an absolute file name; a symbolic link is followed
 * @owner: who decides what the name leads to
 * @error: return location for an error
 *
 * The same as that user: what only root may read is not read for him.
 *
 * Returns: (transfer full): as door_secret_file_read() does
 */
DoorSecret *
door_secret_file_read_of (const char *path, const DoorOwner *owner, GError **error)
{
  DoorSecret *secret;

  if (!door_owner_enter (owner))
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_SECRET,
                      "%s cannot be read as the user %u, who owns the folder; run this as that user", path,
                      (unsigned int) owner->user);
      return NULL;
    }
  secret = read_file (path, owner->user != 0 ? owner->user : geteuid (), error);
  door_owner_leave (owner);
  return secret;
}
