/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>

#include "door-connection.h"
#include "door-ctl-access.h"
#include "door-ctl-output.h"
#include "door-ctl-world.h"
#include "door-error.h"
#include "door-keys.h"

/* as in the sysusers file and the unit */
#define SERVICE_USER "doorward"

/* Where the problems of one check are gathered: as text at once, or as JSON for later. */
typedef struct
{
  bool json;
  bool colour;
  bool fatal;
  unsigned int n_problems;
  JsonArray *problems;
  JsonArray *notes;
} Report;

static void
add_problem (Report *report, const DoorConfigProblem *problem)
{
  const DoorFaultInfo *info = door_fault_get_info (problem->fault);
  JsonObject *object;

  report->n_problems++;
  report->fatal = report->fatal || problem->fatal;
  if (!report->json)
    {
      if (problem->file != NULL)
        g_print ("%s:", problem->file);
      if (problem->line > 0)
        g_print ("%u:", problem->line);
      g_print ("%s%s%s%s: %s\n  %s\n", problem->file != NULL ? " " : "",
               report->colour ? (problem->fatal ? "\033[1;31m" : "\033[1;33m") : "", info->id,
               report->colour ? "\033[0m" : "", problem->text, info->fix);
      return;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "id", info->id);
  door_ctl_output_set_text (object, "file", problem->file);
  if (problem->line > 0)
    json_object_set_int_member (object, "line", problem->line);
  else
    json_object_set_null_member (object, "line");
  door_ctl_output_set_text (object, "group", problem->group);
  json_object_set_string_member (object, "text", problem->text);
  json_object_set_string_member (object, "fix", info->fix);
  json_object_set_boolean_member (object, "fatal", problem->fatal);
  json_array_add_object_element (report->problems, object);
}

/* An error about a key, at the place where the key stands. */
static void
add_error (Report *report, const DoorConfig *config, const char *group, const char *key, const GError *error)
{
  g_autofree char *origin = door_config_dup_origin (config, group, key);
  const char *colon = origin != NULL ? strrchr (origin, ':') : NULL;
  DoorFault fault = door_error_get_fault (error);
  DoorConfigProblem problem = { .fault = fault != DOOR_FAULT_NONE ? fault : DOOR_FAULT_CFG_VALUE,
                                .group = (char *) group,
                                .text = error->message,
                                .fatal = strchr (group, '/') == NULL };

  problem.file = colon != NULL ? g_strndup (origin, (size_t) (colon - origin)) : NULL;
  problem.line = colon != NULL ? (unsigned int) g_ascii_strtoull (colon + 1, NULL, 10) : 0;
  add_problem (report, &problem);
  g_free (problem.file);
}

static void
check_secret (Report *report, const DoorConfig *config, const char *group, const char *key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorSecret) secret =
      door_settings_dup_secret (door_config_get_settings (config, group), key, &error);

  if (secret != NULL)
    return;
  if (g_error_matches (error, DOOR_ERROR, DOOR_ERROR_NOT_ALLOWED))
    {
      if (report->json)
        json_array_add_string_element (report->notes, error->message);
      else
        g_printerr ("not checked: %s\n", error->message);
      return;
    }
  add_error (report, config, group, key, error);
}

static void
check_secrets (Report *report, const DoorConfig *config)
{
  g_auto (GStrv) groups = door_config_list_groups (config);

  for (char **group = groups; *group != NULL; group++)
    {
      g_auto (GStrv) keys = door_config_list_keys (config, *group, false);

      if (door_config_get_settings (config, *group) == NULL)
        continue;
      for (char **key = keys; *key != NULL; key++)
        if (door_config_lookup_key (config, *group, *key)->type == DOOR_KEY_SECRET)
          check_secret (report, config, *group, *key);
    }
}

/* A file that root can read and the server cannot: everything looks right until it starts. */
static void
check_readable (Report *report, const char *group, const char *path)
{
  g_autofree char *text = NULL;
  DoorConfigProblem problem = { .fault = DOOR_FAULT_CFG_PERMISSIONS,
                                .file = (char *) path,
                                .group = (char *) group,
                                .fatal = group == NULL || strchr (group, '/') == NULL };

  if (access (path, F_OK) != 0 || door_ctl_access_can_read (SERVICE_USER, path))
    return;
  text =
      g_strdup_printf ("the service's user %s may not read it; run: chgrp %s %s && chmod 0640 %s, and let it "
                       "enter the folders above",
                       SERVICE_USER, SERVICE_USER, path, path);
  problem.text = text;
  add_problem (report, &problem);
}

static void
check_named_files (Report *report, const DoorConfig *config, const char *group)
{
  g_auto (GStrv) keys = door_config_list_keys (config, group, false);

  for (char **key = keys; *key != NULL; key++)
    {
      DoorKeyType type = door_config_lookup_key (config, group, *key)->type;
      const char *text = door_config_lookup_text (config, group, *key);

      if (type == DOOR_KEY_PATH)
        check_readable (report, group, text);
      else if (type == DOOR_KEY_SECRET && g_str_has_prefix (text, "file:"))
        check_readable (report, group, text + strlen ("file:"));
    }
}

static void
check_access (Report *report, const DoorCtlWorld *world)
{
  g_auto (GStrv) groups = door_config_list_groups (world->config);

  for (size_t i = 0; i < world->files->files->len; i++)
    check_readable (report, NULL, ((DoorConfigFile *) g_ptr_array_index (world->files->files, i))->path);
  for (char **group = groups; *group != NULL; group++)
    if (door_config_get_settings (world->config, *group) != NULL)
      check_named_files (report, world->config, *group);
}

/* What only the provider itself knows about its keys, and whether its files can be used. */
static bool
try_provider (const DoorCtlWorld *world, DoorSettings *settings, GError **error)
{
  const char *type = door_settings_get_string (settings, "Type");
  const DoorPluginEntry *entry = door_plugin_registry_lookup (world->registry, "idp", type);
  DoorSettings *server = door_config_get_settings (world->config, "doorward");
  g_autoptr (DoorIdp) idp = NULL;
  g_autoptr (DoorConnection) connection = NULL;

  if (entry == NULL)
    return true; /* the unknown type is a problem of its own */
  idp = g_object_new (entry->type, NULL);
  if (!door_idp_configure (idp, settings, error))
    return false;
  if (world->staged || server == NULL || !door_settings_get_boolean (settings, "Enabled"))
    return true;
  connection = door_connection_new (idp, settings, door_settings_get_string (server, "ExternalUrl"));
  return door_connection_load (connection, false, error);
}

static void
check_providers (Report *report, const DoorCtlWorld *world)
{
  g_auto (GStrv) names = door_config_list_instances (world->config, "idp");

  for (char **name = names; *name != NULL; name++)
    {
      g_autofree char *group = g_strconcat ("idp/", *name, NULL);
      DoorSettings *settings = door_config_get_settings (world->config, group);
      g_autoptr (GError) error = NULL;

      if (settings != NULL && !try_provider (world, settings, &error))
        add_error (report, world->config, group, "Type", error);
    }
}

/* What signs profiles and names the topic: a file must exist, key and certificate belong together.
 * Development mode does without, but it does not use the configuration of the system. */
static void
check_signing (Report *report, const DoorCtlWorld *world)
{
  const DoorConfig *config = world->config;
  DoorSettings *apple = door_config_get_settings (config, "apple");
  g_autoptr (DoorSecret) key = NULL;
  g_autoptr (DoorCmsSigner) signer = NULL;
  g_autofree char *topic = NULL;
  g_autoptr (GError) topic_error = NULL, signer_error = NULL;

  if (apple == NULL || world->files->problems->len > 0 || door_config_is_broken (config, "doorward"))
    return;
  topic = door_keys_dup_topic (apple, NULL, false, &topic_error);
  if (topic == NULL)
    add_error (report, config, "apple", "Topic", topic_error);
  if (door_settings_is_set (apple, "SigningKey"))
    {
      key = door_settings_dup_secret (apple, "SigningKey", NULL); /* check_secrets() tells why */
      if (key == NULL)
        return;
    }
  signer = door_keys_load_signer (apple, NULL, false, &signer_error);
  if (signer == NULL)
    add_error (report, config, "apple", "SigningCertificate", signer_error);
}

static void
add_note (Report *report, const char *note)
{
  if (report->json)
    json_array_add_string_element (report->notes, note);
  else
    g_printerr ("note: %s\n", note);
}

static bool
has_provider (const DoorConfig *config)
{
  g_auto (GStrv) names = door_config_list_instances (config, "idp");

  return names[0] != NULL;
}

static void
check_world (Report *report, const DoorCtlWorld *world)
{
  const GPtrArray *problems = door_config_get_problems (world->config);

  for (size_t i = 0; i < world->plugin_errors->len; i++)
    {
      const DoorConfigProblem problem = { .fault = DOOR_FAULT_CFG_PLUGIN,
                                          .group = (char *) "plugins",
                                          .text = g_ptr_array_index (world->plugin_errors, i),
                                          .fatal = true };

      add_problem (report, &problem);
    }
  for (size_t i = 0; i < problems->len; i++)
    add_problem (report, g_ptr_array_index (problems, i));
  check_providers (report, world);
  if (world->staged)
    return;
  check_access (report, world);
  check_secrets (report, world->config);
  check_signing (report, world);
  if (report->n_problems == 0 && !has_provider (world->config))
    add_note (report, "there is no [idp/NAME] yet, so nobody can sign in");
}

static JsonArray *
list_files (const DoorCtlWorld *world)
{
  JsonArray *array = json_array_new ();

  for (size_t i = 0; i < world->files->files->len; i++)
    json_array_add_string_element (array,
                                   ((DoorConfigFile *) g_ptr_array_index (world->files->files, i))->path);
  return array;
}

/**
 * door_ctl_config_check:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl config check`. Blocks on the file system.
 *
 * Returns: %DOOR_CTL_OK or %DOOR_CTL_PROBLEMS
 */
DoorCtlExit
door_ctl_config_check (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlWorld) world = door_ctl_world_new (context->line);
  Report report = { .json = context->json, .colour = door_ctl_output_has_colour () };
  JsonObject *object;

  if (context->json)
    {
      report.problems = json_array_new ();
      report.notes = json_array_new ();
    }
  check_world (&report, world);
  if (context->json)
    {
      object = json_object_new ();
      json_object_set_boolean_member (object, "ok", report.n_problems == 0);
      json_object_set_boolean_member (object, "starts", !report.fatal);
      json_object_set_array_member (object, "files", list_files (world));
      json_object_set_array_member (object, "problems", report.problems);
      json_object_set_array_member (object, "notes", report.notes);
      context->result = door_ctl_output_take_object (object);
    }
  else if (report.n_problems == 0)
    g_print ("%u file%s, no problem\n", world->files->files->len, world->files->files->len == 1 ? "" : "s");
  else
    g_print ("%u problem%s; %s\n", report.n_problems, report.n_problems == 1 ? "" : "s",
             report.fatal ? "the server would not start" : "the server starts without what is named above");
  return report.n_problems == 0 ? DOOR_CTL_OK : DOOR_CTL_PROBLEMS;
}

/* What is shown of a key: a secret as its reference and whether it can be read. */
static char *
dup_shown_text (const DoorCtlWorld *world, const char *group, const char *key)
{
  const DoorKey *entry = door_config_lookup_key (world->config, group, key);
  const char *text = door_config_lookup_text (world->config, group, key);
  DoorSettings *settings = door_config_get_settings (world->config, group);
  g_autoptr (DoorSecret) secret = NULL;
  size_t size = 0;

  if (entry == NULL)
    return g_strdup ("");
  if (entry->type != DOOR_KEY_SECRET)
    return g_strdup (text);
  if (!door_settings_check_value (entry, text, NULL))
    return g_strdup ("(hidden)"); /* a secret in the file itself */
  if (settings == NULL || world->staged)
    return g_strdup (text);
  secret = door_settings_dup_secret (settings, key, NULL); /* config check tells why */
  if (secret == NULL)
    return g_strdup_printf ("%s (cannot be read)", text);
  door_secret_get_data (secret, &size);
  return g_strdup_printf ("%s (present, %zu bytes)", text, size);
}

static JsonObject *
show_key (const DoorCtlContext *context, const DoorCtlWorld *world, const char *group, const char *key)
{
  g_autofree char *text = dup_shown_text (world, group, key);
  g_autofree char *origin = door_command_line_has (context->line, "origin")
                                ? door_config_dup_origin (world->config, group, key)
                                : NULL;
  JsonObject *object;

  if (!context->json)
    {
      if (origin != NULL)
        g_print ("# %s\n", origin);
      g_print ("%s=%s\n", key, text);
      return NULL;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "value", text);
  if (origin != NULL)
    json_object_set_string_member (object, "origin", origin);
  return object;
}

static JsonObject *
show_group (const DoorCtlContext *context, const DoorCtlWorld *world, const char *group)
{
  g_auto (GStrv) keys =
      door_config_list_keys (world->config, group, door_command_line_has (context->line, "effective"));
  JsonObject *object = NULL;

  if (keys[0] == NULL && strchr (group, '/') == NULL)
    return NULL;
  if (context->json)
    object = json_object_new ();
  else
    g_print ("[%s]%s\n", group,
             door_config_is_broken (world->config, group) ? "\n# switched off, see: doorctl config check"
                                                          : "");
  for (char **key = keys; *key != NULL; key++)
    {
      JsonObject *entry = show_key (context, world, group, *key);

      if (entry != NULL)
        json_object_set_object_member (object, *key, entry);
    }
  if (!context->json)
    g_print ("\n");
  return object;
}

/**
 * door_ctl_config_show:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl config show`. Blocks on the file system.
 *
 * Returns: %DOOR_CTL_OK
 */
DoorCtlExit
door_ctl_config_show (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlWorld) world = door_ctl_world_new (context->line);
  g_auto (GStrv) groups = door_config_list_groups (world->config);
  JsonObject *object = context->json ? json_object_new () : NULL;

  for (char **group = groups; *group != NULL; group++)
    {
      JsonObject *shown = show_group (context, world, *group);

      if (shown != NULL)
        json_object_set_object_member (object, *group, shown);
    }
  if (context->json)
    context->result = door_ctl_output_take_object (object);
  else if (door_config_get_problems (world->config)->len + world->plugin_errors->len > 0)
    g_printerr ("There are problems; run: doorctl config check\n");
  return DOOR_CTL_OK;
}
