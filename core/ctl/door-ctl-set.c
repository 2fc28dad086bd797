/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "door-config-diff.h"
#include "door-ctl-check.h"
#include "door-ctl-output.h"
#include "door-ctl-world.h"
#include "door-error.h"
#include "door-keyfile-edit.h"

#define OWN_FILE DOOR_SYSCONFDIR "/conf.d/90-doorctl.conf"
#define HEADER "# Written by \"doorctl config set\", which keeps comments and other keys.\n"
#define FILE_MODE 0640
/* of the sysusers file and the unit */
#define SERVER_GROUP "doorward"

/* One run: the file before and after, and what the whole configuration is with it. */
typedef struct
{
  char *path;
  char *old;
  char *text;
  DoorCtlWorld *before;
  DoorCtlWorld *after;
  GPtrArray *changes;
} Edit;

static void
edit_clear (Edit *self)
{
  g_free (self->path);
  g_free (self->old);
  g_free (self->text);
  g_clear_pointer (&self->before, door_ctl_world_free);
  g_clear_pointer (&self->after, door_ctl_world_free);
  g_clear_pointer (&self->changes, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Edit, edit_clear)

static bool
apply_word (Edit *self, const char *group, const char *word, GError **error)
{
  const char *equals = strchr (word, '=');
  g_autofree char *key = NULL, *edited = NULL;

  if (equals == NULL || equals == word || strpbrk (word, "\r\n") != NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "\"%s\" is not KEY=VALUE", word);
  key = g_strndup (word, (size_t) (equals - word));
  edited = door_keyfile_edit (self->text, group, key, equals + 1);
  g_free (self->text);
  self->text = g_steal_pointer (&edited);
  return true;
}

/* The second would win without a word, where a file that says both is refused. */
static bool
check_once (const char *const *words, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (; *words != NULL; words++)
    {
      g_autofree char *key = g_strndup (*words, strcspn (*words, "="));

      if (g_hash_table_contains (seen, key))
        return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "%s is named twice", key);
      g_hash_table_add (seen, g_steal_pointer (&key));
    }
  return true;
}

static bool
read_own_file (Edit *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (g_file_get_contents (self->path, &self->old, NULL, &local))
    return true;
  if (!g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PERMISSIONS, "%s", local->message);
  self->old = g_strdup (HEADER);
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
check_problems (const Edit *self, GError **error)
{
  g_autoptr (DoorCtlFindings) before = door_ctl_check_system (self->before);
  g_autoptr (DoorCtlFindings) after = door_ctl_check_system (self->after);

  for (guint i = 0; i < after->problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (after->problems, i);
      bool is_of_file = problem->fault == DOOR_FAULT_CFG_PERMISSIONS && problem->file != NULL;

      if (!was_there (before->problems, problem))
        return door_error_set (error, DOOR_ERROR_CONFIG, problem->fault, "nothing was written: %s%s%s",
                               is_of_file ? problem->file : "", is_of_file ? ": " : "", problem->text);
    }
  return true;
}

static bool
prepare (Edit *self, const DoorCtlContext *context, GError **error)
{
  const char *root = door_command_line_get_value (context->line, "root");

  self->path = root != NULL ? g_build_filename (root, OWN_FILE, NULL) : g_strdup (OWN_FILE);
  if (!read_own_file (self, error))
    return false;
  self->text = g_strdup (self->old);
  if (strpbrk (context->words[0], "[]\r\n") != NULL)
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE,
                           "the group is named without brackets: idp/NAME");
  if (!check_once (context->words + 1, error))
    return false;
  for (const char *const *word = context->words + 1; *word != NULL; word++)
    if (!apply_word (self, context->words[0], *word, error))
      return false;
  self->before = door_ctl_world_new (context->line);
  self->after = door_ctl_world_new_edited (context->line, self->path, self->text);
  if (!check_problems (self, error))
    return false;
  self->changes = door_config_diff (self->before->config, self->before->config, self->after->config);
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

/* Whole or not at all, and durable: another file is renamed over it. */
static bool
write_file (const Edit *self, GError **error)
{
  g_autofree char *fresh = g_strconcat (self->path, ".XXXXXX", NULL);
  int fd = g_mkstemp (fresh);
  bool written = fd >= 0 && write_all (fd, self->text, strlen (self->text)) &&
                 give_to_server (fd, self->after->staged) && fsync (fd) == 0;
  int reason = errno;

  if (fd >= 0)
    close (fd);
  if (written && g_rename (fresh, self->path) == 0)
    return true;
  reason = written ? errno : reason;
  if (fd >= 0)
    g_unlink (fresh);
  return door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_CFG_PERMISSIONS, "%s: %s", self->path,
                         g_strerror (reason));
}

/* What is only warned of is written, but it must not go unseen. */
static GPtrArray *
list_new_warnings (const Edit *self)
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
needs_restart (const Edit *self)
{
  for (guint i = 0; i < self->changes->len; i++)
    if (*(const char *) g_ptr_array_index (self->changes, i) == '!')
      return true;
  return false;
}

static void
note_overridden (const Edit *self, const DoorCtlContext *context)
{
  for (const char *const *word = context->words + 1; *word != NULL; word++)
    {
      g_autofree char *key = g_strndup (*word, strcspn (*word, "="));
      g_autofree char *origin = door_config_dup_origin (self->after->config, context->words[0], key);

      if (origin != NULL && !g_str_has_prefix (origin, self->path))
        g_printerr ("note: %s has no effect: %s comes later\n", key, origin);
    }
}

static void
print_result (const Edit *self, const DoorCtlContext *context, bool written)
{
  g_autoptr (GPtrArray) warnings = list_new_warnings (self);

  for (guint i = 0; i < self->changes->len; i++)
    g_print ("%s\n", (const char *) g_ptr_array_index (self->changes, i));
  for (guint i = 0; i < warnings->len; i++)
    g_printerr ("warning: %s\n", (const char *) g_ptr_array_index (warnings, i));
  note_overridden (self, context);
  if (!written)
    g_print ("%s was not written\n", self->path);
  else
    g_print ("%s written; to put it into force: %s\n", self->path,
             needs_restart (self) ? "systemctl restart doorward" : "doorctl config reload");
}

static JsonNode *
result_node (const Edit *self, bool written)
{
  JsonObject *object = json_object_new ();
  JsonArray *changes = json_array_new (), *warned = json_array_new ();
  g_autoptr (GPtrArray) warnings = list_new_warnings (self);

  for (guint i = 0; i < self->changes->len; i++)
    json_array_add_string_element (changes, g_ptr_array_index (self->changes, i));
  for (guint i = 0; i < warnings->len; i++)
    json_array_add_string_element (warned, g_ptr_array_index (warnings, i));
  json_object_set_string_member (object, "file", self->path);
  json_object_set_boolean_member (object, "written", written);
  json_object_set_boolean_member (object, "needs_restart", needs_restart (self));
  json_object_set_array_member (object, "changes", changes);
  json_object_set_array_member (object, "warnings", warned);
  return door_ctl_output_take_object (object);
}

/**
 * door_ctl_config_set:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl config set`. Blocks on the file system.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOTHING when the file says so already, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_config_set (DoorCtlContext *context, GError **error)
{
  g_auto (Edit) edit = { NULL };
  bool dry = door_command_line_has (context->line, "dry-run"), same;

  if (!prepare (&edit, context, error))
    return g_error_matches (*error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA) ? DOOR_CTL_USAGE : DOOR_CTL_ERROR;
  same = strcmp (edit.old, edit.text) == 0;
  if (!dry && !same && !write_file (&edit, error))
    return DOOR_CTL_ERROR;
  if (context->json)
    context->result = result_node (&edit, !dry && !same);
  else
    print_result (&edit, context, !dry && !same);
  return same ? DOOR_CTL_NOTHING : DOOR_CTL_OK;
}
