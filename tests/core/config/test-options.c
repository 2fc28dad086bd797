/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-options.h"
#include "door-suggest.h"

/* The table is read by the server, the checker and the manual: it must be right in itself. */
static void
check_table (const DoorOptionGroup *group)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (const DoorKey *key = group->keys; key->name != NULL; key++)
    {
      g_test_message ("[%s] %s", group->name, key->name);
      g_assert_true (g_ascii_isupper (key->name[0]));
      g_assert_true (g_hash_table_add (seen, (gpointer) key->name));
      if ((key->flags & DOOR_KEY_FLAG_FORMER) != 0)
        {
          const DoorKey *const own[] = { group->keys, NULL };

          g_assert_nonnull (door_options_lookup_key (own, key->fallback));
          continue;
        }
      g_assert_true (g_str_has_suffix (key->text, "."));
      if (key->fallback != NULL)
        g_assert_true (door_settings_check_value (key, key->fallback, NULL));
      if (key->type == DOOR_KEY_ENUM)
        g_assert_nonnull (key->choices);
      if ((key->flags & DOOR_KEY_FLAG_REQUIRED) != 0)
        g_assert_null (key->fallback);
    }
}

static void
test_table (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (const DoorOptionGroup *group = door_options_list (); group->name != NULL; group++)
    {
      const DoorKey *const own[] = { group->keys, NULL };

      g_assert_true (g_hash_table_add (seen, (gpointer) group->name));
      g_assert_true (door_options_lookup (group->name) == group);
      check_table (group);
      if (group->plugin_kind != NULL)
        g_assert_nonnull (door_options_lookup_key (own, group->plugin_key));
      if (group->base != NULL)
        for (const DoorKey *key = door_options_lookup (group->base)->keys; key->name != NULL; key++)
          g_assert_null (door_options_lookup_key (own, key->name));
    }
  g_assert_null (door_options_lookup ("nonesuch"));
}

static const char *
suggest (const char *word)
{
  static const char *const words[] = { "MetadataUrl", "MetadataFile", "EntityId", "SsoUrl", NULL };
  g_autoptr (DoorSuggest) self = door_suggest_new (word);

  for (size_t i = 0; words[i] != NULL; i++)
    door_suggest_add (self, words[i]);
  for (size_t i = 0; words[i] != NULL; i++)
    if (g_strcmp0 (door_suggest_get_best (self), words[i]) == 0)
      return words[i];
  return NULL;
}

static void
test_suggest (void)
{
  g_autofree char *lengthy = g_strnfill (5000, 'M');

  g_assert_cmpstr (suggest ("MetadatUrl"), ==, "MetadataUrl");
  g_assert_cmpstr (suggest ("metadata-url"), ==, "MetadataUrl");
  g_assert_cmpstr (suggest ("MetadataFlie"), ==, "MetadataFile");
  g_assert_cmpstr (suggest ("SooUrl"), ==, "SsoUrl");
  g_assert_cmpstr (suggest ("ssourl"), ==, "SsoUrl");
  g_assert_null (suggest ("Colour"));
  g_assert_null (suggest (""));
  g_assert_null (suggest (lengthy));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/table", test_table);
  g_test_add_func ("/options/suggest", test_suggest);
  return g_test_run ();
}
