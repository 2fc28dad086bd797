/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the manual pages: a template in reStructuredText, into which the tables of the program are written.
 */
#include <string.h>

#include "door-ctl.h"
#include "door-error.h"
#include "door-options.h"
#include "door-plugin-loader.h"
#include "door-version.h"

typedef void (*Section) (const DoorPluginRegistry *registry, GString *out);

static void
append_escaped (GString *out, const char *text)
{
  for (; *text != '\0'; text++)
    {
      if (strchr ("\\*`|_<>", *text) != NULL)
        g_string_append_c (out, '\\');
      g_string_append_c (out, *text);
    }
}

static void
append_heading (GString *out, const char *text, char line)
{
  g_autofree char *under = g_strnfill (strlen (text), line);

  g_string_append_printf (out, "\n%s\n%s\n\n", text, under);
}

static const char *
describe_type (const DoorKey *key)
{
  static const char *const names[] = {
    [DOOR_KEY_STRING] = "text",
    [DOOR_KEY_LIST] = "list",
    [DOOR_KEY_BOOLEAN] = "boolean",
    [DOOR_KEY_INTEGER] = "number",
    [DOOR_KEY_DURATION] = "duration",
    [DOOR_KEY_SIZE] = "size",
    [DOOR_KEY_URL] = "URL",
    [DOOR_KEY_ENUM] = "word",
    [DOOR_KEY_PATH] = "absolute path",
    [DOOR_KEY_SECRET] = "secret reference",
  };

  return names[key->type];
}

static void
append_key (GString *out, const DoorKey *key)
{
  if ((key->flags & DOOR_KEY_FLAG_FORMER) != 0)
    return;
  g_string_append_printf (out, "``%s=``\n    *%s*", key->name, describe_type (key));
  if ((key->flags & DOOR_KEY_FLAG_REQUIRED) != 0)
    g_string_append (out, ", required");
  if ((key->flags & DOOR_KEY_FLAG_LOCALISED) != 0)
    g_string_append (out, ", can be translated");
  if ((key->flags & DOOR_KEY_FLAG_RESTART) != 0)
    g_string_append (out, ", needs a restart");
  if ((key->flags & DOOR_KEY_FLAG_FILE_ONLY) != 0)
    g_string_append (out, ", in a file only");
  if (key->choices != NULL)
    {
      g_auto (GStrv) words = g_strsplit (key->choices, ";", -1);
      g_autofree char *joined = g_strjoinv ("``, ``", words);

      g_string_append_printf (out, ", ``%s``", joined);
    }
  if (key->fallback != NULL)
    g_string_append_printf (out, ", default ``%s``", key->fallback);
  g_string_append (out, ".\n    ");
  append_escaped (out, key->text);
  g_string_append (out, "\n\n");
}

static void
append_groups (const DoorPluginRegistry *registry, GString *out)
{
  for (const DoorOptionGroup *group = door_options_list (); group->name != NULL; group++)
    {
      g_autofree char *title = g_strdup_printf ("[%s%s]", group->name, group->has_instances ? "/NAME" : "");

      append_heading (out, title, '-');
      append_escaped (out, group->text);
      g_string_append (out, "\n\n");
      for (const DoorKey *key = group->keys; key->name != NULL; key++)
        append_key (out, key);
    }
}

static void
append_plugins (const DoorPluginRegistry *registry, GString *out)
{
  const GPtrArray *entries = door_plugin_registry_list (registry);

  for (size_t i = 0; i < entries->len; i++)
    {
      const DoorPluginEntry *entry = g_ptr_array_index (entries, i);
      bool storage = strcmp (entry->kind, "storage") == 0;
      g_autofree char *title = storage ? g_strdup_printf ("[database] with Driver=%s", entry->name)
                                       : g_strdup_printf ("[%s/NAME] with Type=%s", entry->kind, entry->name);

      append_heading (out, title, '-');
      g_string_append_printf (out, "From the plugin *%s*.%s\n\n", entry->plugin,
                              entry->keys[0].name == NULL ? " It adds no keys." : "");
      for (const DoorKey *key = entry->keys; key->name != NULL; key++)
        append_key (out, key);
    }
}

static void
append_options (GString *out, const DoorCommandOption *options)
{
  for (; options->name != NULL; options++)
    {
      g_string_append_printf (out, "``--%s%s%s``\n    ", options->name, options->value != NULL ? "=" : "",
                              options->value != NULL ? options->value : "");
      append_escaped (out, options->text);
      g_string_append (out, "\n\n");
    }
}

static void
append_commands (const DoorPluginRegistry *registry, GString *out)
{
  for (const DoorCtlCommand *command = door_ctl_list_commands (); command->noun != NULL; command++)
    {
      g_autofree char *title =
          g_strdup_printf ("doorctl %s%s%s%s%s", command->noun, command->verb != NULL ? " " : "",
                           command->verb != NULL ? command->verb : "", command->words != NULL ? " " : "",
                           command->words != NULL ? command->words : "");

      append_heading (out, title, '-');
      append_escaped (out, command->details);
      g_string_append (out, "\n\n");
      append_options (out, command->options);
    }
}

static void
append_common_options (const DoorPluginRegistry *registry, GString *out)
{
  append_options (out, door_ctl_list_common_options ());
}

static void
append_daemon_options (const DoorPluginRegistry *registry, GString *out)
{
  append_options (out, door_command_line_list_daemon_options ());
}

static void
append_faults (const DoorPluginRegistry *registry, GString *out)
{
  for (int fault = DOOR_FAULT_NONE + 1; fault < DOOR_N_FAULTS; fault++)
    {
      const DoorFaultInfo *info = door_fault_get_info ((DoorFault) fault);

      g_string_append_printf (out, "``%s``\n    *%s*, HTTP %u. ", info->id, info->severity, info->status);
      append_escaped (out, info->admin_text);
      if (info->user_text != NULL)
        {
          g_string_append (out, "\n\n    The person sees: \"");
          append_escaped (out, info->user_text);
          g_string_append_c (out, '"');
        }
      g_string_append (out, "\n\n    ");
      append_escaped (out, info->fix);
      g_string_append (out, "\n\n");
    }
}

static void
append_version (const DoorPluginRegistry *registry, GString *out)
{
  g_string_append (out, ":Version: " DOOR_VERSION "\n");
}

static const struct
{
  const char *marker;
  Section append;
} sections[] = {
  { "%%groups%%", append_groups },
  { "%%plugins%%", append_plugins },
  { "%%commands%%", append_commands },
  { "%%common-options%%", append_common_options },
  { "%%daemon-options%%", append_daemon_options },
  { "%%faults%%", append_faults },
  { "%%version%%", append_version },
};

static bool
append_section (const DoorPluginRegistry *registry, const char *line, GString *out)
{
  for (size_t i = 0; i < G_N_ELEMENTS (sections); i++)
    if (strcmp (line, sections[i].marker) == 0)
      {
        sections[i].append (registry, out);
        return true;
      }
  return false;
}

static GString *
fill_template (const DoorPluginRegistry *registry, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GString) out = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    {
      if (append_section (registry, *line, out))
        continue;
      if (g_str_has_prefix (*line, "%%"))
        {
          door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "unknown marker %s", *line);
          return NULL;
        }
      g_string_append_printf (out, "%s%s", *line, line[1] != NULL ? "\n" : "");
    }
  return g_steal_pointer (&out);
}

static const DoorCommandOption options[] = {
  { "plugin-dir", "DIR", "where the plugins of --plugin are", false },
  { "plugin", "NAME", "a plugin whose keys are described", true },
  { NULL },
};

static GString *
run (const char *const *words, GError **error)
{
  g_autoptr (DoorCommandLine) line = door_command_line_parse (options, words, error);
  g_autoptr (DoorPluginRegistry) registry = door_plugin_registry_new ();
  g_autoptr (DoorPluginLoader) loader = NULL;
  g_autofree char *text = NULL;
  const char *folder, *const *names, *const *files;

  if (line == NULL)
    return NULL;
  folder = door_command_line_get_value (line, "plugin-dir");
  names = door_command_line_get_values (line, "plugin");
  files = door_command_line_get_words (line);
  if (g_strv_length ((char **) files) != 1 || (names != NULL && folder == NULL))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                      "usage: door-man [--plugin-dir=DIR --plugin=NAME...] TEMPLATE");
      return NULL;
    }
  if (names != NULL)
    {
      loader = door_plugin_loader_new (registry, folder, true);
      if (!door_plugin_loader_load_all (loader, names, error))
        return NULL;
    }
  if (!g_file_get_contents (files[0], &text, NULL, error))
    return NULL;
  return fill_template (registry, text, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) page = run ((const char *const *) argv + 1, &error);

  if (page == NULL)
    {
      g_printerr ("door-man: %s\n", error->message);
      return 1;
    }
  g_print ("%s", page->str);
  return 0;
}
