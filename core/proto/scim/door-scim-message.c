/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-message.h"

#include "door-fault.h"

#define SCHEMA_URN "urn:ietf:params:scim:schemas:core:2.0:"

/**
 * door_scim_message_find:
 * @self: a message
 * @name: of a member
 *
 * Names compare without case (RFC 7643 section 2.1).
 *
 * Returns: (transfer none) (nullable): its value
 */
JsonNode *
door_scim_message_find (JsonObject *self, const char *name)
{
  JsonObjectIter iter;
  const char *other;
  JsonNode *node;

  json_object_iter_init (&iter, self);
  while (json_object_iter_next (&iter, &other, &node))
    if (g_ascii_strcasecmp (other, name) == 0)
      return node;
  return NULL;
}

/**
 * door_scim_message_get_text:
 * @node: (nullable): a value
 *
 * Returns: (transfer none) (nullable): %NULL for what is no text
 */
const char *
door_scim_message_get_text (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : NULL;
}

/**
 * door_scim_message_check:
 * @self: a message
 * @name: the end of its URN, behind %DOOR_SCIM_MESSAGE_URN
 * @dialect: whether a message may be without
 * @error: return location for an error
 *
 * A message says in `schemas` what it is (RFC 7644 section 3.1).
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA, %DOOR_FAULT_SCIM_SYNTAX
 */
bool
door_scim_message_check (JsonObject *self, const char *name, DoorScimDialect dialect, GError **error)
{
  g_autofree char *urn = g_strconcat (DOOR_SCIM_MESSAGE_URN, name, NULL);
  JsonNode *node = door_scim_message_find (self, "schemas");
  JsonArray *array = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      const char *text = door_scim_message_get_text (json_array_get_element (array, i));

      if (text != NULL && g_ascii_strcasecmp (text, urn) == 0)
        return true;
    }
  return (dialect & DOOR_SCIM_NO_SCHEMAS) != 0 ||
         door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_SYNTAX, "schemas: does not name %s",
                         urn);
}

static JsonObject *
new_object (const char *beginning, const char *name)
{
  g_autofree char *urn = g_strconcat (beginning, name, NULL);
  JsonObject *object = json_object_new ();
  JsonArray *schemas = json_array_new ();

  json_array_add_string_element (schemas, urn);
  json_object_set_array_member (object, "schemas", schemas);
  return object;
}

/* RFC 7644 table 9, RFC 9865 section 2.1; %NULL where the status says it all. */
static const char *
find_type (DoorFault fault)
{
  static const struct
  {
    DoorFault fault;
    const char *type;
  } types[] = {
    { DOOR_FAULT_SCIM_SYNTAX, "invalidSyntax" },  { DOOR_FAULT_SCIM_FILTER, "invalidFilter" },
    { DOOR_FAULT_SCIM_PATH, "invalidPath" },      { DOOR_FAULT_SCIM_VALUE, "invalidValue" },
    { DOOR_FAULT_SCIM_NOTARGET, "noTarget" },     { DOOR_FAULT_SCIM_MUTABILITY, "mutability" },
    { DOOR_FAULT_SCIM_CURSOR, "invalidCursor" },  { DOOR_FAULT_SCIM_TOOMANY, "tooMany" },
    { DOOR_FAULT_SCIM_UNIQUENESS, "uniqueness" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    if (types[i].fault == fault)
      return types[i].type;
  return NULL;
}

/**
 * door_scim_message_new_error:
 * @fault: what went wrong
 * @detail: for the sender's log; nothing of this server's inside
 *
 * Its status is a text (RFC 7644 section 3.12).
 *
 * Returns: (transfer full): the message
 */
JsonObject *
door_scim_message_new_error (DoorFault fault, const char *detail)
{
  g_autofree char *status = g_strdup_printf ("%u", door_fault_get_info (fault)->status);
  JsonObject *object = new_object (DOOR_SCIM_MESSAGE_URN, "Error");
  const char *type = find_type (fault);

  json_object_set_string_member (object, "status", status);
  if (type != NULL)
    json_object_set_string_member (object, "scimType", type);
  json_object_set_string_member (object, "detail", detail);
  return object;
}

/**
 * door_scim_message_new_list:
 * @list: what was found
 *
 * Returns: (transfer full): the message
 */
JsonObject *
door_scim_message_new_list (const DoorScimList *list)
{
  JsonObject *object = new_object (DOOR_SCIM_MESSAGE_URN, "ListResponse");

  json_object_set_int_member (object, "totalResults", list->total);
  if (list->resources == NULL)
    return object;
  if (list->start_index != 0)
    json_object_set_int_member (object, "startIndex", list->start_index);
  json_object_set_int_member (object, "itemsPerPage", (gint64) json_array_get_length (list->resources));
  if (list->next_cursor != NULL)
    json_object_set_string_member (object, "nextCursor", list->next_cursor);
  json_object_set_array_member (object, "Resources", json_array_ref (list->resources));
  return object;
}

static void
set_meta (const DoorScimService *service, JsonObject *object, const char *type, const char *endpoint,
          const char *id)
{
  g_autofree char *location =
      g_strdup_printf ("%s/%s%s%s", service->base_url, endpoint, *id != '\0' ? "/" : "", id);
  JsonObject *meta = json_object_new ();

  json_object_set_string_member (meta, "resourceType", type);
  json_object_set_string_member (meta, "location", location);
  json_object_set_object_member (object, "meta", meta);
}

static JsonObject *
set_support (JsonObject *object, const char *name, bool supported)
{
  JsonObject *part = json_object_new ();

  json_object_set_boolean_member (part, "supported", supported);
  json_object_set_object_member (object, name, part);
  return part;
}

static void
set_pagination (const DoorScimService *service, JsonObject *object)
{
  JsonObject *part = json_object_new ();

  json_object_set_boolean_member (part, "cursor", TRUE);
  json_object_set_boolean_member (part, "index", TRUE);
  json_object_set_string_member (part, "defaultPaginationMethod", "index");
  json_object_set_int_member (part, "defaultPageSize", service->default_results);
  json_object_set_int_member (part, "maxPageSize", service->max_results);
  json_object_set_int_member (part, "cursorTimeout", service->cursor_timeout_s);
  json_object_set_object_member (object, "pagination", part);
}

static void
set_schemes (JsonObject *object)
{
  JsonArray *schemes = json_array_new ();
  JsonObject *scheme = json_object_new ();

  json_object_set_string_member (scheme, "type", "oauthbearertoken");
  json_object_set_string_member (scheme, "name", "Bearer token");
  json_object_set_string_member (scheme, "description",
                                 "A token of this directory in the header Authorization (RFC 6750).");
  json_object_set_string_member (scheme, "specUri", "https://www.rfc-editor.org/info/rfc6750");
  json_object_set_boolean_member (scheme, "primary", TRUE);
  json_array_add_object_element (schemes, scheme);
  json_object_set_array_member (object, "authenticationSchemes", schemes);
}

/**
 * door_scim_message_new_service:
 * @service: what it can do
 *
 * Returns: (transfer full): the resource ServiceProviderConfig
 */
JsonObject *
door_scim_message_new_service (const DoorScimService *service)
{
  JsonObject *object = new_object (SCHEMA_URN, "ServiceProviderConfig"), *part;

  set_support (object, "patch", true);
  part = set_support (object, "bulk", true);
  json_object_set_int_member (part, "maxOperations", service->max_operations);
  json_object_set_int_member (part, "maxPayloadSize", service->max_payload_bytes);
  part = set_support (object, "filter", true);
  json_object_set_int_member (part, "maxResults", service->max_results);
  set_support (object, "changePassword", false);
  set_support (object, "sort", true);
  set_support (object, "etag", true);
  set_pagination (service, object);
  set_schemes (object);
  set_meta (service, object, "ServiceProviderConfig", "ServiceProviderConfig", "");
  return object;
}

/**
 * door_scim_message_new_type:
 * @service: where it is
 * @type: a kind of resource
 *
 * Returns: (transfer full): the resource of /ResourceTypes (RFC 7643 section 6)
 */
JsonObject *
door_scim_message_new_type (const DoorScimService *service, const DoorScimResourceType *type)
{
  g_autofree char *endpoint = g_strconcat ("/", type->endpoint, NULL);
  JsonObject *object = new_object (SCHEMA_URN, "ResourceType");
  JsonArray *extensions = json_array_new ();

  for (size_t i = 0; i < type->n_extensions; i++)
    {
      JsonObject *extension = json_object_new ();

      json_object_set_string_member (extension, "schema", type->extensions[i]->urn);
      json_object_set_boolean_member (extension, "required", FALSE);
      json_array_add_object_element (extensions, extension);
    }
  json_object_set_string_member (object, "id", type->name);
  json_object_set_string_member (object, "name", type->name);
  json_object_set_string_member (object, "description", type->description);
  json_object_set_string_member (object, "endpoint", endpoint);
  json_object_set_string_member (object, "schema", type->schema->urn);
  json_object_set_array_member (object, "schemaExtensions", extensions);
  set_meta (service, object, "ResourceType", "ResourceTypes", type->name);
  return object;
}

/**
 * door_scim_message_new_schema:
 * @service: where it is
 * @schema: a schema
 *
 * Returns: (transfer full): the resource of /Schemas (RFC 7643 section 7)
 */
JsonObject *
door_scim_message_new_schema (const DoorScimService *service, const DoorScimSchema *schema)
{
  JsonObject *object = door_scim_schema_dup_json (schema);

  set_meta (service, object, "Schema", "Schemas", schema->urn);
  return object;
}
