/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-path.h"

#include <string.h>

#include "door-error.h"

static bool
refuse (const char *text, const char *reason, GError **error)
{
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_PATH, "\"%.100s\" %s", text, reason);
}

/* ATTRNAME of RFC 7644, figure 1; $ref is a name all the same (RFC 7643 section 2.4). */
static bool
is_name (const char *text)
{
  if (strcmp (text, "$ref") == 0)
    return true;
  if (!g_ascii_isalpha (*text))
    return false;
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && *text != '-' && *text != '_')
      return false;
  return true;
}

static bool
find_part (const DoorScimAttribute *attribute, const char *name, DoorScimPath *out, GError **error)
{
  if (!is_name (name))
    return refuse (name, "is no name of an attribute", error);
  out->sub = door_scim_attribute_find (attribute, name);
  return out->sub != NULL || refuse (name, "is no part of that attribute", error);
}

static bool
find_attribute (const DoorScimResourceType *type, char *name, DoorScimPath *out, GError **error)
{
  char *dot = strchr (name, '.');

  if (dot != NULL)
    *dot = '\0';
  if (!is_name (name))
    return refuse (name, "is no name of an attribute", error);
  if (out->schema != NULL)
    out->attribute = door_scim_schema_find (out->schema, name);
  if (out->attribute == NULL && (out->schema == NULL || out->schema == type->schema))
    {
      out->attribute = door_scim_common_find (name);
      if (out->attribute != NULL)
        out->schema = NULL;
    }
  if (out->attribute == NULL)
    return refuse (name, "is no attribute of that schema", error);
  return dot == NULL || find_part (out->attribute, dot + 1, out, error);
}

/**
 * door_scim_path_resolve:
 * @type: the kind of resource
 * @text: an attribute path, `[URN:]name[.part]`, or the URN of a schema
 * @length: its bytes
 * @out: what it names
 * @error: return location for an error
 *
 * Names compare without case. A name without a URN is of the schema of the resource itself, or one that every
 * resource has (RFC 7644 section 3.10). Pure; never blocks.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_PATH
 */
bool
door_scim_path_resolve (const DoorScimResourceType *type, const char *text, size_t length, DoorScimPath *out,
                        GError **error)
{
  g_autofree char *copy = NULL;
  char *colon;

  *out = (DoorScimPath){ .schema = type->schema };
  if (length == 0 || length > DOOR_SCIM_MAX_PATH_BYTES || memchr (text, '\0', length) != NULL)
    return refuse ("", "a path is empty or too long", error);
  copy = g_strndup (text, length);
  out->schema = door_scim_resource_type_find_schema (type, copy);
  out->is_extension = out->schema != NULL && out->schema != type->schema;
  if (out->schema != NULL)
    return true;
  colon = strrchr (copy, ':');
  if (colon == NULL)
    {
      out->schema = type->schema;
      return find_attribute (type, copy, out, error);
    }
  *colon = '\0';
  out->schema = door_scim_resource_type_find_schema (type, copy);
  if (out->schema == NULL)
    return refuse (copy, "is no schema of this kind of resource", error);
  out->is_extension = out->schema != type->schema;
  return find_attribute (type, colon + 1, out, error);
}

/**
 * door_scim_path_resolve_part:
 * @parent: a complex attribute
 * @text: the name of a part of it, as it stands in the brackets of a value path
 * @length: its bytes
 * @out: what it names
 * @error: return location for an error
 *
 * Pure; never blocks.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_PATH
 */
bool
door_scim_path_resolve_part (const DoorScimAttribute *parent, const char *text, size_t length,
                             DoorScimPath *out, GError **error)
{
  g_autofree char *name = g_strndup (text, MIN (length, DOOR_SCIM_MAX_PATH_BYTES));

  *out = (DoorScimPath){ .attribute = parent, .is_part = true };
  return find_part (parent, name, out, error);
}

/**
 * door_scim_path_get_compared:
 * @self: a path with an attribute
 *
 * A multi-valued complex attribute without part compares by its value (RFC 7644 section 3.4.2.2).
 *
 * Returns: (transfer none) (nullable): the attribute whose values are compared; %NULL when it is complex
 * without a value
 */
const DoorScimAttribute *
door_scim_path_get_compared (const DoorScimPath *self)
{
  const DoorScimAttribute *attribute = self->sub != NULL ? self->sub : self->attribute;

  return attribute->type == DOOR_SCIM_COMPLEX ? door_scim_attribute_find (attribute, "value") : attribute;
}
