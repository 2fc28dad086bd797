/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-owner.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib.h>

#define MAX_LINKS 40 /* as the kernel */

/* A name on its way through folders and links. */
typedef struct
{
  int folder; /* what it has led to so far */
  struct stat info;
  char *rest; /* what is left of it */
  unsigned int n_links;
} Walk;

static void
walk_clear (Walk *self)
{
  if (self->folder >= 0)
    (void) close (self->folder);
  g_free (self->rest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Walk, walk_clear)

static bool
step_into (Walk *self, int folder)
{
  if (self->folder >= 0)
    (void) close (self->folder);
  self->folder = folder;
  return folder >= 0 && fstat (folder, &self->info) == 0;
}

static bool
begin (Walk *self)
{
  return step_into (self, open ("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

static char *
take_name (Walk *self)
{
  const char *from = self->rest + strspn (self->rest, "/");
  char *name = g_strndup (from, strcspn (from, "/"));
  char *rest = g_strdup (from + strlen (name));

  g_free (self->rest);
  self->rest = rest;
  return name;
}

/* A link of root's, in a folder of root's, which leads where root wants. */
static bool
follow (Walk *self, int link)
{
  char target[PATH_MAX];
  ssize_t length = readlinkat (link, "", target, sizeof target - 1);
  char *rest;

  (void) close (link);
  if (length <= 0 || ++self->n_links > MAX_LINKS)
    return false;
  target[length] = '\0';
  rest = g_strconcat (target, "/", self->rest, NULL);
  g_free (self->rest);
  self->rest = rest;
  return *target != '/' || begin (self);
}

/* Returns: whether it goes on; @owner is set when somebody else decides where it leads. */
static bool
take_step (Walk *self, DoorOwner *owner)
{
  g_autofree char *name = take_name (self);
  struct stat info;
  int child;

  if (*name == '\0')
    return false;
  child = openat (self->folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (child < 0 || fstat (child, &info) != 0)
    return false;
  if (S_ISLNK (info.st_mode) && self->info.st_uid == 0 && info.st_uid == 0)
    return follow (self, child);
  if (S_ISDIR (info.st_mode) && *self->rest != '\0')
    return step_into (self, child);
  (void) close (child);
  if (S_ISLNK (info.st_mode) && info.st_uid != 0)
    *owner = (DoorOwner){ info.st_uid, info.st_gid };
  return false;
}

/**
 * door_owner_find:
 * @path: absolute name of a file
 *
 * Whoever owns the folder decides what a name in it leads to, and so may touch what he can touch, and no
 * more, also when root asks. Links are followed one by one, so that none is taken for what another has just
 * put in its place. Blocks on the file system.
 *
 * Returns: for root the owner of the folder that the name leads to, or of the first symbolic link on the way,
 * or of the folder that has it, that is not root's; for others nobody else
 */
DoorOwner
door_owner_find (const char *path)
{
  DoorOwner owner = { 0, 0 };
  g_auto (Walk) walk = { .folder = -1, .rest = g_strdup (path) };

  if (geteuid () != 0 || !begin (&walk))
    return owner;
  while (take_step (&walk, &owner))
    continue;
  if (owner.user == 0 && walk.folder >= 0 && walk.info.st_uid != 0)
    owner = (DoorOwner){ walk.info.st_uid, walk.info.st_gid };
  return owner;
}

/**
 * door_owner_enter:
 * @self: as whom to act
 *
 * Makes files of this thread be those of @self until door_owner_leave() (setfsuid(2)): what root may
 * beyond the rights of a file is gone as well, and so are root's other groups, for good. Never blocks.
 *
 * Returns: false when that is not so
 */
bool
door_owner_enter (const DoorOwner *self)
{
  if (self->user == 0)
    return true;
  if (syscall (SYS_setgroups, 0, NULL) != 0) /* of this thread; setgroups() would be of all */
    return false;
  setfsgid (self->group);
  setfsuid (self->user);
  return setfsuid ((uid_t) -1) == (int) self->user; /* an id that is none changes nothing */
}

/**
 * door_owner_leave:
 * @self: as whom this thread acted
 */
void
door_owner_leave (const DoorOwner *self)
{
  if (self->user == 0)
    return;
  setfsuid (geteuid ());
  setfsgid (getegid ());
}
