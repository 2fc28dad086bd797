/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-command-line.h"

#include <string.h>

#include "door-error.h"
#include "door-suggest.h"

struct _DoorCommandLine
{
  GHashTable *values; /* name to GPtrArray of texts with a NULL at the end */
  GPtrArray *words;
};

static const DoorCommandOption daemon_options[] = {
  { "config", "FILE", "Read this file instead of the system's configuration.", false },
  { "dev", NULL,
    "Run for development: secrets may come from the environment (env:NAME), and --plugin-dir is allowed. "
    "Never use it where real devices enroll.",
    false },
  { "state-dir", "DIR",
    "Keep the keys the server makes for itself in this folder. Default: $STATE_DIRECTORY, which the service "
    "manager sets. The database is where [database] says.",
    false },
  { "plugin-dir", "DIR", "Load plugins from this folder or its sub-folders; needs --dev.", false },
  { "help", NULL, "Show this help.", false },
  { "version", NULL, "Show the version.", false },
  { NULL },
};

/**
 * door_command_line_list_daemon_options:
 *
 * Returns: (transfer none) (array zero-terminated=1): the options of the server; a %NULL name ends them
 */
const DoorCommandOption *
door_command_line_list_daemon_options (void)
{
  return daemon_options;
}

static const DoorCommandOption *
find_option (const DoorCommandOption *options, const char *name)
{
  for (; options->name != NULL; options++)
    if (strcmp (options->name, name) == 0 || g_strcmp0 (options->alias, name) == 0)
      return options;
  return NULL;
}

static void
set_unknown_error (const DoorCommandOption *options, const char *name, GError **error)
{
  g_autoptr (DoorSuggest) suggest = door_suggest_new (name);

  for (; options->name != NULL; options++)
    door_suggest_add (suggest, options->name);
  if (door_suggest_get_best (suggest) != NULL)
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                    "there is no option --%s (did you mean \"--%s\"?)", name,
                    door_suggest_get_best (suggest));
  else
    door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "there is no option --%s", name);
}

static bool
take_value (DoorCommandLine *self, const DoorCommandOption *option, const char *value, GError **error)
{
  GPtrArray *values = g_hash_table_lookup (self->values, option->name);

  if (values != NULL && !option->repeats)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "--%s stands twice", option->name);
      return false;
    }
  if (values == NULL)
    {
      values = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (values, NULL);
      g_hash_table_insert (self->values, g_strdup (option->name), values);
    }
  g_ptr_array_insert (values, (int) values->len - 1, g_strdup (value));
  return true;
}

/* Reads the option at words[*at] and moves *at to its last word. */
static bool
take_option (DoorCommandLine *self, const DoorCommandOption *options, const char *const *words, size_t *at,
             GError **error)
{
  const char *word = words[*at] + strlen ("--"), *equals = strchr (word, '=');
  g_autofree char *name = g_strndup (word, equals != NULL ? (size_t) (equals - word) : strlen (word));
  const DoorCommandOption *option = find_option (options, name);
  const char *value = equals != NULL ? equals + 1 : NULL;

  if (option == NULL)
    {
      set_unknown_error (options, name, error);
      return false;
    }
  if (option->value == NULL && value != NULL)
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "--%s takes no value", name);
      return false;
    }
  if (option->value != NULL && value == NULL)
    value = words[*at + 1] != NULL ? words[++*at] : NULL;
  if (option->value != NULL && (value == NULL || (*value == '\0' && !option->may_be_empty)))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "--%s needs a value: --%s=%s", name,
                      name, option->value);
      return false;
    }
  return take_value (self, option, value != NULL ? value : "", error);
}

/**
 * door_command_line_parse:
 * @options: (array zero-terminated=1): the options that exist
 * @words: (array zero-terminated=1): the arguments, without the program's name
 * @error: return location for an error
 *
 * Reads `--name`, `--name=VALUE` and `--name VALUE`; `--` ends the options. Never blocks.
 *
 * Returns: (transfer full): what was given, or %NULL with %DOOR_ERROR_INVALID_DATA and a text for the user
 */
DoorCommandLine *
door_command_line_parse (const DoorCommandOption *options, const char *const *words, GError **error)
{
  g_autoptr (DoorCommandLine) self = g_new0 (DoorCommandLine, 1);
  bool only_words = false;

  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->words = g_ptr_array_new_with_free_func (g_free);
  for (size_t i = 0; words[i] != NULL; i++)
    {
      if (!only_words && strcmp (words[i], "--") == 0)
        only_words = true;
      else if (!only_words && g_str_has_prefix (words[i], "--"))
        {
          if (!take_option (self, options, words, &i, error))
            return NULL;
        }
      else if (!only_words && words[i][0] == '-' && words[i][1] != '\0')
        {
          door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                          "there is no option %s; options begin with two dashes", words[i]);
          return NULL;
        }
      else
        g_ptr_array_add (self->words, g_strdup (words[i]));
    }
  g_ptr_array_add (self->words, NULL);
  return g_steal_pointer (&self);
}

/**
 * door_command_line_free:
 * @self: (transfer full): a parsed command line
 */
void
door_command_line_free (DoorCommandLine *self)
{
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_clear_pointer (&self->words, g_ptr_array_unref);
  g_free (self);
}

/**
 * door_command_line_has:
 * @self: a parsed command line
 * @name: an option
 *
 * Returns: whether it was given
 */
bool
door_command_line_has (const DoorCommandLine *self, const char *name)
{
  return g_hash_table_contains (self->values, name);
}

/**
 * door_command_line_get_value:
 * @self: a parsed command line
 * @name: an option
 *
 * Returns: (transfer none) (nullable): its first value; %NULL when it was not given
 */
const char *
door_command_line_get_value (const DoorCommandLine *self, const char *name)
{
  GPtrArray *values = g_hash_table_lookup (self->values, name);

  return values != NULL ? g_ptr_array_index (values, 0) : NULL;
}

/**
 * door_command_line_get_values:
 * @self: a parsed command line
 * @name: an option
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): its values; %NULL when it was not given
 */
const char *const *
door_command_line_get_values (const DoorCommandLine *self, const char *name)
{
  GPtrArray *values = g_hash_table_lookup (self->values, name);

  return values != NULL ? (const char *const *) values->pdata : NULL;
}

/**
 * door_command_line_get_words:
 * @self: a parsed command line
 *
 * Returns: (transfer none) (array zero-terminated=1): what is no option
 */
const char *const *
door_command_line_get_words (const DoorCommandLine *self)
{
  return (const char *const *) self->words->pdata;
}

/**
 * door_command_line_dup_help:
 * @options: (array zero-terminated=1): the options of a program; a %NULL name ends them
 *
 * Returns: (transfer full): one line for each option
 */
char *
door_command_line_dup_help (const DoorCommandOption *options)
{
  GString *help = g_string_new (NULL);

  for (; options->name != NULL; options++)
    {
      g_autofree char *name = options->value != NULL
                                  ? g_strdup_printf ("%s=%s", options->name, options->value)
                                  : g_strdup (options->name);

      g_string_append_printf (help, "  --%-18s %s\n", name, options->text);
    }
  return g_string_free (help, FALSE);
}
