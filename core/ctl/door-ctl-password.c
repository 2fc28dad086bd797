/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-password.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <termios.h>
#include <unistd.h>

#include "door-error.h"
#include "door-password.h"
#include "door-random.h"

/* More than any password has: what is cut here is too long in any case. */
#define LINE_BYTES (DOOR_PASSWORD_MAX_BYTES + 2)

static DoorSecret *
read_line (FILE *stream)
{
  char line[LINE_BYTES];
  size_t size = 0;
  DoorSecret *secret;

  for (int c = getc (stream); c != EOF && c != '\n' && size < sizeof line; c = getc (stream))
    line[size++] = (char) c;
  secret = door_secret_new (line, size);
  explicit_bzero (line, sizeof line);
  return secret;
}

/* Who types it is asked, and nobody behind them sees it. */
static DoorSecret *
read_from_terminal (void)
{
  struct termios before, quiet;
  DoorSecret *secret;

  g_printerr ("New password: ");
  if (tcgetattr (STDIN_FILENO, &before) != 0)
    return read_line (stdin);
  quiet = before;
  quiet.c_lflag &= ~(tcflag_t) ECHO;
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &quiet);
  secret = read_line (stdin);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &before);
  g_printerr ("\n");
  return secret;
}

static DoorSecret *
read_from_file (const char *path, GError **error)
{
  FILE *stream = fopen (path, "re");
  DoorSecret *secret;

  if (stream == NULL)
    {
      door_error_set (error, errno == ENOENT ? DOOR_ERROR_NOT_FOUND : DOOR_ERROR_FAILED, DOOR_FAULT_NONE,
                      "the file %s cannot be read: %s", path, g_strerror (errno));
      return NULL;
    }
  setvbuf (stream, NULL, _IONBF, 0); /* no copy that nobody wipes */
  secret = read_line (stream);
  fclose (stream);
  return secret;
}

/**
 * door_ctl_password_read_hash:
 * @path: (nullable): a file whose first line is the password; %NULL or "-": standard input
 * @error: return location for an error
 *
 * Reads a new password and computes what is stored of it. Blocks for whoever types.
 *
 * Returns: (transfer full): the hash, or %NULL with an error, %DOOR_ERROR_NOT_FOUND when there is no such
 * file
 */
char *
door_ctl_password_read_hash (const char *path, GError **error)
{
  g_autoptr (DoorRandom) random = door_random_new_system ();
  g_autoptr (DoorSecret) password = NULL;
  uint8_t salt[DOOR_PASSWORD_SALT_BYTES];

  if (path != NULL && strcmp (path, "-") != 0)
    password = read_from_file (path, error);
  else
    password = isatty (STDIN_FILENO) ? read_from_terminal () : read_line (stdin);
  if (password == NULL || !door_password_check (password, error))
    return NULL;
  door_random_fill (random, salt, sizeof salt);
  return door_password_build_hash (password, salt, error);
}
