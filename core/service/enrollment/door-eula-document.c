/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-eula-document.h"

#include <string.h>

#include <gio/gio.h>

#include "door-digest.h"
#include "door-error.h"

#define KEY "File"
#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define PDF_HEADER "%PDF-"

static void
text_free (gpointer data)
{
  DoorEulaText *self = data;

  g_free (self->language);
  g_bytes_unref (self->bytes);
  g_free (self->sha256);
  g_free (self);
}

/**
 * door_eula_document_free:
 * @self: (transfer full): a document
 */
void
door_eula_document_free (DoorEulaDocument *self)
{
  g_free (self->name);
  g_free (self->version);
  g_clear_pointer (&self->texts, g_ptr_array_unref);
  g_free (self);
}

/**
 * door_eula_document_judge:
 * @bytes: a file
 * @is_html: (out): whether it is HTML, else PDF; written on success
 * @error: return location for an error
 *
 * Says what a document is: PDF by its header, HTML when it is text in UTF-8 that begins with a tag. Nothing
 * else, since browsers are told one of the two and are told not to guess. What the HTML does is not judged:
 * it is shown where no script runs and nothing is loaded. Pure.
 *
 * Returns: false with %DOOR_ERROR_CONFIG
 */
bool
door_eula_document_judge (GBytes *bytes, bool *is_html, GError **error)
{
  size_t size;
  const char *data = g_bytes_get_data (bytes, &size);
  const char *end = data + size;

  if (size >= strlen (PDF_HEADER) && memcmp (data, PDF_HEADER, strlen (PDF_HEADER)) == 0)
    {
      *is_html = false;
      return true;
    }
  if (size == 0)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "is empty");
  if (!g_utf8_validate_len (data, size, NULL))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "is neither PDF nor HTML in UTF-8");
  if (size >= strlen (BYTE_ORDER_MARK) && memcmp (data, BYTE_ORDER_MARK, strlen (BYTE_ORDER_MARK)) == 0)
    data += strlen (BYTE_ORDER_MARK);
  while (data < end && g_ascii_isspace (*data))
    data++;
  if (data == end || *data != '<')
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
                           "is neither PDF nor HTML, which begins with a tag such as <!DOCTYPE html>");
  *is_html = true;
  return true;
}

static GBytes *
read_file (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) local = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &local);
  g_autofree char *buffer = NULL;
  size_t size = 0;

  if (stream != NULL)
    {
      buffer = g_malloc (DOOR_EULA_MAX_BYTES + 1);
      if (g_input_stream_read_all (G_INPUT_STREAM (stream), buffer, DOOR_EULA_MAX_BYTES + 1, &size, NULL,
                                   &local) &&
          size <= DOOR_EULA_MAX_BYTES)
        return g_bytes_new (buffer, size);
    }
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "%s",
                  local != NULL ? local->message : "is larger than 2 MiB");
  return NULL;
}

static bool
add_text (DoorEulaDocument *self, const DoorSettings *settings, const char *language, GError **error)
{
  const char *path = door_settings_get_localised (settings, KEY, language);
  g_autoptr (GBytes) bytes = read_file (path, error);
  DoorEulaText *text;
  bool is_html;

  if (bytes == NULL || !door_eula_document_judge (bytes, &is_html, error))
    {
      g_prefix_error (error, "[eula/%s] %s: %s: ", self->name, KEY, path);
      return false;
    }
  text = g_new0 (DoorEulaText, 1);
  text->language = g_strdup (language);
  text->bytes = g_steal_pointer (&bytes);
  text->is_html = is_html;
  text->sha256 = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, text->bytes);
  g_ptr_array_add (self->texts, text);
  return true;
}

/**
 * door_eula_document_load:
 * @settings: a group `[eula/NAME]`
 * @error: return location for an error
 *
 * Reads a document in all its languages. Blocks on the file system.
 *
 * Returns: (transfer full): the document, or %NULL with %DOOR_ERROR_CONFIG when a file is missing, too large
 *   or of another kind
 */
DoorEulaDocument *
door_eula_document_load (const DoorSettings *settings, GError **error)
{
  g_autoptr (DoorEulaDocument) self = g_new0 (DoorEulaDocument, 1);
  g_auto (GStrv) languages = door_settings_dup_languages (settings, KEY);

  self->name = g_strdup (door_settings_get_name (settings));
  self->version = g_strdup (door_settings_get_string (settings, "Version"));
  self->reprompt = door_settings_get_boolean (settings, "Reprompt");
  self->texts = g_ptr_array_new_with_free_func (text_free);
  if (!add_text (self, settings, "", error))
    return NULL;
  for (size_t i = 0; languages[i] != NULL; i++)
    if (!add_text (self, settings, languages[i], error))
      return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_eula_document_lookup_text:
 * @self: a document
 * @sha256: a hash that a browser has sent back
 *
 * Returns: (transfer none) (nullable): the text of that hash, %NULL when no language has it
 */
const DoorEulaText *
door_eula_document_lookup_text (const DoorEulaDocument *self, const char *sha256)
{
  for (guint i = 0; i < self->texts->len; i++)
    {
      const DoorEulaText *text = g_ptr_array_index (self->texts, i);

      if (g_str_equal (text->sha256, sha256))
        return text;
    }
  return NULL;
}

/**
 * door_eula_document_get_text:
 * @self: a document
 * @language: one of its languages
 *
 * Returns: (transfer none): the document in that language; that of the key without one where there is none
 */
const DoorEulaText *
door_eula_document_get_text (const DoorEulaDocument *self, const char *language)
{
  for (guint i = 0; i < self->texts->len; i++)
    {
      const DoorEulaText *text = g_ptr_array_index (self->texts, i);

      if (g_str_equal (text->language, language))
        return text;
    }
  return g_ptr_array_index (self->texts, 0);
}

/**
 * door_eula_documents_lookup:
 * @documents: (nullable) (element-type DoorEulaDocument): those of a configuration
 * @name: a name
 *
 * Returns: (transfer none) (nullable): the document, %NULL when there is none of that name
 */
const DoorEulaDocument *
door_eula_documents_lookup (const GPtrArray *documents, const char *name)
{
  for (guint i = 0; documents != NULL && i < documents->len; i++)
    {
      const DoorEulaDocument *document = g_ptr_array_index (documents, i);

      if (g_str_equal (document->name, name))
        return document;
    }
  return NULL;
}

static bool
is_same (const DoorEulaDocument *a, const DoorEulaDocument *b)
{
  for (guint i = 0; i < a->texts->len; i++)
    {
      const DoorEulaText *text = g_ptr_array_index (a->texts, i);

      if (door_eula_document_lookup_text (b, text->sha256) == NULL)
        return false;
    }
  return a->texts->len == b->texts->len;
}

static bool
stands (const GPtrArray *lines, const char *line)
{
  return g_ptr_array_find_with_equal_func ((GPtrArray *) lines, line, g_str_equal, NULL);
}

/**
 * door_eula_documents_diff:
 * @before: (nullable) (element-type DoorEulaDocument): those in force
 * @after: (element-type DoorEulaDocument): those that take their place
 * @lines: (element-type utf8): what door_config_diff() tells; more is added
 *
 * Tells which documents have other bytes in their files, or have them again, where the configuration says the
 * same: `~ eula/house File`.
 */
void
door_eula_documents_diff (const GPtrArray *before, const GPtrArray *after, GPtrArray *lines)
{
  for (guint i = 0; i < after->len; i++)
    {
      const DoorEulaDocument *document = g_ptr_array_index (after, i);
      const DoorEulaDocument *other = door_eula_documents_lookup (before, document->name);
      g_autofree char *line = g_strdup_printf ("~ eula/%s File", document->name);
      g_autofree char *new_line = g_strdup_printf ("+ eula/%s", document->name);

      if ((other == NULL || !is_same (document, other)) && !stands (lines, line) && !stands (lines, new_line))
        g_ptr_array_add (lines, g_steal_pointer (&line));
    }
}
