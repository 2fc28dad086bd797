/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-world.h"

/**
 * door_ctl_dup_credentials_folder:
 * @root: (nullable): root of a staged tree
 *
 * The server finds its credentials where systemd puts them, an administrator where they are made.
 *
 * Returns: (transfer full): the folder
 */
char *
door_ctl_dup_credentials_folder (const char *root)
{
  const char *folder = g_getenv ("CREDENTIALS_DIRECTORY");

  if (folder != NULL && root == NULL)
    return g_strdup (folder);
  return g_build_filename (root != NULL ? root : "/", DOOR_SYSCONFDIR, "secrets", NULL);
}

/**
 * door_ctl_world_new_edited:
 * @line: options `root`, `config`, `dev` and `plugin-dir`
 * @edited: (nullable) (element-type utf8 utf8): files of conf.d, as they would be with another content: path
 * to text
 *
 * Reads the configuration and loads the plugins it names. A plugin that cannot be loaded is noted and the
 * next one tried. Blocks on the file system.
 *
 * Returns: (transfer full): what was found, with all its problems
 */
DoorCtlWorld *
door_ctl_world_new_edited (const DoorCommandLine *line, GHashTable *edited)
{
  DoorCtlWorld *self = g_new0 (DoorCtlWorld, 1);
  const char *root = door_command_line_get_value (line, "root");
  const char *folder = door_command_line_get_value (line, "plugin-dir");
  g_autofree char *credentials = door_ctl_dup_credentials_folder (root);
  DoorConfigSource source = { .root = root,
                              .files = door_command_line_get_values (line, "config"),
                              .credentials_folder = credentials,
                              .edited = edited };
  g_auto (GStrv) names = NULL;

  self->tree = source.root != NULL;
  self->development = door_command_line_has (line, "dev");
  self->staged = source.root != NULL || source.files != NULL;
  source.skip_permissions = self->staged;
  source.allow_env = self->development;
  self->files = door_config_files_read (&source);
  self->registry = door_plugin_registry_new ();
  self->loader = door_plugin_loader_new (
      self->registry, folder != NULL ? folder : door_plugin_loader_get_system_folder (), folder != NULL);
  self->plugin_errors = g_ptr_array_new_with_free_func (g_free);
  names = door_config_files_dup_plugins (self->files);
  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (GError) error = NULL;

      if (!door_plugin_loader_load (self->loader, *name, &error))
        g_ptr_array_add (self->plugin_errors, g_strdup (error->message));
    }
  self->config = door_config_new (self->files, door_plugin_registry_keys_cb, self->registry);
  return self;
}

/**
 * door_ctl_world_new:
 * @line: options `root`, `config`, `dev` and `plugin-dir`
 *
 * As door_ctl_world_new_edited() with the files as they are.
 *
 * Returns: (transfer full): what was found, with all its problems
 */
DoorCtlWorld *
door_ctl_world_new (const DoorCommandLine *line)
{
  return door_ctl_world_new_edited (line, NULL);
}

/**
 * door_ctl_world_free:
 * @self: (transfer full): what was found
 */
void
door_ctl_world_free (DoorCtlWorld *self)
{
  door_config_unref (self->config);
  g_ptr_array_unref (self->plugin_errors);
  door_plugin_loader_free (self->loader);
  door_plugin_registry_unref (self->registry);
  door_config_files_free (self->files);
  g_free (self);
}
