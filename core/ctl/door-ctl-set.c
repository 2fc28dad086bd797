/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-ctl-edit.h"
#include "door-ctl-output.h"
#include "door-error.h"

/* The second would win without a word, where a file that says both is refused. */
static bool
check_once (const char *const *words, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (; *words != NULL; words++)
    {
      g_autofree char *key = g_strndup (*words, strcspn (*words, "="));

      if (g_hash_table_contains (seen, key))
        return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "%s is named twice", key);
      g_hash_table_add (seen, g_steal_pointer (&key));
    }
  return true;
}

static bool
prepare (DoorCtlEdit *edit, const char *const *words, GError **error)
{
  if (strpbrk (words[0], "[]\r\n") != NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                           "the group is named without brackets: idp/NAME");
  if (!check_once (words + 1, error))
    return false;
  for (const char *const *word = words + 1; *word != NULL; word++)
    if (!door_ctl_edit_set (edit, DOOR_CTL_EDIT_OWN_FILE, words[0], *word, error))
      return false;
  return door_ctl_edit_check (edit, error);
}

static void
note_overridden (const DoorCtlEdit *edit, const char *const *words)
{
  g_autofree char *path = door_ctl_edit_dup_path (edit, DOOR_CTL_EDIT_OWN_FILE);

  for (const char *const *word = words + 1; *word != NULL; word++)
    {
      g_autofree char *key = g_strndup (*word, strcspn (*word, "="));
      g_autofree char *origin =
          door_config_dup_origin (door_ctl_edit_get_after (edit)->config, words[0], key);

      if (origin != NULL && !g_str_has_prefix (origin, path))
        g_printerr ("note: %s has no effect: %s comes later\n", key, origin);
    }
}

/**
 * door_ctl_config_set:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl config set`. Blocks on the file system.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING when the file says so already, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_config_set (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlEdit) edit = door_ctl_edit_new (context->line);
  bool dry = door_command_line_has (context->line, "dry-run"), same;

  if (!prepare (edit, context->words, error))
    return g_error_matches (*error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA) ? DOOR_CTL_USAGE : DOOR_CTL_ERROR;
  same = door_ctl_edit_is_same (edit);
  if (!dry && !same && !door_ctl_edit_write (edit, error))
    return DOOR_CTL_ERROR;
  if (context->json)
    context->result = door_ctl_output_take_object (door_ctl_edit_build_result (edit, !dry && !same));
  else
    {
      note_overridden (edit, context->words);
      door_ctl_edit_print (edit, !dry && !same);
    }
  return same ? DOOR_CTL_NOTHING : DOOR_CTL_OK;
}
