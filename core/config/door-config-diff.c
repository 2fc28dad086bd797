/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-config-diff.h"

#include <stdlib.h>

#include "door-text.h"

typedef struct
{
  const DoorConfig *before;
  const DoorConfig *started;
  const DoorConfig *after;
  GPtrArray *lines;
} Diff;

static void
add_name (GPtrArray *names, const char *name)
{
  if (!g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, g_strdup (name));
}

static void
add_all (GPtrArray *names, char **more)
{
  for (char **name = more; *name != NULL; name++)
    add_name (names, *name);
  g_strfreev (more);
}

/* One that an error has switched off is as one that is not there. */
static bool
has_group (const DoorConfig *config, const char *group)
{
  g_auto (GStrv) groups = door_config_list_groups (config);

  return g_strv_contains ((const char *const *) groups, group) && !door_config_is_broken (config, group);
}

static char **
dup_plugins (const DoorConfig *config)
{
  const char *text = door_config_lookup_text (config, "plugins", "Load");
  char **names = g_strsplit_set (text != NULL ? text : "", "; ", -1);

  qsort (names, g_strv_length (names), sizeof *names, door_text_compare_items);
  return names;
}

/**
 * door_config_same_plugins:
 * @a: a configuration
 * @b: another one
 *
 * Returns: whether both load the same plugins, in whatever order, which means nothing
 */
bool
door_config_same_plugins (const DoorConfig *a, const DoorConfig *b)
{
  g_auto (GStrv) names = dup_plugins (a), others = dup_plugins (b);

  return g_strv_equal ((const char *const *) names, (const char *const *) others);
}

static bool
differs (const DoorConfig *a, const DoorConfig *b, const char *group, const char *key)
{
  if (g_str_equal (group, "plugins") && g_str_equal (key, "Load"))
    return !door_config_same_plugins (a, b);
  return g_strcmp0 (door_config_lookup_text (a, group, key), door_config_lookup_text (b, group, key)) != 0;
}

/* A key that waits for a restart is named at every reload until then, or until it is taken back. */
static void
diff_key (Diff *self, const char *group, const char *key)
{
  const DoorKey *entry = door_config_lookup_key (self->after, group, key);

  if (entry == NULL)
    entry = door_config_lookup_key (self->before, group, key);
  if (entry != NULL && (entry->flags & DOOR_KEY_FLAG_RESTART) != 0)
    {
      if (differs (self->started, self->after, group, key))
        g_ptr_array_add (self->lines, g_strdup_printf ("! %s/%s needs restart", group, key));
    }
  else if (differs (self->before, self->after, group, key))
    g_ptr_array_add (self->lines, g_strdup_printf ("~ %s %s", group, key));
}

static void
diff_group (Diff *self, const char *group)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  bool was = has_group (self->before, group), is = has_group (self->after, group);

  if (was != is)
    {
      g_ptr_array_add (self->lines, g_strdup_printf ("%c %s", is ? '+' : '-', group));
      return;
    }
  add_all (keys, door_config_list_keys (self->before, group, false));
  add_all (keys, door_config_list_keys (self->started, group, false));
  add_all (keys, door_config_list_keys (self->after, group, false));
  g_ptr_array_sort (keys, door_text_compare_items);
  for (size_t i = 0; i < keys->len; i++)
    diff_key (self, group, g_ptr_array_index (keys, i));
}

/**
 * door_config_diff:
 * @before: the configuration in force
 * @started: the configuration the server started with
 * @after: the configuration that takes its place
 *
 * Tells what a reload changes, in lines: `+ idp/entra` for a new object and for one that an error had
 * switched off, `- idp/entra` for one that is gone,
 * `~ idp/okta DisplayName` for a key whose value is another, `! listen/Https needs restart` for one that has
 * no effect yet. Values are never in it.
 *
 * Returns: (transfer full) (element-type utf8): the lines, sorted by group and key; none when nothing changes
 */
GPtrArray *
door_config_diff (const DoorConfig *before, const DoorConfig *started, const DoorConfig *after)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_free);
  Diff diff = { before, started, after, g_ptr_array_new_with_free_func (g_free) };

  add_all (groups, door_config_list_groups (before));
  add_all (groups, door_config_list_groups (after));
  g_ptr_array_sort (groups, door_text_compare_items);
  for (size_t i = 0; i < groups->len; i++)
    diff_group (&diff, g_ptr_array_index (groups, i));
  return diff.lines;
}
