/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-edit.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "door-config-diff.h"
#include "door-ctl-check.h"
#include "door-error.h"
#include "door-keyfile-edit.h"

#define HEADER                                                                                               \
  "# Written by \"doorctl config set\" and \"doorctl idp add\", which keep comments and other keys.\n"
#define FILE_MODE 0640
/* of the sysusers file and the unit */
#define SERVER_GROUP "doorward"

/* A file before and after. */
typedef struct
{
  char *path;
  char *old;
  char *text;
} File;

struct _DoorCtlEdit
{
  const DoorCommandLine *line;
  GPtrArray *files;
  DoorCtlWorld *before;
  DoorCtlWorld *after;
  GPtrArray *changes;
};

static void
file_free (gpointer data)
{
  File *file = data;

  g_free (file->path);
  g_free (file->old);
  g_free (file->text);
  g_free (file);
}

/**
 * door_ctl_edit_new:
 * @line: options `root`, `config` and `plugin-dir`; must outlive the edit
 *
 * Reads the configuration as it is. Blocks on the file system.
 *
 * Returns: (transfer full): an edit without a change
 */
DoorCtlEdit *
door_ctl_edit_new (const DoorCommandLine *line)
{
  DoorCtlEdit *self = g_new0 (DoorCtlEdit, 1);

  self->line = line;
  self->files = g_ptr_array_new_with_free_func (file_free);
  self->before = door_ctl_world_new (line);
  return self;
}

/**
 * door_ctl_edit_free:
 * @self: (transfer full): an edit
 */
void
door_ctl_edit_free (DoorCtlEdit *self)
{
  g_ptr_array_unref (self->files);
  g_clear_pointer (&self->changes, g_ptr_array_unref);
  g_clear_pointer (&self->after, door_ctl_world_free);
  g_clear_pointer (&self->before, door_ctl_world_free);
  g_free (self);
}

/**
 * door_ctl_edit_get_before:
 * @self: an edit
 *
 * Returns: (transfer none): the configuration as it is
 */
const DoorCtlWorld *
door_ctl_edit_get_before (const DoorCtlEdit *self)
{
  return self->before;
}

/**
 * door_ctl_edit_get_after:
 * @self: an edit that was checked
 *
 * Returns: (transfer none): the configuration as it would be
 */
const DoorCtlWorld *
door_ctl_edit_get_after (const DoorCtlEdit *self)
{
  return self->after;
}

/**
 * door_ctl_edit_dup_path:
 * @self: an edit
 * @name: name of a file below the folder of the configuration
 *
 * Returns: (transfer full): where it is
 */
char *
door_ctl_edit_dup_path (const DoorCtlEdit *self, const char *name)
{
  const char *root = door_command_line_get_value (self->line, "root");

  return g_build_filename (root != NULL ? root : "/", DOOR_SYSCONFDIR, name, NULL);
}

static File *
open_file (DoorCtlEdit *self, const char *name, GError **error)
{
  g_autofree char *path = door_ctl_edit_dup_path (self, name);
  g_autoptr (GError) local = NULL;
  File *file;

  for (guint i = 0; i < self->files->len; i++)
    {
      file = g_ptr_array_index (self->files, i);
      if (g_str_equal (file->path, path))
        return file;
    }
  file = g_new0 (File, 1);
  file->path = g_steal_pointer (&path);
  g_ptr_array_add (self->files, file);
  if (!g_file_get_contents (file->path, &file->old, NULL, &local))
    {
      if (!g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        {
          door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PERMISSIONS, "%s", local->message);
          return NULL;
        }
      file->old = g_strdup (HEADER);
    }
  file->text = g_strdup (file->old);
  return file;
}

/**
 * door_ctl_edit_set:
 * @self: an edit
 * @name: name of a file below the folder of the configuration
 * @group: name of a group
 * @word: "KEY=VALUE"
 * @error: return location for an error
 *
 * Sets a key, and keeps what else stands in the file. Nothing is written yet. Blocks on the file system.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA for another word, or with %DOOR_ERROR_CONFIG when the file
 * cannot be read
 */
bool
door_ctl_edit_set (DoorCtlEdit *self, const char *name, const char *group, const char *word, GError **error)
{
  const char *equals = strchr (word, '=');
  g_autofree char *key = NULL, *edited = NULL;
  File *file;

  if (equals == NULL || equals == word || strpbrk (word, "\r\n") != NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "\"%s\" is not KEY=VALUE", word);
  file = open_file (self, name, error);
  if (file == NULL)
    return false;
  key = g_strndup (word, (size_t) (equals - word));
  edited = door_keyfile_edit (file->text, group, key, equals + 1);
  g_free (file->text);
  file->text = g_steal_pointer (&edited);
  return true;
}

static bool
was_there (const GPtrArray *before, const DoorConfigProblem *problem)
{
  for (guint i = 0; i < before->len; i++)
    {
      const DoorConfigProblem *old = g_ptr_array_index (before, i);

      if (old->fault == problem->fault && g_strcmp0 (old->group, problem->group) == 0 &&
          g_strcmp0 (old->text, problem->text) == 0)
        return true;
    }
  return false;
}

/* What was wrong before stands in nobody's way; what this change makes wrong is not written. Plugins, and the
 * files a key names, are asked too: else what is written here passes, and the server does not start. */
static bool
check_problems (const DoorCtlEdit *self, GError **error)
{
  g_autoptr (DoorCtlFindings) before = door_ctl_check_system (self->before);
  g_autoptr (DoorCtlFindings) after = door_ctl_check_system (self->after);
  g_autoptr (GString) texts = g_string_new (NULL);
  DoorFault fault = DOOR_FAULT_NONE;

  for (guint i = 0; i < before->problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (before->problems, i);

      if (problem->fault == DOOR_FAULT_CFG_REQUIRED && problem->group == NULL) /* there is none at all */
        return door_error_set (error, DOOR_ERROR_CONFIG, problem->fault, "nothing was written: %s",
                               problem->text);
    }
  for (guint i = 0; i < after->problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (after->problems, i);
      bool is_of_file = problem->fault == DOOR_FAULT_CFG_PERMISSIONS && problem->file != NULL;

      if (was_there (before->problems, problem))
        continue;
      fault = texts->len == 0 ? problem->fault : fault;
      g_string_append_printf (texts, "%s%s%s%s", texts->len > 0 ? "; " : "", is_of_file ? problem->file : "",
                              is_of_file ? ": " : "", problem->text);
    }
  return texts->len == 0 ||
         door_error_set (error, DOOR_ERROR_CONFIG, fault, "nothing was written: %s", texts->str);
}

/**
 * door_ctl_edit_check:
 * @self: an edit with all its changes
 * @error: return location for an error
 *
 * Checks the whole configuration with the changes in it. Blocks on the file system.
 *
 * Returns: false with %DOOR_ERROR_CONFIG when they make something wrong
 */
bool
door_ctl_edit_check (DoorCtlEdit *self, GError **error)
{
  g_autoptr (GHashTable) edited = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < self->files->len; i++)
    {
      File *file = g_ptr_array_index (self->files, i);

      g_hash_table_insert (edited, file->path, file->text);
    }
  g_clear_pointer (&self->after, door_ctl_world_free);
  self->after = door_ctl_world_new_edited (self->line, edited);
  if (!check_problems (self, error))
    return false;
  g_clear_pointer (&self->changes, g_ptr_array_unref);
  self->changes = door_config_diff (self->before->config, self->before->config, self->after->config);
  return true;
}

/**
 * door_ctl_edit_is_same:
 * @self: an edit
 *
 * Returns: whether the files say so already
 */
bool
door_ctl_edit_is_same (const DoorCtlEdit *self)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const File *file = g_ptr_array_index (self->files, i);

      if (!g_str_equal (file->old, file->text))
        return false;
    }
  return true;
}

static bool
write_all (int fd, const char *text, size_t size)
{
  size_t done = 0;

  while (done < size)
    {
      ssize_t n = write (fd, text + done, size - done);

      if (n < 0 && errno != EINTR)
        return false;
      done += n > 0 ? (size_t) n : 0;
    }
  return true;
}

/* The server reads it by its group; in a staged tree, and for who is not root, owners come later. */
static bool
give_to_server (int fd, bool staged)
{
  const struct group *group = !staged && geteuid () == 0 ? getgrnam (SERVER_GROUP) : NULL;

  return fchmod (fd, FILE_MODE) == 0 && (group == NULL || fchown (fd, (uid_t) -1, group->gr_gid) == 0);
}

/**
 * door_ctl_edit_write_text:
 * @path: where a file is, or not yet
 * @text: its content
 * @staged: whether owners come later
 * @error: return location for an error
 *
 * Writes a file that the server may read: whole or not at all, and durable, since another file is renamed
 * over it. Blocks on the file system.
 *
 * Returns: false with an error
 */
bool
door_ctl_edit_write_text (const char *path, const char *text, bool staged, GError **error)
{
  g_autofree char *fresh = g_strconcat (path, ".XXXXXX", NULL);
  int fd = g_mkstemp (fresh);
  bool written =
      fd >= 0 && write_all (fd, text, strlen (text)) && give_to_server (fd, staged) && fsync (fd) == 0;
  int reason = errno;

  if (fd >= 0)
    close (fd);
  if (written && g_rename (fresh, path) == 0)
    return true;
  reason = written ? errno : reason;
  if (fd >= 0)
    g_unlink (fresh);
  return door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_CFG_PERMISSIONS, "%s: %s", path,
                         g_strerror (reason));
}

/**
 * door_ctl_edit_write:
 * @self: an edit that was checked
 * @error: return location for an error
 *
 * Writes the files that change, the last named first: a file that refers to another comes after it. Blocks on
 * the file system.
 *
 * Returns: false with an error; the files written until then stay
 */
bool
door_ctl_edit_write (DoorCtlEdit *self, GError **error)
{
  for (guint i = self->files->len; i > 0; i--)
    {
      const File *file = g_ptr_array_index (self->files, i - 1);

      if (!g_str_equal (file->old, file->text) &&
          !door_ctl_edit_write_text (file->path, file->text, self->after->staged, error))
        return false;
    }
  return true;
}

/* What is only warned of is written, but it must not go unseen. */
static GPtrArray *
list_new_warnings (const DoorCtlEdit *self)
{
  const GPtrArray *before = door_config_get_warnings (self->before->config);
  const GPtrArray *after = door_config_get_warnings (self->after->config);
  GPtrArray *warnings = g_ptr_array_new ();

  for (guint i = 0; i < after->len; i++)
    {
      const DoorConfigProblem *warning = g_ptr_array_index (after, i);

      if (!was_there (before, warning))
        g_ptr_array_add (warnings, warning->text);
    }
  return warnings;
}

static bool
needs_restart (const DoorCtlEdit *self)
{
  for (guint i = 0; i < self->changes->len; i++)
    if (*(const char *) g_ptr_array_index (self->changes, i) == '!')
      return true;
  return false;
}

/**
 * door_ctl_edit_print:
 * @self: an edit that was checked
 * @written: whether it was written
 *
 * Prints what changes, never a value, and how it gets into force.
 */
void
door_ctl_edit_print (const DoorCtlEdit *self, bool written)
{
  g_autoptr (GPtrArray) warnings = list_new_warnings (self);

  for (guint i = 0; i < self->changes->len; i++)
    g_print ("%s\n", (const char *) g_ptr_array_index (self->changes, i));
  for (guint i = 0; i < warnings->len; i++)
    g_printerr ("warning: %s\n", (const char *) g_ptr_array_index (warnings, i));
  for (guint i = 0; i < self->files->len; i++)
    {
      const File *file = g_ptr_array_index (self->files, i);

      if (!g_str_equal (file->old, file->text) || !written)
        g_print ("%s %s\n", file->path, written ? "written" : "was not written");
    }
  if (written)
    g_print ("to put it into force: %s\n",
             needs_restart (self) ? "systemctl restart doorward" : "doorctl config reload");
}

/**
 * door_ctl_edit_build_result:
 * @self: an edit that was checked
 * @written: whether it was written
 *
 * Returns: (transfer full): the same as a document
 */
JsonObject *
door_ctl_edit_build_result (const DoorCtlEdit *self, bool written)
{
  JsonObject *object = json_object_new ();
  JsonArray *changes = json_array_new (), *warned = json_array_new ();
  g_autoptr (GPtrArray) warnings = list_new_warnings (self);
  const File *first = g_ptr_array_index (self->files, 0);

  for (guint i = 0; i < self->changes->len; i++)
    json_array_add_string_element (changes, g_ptr_array_index (self->changes, i));
  for (guint i = 0; i < warnings->len; i++)
    json_array_add_string_element (warned, g_ptr_array_index (warnings, i));
  json_object_set_string_member (object, "file", first->path);
  json_object_set_boolean_member (object, "written", written);
  json_object_set_boolean_member (object, "needs_restart", needs_restart (self));
  json_object_set_array_member (object, "changes", changes);
  json_object_set_array_member (object, "warnings", warned);
  return object;
}
