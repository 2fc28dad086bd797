/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-plugin-loader.h"

#include <errno.h>
#include <fcntl.h>
#include <gmodule.h>
#include <link.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "door-error.h"
#include "door-name.h"
#include "door-suggest.h"

#define PREFIX "libdoor-plugin-"
#define SUFFIX "." G_MODULE_SUFFIX

/* The header of the file this code is in, from the linker: what a module must be like. */
extern const ElfW (Ehdr) __ehdr_start __attribute__ ((visibility ("hidden")));

struct _DoorPluginLoader
{
  DoorPluginRegistry *registry;
  char *folder;
  bool development;
  GPtrArray *infos;
};

static void
info_free (gpointer data)
{
  DoorPluginInfo *info = data;

  g_free (info->name);
  g_free (info->path);
  g_free (info->reason);
  g_free (info);
}

/**
 * door_plugin_loader_new:
 * @registry: where the plugins register
 * @folder: the one folder plugins are loaded from
 * @development: the folder is a build tree: a plugin may also lie in a sub-folder of its own name, and files
 * may be writable by their group, as many users' files are
 *
 * Returns: (transfer full): the loader
 */
DoorPluginLoader *
door_plugin_loader_new (DoorPluginRegistry *registry, const char *folder, bool development)
{
  DoorPluginLoader *self = g_new0 (DoorPluginLoader, 1);

  self->registry = door_plugin_registry_ref (registry);
  self->folder = g_strdup (folder);
  self->development = development;
  self->infos = g_ptr_array_new_with_free_func (info_free);
  return self;
}

/**
 * door_plugin_loader_free:
 * @self: (transfer full): a loader
 *
 * What was loaded stays loaded.
 */
void
door_plugin_loader_free (DoorPluginLoader *self)
{
  door_plugin_registry_unref (self->registry);
  g_free (self->folder);
  g_ptr_array_unref (self->infos);
  g_free (self);
}

/**
 * door_plugin_loader_get_system_folder:
 *
 * Returns: (transfer none): the folder of installed plugins; it is fixed when the program is built
 */
const char *
door_plugin_loader_get_system_folder (void)
{
  return DOOR_PLUGINDIR;
}

/**
 * door_plugin_loader_get_folder:
 * @self: a loader
 *
 * Returns: (transfer none): the folder plugins are loaded from
 */
const char *
door_plugin_loader_get_folder (const DoorPluginLoader *self)
{
  return self->folder;
}

/**
 * door_plugin_loader_list:
 * @self: a loader
 *
 * Returns: (transfer none) (element-type DoorPluginInfo): what was tried, in this order
 */
const GPtrArray *
door_plugin_loader_list (const DoorPluginLoader *self)
{
  return self->infos;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
add_installed (GPtrArray *names, const char *folder, const char *only)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL); /* absent: no plugins */
  const char *file;

  while (dir != NULL && (file = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (file, PREFIX) && g_str_has_suffix (file, SUFFIX))
      {
        g_autofree char *name = g_strndup (file + strlen (PREFIX), strlen (file) - strlen (PREFIX SUFFIX));

        if (only == NULL || strcmp (name, only) == 0)
          g_ptr_array_add (names, g_steal_pointer (&name));
      }
}

/**
 * door_plugin_loader_list_installed:
 * @self: a loader
 *
 * Lists the plugins that could be loaded, by the names of their files: one that nobody asked for is never
 * opened. Blocks on the file system.
 *
 * Returns: (transfer full) (element-type utf8): their names, sorted
 */
GPtrArray *
door_plugin_loader_list_installed (const DoorPluginLoader *self)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir =
      self->development ? g_dir_open (self->folder, 0, NULL) : NULL; /* absent: no plugins */
  const char *name;

  add_installed (names, self->folder, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (self->folder, name, NULL);

      add_installed (names, folder, name);
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

static void G_GNUC_PRINTF (2, 3) set_error (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN, "%s", text);
}

/* Opening a module runs code in it, so this comes before everything else. */
static bool
check_owner (const DoorPluginLoader *self, const char *path, mode_t type, GError **error)
{
  const mode_t refused = self->development ? S_IWOTH : (S_IWGRP | S_IWOTH);
  struct stat st;

  if (lstat (path, &st) != 0)
    set_error (error, "%s: %s; install the plugin, or take it out of [plugins] Load", path,
               g_strerror (errno));
  else if (S_ISLNK (st.st_mode))
    set_error (error, "%s is a symbolic link; put in its place what it leads to", path);
  else if ((st.st_mode & S_IFMT) != type)
    set_error (error, "%s is not a %s; install the plugin again", path,
               type == S_IFDIR ? "folder" : "regular file");
  else if (st.st_uid != 0 && st.st_uid != geteuid ())
    set_error (error, "%s belongs to another user; run: chown root %s", path, path);
  else if ((st.st_mode & refused) != 0)
    set_error (error, "%s may be written by others; run: chmod go-w %s", path, path);
  else
    return true;
  return false;
}

/* Why the dynamic linker must not see a file, %NULL when it may: of a module for another processor it says
 * that there is no such file, and of one that was copied in part it makes a crash. */
static const char *
judge_module (int fd)
{
  const ElfW (Ehdr) *own = &__ehdr_start;
  ElfW (Ehdr) header = { 0 };
  struct stat st;

  if (fstat (fd, &st) != 0 || pread (fd, &header, sizeof header, 0) != (ssize_t) sizeof header ||
      memcmp (header.e_ident, ELFMAG, SELFMAG) != 0)
    return "is not a shared object; build or install the plugin again";
  if (header.e_ident[EI_CLASS] != own->e_ident[EI_CLASS] ||
      header.e_ident[EI_DATA] != own->e_ident[EI_DATA] || header.e_machine != own->e_machine)
    return "was built for another kind of processor; install the plugin for this one";
  if (header.e_type != ET_DYN || header.e_phentsize != sizeof (ElfW (Phdr)))
    return "is an object file or a program; build the plugin as a shared module";
  for (size_t i = 0; i < header.e_phnum; i++)
    {
      const off_t where = (off_t) (header.e_phoff + i * sizeof (ElfW (Phdr)));
      ElfW (Phdr) part = { 0 };

      if (pread (fd, &part, sizeof part, where) != (ssize_t) sizeof part ||
          (part.p_type == PT_LOAD &&
           (part.p_offset > (uint64_t) st.st_size || part.p_filesz > (uint64_t) st.st_size - part.p_offset)))
        return "is not complete; build or install the plugin again";
    }
  return NULL;
}

static bool
check_module (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  const char *reason;

  if (fd < 0)
    {
      set_error (error, "%s: %s; run: chmod a+r %s", path, g_strerror (errno), path);
      return false;
    }
  reason = judge_module (fd);
  close (fd);
  if (reason != NULL)
    set_error (error, "%s %s", path, reason);
  return reason == NULL;
}

static bool
check_file (const DoorPluginLoader *self, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return check_owner (self, self->folder, S_IFDIR, error) && check_owner (self, folder, S_IFDIR, error) &&
         check_owner (self, path, S_IFREG, error) && check_module (path, error);
}

/* Only data is read here: no function of a plugin that does not fit may run. */
static const DoorPluginDescriptor *
read_descriptor (DoorPluginInfo *info, GModule *module, GError **error)
{
  const DoorPluginDescriptor *descriptor;
  gpointer symbol = NULL;

  if (!g_module_symbol (module, "door_plugin", &symbol) || symbol == NULL)
    {
      set_error (error, "%s has no symbol door_plugin; write DOOR_DEFINE_PLUGIN in one of its files",
                 info->path);
      return NULL;
    }
  descriptor = symbol;
  info->abi = descriptor->abi;
  if (descriptor->abi != DOOR_PLUGIN_ABI)
    set_error (error, "%s was built for the plugin ABI %u, this is %u; install the plugin that fits",
               info->path, descriptor->abi, DOOR_PLUGIN_ABI);
  else if (descriptor->size != sizeof (DoorPluginDescriptor))
    set_error (error, "%s has a descriptor of another size; build it again", info->path);
  else if (g_strcmp0 (descriptor->name, info->name) != 0)
    set_error (error, "%s calls itself \"%s\"; name file and plugin alike", info->path,
               descriptor->name != NULL ? descriptor->name : "");
  else if (descriptor->register_types == NULL)
    set_error (error, "%s registers nothing; give DOOR_DEFINE_PLUGIN a function", info->path);
  else
    return descriptor;
  return NULL;
}

static bool
register_plugin (DoorPluginLoader *self, const DoorPluginInfo *info, const DoorPluginDescriptor *descriptor,
                 GError **error)
{
  g_autoptr (GError) local_error = NULL;
  bool ok;

  door_plugin_registry_begin (self->registry, info->name);
  ok = descriptor->register_types (self->registry, &local_error) && local_error == NULL;
  if (door_plugin_registry_end (self->registry, ok) > 0 && ok)
    return true;
  set_error (error, "%s: %s; correct the plugin, or take it out of [plugins] Load", info->path,
             ok                    ? "it registers nothing"
             : local_error != NULL ? local_error->message
                                   : "it failed without a reason");
  return false;
}

/* A build tree has each module in a folder of its own. */
static char *
find_path (const DoorPluginLoader *self, const char *name, GError **error)
{
  g_autofree char *file = g_strconcat (PREFIX, name, SUFFIX, NULL);
  g_autofree char *flat = g_build_filename (self->folder, file, NULL);
  g_autofree char *deep = g_build_filename (self->folder, name, file, NULL);

  if (!self->development || access (deep, F_OK) != 0)
    return g_steal_pointer (&flat);
  if (access (flat, F_OK) != 0)
    return g_steal_pointer (&deep);
  set_error (error, "there are two, %s and %s; remove one", flat, deep);
  return NULL;
}

/**
 * door_plugin_loader_dup_path:
 * @self: a loader
 * @name: a plugin that door_plugin_loader_list_installed() names
 *
 * Returns: (transfer full) (nullable): the file that would be loaded; %NULL when there are two
 */
char *
door_plugin_loader_dup_path (const DoorPluginLoader *self, const char *name)
{
  return find_path (self, name, NULL);
}

static bool
check_request (const DoorPluginLoader *self, const char *name, GError **error)
{
  if (!door_name_is_valid (name))
    {
      set_error (error,
                 "this is not the name of a plugin; write 1 to 32 of a-z, 0-9 and - in [plugins] Load");
      return false;
    }
  for (size_t i = 0; i < self->infos->len; i++)
    if (strcmp (((const DoorPluginInfo *) g_ptr_array_index (self->infos, i))->name, name) == 0)
      {
        set_error (error, "it stands twice in [plugins] Load; remove one");
        return false;
      }
  return true;
}

/* The linker names the file it did not find, which need not be the module. */
static void
set_link_error (GError **error, const char *path)
{
  const char *reason = g_module_error ();

  if (g_str_has_prefix (reason, path))
    reason += strlen (path) + strspn (reason + strlen (path), ": ");
  set_error (error, "%s: %s; build it against this version, or install what it needs", path, reason);
}

/* The folder is there and the file is not: most likely a name that was mistyped. */
static bool
is_missing (const DoorPluginLoader *self, const char *path)
{
  struct stat st;

  return lstat (self->folder, &st) == 0 && lstat (path, &st) != 0 && errno == ENOENT;
}

static void
set_missing_error (const DoorPluginLoader *self, const DoorPluginInfo *info, GError **error)
{
  g_autoptr (GPtrArray) names = door_plugin_loader_list_installed (self);
  g_autoptr (DoorSuggest) suggest = door_suggest_new (info->name);

  for (guint i = 0; i < names->len; i++)
    door_suggest_add (suggest, g_ptr_array_index (names, i));
  if (door_suggest_get_best (suggest) != NULL)
    set_error (error, "%s: %s (did you mean \"%s\"?); correct [plugins] Load, or install the plugin",
               info->path, g_strerror (ENOENT), door_suggest_get_best (suggest));
  else
    set_error (error, "%s: %s; install the plugin, or take it out of [plugins] Load", info->path,
               g_strerror (ENOENT));
}

static bool
open_plugin (DoorPluginLoader *self, DoorPluginInfo *info, GError **error)
{
  const DoorPluginDescriptor *descriptor;
  GModule *module;

  if (is_missing (self, info->path))
    {
      set_missing_error (self, info, error);
      return false;
    }
  if (!check_file (self, info->path, error))
    return false;
  module = g_module_open (info->path, G_MODULE_BIND_LOCAL);
  if (module == NULL)
    {
      set_link_error (error, info->path);
      return false;
    }
  /* types cannot be taken back, so nothing is ever unloaded */
  g_module_make_resident (module);
  descriptor = read_descriptor (info, module, error);
  return descriptor != NULL && register_plugin (self, info, descriptor, error);
}

/**
 * door_plugin_loader_load:
 * @self: a loader
 * @name: a name in `[plugins] Load`
 * @error: return location for an error
 *
 * Loads `libdoor-plugin-NAME.so`: a regular file that only root or the running user can change, with a
 * descriptor of our ABI that registers at least one implementation. To be called in the main thread, before
 * others are started. Blocks on the file system.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_CONFIG, %DOOR_FAULT_CFG_PLUGIN, and a text that names the file
 * and the next step
 */
gboolean
door_plugin_loader_load (DoorPluginLoader *self, const char *name, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  DoorPluginInfo *info;

  if (!check_request (self, name, error))
    {
      g_prefix_error (error, "plugin %s: ", name);
      return FALSE;
    }
  info = g_new0 (DoorPluginInfo, 1);
  info->name = g_strdup (name);
  info->path = find_path (self, name, &local_error);
  g_ptr_array_add (self->infos, info);
  if (info->path != NULL && open_plugin (self, info, &local_error))
    return TRUE;
  info->reason = g_strdup (local_error->message);
  g_propagate_prefixed_error (error, g_steal_pointer (&local_error), "plugin %s: ", name);
  return FALSE;
}

/**
 * door_plugin_loader_load_all:
 * @self: a loader
 * @names: (array zero-terminated=1): the names in `[plugins] Load`
 * @error: return location for an error
 *
 * door_plugin_loader_load() for each name, up to the first that fails.
 *
 * Returns: %TRUE, or %FALSE with the error of the first that failed
 */
gboolean
door_plugin_loader_load_all (DoorPluginLoader *self, const char *const *names, GError **error)
{
  for (; *names != NULL; names++)
    if (!door_plugin_loader_load (self, *names, error))
      return FALSE;
  return TRUE;
}
