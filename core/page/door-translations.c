/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-translations.h"

#include <string.h>

#include <gio/gio.h>

#include "door-language.h"
#include "door-message-catalog.h"
#include "door-page-resource.h"

#define FOLDER "/doorward/po/"
#define SUFFIX ".mo"

struct _DoorTranslations
{
  GPtrArray *languages;
  GHashTable *catalogs;
};

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
load (DoorTranslations *self, const char *file, GError **error)
{
  g_autofree char *path = g_strconcat (FOLDER, file, NULL);
  g_autofree char *language = g_strndup (file, strlen (file) - strlen (SUFFIX));
  g_autoptr (GBytes) mo =
      g_resource_lookup_data (door_page_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  DoorMessageCatalog *catalog = mo != NULL ? door_message_catalog_parse (mo, error) : NULL;

  if (catalog == NULL)
    {
      g_prefix_error (error, "translation %s: ", language);
      return FALSE;
    }
  g_ptr_array_add (self->languages, g_strdup (language));
  g_hash_table_insert (self->catalogs, g_steal_pointer (&language), catalog);
  return TRUE;
}

static void
clear (gpointer data)
{
  DoorTranslations *self = data;

  g_clear_pointer (&self->languages, g_ptr_array_unref);
  g_clear_pointer (&self->catalogs, g_hash_table_unref);
}

/**
 * door_translations_new:
 * @error: return location for an error
 *
 * Reads the translations that are part of the program. The C library's gettext() has one language for the
 * whole process and needs generated locales; a server answers each person in another language. Does not
 * block; any thread; the object is immutable.
 *
 * Returns: (transfer full): the translations, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorTranslations *
door_translations_new (GError **error)
{
  g_autoptr (DoorTranslations) self = g_atomic_rc_box_new0 (DoorTranslations);
  g_auto (GStrv) files = NULL;

  self->languages = g_ptr_array_new_with_free_func (g_free);
  self->catalogs =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) door_message_catalog_free);
  g_ptr_array_add (self->languages, g_strdup (DOOR_LANGUAGE_SOURCE));
  files = g_resource_enumerate_children (door_page_get_resource (), FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE,
                                         NULL); /* no folder: no translations */
  for (size_t i = 0; files != NULL && files[i] != NULL; i++)
    if (!load (self, files[i], error))
      return NULL;
  g_ptr_array_sort (self->languages, compare_names);
  g_ptr_array_add (self->languages, NULL);
  return g_steal_pointer (&self);
}

/**
 * door_translations_ref:
 * @self: translations
 *
 * Returns: (transfer full): @self
 */
DoorTranslations *
door_translations_ref (DoorTranslations *self)
{
  return g_atomic_rc_box_acquire (self);
}

/**
 * door_translations_unref:
 * @self: (transfer full): translations
 *
 * Gives up a reference.
 */
void
door_translations_unref (DoorTranslations *self)
{
  g_atomic_rc_box_release_full (self, clear);
}

/**
 * door_translations_get_languages:
 * @self: translations
 *
 * Returns: (transfer none) (array zero-terminated=1): the languages there are, English among them, sorted
 */
const char *const *
door_translations_get_languages (const DoorTranslations *self)
{
  return (const char *const *) self->languages->pdata;
}

/**
 * door_translations_lookup:
 * @self: translations
 * @language: (nullable): a language of door_translations_get_languages()
 * @text: an English text
 *
 * Returns: (transfer none): the text in that language, @text itself when there is no translation
 */
const char *
door_translations_lookup (const DoorTranslations *self, const char *language, const char *text)
{
  const DoorMessageCatalog *catalog =
      language != NULL ? g_hash_table_lookup (self->catalogs, language) : NULL;
  const char *translation = catalog != NULL ? door_message_catalog_lookup (catalog, text) : NULL;

  return translation != NULL ? translation : text;
}
