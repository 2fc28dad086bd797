/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-update-catalog.h"

#include <stdbool.h>
#include <string.h>

#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"
#include "door-os-version.h"

#define MAX_DEPTH 8
#define MAX_VERSION_BYTES 16
#define MAX_BUILD_BYTES 32
#define MAX_DEVICE_BYTES 64

struct _DoorUpdateCatalog
{
  GPtrArray *releases;
  GHashTable *newest; /* by device, of @releases */
};

static void
release_free (gpointer data)
{
  DoorUpdateRelease *self = data;

  g_free (self->version);
  g_free (self->build);
  g_free (self);
}

static bool
refuse (GError **error, const char *reason)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "the list of updates: %s", reason);
}

static bool
is_version (const char *text)
{
  return text != NULL && g_ascii_isdigit (*text) && strlen (text) <= MAX_VERSION_BYTES &&
         text[strspn (text, G_CSET_DIGITS ".")] == '\0';
}

static bool
is_name (const char *text, size_t max_bytes)
{
  size_t length = text != NULL ? strlen (text) : 0;

  for (size_t i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]))
      return false;
  return length > 0 && length <= max_bytes;
}

static void
offer (DoorUpdateCatalog *self, const char *device, DoorUpdateRelease *release)
{
  const DoorUpdateRelease *other = g_hash_table_lookup (self->newest, device);

  if (other == NULL || door_os_version_compare (release->version, other->version) > 0)
    g_hash_table_insert (self->newest, g_strdup (device), release);
}

/* One whose version is no plain one is not for whoever enrolls, and no reason to know nothing of the others.
 */
static bool
read_release (DoorUpdateCatalog *self, JsonObject *object, GError **error)
{
  const char *version = NULL, *build = NULL;
  g_auto (GStrv) devices = NULL;
  DoorUpdateRelease *release;

  if (!door_json_member_read_string (object, "ProductVersion", &version, NULL) || version == NULL)
    return refuse (error, "ProductVersion");
  if (!door_json_member_read_string (object, "Build", &build, NULL))
    return refuse (error, "Build");
  if (!door_json_member_read_strings (object, "SupportedDevices", &devices, NULL))
    return refuse (error, "SupportedDevices");
  if (!is_version (version) || !is_name (build, MAX_BUILD_BYTES))
    return true;
  release = g_new0 (DoorUpdateRelease, 1);
  release->version = g_strdup (version);
  release->build = g_strdup (build);
  g_ptr_array_add (self->releases, release);
  for (size_t i = 0; devices != NULL && devices[i] != NULL; i++)
    if (is_name (devices[i], MAX_DEVICE_BYTES))
      offer (self, devices[i], release);
  return true;
}

static bool
read_platform (DoorUpdateCatalog *self, JsonNode *node, GError **error)
{
  JsonArray *releases;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse (error, "a platform is no list");
  releases = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (releases); i++)
    {
      JsonNode *release = json_array_get_element (releases, i);

      if (!JSON_NODE_HOLDS_OBJECT (release))
        return refuse (error, "a release is no object");
      if (!read_release (self, json_node_get_object (release), error))
        return false;
    }
  return true;
}

/**
 * door_update_catalog_parse:
 * @json: what Apple's service for software updates answers
 * @error: return location for an error
 *
 * Reads which updates everybody is offered for which devices (Apple, "Deploying software updates":
 * `PublicAssetSets`). Pure; any thread.
 *
 * Returns: (transfer full): the list, or %NULL with %DOOR_ERROR_INVALID_DATA
 */
DoorUpdateCatalog *
door_update_catalog_parse (GBytes *json, GError **error)
{
  g_autoptr (DoorUpdateCatalog) self = g_new0 (DoorUpdateCatalog, 1);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) local = NULL;
  JsonObject *sets = NULL;
  JsonObjectIter at;
  JsonNode *platform;

  self->releases = g_ptr_array_new_with_free_func (release_free);
  self->newest = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_bytes_get_size (json) > DOOR_UPDATE_CATALOG_MAX_BYTES)
    return refuse (error, "too large"), NULL;
  node = door_json_parse (json, MAX_DEPTH, &local);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, local != NULL ? local->message : "not a JSON object"), NULL;
  if (!door_json_member_read_object (json_node_get_object (node), "PublicAssetSets", &sets, NULL) ||
      sets == NULL)
    return refuse (error, "PublicAssetSets"), NULL;
  json_object_iter_init (&at, sets);
  while (json_object_iter_next (&at, NULL, &platform))
    if (!read_platform (self, platform, error))
      return NULL;
  return g_steal_pointer (&self);
}

/**
 * door_update_catalog_free:
 * @self: (transfer full): a list
 */
void
door_update_catalog_free (DoorUpdateCatalog *self)
{
  g_hash_table_unref (self->newest);
  g_ptr_array_unref (self->releases);
  g_free (self);
}

/**
 * door_update_catalog_lookup:
 * @self: a list
 * @device: what updates call a model, "J413AP" or "iPhone15,4"
 *
 * Pure; any thread.
 *
 * Returns: (transfer none) (nullable): the newest update for it, %NULL when there is none
 */
const DoorUpdateRelease *
door_update_catalog_lookup (const DoorUpdateCatalog *self, const char *device)
{
  return g_hash_table_lookup (self->newest, device);
}
