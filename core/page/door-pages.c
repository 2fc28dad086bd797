/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-pages.h"

#include <stdbool.h>
#include <string.h>

#include <gio/gio.h>

#include "door-error.h"
#include "door-language.h"
#include "door-page-resource.h"
#include "door-template.h"

#define FOLDER "/doorward/pages/"
#define HASH_LENGTH 16

/* marks a text for translation without translating it */
#define N_(text) text

/* Translators: the name of your language in itself */
static const char language_name[] = N_ ("English");

struct _DoorPages
{
  DoorTranslations *translations;
  GHashTable *templates;
  GBytes *style;
  char *style_hash;
  char *style_url;
};

typedef struct
{
  const DoorTranslations *translations;
  const char *language;
} Reader;

static const char *const page_names[] = { "chooser",     "domain",      "continue",      "error",
                                          "desktop",     "post",        "admin",         "admin-error",
                                          "admin-login", "admin-post",  "test",          "logout-post",
                                          "eula",        "eula-agreed", "eula-declined", "enroll",
                                          "install" };

static GBytes *
load (const char *name, const char *suffix, GError **error)
{
  g_autofree char *path = g_strconcat (FOLDER, name, suffix, NULL);

  return g_resource_lookup_data (door_page_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);
}

static GBytes *
load_partial (const char *name, gpointer user_data)
{
  return load (name, ".html", NULL); /* the compiler says which partial is missing */
}

static gboolean
compile (DoorPages *self, const char *name, GError **error)
{
  g_autoptr (GBytes) source = load (name, ".html", error);
  DoorTemplate *template = NULL;

  if (source == NULL)
    return FALSE;
  template = door_template_compile (name, source, load_partial, NULL, error);
  if (template == NULL)
    return FALSE;
  g_hash_table_insert (self->templates, (gpointer) name, template);
  return TRUE;
}

/**
 * door_pages_new:
 * @translations: the translations
 * @error: return location for an error
 *
 * Compiles the pages that are part of the program. Does not block; any thread; the object is immutable.
 *
 * Returns: (transfer full): the pages, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorPages *
door_pages_new (DoorTranslations *translations, GError **error)
{
  g_autoptr (DoorPages) self = g_new0 (DoorPages, 1);

  self->translations = door_translations_ref (translations);
  self->templates =
      g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) door_template_free);
  self->style = load ("style", ".css", error);
  if (self->style == NULL)
    return NULL;
  self->style_hash = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, self->style);
  self->style_hash[HASH_LENGTH] = '\0';
  self->style_url = g_strdup_printf (DOOR_PAGES_ASSET_PATH "style.css?v=%s", self->style_hash);
  for (size_t i = 0; i < G_N_ELEMENTS (page_names); i++)
    if (!compile (self, page_names[i], error))
      return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_pages_free:
 * @self: (transfer full): pages
 */
void
door_pages_free (DoorPages *self)
{
  g_clear_pointer (&self->translations, door_translations_unref);
  g_clear_pointer (&self->templates, g_hash_table_unref);
  g_clear_pointer (&self->style, g_bytes_unref);
  g_free (self->style_hash);
  g_free (self->style_url);
  g_free (self);
}

/* Links to the same page in the other languages; their names are the translations of "English". */
static GVariant *
build_languages (DoorPages *self, const char *page_url, const char *current)
{
  const char *const *languages = door_translations_get_languages (self->translations);
  g_auto (GVariantBuilder) list = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("aa{sv}"));

  for (size_t i = 0; languages[i] != NULL; i++)
    {
      g_autofree char *tag = g_strdelimit (g_strdup (languages[i]), "_", '-');
      g_autofree char *url =
          g_strdup_printf ("%s%clang=%s", page_url, strchr (page_url, '?') != NULL ? '&' : '?', tag);
      GVariantDict dict;

      g_variant_dict_init (&dict, NULL);
      g_variant_dict_insert (&dict, "tag", "s", tag);
      g_variant_dict_insert (&dict, "name", "s",
                             door_translations_lookup (self->translations, languages[i], language_name));
      g_variant_dict_insert (&dict, "url", "s", url);
      g_variant_dict_insert (&dict, "current", "b", strcmp (languages[i], current) == 0);
      g_variant_builder_add_value (&list, g_variant_dict_end (&dict));
    }
  return g_variant_builder_end (&list);
}

static bool
has_support (GVariant *data)
{
  static const char *const keys[] = { "support_email", "support_phone", "support_url" };
  const char *text = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_variant_lookup (data, keys[i], "&s", &text) && text[0] != '\0')
      return true;
  return false;
}

static GVariant *
add_page_data (DoorPages *self, GVariant *data, const char *language)
{
  g_autofree char *tag = g_strdelimit (g_strdup (language), "_", '-');
  const char *page_url = NULL;
  GVariantDict dict;

  g_variant_dict_init (&dict, data);
  g_variant_dict_insert (&dict, "lang", "s", tag);
  g_variant_dict_insert (&dict, "dir", "s", door_language_is_right_to_left (language) ? "rtl" : "ltr");
  g_variant_dict_insert (&dict, "stylesheet", "s", self->style_url);
  g_variant_dict_insert (&dict, "has_support", "b", has_support (data));
  if (g_variant_lookup (data, "page_url", "&s", &page_url))
    g_variant_dict_insert_value (&dict, "languages", build_languages (self, page_url, language));
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static const char *
translate (const char *text, gpointer user_data)
{
  const Reader *reader = user_data;

  return door_translations_lookup (reader->translations, reader->language, text);
}

/**
 * door_pages_render:
 * @self: pages
 * @name: "chooser", "domain", "continue", "error", "desktop", "eula", "admin" or another of those below
 * @data: (transfer none): what the page shows, `a{sv}`; a floating reference is not consumed
 * @language: a result of door_language_choose()
 * @error: return location for an error
 *
 * Writes a page. All keys hold UTF-8 strings unless said otherwise; `[ ]` may be absent.
 *
 * - every page: `organization`; `[support_email]`, `[support_phone]`, `[support_url]`; `[page_url]`, the
 *   address of the page without `lang`, to offer it in other languages
 * - chooser: `providers` (`aa{sv}` of `name` and `url`), `[account]`, the account typed on the device,
 *   `[team]`, its title; `[intro]` (`as`), paragraphs that come before
 * - domain: `action`, the path the form goes to; `[fields]` (`aa{sv}` of `name` and `value`), sent along;
 *   `[team]`, `[intro]`. The address is sent as `user-identifier`
 * - continue: `provider`, `url`, `[account]`, `[team]`, `[intro]`
 * - eula: `action`, the path of its forms; `document_url`; `[frame_url]`, the same where it is shown on the
 *   page; `sha256` of the document; `version`; `changed` (`b`), whether another one was shown before
 * - eula-agreed and eula-declined: `url`, where to go on, or back
 * - error: `message`, an English text of the fault catalogue, shown translated; `code`, `time`;
 *   `[retry_url]`
 * - desktop: nothing more
 * - enroll: `address` of the page itself; `[url]` of the sign-in, where it may begin in this browser;
 * `[safari]`
 *   (`b`), where it must be another; `[qr]`, of door_qr_build_path(), with `qr_box`, to go on elsewhere;
 * `[team]`
 * - install: `url` of the profile; `mac` (`b`) for a Mac
 * - admin-login: `providers` as for chooser; `signed_out` and `signed_out_there` (`b`)
 * - admin-error: as error
 * - admin-post and logout-post: `action`, `fields` and `provider` as for post
 * - admin: `name`, `email`; `roles` (`aa{sv}` of `role` and `[team]`); `sessions` (`aa{sv}` of `browser`,
 *   `provider`, `since` and `current`, which is `b`); `logout_url`
 *
 * Pure; does not block; any thread.
 *
 * Returns: (transfer full): HTML, or %NULL with %DOOR_ERROR_NOT_FOUND for an unknown page and
 *   %DOOR_ERROR_FAILED when a key is missing
 */
GBytes *
door_pages_render (DoorPages *self, const char *name, GVariant *data, const char *language, GError **error)
{
  const DoorTemplate *template = g_hash_table_lookup (self->templates, name);
  Reader reader = { .translations = self->translations, .language = language };
  g_autoptr (GVariant) all = NULL;

  if (template == NULL)
    {
      door_error_set (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_INTERNAL, "no page %s", name);
      return NULL;
    }
  all = add_page_data (self, data, language);
  return door_template_render (template, all, translate, &reader, error);
}

/**
 * door_pages_get_asset:
 * @self: pages
 * @name: "style.css"
 * @content_type: (out) (transfer none): its media type
 * @hash: (out) (transfer none): a hash of its content. The pages link to it as `?v=`, so an answer may be
 *   cached for ever when the query has this value; good as an entity tag too
 *
 * Returns: (transfer none) (nullable): the file, %NULL when there is none of that name
 */
GBytes *
door_pages_get_asset (DoorPages *self, const char *name, const char **content_type, const char **hash)
{
  if (strcmp (name, "style.css") != 0)
    return NULL;
  *content_type = "text/css; charset=utf-8";
  *hash = self->style_hash;
  return self->style;
}

/**
 * door_pages_add_messages:
 * @self: pages
 * @messages: (element-type utf8 utf8): a set that owns its keys
 *
 * Adds every text of the pages that needs a translation; for the check that none is missing.
 */
void
door_pages_add_messages (DoorPages *self, GHashTable *messages)
{
  GHashTableIter iterator;
  gpointer template = NULL;

  g_hash_table_iter_init (&iterator, self->templates);
  while (g_hash_table_iter_next (&iterator, NULL, &template))
    door_template_add_messages (template, messages);
}
