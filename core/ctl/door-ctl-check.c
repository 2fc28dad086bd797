/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-ctl-check.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "door-clock.h"
#include "door-ctl-access.h"
#include "door-error.h"
#include "door-inspect.h"
#include "door-listen.h"
#include "door-saml.h"

/* cleared by the site in data/ */
#define PACKAGED_HEADER "Client-Cert"

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

/* Unlike other keys of the group it may be in the database, which is not looked at here. */
static void
note_topic (DoorCtlFindings *found, const DoorCtlWorld *world)
{
  DoorSettings *apple = door_config_get_settings (world->config, "apple");

  if (apple != NULL && !world->development && !door_settings_is_set (apple, "PushCertificate") &&
      !door_settings_is_set (apple, "Topic") && !door_config_is_incomplete (world->config) &&
      !door_config_is_broken (world->config, "doorward"))
    door_ctl_findings_note (found, "[apple] Topic follows from the push certificate in the database; doorctl "
                                   "apns list shows it");
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

/* What the server itself looks at when it starts and when it reads the configuration again. */
static void
inspect (DoorCtlFindings *found, const DoorCtlWorld *world, const DoorCtlSite *site)
{
  g_auto (DoorInspection) inspection = { NULL };
  g_autoptr (GError) error = NULL;

  door_inspection_init (&inspection, world->config, world->registry, world->development);
  inspection.tree = world->tree;
  door_inspect_storage (&inspection);
  if (!door_saml_init (&error)) /* behind the storage, whose library reads files by libxml2 */
    g_error ("%s", error->message);
  door_inspect_providers (&inspection);
  door_inspect_rest (&inspection);
  door_ctl_findings_take (found, inspection.problems);
  for (guint i = 0; i < inspection.connections->len; i++)
    door_ctl_note_provider (found, g_ptr_array_index (inspection.connections, i), site->now_ms);
  for (guint i = 0; i < inspection.notes->len; i++)
    door_ctl_findings_note (found, "%s", (const char *) g_ptr_array_index (inspection.notes, i));
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
  inspect (found, world, site);
  note_certificate_header (found, world->config);
  note_direct_tls (found, world->config);
  door_ctl_note_domains (found, world->config);
  note_topic (found, world);
  if (world->tree)
    return;
  if (world->staged)
    check_socket_group (found, world->config);
  else
    door_ctl_check_access (found, world, site);
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
