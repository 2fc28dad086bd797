/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-config-files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "door-options.h"

#define MAX_FILE_BYTES (1024 * 1024)

/* What a file may not let its group and others do. The vendor's files hold no local knowledge. */
/* of the sysusers file and the unit */
#define SERVER_GROUP "doorward"
#define MODE_REFUSED ((mode_t) 0027)
#define MODE_REFUSED_VENDOR ((mode_t) 0022)

typedef struct
{
  DoorConfigFiles *self;
  const DoorConfigSource *source;
} Reader;

static void
file_free (gpointer data)
{
  DoorConfigFile *file = data;

  g_free (file->path);
  g_free (file->object);
  door_keyfile_free (file->keyfile);
  g_free (file);
}

static void
problem_free (gpointer data)
{
  DoorConfigFileProblem *problem = data;

  g_free (problem->path);
  g_free (problem->text);
  g_free (problem);
}

static void G_GNUC_PRINTF (4, 5)
    report (Reader *reader, DoorFault fault, const char *path, const char *format, ...)
{
  DoorConfigFileProblem *problem = g_new0 (DoorConfigFileProblem, 1);
  va_list args;

  va_start (args, format);
  problem->text = g_strdup_vprintf (format, args);
  va_end (args);
  problem->fault = fault;
  problem->path = g_strdup (path);
  g_ptr_array_add (reader->self->problems, problem);
}

/* Whoever may write here decides who may enroll. */
static bool
has_server_group (void)
{
  char buffer[4096];
  struct group entry, *found = NULL;

  return getgrnam_r (SERVER_GROUP, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL;
}

static void
report_mode (Reader *reader, const char *path, const struct stat *st, mode_t refused)
{
  /* with the mode alone it would be root's only, and the next complaint that the server may not read it */
  if (refused == MODE_REFUSED && st->st_gid == 0 && has_server_group ())
    report (reader, DOOR_FAULT_CFG_PERMISSIONS, path,
            "may be read or written by others; run: chown root:" SERVER_GROUP " %s && chmod 0640 %s", path,
            path);
  else
    report (reader, DOOR_FAULT_CFG_PERMISSIONS, path, "may be read or written by others; run: chmod %s %s",
            refused == MODE_REFUSED ? "0640" : "0644", path);
}

static bool
check_owner (Reader *reader, const char *path, const struct stat *st, mode_t refused)
{
  if (reader->source->skip_permissions)
    return true;
  if (st->st_uid != 0 && st->st_uid != geteuid ())
    {
      report (reader, DOOR_FAULT_CFG_PERMISSIONS, path, "belongs to another user; run: chown root %s", path);
      return false;
    }
  if ((st->st_mode & refused) == 0)
    return true;
  if (S_ISDIR (st->st_mode))
    report (reader, DOOR_FAULT_CFG_PERMISSIONS, path, "may be written by others; run: chmod go-w %s", path);
  else
    report_mode (reader, path, st, refused);
  return false;
}

/* systemd's way of switching off a file of the vendor: a link to /dev/null */
static bool
is_dev_null (const struct stat *st)
{
  return S_ISCHR (st->st_mode) && st->st_rdev == makedev (1, 3);
}

static char *
read_all (int fd, size_t size, size_t *length)
{
  g_autofree char *data = g_malloc (size + 1);
  size_t done = 0;
  ssize_t n = 1;

  while (done <= size && n != 0)
    {
      n = read (fd, data + done, size + 1 - done);
      if (n < 0 && errno != EINTR)
        return NULL;
      done += n > 0 ? (size_t) n : 0;
    }
  *length = done;
  return done <= size ? g_steal_pointer (&data) : NULL;
}

static void
take_file (Reader *reader, const char *path, const char *data, size_t length)
{
  DoorConfigFile *file = g_new0 (DoorConfigFile, 1);

  file->path = g_strdup (path);
  file->keyfile = door_keyfile_parse (data, length);
  g_ptr_array_add (reader->self->files, file);
}

static void
read_open_file (Reader *reader, int fd, const char *path, mode_t refused)
{
  g_autofree char *data = NULL;
  struct stat st;
  size_t length = 0;

  if (fstat (fd, &st) != 0 || (!S_ISREG (st.st_mode) && !is_dev_null (&st)))
    {
      report (reader, DOOR_FAULT_CFG_SYNTAX, path, "is not a regular file");
      return;
    }
  if (is_dev_null (&st) || !check_owner (reader, path, &st, refused))
    return;
  data = read_all (fd, MAX_FILE_BYTES, &length);
  if (data == NULL)
    {
      report (reader, DOOR_FAULT_CFG_SYNTAX, path, "cannot be read or is larger than 1 MiB");
      return;
    }
  take_file (reader, path, data, length);
}

static void
read_file (Reader *reader, const char *path, mode_t refused, bool may_be_absent)
{
  const char *edited =
      reader->source->edited != NULL ? g_hash_table_lookup (reader->source->edited, path) : NULL;
  int fd;

  if (edited != NULL)
    {
      take_file (reader, path, edited, strlen (edited));
      return;
    }
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    {
      if (errno == EACCES)
        report (reader, DOOR_FAULT_CFG_PERMISSIONS, path,
                "may not be read by this user; doorctl needs root for it, and for the server run: "
                "chown root:" SERVER_GROUP " %s && chmod 0640 %s",
                path, path);
      else if (errno != ENOENT || !may_be_absent)
        report (reader, DOOR_FAULT_CFG_REQUIRED, path, "cannot be read: %s", g_strerror (errno));
      return;
    }
  read_open_file (reader, fd, path, refused);
  close (fd);
}

static void
add_folder (Reader *reader, const char *folder, GTree *names)
{
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  struct stat st;
  const char *name;

  if (stat (folder, &st) != 0 && errno == ENOENT)
    return;
  dir = g_dir_open (folder, 0, &error);
  if (dir == NULL)
    {
      report (reader, DOOR_FAULT_CFG_PERMISSIONS, folder, "cannot be read: %s", error->message);
      return;
    }
  if (!check_owner (reader, folder, &st, MODE_REFUSED_VENDOR))
    return;
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".conf") && *name != '.')
      g_tree_replace (names, g_strdup (name), g_build_filename (folder, name, NULL));
}

static int
compare_names (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static gboolean
collect_path (gpointer name, gpointer path, gpointer list)
{
  g_ptr_array_add (list, path);
  return FALSE;
}

static char *
under_root (const DoorConfigSource *source, const char *path)
{
  return source->root != NULL ? g_build_filename (source->root, path, NULL) : g_strdup (path);
}

static void
add_edited_cb (gpointer path, gpointer text, gpointer names)
{
  g_tree_replace (names, g_path_get_basename (path), g_strdup (path));
}

/* Vendor, then the main file, then /run and /etc merged in name order. A file shadows the files of its name
 * in the folders before it, wherever it then stands. */
static void
read_standard (Reader *reader)
{
  g_autofree char *vendor = under_root (reader->source, DOOR_VENDOR_CONFDIR);
  g_autofree char *main_file = under_root (reader->source, DOOR_SYSCONFDIR "/doorward.conf");
  g_autofree char *run = under_root (reader->source, DOOR_RUNDIR "/conf.d");
  g_autofree char *etc = under_root (reader->source, DOOR_SYSCONFDIR "/conf.d");
  g_autoptr (GTree) low = g_tree_new_full (compare_names, NULL, g_free, g_free);
  g_autoptr (GTree) high = g_tree_new_full (compare_names, NULL, g_free, g_free);
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  add_folder (reader, vendor, low);
  add_folder (reader, run, high);
  add_folder (reader, etc, high);
  if (reader->source->edited != NULL)
    g_hash_table_foreach (reader->source->edited, add_edited_cb, high);
  for (GTreeNode *node = g_tree_node_first (high); node != NULL; node = g_tree_node_next (node))
    g_tree_remove (low, g_tree_node_key (node));
  g_tree_foreach (low, collect_path, paths);
  for (size_t i = 0; i < paths->len; i++)
    read_file (reader, g_ptr_array_index (paths, i), MODE_REFUSED_VENDOR, false);
  read_file (reader, main_file, MODE_REFUSED, true);
  g_ptr_array_set_size (paths, 0);
  g_tree_foreach (high, collect_path, paths);
  for (size_t i = 0; i < paths->len; i++)
    read_file (reader, g_ptr_array_index (paths, i), MODE_REFUSED, false);
}

/**
 * door_config_object_new:
 * @group: "idp/okta"
 * @content: its keys
 *
 * Returns: (transfer full): an object
 */
DoorConfigObject *
door_config_object_new (const char *group, const char *content)
{
  DoorConfigObject *self = g_new0 (DoorConfigObject, 1);

  self->group = g_strdup (group);
  self->content = g_strdup (content);
  return self;
}

/**
 * door_config_object_free:
 * @self: (transfer full): an object
 */
void
door_config_object_free (DoorConfigObject *self)
{
  g_free (self->group);
  g_free (self->content);
  g_free (self);
}

/* Its first line is the header, as it would be in a file. */
static void
take_object (Reader *reader, const DoorConfigObject *object)
{
  g_autofree char *path = g_strconcat ("database/", object->group, NULL);
  g_autofree char *text = g_strdup_printf ("[%s]\n%s", object->group, object->content);
  DoorConfigFile *file;

  take_file (reader, path, text, strlen (text));
  file = g_ptr_array_index (reader->self->files, reader->self->files->len - 1);
  file->object = g_strdup (object->group);
}

/**
 * door_config_files_read:
 * @source: where to read
 *
 * Reads and parses all configuration files, in the order in which a later one wins. A file that may be
 * changed by others is not used but reported. Blocks on the file system.
 *
 * Returns: (transfer full): the files and what is wrong with them
 */
DoorConfigFiles *
door_config_files_read (const DoorConfigSource *source)
{
  g_autoptr (DoorConfigFiles) self = g_new0 (DoorConfigFiles, 1);
  Reader reader = { .self = self, .source = source };

  self->files = g_ptr_array_new_with_free_func (file_free);
  self->problems = g_ptr_array_new_with_free_func (problem_free);
  self->credentials_folder = g_strdup (source->credentials_folder);
  self->allow_env = source->allow_env;
  if (source->files == NULL)
    read_standard (&reader);
  else
    for (const char *const *file = source->files; *file != NULL; file++)
      read_file (&reader, *file, MODE_REFUSED, false);
  self->objects_later = source->objects_later;
  for (guint i = 0; source->objects != NULL && i < source->objects->len; i++)
    take_object (&reader, g_ptr_array_index (source->objects, i));
  return g_steal_pointer (&self);
}

/**
 * door_config_files_free:
 * @self: (transfer full): files
 */
void
door_config_files_free (DoorConfigFiles *self)
{
  g_clear_pointer (&self->files, g_ptr_array_unref);
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  g_free (self->credentials_folder);
  g_free (self);
}

static const char *
find_last_text (const DoorConfigFiles *self, const char *group, const char *key)
{
  const char *text = NULL;

  for (size_t i = 0; i < self->files->len; i++)
    {
      const DoorConfigFile *file = g_ptr_array_index (self->files, i);

      for (size_t j = 0; j < file->keyfile->entries->len; j++)
        {
          const DoorKeyfileEntry *entry = g_ptr_array_index (file->keyfile->entries, j);

          if (strcmp (entry->group, group) == 0 && strcmp (entry->key, key) == 0)
            text = entry->text;
        }
    }
  return text;
}

/**
 * door_config_files_dup_plugins:
 * @self: files
 *
 * The plugins must be loaded before door_config_new() can check the groups whose keys they bring.
 *
 * Returns: (transfer full) (array zero-terminated=1): the names in `[plugins] Load`; empty when there are
 * none or the list is malformed, which door_config_new() reports
 */
char **
door_config_files_dup_plugins (const DoorConfigFiles *self)
{
  const DoorOptionGroup *option = door_options_lookup ("plugins");
  const DoorKey *const tables[] = { option->keys, NULL };
  const char *text = find_last_text (self, "plugins", "Load");
  DoorSettingsSource source = { .group = "plugins", .tables = tables };
  g_autoptr (DoorSettings) settings = NULL;

  if (text != NULL)
    {
      source.values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (source.values, g_strdup ("Load"), g_strdup (text));
    }
  settings = door_settings_new (&source, NULL); /* reported with its line by door_config_new() */
  return settings != NULL ? door_settings_dup_list (settings, "Load") : g_new0 (char *, 1);
}
