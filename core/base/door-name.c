/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-name.h"

#include <string.h>

#include <glib.h>

#define MAX_LENGTH 32

/**
 * door_name_is_valid:
 * @name: a name an administrator or a plugin gave
 *
 * The names of plugins, of what they offer, and of the groups in the configuration: 1 to 32 of a-z, 0-9 and
 * -, and no - in front. They stand in file names and addresses as they are. Pure; any thread.
 *
 * Returns: whether @name is one
 */
bool
door_name_is_valid (const char *name)
{
  size_t length = strspn (name, G_CSET_a_2_z G_CSET_DIGITS "-");

  return length > 0 && length <= MAX_LENGTH && name[length] == '\0' && *name != '-';
}
