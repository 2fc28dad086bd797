/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-config-validate.h"

#include <string.h>

#include "door-error.h"
#include "door-key-value.h"
#include "door-name.h"
#include "door-paths.h"
#include "door-settings-private.h"
#include "door-suggest.h"
#include "door-text.h"

typedef struct
{
  DoorConfig *config;
  DoorConfigKeysFunc keys;
  gpointer user_data;
} Validator;

static void
report_unknown_group (DoorConfig *self, DoorConfigGroup *group)
{
  g_autofree char *type = g_strndup (group->name, strcspn (group->name, "/"));
  g_autoptr (DoorSuggest) suggest = door_suggest_new (type);
  const DoorOptionGroup *option = door_options_lookup (type);

  if (option != NULL)
    {
      door_config_report (self, group, NULL, DOOR_FAULT_CFG_UNKNOWNGROUP,
                          option->has_instances ? "[%s] needs a name: [%s/NAME]" : "[%s] takes no name: [%s]",
                          group->name, type);
      return;
    }
  for (option = door_options_list (); option->name != NULL; option++)
    door_suggest_add (suggest, option->name);
  if (door_suggest_get_best (suggest) != NULL)
    door_config_report (self, group, NULL, DOOR_FAULT_CFG_UNKNOWNGROUP,
                        "there is no group [%s] (did you mean \"%s\"?)", group->name,
                        door_suggest_get_best (suggest));
  else
    door_config_report (self, group, NULL, DOOR_FAULT_CFG_UNKNOWNGROUP, "there is no group [%s]",
                        group->name);
}

static void
add_plugin_table (Validator *self, DoorConfigGroup *group, const DoorKey *table)
{
  for (const DoorKey *key = table; key->name != NULL; key++)
    for (size_t i = 0; i < group->tables->len; i++)
      {
        const DoorKey *const one[] = { g_ptr_array_index (group->tables, i), NULL };

        if (door_options_lookup_key (one, key->name) != NULL)
          door_config_report (self->config, group, group->option->plugin_key, DOOR_FAULT_CFG_PLUGIN,
                              "the plugin brings a key %s, which [%s] has already", key->name,
                              group->option->name);
      }
  g_ptr_array_add (group->tables, (gpointer) table);
}

/* Only the file that could not be read is worth a message then, not all that follows from it. */
static bool
is_excused (const DoorConfig *config, DoorConfigGroup *group)
{
  group->broken = group->broken || config->incomplete;
  return config->incomplete;
}

/* Returns whether all keys of the group are known: without its plugin those of the plugin are not. */
static bool
find_tables (Validator *self, DoorConfigGroup *group)
{
  const DoorOptionGroup *option = group->option;
  const DoorKey *own[2] = { option->keys, NULL }, *table = NULL, *key;
  const DoorConfigValue *value;
  const char *type;
  bool complete = true;

  g_ptr_array_add (group->tables, (gpointer) option->keys);
  if (option->base != NULL)
    g_ptr_array_add (group->tables, (gpointer) door_options_lookup (option->base)->keys);
  if (option->plugin_kind != NULL)
    {
      key = door_options_lookup_key (own, option->plugin_key);
      value = g_hash_table_lookup (group->values, key->name);
      type = value != NULL ? value->text : key->fallback;
      if (type != NULL && self->keys != NULL)
        table = self->keys (option->plugin_kind, type, self->user_data);
      if (table != NULL)
        add_plugin_table (self, group, table);
      else if (type != NULL && !is_excused (self->config, group))
        door_config_report (self->config, group, key->name, DOOR_FAULT_CFG_PLUGIN,
                            "no loaded plugin has the %s \"%s\"; is it in [plugins] Load?",
                            option->plugin_kind, type);
      complete = table != NULL;
    }
  g_ptr_array_add (group->tables, NULL);
  return complete;
}

static const DoorKey *
find_key (const DoorConfigGroup *group, const char *name)
{
  return door_options_lookup_key ((const DoorKey *const *) group->tables->pdata, name);
}

/* What is called otherwise in a group than in others. */
static const char *
get_other_name (const DoorConfigGroup *group, const char *key)
{
  static const struct
  {
    const char *group, *key, *name;
  } others[] = {
    { "team", "DisplayName", "Title" },
    { "team", "Name", "Title" },
    { "idp", "Title", "DisplayName" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (others); i++)
    if (group->option != NULL && g_str_equal (group->option->name, others[i].group) &&
        g_ascii_strcasecmp (key, others[i].key) == 0)
      return others[i].name;
  return NULL;
}

static void
report_unknown_key (DoorConfig *self, DoorConfigGroup *group, const char *name)
{
  g_autofree char *base = g_strndup (name, strcspn (name, "["));
  g_autoptr (DoorSuggest) suggest = door_suggest_new (base);
  const char *best;

  for (size_t i = 0; i + 1 < group->tables->len; i++)
    for (const DoorKey *key = g_ptr_array_index (group->tables, i); key->name != NULL; key++)
      if ((key->flags & DOOR_KEY_FLAG_FORMER) == 0)
        door_suggest_add (suggest, key->name);
  best = door_suggest_get_best (suggest) != NULL ? door_suggest_get_best (suggest)
                                                 : get_other_name (group, base);
  if (best != NULL)
    {
      door_config_report (self, group, name, DOOR_FAULT_CFG_UNKNOWNKEY,
                          "[%s] has no key %s (did you mean \"%s\"?)", group->name, name, best);
      return;
    }
  for (const DoorOptionGroup *option = door_options_list (); option->name != NULL; option++)
    {
      const DoorKey *const one[] = { option->keys, NULL };

      if (door_options_lookup_key (one, base) != NULL)
        {
          door_config_report (self, group, name, DOOR_FAULT_CFG_UNKNOWNKEY,
                              "[%s] has no key %s; it belongs in [%s%s]", group->name, name, option->name,
                              option->has_instances ? "/NAME" : "");
          return;
        }
    }
  door_config_report (self, group, name, DOOR_FAULT_CFG_UNKNOWNKEY, "[%s] has no key %s", group->name, name);
}

/* Who may make objects is not who may write files: an object names no file of this machine, and no secret but
 * those that were put there for it by name. */
static bool
check_object_value (DoorConfig *self, DoorConfigGroup *group, const char *name, const DoorKey *key,
                    const char *text)
{
  g_autofree char *own = NULL;

  if (!group->object)
    return true;
  if (key->type == DOOR_KEY_SECRET)
    {
      own = g_strdup_printf ("credential:%s-", group->name);
      g_strdelimit (own, "/", '-');
      /* with another hyphen it would be that of a connection whose name goes on where this one ends */
      if (g_str_has_prefix (text, own) && text[strlen (own)] != '\0' &&
          strchr (text + strlen (own), '-') == NULL)
        return true;
      door_config_report (self, group, name, DOOR_FAULT_CFG_VALUE,
                          "%s: in the database a secret is named as %sNAME, NAME without a hyphen, never "
                          "written down",
                          name, own);
      return false;
    }
  if (key->type != DOOR_KEY_PATH && (key->flags & DOOR_KEY_FLAG_FILE_ONLY) == 0)
    return true;
  door_config_report (self, group, name, DOOR_FAULT_CFG_VALUE, "%s can be set in a file only", name);
  return false;
}

static void
check_value (Validator *self, DoorConfigGroup *group, const char *name, bool complete)
{
  const DoorConfigValue *value = g_hash_table_lookup (group->values, name);
  g_autofree char *base = g_strndup (name, strcspn (name, "["));
  const DoorKey *key = find_key (group, base);
  g_autoptr (GError) error = NULL;

  if (key == NULL)
    {
      if (!complete)
        return;
      report_unknown_key (self->config, group, name);
      g_hash_table_remove (group->values, name);
    }
  else if (strcmp (base, name) != 0 && (key->flags & DOOR_KEY_FLAG_LOCALISED) == 0)
    {
      door_config_report (self->config, group, name, DOOR_FAULT_CFG_UNKNOWNKEY, "%s cannot be translated",
                          base);
      g_hash_table_remove (group->values, name);
    }
  else if (!check_object_value (self->config, group, name, key, value->text))
    return;
  else if (!door_settings_check_value (key, value->text, &error))
    door_config_report (self->config, group, name, door_error_get_fault (error), "%s: %s", name,
                        error->message);
  else if (key->type == DOOR_KEY_SECRET && !self->config->allow_env && g_str_has_prefix (value->text, "env:"))
    door_config_report (self->config, group, name, DOOR_FAULT_CFG_TYPE,
                        "%s: env: is understood in development mode only", name);
}

/* Copies: what is looked at may go. */
static char **
dup_sorted_names (const DoorConfigGroup *group)
{
  unsigned int n_names = 0;
  g_autofree char **names = (char **) g_hash_table_get_keys_as_array (group->values, &n_names);

  qsort (names, n_names, sizeof *names, door_text_compare_items);
  return g_strdupv (names);
}

/* What stands under a former name is taken for the key, with the place where it stands. */
static void
take_former_name (Validator *self, DoorConfigGroup *group, const char *name)
{
  g_autofree char *base = g_strndup (name, strcspn (name, "[")), *now = NULL;
  const DoorKey *key = find_key (group, base);
  gpointer old = NULL, value = NULL;

  if (key == NULL || (key->flags & DOOR_KEY_FLAG_FORMER) == 0)
    return;
  now = g_strconcat (key->fallback, name + strlen (base), NULL);
  if (g_hash_table_contains (group->values, now))
    {
      door_config_report (self->config, group, name, DOOR_FAULT_CFG_DUPLICATE,
                          "%s is the former name of %s, which is written as well; remove %s", name, now,
                          name);
      g_hash_table_remove (group->values, name);
      return;
    }
  door_config_warn (self->config, group, name, DOOR_FAULT_CFG_FORMERKEY, "%s is called %s now", name, now);
  g_hash_table_steal_extended (group->values, name, &old, &value);
  g_free (old);
  g_hash_table_insert (group->values, g_steal_pointer (&now), value);
}

/* One language in two spellings, such as [de_AT] and [de-at], is found with its line here, not later without.
 */
static void
check_languages (Validator *self, DoorConfigGroup *group, char **names)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (char **name = names; *name != NULL; name++)
    {
      size_t base = strcspn (*name, "[");
      g_autofree char *lower = g_ascii_strdown (*name + base, -1);
      g_autofree char *plain = g_strdup_printf ("%.*s%s", (int) base, *name, g_strdelimit (lower, "_", '-'));
      const char *first = g_hash_table_lookup (seen, plain);

      if (first != NULL)
        door_config_report (self->config, group, *name, DOOR_FAULT_CFG_DUPLICATE,
                            "%s and %s are the same language; remove one", first, *name);
      else
        g_hash_table_insert (seen, g_steal_pointer (&plain), *name);
    }
}

static void
check_values (Validator *self, DoorConfigGroup *group, bool complete)
{
  g_auto (GStrv) written = dup_sorted_names (group), names = NULL;

  for (char **name = written; *name != NULL; name++)
    take_former_name (self, group, *name);
  names = dup_sorted_names (group);
  for (char **name = names; *name != NULL; name++)
    check_value (self, group, *name, complete);
  check_languages (self, group, names);
}

static void
check_required (Validator *self, DoorConfigGroup *group)
{
  for (size_t i = 0; i + 1 < group->tables->len; i++)
    for (const DoorKey *key = g_ptr_array_index (group->tables, i); key->name != NULL; key++)
      if ((key->flags & DOOR_KEY_FLAG_REQUIRED) != 0 && !g_hash_table_contains (group->values, key->name) &&
          !is_excused (self->config, group))
        door_config_report (self->config, group, NULL, DOOR_FAULT_CFG_REQUIRED, "[%s] needs the key %s",
                            group->name, key->name);
}

static void
validate_group (Validator *self, DoorConfigGroup *group)
{
  const char *slash = strchr (group->name, '/');
  bool complete;

  if (group->option == NULL)
    {
      report_unknown_group (self->config, group);
      return;
    }
  if (slash != NULL && !door_name_is_valid (slash + 1))
    door_config_report (self->config, group, NULL, DOOR_FAULT_CFG_VALUE,
                        "the name in [%s] may have 1 to 32 of a-z, 0-9 and -", group->name);
  complete = find_tables (self, group);
  check_values (self, group, complete);
  check_required (self, group);
}

static void
derive (DoorConfigGroup *group, const char *key, const DoorConfigValue *from, char *text)
{
  DoorConfigValue *value;

  if (g_hash_table_contains (group->values, key))
    {
      g_free (text);
      return;
    }
  value = g_new0 (DoorConfigValue, 1);
  value->text = text;
  value->derived = true;
  if (from != NULL)
    {
      value->file = g_strdup (from->file);
      value->line = from->line;
    }
  g_hash_table_insert (group->values, g_strdup (key), value);
}

/* Defaults that are not constant, and what a team takes over. */
static void
derive_values (DoorConfig *self, DoorConfigGroup *group)
{
  DoorConfigGroup *doorward = g_tree_lookup (self->groups, "doorward");
  const DoorConfigValue *external = g_hash_table_lookup (doorward->values, "ExternalUrl");
  const DoorOptionGroup *option = group->option;

  if (doorward->broken)
    external = NULL;
  if (group == doorward && external != NULL)
    derive (group, "MdmUrl", NULL, g_strdup (external->text));
  if (strcmp (option->name, "idp") == 0 && external != NULL)
    derive (group, "SpEntityId", NULL,
            door_paths_dup_entity_id (external->text, group->name + strlen ("idp/")));
  if (option->base != NULL)
    {
      DoorConfigGroup *base = g_tree_lookup (self->groups, option->base);

      for (const DoorKey *key = base->option->keys; !base->broken && key->name != NULL; key++)
        {
          const DoorConfigValue *from = g_hash_table_lookup (base->values, key->name);

          if (from != NULL)
            derive (group, key->name, from, g_strdup (from->text));
        }
    }
}

static void
make_settings (DoorConfig *self, DoorConfigGroup *group)
{
  DoorSettingsSource source = { .group = group->name,
                                .tables = (const DoorKey *const *) group->tables->pdata,
                                .credentials_folder = self->credentials_folder,
                                .allow_env = self->allow_env };
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer name, value;

  source.values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_iter_init (&iter, group->values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    g_hash_table_insert (source.values, g_strdup (name), g_strdup (((DoorConfigValue *) value)->text));
  group->settings = self->lax ? door_settings_new_lax (&source, &error) : door_settings_new (&source, &error);
  if (group->settings == NULL)
    door_config_report (self, group, NULL, door_error_get_fault (error), "%s", error->message);
}

/* It must be known before anything is looked at. What is no boolean is reported with the other keys. */
static bool
is_lax (const DoorConfig *self)
{
  const DoorConfigGroup *doorward = g_tree_lookup (self->groups, "doorward");
  const DoorConfigValue *strict = g_hash_table_lookup (doorward->values, "Strict");
  bool value = true;

  return strict != NULL && door_key_value_parse_boolean (strict->text, &value) && !value;
}

/**
 * door_config_validate:
 * @self: a configuration that holds what the files say
 * @keys: (scope call) (nullable): asks for the keys of plugins; %NULL when none is loaded
 * @user_data: for @keys
 *
 * Checks each group on its own and makes the settings of those that are right.
 */
void
door_config_validate (DoorConfig *self, DoorConfigKeysFunc keys, gpointer user_data)
{
  Validator validator = { .config = self, .keys = keys, .user_data = user_data };

  self->lax = is_lax (self);
  for (GTreeNode *node = g_tree_node_first (self->groups); node != NULL; node = g_tree_node_next (node))
    validate_group (&validator, g_tree_node_value (node));
  for (GTreeNode *node = g_tree_node_first (self->groups); node != NULL; node = g_tree_node_next (node))
    {
      DoorConfigGroup *group = g_tree_node_value (node);

      if (group->broken || group->option == NULL)
        continue;
      derive_values (self, group);
      make_settings (self, group);
    }
}
