/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-roles.h"
#include "door-administrator.h"
#include "door-ctl-admin.h"
#include "door-ctl-output.h"
#include "door-error.h"
#include "door-json-member.h"
#include "door-json.h"

#define MAX_DEPTH 4
#define MAX_BYTES (256 * 1024)

/* What the file says of somebody. */
typedef struct
{
  DoorClaims *claims;
  DoorIdentity *groups;
  const char *email; /* (nullable) */
} Person;

static void
person_clear (Person *self)
{
  g_clear_pointer (&self->claims, door_claims_unref);
  g_clear_pointer (&self->groups, door_identity_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Person, person_clear)

static JsonObject *
read_file (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonNode) node = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &text, &length, &local) || length > MAX_BYTES)
    {
      door_error_set (error, DOOR_ERROR_FAILED, DOOR_FAULT_NONE, "%s",
                      local != NULL ? local->message : "the file is too large");
      return NULL;
    }
  bytes = g_bytes_new_take (g_steal_pointer (&text), length);
  node = door_json_parse (bytes, MAX_DEPTH, error);
  if (node == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_NONE, "%s is no JSON object", path);
      return NULL;
    }
  return json_node_dup_object (node);
}

/* Each attribute a text or a list of texts. */
static bool
read_claims (JsonObject *attributes, DoorClaims **out, GError **error)
{
  const DoorSubject subject = { .issuer = "preview", .value = "preview" };
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sas}"));
  g_autoptr (GList) names = attributes != NULL ? json_object_get_members (attributes) : NULL;

  for (GList *at = names; at != NULL; at = at->next)
    {
      const char *one[] = { NULL, NULL };
      g_auto (GStrv) values = NULL;

      if (door_json_member_read_string (attributes, at->data, &one[0], NULL))
        values = g_strdupv ((char **) one);
      else if (!door_json_member_read_strings (attributes, at->data, &values, error))
        return false;
      g_variant_builder_add (&builder, "{s^as}", (const char *) at->data, values);
    }
  *out = door_claims_new (&subject, g_variant_builder_end (&builder));
  return true;
}

static bool
read_person (JsonObject *object, Person *person, GError **error)
{
  JsonObject *attributes = NULL;
  g_auto (GStrv) groups = NULL;

  if (!door_json_member_read_string (object, "email", &person->email, error) ||
      !door_json_member_read_object (object, "attributes", &attributes, error) ||
      !door_json_member_read_strings (object, "groups", &groups, error) ||
      !read_claims (attributes, &person->claims, error))
    return false;
  person->groups = door_identity_new ("preview", "preview");
  if (groups != NULL)
    door_identity_set_groups (person->groups, (const char *const *) groups, true);
  return true;
}

/* The roles of an account of that address, NULL when there is none. */
static bool
find_roles (DoorTxn *txn, const char *email, GPtrArray **roles, GError **error)
{
  g_autofree char *key = email != NULL ? door_administrator_dup_email_key (email) : NULL;
  g_autoptr (DoorAdministrator) known = NULL;

  if (key == NULL)
    return true;
  if (!door_administrator_store_lookup_by_email (txn, key, &known, error))
    return false;
  if (known == NULL)
    return true;
  *roles = door_administrator_store_list_roles (txn, known->id, error);
  return *roles != NULL;
}

static DoorCtlExit
report (DoorCtlContext *context, const GPtrArray *before, const GPtrArray *after)
{
  g_autofree char *old = before != NULL ? door_admin_roles_to_text (before) : NULL;
  g_autofree char *text = door_admin_roles_to_text (after);
  JsonObject *object = json_object_new ();

  if (!context->json)
    g_print ("now:    %s\nafter:  %s%s\n", old != NULL ? old : "no account", text,
             after->len == 0 ? ", so the sign-in would be refused" : "");
  door_ctl_output_set_text (object, "before", old);
  json_object_set_string_member (object, "after", text);
  context->result = door_ctl_output_take_object (object);
  return DOOR_CTL_OK;
}

/**
 * door_ctl_admin_preview:
 * @context: the run
 * @error: return location for an error
 *
 * `doorctl admin preview FILE`: which roles somebody would have after a sign-in, by the rules of `[admin]`.
 * Changes nothing. Blocks for the database.
 *
 * Returns: %DOOR_CTL_OK, %DOOR_CTL_PROBLEMS when the sign-in would be refused, or %DOOR_CTL_ERROR
 */
DoorCtlExit
door_ctl_admin_preview (DoorCtlContext *context, GError **error)
{
  g_autoptr (JsonObject) object = read_file (context->words[0], error);
  g_auto (Person) person = { NULL };
  g_autoptr (DoorCtlDatabase) database = NULL;
  g_autoptr (DoorPolicy) policy = NULL;
  g_autoptr (GPtrArray) before = NULL, after = NULL;
  DoorRoleQuestion question;

  if (object == NULL || !read_person (object, &person, error))
    return DOOR_CTL_ERROR;
  database = door_ctl_database_open (context->line, error);
  if (database == NULL || !find_roles (database->txn, person.email, &before, error))
    return DOOR_CTL_ERROR;
  policy = door_setup_make_policy (door_setup_get_config (database->setup));
  question = (DoorRoleQuestion){ policy, person.claims, person.groups, before };
  after = door_admin_roles_decide (&question, error);
  return after != NULL ? report (context, before, after) : DOOR_CTL_PROBLEMS;
}
