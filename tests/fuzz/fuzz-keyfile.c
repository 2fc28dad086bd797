/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fuzz.h"

#include <string.h>

#include "door-config.h"

static const DoorKey *
no_plugin_cb (const char *kind, const char *type, gpointer user_data)
{
  return NULL;
}

/* What we read must be what every other reader of keyfiles reads. */
static void
compare_with_glib (const DoorKeyfile *file, const char *data, size_t size)
{
  g_autoptr (GKeyFile) keyfile = g_key_file_new ();

  if (size == 0 || file->problems->len > 0)
    return;
  if (!g_key_file_load_from_data (keyfile, data, size, G_KEY_FILE_KEEP_TRANSLATIONS, NULL))
    g_assert_not_reached ();
  for (size_t i = 0; i < file->entries->len; i++)
    {
      const DoorKeyfileEntry *entry = g_ptr_array_index (file->entries, i);
      g_autofree char *text = g_key_file_get_value (keyfile, entry->group, entry->key, NULL);

      g_assert_nonnull (text);
      g_assert_cmpstr (g_strstrip (text), ==, entry->text);
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  DoorConfigFiles files = { .files = g_ptr_array_new (), .problems = g_ptr_array_new () };
  DoorConfigFile file = { .path = (char *) "fuzz.conf",
                          .keyfile = door_keyfile_parse ((const char *) data, size) };
  DoorConfig *config;

  compare_with_glib (file.keyfile, (const char *) data, size);
  g_ptr_array_add (files.files, &file);
  config = door_config_new (&files, no_plugin_cb, NULL);
  door_config_unref (config);
  g_ptr_array_unref (files.files);
  g_ptr_array_unref (files.problems);
  door_keyfile_free (file.keyfile);
  return 0;
}
