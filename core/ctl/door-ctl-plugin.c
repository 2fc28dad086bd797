/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-ctl-output.h"
#include "door-ctl-world.h"
#include "door-json-member.h"

typedef struct
{
  const char *name;
  const char *state; /* "loaded", "failed" or "off" */
  const char *path;
  const char *reason; /* NULL when loaded */
  unsigned int abi;   /* 0 when unknown */
} Row;

/* "idp okta, directory okta" */
static char *
dup_brings (const DoorPluginRegistry *registry, const char *plugin)
{
  const GPtrArray *entries = door_plugin_registry_list (registry);
  GString *text = g_string_new (NULL);

  for (size_t i = 0; i < entries->len; i++)
    {
      const DoorPluginEntry *entry = g_ptr_array_index (entries, i);

      if (strcmp (entry->plugin, plugin) == 0)
        g_string_append_printf (text, "%s%s %s", text->len > 0 ? ", " : "", entry->kind, entry->name);
    }
  return g_string_free (text, FALSE);
}

static JsonArray *
list_brings (const DoorPluginRegistry *registry, const char *plugin)
{
  const GPtrArray *entries = door_plugin_registry_list (registry);
  JsonArray *array = json_array_new ();

  for (size_t i = 0; i < entries->len; i++)
    {
      const DoorPluginEntry *entry = g_ptr_array_index (entries, i);
      JsonObject *object;

      if (strcmp (entry->plugin, plugin) != 0)
        continue;
      object = json_object_new ();
      json_object_set_string_member (object, "kind", entry->kind);
      json_object_set_string_member (object, "type", entry->name);
      json_array_add_object_element (array, object);
    }
  return array;
}

static void
show_row (const DoorCtlWorld *world, const Row *row, JsonArray *array)
{
  g_autofree char *brings = dup_brings (world->registry, row->name);
  JsonObject *object;

  if (array == NULL)
    {
      g_print ("%-14s %-7s %s\n", row->name, row->state, row->reason != NULL ? row->reason : brings);
      return;
    }
  object = json_object_new ();
  json_object_set_string_member (object, "name", row->name);
  json_object_set_string_member (object, "state", row->state);
  door_json_member_set_text (object, "reason", row->reason);
  door_json_member_set_text (object, "path", row->path);
  if (row->abi != 0)
    json_object_set_int_member (object, "abi", row->abi);
  else
    json_object_set_null_member (object, "abi");
  json_object_set_array_member (object, "brings", list_brings (world->registry, row->name));
  json_array_add_object_element (array, object);
}

static bool
was_tried (const DoorPluginLoader *loader, const char *name)
{
  const GPtrArray *infos = door_plugin_loader_list (loader);

  for (size_t i = 0; i < infos->len; i++)
    if (strcmp (((const DoorPluginInfo *) g_ptr_array_index (infos, i))->name, name) == 0)
      return true;
  return false;
}

/**
 * door_ctl_plugin_list:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl plugin list`. Blocks on the file system.
 *
 * Returns: %DOOR_CTL_OK, or %DOOR_CTL_PROBLEMS when a plugin cannot be loaded
 */
DoorCtlExit
door_ctl_plugin_list (DoorCtlContext *context, GError **error)
{
  g_autoptr (DoorCtlWorld) world = door_ctl_world_new (context->line);
  g_autoptr (GPtrArray) installed = door_plugin_loader_list_installed (world->loader);
  const GPtrArray *infos = door_plugin_loader_list (world->loader);
  JsonArray *array = context->json ? json_array_new () : NULL;
  JsonObject *object;

  if (!context->json)
    g_print ("%-14s %-7s %s\n", "PLUGIN", "STATE", "BRINGS");
  for (size_t i = 0; i < infos->len; i++)
    {
      const DoorPluginInfo *info = g_ptr_array_index (infos, i);
      const Row row = { .name = info->name,
                        .state = info->reason == NULL ? "loaded" : "failed",
                        .path = info->path,
                        .reason = info->reason,
                        .abi = info->abi };

      show_row (world, &row, array);
    }
  for (size_t i = 0; i < installed->len; i++)
    {
      const char *name = g_ptr_array_index (installed, i);
      g_autofree char *path = door_plugin_loader_dup_path (world->loader, name);
      const Row row = { .name = name, .state = "off", .path = path, .reason = "not in [plugins] Load" };

      if (!was_tried (world->loader, name))
        show_row (world, &row, array);
    }
  if (context->json)
    {
      object = json_object_new ();
      json_object_set_array_member (object, "plugins", array);
      context->result = door_ctl_output_take_object (object);
    }
  return world->plugin_errors->len == 0 ? DOOR_CTL_OK : DOOR_CTL_PROBLEMS;
}
