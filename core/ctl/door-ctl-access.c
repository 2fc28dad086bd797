/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-access.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <sys/wait.h>

#include <glib.h>

#define MAX_GROUPS 64

/* In a process of its own: the rights of the folders above count as well, and ours must stay as they are. */
static int
try_as (const struct passwd *entry, const gid_t *groups, int n_groups, const char *path, int mode)
{
  if (setgroups ((size_t) n_groups, groups) != 0 || setgid (entry->pw_gid) != 0 ||
      setuid (entry->pw_uid) != 0)
    return 0;
  return access (path, mode) != 0 && errno == EACCES;
}

/**
 * door_ctl_access_has:
 * @user: name of a user
 * @path: a file or folder
 * @mode: what the user wants to do with it, as for access(2)
 *
 * Tries as that user, which takes root. Blocks on the file system and on the user database; not for programs
 * with threads.
 *
 * Returns: %FALSE when the user exists and may not; %TRUE also when that cannot be found out
 */
bool
door_ctl_access_has (const char *user, const char *path, int mode)
{
  const struct passwd *entry = geteuid () == 0 ? getpwnam (user) : NULL;
  gid_t groups[MAX_GROUPS];
  int n_groups = MAX_GROUPS, status = 0;
  pid_t child;

  if (entry == NULL || getgrouplist (user, entry->pw_gid, groups, &n_groups) < 0)
    return true;
  child = fork ();
  if (child == 0)
    _exit (try_as (entry, groups, n_groups, path, mode));
  if (child < 0 || waitpid (child, &status, 0) != child)
    return true;
  return !WIFEXITED (status) || WEXITSTATUS (status) == 0;
}
