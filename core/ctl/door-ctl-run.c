/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-ctl.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-suggest.h"
#include "door-version.h"

static bool
is_switch (const char *word, const char *name)
{
  return word != NULL && g_str_has_prefix (word, "--") && strcmp (word + 2, name) == 0;
}

/* Looked at before anything is parsed, so that a wrong command line is answered in JSON too. */
static bool
wants_json (const char *const *words)
{
  for (; *words != NULL && strcmp (*words, "--") != 0; words++)
    if (is_switch (*words, "json"))
      return true;
  return false;
}

static char *
dup_title (const DoorCtlCommand *command)
{
  return command->verb != NULL ? g_strdup_printf ("%s %s", command->noun, command->verb)
                               : g_strdup (command->noun);
}

static void
print_options (const DoorCommandOption *options)
{
  g_autofree char *help = door_command_line_dup_help (options);

  g_print ("%s", help);
}

static void
print_summary (const DoorCtlCommand *command)
{
  g_autofree char *title = dup_title (command);

  g_print ("  %-24s %s\n", title, command->summary);
}

/* What the commands from this noun on are for; they stand in the order in which they are needed. */
static void
print_heading (const char *noun)
{
  static const struct
  {
    const char *noun, *title;
  } headings[] = {
    { "config", "Configuration, and what is wrong" },
    { "idp", "Identity providers and sign-ins" },
    { "apns", "Apple: pushes and Apple Business Manager" },
    { "enroll-link", "Enrollment" },
    { "device", "Devices and people" },
    { "admin", "Administrators" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (headings); i++)
    if (strcmp (headings[i].noun, noun) == 0)
      g_print ("\n%s\n", headings[i].title);
}

static void
print_help (void)
{
  const char *noun = "";

  g_print ("Usage: doorctl NOUN VERB [OPTIONS]\n");
  for (const DoorCtlCommand *command = door_ctl_list_commands (); command->noun != NULL; command++)
    {
      if (strcmp (noun, command->noun) != 0)
        print_heading (command->noun);
      noun = command->noun;
      print_summary (command);
    }
  g_print ("\nOptions\n");
  print_options (door_ctl_list_common_options ());
  g_print ("\nMore: doorctl NOUN --help, doorctl NOUN VERB --help, doorctl(1), doorward.conf(5)\n");
}

static void
print_noun_help (const char *noun)
{
  g_print ("Usage: doorctl %s VERB [OPTIONS]\n\n", noun);
  for (const DoorCtlCommand *command = door_ctl_list_commands (); command->noun != NULL; command++)
    if (strcmp (command->noun, noun) == 0)
      print_summary (command);
  g_print ("\nMore: doorctl %s VERB --help\n", noun);
}

static void
print_command_help (const DoorCtlCommand *command)
{
  g_autofree char *title = dup_title (command);

  g_print ("Usage: doorctl %s%s%s [OPTIONS]\n\n%s\n\nOptions\n", title, command->words != NULL ? " " : "",
           command->words != NULL ? command->words : "", command->details);
  print_options (command->options);
  print_options (door_ctl_list_common_options ());
}

static DoorCtlExit
fail (bool json, DoorCtlExit status, const GError *error, const char *hint)
{
  DoorFault fault = door_error_get_fault (error);
  const DoorFaultInfo *info = fault != DOOR_FAULT_NONE ? door_fault_get_info (fault) : NULL;

  if (json)
    {
      g_autoptr (JsonNode) node = door_ctl_output_take_object (door_ctl_output_error_object (error, hint));

      door_ctl_output_print_json (node);
      return status;
    }
  g_printerr ("doorctl: %s\n", error->message);
  if (info != NULL)
    g_printerr ("  %s: %s\n", info->id, hint != NULL ? hint : info->fix);
  else if (hint != NULL)
    g_printerr ("%s\n", hint);
  return status;
}

static DoorCtlExit
print_version (bool json)
{
  if (json)
    {
      JsonObject *object = json_object_new ();
      g_autoptr (JsonNode) node = door_ctl_output_take_object (object);

      json_object_set_string_member (object, "version", DOOR_VERSION);
      json_object_set_int_member (object, "plugin_abi", DOOR_PLUGIN_ABI);
      door_ctl_output_print_json (node);
    }
  else
    g_print ("doorctl %s\n", DOOR_VERSION);
  return DOOR_CTL_OK;
}

/* Help as a document: what a program wants to know of a command is in the same table. Without a noun of all.
 */
static DoorCtlExit
print_json_help (const char *noun)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();
  g_autoptr (JsonNode) node = door_ctl_output_take_object (object);

  for (const DoorCtlCommand *command = door_ctl_list_commands (); command->noun != NULL; command++)
    {
      g_autofree char *title = dup_title (command);
      JsonObject *entry;

      if (noun != NULL && strcmp (command->noun, noun) != 0)
        continue;
      entry = json_object_new ();
      json_object_set_string_member (entry, "command", title);
      json_object_set_string_member (entry, "summary", command->summary);
      json_array_add_object_element (array, entry);
    }
  json_object_set_array_member (object, "commands", array);
  door_ctl_output_print_json (node);
  return DOOR_CTL_OK;
}

static void
set_unknown_error (const char *noun, const char *verb, GError **error)
{
  g_autofree char *given = verb != NULL ? g_strdup_printf ("%s %s", noun, verb) : g_strdup (noun);
  g_autoptr (DoorSuggest) suggest = door_suggest_new (given);

  for (const DoorCtlCommand *command = door_ctl_list_commands (); command->noun != NULL; command++)
    {
      g_autofree char *title = dup_title (command);

      door_suggest_add (suggest, title);
      if (strcmp (command->noun, noun) == 0 && verb == NULL)
        {
          door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "\"%s\" needs a verb, such as %s",
                          noun, title);
          return;
        }
    }
  if (door_suggest_get_best (suggest) != NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                    "there is no command \"%s\" (did you mean \"%s\"?)", given,
                    door_suggest_get_best (suggest));
  else
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "there is no command \"%s\"", given);
}

/* Moves *words behind noun and verb. */
static const DoorCtlCommand *
find_command (const char *const **words, GError **error)
{
  const char *noun = (*words)[0], *verb = NULL;

  if (noun == NULL || *noun == '-')
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "a command is missing");
      return NULL;
    }
  if ((*words)[1] != NULL && (*words)[1][0] != '-')
    verb = (*words)[1];
  for (const DoorCtlCommand *command = door_ctl_list_commands (); command->noun != NULL; command++)
    {
      if (strcmp (command->noun, noun) != 0 ||
          (command->verb != NULL && g_strcmp0 (command->verb, verb) != 0))
        continue;
      *words += command->verb != NULL ? 2 : 1;
      return command;
    }
  set_unknown_error (noun, verb, error);
  return NULL;
}

/* Of commands that are told apart by a verb: `doorctl device --help`, also with --json before or behind. */
static bool
is_noun_help (const char *const *words)
{
  const char *noun = words[0];
  bool wanted = false, known = false;

  for (const char *const *word = words + 1; noun != NULL && *word != NULL; word++)
    {
      if (!is_switch (*word, "help") && !is_switch (*word, "json"))
        return false;
      wanted = wanted || is_switch (*word, "help");
    }
  for (const DoorCtlCommand *command = door_ctl_list_commands (); wanted && command->noun != NULL; command++)
    known = known || (command->verb != NULL && strcmp (command->noun, noun) == 0);
  return known;
}

static DoorCommandLine *
parse_options (const DoorCtlCommand *command, const char *const *words, GError **error)
{
  g_autoptr (GArray) options = g_array_new (TRUE, TRUE, sizeof (DoorCommandOption));

  for (const DoorCommandOption *option = command->options; option->name != NULL; option++)
    g_array_append_vals (options, option, 1);
  for (const DoorCommandOption *option = door_ctl_list_common_options (); option->name != NULL; option++)
    g_array_append_vals (options, option, 1);
  return door_command_line_parse ((const DoorCommandOption *) (gpointer) options->data, words, error);
}

static bool
check_words (const DoorCtlCommand *command, const char *const *words, GError **error)
{
  unsigned int n_words = g_strv_length ((char **) words);

  if (n_words < command->min_words)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "%s is missing", command->words);
  else if (n_words > command->max_words)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "\"%s\" is too much",
                    words[command->max_words]);
  else
    return true;
  return false;
}

/* What a name is looked up in says nothing of commands: the catalogue there speaks of addresses. NULL where
 * the message or the catalogue has the next step. */
static char *
dup_step (const DoorCtlCommand *command, const DoorCommandLine *line, const GError *error)
{
  const DoorFault fault = door_error_get_fault (error);

  if (!g_error_matches (error, DOOR_ERROR, DOOR_ERROR_NOT_FOUND) ||
      strstr (error->message, "doorctl ") != NULL ||
      (fault != DOOR_FAULT_NONE && fault != DOOR_FAULT_HTTP_NOTFOUND && fault != DOOR_FAULT_IDP_UNKNOWN))
    return NULL;
  if (door_command_line_has (line, "user"))
    return g_strdup_printf ("doorctl device show %s names its users.", door_command_line_get_words (line)[0]);
  for (const DoorCtlCommand *other = door_ctl_list_commands (); other->noun != NULL; other++)
    if (strcmp (other->noun, command->noun) == 0 && g_strcmp0 (other->verb, "list") == 0)
      return g_strdup_printf ("doorctl %s list shows what there is.", command->noun);
  return NULL;
}

static DoorCtlExit
run_command (const DoorCtlCommand *command, const char *const *words, bool json)
{
  g_autofree char *title = dup_title (command);
  g_autofree char *hint = g_strdup_printf ("Try: doorctl %s --help", title);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorCommandLine) line = parse_options (command, words, &error);
  DoorCtlContext context = { .line = line, .json = json };
  DoorCtlExit status;

  if (line == NULL)
    return fail (json, DOOR_CTL_USAGE, error, hint);
  if (door_command_line_has (line, "version"))
    return print_version (json);
  if (door_command_line_has (line, "help"))
    {
      if (json)
        return print_json_help (NULL);
      print_command_help (command);
      return DOOR_CTL_OK;
    }
  context.words = door_command_line_get_words (line);
  if (!check_words (command, context.words, &error))
    return fail (json, DOOR_CTL_USAGE, error, hint);
  status = command->run (&context, &error);
  if (error != NULL)
    {
      g_autofree char *step = dup_step (command, line, error);

      status = fail (json, status, error, step);
    }
  else if (json && context.result != NULL)
    door_ctl_output_print_json (context.result);
  g_clear_pointer (&context.result, json_node_unref);
  return status;
}

/**
 * door_ctl_run:
 * @words: (array zero-terminated=1): the arguments, without the program's name
 *
 * Finds the command, runs it and prints its result. With `--json` exactly one document goes to standard
 * output, whatever happens. May block as the command does.
 *
 * Returns: the exit status
 */
DoorCtlExit
door_ctl_run (const char *const *words)
{
  const bool json = wants_json (words);
  const DoorCtlCommand *command;
  g_autoptr (GError) error = NULL;

  if (is_switch (words[0], "complete"))
    {
      door_ctl_complete (words + 1);
      return DOOR_CTL_OK;
    }
  for (; *words != NULL && **words == '-'; words++)
    {
      if (is_switch (*words, "version"))
        return print_version (json);
      if (is_switch (*words, "help"))
        {
          if (json)
            return print_json_help (NULL);
          print_help ();
          return DOOR_CTL_OK;
        }
      if (!is_switch (*words, "json"))
        break;
    }
  if (is_noun_help (words))
    {
      if (json)
        return print_json_help (words[0]);
      print_noun_help (words[0]);
      return DOOR_CTL_OK;
    }
  command = find_command (&words, &error);
  if (command == NULL)
    return fail (json, DOOR_CTL_USAGE, error, "Try: doorctl --help");
  return run_command (command, words, json);
}
