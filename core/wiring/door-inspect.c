/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-inspect.h"

#include <string.h>

#include "door-connections.h"
#include "door-dep-profile.h"
#include "door-dep-rules.h"
#include "door-directory.h"
#include "door-error.h"
#include "door-eula-document.h"
#include "door-keys.h"
#include "door-listen.h"
#include "door-saml.h"
#include "door-storage.h"

/**
 * door_inspection_init:
 * @self: (out caller-allocates): an inspection
 * @config: what is looked at; must outlive the inspection, as @registry
 * @registry: the plugins
 * @development: whether this is development mode
 *
 * Prepares one that has found nothing yet.
 */
void
door_inspection_init (DoorInspection *self, const DoorConfig *config, DoorPluginRegistry *registry,
                      bool development)
{
  *self = (DoorInspection){ .config = config, .registry = registry, .development = development };
  self->problems = g_ptr_array_new_with_free_func ((GDestroyNotify) door_config_problem_free);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  self->connections = g_ptr_array_new_with_free_func ((GDestroyNotify) door_connection_free);
}

/**
 * door_inspection_clear:
 * @self: an inspection
 */
void
door_inspection_clear (DoorInspection *self)
{
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
  g_clear_pointer (&self->connections, g_ptr_array_unref);
}

static DoorConfigProblem *
add (DoorInspection *self, const char *group, const char *key, const GError *error)
{
  DoorConfigProblem *problem = door_config_problem_new (self->config, group, key, error);

  g_ptr_array_add (self->problems, problem);
  return problem;
}

/* One of several groups, %NULL where an error has switched it off or there is none. */
static DoorSettings *
get_instance (const DoorInspection *self, const char *type, const char *name, char **group)
{
  *group = g_strconcat (type, "/", name, NULL);
  return door_config_get_settings (self->config, *group);
}

static void
check_secret (DoorInspection *self, const char *group, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSecret) secret =
      door_settings_dup_secret (door_config_get_settings (self->config, group), key, &error);

  if (secret != NULL)
    return;
  /* the secret of what is in the database may come after it, with the next start */
  if (strchr (group, '/') != NULL && door_config_lookup_file (self->config, group) == NULL)
    g_ptr_array_add (self->notes, g_strdup (error->message));
  else if (!self->as_server && g_error_matches (error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED))
    g_ptr_array_add (self->notes, g_strdup_printf ("not checked: %s", error->message));
  else
    add (self, group, key, error);
}

static void
check_secrets (DoorInspection *self)
{
  g_auto (GStrv) groups = door_config_list_groups (self->config);

  for (char **group = groups; *group != NULL; group++)
    {
      g_auto (GStrv) keys = door_config_list_keys (self->config, *group, false);

      if (door_config_get_settings (self->config, *group) == NULL)
        continue;
      for (char **key = keys; *key != NULL; key++)
        if (door_config_lookup_key (self->config, *group, *key)->type == DOOR_KEY_SECRET)
          check_secret (self, *group, *key);
    }
}

/* As the API does for what is in the database. */
static bool
check_twin (const DoorInspection *self, DoorConnection *connection, DoorSettings *settings, GError **error)
{
  g_autoptr (DoorSamlMetadata) metadata = door_connection_dup_metadata (connection, NULL);
  g_auto (GStrv) uses = door_settings_dup_list (settings, "Use");
  DoorConnectionTwin twin = { .name = door_connection_get_name (connection),
                              .uses = (const char *const *) uses,
                              .shared = door_settings_get_boolean (settings, "SharedEntityId") };
  DoorConnection *other;

  if (metadata == NULL) /* what is fetched or put in later is not known here */
    return true;
  twin.entity_id = door_saml_metadata_get_entity_id (metadata);
  other = door_connections_lookup_twin (self->connections, &twin);
  return other == NULL ||
         door_error_set (
             error, DOOR_ERROR_CONFIG, DOOR_FAULT_CONN_ENTITY,
             "[idp/%s] is of the same provider, %s; two need different Use= and SharedEntityId=true",
             door_connection_get_name (other), twin.entity_id);
}

/* Files that are wrong now do not take away what was read from them when they were right. */
static bool
is_known (const DoorInspection *self, DoorIdp *idp, DoorSettings *settings, const char *external_url)
{
  g_autoptr (DoorConnection) probe = door_connection_new (idp, settings, external_url);
  g_autoptr (DoorSamlMetadata) metadata = NULL;
  DoorConnection *other =
      self->known != NULL ? door_connections_lookup (self->known, door_connection_get_name (probe)) : NULL;

  if (other == NULL || !door_connection_adopt (probe, other))
    return false;
  metadata = door_connection_dup_metadata (probe, NULL); /* whether there is some is all that matters */
  return metadata != NULL;
}

/* What only the provider itself knows about its keys, and whether its files can be used. */
static bool
try_provider (DoorInspection *self, DoorSettings *settings, GError **error)
{
  DoorSettings *server = door_config_get_settings (self->config, "doorward");
  g_autoptr (DoorIdp) idp =
      door_plugin_registry_make (self->registry, "idp", door_settings_get_string (settings, "Type"), NULL);
  g_autoptr (DoorConnection) connection = NULL;
  const char *external_url;

  if (idp == NULL)
    return true; /* the unknown type is a problem of its own */
  if (!door_idp_configure (idp, settings, error))
    return false;
  if (self->tree || server == NULL || !door_settings_get_boolean (settings, "Enabled"))
    return true;
  external_url = door_settings_get_string (server, "ExternalUrl");
  if (is_known (self, idp, settings, external_url))
    return true;
  connection = door_connection_new (idp, settings, external_url);
  if (!door_connection_load (connection, self->development, error) ||
      !check_twin (self, connection, settings, error))
    return false;
  g_ptr_array_add (self->connections, g_steal_pointer (&connection));
  return true;
}

/**
 * door_inspect_providers:
 * @self: an inspection
 *
 * Looks whether each `[idp/NAME]` can be used. Needs door_saml_init(). Blocks on the file system.
 */
void
door_inspect_providers (DoorInspection *self)
{
  g_auto (GStrv) names = door_config_list_instances (self->config, "idp");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *group = NULL;
      DoorSettings *settings = get_instance (self, "idp", *name, &group);
      g_autoptr (GError) error = NULL;

      if (settings != NULL && !try_provider (self, settings, &error))
        add (self, group, "Type", error);
    }
}

/**
 * door_inspect_storage:
 * @self: an inspection
 *
 * Looks whether the driver takes its keys. Opening the database would need the server's user and, for some, a
 * network. Blocks on the file system.
 */
void
door_inspect_storage (DoorInspection *self)
{
  DoorSettings *settings = door_config_get_settings (self->config, "database");
  const char *driver = settings != NULL ? door_settings_get_string (settings, "Driver") : NULL;
  g_autoptr (DoorStorage) storage =
      driver != NULL ? door_plugin_registry_make (self->registry, "storage", driver, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  DoorFault fault;

  if (storage == NULL || door_storage_configure (storage, settings, &error))
    return;
  fault = door_error_get_fault (error);
  if (fault == DOOR_FAULT_CFG_SECRET || fault == DOOR_FAULT_CFG_PERMISSIONS ||
      g_error_matches (error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED))
    return; /* check_secrets() tells why */
  add (self, "database", "Driver", error);
}

static bool
try_directory (const DoorInspection *self, DoorSettings *settings, GError **error)
{
  /* the unknown type is a problem of its own */
  g_autoptr (DoorDirectory) directory = door_plugin_registry_make (
      self->registry, "directory", door_settings_get_string (settings, "Type"), NULL);

  return directory == NULL || door_directory_configure (directory, settings, error);
}

/* Unlike a provider, one that its own plugin refuses stops the start. */
static void
check_directories (DoorInspection *self)
{
  g_auto (GStrv) names = door_config_list_instances (self->config, "directory");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *group = NULL;
      DoorSettings *settings = get_instance (self, "directory", *name, &group);
      g_autoptr (GError) error = NULL;

      if (settings == NULL || try_directory (self, settings, &error))
        continue;
      g_prefix_error (&error, "[%s] ", group);
      add (self, group, "Type", error)->fatal = true;
    }
}

/* What cannot be read is told by check_secrets(). */
static bool
has_secret (DoorSettings *settings, const char *key)
{
  g_autoptr (DoorSecret) secret = door_settings_dup_secret (settings, key, NULL);

  return secret != NULL;
}

/**
 * door_inspect_signing:
 * @self: an inspection
 *
 * Looks at what signs profiles and names the topic: a file must exist, key and certificate belong together.
 * Development mode does without, but what is written must be right. Blocks on the file system.
 */
void
door_inspect_signing (DoorInspection *self)
{
  DoorSettings *apple = door_config_get_settings (self->config, "apple");
  g_autoptr (DoorCmsSigner) signer = NULL;
  g_autoptr (DoorCertificate) anchor = NULL;
  g_autoptr (GError) push_error = NULL, signer_error = NULL, anchor_error = NULL;
  bool has_signer, has_push;

  if (apple == NULL || door_config_is_incomplete (self->config) ||
      door_config_is_broken (self->config, "doorward"))
    return;
  has_push = door_settings_is_set (apple, "PushCertificate");
  if ((!has_push || (!self->tree && has_secret (apple, "PushKey"))) &&
      !door_keys_check_push (apple, &push_error))
    add (self, "apple", has_push ? "PushCertificate" : "Topic", push_error);
  if (!self->tree && !door_keys_load_device_anchor (apple, self->development, &anchor, &anchor_error))
    add (self, "apple", "DeviceAnchor", anchor_error);
  has_signer = door_settings_is_set (apple, "SigningCertificate");
  if (has_signer ? self->tree || !has_secret (apple, "SigningKey") : self->development)
    return;
  signer = door_keys_load_signer (apple, NULL, false, &signer_error);
  if (signer == NULL)
    add (self, "apple", "SigningCertificate", signer_error);
}

static void
note_renewal (DoorInspection *self)
{
  DoorSettings *scep = door_config_get_settings (self->config, "scep");
  int64_t longest_s =
      scep != NULL ? door_settings_get_duration_s (scep, "CertificateLifetime") / DOOR_RENEWAL_SHARE : 0;

  if (scep != NULL && door_settings_is_set (scep, "RenewBefore") &&
      door_settings_get_duration_s (scep, "RenewBefore") > longest_s)
    g_ptr_array_add (self->notes,
                     g_strdup_printf ("[scep] RenewBefore: a third of CertificateLifetime= counts in "
                                      "its place, %" G_GINT64_FORMAT " hours",
                                      longest_s / 3600));
}

/* What the server reads of its keys and certificates at the start, where the configuration names them. */
static void
check_keys (DoorInspection *self)
{
  DoorSettings *database = door_config_get_settings (self->config, "database");
  DoorSettings *scep = door_config_get_settings (self->config, "scep");
  DoorSettings *listen = door_config_get_settings (self->config, "listen");
  g_autoptr (GError) state_error = NULL, scep_error = NULL, tls_error = NULL;
  g_autoptr (DoorSecret) state_key = NULL;
  g_autoptr (DoorCertificateAuthority) authority = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (database != NULL && has_secret (database, "StateKey"))
    state_key = door_keys_load_state_key (database, "", NULL, &state_error);
  if (state_error != NULL)
    add (self, "database", "StateKey", state_error);
  if (scep != NULL && door_settings_is_set (scep, "CaCertificate") && has_secret (scep, "CaKey"))
    authority = door_keys_load_authority (scep, "", "", 0, &scep_error);
  if (scep_error != NULL)
    add (self, "scep", "CaCertificate", scep_error);
  if (listen != NULL && door_listen_is_direct (listen) && has_secret (listen, "TlsKey"))
    certificate = door_listen_load_certificate (listen, &tls_error);
  if (tls_error != NULL)
    add (self, "listen", "TlsCertificate", tls_error);
}

/**
 * door_inspect_eulas:
 * @self: an inspection
 *
 * Looks whether each document that people must agree to can be shown. Blocks on the file system.
 */
void
door_inspect_eulas (DoorInspection *self)
{
  g_auto (GStrv) names = door_config_list_instances (self->config, "eula");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *group = NULL;
      DoorSettings *settings = get_instance (self, "eula", *name, &group);
      g_autoptr (DoorEulaDocument) document = NULL;
      g_autoptr (GError) error = NULL;

      if (settings == NULL)
        continue;
      document = door_eula_document_load (settings, &error);
      if (document == NULL)
        add (self, group, "File", error);
    }
}

static bool
check_dep_profile (const char *path, GPtrArray *warnings, GError **error)
{
  g_autoptr (GBytes) custom = door_dep_rules_read_profile (path, error);

  if (custom == NULL)
    return false; /* that names the file */
  if (door_dep_profile_check (custom, warnings, error))
    return true;
  g_prefix_error (error, "%s: ", path);
  return false;
}

/**
 * door_inspect_dep_profiles:
 * @self: an inspection
 *
 * Looks whether the file that `[ade/NAME] Profile` names can be sent to Apple, which is read anew for each
 * profile that is made. Blocks on the file system.
 */
void
door_inspect_dep_profiles (DoorInspection *self)
{
  g_auto (GStrv) names = door_config_list_instances (self->config, "ade");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *group = NULL;
      DoorSettings *settings = get_instance (self, "ade", *name, &group);
      const char *path = settings != NULL ? door_settings_get_string (settings, "Profile") : NULL;
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GError) error = NULL;

      if (path != NULL && !check_dep_profile (path, warnings, &error))
        add (self, group, "Profile", error);
      for (guint i = 0; i < warnings->len; i++)
        g_ptr_array_add (self->notes, g_strdup_printf ("[%s] Profile: %s", group,
                                                       (const char *) g_ptr_array_index (warnings, i)));
    }
}

/**
 * door_inspect_rest:
 * @self: an inspection
 *
 * Looks at all but the storage and the providers: directories, documents, profiles, secrets, keys. Blocks on
 * the file system.
 */
void
door_inspect_rest (DoorInspection *self)
{
  check_directories (self);
  door_inspect_signing (self);
  if (self->tree)
    return;
  door_inspect_eulas (self);
  door_inspect_dep_profiles (self);
  check_secrets (self);
  check_keys (self);
  note_renewal (self);
}

/**
 * door_inspect_before_start:
 * @self: an inspection
 *
 * Looks at everything, in a process that does not speak SAML yet and is not going to. Blocks on the file
 * system.
 */
void
door_inspect_before_start (DoorInspection *self)
{
  door_inspect_storage (self);
  /* behind the storage, whose library reads files by libxml2; without it there are other errors */
  if (door_saml_init (NULL))
    {
      door_inspect_providers (self);
      door_saml_shutdown ();
    }
  door_inspect_rest (self);
}

/**
 * door_inspection_find_fatal:
 * @self: an inspection
 *
 * Returns: (transfer none) (nullable): the first problem that does not let the server start
 */
const DoorConfigProblem *
door_inspection_find_fatal (const DoorInspection *self)
{
  for (guint i = 0; i < self->problems->len; i++)
    {
      const DoorConfigProblem *problem = g_ptr_array_index (self->problems, i);

      if (problem->fatal)
        return problem;
    }
  return NULL;
}
