/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-plugin-registry.h"

#include <string.h>

#include "door-directory.h"
#include "door-error.h"
#include "door-idp.h"
#include "door-name.h"
#include "door-storage.h"

struct _DoorPluginRegistry
{
  GPtrArray *entries;
  char *plugin; /* who is registering, NULL between plugins */
  size_t first; /* its first entry */
};

typedef struct
{
  const char *name; /* NULL ends a table */
  size_t offset;    /* in the interface */
} Function;

/* What is called without asking whether it is there. */
static const Function idp_functions[] = {
  { "configure", G_STRUCT_OFFSET (DoorIdpInterface, configure) },
  { "dup_profile", G_STRUCT_OFFSET (DoorIdpInterface, dup_profile) },
  { "map_claims", G_STRUCT_OFFSET (DoorIdpInterface, map_claims) },
  { "get_preset", G_STRUCT_OFFSET (DoorIdpInterface, get_preset) },
  { NULL },
};

static const Function directory_functions[] = {
  { "configure", G_STRUCT_OFFSET (DoorDirectoryInterface, configure) },
  { "get_mode", G_STRUCT_OFFSET (DoorDirectoryInterface, get_mode) },
  { NULL },
};

static const Function storage_functions[] = {
  { "configure", G_STRUCT_OFFSET (DoorStorageInterface, configure) },
  { "open", G_STRUCT_OFFSET (DoorStorageInterface, open) },
  { "begin", G_STRUCT_OFFSET (DoorStorageInterface, begin) },
  { "execute", G_STRUCT_OFFSET (DoorStorageInterface, execute) },
  { "query", G_STRUCT_OFFSET (DoorStorageInterface, query) },
  { "end", G_STRUCT_OFFSET (DoorStorageInterface, end) },
  { NULL },
};

/* What a plugin may implement. */
static const struct
{
  const char *kind;
  GType (*get_type) (void);
  const Function *functions;
} kinds[] = {
  { "idp", door_idp_get_type, idp_functions },
  { "directory", door_directory_get_type, directory_functions },
  { "storage", door_storage_get_type, storage_functions },
};

static const DoorKey no_keys[] = { { NULL } };

static void
entry_free (gpointer data)
{
  DoorPluginEntry *entry = data;

  g_free (entry->kind);
  g_free (entry->name);
  g_free (entry->plugin);
  g_free (entry);
}

/**
 * door_plugin_registry_new:
 *
 * Returns: (transfer full): an empty registry
 */
DoorPluginRegistry *
door_plugin_registry_new (void)
{
  DoorPluginRegistry *self = g_atomic_rc_box_new0 (DoorPluginRegistry);

  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

/**
 * door_plugin_registry_ref:
 * @self: a registry
 *
 * Returns: (transfer full): @self
 */
DoorPluginRegistry *
door_plugin_registry_ref (DoorPluginRegistry *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
door_plugin_registry_clear (gpointer box)
{
  DoorPluginRegistry *self = box;

  g_ptr_array_unref (self->entries);
  g_free (self->plugin);
}

/**
 * door_plugin_registry_unref:
 * @self: (transfer full): a registry
 *
 * Drops a reference.
 */
void
door_plugin_registry_unref (DoorPluginRegistry *self)
{
  g_atomic_rc_box_release_full (self, door_plugin_registry_clear);
}

static int
find_kind (GType iface)
{
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (iface == kinds[i].get_type ())
      return (int) i;
  return -1;
}

static const DoorKey *
find_key (const DoorKey *keys, const char *name)
{
  for (; keys->name != NULL; keys++)
    if (g_strcmp0 (keys->name, name) == 0)
      return keys;
  return NULL;
}

static bool
check_former_key (const DoorKey *keys, const DoorKey *key, GError **error)
{
  const DoorKey *now = find_key (keys, key->fallback);

  if (key->flags == DOOR_KEY_FLAG_FORMER && now != NULL && (now->flags & DOOR_KEY_FLAG_FORMER) == 0)
    return true;
  return door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN,
                         "%s is the former name of no key of the same table", key->name);
}

static bool
check_default (const DoorKey *key, GError **error)
{
  if (key->fallback == NULL || door_settings_check_value (key, key->fallback, error))
    return true;
  g_prefix_error (error, "the default of the key %s: ", key->name);
  return false;
}

static bool
check_keys (const DoorKey *keys, GError **error)
{
  for (const DoorKey *key = keys; key->name != NULL; key++)
    {
      size_t length = strspn (key->name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS);
      bool former = (key->flags & DOOR_KEY_FLAG_FORMER) != 0;

      if (key->name[length] != '\0' || !g_ascii_isupper (key->name[0]) || (key->text == NULL && !former) ||
          (key->type == DOOR_KEY_ENUM && key->choices == NULL))
        {
          door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN,
                          "the entry of the key \"%s\" is incomplete", key->name);
          return false;
        }
      if (!(former ? check_former_key (keys, key, error) : check_default (key, error)))
        return false;
      if (find_key (keys, key->name) != key)
        {
          door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN, "the key %s stands twice",
                          key->name);
          return false;
        }
    }
  return true;
}

static bool
check_functions (int kind, const char *name, GType type, GError **error)
{
  gpointer class = g_type_class_ref (type);
  const char *table = g_type_interface_peek (class, kinds[kind].get_type ());
  const char *missing = NULL;

  for (const Function *each = kinds[kind].functions; each->name != NULL && missing == NULL; each++)
    if (*(const gpointer *) (table + each->offset) == NULL)
      missing = each->name;
  if (missing != NULL)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN, "its %s \"%s\" does not implement %s",
                    kinds[kind].kind, name, missing);
  g_type_class_unref (class);
  return missing == NULL;
}

static bool
check_type (int kind, const char *name, GType type, GError **error)
{
  if (type == G_TYPE_INVALID)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN,
                    "its %s \"%s\" has no class; maybe something else has one of the same name",
                    kinds[kind].kind, name);
  else if (!G_TYPE_IS_OBJECT (type) || G_TYPE_IS_ABSTRACT (type) ||
           !g_type_is_a (type, kinds[kind].get_type ()))
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN,
                    "the type of its %s \"%s\" does not implement %s", kinds[kind].kind, name,
                    g_type_name (kinds[kind].get_type ()));
  else
    return check_functions (kind, name, type, error);
  return false;
}

/**
 * door_plugin_registry_add:
 * @self: the registry a plugin was given
 * @iface: %DOOR_TYPE_IDP, %DOOR_TYPE_DIRECTORY or %DOOR_TYPE_STORAGE
 * @name: the Type or Driver of the configuration
 * @type: a class that implements @iface, with every function of it that may not be %NULL
 * @keys: (nullable): the keys it adds to its group; they must outlive the process
 * @error: return location for an error
 *
 * Offers an implementation under a name that is unique for its interface. To be called by `register_types`
 * only. Never blocks.
 *
 * Returns: %TRUE, or %FALSE with %DOOR_ERROR_CONFIG and %DOOR_FAULT_CFG_PLUGIN
 */
gboolean
door_plugin_registry_add (DoorPluginRegistry *self, GType iface, const char *name, GType type,
                          const DoorKey *keys, GError **error)
{
  int kind = find_kind (iface);
  const DoorPluginEntry *other;
  DoorPluginEntry *entry;
  bool named;

  g_return_val_if_fail (self->plugin != NULL, FALSE);
  named = name != NULL && door_name_is_valid (name);
  other = kind >= 0 && named ? door_plugin_registry_lookup (self, kinds[kind].kind, name) : NULL;
  if (kind < 0)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN, "%s is no interface of plugins",
                    g_type_name (iface) != NULL ? g_type_name (iface) : "it");
  else if (!named)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN,
                    "the name of its %s may have 1 to 32 of a-z, 0-9 and -", kinds[kind].kind);
  else if (other != NULL)
    door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN,
                    "the plugin %s has the %s \"%s\" already", other->plugin, kinds[kind].kind, name);
  else if (check_type (kind, name, type, error) && (keys == NULL || check_keys (keys, error)))
    {
      entry = g_new0 (DoorPluginEntry, 1);
      entry->kind = g_strdup (kinds[kind].kind);
      entry->name = g_strdup (name);
      entry->type = type;
      entry->keys = keys != NULL ? keys : no_keys;
      entry->plugin = g_strdup (self->plugin);
      g_ptr_array_add (self->entries, entry);
      return TRUE;
    }
  return FALSE;
}

/**
 * door_plugin_registry_lookup:
 * @self: a registry
 * @kind: "idp", "directory" or "storage"
 * @name: the Type or Driver of the configuration
 *
 * Returns: (transfer none) (nullable): the implementation, if a loaded plugin has it
 */
const DoorPluginEntry *
door_plugin_registry_lookup (const DoorPluginRegistry *self, const char *kind, const char *name)
{
  for (size_t i = 0; i < self->entries->len; i++)
    {
      const DoorPluginEntry *entry = g_ptr_array_index (self->entries, i);

      if (strcmp (entry->kind, kind) == 0 && strcmp (entry->name, name) == 0)
        return entry;
    }
  return NULL;
}

/**
 * door_plugin_registry_make:
 * @self: a registry
 * @kind: "idp", "directory" or "storage"
 * @name: the Type or Driver of the configuration
 * @error: return location for an error
 *
 * Makes an object of an implementation, which its interface then configures.
 *
 * Returns: (transfer full): the object, or %NULL with %DOOR_ERROR_CONFIG and %DOOR_FAULT_CFG_PLUGIN when no
 *   loaded plugin has it
 */
gpointer
door_plugin_registry_make (const DoorPluginRegistry *self, const char *kind, const char *name, GError **error)
{
  const DoorPluginEntry *entry = door_plugin_registry_lookup (self, kind, name);

  if (entry != NULL)
    return g_object_new (entry->type, NULL);
  door_error_set (error, DOOR_ERROR_CONFIG, DOOR_FAULT_CFG_PLUGIN,
                  "no loaded plugin has the %s \"%s\"; is it in [plugins] Load?", kind, name);
  return NULL;
}

/**
 * door_plugin_registry_keys_cb:
 * @kind: "idp", "directory" or "storage"
 * @name: the Type or Driver of the configuration
 * @registry: a #DoorPluginRegistry
 *
 * Tells the reader of the configuration which keys an implementation adds; a #DoorConfigKeysFunc.
 *
 * Returns: (transfer none) (nullable): the keys, maybe none; %NULL when no loaded plugin has it
 */
const DoorKey *
door_plugin_registry_keys_cb (const char *kind, const char *name, gpointer registry)
{
  const DoorPluginEntry *entry = door_plugin_registry_lookup (registry, kind, name);

  return entry != NULL ? entry->keys : NULL;
}

/**
 * door_plugin_registry_list:
 * @self: a registry
 *
 * Returns: (transfer none) (element-type DoorPluginEntry): all implementations, in the order of loading
 */
const GPtrArray *
door_plugin_registry_list (const DoorPluginRegistry *self)
{
  return self->entries;
}

/**
 * door_plugin_registry_begin:
 * @self: a registry
 * @plugin: the plugin whose `register_types` is called next
 */
void
door_plugin_registry_begin (DoorPluginRegistry *self, const char *plugin)
{
  g_return_if_fail (self->plugin == NULL);
  self->plugin = g_strdup (plugin);
  self->first = self->entries->len;
}

/**
 * door_plugin_registry_end:
 * @self: a registry
 * @keep: whether the plugin succeeded; otherwise what it added is forgotten
 *
 * Returns: how many implementations it added
 */
unsigned int
door_plugin_registry_end (DoorPluginRegistry *self, bool keep)
{
  unsigned int added = (unsigned int) (self->entries->len - self->first);

  if (!keep)
    g_ptr_array_set_size (self->entries, (int) self->first);
  g_clear_pointer (&self->plugin, g_free);
  return added;
}
