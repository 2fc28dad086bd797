/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-actor.h"

#include <pwd.h>
#include <unistd.h>

#include <glib.h>

#define LOGIN_UID "/proc/self/loginuid"
#define NOT_SET 4294967295u

/* Who has signed in at this machine, which sudo and su do not change; without a sign-in, whom the program
 * runs as. */
static uid_t
find_uid (void)
{
  g_autofree char *text = NULL;
  guint64 uid = 0;

  /* where the kernel keeps no such number there is none to say */
  if (g_file_get_contents (LOGIN_UID, &text, NULL, NULL) &&
      g_ascii_string_to_unsigned (g_strstrip (text), 10, 0, NOT_SET - 1, &uid, NULL))
    return (uid_t) uid;
  return getuid ();
}

/**
 * door_ctl_actor_dup:
 *
 * Says who changes something with doorctl. Reads files.
 *
 * Returns: (transfer full): "doorctl NAME", or the number of the user where there is no name
 */
char *
door_ctl_actor_dup (void)
{
  uid_t uid = find_uid ();
  char buffer[4096];
  struct passwd row, *found = NULL;

  if (getpwuid_r (uid, &row, buffer, sizeof buffer, &found) == 0 && found != NULL)
    return g_strdup_printf ("doorctl %s", found->pw_name);
  return g_strdup_printf ("doorctl %u", (unsigned int) uid);
}
