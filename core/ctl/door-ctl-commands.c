/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl.h"

#define SOURCE_OPTIONS                                                                                       \
  { "root", "DIR", "Check the files of a staged tree: DIR stands for the root of the file system.", false }, \
      { "file", "FILE", "Read this file only; may be given several times, the later wins.", true },          \
  {                                                                                                          \
    "plugin-dir", "DIR", "Load plugins from this folder or its sub-folders, as in a build tree.", false      \
  }

static const DoorCommandOption check_options[] = { SOURCE_OPTIONS, { NULL } };

static const DoorCommandOption show_options[] = {
  SOURCE_OPTIONS,
  { "effective", NULL, "Show also what has a default.", false },
  { "origin", NULL, "Show where each value comes from.", false },
  { NULL },
};

static const DoorCommandOption no_options[] = { { NULL } };

static const DoorCommandOption common_options[] = {
  { "json", NULL, "Print one JSON document, also when the command fails.", false },
  { "help", NULL, "Show help.", false },
  { "version", NULL, "Show the version.", false },
  { NULL },
};

static const DoorCtlCommand commands[] = {
  { "config", "check", NULL, 0, 0, check_options, "Check the configuration",
    "Reads the configuration as the server would and prints every problem with its file and line, its "
    "catalogue "
    "id and what to do. Needs neither a running server nor, for --root and --file, root. With --root or "
    "--file "
    "the owners and modes of the files and the secrets they refer to are not looked at. The exit status is 4 "
    "when there are problems.",
    door_ctl_config_check },
  { "config", "show", NULL, 0, 0, show_options, "Show the configuration as it is understood",
    "Prints the merged configuration in the syntax of the files. A secret is shown as its reference and "
    "whether "
    "it can be read, never as its value.",
    door_ctl_config_show },
  { "plugin", "list", NULL, 0, 0, check_options, "List plugins",
    "Lists the plugins in [plugins] Load and those installed beside them: what they bring, and why one is "
    "not "
    "loaded. The exit status is 4 when one cannot be loaded.",
    door_ctl_plugin_list },
  { "explain", NULL, "DW-ID", 1, 1, no_options, "Explain an entry of the error catalogue",
    "Prints what an id such as DW-SAML-AUDIENCE means, what the person on the device sees, and what to do.",
    door_ctl_explain },
  { NULL },
};

/**
 * door_ctl_list_commands:
 *
 * Returns: (transfer none) (array zero-terminated=1): all commands; a %NULL noun ends them
 */
const DoorCtlCommand *
door_ctl_list_commands (void)
{
  return commands;
}

/**
 * door_ctl_list_common_options:
 *
 * Returns: (transfer none) (array zero-terminated=1): the options every command has
 */
const DoorCommandOption *
door_ctl_list_common_options (void)
{
  return common_options;
}
