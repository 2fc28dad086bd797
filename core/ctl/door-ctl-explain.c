/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-suggest.h"

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

/**
 * door_ctl_explain:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl explain DW-ID`. Never blocks.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_NOT_FOUND
 */
DoorCtlExit
door_ctl_explain (DoorCtlContext *context, GError **error)
{
  DoorFault fault = door_fault_from_id (context->words[0]);
  const DoorFaultInfo *info;
  JsonObject *object;

  if (fault == DOOR_FAULT_NONE)
    {
      set_unknown_error (context->words[0], error);
      return DOOR_CTL_NOT_FOUND;
    }
  info = door_fault_get_info (fault);
  if (!context->json)
    {
      g_print ("%s (%s, HTTP %u)\n\nWhat is the matter:  %s\nWhat to do:          %s\n", info->id,
               info->severity, info->status, info->admin_text, info->fix);
      if (info->user_text != NULL)
        g_print ("The person sees:     %s\n", info->user_text);
      return DOOR_CTL_OK;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "id", info->id);
  json_object_set_string_member (object, "severity", info->severity);
  json_object_set_int_member (object, "status", info->status);
  json_object_set_string_member (object, "text", info->admin_text);
  json_object_set_string_member (object, "fix", info->fix);
  door_ctl_output_set_text (object, "user_text", info->user_text);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}
