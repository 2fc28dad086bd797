/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-admin-roles.h"

#include <string.h>

#include "door-error.h"

#define FLEET "FLEET_JIT_USER_ROLE_"
#define OWN "DOORWARD_ROLE_"
#define GLOBAL "GLOBAL"
#define TEAM "TEAM_"
#define FLEET_TEAM "FLEET_"
/* names a provider that has to send something for everybody */
#define NOTHING "null"
#define MAX_TEAM_NUMBER G_MAXUINT32

/* What the attributes have said so far. */
typedef struct
{
  const DoorRoleQuestion *question;
  GPtrArray *grants;      /* DoorRoleGrant */
  const char *global;     /* (nullable): the attribute that names a role everywhere */
  const char *first_team; /* (nullable): the first that names one in a team */
} Found;

static bool G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_ROLE, "%s", text);
}

/**
 * door_role_grant_new:
 * @team: name of a team, "" for everywhere
 * @role: a role
 *
 * Returns: (transfer full): the role there
 */
DoorRoleGrant *
door_role_grant_new (const char *team, DoorRole role)
{
  DoorRoleGrant *self = g_new0 (DoorRoleGrant, 1);

  self->team = g_strdup (team);
  self->role = g_strdup (door_role_to_word (role));
  return self;
}

/* The roles that the spec has attributes for, and for attributes of our own the one that it does not know. */
static bool
is_role (const char *word, bool own)
{
  DoorRole role = door_role_from_word (word);

  return role != DOOR_ROLE_NONE && (own || role != DOOR_ROLE_HELPDESK);
}

/* The last value counts. */
static bool
read_value (const Found *found, const char *name, bool own, char **value, GError **error)
{
  g_auto (GStrv) values = door_claims_dup_strings (found->question->claims, name);
  guint n = g_strv_length (values);

  if (n == 0)
    return refuse (error, "%.100s: it has no value", name);
  if (strcmp (values[n - 1], NOTHING) != 0 && !is_role (values[n - 1], own))
    return refuse (error, "%.100s: \"%.100s\" is not a role", name, values[n - 1]);
  *value = g_strdup (values[n - 1]);
  return true;
}

static const DoorTeam *
find_team (const Found *found, const char *name, const char *id, bool own, GError **error)
{
  const DoorPolicy *policy = found->question->policy;
  const DoorTeam *team;
  guint64 number = 0;

  if (own)
    team = *id != '\0' ? door_policy_lookup_team (policy, id) : NULL;
  else if (!g_ascii_string_to_unsigned (id, 10, 0, MAX_TEAM_NUMBER, &number, NULL)) /* said here, with name */
    {
      refuse (error, "%.100s: \"%.100s\" is not the number of a team", name, id);
      return NULL;
    }
  else
    team = door_policy_lookup_team_by_id (policy, (int64_t) number);
  if (team == NULL)
    refuse (error, "%.100s: there is no team %.100s", name, id);
  return team;
}

static bool
has_team (const GPtrArray *grants, const char *team)
{
  for (guint i = 0; i < grants->len; i++)
    if (g_str_equal (((const DoorRoleGrant *) g_ptr_array_index (grants, i))->team, team))
      return true;
  return false;
}

static bool
take_role (Found *found, const char *name, const char *team, const char *value, GError **error)
{
  bool global = *team == '\0';

  if (has_team (found->grants, team) || (!global && door_claims_is_repeated (found->question->claims, name)))
    return refuse (error, "%.100s: \"%.100s\" is one role too many %s%s", name, value,
                   global ? "everywhere" : "in the team ", team);
  if (global)
    found->global = name;
  else if (found->first_team == NULL)
    found->first_team = name;
  g_ptr_array_add (found->grants, door_role_grant_new (team, door_role_from_word (value)));
  return true;
}

/* One attribute: nothing of ours, or a role. */
static bool
take_attribute (Found *found, const char *name, bool own, GError **error)
{
  const char *rest = name + strlen (own ? OWN : FLEET), *id = NULL;
  const DoorTeam *team = NULL;
  g_autofree char *value = NULL;

  if (g_str_has_prefix (rest, TEAM))
    id = rest + strlen (TEAM);
  else if (!own && g_str_has_prefix (rest, FLEET_TEAM))
    id = rest + strlen (FLEET_TEAM);
  else if (strcmp (rest, GLOBAL) != 0)
    return true;
  if (!read_value (found, name, own, &value, error))
    return false;
  if (strcmp (value, NOTHING) == 0)
    return true;
  if (id != NULL && (team = find_team (found, name, id, own, error)) == NULL)
    return false;
  return take_role (found, name, team != NULL ? team->name : "", value, error);
}

static bool
read_attributes (Found *found, GError **error)
{
  const DoorAdminRules *rules = door_policy_get_admin_rules (found->question->policy);
  GVariantIter iter;
  const char *name;

  g_variant_iter_init (&iter, door_claims_get_values (found->question->claims));
  while (g_variant_iter_loop (&iter, "{&s@as}", &name, NULL))
    {
      bool fleet = rules->fleet_attributes && g_str_has_prefix (name, FLEET);
      bool own = rules->own_attributes && g_str_has_prefix (name, OWN);

      if ((fleet || own) && !take_attribute (found, name, own, error))
        return false;
    }
  if (found->global == NULL || found->first_team == NULL)
    return true;
  return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ADM_ROLECONFLICT,
                         "%.100s and %.100s: a role everywhere and one in a team exclude each other",
                         found->global, found->first_team);
}

/**
 * door_admin_roles_is_attribute:
 * @name: name of an attribute
 *
 * Returns: whether it can name a role, if `[admin]` says so
 */
bool
door_admin_roles_is_attribute (const char *name)
{
  return g_str_has_prefix (name, FLEET) || g_str_has_prefix (name, OWN);
}

/**
 * door_admin_roles_depend_on_groups:
 * @policy: teams, and what `[admin]` says
 *
 * Returns: whether a group can give a role
 */
bool
door_admin_roles_depend_on_groups (const DoorPolicy *policy)
{
  const GPtrArray *teams = door_policy_get_teams (policy);

  for (guint i = 0; i < teams->len; i++)
    if (door_role_groups_any (&((const DoorTeam *) g_ptr_array_index (teams, i))->role_groups))
      return true;
  return door_role_groups_any (&door_policy_get_admin_rules (policy)->groups);
}

/* A role everywhere leaves those in teams out: nobody has both. */
static bool
read_groups (Found *found, GError **error)
{
  const DoorPolicy *policy = found->question->policy;
  const DoorIdentity *identity = found->question->groups;
  const GPtrArray *teams = door_policy_get_teams (policy);
  const char *const *groups;
  DoorRole role;

  if (identity == NULL || !door_admin_roles_depend_on_groups (policy))
    return true;
  if (!door_identity_groups_complete (identity))
    return door_error_set (error, DOOR_ERROR_NOT_ALLOWED, DOOR_FAULT_ID_GROUP,
                           "the provider did not send all groups, and roles depend on them");
  groups = door_identity_get_groups (identity);
  role = door_role_groups_find (&door_policy_get_admin_rules (policy)->groups, groups);
  if (role != DOOR_ROLE_NONE)
    {
      g_ptr_array_add (found->grants, door_role_grant_new ("", role));
      return true;
    }
  for (guint i = 0; i < teams->len; i++)
    {
      const DoorTeam *team = g_ptr_array_index (teams, i);

      role = door_role_groups_find (&team->role_groups, groups);
      if (role != DOOR_ROLE_NONE)
        g_ptr_array_add (found->grants, door_role_grant_new (team->name, role));
    }
  return true;
}

static int
compare_grants (gconstpointer a, gconstpointer b)
{
  const DoorRoleGrant *const *one = a, *const *other = b;

  return strcmp ((*one)->team, (*other)->team);
}

/**
 * door_admin_roles_check:
 * @grants: (inout) (element-type DoorRoleGrant): roles that somebody wrote; they are put in the order of
 * teams
 * @policy: teams
 * @error: return location for an error
 *
 * Whether an administrator can have these roles: each is one, its team exists, no team stands twice, and a
 * role everywhere stands alone. Pure.
 *
 * Returns: false with %DOOR_ERROR_INVALID_DATA
 */
bool
door_admin_roles_check (GPtrArray *grants, const DoorPolicy *policy, GError **error)
{
  g_ptr_array_sort (grants, compare_grants);
  for (guint i = 0; i < grants->len; i++)
    {
      const DoorRoleGrant *grant = g_ptr_array_index (grants, i);
      const DoorRoleGrant *before = i > 0 ? g_ptr_array_index (grants, i - 1) : NULL;

      if (door_role_from_word (grant->role) == DOOR_ROLE_NONE)
        return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                               "\"%.100s\" is not a role", grant->role);
      if (*grant->team != '\0' && door_policy_lookup_team (policy, grant->team) == NULL)
        return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                               "there is no team %.100s; a group [team/NAME] of the configuration makes one",
                               grant->team);
      if (before != NULL && (*before->team == '\0' || g_str_equal (before->team, grant->team)))
        return door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                               "a role everywhere excludes others, and a team has one role");
    }
  return grants->len > 0 || door_error_set (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_HTTP_BADREQUEST,
                                            "an administrator needs a role");
}

/**
 * door_admin_roles_copy:
 * @grants: (element-type DoorRoleGrant): roles
 *
 * Returns: (transfer full) (element-type DoorRoleGrant): the same
 */
GPtrArray *
door_admin_roles_copy (const GPtrArray *grants)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify) door_role_grant_free);

  for (guint i = 0; i < grants->len; i++)
    {
      const DoorRoleGrant *grant = g_ptr_array_index (grants, i);

      g_ptr_array_add (copy, door_role_grant_new (grant->team, door_role_from_word (grant->role)));
    }
  return copy;
}

/**
 * door_admin_roles_equal:
 * @a: (element-type DoorRoleGrant): roles, ordered by team
 * @b: (element-type DoorRoleGrant): roles, ordered by team
 *
 * Returns: whether they are the same
 */
bool
door_admin_roles_equal (const GPtrArray *a, const GPtrArray *b)
{
  if (a->len != b->len)
    return false;
  for (guint i = 0; i < a->len; i++)
    {
      const DoorRoleGrant *one = g_ptr_array_index (a, i), *other = g_ptr_array_index (b, i);

      if (!g_str_equal (one->team, other->team) || !g_str_equal (one->role, other->role))
        return false;
    }
  return true;
}

/**
 * door_admin_roles_have_global_admin:
 * @grants: (element-type DoorRoleGrant): roles
 *
 * Returns: whether the role admin everywhere is among them
 */
bool
door_admin_roles_have_global_admin (const GPtrArray *grants)
{
  for (guint i = 0; i < grants->len; i++)
    {
      const DoorRoleGrant *grant = g_ptr_array_index (grants, i);

      if (*grant->team == '\0' && door_role_from_word (grant->role) == DOOR_ROLE_ADMIN)
        return true;
    }
  return false;
}

/**
 * door_admin_roles_to_text:
 * @grants: (element-type DoorRoleGrant): roles
 *
 * Returns: (transfer full): "admin", "observer in red, maintainer in blue", or "none"
 */
char *
door_admin_roles_to_text (const GPtrArray *grants)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < grants->len; i++)
    {
      const DoorRoleGrant *grant = g_ptr_array_index (grants, i);
      bool in_team = *grant->team != '\0';

      g_string_append_printf (text, "%s%s%s%s", i > 0 ? ", " : "", grant->role, in_team ? " in " : "",
                              grant->team);
    }
  return g_string_free (grants->len > 0 ? text : g_string_assign (text, "none"), FALSE);
}

/* What the account has when the provider names no role. */
static GPtrArray *
fall_back (const DoorRoleQuestion *question, Found *found)
{
  const DoorAdminRules *rules = door_policy_get_admin_rules (question->policy);

  if (question->before != NULL && rules->role_sync != DOOR_ROLE_SYNC_AUTHORITATIVE)
    return door_admin_roles_copy (question->before);
  if (rules->default_role != DOOR_ROLE_NONE)
    g_ptr_array_add (found->grants, door_role_grant_new ("", rules->default_role));
  return g_ptr_array_ref (found->grants);
}

/**
 * door_admin_roles_decide:
 * @question: who signs in
 * @error: return location for an error
 *
 * Decides by the attributes FLEET_JIT_USER_ROLE_… and DOORWARD_ROLE_…, whose names are taken letter by letter
 * and whose last value counts; "null" is as good as no attribute. Where they name no role the groups do.
 * Where these do not either, an account keeps its roles, unless the provider decides alone, and a new one
 * gets DefaultRole. Pure; any thread.
 *
 * Returns: (transfer full) (element-type DoorRoleGrant): the roles from now on, ordered by team, possibly
 *   none; %NULL with %DOOR_FAULT_ADM_ROLE, which names attribute and value, %DOOR_FAULT_ADM_ROLECONFLICT, or
 *   %DOOR_FAULT_ID_GROUP
 */
GPtrArray *
door_admin_roles_decide (const DoorRoleQuestion *question, GError **error)
{
  const DoorAdminRules *rules = door_policy_get_admin_rules (question->policy);
  g_autoptr (GPtrArray) grants = g_ptr_array_new_with_free_func ((GDestroyNotify) door_role_grant_free);
  Found found = { question, grants, NULL, NULL };

  if (question->before != NULL && rules->role_sync == DOOR_ROLE_SYNC_FIRST_LOGIN)
    return door_admin_roles_copy (question->before);
  if (!read_attributes (&found, error))
    return NULL;
  if (grants->len == 0 && !read_groups (&found, error))
    return NULL;
  if (grants->len == 0)
    return fall_back (question, &found);
  g_ptr_array_sort (grants, compare_grants);
  return g_steal_pointer (&grants);
}
