/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-ctl-world.h"
#include "door-options.h"

/* What the shell asks about: the words so far, of which the last is not finished. */
typedef struct
{
  const char *const *words;
  const char *current;
  size_t n_before; /* words before it that are no options */
  GHashTable *seen;
} Completion;

static void
offer (Completion *self, const char *candidate, const char *text)
{
  if (g_str_has_prefix (candidate, self->current) && g_hash_table_add (self->seen, g_strdup (candidate)))
    g_print ("%s\t%s\n", candidate, text);
}

static const char *
get_word (const Completion *self, size_t n)
{
  for (const char *const *word = self->words; *word != NULL; word++)
    if (**word != '-' && n-- == 0)
      return *word;
  return "";
}

static void
offer_options (Completion *self, const DoorCommandOption *options)
{
  for (; options->name != NULL; options++)
    {
      g_autofree char *candidate =
          g_strdup_printf ("--%s%s", options->name, options->value != NULL ? "=" : "");

      offer (self, candidate, options->text);
    }
}

static void
offer_commands (Completion *self)
{
  const char *noun = get_word (self, 0);

  for (const DoorCtlCommand *command = door_ctl_list_commands (); command->noun != NULL; command++)
    if (self->n_before == 0)
      offer (self, command->noun, command->summary);
    else if (self->n_before == 1 && command->verb != NULL && strcmp (command->noun, noun) == 0)
      offer (self, command->verb, command->summary);
}

static const DoorCtlCommand *
find_command (const Completion *self, size_t *n_words)
{
  for (const DoorCtlCommand *command = door_ctl_list_commands (); command->noun != NULL; command++)
    {
      *n_words = command->verb != NULL ? 2 : 1;
      if (strcmp (command->noun, get_word (self, 0)) == 0 &&
          (command->verb == NULL || strcmp (command->verb, get_word (self, 1)) == 0))
        return self->n_before >= *n_words ? command : NULL;
    }
  return NULL;
}

static void
offer_faults (Completion *self)
{
  for (int fault = DOOR_FAULT_NONE + 1; fault < DOOR_N_FAULTS; fault++)
    {
      const DoorFaultInfo *info = door_fault_get_info ((DoorFault) fault);

      offer (self, info->id, info->admin_text);
    }
}

/* The configuration that the options so far name; options that make no sense are as good as none. */
static DoorCtlWorld *
read_world (const Completion *self)
{
  static const DoorCommandOption options[] = { { "root", "DIR", "", false },
                                               { "config", "FILE", "", true, "file" },
                                               { "plugin-dir", "DIR", "", false },
                                               { NULL } };
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  g_autoptr (DoorCommandLine) line = NULL;

  for (const char *const *word = self->words; *word != NULL; word++)
    for (const DoorCommandOption *option = options; option->name != NULL; option++)
      {
        g_autofree char *prefix = g_strdup_printf ("--%s=", option->name);

        if (g_str_has_prefix (*word, prefix))
          g_ptr_array_add (known, (gpointer) *word);
      }
  g_ptr_array_add (known, NULL);
  line = door_command_line_parse (options, (const char *const *) known->pdata, NULL);
  return line != NULL ? door_ctl_world_new (line) : NULL;
}

static void
offer_groups (Completion *self, const DoorConfig *config, const char *type)
{
  g_auto (GStrv) groups = door_config_list_groups (config);
  size_t skip = type != NULL ? strlen (type) + 1 : 0;

  for (char **group = groups; *group != NULL; group++)
    {
      g_autofree char *kind = g_strndup (*group, strcspn (*group, "/"));

      if (type == NULL || (strcmp (kind, type) == 0 && (*group)[skip - 1] == '/'))
        offer (self, *group + skip, door_options_lookup (kind)->text);
    }
}

static void
offer_keys (Completion *self, const DoorKey *keys)
{
  for (; keys->name != NULL; keys++)
    {
      g_autofree char *candidate = g_strconcat (keys->name, "=", NULL);

      if ((keys->flags & DOOR_KEY_FLAG_FORMER) == 0)
        offer (self, candidate, keys->text);
    }
}

/* What is written in the group as well: keys of its plugin, translations. */
static void
offer_keys_of (Completion *self, const DoorConfig *config, const char *group)
{
  g_autofree char *kind = g_strndup (group, strcspn (group, "/"));
  const DoorOptionGroup *option = door_options_lookup (kind);
  g_auto (GStrv) written = door_config_list_keys (config, group, true);

  if (option == NULL)
    return;
  offer_keys (self, option->keys);
  if (option->base != NULL)
    offer_keys (self, door_options_lookup (option->base)->keys);
  for (char **key = written; *key != NULL; key++)
    {
      g_autofree char *candidate = g_strconcat (*key, "=", NULL);

      offer (self, candidate, door_config_lookup_key (config, group, *key)->text);
    }
}

static void
offer_words (Completion *self, const DoorCtlCommand *command, size_t n_words)
{
  g_autoptr (DoorCtlWorld) world = NULL;

  if (command->completes == DOOR_CTL_WORDS_FAULT)
    offer_faults (self);
  if (command->completes != DOOR_CTL_WORDS_IDP && command->completes != DOOR_CTL_WORDS_KEYS)
    return;
  world = read_world (self);
  if (world == NULL)
    return;
  if (command->completes == DOOR_CTL_WORDS_KEYS && self->n_before > n_words)
    offer_keys_of (self, world->config, get_word (self, n_words));
  else if (self->n_before == n_words)
    offer_groups (self, world->config, command->completes == DOOR_CTL_WORDS_IDP ? "idp" : NULL);
}

/**
 * door_ctl_complete:
 * @words: (array zero-terminated=1): the words behind "doorctl" up to the one to be completed, which is
 *   last and may be empty
 *
 * For the shells: prints what the last word may become, one a line, with a tab and an explanation. Blocks on
 * the file system.
 */
void
door_ctl_complete (const char *const *words)
{
  size_t n = g_strv_length ((char **) words), n_words = 0;
  g_auto (GStrv) before = NULL;
  Completion self = { .current = n > 0 ? words[n - 1] : "" };
  const DoorCtlCommand *command;

  before = g_strdupv ((char **) words);
  if (n > 0)
    g_clear_pointer (&before[n - 1], g_free);
  self.words = (const char *const *) before;
  for (char **word = before; *word != NULL; word++)
    self.n_before += **word != '-';
  self.seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  command = find_command (&self, &n_words);
  if (*self.current == '-')
    {
      if (command != NULL)
        offer_options (&self, command->options);
      offer_options (&self, door_ctl_list_common_options ());
    }
  else if (command != NULL)
    offer_words (&self, command, n_words);
  else
    offer_commands (&self);
  g_hash_table_unref (self.seen);
}
