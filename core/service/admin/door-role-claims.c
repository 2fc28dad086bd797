/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-role-claims.h"

#include <string.h>

#include "door-admin-roles.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"

/* More than a rule can be worth; what does not fit is left out as a whole, so that it is missed. */
#define MAX_GROUPS 500
#define MAX_BYTES (32 * 1024)

/* Nobody in particular: what is kept does not say who it was. */
#define NOBODY "record"

static JsonArray *
texts_array (const char *const *texts)
{
  JsonArray *array = json_array_new ();

  for (; texts != NULL && *texts != NULL; texts++)
    json_array_add_string_element (array, *texts);
  return array;
}

static JsonObject *
attributes_object (const DoorClaims *claims, JsonArray *repeated)
{
  JsonObject *object = json_object_new ();
  GVariantIter iter;
  const char *name;
  char **values;

  g_variant_iter_init (&iter, door_claims_get_values (claims));
  while (g_variant_iter_loop (&iter, "{&s^as}", &name, &values))
    {
      if (!door_admin_roles_is_attribute (name))
        continue;
      json_object_set_array_member (object, name, texts_array ((const char *const *) values));
      if (door_claims_is_repeated (claims, name))
        json_array_add_string_element (repeated, name);
    }
  return object;
}

/* All of them or none: a part would be taken for the whole. */
static bool
may_keep_groups (const DoorIdentity *identity)
{
  return door_identity_groups_complete (identity) &&
         g_strv_length ((char **) door_identity_get_groups (identity)) <= MAX_GROUPS;
}

static char *
to_text (JsonObject *object)
{
  g_autoptr (GBytes) bytes = door_json_build_object (object);
  size_t size = 0;
  const char *text = g_bytes_get_data (bytes, &size);

  return g_strndup (text, size);
}

/**
 * door_role_claims_build:
 * @claims: what the provider says, verified
 * @identity: who it is, by the provider's adapter
 * @with_groups: whether a group can give a role
 *
 * Writes down by what the roles of an administrator are decided, and nothing else of the answer: the
 * attributes that name roles, and the groups where they matter. Pure; any thread.
 *
 * Returns: (transfer full): a JSON object, as `doorctl admin preview` reads it
 */
char *
door_role_claims_build (const DoorClaims *claims, const DoorIdentity *identity, bool with_groups)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonArray *repeated = json_array_new ();
  g_autofree char *text = NULL;

  json_object_set_object_member (object, "attributes", attributes_object (claims, repeated));
  json_object_set_array_member (object, "repeated", repeated);
  json_object_set_array_member (
      object, "groups",
      texts_array (with_groups && may_keep_groups (identity) ? door_identity_get_groups (identity) : NULL));
  json_object_set_boolean_member (object, "groups_complete", with_groups && may_keep_groups (identity));
  text = to_text (object);
  if (strlen (text) <= MAX_BYTES)
    return g_steal_pointer (&text);
  json_object_set_array_member (object, "groups", json_array_new ());
  json_object_set_boolean_member (object, "groups_complete", false);
  g_free (text);
  text = to_text (object);
  return strlen (text) <= MAX_BYTES ? g_steal_pointer (&text) : g_strdup ("");
}

/* Each attribute a text or a list of texts. */
static bool
read_attributes (JsonObject *attributes, GVariantBuilder *builder, GError **error)
{
  g_autoptr (GList) names = attributes != NULL ? json_object_get_members (attributes) : NULL;

  for (GList *at = names; at != NULL; at = at->next)
    {
      const char *one[] = { NULL, NULL };
      g_auto (GStrv) values = NULL;

      if (door_json_member_read_string (attributes, at->data, &one[0], NULL))
        values = g_strdupv ((char **) one);
      else if (!door_json_member_read_strings (attributes, at->data, &values, error))
        return false;
      g_variant_builder_add (builder, "{s^as}", (const char *) at->data, values);
    }
  return true;
}

static DoorIdentity *
make_identity (const char *const *groups, bool complete)
{
  DoorIdentity *identity = door_identity_new (NOBODY, NOBODY);

  if (groups != NULL)
    door_identity_set_groups (identity, groups, complete);
  if (!complete)
    door_identity_set_groups_incomplete (identity);
  return identity;
}

/**
 * door_role_claims_parse:
 * @text: a JSON object with any of attributes (names with a text or a list of texts), repeated (names of
 *   attributes that came more than once), groups (a list of texts) and groups_complete; other members are not
 *   looked at
 * @claims: (out) (transfer full): the attributes
 * @identity: (out) (transfer full): the groups
 * @error: return location for an error
 *
 * Pure; any thread.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_role_claims_parse (GBytes *text, DoorClaims **claims, DoorIdentity **identity, GError **error)
{
  const DoorSubject subject = { .issuer = NOBODY, .value = NOBODY };
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sas}"));
  g_autoptr (JsonNode) node = door_json_parse (text, DOOR_ROLE_CLAIMS_MAX_DEPTH, error);
  JsonObject *object, *attributes = NULL;
  g_auto (GStrv) groups = NULL, repeated = NULL;
  bool complete = true;

  if (node == NULL)
    return false;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "not a JSON object");
  object = json_node_get_object (node);
  if (!door_json_member_read_object (object, "attributes", &attributes, error) ||
      !door_json_member_read_strings (object, "repeated", &repeated, error) ||
      !door_json_member_read_strings (object, "groups", &groups, error) ||
      !door_json_member_read_boolean (object, "groups_complete", &complete, error) ||
      !read_attributes (attributes, &builder, error))
    return false;
  *claims = door_claims_new (&subject, g_variant_builder_end (&builder));
  if (repeated != NULL)
    door_claims_set_repeated (*claims, (const char *const *) repeated);
  *identity = make_identity ((const char *const *) groups, complete);
  return true;
}
