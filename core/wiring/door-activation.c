/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-activation.h"

#include <unistd.h>

#include "door-error.h"

/* The first descriptor that is passed (sd_listen_fds(3)). */
#define FIRST_FD 3
#define MAX_FDS 256

static bool
read_number (const char *text, guint64 least, guint64 most, guint64 *number)
{
  return g_ascii_string_to_unsigned (text, 10, least, most, number, NULL); /* the text is in our message */
}

/**
 * door_activation_read:
 * @pid: (nullable): LISTEN_PID of the environment
 * @count: (nullable): LISTEN_FDS
 * @names: (nullable): LISTEN_FDNAMES
 * @activation: (out caller-allocates): the sockets; none when they are not meant for this process
 * @error: return location for an error
 *
 * Reads which sockets the service manager has passed (sd_listen_fds(3)). The environment is left as it is:
 * nothing is started from here that could take them for its own.
 *
 * Returns: false with %DOOR_ERROR_CONFIG when the variables contradict each other
 */
bool
door_activation_read (const char *pid, const char *count, const char *names, DoorActivation *activation,
                      GError **error)
{
  g_auto (GStrv) words = NULL;
  guint64 owner, n;

  *activation = (DoorActivation){ NULL, NULL, 0 };
  if (pid == NULL || count == NULL)
    return true;
  if (!read_number (pid, 1, G_MAXINT, &owner) || !read_number (count, 0, MAX_FDS, &n))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "LISTEN_PID=%s, LISTEN_FDS=%s are no numbers of a service manager", pid, count);
  if (owner != (guint64) getpid () || n == 0)
    return true;
  words = names != NULL ? g_strsplit (names, ":", -1) : g_new0 (char *, 1);
  if (names != NULL && g_strv_length (words) != n)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "LISTEN_FDNAMES=%s names not as many sockets as LISTEN_FDS=%s", names, count);
  activation->fds = g_new0 (int, n);
  activation->names = g_new0 (char *, n + 1);
  activation->n = n;
  for (size_t i = 0; i < n; i++)
    {
      activation->fds[i] = FIRST_FD + (int) i;
      activation->names[i] = g_strdup (names != NULL ? words[i] : "");
    }
  return true;
}

/**
 * door_activation_clear:
 * @activation: what door_activation_read() filled in
 *
 * Forgets the sockets without closing them.
 */
void
door_activation_clear (DoorActivation *activation)
{
  g_clear_pointer (&activation->fds, g_free);
  g_clear_pointer (&activation->names, g_strfreev);
  activation->n = 0;
}
