/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-ctl-output.h"
#include "door-ctl-signin.h"
#include "door-error.h"
#include "door-suggest.h"

/* as core/http makes it */
#define REQUEST_ID_LENGTH 16

static void
set_unknown_error (const char *id, GError **error)
{
  g_autoptr (DoorSuggest) suggest = door_suggest_new (id);

  for (int fault = DOOR_FAULT_NONE + 1; fault < DOOR_N_FAULTS; fault++)
    door_suggest_add (suggest, door_fault_get_info ((DoorFault) fault)->id);
  if (door_suggest_get_best (suggest) != NULL)
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                    "there is no entry %s in the catalogue (did you mean %s?)", id,
                    door_suggest_get_best (suggest));
  else
    door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
                    "there is no entry %s in the catalogue; doorward-errors(7) lists them", id);
}

/* Pages about anything but an answer of a provider show the id of the request instead of a code. */
static bool
is_request_id (const char *word)
{
  return strlen (word) == REQUEST_ID_LENGTH && word[strspn (word, G_CSET_A_2_Z G_CSET_DIGITS)] == '\0';
}

static bool
is_code (const char *word)
{
  g_autofree char *code = door_ctl_signin_dup_code (word);

  return strlen (code) == 9 && !g_str_has_prefix (word, "DW-") && !g_str_has_prefix (word, "dw-");
}

/**
 * door_ctl_explain:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl explain CODE`: the record of a sign-in, or an entry of the catalogue. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_explain (DoorCtlContext *context, GError **error)
{
  DoorFault fault = door_fault_from_id (context->words[0]);

  if (fault == DOOR_FAULT_NONE && is_code (context->words[0]))
    return door_ctl_signin_show (context, error);
  if (fault == DOOR_FAULT_NONE)
    {
      if (is_request_id (context->words[0]))
        door_error_set (
            error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_NONE,
            "%s is the id of a request that was no sign-in; its line in the log says why, and which entry of "
            "the catalogue that is: journalctl -u doorward -g %s",
            context->words[0], context->words[0]);
      else
        set_unknown_error (context->words[0], error);
      return DOOR_CTL_NOT_FOUND;
    }
  if (!context->json)
    door_ctl_signin_print_fault (door_fault_get_info (fault));
  context->result = door_ctl_output_take_object (door_ctl_signin_build_fault (door_fault_get_info (fault)));
  return DOOR_CTL_OK;
}
