/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>

#include <door.h>

#include "door-options.h"
#include "door-plugin-loader.h"

/* The loader refuses what others could write, and a build tree may have any modes. */
static char *
copy_modules (const char *const *names)
{
  g_autoptr (GError) error = NULL;
  char *folder = g_dir_make_tmp ("doorward-modules-XXXXXX", &error);

  g_assert_no_error (error);
  for (; *names != NULL; names++)
    {
      g_autofree char *name = g_strdup_printf ("libdoor-plugin-%s." G_MODULE_SUFFIX, *names);
      g_autofree char *from = g_build_filename (PLUGINS, *names, name, NULL);
      g_autofree char *to = g_build_filename (folder, name, NULL);
      g_autofree char *bytes = NULL;
      gsize length = 0;

      g_file_get_contents (from, &bytes, &length, &error);
      g_assert_no_error (error);
      g_file_set_contents_full (to, bytes, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0700, &error);
      g_assert_no_error (error);
    }
  return folder;
}

static void
remove_modules (const char *folder, const char *const *names)
{
  for (; *names != NULL; names++)
    {
      g_autofree char *name = g_strdup_printf ("libdoor-plugin-%s." G_MODULE_SUFFIX, *names);
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
assert_entry (const DoorPluginRegistry *registry, const char *name)
{
  const DoorPluginEntry *entry = door_plugin_registry_lookup (registry, "idp", name);
  const DoorKey *common[] = { door_options_lookup ("idp")->keys, NULL };
  g_autoptr (GObject) object = NULL;

  g_assert_nonnull (entry);
  object = g_object_new (entry->type, NULL);
  g_assert_true (DOOR_IS_IDP (object));
  g_assert_nonnull (door_idp_get_preset (DOOR_IDP (object))->title);
  for (const DoorKey *key = entry->keys; key->name != NULL; key++)
    {
      g_assert_null (door_options_lookup_key (common, key->name));
      g_assert_true (g_str_has_suffix (key->text, "."));
    }
}

/* Every module loads beside the others, and adds a provider of its name without touching the common keys. */
static void
test_load (void)
{
  g_autoptr (DoorPluginRegistry) registry = door_plugin_registry_new ();
  g_auto (GStrv) names = g_strsplit (PLUGIN_NAMES, ";", -1);
  g_autofree char *folder = copy_modules ((const char *const *) names);
  g_autoptr (DoorPluginLoader) loader = door_plugin_loader_new (registry, folder, false);
  g_autoptr (GError) error = NULL;

  door_plugin_loader_load_all (loader, (const char *const *) names, &error);
  g_assert_no_error (error);
  for (char **name = names; *name != NULL; name++)
    assert_entry (registry, *name);
  remove_modules (folder, (const char *const *) names);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plugin/modules/load", test_load);
  return g_test_run ();
}
