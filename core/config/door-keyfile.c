/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-keyfile.h"

#include <string.h>

typedef struct
{
  DoorKeyfile *file;
  GHashTable *seen_groups; /* name to itself */
  GHashTable *seen_keys;   /* "group\nkey" to itself */
  char *group;             /* NULL before the first and behind a broken header */
  bool before_first;
  unsigned int line;
} Scan;

static void
entry_free (gpointer data)
{
  DoorKeyfileEntry *entry = data;

  g_free (entry->group);
  g_free (entry->key);
  g_free (entry->text);
  g_free (entry);
}

static void
group_free (gpointer data)
{
  DoorKeyfileGroup *group = data;

  g_free (group->name);
  g_free (group);
}

static void
problem_free (gpointer data)
{
  DoorKeyfileProblem *problem = data;

  g_free (problem->group);
  g_free (problem->text);
  g_free (problem);
}

static void G_GNUC_PRINTF (3, 4) report (Scan *scan, DoorFault fault, const char *format, ...)
{
  DoorKeyfileProblem *problem = g_new0 (DoorKeyfileProblem, 1);
  va_list args;

  va_start (args, format);
  problem->text = g_strdup_vprintf (format, args);
  va_end (args);
  problem->fault = fault;
  problem->group = g_strdup (scan->group);
  problem->line = scan->line;
  g_ptr_array_add (scan->file->problems, problem);
}

static void
scan_header (Scan *scan, const char *text)
{
  size_t length = strlen (text);
  DoorKeyfileGroup *group;

  scan->before_first = false;
  g_clear_pointer (&scan->group, g_free);
  if (length < 3 || text[length - 1] != ']' || strcspn (text + 1, "[]") != length - 2)
    {
      report (scan, DOOR_FAULT_CFG_SYNTAX, "this is not a [group]");
      return;
    }
  scan->group = g_strndup (text + 1, length - 2);
  if (!g_hash_table_add (scan->seen_groups, g_strdup (scan->group)))
    {
      report (scan, DOOR_FAULT_CFG_DUPLICATE, "[%s] stands twice in this file", scan->group);
      return;
    }
  group = g_new0 (DoorKeyfileGroup, 1);
  group->name = g_strdup (scan->group);
  group->line = scan->line;
  g_ptr_array_add (scan->file->groups, group);
}

static bool
is_key (const char *key)
{
  size_t length = strspn (key, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-");

  if (length == 0)
    return false;
  if (key[length] == '\0')
    return true;
  key += length;
  length = strcspn (key + 1, "[]");
  return *key == '[' && length > 0 && key[1 + length] == ']' && key[2 + length] == '\0' &&
         strpbrk (key, " \t") == NULL;
}

static void
scan_entry (Scan *scan, const char *text)
{
  const char *equals = strchr (text, '=');
  g_autofree char *key = NULL, *value = NULL;
  DoorKeyfileEntry *entry;

  if (equals == NULL)
    {
      report (scan, DOOR_FAULT_CFG_SYNTAX, "this is neither a [group], nor Key=Value, nor a # comment");
      return;
    }
  key = g_strchomp (g_strndup (text, (size_t) (equals - text)));
  value = g_strdup (equals + 1);
  if (!is_key (key))
    report (scan, DOOR_FAULT_CFG_SYNTAX, "the part before = is not the name of a key");
  else if (scan->group == NULL)
    {
      /* behind a broken header one message is enough */
      if (scan->before_first)
        report (scan, DOOR_FAULT_CFG_SYNTAX, "%s stands before the first [group]", key);
    }
  else if (!g_hash_table_add (scan->seen_keys, g_strdup_printf ("%s\n%s", scan->group, key)))
    report (scan, DOOR_FAULT_CFG_DUPLICATE, "%s stands twice in [%s] of this file", key, scan->group);
  else
    {
      entry = g_new0 (DoorKeyfileEntry, 1);
      entry->group = g_strdup (scan->group);
      entry->key = g_steal_pointer (&key);
      entry->text = g_strstrip (g_steal_pointer (&value));
      entry->line = scan->line;
      g_ptr_array_add (scan->file->entries, entry);
    }
}

static void
scan_line (Scan *scan, char *line)
{
  g_strstrip (line);
  if (*line == '\0' || *line == '#')
    return;
  if (*line == '[')
    scan_header (scan, line);
  else
    scan_entry (scan, line);
}

static unsigned int
count_lines (const char *data, const char *end)
{
  unsigned int line = 1;

  for (; data < end; data++)
    line += *data == '\n';
  return line;
}

/* The scan above decides; this makes sure that other tools read the same file as a keyfile too. */
static void
confirm_keyfile (Scan *scan, const char *data, size_t size)
{
  g_autoptr (GKeyFile) keyfile = g_key_file_new ();
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&scan->group, g_free);
  scan->line = 1;
  if (!g_key_file_load_from_data (keyfile, data, size, G_KEY_FILE_KEEP_TRANSLATIONS, &error))
    report (scan, DOOR_FAULT_CFG_SYNTAX, "%s", error->message);
}

/**
 * door_keyfile_parse:
 * @data: (array length=size): the content of a file, not trusted
 * @size: its size, which the caller bounds
 *
 * Reads a keyfile (the syntax of GKeyFile) line by line, so that every entry and every mistake has its line,
 * and a group or key that stands twice is seen. Escapes are left as they are. Never blocks.
 *
 * Returns: (transfer full): what the file says and what is wrong with it
 */
DoorKeyfile *
door_keyfile_parse (const char *data, size_t size)
{
  g_autoptr (DoorKeyfile) self = g_new0 (DoorKeyfile, 1);
  Scan scan = { .file = self, .before_first = true };
  const char *bad = NULL, *end = data + size;

  self->groups = g_ptr_array_new_with_free_func (group_free);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->problems = g_ptr_array_new_with_free_func (problem_free);
  if (!g_utf8_validate_len (data, size, &bad))
    {
      scan.line = count_lines (data, bad);
      report (&scan, DOOR_FAULT_CFG_SYNTAX, "this is not UTF-8 text");
      return g_steal_pointer (&self);
    }
  scan.seen_groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  scan.seen_keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (size >= 3 && memcmp (data, "\xef\xbb\xbf", 3) == 0)
    {
      scan.line = 1;
      report (&scan, DOOR_FAULT_CFG_SYNTAX, "the file begins with a byte order mark; save it without");
      scan.line = 0;
      data += 3;
    }
  while (data < end)
    {
      const char *newline = memchr (data, '\n', (size_t) (end - data));
      const char *stop = newline != NULL ? newline : end;
      g_autofree char *line = g_strndup (data, (size_t) (stop - data));

      scan.line++;
      scan_line (&scan, line);
      data = newline != NULL ? newline + 1 : end;
    }
  if (self->problems->len == 0 && size > 0)
    confirm_keyfile (&scan, end - size, size);
  g_free (scan.group);
  g_hash_table_unref (scan.seen_groups);
  g_hash_table_unref (scan.seen_keys);
  return g_steal_pointer (&self);
}

/**
 * door_keyfile_free:
 * @self: (transfer full): a parsed file
 */
void
door_keyfile_free (DoorKeyfile *self)
{
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_clear_pointer (&self->entries, g_ptr_array_unref);
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  g_free (self);
}
