/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-ctl-check.h"
#include "door-ctl-output.h"
#include "door-json-member.h"

static void
print_problem (const DoorConfigProblem *problem, const char *kind, bool colour)
{
  const DoorFaultInfo *info = door_fault_get_info (problem->fault);

  if (problem->file != NULL)
    g_print ("%s:", problem->file);
  if (problem->line > 0)
    g_print ("%u:", problem->line);
  g_print ("%s%s%s%s%s: %s\n  %s\n", problem->file != NULL ? " " : "",
           colour ? (problem->fatal ? "\033[1;31m" : "\033[1;33m") : "", kind, info->id,
           colour ? "\033[0m" : "", problem->text, info->fix);
}

static void
print_findings (const DoorCtlFindings *found, const DoorCtlWorld *world)
{
  bool colour = door_ctl_output_has_colour ();
  guint n_warnings = found->warnings->len;
  g_autofree char *warned = n_warnings > 0
                                ? g_strdup_printf (", %u warning%s", n_warnings, n_warnings == 1 ? "" : "s")
                                : g_strdup ("");

  for (guint i = 0; i < found->problems->len; i++)
    print_problem (g_ptr_array_index (found->problems, i), "", colour);
  for (guint i = 0; i < found->warnings->len; i++)
    print_problem (g_ptr_array_index (found->warnings, i), "warning: ", colour);
  for (guint i = 0; i < found->notes->len; i++)
    g_printerr ("note: %s\n", (const char *) g_ptr_array_index (found->notes, i));
  if (found->problems->len == 0)
    g_print ("%u file%s, no problem%s\n", world->files->files->len, world->files->files->len == 1 ? "" : "s",
             warned);
  else
    g_print ("%u problem%s; %s\n", found->problems->len, found->problems->len == 1 ? "" : "s",
             found->fatal ? "the server would not start" : "the server starts without what is named above");
}

static JsonObject *
problem_object (const DoorConfigProblem *problem)
{
  const DoorFaultInfo *info = door_fault_get_info (problem->fault);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", info->id);
  door_json_member_set_text (object, "file", problem->file);
  if (problem->line > 0)
    json_object_set_int_member (object, "line", problem->line);
  else
    json_object_set_null_member (object, "line");
  door_json_member_set_text (object, "group", problem->group);
  json_object_set_string_member (object, "text", problem->text);
  json_object_set_string_member (object, "fix", info->fix);
  json_object_set_boolean_member (object, "fatal", problem->fatal);
  return object;
}

static JsonArray *
list_files (const DoorCtlWorld *world)
{
  JsonArray *array = json_array_new ();

  for (size_t i = 0; i < world->files->files->len; i++)
    json_array_add_string_element (array,
                                   ((DoorConfigFile *) g_ptr_array_index (world->files->files, i))->path);
  return array;
}

static JsonNode *
findings_node (const DoorCtlFindings *found, const DoorCtlWorld *world)
{
  JsonObject *object = json_object_new ();
  JsonArray *problems = json_array_new (), *warnings = json_array_new (), *notes = json_array_new ();

  for (guint i = 0; i < found->problems->len; i++)
    json_array_add_object_element (problems, problem_object (g_ptr_array_index (found->problems, i)));
  for (guint i = 0; i < found->warnings->len; i++)
    json_array_add_object_element (warnings, problem_object (g_ptr_array_index (found->warnings, i)));
  for (guint i = 0; i < found->notes->len; i++)
    json_array_add_string_element (notes, g_ptr_array_index (found->notes, i));
  json_object_set_boolean_member (object, "ok", found->problems->len == 0);
  json_object_set_boolean_member (object, "starts", !found->fatal);
  json_object_set_array_member (object, "files", list_files (world));
  json_object_set_array_member (object, "problems", problems);
  json_object_set_array_member (object, "warnings", warnings);
  json_object_set_array_member (object, "notes", notes);
  return door_ctl_output_take_object (object);
}

/**
 * door_ctl_config_check:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl config check`. Blocks on the file system.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_PROBLEMS
 */
DoorCtlExit
door_ctl_config_check (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlWorld) world = door_ctl_world_new (context->line);
  g_autoptr (DoorCtlFindings) found = door_ctl_check_system (world);

  if (context->json)
    context->result = findings_node (found, world);
  else
    print_findings (found, world);
  return found->problems->len == 0 ? DOOR_CTL_OK : DOOR_CTL_PROBLEMS;
}

/* What is shown of a key: a secret as its reference and whether it can be read. */
static char *
dup_shown_text (const DoorCtlWorld *world, const char *group, const char *key)
{
  const DoorKey *entry = door_config_lookup_key (world->config, group, key);
  const char *text = door_config_lookup_text (world->config, group, key);
  DoorSettings *settings = door_config_get_settings (world->config, group);
  g_autoptr (DoorSecret) secret = NULL;
  size_t size = 0;

  if (entry == NULL)
    return g_strdup ("");
  if (entry->type != DOOR_KEY_SECRET)
    return g_strdup (text);
  if (!door_settings_check_value (entry, text, NULL))
    return g_strdup ("(hidden)"); /* a secret in the file itself */
  if (settings == NULL || world->staged)
    return g_strdup (text);
  secret = door_settings_dup_secret (settings, key, NULL); /* config check tells why */
  if (secret == NULL)
    return g_strdup_printf ("%s (cannot be read)", text);
  door_secret_get_data (secret, &size);
  return g_strdup_printf ("%s (present, %zu bytes)", text, size);
}

static JsonObject *
show_key (const DoorCtlContext *context, const DoorCtlWorld *world, const char *group, const char *key)
{
  g_autofree char *text = dup_shown_text (world, group, key);
  g_autofree char *origin = door_command_line_has (context->line, "origin")
                                ? door_config_dup_origin (world->config, group, key)
                                : NULL;
  JsonObject *object;

  if (!context->json)
    {
      if (origin != NULL)
        g_print ("# %s\n", origin);
      g_print ("%s=%s\n", key, text);
      return NULL;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "value", text);
  if (origin != NULL)
    json_object_set_string_member (object, "origin", origin);
  return object;
}

static JsonObject *
show_group (const DoorCtlContext *context, const DoorCtlWorld *world, const char *group)
{
  g_auto (GStrv) keys =
      door_config_list_keys (world->config, group, door_command_line_has (context->line, "effective"));
  JsonObject *object = NULL;

  if (keys[0] == NULL && strchr (group, '/') == NULL)
    return NULL;
  if (context->json)
    object = json_object_new ();
  else
    g_print ("[%s]%s\n", group,
             door_config_is_broken (world->config, group) ? "\n# switched off, see: doorctl config check"
                                                          : "");
  for (char **key = keys; *key != NULL; key++)
    {
      JsonObject *entry = show_key (context, world, group, *key);

      if (entry != NULL)
        json_object_set_object_member (object, *key, entry);
    }
  if (!context->json)
    g_print ("\n");
  return object;
}

/**
 * door_ctl_config_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl config show`. Blocks on the file system.
 *
 * Returns: %DOOR_CTL_OK
 */
DoorCtlExit
door_ctl_config_show (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlWorld) world = door_ctl_world_new (context->line);
  g_auto (GStrv) groups = door_config_list_groups (world->config);
  JsonObject *object = context->json ? json_object_new () : NULL;

  for (char **group = groups; *group != NULL; group++)
    {
      JsonObject *shown = show_group (context, world, *group);

      if (shown != NULL)
        json_object_set_object_member (object, *group, shown);
    }
  if (context->json)
    context->result = door_ctl_output_take_object (object);
  else if (door_config_get_problems (world->config)->len + world->plugin_errors->len > 0)
    g_printerr ("There are problems; run: doorctl config check\n");
  return DOOR_CTL_OK;
}
