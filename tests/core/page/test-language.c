/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-fault.h"
#include "door-language.h"
#include "door-message-catalog.h"
#include "door-translations.h"

static void
test_choose (void)
{
  static const char *const available[] = { "de", "en", "fr", "pt_BR", NULL };
  static const struct
  {
    const char *query;
    const char *device;
    const char *header;
    const char *expected;
  } rows[] = {
    { NULL, NULL, NULL, "en" },
    { "de", "fr", "pt-BR", "de" },
    { NULL, "fr", "de", "fr" },
    { NULL, NULL, "de", "de" },
    { "xx", "fr", "de", "fr" },
    { "", "", "de", "de" },
    { "../../etc/passwd", NULL, NULL, "en" },
    { "de-CH", NULL, NULL, "de" },
    { "DE_ch", NULL, NULL, "de" },
    { "de-Latn-CH-1996", NULL, NULL, "de" },
    { "pt-br", NULL, NULL, "pt_BR" },
    { "pt", NULL, NULL, "en" },
    { "d", NULL, NULL, "en" },
    { "-", NULL, NULL, "en" },
    { "--de", NULL, NULL, "en" },
    { NULL, NULL, "", "en" },
    { NULL, NULL, ",", "en" },
    { NULL, NULL, "en-US,en;q=0.9", "en" },
    { NULL, NULL, "da, fr;q=0.8, de;q=0.7", "fr" },
    { NULL, NULL, "de;q=0.7, fr;q=0.8", "fr" },
    { NULL, NULL, "fr;q=0.001, de;q=0.002", "de" },
    { NULL, NULL, "de ; q=0.5 , fr", "fr" },
    { NULL, NULL, "de;Q=0.5, fr;q=0.4", "de" },
    { NULL, NULL, "de, fr", "de" },
    { NULL, NULL, "de;q=0, fr;q=0.1", "fr" },
    { NULL, NULL, "de;q=0", "en" },
    { NULL, NULL, "*", "en" },
    { NULL, NULL, "xx, *;q=0.5", "en" },
    { NULL, NULL, "de;q=2, fr;q=0.1", "fr" },
    { NULL, NULL, "de;q=1.001, fr;q=0.1", "fr" },
    { NULL, NULL, "de;q=x, fr;q=0.1", "fr" },
    { NULL, NULL, "de;q=0.1234, fr;q=0.1", "fr" },
    { NULL, NULL, "de;q=, fr;q=0.1", "fr" },
    { NULL, NULL, "de;level=1, fr;q=0.1", "fr" },
    { NULL, NULL, "d\xc3\xa9;q=1, fr;q=0.1", "fr" },
    { NULL, NULL, "x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,fr", "fr" },
    { NULL, NULL, "x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,fr", "en" },
  };
  g_autofree char *padding = g_strnfill (512, ' ');
  g_autofree char *too_long = g_strconcat ("de,", padding, NULL);

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpstr (door_language_choose (available, rows[i].query, rows[i].device, rows[i].header), ==,
                     rows[i].expected);
  g_assert_cmpstr (door_language_choose (available, NULL, NULL, too_long), ==, "en");
}

static void
test_direction (void)
{
  g_assert_true (door_language_is_right_to_left ("ar"));
  g_assert_true (door_language_is_right_to_left ("he_IL"));
  g_assert_false (door_language_is_right_to_left ("de"));
  g_assert_false (door_language_is_right_to_left ("arn"));
}

/* Writes a catalogue of the header and one message in either byte order. */
static GBytes *
build_catalog (bool swapped, const char *id, const char *text)
{
  uint32_t words[] = { 0x950412de, 0, 2, 28, 44, 0, 0, 0, 60, 0, 0, 0, 60, 0, 0 };
  g_autoptr (GByteArray) file = g_byte_array_new ();

  words[9] = (uint32_t) strlen (id);
  words[10] = 61;
  words[13] = (uint32_t) strlen (text);
  words[14] = (uint32_t) (61 + strlen (id) + 1);
  for (size_t i = 0; swapped && i < G_N_ELEMENTS (words); i++)
    words[i] = GUINT32_SWAP_LE_BE (words[i]);
  g_byte_array_append (file, (const uint8_t *) words, sizeof words);
  g_byte_array_append (file, (const uint8_t *) "", 1);
  g_byte_array_append (file, (const uint8_t *) id, strlen (id) + 1);
  g_byte_array_append (file, (const uint8_t *) text, strlen (text) + 1);
  return g_byte_array_free_to_bytes (g_steal_pointer (&file));
}

static void
test_catalog (void)
{
  for (int swapped = 0; swapped < 2; swapped++)
    {
      g_autoptr (GBytes) mo = build_catalog (swapped, "Time", "Zeit");
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorMessageCatalog) catalog = door_message_catalog_parse (mo, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (door_message_catalog_lookup (catalog, "Time"), ==, "Zeit");
      g_assert_null (door_message_catalog_lookup (catalog, ""));
      g_assert_null (door_message_catalog_lookup (catalog, "time"));
    }
}

/* Every prefix and every change of one byte gives a catalogue or an error. */
static void
test_catalog_damage (void)
{
  g_autoptr (GBytes) mo = build_catalog (false, "Time", "Zeit"),
                     not_utf8 = build_catalog (false, "a", "\xff");
  size_t size = 0;
  const char *data = g_bytes_get_data (mo, &size);

  for (size_t i = 0; i < size; i++)
    {
      g_autoptr (GBytes) prefix = g_bytes_new (data, i);
      g_autoptr (GError) error = NULL;

      g_assert_null (door_message_catalog_parse (prefix, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      for (int value = 0; value < 256; value += 17)
        {
          char *copy = g_memdup2 (data, size);
          g_autoptr (GBytes) changed = NULL;
          g_autoptr (DoorMessageCatalog) catalog = NULL;

          copy[i] = (char) value;
          changed = g_bytes_new_take (copy, size);
          catalog = door_message_catalog_parse (changed, NULL);
        }
    }
  g_assert_null (door_message_catalog_parse (not_utf8, NULL));
}

static void
test_translations (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTranslations) translations = door_translations_new (&error);
  const char *const *languages = NULL;

  g_assert_no_error (error);
  languages = door_translations_get_languages (translations);
  g_assert_true (g_strv_contains (languages, "en"));
  g_assert_true (g_strv_contains (languages, "de"));
  g_assert_true (g_strv_contains (languages, "fr"));
  g_assert_cmpstr (door_translations_lookup (translations, "de", "Try again"), ==, "Noch einmal versuchen");
  g_assert_cmpstr (door_translations_lookup (translations, "fr", "Try again"), ==, "Réessayer");
  g_assert_cmpstr (door_translations_lookup (translations, "en", "Try again"), ==, "Try again");
  g_assert_cmpstr (door_translations_lookup (translations, NULL, "Try again"), ==, "Try again");
  g_assert_cmpstr (door_translations_lookup (translations, "xx", "Try again"), ==, "Try again");
  g_assert_cmpstr (door_translations_lookup (translations, "de", "no such text"), ==, "no such text");
}

/* Texts that are the same in both languages would hide a missing translation; there is none here. */
static void
test_faults_translated (void)
{
  g_autoptr (DoorTranslations) translations = door_translations_new (NULL);
  const char *const *languages = door_translations_get_languages (translations);

  for (size_t i = 0; languages[i] != NULL; i++)
    for (int fault = DOOR_FAULT_NONE + 1; fault < DOOR_N_FAULTS; fault++)
      {
        const char *text = door_fault_get_info ((DoorFault) fault)->user_text;

        if (text != NULL && strcmp (languages[i], "en") != 0)
          g_assert_cmpstr (door_translations_lookup (translations, languages[i], text), !=, text);
      }
}

/* A language in LINGUAS that nobody added to the resource would be silently missing. */
static void
test_linguas (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "po", "LINGUAS", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTranslations) translations = door_translations_new (NULL);
  size_t n = 0;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (g_strstrip (text), "\n", -1);
  for (; lines[n] != NULL; n++)
    g_assert_true (g_strv_contains (door_translations_get_languages (translations), lines[n]));
  g_assert_cmpuint (n + 1, ==, g_strv_length ((GStrv) door_translations_get_languages (translations)));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/page/language/choose", test_choose);
  g_test_add_func ("/page/language/direction", test_direction);
  g_test_add_func ("/page/catalog/good", test_catalog);
  g_test_add_func ("/page/catalog/damage", test_catalog_damage);
  g_test_add_func ("/page/translations/lookup", test_translations);
  g_test_add_func ("/page/translations/faults", test_faults_translated);
  g_test_add_func ("/page/translations/linguas", test_linguas);
  return g_test_run ();
}
