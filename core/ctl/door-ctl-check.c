/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-check.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "door-clock.h"
#include "door-connections.h"
#include "door-ctl-access.h"
#include "door-dep-profile.h"
#include "door-dep-rules.h"
#include "door-directory.h"
#include "door-error.h"
#include "door-eula-document.h"
#include "door-keys.h"
#include "door-listen.h"
#include "door-saml.h"
#include "door-storage.h"

/* cleared by the site in data/ */
#define PACKAGED_HEADER "Client-Cert"

static void
check_secret (DoorCtlFindings *found, const DoorConfig *config, const char *group, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSecret) secret =
      door_settings_dup_secret (door_config_get_settings (config, group), key, &error);

  if (secret != NULL)
    return;
  if (g_error_matches (error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED))
    door_ctl_findings_note (found, "not checked: %s", error->message);
  else
    door_ctl_findings_add_error (found, config, group, key, error);
}

static void
check_secrets (DoorCtlFindings *found, const DoorConfig *config)
{
  g_auto (GStrv) groups = door_config_list_groups (config);

  for (char **group = groups; *group != NULL; group++)
    {
      g_auto (GStrv) keys = door_config_list_keys (config, *group, false);

      if (door_config_get_settings (config, *group) == NULL)
        continue;
      for (char **key = keys; *key != NULL; key++)
        if (door_config_lookup_key (config, *group, *key)->type == DOOR_KEY_SECRET)
          check_secret (found, config, *group, *key);
    }
}

/* A file that root can read and the server cannot: everything looks right until it starts. */
static void
check_readable (DoorCtlFindings *found, const DoorCtlSite *site, const char *group, const char *path)
{
  if (access (path, F_OK) == 0 && !door_ctl_access_has (site->user, path, R_OK))
    door_ctl_findings_add_file (
        found, group, path,
        "the service's user %s may not read it; run: chgrp %s %s && chmod 0640 %s, and "
        "let it enter the folders above",
        site->user, site->user, path, path);
}

/* Where the server makes and changes files of its own. */
static void
check_folder_of (DoorCtlFindings *found, const DoorCtlSite *site, const char *group, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat info;

  if (stat (folder, &info) != 0)
    {
      if (g_str_equal (folder, site->state_folder))
        door_ctl_findings_note (
            found, "%s does not exist yet; the service manager makes it at the first start", folder);
      else
        door_ctl_findings_add_file (found, group, folder, "%s; run: install -d -o %s -g %s -m 0700 %s",
                                    g_strerror (errno), site->user, site->user, folder);
    }
  else if (!S_ISDIR (info.st_mode))
    door_ctl_findings_add_file (found, group, folder, "is no folder; name a file in a folder for %s", path);
  else if (!door_ctl_access_has (site->user, folder, W_OK | X_OK))
    door_ctl_findings_add_file (
        found, group, folder,
        "the service's user %s may not write in it; run: chown %s: %s && chmod 0700 %s, "
        "and let it enter the folders above",
        site->user, site->user, folder, folder);
}

/* [idp/NAME] Certificates= is a list of files; no type of key says so. */
static void
check_certificates (DoorCtlFindings *found, const DoorConfig *config, const DoorCtlSite *site,
                    const char *group)
{
  g_auto (GStrv) paths = door_settings_dup_list (door_config_get_settings (config, group), "Certificates");

  for (char **path = paths; *path != NULL; path++)
    check_readable (found, site, group, *path);
}

static void
check_named_files (DoorCtlFindings *found, const DoorConfig *config, const DoorCtlSite *site,
                   const char *group)
{
  g_auto (GStrv) keys = door_config_list_keys (config, group, true);

  for (char **name = keys; *name != NULL; name++)
    {
      const DoorKey *key = door_config_lookup_key (config, group, *name);
      const char *text = door_config_lookup_text (config, group, *name);

      if (text == NULL)
        continue;
      if (key->type == DOOR_KEY_PATH && (key->flags & DOOR_KEY_FLAG_WRITTEN) != 0)
        check_folder_of (found, site, group, text);
      else if (key->type == DOOR_KEY_PATH)
        check_readable (found, site, group, text);
      else if (key->type == DOOR_KEY_SECRET && g_str_has_prefix (text, "file:"))
        check_readable (found, site, group, text + strlen ("file:"));
      else if (key->type == DOOR_KEY_LIST && g_str_equal (*name, "Certificates"))
        check_certificates (found, config, site, group);
    }
}

/* Whoever may write there can put in keys of his own. */
static void
check_state_folder (DoorCtlFindings *found, const DoorCtlSite *site)
{
  const struct passwd *user = getpwnam (site->user);
  bool own_group;
  struct stat info;

  if (stat (site->state_folder, &info) != 0)
    return; /* made at the first start */
  own_group = user != NULL && info.st_gid == user->pw_gid;
  if ((info.st_mode & S_IWOTH) != 0 || ((info.st_mode & S_IWGRP) != 0 && !own_group))
    door_ctl_findings_add_file (found, NULL, site->state_folder,
                                "may be written by others; run: chmod 0700 %s", site->state_folder);
}

static void
check_socket_group (DoorCtlFindings *found, const DoorConfig *config)
{
  DoorSettings *listen = door_config_get_settings (config, "listen");
  const char *name = listen != NULL ? door_settings_get_string (listen, "SocketGroup") : NULL;
  g_autoptr (GError) error = NULL;

  if (name == NULL || getgrnam (name) != NULL)
    return;
  door_error_set (
      &error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_VALUE,
      "[listen] SocketGroup: there is no group %s; run: groupadd --system %s, or name the group of "
      "the proxy",
      name, name);
  door_ctl_findings_add_error (found, config, "listen", "SocketGroup", error);
}

/**
 * door_ctl_check_access:
 * @found: where to put what is wrong
 * @world: the configuration of this system
 * @site: the system
 *
 * Looks whether the server's user can use what the configuration names, and nobody else its own folder.
 * Blocks on the file system.
 */
void
door_ctl_check_access (DoorCtlFindings *found, const DoorCtlWorld *world, const DoorCtlSite *site)
{
  g_auto (GStrv) groups = door_config_list_groups (world->config);

  for (size_t i = 0; i < world->files->files->len; i++)
    check_readable (found, site, NULL, ((DoorConfigFile *) g_ptr_array_index (world->files->files, i))->path);
  for (char **group = groups; *group != NULL; group++)
    if (door_config_get_settings (world->config, *group) != NULL)
      check_named_files (found, world->config, site, *group);
  check_state_folder (found, site);
  check_socket_group (found, world->config);
}

/* As the API does for what is in the database. */
static bool
check_twin (const GPtrArray *seen, DoorConnection *connection, DoorSettings *settings, GError **error)
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
  other = door_connections_lookup_twin (seen, &twin);
  return other == NULL ||
         door_error_set (
             error, DOOR_ERROR_CONFIG, DOOR_FAULT_CONN_ENTITY,
             "[idp/%s] is of the same provider, %s; two need different Use= and SharedEntityId=true",
             door_connection_get_name (other), twin.entity_id);
}

/* What only the provider itself knows about its keys, and whether its files can be used. */
static bool
try_provider (DoorCtlFindings *found, const DoorCtlWorld *world, DoorSettings *settings, int64_t now_ms,
              GPtrArray *seen, GError **error)
{
  DoorSettings *server = door_config_get_settings (world->config, "doorward");
  g_autoptr (DoorIdp) idp =
      door_plugin_registry_make (world->registry, "idp", door_settings_get_string (settings, "Type"), NULL);
  g_autoptr (DoorConnection) connection = NULL;

  if (idp == NULL)
    return true; /* the unknown type is a problem of its own */
  if (!door_idp_configure (idp, settings, error))
    return false;
  if (world->tree || server == NULL || !door_settings_get_boolean (settings, "Enabled"))
    return true;
  connection = door_connection_new (idp, settings, door_settings_get_string (server, "ExternalUrl"));
  if (!door_connection_load (connection, world->development, error))
    return false;
  door_ctl_note_provider (found, connection, now_ms);
  if (!check_twin (seen, connection, settings, error))
    return false;
  g_ptr_array_add (seen, g_steal_pointer (&connection));
  return true;
}

static void
check_providers (DoorCtlFindings *found, const DoorCtlWorld *world, int64_t now_ms)
{
  g_auto (GStrv) names = door_config_list_instances (world->config, "idp");
  g_autoptr (GPtrArray) seen = g_ptr_array_new_with_free_func ((GDestroyNotify) door_connection_free);

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *group = g_strconcat ("idp/", *name, NULL);
      DoorSettings *settings = door_config_get_settings (world->config, group);
      g_autoptr (GError) error = NULL;

      if (settings != NULL && !try_provider (found, world, settings, now_ms, seen, &error))
        door_ctl_findings_add_error (found, world->config, group, "Type", error);
    }
}

/* Opening it would need the server's user and, for some, a network. */
static void
check_storage (DoorCtlFindings *found, const DoorCtlWorld *world)
{
  DoorSettings *settings = door_config_get_settings (world->config, "database");
  const char *driver = settings != NULL ? door_settings_get_string (settings, "Driver") : NULL;
  g_autoptr (DoorStorage) storage =
      driver != NULL ? door_plugin_registry_make (world->registry, "storage", driver, NULL) : NULL;
  g_autoptr (GError) error = NULL;
  DoorFault fault;

  if (storage == NULL || door_storage_configure (storage, settings, &error))
    return;
  fault = door_error_get_fault (error);
  if (fault == DOOR_FAULT_CFG_SECRET || fault == DOOR_FAULT_CFG_PERMISSIONS ||
      g_error_matches (error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED))
    return; /* check_secrets() tells why */
  door_ctl_findings_add_error (found, world->config, "database", "Driver", error);
}

static bool
try_directory (const DoorCtlWorld *world, DoorSettings *settings, GError **error)
{
  /* the unknown type is a problem of its own */
  g_autoptr (DoorDirectory) directory = door_plugin_registry_make (
      world->registry, "directory", door_settings_get_string (settings, "Type"), NULL);

  return directory == NULL || door_directory_configure (directory, settings, error);
}

/* Unlike a provider, one that its own plugin refuses stops the start. */
static void
check_directories (DoorCtlFindings *found, const DoorCtlWorld *world)
{
  g_auto (GStrv) names = door_config_list_instances (world->config, "directory");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *group = g_strconcat ("directory/", *name, NULL);
      DoorSettings *settings = door_config_get_settings (world->config, group);
      g_autoptr (GError) error = NULL;

      if (settings == NULL || try_directory (world, settings, &error))
        continue;
      door_ctl_findings_add_error (found, world->config, group, "Type", error);
      found->fatal = true;
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
 * door_ctl_check_signing:
 * @found: where to put what is wrong
 * @world: the configuration
 *
 * Looks at what signs profiles and names the topic: a file must exist, key and certificate belong together.
 * Development mode does without, but what is written must be right. Blocks on the file system.
 */
void
door_ctl_check_signing (DoorCtlFindings *found, const DoorCtlWorld *world)
{
  const DoorConfig *config = world->config;
  DoorSettings *apple = door_config_get_settings (config, "apple");
  g_autoptr (DoorCmsSigner) signer = NULL;
  g_autoptr (GError) push_error = NULL, signer_error = NULL;

  bool has_signer, has_push;

  if (apple == NULL || world->files->problems->len > 0 || door_config_is_broken (config, "doorward"))
    return;
  has_push = door_settings_is_set (apple, "PushCertificate");
  if ((!has_push || (!world->tree && has_secret (apple, "PushKey"))) &&
      !door_keys_check_push (apple, &push_error))
    door_ctl_findings_add_error (found, config, "apple", has_push ? "PushCertificate" : "Topic", push_error);
  if (!has_push && !world->development && !door_settings_is_set (apple, "Topic"))
    door_ctl_findings_note (found, "[apple] Topic follows from the push certificate in the database; doorctl "
                                   "apns list shows it");
  has_signer = door_settings_is_set (apple, "SigningCertificate");
  if (has_signer ? world->tree || !has_secret (apple, "SigningKey") : world->development)
    return;
  signer = door_keys_load_signer (apple, NULL, false, &signer_error);
  if (signer == NULL)
    door_ctl_findings_add_error (found, config, "apple", "SigningCertificate", signer_error);
}

/* What the server reads of its keys and certificates at the start, where the configuration names them. */
static void
check_keys (DoorCtlFindings *found, const DoorConfig *config)
{
  DoorSettings *database = door_config_get_settings (config, "database");
  DoorSettings *scep = door_config_get_settings (config, "scep");
  DoorSettings *listen = door_config_get_settings (config, "listen");
  g_autoptr (GError) state_error = NULL, scep_error = NULL, tls_error = NULL;
  g_autoptr (DoorSecret) state_key = NULL;
  g_autoptr (DoorCertificateAuthority) authority = NULL;
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (database != NULL && has_secret (database, "StateKey"))
    state_key = door_keys_load_state_key (database, "", NULL, &state_error);
  if (state_error != NULL)
    door_ctl_findings_add_error (found, config, "database", "StateKey", state_error);
  if (scep != NULL && door_settings_is_set (scep, "CaCertificate") && has_secret (scep, "CaKey"))
    authority = door_keys_load_authority (scep, "", "", 0, &scep_error);
  if (scep_error != NULL)
    door_ctl_findings_add_error (found, config, "scep", "CaCertificate", scep_error);
  if (listen != NULL && door_listen_is_direct (listen) && has_secret (listen, "TlsKey"))
    certificate = door_listen_load_certificate (listen, &tls_error);
  if (tls_error != NULL)
    door_ctl_findings_add_error (found, config, "listen", "TlsCertificate", tls_error);
}

static bool
has_provider (const DoorConfig *config)
{
  g_auto (GStrv) names = door_config_list_instances (config, "idp");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *group = g_strconcat ("idp/", *name, NULL);
      DoorSettings *settings = door_config_get_settings (config, group);

      if (settings != NULL && door_settings_get_boolean (settings, "Enabled"))
        return true;
    }
  return false;
}

/* The header proves who a device is, so nobody but the proxy may be able to set it. */
static void
note_certificate_header (DoorCtlFindings *found, const DoorConfig *config)
{
  DoorSettings *listen = door_config_get_settings (config, "listen");
  const char *name = listen != NULL ? door_settings_get_string (listen, "ClientCertHeader") : NULL;

  if (name != NULL && g_ascii_strcasecmp (name, PACKAGED_HEADER) != 0)
    door_ctl_findings_note (
        found,
        "[listen] ClientCertHeader=%s: the proxy must set exactly this header in every "
        "request, to nothing where there is no certificate, or any client sends one of its "
        "own; the packaged nginx site clears %s only",
        name, PACKAGED_HEADER);
}

static void
note_direct_tls (DoorCtlFindings *found, const DoorConfig *config)
{
  DoorSettings *listen = door_config_get_settings (config, "listen");

  if (listen != NULL && door_listen_is_direct (listen))
    door_ctl_findings_note (
        found, "[listen] TlsMode=files: for laboratories, development and trusted networks; towards the "
               "Internet put a proxy in front and take TlsMode=proxy");
}

/**
 * door_ctl_check_eulas:
 * @found: where to put what is wrong
 * @world: a configuration
 *
 * Looks whether each document that people must agree to can be shown. Blocks on the file system.
 */
void
door_ctl_check_eulas (DoorCtlFindings *found, const DoorCtlWorld *world)
{
  g_auto (GStrv) names = door_config_list_instances (world->config, "eula");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *group = g_strconcat ("eula/", *name, NULL);
      DoorSettings *settings = door_config_get_settings (world->config, group);
      g_autoptr (DoorEulaDocument) document = NULL;
      g_autoptr (GError) error = NULL;

      if (settings == NULL)
        continue;
      document = door_eula_document_load (settings, &error);
      if (document == NULL)
        door_ctl_findings_add_error (found, world->config, group, "File", error);
    }
}

static bool
check_dep_profile (const char *path, GPtrArray *warnings, GError **error)
{
  g_autoptr (GBytes) custom = door_dep_rules_read_profile (path, error);

  return custom != NULL && door_dep_profile_check (custom, warnings, error);
}

/**
 * door_ctl_check_dep_profiles:
 * @found: where to put what is wrong
 * @world: a configuration
 *
 * Looks whether the file that `[ade/NAME] Profile` names can be sent to Apple; the server finds out only when
 * it makes a profile. Blocks on the file system.
 */
void
door_ctl_check_dep_profiles (DoorCtlFindings *found, const DoorCtlWorld *world)
{
  g_auto (GStrv) names = door_config_list_instances (world->config, "ade");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *group = g_strconcat ("ade/", *name, NULL);
      DoorSettings *settings = door_config_get_settings (world->config, group);
      const char *path = settings != NULL ? door_settings_get_string (settings, "Profile") : NULL;
      g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
      g_autoptr (GError) error = NULL;

      if (path != NULL && !check_dep_profile (path, warnings, &error))
        door_ctl_findings_add_error (found, world->config, group, "Profile", error);
      for (guint i = 0; i < warnings->len; i++)
        door_ctl_findings_note (found, "[%s] Profile: %s", group,
                                (const char *) g_ptr_array_index (warnings, i));
    }
}

/**
 * door_ctl_check_world:
 * @found: where to put what is wrong
 * @world: configuration and plugins
 * @site: the system
 *
 * Looks at everything that can be wrong before the server starts. With `--config` owners and modes are not
 * looked at, in a staged tree neither is what the files refer to. Blocks on the file system.
 */
void
door_ctl_check_world (DoorCtlFindings *found, const DoorCtlWorld *world, const DoorCtlSite *site)
{
  const GPtrArray *problems = door_config_get_problems (world->config);
  const GPtrArray *warnings = door_config_get_warnings (world->config);
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < world->plugin_errors->len; i++)
    {
      const DoorConfigProblem problem = { .fault = DOOR_FAULT_CFG_PLUGIN,
                                          .group = (char *) "plugins",
                                          .text = g_ptr_array_index (world->plugin_errors, i),
                                          .fatal = true };

      door_ctl_findings_add (found, &problem);
    }
  for (size_t i = 0; i < problems->len; i++)
    door_ctl_findings_add (found, g_ptr_array_index (problems, i));
  for (size_t i = 0; i < warnings->len; i++)
    door_ctl_findings_warn (found, g_ptr_array_index (warnings, i));
  check_storage (found, world);
  if (!door_saml_init (&error)) /* behind the storage, whose library reads files by libxml2 */
    g_error ("%s", error->message);
  check_providers (found, world, site->now_ms);
  check_directories (found, world);
  note_certificate_header (found, world->config);
  note_direct_tls (found, world->config);
  door_ctl_note_domains (found, world->config);
  door_ctl_check_signing (found, world);
  if (world->tree)
    return;
  door_ctl_check_eulas (found, world);
  door_ctl_check_dep_profiles (found, world);
  if (world->staged)
    check_socket_group (found, world->config);
  else
    door_ctl_check_access (found, world, site);
  check_secrets (found, world->config);
  check_keys (found, world->config);
  door_ctl_note_expiry (found, world, site);
  if (found->problems->len == 0 && !has_provider (world->config))
    door_ctl_findings_note (found, "there is no [idp/NAME] that is enabled, so nobody can sign in");
}

/**
 * door_ctl_check_system:
 * @world: configuration and plugins
 *
 * Looks at everything that can be wrong before the server starts on this system, see door_ctl_check_world().
 * Blocks on the file system.
 *
 * Returns: (transfer full): what was found
 */
DoorCtlFindings *
door_ctl_check_system (const DoorCtlWorld *world)
{
  /* the user as in the sysusers file and the unit */
  DoorCtlSite site = { .user = "doorward", .state_folder = DOOR_STATE_FOLDER };
  g_autoptr (DoorClock) clock = door_clock_new_system ();
  DoorCtlFindings *found = door_ctl_findings_new ();

  site.now_ms = door_clock_now_ms (clock);
  door_ctl_check_world (found, world, &site);
  return found;
}
