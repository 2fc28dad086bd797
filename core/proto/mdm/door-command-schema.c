/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-command-schema.h"

#include <stdlib.h>
#include <string.h>

#include "door-command.h"
#include "door-commands-resource.h"
#include "door-error.h"
#include "door-json.h"
#include "door-model-family.h"
#include "door-suggest.h"

/* commands.json: what Apple publishes about each command, as facts (github.com/apple/device-management,
 * mdm/commands). "on" is the first version of each system that has it, "right" the bit of AccessRights it
 * takes where not every enrollment has it, "supervised" the systems whose devices have to be, "keys" what it
 * has beside RequestType, with "on" where not all its systems have the key; "open" says that a dict may have
 * keys of any name. */
#define MAX_JSON_DEPTH 16
#define RIGHT_ERASE 8

struct _DoorCommandSchema
{
  JsonNode *root;
};

static bool refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static bool
refuse (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_CMD_INVALID, "%s", text);
}

/**
 * door_command_schema_new:
 * @error: return location for an error
 *
 * Reads the table of commands that comes with the program. No I/O.
 *
 * Returns: (transfer full): the table, or %NULL with an error
 */
DoorCommandSchema *
door_command_schema_new (GError **error)
{
  g_autoptr (GBytes) bytes = g_resource_lookup_data (
      door_commands_get_resource (), "/org/doorward/mdm/commands.json", G_RESOURCE_LOOKUP_FLAGS_NONE, error);
  g_autoptr (JsonNode) root = bytes != NULL ? door_json_parse (bytes, MAX_JSON_DEPTH, error) : NULL;
  DoorCommandSchema *self;

  if (root == NULL)
    return NULL;
  self = g_new0 (DoorCommandSchema, 1);
  self->root = g_steal_pointer (&root);
  return self;
}

/**
 * door_command_schema_free:
 * @self: (transfer full): a table
 */
void
door_command_schema_free (DoorCommandSchema *self)
{
  json_node_unref (self->root);
  g_free (self);
}

static JsonObject *
get_object (JsonObject *from, const char *name)
{
  return json_object_has_member (from, name) ? json_object_get_object_member (from, name) : NULL;
}

static void
refuse_unknown (const DoorCommandSchema *self, const char *request_type, GError **error)
{
  g_autoptr (GList) names = json_object_get_members (json_node_get_object (self->root));
  g_autoptr (DoorSuggest) suggest = door_suggest_new (request_type);
  const char *best;

  for (const GList *at = names; at != NULL; at = at->next)
    door_suggest_add (suggest, at->data);
  best = door_suggest_get_best (suggest);
  refuse (error, "RequestType: %.100s is not a command that is known here%s%s%s", request_type,
          best != NULL ? "; did you mean " : "", best != NULL ? best : "", best != NULL ? "?" : "");
}

static JsonObject *
get_command (const DoorCommandSchema *self, const char *request_type, GError **error)
{
  JsonObject *command = get_object (json_node_get_object (self->root), request_type);

  if (command == NULL)
    refuse_unknown (self, request_type, error);
  return command;
}

static bool
list_has (JsonObject *from, const char *name, const char *text)
{
  JsonArray *array = json_object_has_member (from, name) ? json_object_get_array_member (from, name) : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (strcmp (json_array_get_string_element (array, i), text) == 0)
      return true;
  return false;
}

static char *
dup_names (JsonObject *keys)
{
  g_autoptr (GList) names = keys != NULL ? json_object_get_members (keys) : NULL;
  g_autoptr (GString) text = g_string_new ("RequestType");

  for (const GList *at = names; at != NULL; at = at->next)
    g_string_append_printf (text, ", %s", (const char *) at->data);
  return g_strdup (text->str);
}

static const GVariantType *
get_type (const char *type)
{
  static const struct
  {
    const char *name;
    const char *type;
  } types[] = {
    { "string", "s" }, { "integer", "x" }, { "boolean", "b" },
    { "data", "ay" },  { "array", "av" },  { "dict", "a{sv}" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (types[i].name, type) == 0)
      return (const GVariantType *) types[i].type;
  return G_VARIANT_TYPE_ANY;
}

static bool
is_allowed (JsonArray *values, GVariant *value)
{
  for (guint i = 0; i < json_array_get_length (values); i++)
    {
      JsonNode *allowed = json_array_get_element (values, i);

      if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING)
              ? json_node_get_value_type (allowed) == G_TYPE_STRING &&
                    strcmp (json_node_get_string (allowed), g_variant_get_string (value, NULL)) == 0
              : json_node_get_value_type (allowed) == G_TYPE_INT64 &&
                    json_node_get_int (allowed) == g_variant_get_int64 (value))
        return true;
    }
  return false;
}

static char *
dup_values (JsonArray *values)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (values); i++)
    {
      JsonNode *value = json_array_get_element (values, i);

      if (json_node_get_value_type (value) == G_TYPE_STRING)
        g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", json_node_get_string (value));
      else
        g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? ", " : "", json_node_get_int (value));
    }
  return g_strdup (text->str);
}

/* With another one a Mac is locked by what nobody can type (Apple, DeviceLock, EraseDevice: "six-character
 * PIN"). */
static bool
is_code (JsonObject *spec, GVariant *value)
{
  const char *text = g_variant_get_string (value, NULL);

  return (int64_t) strlen (text) == json_object_get_int_member (spec, "digits") &&
         strspn (text, "0123456789") == strlen (text);
}

static bool
check_scalar (JsonObject *spec, const char *path, GVariant *value, GError **error)
{
  JsonArray *values =
      json_object_has_member (spec, "values") ? json_object_get_array_member (spec, "values") : NULL;

  if (values != NULL && !is_allowed (values, value))
    {
      g_autofree char *text = dup_values (values);

      return refuse (error, "%s: one of %s is expected", path, text);
    }
  if (json_object_has_member (spec, "digits") && !is_code (spec, value))
    return refuse (error, "%s: %" G_GINT64_FORMAT " digits are expected", path,
                   json_object_get_int_member (spec, "digits"));
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    return true;
  if (json_object_has_member (spec, "min") &&
      g_variant_get_int64 (value) < json_object_get_int_member (spec, "min"))
    return refuse (error, "%s: at least %" G_GINT64_FORMAT " is expected", path,
                   json_object_get_int_member (spec, "min"));
  if (json_object_has_member (spec, "max") &&
      g_variant_get_int64 (value) > json_object_get_int_member (spec, "max"))
    return refuse (error, "%s: at most %" G_GINT64_FORMAT " is expected", path,
                   json_object_get_int_member (spec, "max"));
  return true;
}

static bool check_keys (JsonObject *spec, const char *path, GVariant *dict, GError **error);

/* The depth is that of the table: what is deeper than it is not looked into. */
static bool
check_value (JsonObject *spec, const char *path, GVariant *value, GError **error)
{
  const char *type = json_object_get_string_member (spec, "type");
  JsonObject *items = get_object (spec, "items");

  if (!g_variant_is_of_type (value, get_type (type)))
    return refuse (error, "%s: %s is expected", path, type);
  if (strcmp (type, "dict") == 0)
    return check_keys (spec, path, value, error);
  if (strcmp (type, "array") != 0)
    return check_scalar (spec, path, value, error);
  for (size_t i = 0; items != NULL && i < g_variant_n_children (value); i++)
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (value, i);
      g_autoptr (GVariant) item = g_variant_get_variant (boxed);
      g_autofree char *name = g_strdup_printf ("%s[%zu]", path, i);

      if (!check_value (items, name, item, error))
        return false;
    }
  return true;
}

/* Also those of a command itself, whose path is empty; it may have two more that all commands have. */
static bool
check_known_keys (JsonObject *spec, const char *path, GVariant *dict, GError **error)
{
  JsonObject *keys = get_object (spec, "keys");
  bool command = *path == '\0';
  bool open = json_object_has_member (spec, "open") || (!command && keys == NULL);
  GVariantIter iterator;
  const char *key = NULL;
  GVariant *value = NULL;

  g_variant_iter_init (&iterator, dict);
  while (g_variant_iter_loop (&iterator, "{&sv}", &key, &value))
    {
      g_autofree char *name = g_strdup_printf ("%s%s%.100s", path, command ? "" : ".", key);
      g_autofree char *names = dup_names (keys);
      JsonObject *wanted = keys != NULL ? get_object (keys, key) : NULL;
      bool common =
          command && (strcmp (key, "RequestType") == 0 || strcmp (key, "RequestRequiresNetworkTether") == 0);
      bool good = wanted != NULL
                      ? check_value (wanted, name, value, error)
                      : open || common || refuse (error, "%s: no such key; there are %s", name, names);

      if (!good)
        {
          g_variant_unref (value);
          return false;
        }
    }
  return true;
}

static bool
check_keys (JsonObject *spec, const char *path, GVariant *dict, GError **error)
{
  JsonObject *keys = get_object (spec, "keys");
  g_autoptr (GList) names = keys != NULL ? json_object_get_members (keys) : NULL;

  for (const GList *at = names; at != NULL; at = at->next)
    {
      g_autoptr (GVariant) value = g_variant_lookup_value (dict, at->data, NULL);

      if (value == NULL && json_object_has_member (get_object (keys, at->data), "required"))
        return refuse (error, "%s%s%s: %s is required", path, *path != '\0' ? "." : "",
                       (const char *) at->data,
                       json_object_get_string_member (get_object (keys, at->data), "type"));
    }
  return check_known_keys (spec, path, dict, error);
}

static const char *
get_system (const char *product)
{
  static const struct
  {
    const char *family;
    const char *system;
  } systems[] = {
    { "iPhone", "iOS" },   { "iPad", "iOS" },      { "Mac", "macOS" },
    { "AppleTV", "tvOS" }, { "Watch", "watchOS" }, { "RealityDevice", "visionOS" },
  };
  const char *family = door_model_family_from_product (product);

  for (size_t i = 0; family != NULL && i < G_N_ELEMENTS (systems); i++)
    if (strcmp (systems[i].family, family) == 0)
      return systems[i].system;
  return NULL;
}

/* "10.7" before "10.13"; what is not a number counts as 0. */
static bool
is_before (const char *version, const char *other)
{
  g_auto (GStrv) left = g_strsplit (version, ".", 4), right = g_strsplit (other, ".", 4);

  for (size_t i = 0; left[i] != NULL || right[i] != NULL; i++)
    {
      guint64 a = left[i] != NULL ? g_ascii_strtoull (left[i], NULL, 10) : 0;
      guint64 b = right[i] != NULL ? g_ascii_strtoull (right[i], NULL, 10) : 0;

      if (a != b)
        return a < b;
      if (left[i] == NULL || right[i] == NULL)
        break;
    }
  return false;
}

/* A user enrollment has no rights at all; what it can do says the other list. */
static bool
check_right (JsonObject *command, const char *request_type, const DoorCommandTarget *target, GError **error)
{
  int64_t right =
      json_object_has_member (command, "right") ? json_object_get_int_member (command, "right") : 0;

  if (target->user_enrollment || (target->access_rights & right) == right)
    return true;
  return refuse (error,
                 "RequestType: %s needs the right to %s, which the enrollment of this device does not give "
                 "(AccessRights lacks %" G_GINT64_FORMAT "): it came by a link and is its owner's. Enroll it "
                 "by Automated Device Enrollment or with AccountDeviceFamilies for that; ending its "
                 "management works as it is",
                 request_type, right == RIGHT_ERASE ? "erase it" : "lock it and take its passcode", right);
}

static bool
check_target (JsonObject *command, const char *request_type, const DoorCommandTarget *target, GError **error)
{
  const char *system = get_system (target->product);
  JsonObject *on = get_object (command, "on");
  const char *since = NULL;

  if (!list_has (command, "channels", target->is_user ? "user" : "device"))
    return refuse (error, "RequestType: %s is not for the channel of a %s", request_type,
                   target->is_user ? "user" : "device");
  if (system == NULL)
    return check_right (command, request_type, target, error); /* it may know the command */
  if (!json_object_has_member (on, system))
    return refuse (error, "RequestType: %s is not for %s", request_type, system);
  since = json_object_get_string_member (on, system);
  if (*target->os_version != '\0' && is_before (target->os_version, since))
    return refuse (error, "RequestType: %s needs %s %s; the device has %.32s", request_type, system, since,
                   target->os_version);
  if (target->user_enrollment && list_has (command, "not_user_enrollment", system))
    return refuse (error,
                   "RequestType: %s is not for a device of which only a user's part is managed; enroll it as "
                   "a whole for that%s",
                   request_type,
                   json_object_has_member (command, "right")
                       ? ", by Automated Device Enrollment or with AccountDeviceFamilies"
                       : "");
  return check_right (command, request_type, target, error);
}

/* A device passes over what it does not have, and the administrator believes that it was done. */
static bool
check_systems (JsonObject *known, GVariant *command, const DoorCommandTarget *target, GError **error)
{
  JsonObject *keys = get_object (known, "keys");
  g_autoptr (GList) names = keys != NULL ? json_object_get_members (keys) : NULL;
  const char *system = get_system (target->product);

  for (const GList *at = names; at != NULL && system != NULL; at = at->next)
    {
      const char *name = at->data;
      JsonObject *on = get_object (get_object (keys, name), "on");
      g_autoptr (GVariant) value = on != NULL ? g_variant_lookup_value (command, name, NULL) : NULL;
      g_autoptr (GList) systems = value != NULL ? json_object_get_members (on) : NULL;
      const char *since = NULL;

      if (value == NULL)
        continue;
      if (!json_object_has_member (on, system))
        return refuse (error, "%s: is for %s only, and the device has %s; leave it out", name,
                       (const char *) systems->data, system);
      since = json_object_get_string_member (on, system);
      if (*target->os_version != '\0' && is_before (target->os_version, since))
        return refuse (error, "%s: needs %s %s; the device has %.32s", name, system, since,
                       target->os_version);
    }
  return true;
}

/**
 * door_command_schema_check:
 * @self: a table
 * @command: (transfer none): a command
 * @target: what it is for
 * @error: return location for an error
 *
 * Judges a command by what is published about it: whether there is such a command for that system and
 * channel, which keys it has, their types and values. Pure.
 *
 * Returns: false with %DOOR_FAULT_CMD_INVALID, which names the key and what is expected of it
 */
bool
door_command_schema_check (const DoorCommandSchema *self, GVariant *command, const DoorCommandTarget *target,
                           GError **error)
{
  const char *request_type = door_command_get_request_type (command);
  JsonObject *known = get_command (self, request_type, error);

  return known != NULL && check_target (known, request_type, target, error) &&
         check_keys (known, "", command, error) && check_systems (known, command, target, error);
}

/**
 * door_command_schema_dup_doubt:
 * @self: a table
 * @command: (transfer none): a command that door_command_schema_check() finds good
 * @target: what it is for
 *
 * Tells what is published about a command and not known of the device. Pure.
 *
 * Returns: (transfer full) (nullable): why the device may refuse it, %NULL when nothing speaks for that
 */
char *
door_command_schema_dup_doubt (const DoorCommandSchema *self, GVariant *command,
                               const DoorCommandTarget *target)
{
  const char *request_type = door_command_get_request_type (command);
  JsonObject *known = get_object (json_node_get_object (self->root), request_type);
  const char *system = get_system (target->product);

  if (known == NULL)
    return g_strdup_printf ("%.100s is not a command that is known here; the device may refuse it",
                            request_type);
  if (system == NULL)
    return g_strdup_printf ("which system the device has is not known here; it may refuse %s", request_type);
  if (target->supervised || !list_has (known, "supervised", system))
    return NULL;
  return g_strdup_printf ("%s is for supervised devices, and whether this one is supervised is not known "
                          "here: it did not come by Automated Device Enrollment. It refuses the command if "
                          "it is not",
                          request_type);
}

static GVariant *value_from_json (JsonObject *spec, const char *path, JsonNode *node, GError **error);

static GVariant *
dict_from_json (JsonObject *spec, const char *path, JsonObject *object, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  JsonObject *keys = spec != NULL ? get_object (spec, "keys") : NULL;
  JsonObjectIter iterator;
  const char *key = NULL;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&iterator, object);
  while (json_object_iter_next_ordered (&iterator, &key, &node))
    {
      g_autofree char *name = g_strdup_printf ("%s%s%.100s", path, *path != '\0' ? "." : "", key);
      GVariant *value = value_from_json (keys != NULL ? get_object (keys, key) : NULL, name, node, error);

      if (value == NULL)
        return NULL;
      g_variant_builder_add (&builder, "{sv}", key, value);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
array_from_json (JsonObject *spec, const char *path, JsonArray *array, GError **error)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *name = g_strdup_printf ("%s[%u]", path, i);
      GVariant *value = value_from_json (spec != NULL ? get_object (spec, "items") : NULL, name,
                                         json_array_get_element (array, i), error);

      if (value == NULL)
        return NULL;
      g_variant_builder_add (&builder, "v", value);
    }
  return g_variant_builder_end (&builder);
}

static GVariant *
data_from_json (const char *path, JsonNode *node, GError **error)
{
  g_autofree guchar *data = NULL;
  g_autofree char *again = NULL;
  gsize size = 0;

  if (json_node_get_value_type (node) == G_TYPE_STRING)
    {
      data = g_base64_decode (json_node_get_string (node), &size);
      again = g_base64_encode (data, size);
      if (strcmp (again, json_node_get_string (node)) == 0)
        return g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, size, 1);
    }
  refuse (error, "%s: data is expected, in base64", path);
  return NULL;
}

/* As the table says, else as it looks; whether it is right is judged by door_command_schema_check(). */
static GVariant *
value_from_json (JsonObject *spec, const char *path, JsonNode *node, GError **error)
{
  if (spec != NULL && strcmp (json_object_get_string_member (spec, "type"), "data") == 0)
    return data_from_json (path, node, error);
  if (JSON_NODE_HOLDS_OBJECT (node))
    return dict_from_json (spec, path, json_node_get_object (node), error);
  if (JSON_NODE_HOLDS_ARRAY (node))
    return array_from_json (spec, path, json_node_get_array (node), error);
  switch (json_node_get_value_type (node))
    {
    case G_TYPE_STRING:
      return g_variant_new_string (json_node_get_string (node));
    case G_TYPE_INT64:
      return g_variant_new_int64 (json_node_get_int (node));
    case G_TYPE_BOOLEAN:
      return g_variant_new_boolean (json_node_get_boolean (node));
    case G_TYPE_DOUBLE:
      return g_variant_new_double (json_node_get_double (node));
    default:
      refuse (error, "%s: a value is expected", path);
      return NULL;
    }
}

/**
 * door_command_schema_read_object:
 * @self: a table
 * @request_type: a RequestType
 * @parameters: (nullable): the other keys of a command; data in base64
 * @error: return location for an error
 *
 * Makes a command of JSON. Pure.
 *
 * Returns: (transfer full): the command, or %NULL with %DOOR_FAULT_CMD_INVALID
 */
GVariant *
door_command_schema_read_object (const DoorCommandSchema *self, const char *request_type,
                                 JsonObject *parameters, GError **error)
{
  JsonObject *known = get_command (self, request_type, error);
  g_autoptr (GVariant) dict = NULL;

  if (known == NULL)
    return NULL;
  if (parameters != NULL)
    {
      dict = dict_from_json (known, "", parameters, error);
      if (dict == NULL)
        return NULL;
      g_variant_ref_sink (dict);
    }
  return door_command_new (request_type, dict);
}

static JsonNode *
node_from_word (JsonObject *spec, const char *name, const char *text, GError **error)
{
  const char *type = json_object_get_string_member (spec, "type");
  JsonNode *node = json_node_alloc ();
  char *end = NULL;
  bool good = true;

  if (strcmp (type, "boolean") == 0)
    {
      good = strcmp (text, "true") == 0 || strcmp (text, "false") == 0;
      json_node_init_boolean (node, strcmp (text, "true") == 0);
    }
  else if (strcmp (type, "integer") == 0)
    {
      json_node_init_int (node, g_ascii_strtoll (text, &end, 10));
      good = *text != '\0' && *end == '\0';
    }
  else if (strcmp (type, "dict") == 0 || strcmp (type, "array") == 0)
    good = false;
  else
    json_node_init_string (node, text);
  if (good)
    return node;
  json_node_unref (node);
  refuse (error, "%s: %s is expected%s", name, type,
          strcmp (type, "dict") == 0 || strcmp (type, "array") == 0 ? ", which a property list can give"
                                                                    : "");
  return NULL;
}

static bool
take_word (JsonObject *keys, const char *name, const char *text, JsonObject *into, GError **error)
{
  JsonObject *spec = keys != NULL ? get_object (keys, name) : NULL;
  bool is_array = spec != NULL && strcmp (json_object_get_string_member (spec, "type"), "array") == 0 &&
                  get_object (spec, "items") != NULL;
  g_autofree char *names = dup_names (keys);
  JsonNode *node;

  if (spec == NULL)
    return refuse (error, "%.100s: no such key; there are %s", name, names);
  if (!is_array && json_object_has_member (into, name))
    return refuse (error, "%s: is given twice, and is no list", name);
  node = node_from_word (is_array ? get_object (spec, "items") : spec, name, text, error);
  if (node == NULL)
    return false;
  if (!is_array)
    {
      json_object_set_member (into, name, node);
      return true;
    }
  if (!json_object_has_member (into, name))
    json_object_set_array_member (into, name, json_array_new ());
  json_array_add_element (json_object_get_array_member (into, name), node);
  return true;
}

/**
 * door_command_schema_read_words:
 * @self: a table
 * @request_type: a RequestType
 * @words: (nullable) (array zero-terminated=1): texts "Key=value"; a key that is given again is one of a list
 * @error: return location for an error
 *
 * Makes a command of what somebody typed. Data is in base64. Pure.
 *
 * Returns: (transfer full): the command, or %NULL with %DOOR_FAULT_CMD_INVALID
 */
GVariant *
door_command_schema_read_words (const DoorCommandSchema *self, const char *request_type,
                                const char *const *words, GError **error)
{
  JsonObject *known = get_command (self, request_type, error);
  g_autoptr (JsonObject) parameters = json_object_new ();

  if (known == NULL)
    return NULL;
  for (size_t i = 0; words != NULL && words[i] != NULL; i++)
    {
      const char *equals = strchr (words[i], '=');
      g_autofree char *name = equals != NULL ? g_strndup (words[i], (gsize) (equals - words[i])) : NULL;

      if (name == NULL || *name == '\0')
        {
          refuse (error, "%.100s: Key=value is expected", words[i]);
          return NULL;
        }
      if (!take_word (get_object (known, "keys"), name, equals + 1, parameters, error))
        return NULL;
    }
  return door_command_schema_read_object (self, request_type, parameters, error);
}
