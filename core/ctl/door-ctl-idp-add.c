/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>

#include "door-ctl-edit.h"
#include "door-ctl-idp-preset.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-name.h"
#include "door-saml-metadata.h"

/* What the command line says, and what becomes of it. */
typedef struct
{
  const char *preset;
  const char *name;
  char *group;    /* "idp/NAME" */
  char *file;     /* where its keys go, below the folder of the configuration */
  char *metadata; /* (nullable): a file that was made of standard input */
  DoorCtlEdit *edit;
} Addition;

static void
addition_clear (Addition *self)
{
  g_free (self->group);
  g_free (self->file);
  g_free (self->metadata);
  g_clear_pointer (&self->edit, door_ctl_edit_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Addition, addition_clear)

static bool
set_usage_error (GError **error, const char *text)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "%s", text);
}

/* It goes into the name of a file and into addresses. */
static bool
check_name (const char *name, GError **error)
{
  return door_name_is_valid (name) || set_usage_error (error, "--name takes 1 to 32 of a-z, 0-9 and -");
}

static bool
is_there (const Addition *self)
{
  const DoorCtlWorld *before = door_ctl_edit_get_before (self->edit);
  g_auto (GStrv) names = door_config_list_instances (before->config, "idp");
  g_autofree char *path = door_ctl_edit_dup_path (self->edit, self->file);

  return g_strv_contains ((const char *const *) names, self->name) || g_file_test (path, G_FILE_TEST_EXISTS);
}

static bool
set (Addition *self, const char *key, const char *value, GError **error)
{
  g_autofree char *word = g_strdup_printf ("%s=%s", key, value);

  return value == NULL || door_ctl_edit_set (self->edit, self->file, self->group, word, error);
}

static char *
read_stdin (GError **error)
{
  g_autoptr (GInputStream) stream = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autofree char *text = g_malloc0 (DOOR_SAML_METADATA_MAX_BYTES + 2);
  gsize size = 0;

  if (!g_input_stream_read_all (stream, text, DOOR_SAML_METADATA_MAX_BYTES + 1, &size, NULL, error))
    return NULL;
  if (size > DOOR_SAML_METADATA_MAX_BYTES || memchr (text, '\0', size) != NULL)
    {
      set_usage_error (error, "standard input is no metadata, or larger than 1 MiB");
      return NULL;
    }
  return g_steal_pointer (&text);
}

/* Metadata that is piped in becomes a file beside the configuration. */
static bool
take_metadata (Addition *self, GError **error)
{
  g_autofree char *name = g_strdup_printf ("idp-%s.xml", self->name), *text = read_stdin (error);
  g_autofree char *path = door_ctl_edit_dup_path (self->edit, name);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (DoorSamlMetadata) metadata = NULL;

  if (text == NULL)
    return false;
  bytes = g_bytes_new (text, strlen (text));
  metadata = door_saml_metadata_parse (bytes, NULL, true, error);
  if (metadata == NULL ||
      !door_ctl_edit_write_text (path, text, door_ctl_edit_get_before (self->edit)->staged, error))
    return false;
  self->metadata = g_steal_pointer (&path);
  return true;
}

/* In a staged tree the file lies where the tree stands for the root. */
static bool
set_metadata_file (Addition *self, const DoorCommandLine *line, GError **error)
{
  const char *file = door_command_line_get_value (line, "metadata-file");
  const char *root = door_command_line_get_value (line, "root");
  g_autofree char *path = NULL;

  if (file == NULL)
    return true;
  if (strcmp (file, "-") != 0)
    {
      path = g_canonicalize_filename (file, NULL);
      return set (self, "MetadataFile", path, error);
    }
  if (door_command_line_has (line, "dry-run"))
    return set_usage_error (error, "--dry-run does not go with metadata from standard input");
  if (!take_metadata (self, error))
    return false;
  path = g_strdup (root != NULL && g_str_has_prefix (self->metadata, root) ? self->metadata + strlen (root)
                                                                           : self->metadata);
  return set (self, "MetadataFile", path, error);
}

static bool
set_keys (Addition *self, const DoorCommandLine *line, GError **error)
{
  const char *const *words = door_command_line_get_values (line, "set");
  const char *use = door_command_line_get_value (line, "use");
  g_auto (GStrv) uses = use != NULL ? g_strsplit (use, ",", -1) : NULL;
  g_autofree char *joined = uses != NULL ? g_strjoinv (";", uses) : NULL;

  if (!set (self, "Type", self->preset, error) ||
      !set (self, "MetadataUrl", door_command_line_get_value (line, "metadata-url"), error) ||
      !set_metadata_file (self, line, error) || !set (self, "Use", joined, error))
    return false;
  for (; words != NULL && *words != NULL; words++)
    if (!door_ctl_edit_set (self->edit, self->file, self->group, *words, error))
      return false;
  return true;
}

/* The plugin of the type is loaded from then on, beside those that are. */
static bool
extend_load (Addition *self, const char *plugin, GError **error)
{
  g_auto (GStrv) names = door_config_files_dup_plugins (door_ctl_edit_get_before (self->edit)->files);
  g_autofree char *all = g_strjoinv (";", names), *word = NULL;

  if (g_strv_contains ((const char *const *) names, plugin))
    return true;
  word = g_strdup_printf ("Load=%s%s%s", all, *all != '\0' ? ";" : "", plugin);
  return door_ctl_edit_set (self->edit, DOOR_CTL_EDIT_OWN_FILE, "plugins", word, error);
}

static bool
prepare (Addition *self, const DoorCtlPreset *preset, const DoorCtlContext *context, GError **error)
{
  if (is_there (self))
    return door_error_set (
        error, DOOR_ERROR_CONFLICT, DOOR_FAULT_NONE,
        "there is [%s] already; choose another --name, or change it with doorctl config set", self->group);
  return set_keys (self, context->line, error) && extend_load (self, preset->entry->plugin, error) &&
         door_ctl_edit_check (self->edit, error);
}

/* A key like any other: it decides which values are to be pasted. */
static const char *
get_protocol (const DoorCommandLine *line)
{
  const char *const *words = door_command_line_get_values (line, "set");

  for (; words != NULL && *words != NULL; words++)
    if (g_str_has_prefix (*words, "Protocol="))
      return *words + strlen ("Protocol=");
  return NULL;
}

static DoorCtlExit
status_of (const GError *error)
{
  if (g_error_matches (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA) &&
      door_error_get_fault (error) == DOOR_FAULT_NONE)
    return DOOR_CTL_USAGE;
  return g_error_matches (error, DOOR_ERROR, DOOR_ERROR_NOT_FOUND) ? DOOR_CTL_NOT_FOUND : DOOR_CTL_ERROR;
}

static void
show (const Addition *self, const DoorCtlPreset *preset, DoorCtlContext *context, bool written)
{
  g_auto (DoorConnectionAddresses) addresses =
      door_ctl_addresses_of_name (door_ctl_edit_get_after (self->edit), self->name, preset->protocol);
  JsonObject *object;

  if (!context->json)
    {
      door_ctl_edit_print (self->edit, written);
      g_print ("\n");
    }
  object = door_ctl_edit_build_result (self->edit, written);
  json_object_set_string_member (object, "name", self->name);
  json_object_set_object_member (object, "instructions",
                                 door_ctl_preset_show (preset, &addresses, context->json));
  context->result = door_ctl_output_take_object (object);
}

/**
 * door_ctl_idp_add:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp add PRESET`: a new connection in a file of its own, checked before it is written. Blocks on
 * the file system.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND for an unknown preset, %DOOR_CTL_USAGE or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_add (DoorCtlContext *context, GError **error)
{
  const char *name = door_command_line_get_value (context->line, "name");
  g_auto (DoorCtlPreset) preset = { NULL };
  g_auto (Addition)
      addition = { .preset = context->words[0], .name = name != NULL ? name : context->words[0] };
  bool dry = door_command_line_has (context->line, "dry-run");

  if (!check_name (addition.name, error))
    return DOOR_CTL_USAGE;
  addition.group = g_strconcat ("idp/", addition.name, NULL);
  addition.file = g_strdup_printf ("conf.d/50-idp-%s.conf", addition.name);
  addition.edit = door_ctl_edit_new (context->line);
  if (!door_ctl_preset_load (&preset, door_ctl_edit_get_before (addition.edit), addition.preset,
                             get_protocol (context->line), error))
    return status_of (*error);
  if (!prepare (&addition, &preset, context, error) || (!dry && !door_ctl_edit_write (addition.edit, error)))
    {
      if (addition.metadata != NULL)
        g_unlink (addition.metadata);
      return status_of (*error);
    }
  show (&addition, &preset, context, !dry);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_idp_instructions:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl idp instructions PRESET`: what to do at a provider, before there is a connection to it. Blocks on
 * the file system.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_NOT_FOUND for an unknown preset, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_idp_instructions (DoorCtlContext *context, GError **error)
{
  const char *name = door_command_line_get_value (context->line, "name");
  g_autoptr (DoorCtlWorld) world = door_ctl_world_new (context->line);
  g_auto (DoorCtlPreset) preset = { NULL };
  g_auto (DoorConnectionAddresses) addresses = { NULL };

  name = name != NULL ? name : context->words[0];
  if (!check_name (name, error))
    return DOOR_CTL_USAGE;
  if (!door_ctl_preset_load (&preset, world, context->words[0],
                             door_command_line_get_value (context->line, "protocol"), error))
    return status_of (*error);
  addresses = door_ctl_addresses_of_name (world, name, preset.protocol);
  context->result = door_ctl_output_take_object (door_ctl_preset_show (&preset, &addresses, context->json));
  return DOOR_CTL_OK;
}
