/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

/* Put before the C library's own by LD_PRELOAD: whatever changes a file below FAILING_DISK_FOLDER fails with
 * the error that the file FAILING_DISK holds at the moment, a number of 64 bits; 0 is none. This is how a
 * file system looks to who has files open there when the kernel makes it read-only after an error (EROFS), or
 * when its disk does not answer (EIO). A mount that is in use cannot be made read-only in another way. Memory
 * that is shared through a file of there goes on, as it does then. */

static _Thread_local bool inside; /* what is looked up here is let through */
static volatile const int64_t *failure;
static const char *folder;

static void
map_failure (void)
{
  const char *path = getenv ("FAILING_DISK");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  void *page = fd >= 0 ? mmap (NULL, sizeof *failure, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;

  if (fd >= 0)
    close (fd);
  folder = getenv ("FAILING_DISK_FOLDER");
  if (page == MAP_FAILED || folder == NULL)
    abort ();
  failure = page;
}

static bool
is_below (const char *path)
{
  return strncmp (path, folder, strlen (folder)) == 0 && path[strlen (folder)] == '/';
}

static bool
begin (void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;

  if (inside)
    return false;
  inside = true;
  pthread_once (&once, map_failure);
  inside = false;
  return *failure != 0;
}

/* Whether a change of the file must fail; errno is set then. */
static bool
fails_by_name (const char *path)
{
  if (!begin () || !is_below (path))
    return false;
  errno = (int) *failure;
  return true;
}

static bool
fails (int fd)
{
  char link[64], path[PATH_MAX];
  ssize_t size;

  if (!begin ())
    return false;
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  size = readlink (link, path, sizeof path - 1);
  if (size < 0)
    return false;
  path[size] = '\0';
  return fails_by_name (path);
}

#define REAL(function) *(void **) (&real) = dlsym (RTLD_NEXT, function)

/* With 64-bit offsets, as this is built, these are open64(), pwrite64() and ftruncate64(): what SQLite calls.
 */
int
open (const char *path, int flags, ...)
{
  int (*real) (const char *, int, ...);
  va_list args;
  mode_t mode;

  va_start (args, flags);
  mode = (flags & O_CREAT) != 0 ? va_arg (args, mode_t) : 0;
  va_end (args);
  /* to open for writing what is there fails on a read-only file system too, on a broken disk it does not */
  if (((flags & O_ACCMODE) != O_RDONLY || (flags & O_CREAT) != 0) && fails_by_name (path) && errno == EROFS)
    return -1;
  REAL ("open64");
  return real (path, flags, mode);
}

ssize_t
write (int fd, const void *data, size_t size)
{
  ssize_t (*real) (int, const void *, size_t);

  if (fails (fd))
    return -1;
  REAL ("write");
  return real (fd, data, size);
}

ssize_t
pwrite (int fd, const void *data, size_t size, off_t offset)
{
  ssize_t (*real) (int, const void *, size_t, off_t);

  if (fails (fd))
    return -1;
  REAL ("pwrite64");
  return real (fd, data, size, offset);
}

int
ftruncate (int fd, off_t size)
{
  int (*real) (int, off_t);

  if (fails (fd))
    return -1;
  REAL ("ftruncate64");
  return real (fd, size);
}

int
access (const char *path, int mode)
{
  int (*real) (const char *, int);

  if ((mode & W_OK) != 0 && fails_by_name (path) && errno == EROFS)
    return -1;
  REAL ("access");
  return real (path, mode);
}

int
unlink (const char *path)
{
  int (*real) (const char *);

  if (fails_by_name (path))
    return -1;
  REAL ("unlink");
  return real (path);
}
