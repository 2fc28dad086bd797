/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-keyfile-edit.h"

#include <string.h>

static bool
is_header (const char *line, const char *group)
{
  g_autofree char *wanted = g_strdup_printf ("[%s]", group), *bare = g_strstrip (g_strdup (line));

  return strcmp (bare, wanted) == 0;
}

static bool
is_entry (const char *line, const char *key)
{
  g_autofree char *bare = g_strstrip (g_strndup (line, strcspn (line, "=")));

  return strchr (line, '=') != NULL && strcmp (bare, key) == 0;
}

/* Where the group ends: behind its last line that says something. */
static size_t
find_end (const GPtrArray *lines, size_t header)
{
  size_t end = header;

  for (size_t i = header + 1; i < lines->len; i++)
    {
      g_autofree char *bare = g_strstrip (g_strdup (g_ptr_array_index (lines, i)));

      if (*bare == '[')
        break;
      if (*bare != '\0')
        end = i;
    }
  return end + 1;
}

static void
set_in_group (GPtrArray *lines, size_t header, const char *key, char *entry)
{
  size_t end = find_end (lines, header);

  for (size_t i = header + 1; i < end; i++)
    if (is_entry (g_ptr_array_index (lines, i), key))
      {
        g_free (g_ptr_array_index (lines, i));
        g_ptr_array_index (lines, i) = entry;
        return;
      }
  g_ptr_array_insert (lines, (int) end, entry);
}

static void
append_group (GPtrArray *lines, const char *group, char *entry)
{
  if (lines->len > 0 && *(const char *) g_ptr_array_index (lines, lines->len - 1) != '\0')
    g_ptr_array_add (lines, g_strdup (""));
  g_ptr_array_add (lines, g_strdup_printf ("[%s]", group));
  g_ptr_array_add (lines, entry);
}

/**
 * door_keyfile_edit:
 * @text: the content of a keyfile
 * @group: "idp/okta"
 * @key: "DisplayName" or "DisplayName[de]"
 * @value: one line
 *
 * Sets a key and leaves everything else as it stands: comments, order, empty lines.
 *
 * Returns: (transfer full): the new content
 */
char *
door_keyfile_edit (const char *text, const char *group, const char *key, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  char *entry = g_strdup_printf ("%s=%s", key, value);
  size_t header = 0, n = g_strv_length (parts);

  /* what follows the last line break is no line */
  n -= n > 0 && *parts[n - 1] == '\0' ? 1 : 0;
  for (size_t i = 0; i < n; i++)
    g_ptr_array_add (lines, g_strdup (parts[i]));
  while (header < lines->len && !is_header (g_ptr_array_index (lines, header), group))
    header++;
  if (header < lines->len)
    set_in_group (lines, header, key, entry);
  else
    append_group (lines, group, entry);
  g_ptr_array_add (lines, g_strdup (""));
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}
