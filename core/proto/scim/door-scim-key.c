/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a database compares: every value as a text, those of a filter by the same rules. */
#include "door-scim-key.h"

#include <string.h>

#include "door-scim-text.h"

#define SIGN G_GUINT64_CONSTANT (0x8000000000000000)

/**
 * door_scim_key_free:
 * @self: (transfer full) (nullable): a key
 */
void
door_scim_key_free (DoorScimKey *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_free (self->text);
  g_free (self);
}

/* Sixteen digits whose order as text is that of the numbers. */
static char *
build_number (double number)
{
  union
  {
    double number;
    guint64 bits;
  } both = { .number = number == 0 ? 0 : number };

  both.bits = (both.bits & SIGN) != 0 ? ~both.bits : both.bits | SIGN;
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x", both.bits);
}

static char *
build_time (int64_t time_us)
{
  return g_strdup_printf ("%016" G_GINT64_MODIFIER "x", (guint64) time_us ^ SIGN);
}

/* What is longer than an index takes counts by its beginning, and by all of it for equality. */
static char *
shorten (char *text)
{
  g_autofree char *whole = text, *digest = NULL, *beginning = NULL;
  const char *end;

  if (strlen (whole) <= DOOR_SCIM_MAX_KEY_BYTES)
    return g_steal_pointer (&whole);
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, whole, -1);
  (void) g_utf8_validate (whole, (gssize) (DOOR_SCIM_MAX_KEY_BYTES - strlen (digest)), &end);
  beginning = g_strndup (whole, (gsize) (end - whole));
  return g_strconcat (beginning, digest, NULL);
}

static char *
build_text (const DoorScimAttribute *attribute, const char *text)
{
  int64_t time_us;

  if (attribute->type == DOOR_SCIM_DATE_TIME)
    return door_scim_text_parse_time (text, &time_us) ? build_time (time_us) : NULL;
  return shorten (attribute->case_exact ? g_strdup (text) : door_scim_text_fold (text));
}

static char *
build_value (const DoorScimAttribute *attribute, JsonNode *node)
{
  if (!JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return build_text (attribute, json_node_get_string (node));
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  return build_number (json_node_get_double (node));
}

/**
 * door_scim_key_get_rank:
 * @text: a value as it is compared
 *
 * Of two texts that which is less by its bytes has no greater rank.
 *
 * Returns: its first eight bytes as a number
 */
int64_t
door_scim_key_get_rank (const char *text)
{
  guint64 rank = 0;

  for (size_t i = 0; i < 8; i++)
    {
      rank = rank << 8 | (guchar) *text;
      text += *text != '\0';
    }
  return (int64_t) (rank ^ SIGN);
}

static void
add (GPtrArray *keys, char *path, int64_t item, char *text)
{
  DoorScimKey *key = g_new0 (DoorScimKey, 1);

  key->path = path;
  key->item = item;
  key->text = text;
  key->rank = door_scim_key_get_rank (text);
  g_ptr_array_add (keys, key);
}

static void
add_value (GPtrArray *keys, const char *path, const DoorScimAttribute *attribute, int64_t item,
           JsonNode *node)
{
  char *text = build_value (attribute, node);

  if (text != NULL)
    add (keys, g_strdup (path), item, text);
}

static void
add_item (GPtrArray *keys, const char *path, const DoorScimAttribute *attribute, int64_t item, JsonNode *node)
{
  JsonObject *object;

  if (attribute->type != DOOR_SCIM_COMPLEX)
    {
      add_value (keys, path, attribute, item, node);
      return;
    }
  object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  if (object == NULL || json_object_get_size (object) == 0)
    return;
  add (keys, g_strdup (path), item, g_strdup (""));
  for (size_t i = 0; i < attribute->n_sub_attributes; i++)
    {
      const DoorScimAttribute *part = &attribute->sub_attributes[i];
      g_autofree char *name = g_strconcat (path, ".", part->name, NULL);
      JsonNode *member = json_object_get_member (object, part->name);

      if (member != NULL)
        add_value (keys, name, part, item, member);
    }
}

/* By which of its values a resource is sorted: the primary, else the first (RFC 7644 section 3.4.2.3). */
static guint
find_first (JsonArray *array)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_OBJECT (node) &&
          json_object_get_boolean_member_with_default (json_node_get_object (node), "primary", FALSE))
        return i;
    }
  return 0;
}

static void
add_attribute (GPtrArray *keys, const DoorScimPath *path, JsonNode *node)
{
  g_autofree char *name = door_scim_key_build_path (path, NULL);
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (array == NULL)
    add_item (keys, name, path->attribute, 0, node);
  for (guint i = 0, next = 1; array != NULL && i < json_array_get_length (array); i++)
    {
      bool first = i == find_first (array);

      add_item (keys, name, path->attribute, first ? 0 : next, json_array_get_element (array, i));
      next += !first;
    }
}

static void
add_schema (GPtrArray *keys, const DoorScimSchema *schema, bool is_extension, JsonObject *object)
{
  DoorScimPath path = { .schema = schema, .is_extension = is_extension };

  for (size_t i = 0; i < schema->n_attributes; i++)
    {
      JsonNode *node = json_object_get_member (object, schema->attributes[i].name);

      path.attribute = &schema->attributes[i];
      if (node != NULL && path.attribute->returned != DOOR_SCIM_RETURNED_NEVER)
        add_attribute (keys, &path, node);
    }
}

/**
 * door_scim_key_list:
 * @type: the kind of resource
 * @resource: a resource as door_scim_resource_read() makes it
 *
 * Lists the values by which a resource is found: all that its schemas know but what is never returned, with
 * `externalId` and `schemas` of what every resource has. A complex value has a key of its own beside those of
 * its parts, so that its presence is one. Pure; any thread.
 *
 * Returns: (transfer full) (element-type DoorScimKey): the keys
 */
GPtrArray *
door_scim_key_list (const DoorScimResourceType *type, JsonObject *resource)
{
  static const char *const common[] = { "externalId", "schemas" };
  GPtrArray *keys = g_ptr_array_new_with_free_func ((GDestroyNotify) door_scim_key_free);

  for (size_t i = 0; i < G_N_ELEMENTS (common); i++)
    {
      const DoorScimPath path = { .attribute = door_scim_common_find (common[i]) };
      JsonNode *node = json_object_get_member (resource, common[i]);

      if (node != NULL)
        add_attribute (keys, &path, node);
    }
  add_schema (keys, type->schema, false, resource);
  for (size_t i = 0; i < type->n_extensions; i++)
    {
      JsonNode *node = json_object_get_member (resource, type->extensions[i]->urn);

      if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
        add_schema (keys, type->extensions[i], true, json_node_get_object (node));
    }
  return keys;
}

/**
 * door_scim_key_build_path:
 * @path: what a filter or an order names, with an attribute
 * @part: (nullable): the part of it that is compared
 *
 * Returns: (transfer full): the path that its keys have
 */
char *
door_scim_key_build_path (const DoorScimPath *path, const DoorScimAttribute *part)
{
  return g_strconcat (path->is_extension ? path->schema->urn : "", path->is_extension ? ":" : "",
                      path->attribute->name, part != NULL ? "." : "", part != NULL ? part->name : NULL, NULL);
}

/**
 * door_scim_key_build_literal:
 * @filter: a comparison, not with null
 * @compared: the attribute whose values it compares
 *
 * Returns: (transfer full): what it compares with, as the keys have it
 */
char *
door_scim_key_build_literal (const DoorScimFilter *filter, const DoorScimAttribute *compared)
{
  if (filter->literal == DOOR_SCIM_LITERAL_BOOLEAN)
    return g_strdup (filter->boolean ? "true" : "false");
  if (filter->literal == DOOR_SCIM_LITERAL_NUMBER)
    return build_number (filter->number);
  return compared->type == DOOR_SCIM_DATE_TIME ? build_time (filter->time_us)
                                               : build_text (compared, filter->text);
}
