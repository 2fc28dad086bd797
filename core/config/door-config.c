/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-config.h"

#include <string.h>

#include "door-config-private.h"
#include "door-config-validate.h"
#include "door-error.h"
#include "door-text.h"

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static int
compare_problems (gconstpointer a, gconstpointer b)
{
  const DoorConfigProblem *x = *(const DoorConfigProblem *const *) a;
  const DoorConfigProblem *y = *(const DoorConfigProblem *const *) b;
  int order = g_strcmp0 (x->file, y->file);

  return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

/**
 * door_config_problem_free:
 * @self: (transfer full): a problem
 */
void
door_config_problem_free (DoorConfigProblem *self)
{
  g_free (self->file);
  g_free (self->group);
  g_free (self->text);
  g_free (self);
}

static void
value_free (gpointer data)
{
  DoorConfigValue *value = data;

  g_free (value->text);
  g_free (value->file);
  g_free (value);
}

static void
group_free (gpointer data)
{
  DoorConfigGroup *group = data;

  g_free (group->name);
  g_free (group->file);
  g_ptr_array_unref (group->tables);
  g_hash_table_unref (group->values);
  g_clear_pointer (&group->settings, door_settings_unref);
  g_free (group);
}

/* Keeps a problem and, when it concerns a group, switches the group off. */
static void
take_problem (DoorConfig *self, DoorConfigGroup *group, DoorConfigProblem *problem)
{
  problem->fatal = group == NULL || group->option == NULL || !group->option->has_instances;
  if (group != NULL)
    {
      problem->group = g_strdup (group->name);
      group->broken = true;
      g_clear_pointer (&group->settings, door_settings_unref);
    }
  g_ptr_array_add (self->problems, problem);
}

/* At the place where the key stands, or the group when the key is absent. */
static DoorConfigProblem *
locate_problem (const DoorConfigGroup *group, const char *key, DoorFault fault, char *text)
{
  DoorConfigProblem *problem = g_new0 (DoorConfigProblem, 1);
  const DoorConfigValue *value = key != NULL ? g_hash_table_lookup (group->values, key) : NULL;

  problem->text = text;
  problem->fault = fault;
  problem->file = g_strdup (value != NULL ? value->file : group->file);
  problem->line = value != NULL ? value->line : group->line;
  return problem;
}

static void
take_warning (DoorConfig *self, const DoorConfigGroup *group, DoorConfigProblem *warning)
{
  warning->group = g_strdup (group->name);
  g_ptr_array_add (self->warnings, warning);
}

/* What Strict=false makes a warning. */
static bool
is_tolerated (const DoorConfig *self, DoorFault fault)
{
  return self->lax && (fault == DOOR_FAULT_CFG_UNKNOWNKEY || fault == DOOR_FAULT_CFG_UNKNOWNGROUP ||
                       fault == DOOR_FAULT_CFG_INLINE_SECRET);
}

/* What a team takes over is told once, of the group where it stands. What is wrong for the team alone names
 * it: the place does not. */
static bool
explain_derived (const DoorConfig *self, const DoorConfigGroup *group, const char *key,
                 DoorConfigProblem *problem)
{
  const DoorConfigValue *value = key != NULL ? g_hash_table_lookup (group->values, key) : NULL;
  g_autofree char *text = NULL;

  if (value == NULL || !value->derived || group->option->base == NULL)
    return false;
  for (guint i = 0; i < self->problems->len; i++)
    {
      const DoorConfigProblem *other = g_ptr_array_index (self->problems, i);

      if (g_strcmp0 (other->group, group->option->base) == 0 && other->fault == problem->fault &&
          other->line == problem->line && g_strcmp0 (other->file, problem->file) == 0)
        return true;
    }
  text = g_strdup_printf ("in [%s], which takes it over from [%s]: %s", group->name, group->option->base,
                          problem->text);
  g_free (problem->text);
  problem->text = g_steal_pointer (&text);
  return false;
}

/**
 * door_config_report:
 * @self: a configuration that is being made
 * @group: the group that is wrong; it is switched off, unless Strict=false makes this a warning
 * @key: (nullable): the key, "Title" or "Title[de]"
 * @fault: the entry of the catalogue
 * @format: printf format of the text
 * @...: its arguments
 *
 * Notes a problem at the place where the key stands, or the group when the key is absent.
 */
void
door_config_report (DoorConfig *self, DoorConfigGroup *group, const char *key, DoorFault fault,
                    const char *format, ...)
{
  DoorConfigProblem *problem;
  va_list args;

  va_start (args, format);
  problem = locate_problem (group, key, fault, g_strdup_vprintf (format, args));
  va_end (args);
  if (explain_derived (self, group, key, problem))
    {
      group->broken = true;
      g_clear_pointer (&group->settings, door_settings_unref);
      door_config_problem_free (problem);
    }
  else if (is_tolerated (self, fault))
    take_warning (self, group, problem);
  else
    take_problem (self, group, problem);
}

/**
 * door_config_warn:
 * @self: a configuration that is being made
 * @group: a group
 * @key: the key, "Title" or "Title[de]"
 * @fault: the entry of the catalogue
 * @format: printf format of the text
 * @...: its arguments
 *
 * Notes what the administrator should change although it works.
 */
void
door_config_warn (DoorConfig *self, DoorConfigGroup *group, const char *key, DoorFault fault,
                  const char *format, ...)
{
  va_list args;

  va_start (args, format);
  take_warning (self, group, locate_problem (group, key, fault, g_strdup_vprintf (format, args)));
  va_end (args);
}

static DoorConfigGroup *
ensure_group (DoorConfig *self, const char *name)
{
  DoorConfigGroup *group = g_tree_lookup (self->groups, name);
  g_autofree char *type = NULL;

  if (group != NULL)
    return group;
  group = g_new0 (DoorConfigGroup, 1);
  group->name = g_strdup (name);
  group->tables = g_ptr_array_new ();
  group->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, value_free);
  type = g_strndup (name, strcspn (name, "/"));
  group->option = door_options_lookup (type);
  if (group->option != NULL && group->option->has_instances != (strchr (name, '/') != NULL))
    group->option = NULL;
  g_tree_insert (self->groups, g_strdup (name), group);
  return group;
}

static void
collect_problem (DoorConfig *self, const char *path, const DoorKeyfileProblem *found)
{
  DoorConfigProblem *problem = g_new0 (DoorConfigProblem, 1);

  problem->fault = found->fault;
  problem->file = g_strdup (path);
  problem->line = found->line;
  problem->text = g_strdup (found->text);
  take_problem (self, found->group != NULL ? ensure_group (self, found->group) : NULL, problem);
}

/* What stands in a file is the file's whole: an object of the same name, kept from the time before, has no
 * part in it. */
static bool
is_overruled (DoorConfig *self, const DoorConfigFile *file)
{
  DoorConfigGroup *group = file->object != NULL ? ensure_group (self, file->object) : NULL;

  if (group == NULL)
    return false;
  if (group->file != NULL)
    {
      take_warning (
          self, group,
          locate_problem (group, NULL, DOOR_FAULT_CFG_DUPLICATE,
                          g_strdup_printf ("[%s] of the database is not used: a file has it", group->name)));
      return true;
    }
  group->object = true;
  return false;
}

/* Nothing but the keys of its own group can come from an object. */
static bool
check_object (DoorConfig *self, const DoorConfigFile *file)
{
  DoorConfigGroup *group = file->object != NULL ? ensure_group (self, file->object) : NULL;

  if (group == NULL)
    return true;
  if (file->keyfile->groups->len == 1 && group->option != NULL && group->option->may_be_object)
    return true;
  group->file = g_strdup (file->path);
  group->line = 1;
  take_problem (self, group,
                locate_problem (group, NULL, DOOR_FAULT_CFG_VALUE,
                                g_strdup_printf ("[%s] cannot be kept in the database", group->name)));
  return false;
}

static void
collect_file (DoorConfig *self, const DoorConfigFile *file)
{
  if (is_overruled (self, file) || !check_object (self, file))
    return;
  for (size_t i = 0; i < file->keyfile->groups->len; i++)
    {
      const DoorKeyfileGroup *found = g_ptr_array_index (file->keyfile->groups, i);
      DoorConfigGroup *group = ensure_group (self, found->name);

      if (group->file == NULL)
        {
          group->file = g_strdup (file->path);
          group->line = found->line;
        }
    }
  for (size_t i = 0; i < file->keyfile->entries->len; i++)
    {
      const DoorKeyfileEntry *entry = g_ptr_array_index (file->keyfile->entries, i);
      DoorConfigGroup *group = ensure_group (self, entry->group);
      DoorConfigValue *value = g_new0 (DoorConfigValue, 1);

      value->text = g_strdup (entry->text);
      value->file = g_strdup (file->path);
      value->line = entry->line;
      g_hash_table_replace (group->values, g_strdup (entry->key), value);
    }
  for (size_t i = 0; i < file->keyfile->problems->len; i++)
    collect_problem (self, file->path, g_ptr_array_index (file->keyfile->problems, i));
}

static void
collect (DoorConfig *self, const DoorConfigFiles *files)
{
  for (const DoorOptionGroup *option = door_options_list (); option->name != NULL; option++)
    if (!option->has_instances)
      ensure_group (self, option->name);
  for (size_t i = 0; i < files->files->len; i++)
    collect_file (self, g_ptr_array_index (files->files, i));
  self->incomplete = files->problems->len > 0;
  for (size_t i = 0; i < files->problems->len; i++)
    {
      const DoorConfigFileProblem *found = g_ptr_array_index (files->problems, i);
      DoorConfigProblem *problem = g_new0 (DoorConfigProblem, 1);

      problem->fault = found->fault;
      problem->file = g_strdup (found->path);
      problem->text = g_strdup (found->text);
      take_problem (self, NULL, problem);
    }
  if (!self->incomplete && ensure_group (self, "doorward")->file == NULL &&
      ensure_group (self, "plugins")->file == NULL)
    {
      DoorConfigProblem *problem = g_new0 (DoorConfigProblem, 1);

      self->incomplete = true;
      problem->fault = DOOR_FAULT_CFG_REQUIRED;
      problem->text = g_strdup ("there is no configuration: [doorward] and [plugins] are missing; they stand "
                                "in " DOOR_SYSCONFDIR "/doorward.conf");
      take_problem (self, NULL, problem);
    }
}

/**
 * door_config_new:
 * @files: what was read
 * @keys: (scope call) (nullable): asks for the keys of plugins; %NULL when none is loaded
 * @user_data: for @keys
 *
 * Checks the configuration as a whole. An error in `[idp/NAME]`, `[directory/NAME]` or `[team/NAME]` switches
 * that object off; any other is fatal: see door_config_check(). Never blocks.
 *
 * Returns: (transfer full): the configuration, immutable, also when it has problems
 */
DoorConfig *
door_config_new (const DoorConfigFiles *files, DoorConfigKeysFunc keys, gpointer user_data)
{
  g_autoptr (DoorConfig) self = g_atomic_rc_box_new0 (DoorConfig);

  self->groups = g_tree_new_full (compare_names, NULL, g_free, group_free);
  self->problems = g_ptr_array_new_with_free_func ((GDestroyNotify) door_config_problem_free);
  self->warnings = g_ptr_array_new_with_free_func ((GDestroyNotify) door_config_problem_free);
  self->credentials_folder = g_strdup (files->credentials_folder);
  self->allow_env = files->allow_env;
  self->objects_later = files->objects_later;
  collect (self, files);
  door_config_validate (self, keys, user_data);
  door_config_apply_rules (self);
  g_ptr_array_sort (self->problems, compare_problems);
  g_ptr_array_sort (self->warnings, compare_problems);
  return g_steal_pointer (&self);
}

/**
 * door_config_ref:
 * @self: a configuration
 *
 * Returns: (transfer full): @self
 */
DoorConfig *
door_config_ref (DoorConfig *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
door_config_clear (gpointer box)
{
  DoorConfig *self = box;

  g_tree_unref (self->groups);
  g_ptr_array_unref (self->problems);
  g_ptr_array_unref (self->warnings);
  g_free (self->credentials_folder);
}

/**
 * door_config_unref:
 * @self: (transfer full): a configuration
 *
 * Drops a reference.
 */
void
door_config_unref (DoorConfig *self)
{
  g_atomic_rc_box_release_full (self, door_config_clear);
}

/**
 * door_config_check:
 * @self: a configuration
 * @error: return location for an error
 *
 * Returns: %TRUE when the server may start with it, %FALSE with %DOOR_ERROR_CONFIG and the first fatal
 * problem
 */
gboolean
door_config_check (const DoorConfig *self, GError **error)
{
  for (size_t i = 0; i < self->problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (self->problems, i);

      if (problem->fatal)
        return door_config_problem_set_error (problem, error);
    }
  return TRUE;
}

/**
 * door_config_get_problems:
 * @self: a configuration
 *
 * Returns: (transfer none) (element-type DoorConfigProblem): what is wrong, by file and line
 */
const GPtrArray *
door_config_get_problems (const DoorConfig *self)
{
  return self->problems;
}

/**
 * door_config_get_warnings:
 * @self: a configuration
 *
 * Returns: (transfer none) (element-type DoorConfigProblem): what works and should be changed, by file and
 *   line; nothing of it is switched off or fatal
 */
const GPtrArray *
door_config_get_warnings (const DoorConfig *self)
{
  return self->warnings;
}

/**
 * door_config_problem_new:
 * @config: where @key stands
 * @group: a group
 * @key: the key @error is about
 * @error: what is wrong
 *
 * Makes a problem of what is found out behind the configuration itself, such as a file that a key names, at
 * the place where the key stands, or the group when the key is absent.
 *
 * Returns: (transfer full): the problem, fatal unless an error in such a group switches off only that one
 */
DoorConfigProblem *
door_config_problem_new (const DoorConfig *config, const char *group, const char *key, const GError *error)
{
  const DoorConfigGroup *found = g_tree_lookup (config->groups, group);
  DoorFault fault = door_error_get_fault (error);
  DoorConfigProblem *problem;

  fault = fault != DOOR_FAULT_NONE ? fault : DOOR_FAULT_CFG_VALUE;
  if (found != NULL)
    problem = locate_problem (found, key, fault, g_strdup (error->message));
  else
    {
      problem = g_new0 (DoorConfigProblem, 1);
      problem->fault = fault;
      problem->text = g_strdup (error->message);
    }
  problem->group = g_strdup (group);
  problem->fatal = strchr (group, '/') == NULL;
  return problem;
}

/**
 * door_config_problem_dup_line:
 * @self: a problem or warning
 *
 * Returns: (transfer full): it in one line for the log, "/etc/doorward/doorward.conf:3: DW-CFG-TYPE: …"
 */
char *
door_config_problem_dup_line (const DoorConfigProblem *self)
{
  const char *id = door_fault_get_info (self->fault)->id;

  if (self->file == NULL)
    return g_strdup_printf ("%s: %s", id, self->text);
  if (self->line == 0)
    return g_strdup_printf ("%s: %s: %s", self->file, id, self->text);
  return g_strdup_printf ("%s:%u: %s: %s", self->file, self->line, id, self->text);
}

/**
 * door_config_problem_set_error:
 * @self: a problem
 * @error: return location for an error
 *
 * Makes an error of it, which says where it stands.
 *
 * Returns: false with %DOOR_ERROR_CONFIG
 */
bool
door_config_problem_set_error (const DoorConfigProblem *self, GError **error)
{
  door_error_set (error, DOOR_ERROR_CONFIG, self->fault, "%s", self->text);
  if (self->line > 0)
    g_prefix_error (error, "%s:%u: ", self->file, self->line);
  else if (self->file != NULL)
    g_prefix_error (error, "%s: ", self->file);
  return false;
}

/**
 * door_config_is_incomplete:
 * @self: a configuration
 *
 * Returns: whether a file could not be read, so that what is missing may stand there
 */
bool
door_config_is_incomplete (const DoorConfig *self)
{
  return self->incomplete;
}

/**
 * door_config_get_settings:
 * @self: a configuration
 * @group: "sign-in" or "idp/okta"
 *
 * A team has the keys of `[enrollment]` it does not override.
 *
 * Returns: (transfer none) (nullable): its settings; %NULL when the group does not exist or is switched off.
 *   A group without instances always exists once door_config_check() has succeeded
 */
DoorSettings *
door_config_get_settings (const DoorConfig *self, const char *group)
{
  const DoorConfigGroup *found = g_tree_lookup (self->groups, group);

  return found != NULL ? found->settings : NULL;
}

/**
 * door_config_is_broken:
 * @self: a configuration
 * @group: "idp/okta"
 *
 * Returns: whether the group is written somewhere but switched off because of an error
 */
bool
door_config_is_broken (const DoorConfig *self, const char *group)
{
  const DoorConfigGroup *found = g_tree_lookup (self->groups, group);

  return found != NULL && found->broken;
}

static char **
strv_take (GPtrArray *names)
{
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

/**
 * door_config_lookup_file:
 * @self: a configuration
 * @group: "idp/okta"
 *
 * Returns: (transfer none) (nullable): the file in which the group stands first; %NULL when it stands in none
 */
const char *
door_config_lookup_file (const DoorConfig *self, const char *group)
{
  const DoorConfigGroup *found = g_tree_lookup (self->groups, group);

  return found != NULL && !found->object ? found->file : NULL;
}

/**
 * door_config_list_instances:
 * @self: a configuration
 * @type: "idp", "directory" or "team"
 *
 * Returns: (transfer full) (array zero-terminated=1): the names of those without errors, sorted; what
 *   `Enabled=` says does not matter
 */
char **
door_config_list_instances (const DoorConfig *self, const char *type)
{
  GPtrArray *names = g_ptr_array_new ();

  for (GTreeNode *node = g_tree_node_first (self->groups); node != NULL; node = g_tree_node_next (node))
    {
      const DoorConfigGroup *group = g_tree_node_value (node);

      if (group->settings != NULL && group->option->has_instances && strcmp (group->option->name, type) == 0)
        g_ptr_array_add (names, g_strdup (door_settings_get_name (group->settings)));
    }
  return strv_take (names);
}

/**
 * door_config_list_groups:
 * @self: a configuration
 *
 * Returns: (transfer full) (array zero-terminated=1): all groups that exist, broken ones included, sorted
 */
char **
door_config_list_groups (const DoorConfig *self)
{
  GPtrArray *names = g_ptr_array_new ();

  for (GTreeNode *node = g_tree_node_first (self->groups); node != NULL; node = g_tree_node_next (node))
    {
      const DoorConfigGroup *group = g_tree_node_value (node);

      if (group->option != NULL)
        g_ptr_array_add (names, g_strdup (group->name));
    }
  return strv_take (names);
}

static void
add_translations (const DoorConfigGroup *group, const char *key, GPtrArray *names)
{
  g_autofree char *prefix = g_strconcat (key, "[", NULL);
  g_autoptr (GPtrArray) found = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, group->values);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (g_str_has_prefix (name, prefix))
      g_ptr_array_add (found, name);
  g_ptr_array_sort (found, door_text_compare_items);
  for (size_t i = 0; i < found->len; i++)
    g_ptr_array_add (names, g_strdup (g_ptr_array_index (found, i)));
}

/**
 * door_config_list_keys:
 * @self: a configuration
 * @group: "sign-in" or "idp/okta"
 * @with_defaults: also keys that are not written but have a value
 *
 * Returns: (transfer full) (array zero-terminated=1): the keys in the order of their tables, each followed by
 *   its translations; empty when there is no such group
 */
char **
door_config_list_keys (const DoorConfig *self, const char *group, bool with_defaults)
{
  const DoorConfigGroup *found = g_tree_lookup (self->groups, group);
  GPtrArray *names = g_ptr_array_new ();

  for (size_t i = 0; found != NULL && i + 1 < found->tables->len; i++)
    for (const DoorKey *key = g_ptr_array_index (found->tables, i); key->name != NULL; key++)
      {
        const DoorConfigValue *value = g_hash_table_lookup (found->values, key->name);

        if ((key->flags & DOOR_KEY_FLAG_FORMER) != 0)
          continue;
        if ((value != NULL && !value->derived) || (with_defaults && (value != NULL || key->fallback != NULL)))
          g_ptr_array_add (names, g_strdup (key->name));
        add_translations (found, key->name, names);
      }
  return strv_take (names);
}

/**
 * door_config_lookup_key:
 * @self: a configuration
 * @group: "sign-in" or "idp/okta"
 * @key: "Title" or "Title[de]"
 *
 * Returns: (transfer none) (nullable): the entry of the option table, plugins' tables included; %NULL for the
 *   former name of a key
 */
const DoorKey *
door_config_lookup_key (const DoorConfig *self, const char *group, const char *key)
{
  const DoorConfigGroup *found = g_tree_lookup (self->groups, group);
  g_autofree char *base = g_strndup (key, strcspn (key, "["));
  const DoorKey *entry;

  if (found == NULL || found->tables->len == 0)
    return NULL;
  entry = door_options_lookup_key ((const DoorKey *const *) found->tables->pdata, base);
  return entry != NULL && (entry->flags & DOOR_KEY_FLAG_FORMER) == 0 ? entry : NULL;
}

/**
 * door_config_lookup_text:
 * @self: a configuration
 * @group: "sign-in" or "idp/okta"
 * @key: "Title" or "Title[de]"
 *
 * Returns: (transfer none) (nullable): the text as it stands in the file, or the default
 */
const char *
door_config_lookup_text (const DoorConfig *self, const char *group, const char *key)
{
  const DoorConfigGroup *found = g_tree_lookup (self->groups, group);
  const DoorConfigValue *value = found != NULL ? g_hash_table_lookup (found->values, key) : NULL;
  const DoorKey *entry;

  if (value != NULL)
    return value->text;
  entry = door_config_lookup_key (self, group, key);
  return entry != NULL ? entry->fallback : NULL;
}

/**
 * door_config_dup_origin:
 * @self: a configuration
 * @group: "sign-in" or "idp/okta"
 * @key: "Title" or "Title[de]"
 *
 * Returns: (transfer full) (nullable): "FILE:LINE" or "default"; %NULL when the key has no value
 */
char *
door_config_dup_origin (const DoorConfig *self, const char *group, const char *key)
{
  const DoorConfigGroup *found = g_tree_lookup (self->groups, group);
  const DoorConfigValue *value = found != NULL ? g_hash_table_lookup (found->values, key) : NULL;

  if (value != NULL && value->file != NULL)
    return g_strdup_printf ("%s:%u", value->file, value->line);
  return door_config_lookup_text (self, group, key) != NULL ? g_strdup ("default") : NULL;
}
