/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-setup.h"

#include "door-connection.h"
#include "door-error.h"
#include "door-eula-document.h"
#include "door-idp.h"

struct _DoorSetup
{
  bool development;
  char *config_file;
  char *state_folder;
  char *credentials_folder;
  DoorPluginRegistry *registry;
  DoorPluginLoader *loader;
  DoorConfig *config;
};

static char *
choose_state_folder (const DoorSetupOptions *options)
{
  const char *from_manager = g_getenv ("STATE_DIRECTORY");

  if (options->state_folder != NULL)
    return g_canonicalize_filename (options->state_folder, NULL);
  return g_strdup (from_manager != NULL ? from_manager : DOOR_STATE_FOLDER);
}

/* Without objects what is named may be one of them. */
static DoorConfigFiles *
read_files (const DoorSetup *self, const GPtrArray *objects)
{
  const char *const one_file[] = { self->config_file, NULL };
  const DoorConfigSource source = { .files = self->config_file != NULL ? one_file : NULL,
                                    .credentials_folder = self->credentials_folder,
                                    .allow_env = self->development,
                                    .objects = objects,
                                    .objects_later = objects == NULL };

  return door_config_files_read (&source);
}

/* Every plugin is tried, so that all that is wrong can be named at once. */
static bool
load_plugins (DoorSetup *self, const DoorConfigFiles *files, GPtrArray *lines, GError **error)
{
  g_auto (GStrv) names = door_config_files_dup_plugins (files);
  bool loaded = true;

  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (GError) local = NULL;

      if (door_plugin_loader_load (self->loader, *name, &local))
        continue;
      if (lines != NULL)
        g_ptr_array_add (lines, g_strdup_printf ("%s: %s", door_fault_get_info (DOOR_FAULT_CFG_PLUGIN)->id,
                                                 local->message));
      if (loaded)
        g_propagate_error (error, g_steal_pointer (&local));
      loaded = false;
    }
  return loaded;
}

/**
 * door_setup_list_problems:
 * @self: a setup whose configuration does not let the server start
 * @lines: (element-type utf8): takes a line for each problem
 *
 * Lists all that is wrong, as `doorctl config check` does: whoever mends one thing should not meet the next.
 * Blocks on the file system.
 */
void
door_setup_list_problems (const DoorSetup *self, GPtrArray *lines)
{
  const GPtrArray *problems = door_config_get_problems (self->config);
  g_auto (DoorInspection) inspection = { NULL };

  for (guint i = 0; i < problems->len; i++)
    g_ptr_array_add (lines, door_config_problem_dup_line (g_ptr_array_index (problems, i)));
  door_setup_begin_inspection (self, self->config, &inspection);
  door_inspect_before_start (&inspection);
  for (guint i = 0; i < inspection.problems->len; i++)
    g_ptr_array_add (lines, door_config_problem_dup_line (g_ptr_array_index (inspection.problems, i)));
}

static bool
load (DoorSetup *self, GPtrArray *lines, GError **error)
{
  g_autoptr (DoorConfigFiles) files = read_files (self, NULL);
  bool loaded = load_plugins (self, files, lines, error);

  self->config = door_config_new (files, door_plugin_registry_keys_cb, self->registry);
  if (loaded && door_config_check (self->config, error))
    return true;
  if (lines != NULL)
    door_setup_list_problems (self, lines);
  return false;
}

/**
 * door_setup_begin_inspection:
 * @self: a setup
 * @config: a configuration; must outlive the inspection, as @self
 * @inspection: (out caller-allocates): gets what is needed to look at what the configuration refers to
 */
void
door_setup_begin_inspection (const DoorSetup *self, const DoorConfig *config, DoorInspection *inspection)
{
  door_inspection_init (inspection, config, self->registry, self->development);
  inspection->as_server = true;
}

/**
 * door_setup_reread:
 * @self: a setup
 * @objects: (nullable) (element-type DoorConfigObject): what is kept in the database; %NULL when it has not
 * been asked
 *
 * Reads the configuration once more, with the keys of the plugins that are loaded. What the setup gave
 * before stays as it is. Blocks on the file system; not to be called by two threads at once.
 *
 * Returns: (transfer full): the configuration, whatever its problems
 */
DoorConfig *
door_setup_reread (const DoorSetup *self, const GPtrArray *objects)
{
  g_autoptr (DoorConfigFiles) files = read_files (self, objects);

  return door_config_new (files, door_plugin_registry_keys_cb, self->registry);
}

/**
 * door_setup_new:
 * @options: what the command line says
 * @error: return location for an error
 *
 * Loads the plugins the configuration names and reads the configuration with their keys. Blocks on the file
 * system.
 *
 * Returns: (transfer full): the setup, or %NULL with %DOOR_ERROR_CONFIG
 */
DoorSetup *
door_setup_new (const DoorSetupOptions *options, GError **error)
{
  g_autoptr (DoorSetup) self = g_new0 (DoorSetup, 1);
  const char *folder = options->plugin_folder;

  if (folder != NULL && !options->development)
    {
      door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN,
                      "--plugin-dir needs --dev: plugins of a production server lie in %s",
                      door_plugin_loader_get_system_folder ());
      return NULL;
    }
  self->development = options->development;
  self->state_folder = choose_state_folder (options);
  self->config_file = g_strdup (options->config_file);
  self->credentials_folder = g_strdup (
      options->credentials_folder != NULL ? options->credentials_folder : g_getenv ("CREDENTIALS_DIRECTORY"));
  self->registry = door_plugin_registry_new ();
  self->loader = door_plugin_loader_new (
      self->registry, folder != NULL ? folder : door_plugin_loader_get_system_folder (), folder != NULL);
  if (!load (self, options->problems, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_setup_free:
 * @self: (transfer full): a setup
 */
void
door_setup_free (DoorSetup *self)
{
  g_clear_pointer (&self->config, door_config_unref);
  g_clear_pointer (&self->loader, door_plugin_loader_free);
  g_clear_pointer (&self->registry, door_plugin_registry_unref);
  g_free (self->config_file);
  g_free (self->state_folder);
  g_free (self->credentials_folder);
  g_free (self);
}

/**
 * door_setup_get_config:
 * @self: a setup
 *
 * Returns: (transfer none): the configuration the server started with
 */
DoorConfig *
door_setup_get_config (const DoorSetup *self)
{
  return self->config;
}

/**
 * door_setup_set_config:
 * @self: a setup that nobody else uses yet
 * @config: the configuration with the objects of its database
 *
 * Lets door_setup_get_config() give the whole configuration.
 */
void
door_setup_set_config (DoorSetup *self, DoorConfig *config)
{
  door_config_unref (self->config);
  self->config = door_config_ref (config);
}

/**
 * door_setup_get_state_folder:
 * @self: a setup
 *
 * Returns: (transfer none): where the server keeps what is its own
 */
const char *
door_setup_get_state_folder (const DoorSetup *self)
{
  return self->state_folder;
}

/**
 * door_setup_is_development:
 * @self: a setup
 *
 * Returns: whether this is development mode
 */
bool
door_setup_is_development (const DoorSetup *self)
{
  return self->development;
}

/**
 * door_setup_open_storage:
 * @self: a setup
 * @error: return location for an error
 *
 * Makes the storage of `[database]` and opens it. Blocking.
 *
 * Returns: (transfer full): the storage, or %NULL with an error
 */
DoorStorage *
door_setup_open_storage (const DoorSetup *self, GError **error)
{
  DoorSettings *settings = door_config_get_settings (self->config, "database");
  g_autoptr (DoorStorage) storage = door_plugin_registry_make (
      self->registry, "storage", door_settings_get_string (settings, "Driver"), error);

  if (storage == NULL || !door_storage_configure (storage, settings, error) ||
      !door_storage_open (storage, NULL, error))
    return NULL;
  return g_steal_pointer (&storage);
}

/* A group that is wrong is among them: nothing is done with its server until it is right. */
static GPtrArray *
list_dep_rules (const DoorConfig *config)
{
  g_auto (GStrv) names = door_config_list_instances (config, "ade");
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) door_dep_rules_free);

  for (size_t i = 0; names[i] != NULL; i++)
    {
      g_autofree char *group = g_strconcat ("ade/", names[i], NULL);
      DoorSettings *settings = door_config_get_settings (config, group);
      DoorDepRules *rules = door_dep_rules_new (names[i], settings);

      rules->usable = settings != NULL;
      g_ptr_array_add (list, rules);
    }
  return list;
}

/**
 * door_setup_make_policy:
 * @config: a configuration
 *
 * Returns: (transfer full): what the services decide by
 */
DoorPolicy *
door_setup_make_policy (const DoorConfig *config)
{
  g_auto (GStrv) names = door_config_list_instances (config, "team");
  g_autoptr (GPtrArray) teams = g_ptr_array_new ();
  DoorPolicySource source = {
    .doorward = door_config_get_settings (config, "doorward"),
    .sign_in = door_config_get_settings (config, "sign-in"),
    .enrollment = door_config_get_settings (config, "enrollment"),
    .scep = door_config_get_settings (config, "scep"),
    .admin = door_config_get_settings (config, "admin"),
    .commands = door_config_get_settings (config, "commands"),
    .listen = door_config_get_settings (config, "listen"),
    .apple = door_config_get_settings (config, "apple"),
    .teams = teams,
    .dep = list_dep_rules (config),
  };

  for (size_t i = 0; names[i] != NULL; i++)
    {
      g_autofree char *group = g_strconcat ("team/", names[i], NULL);
      DoorSettings *settings = door_config_get_settings (config, group);

      if (settings != NULL)
        g_ptr_array_add (teams, settings);
    }
  return door_policy_new (&source);
}

/**
 * door_setup_load_eulas:
 * @config: a configuration
 * @failures: (element-type utf8): gets a text for each document that cannot be used
 *
 * Reads what people may have to agree to. Blocks on the file system.
 *
 * Returns: (transfer full) (element-type DoorEulaDocument): the documents
 */
GPtrArray *
door_setup_load_eulas (const DoorConfig *config, GPtrArray *failures)
{
  GPtrArray *documents = g_ptr_array_new_with_free_func ((GDestroyNotify) door_eula_document_free);
  g_auto (GStrv) names = door_config_list_instances (config, "eula");

  for (size_t i = 0; names[i] != NULL; i++)
    {
      g_autofree char *group = g_strconcat ("eula/", names[i], NULL);
      DoorSettings *settings = door_config_get_settings (config, group);
      g_autoptr (GError) error = NULL;
      DoorEulaDocument *document = settings != NULL ? door_eula_document_load (settings, &error) : NULL;

      if (document != NULL)
        g_ptr_array_add (documents, document);
      else if (error != NULL)
        g_ptr_array_add (failures, g_strdup (error->message));
    }
  return documents;
}

static DoorConnection *
make_connection (const DoorSetup *self, DoorSettings *settings, const char *external_url, GError **error)
{
  g_autoptr (DoorIdp) idp =
      door_plugin_registry_make (self->registry, "idp", door_settings_get_string (settings, "Type"), error);

  if (idp == NULL || !door_idp_configure (idp, settings, error))
    return NULL;
  return door_connection_new (idp, settings, external_url);
}

/**
 * door_setup_check_connection:
 * @self: a setup
 * @config: a configuration
 * @group: "idp/okta", a group without errors
 * @error: return location for an error
 *
 * Returns: whether the provider's adapter takes it; else false with %DOOR_ERROR_CONFIG
 */
bool
door_setup_check_connection (const DoorSetup *self, const DoorConfig *config, const char *group,
                             GError **error)
{
  DoorSettings *settings = door_config_get_settings (config, group);
  g_autoptr (DoorConnection) connection = NULL;

  if (settings == NULL)
    return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE, "[%s] cannot be used", group);
  connection = make_connection (self, settings, "", error);
  return connection != NULL;
}

/**
 * door_setup_make_connections:
 * @self: a setup
 * @config: a configuration
 * @policy: what the services decide by
 * @failures: (element-type utf8): takes a line for each that is wrong
 *
 * Makes the identity providers of the configuration. One that is wrong is left out: the others go on working,
 * and nobody can sign in through it.
 *
 * Returns: (transfer full) (element-type DoorConnection): the connections, without metadata yet
 */
GPtrArray *
door_setup_make_connections (const DoorSetup *self, const DoorConfig *config, const DoorPolicy *policy,
                             GPtrArray *failures)
{
  GPtrArray *connections = g_ptr_array_new_with_free_func ((GDestroyNotify) door_connection_free);
  g_auto (GStrv) names = door_config_list_instances (config, "idp");

  for (size_t i = 0; names[i] != NULL; i++)
    {
      g_autofree char *group = g_strconcat ("idp/", names[i], NULL);
      DoorSettings *settings = door_config_get_settings (config, group);
      g_autoptr (GError) error = NULL;
      DoorConnection *connection;

      if (settings == NULL || !door_settings_get_boolean (settings, "Enabled"))
        continue;
      connection = make_connection (self, settings, door_policy_get_external_url (policy), &error);
      if (connection != NULL)
        g_ptr_array_add (connections, connection);
      else
        g_ptr_array_add (failures, g_strdup_printf ("[%s]: %s", group, error->message));
    }
  return connections;
}
