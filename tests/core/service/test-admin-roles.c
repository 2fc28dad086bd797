/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-admin-roles.h"
#include "door-error.h"
#include "door-role-claims.h"
#include "world.h"

#define GLOBAL "FLEET_JIT_USER_ROLE_GLOBAL"
#define TEAM(id) "FLEET_JIT_USER_ROLE_TEAM_" id
#define FLEET(id) "FLEET_JIT_USER_ROLE_FLEET_" id
#define OWN_GLOBAL "DOORWARD_ROLE_GLOBAL"
#define OWN_TEAM(name) "DOORWARD_ROLE_TEAM_" name
#define TEAMS                                                                                                \
  "[team/red]\nId=1\nAdminGroups=red-admins\nObserverGroups=staff\n"                                         \
  "[team/blue]\nId=2\nHelpdeskGroups=staff;help\n[team/plain]\nTitle=No number\n"

/* Attributes as NAME=VALUE,VALUE separated by spaces; "!" behind a name: the attribute stands there twice. */
static DoorClaims *
make_claims (const char *text)
{
  const DoorSubject subject = { .issuer = "https://idp.example.com", .value = "ada" };
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sas}"));
  g_auto (GStrv) items = g_strsplit (text, " ", -1);
  g_autoptr (GPtrArray) repeated = g_ptr_array_new_with_free_func (g_free);
  DoorClaims *claims;

  for (char **item = items; *item != NULL && **item != '\0'; item++)
    {
      char *equals = strchr (*item, '=');
      g_auto (GStrv) values = g_strsplit (equals + 1, ",", -1);
      bool none = equals[1] == '\0';

      *equals = '\0';
      if (g_str_has_suffix (*item, "!"))
        {
          (*item)[strlen (*item) - 1] = '\0';
          g_ptr_array_add (repeated, g_strdup (*item));
        }
      g_variant_builder_add (&builder, "{s@as}", *item,
                             g_variant_new_strv ((const char *const *) values, none ? 0 : -1));
    }
  claims = door_claims_new (&subject, g_variant_builder_end (&builder));
  g_ptr_array_add (repeated, NULL);
  door_claims_set_repeated (claims, (const char *const *) repeated->pdata);
  return claims;
}

/* "admin", "observer in red, maintainer in blue", "" for none at all and "-" for no account. */
static GPtrArray *
make_grants (const char *text)
{
  g_auto (GStrv) items = g_strsplit (text, ", ", -1);
  GPtrArray *grants;

  if (g_str_equal (text, "-"))
    return NULL;
  grants = g_ptr_array_new_with_free_func ((GDestroyNotify) door_role_grant_free);
  for (char **item = items; *item != NULL; item++)
    {
      g_auto (GStrv) parts = g_strsplit (*item, " in ", 2);

      if (parts[0] != NULL)
        g_ptr_array_add (
            grants, door_role_grant_new (parts[1] != NULL ? parts[1] : "", door_role_from_word (parts[0])));
    }
  return grants;
}

typedef struct
{
  const char *admin; /* keys of [admin] */
  const char *claims;
  const char *groups; /* (nullable) separated by ";"; a "+" in front: not all of them */
  const char *before;
  const char *after; /* (nullable): refused */
  DoorFault fault;
  const char *says; /* (nullable): what the error names */
} Case;

static GPtrArray *
decide_by_record (const DoorRoleQuestion *question, GError **error)
{
  g_autofree char *text = door_role_claims_build (question->claims, question->groups,
                                                  door_admin_roles_depend_on_groups (question->policy));
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (DoorClaims) claims = NULL;
  g_autoptr (DoorIdentity) identity = NULL;
  DoorRoleQuestion again = *question;

  g_assert_null (strstr (text, "ada"));
  g_assert_null (strstr (text, "mail"));
  g_assert_true (door_role_claims_parse (bytes, &claims, &identity, error));
  again.claims = claims;
  again.groups = identity;
  return door_admin_roles_decide (&again, error);
}

/* @by_record: by what the record of a sign-in keeps, which must come to the same */
static void
check (const World *world, const Case *test, bool by_record)
{
  g_autoptr (DoorClaims) claims = make_claims (test->claims);
  g_autoptr (DoorIdentity) identity = door_identity_new ("https://idp.example.com", "ada");
  g_autoptr (GPtrArray) before = make_grants (test->before), after = NULL;
  const DoorRoleQuestion question = { world->policy, claims, identity, before };
  g_autoptr (GError) error = NULL;

  if (test->groups != NULL)
    {
      bool complete = *test->groups != '+';
      g_auto (GStrv) groups = g_strsplit (test->groups + (complete ? 0 : 1), ";", -1);

      door_identity_set_groups (identity, (const char *const *) groups, complete);
    }
  g_test_message ("%s: %s", test->admin, test->claims);
  after = by_record ? decide_by_record (&question, &error) : door_admin_roles_decide (&question, &error);
  if (test->after == NULL)
    {
      g_assert_null (after);
      assert_fault (error, DOOR_ERROR_NOT_ALLOWED, test->fault);
      g_assert_nonnull (strstr (error->message, test->says));
      return;
    }
  g_assert_no_error (error);
  {
    g_autofree char *text = door_admin_roles_to_text (after);

    g_assert_cmpstr (text, ==, test->after);
  }
}

/* One server for all cases in a row that have the same configuration. */
static void
check_all (const Case *cases, size_t n_cases)
{
  g_autoptr (World) world = NULL;

  for (size_t i = 0; i < n_cases; i++)
    {
      if (i == 0 || !g_str_equal (cases[i].admin, cases[i - 1].admin))
        {
          g_autofree char *config = g_strdup_printf ("[admin]\nJit=true\n%s" TEAMS, cases[i].admin);

          g_clear_pointer (&world, world_free);
          world = world_new (config);
        }
      check (world, &cases[i], false);
      check (world, &cases[i], true);
    }
}

/* What the spec says, case by case. */
static void
test_spec (void)
{
  static const Case cases[] = {
    /* none: a new account is Global Observer, an account keeps what it has */
    { "", "", NULL, "-", "observer", 0, NULL },
    { "", "", NULL, "admin", "admin", 0, NULL },
    { "", "mail=a@b.example", NULL, "maintainer in red", "maintainer in red", 0, NULL },
    /* the roles */
    { "", GLOBAL "=admin", NULL, "-", "admin", 0, NULL },
    { "", GLOBAL "=maintainer", NULL, "-", "maintainer", 0, NULL },
    { "", GLOBAL "=observer", NULL, "-", "observer", 0, NULL },
    { "", GLOBAL "=observer_plus", NULL, "-", "observer_plus", 0, NULL },
    { "", GLOBAL "=technician", NULL, "-", "technician", 0, NULL },
    { "", TEAM ("1") "=observer " TEAM ("2") "=maintainer", NULL, "-", "maintainer in blue, observer in red",
      0, NULL },
    { "", FLEET ("1") "=observer " TEAM ("2") "=admin", NULL, "-", "admin in blue, observer in red", 0,
      NULL },
    /* they replace what was there */
    { "", GLOBAL "=observer", NULL, "admin", "observer", 0, NULL },
    { "", TEAM ("1") "=observer", NULL, "admin", "observer in red", 0, NULL },
    { "", GLOBAL "=observer", NULL, "admin in red", "observer", 0, NULL },
    /* null is no attribute */
    { "", GLOBAL "=null", NULL, "-", "observer", 0, NULL },
    { "", GLOBAL "=null", NULL, "admin", "admin", 0, NULL },
    { "", GLOBAL "=null " TEAM ("1") "=admin", NULL, "-", "admin in red", 0, NULL },
    { "", GLOBAL "=admin " TEAM ("1") "=null", NULL, "-", "admin", 0, NULL },
    { "", TEAM ("99") "=null", NULL, "-", "observer", 0, NULL },
    /* the last value counts */
    { "", GLOBAL "=observer,admin", NULL, "-", "admin", 0, NULL },
    { "", GLOBAL "=admin,null", NULL, "-", "observer", 0, NULL },
    { "", GLOBAL "=nonsense,maintainer", NULL, "-", "maintainer", 0, NULL },
    /* twice the same team */
    { "", TEAM ("1") "=admin " FLEET ("1") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "red" },
    { "", TEAM ("1") "=admin " TEAM ("01") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "red" },
    { "", TEAM ("1") "!=observer,admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "red" },
    { "", TEAM ("1") "=observer,admin", NULL, "-", "admin in red", 0, NULL },
    /* everywhere and in a team */
    { "", GLOBAL "=admin " TEAM ("1") "=observer", NULL, "-", NULL, DOOR_FAULT_ADM_ROLECONFLICT, GLOBAL },
    { "", TEAM ("2") "=admin " GLOBAL "=observer", NULL, "admin", NULL, DOOR_FAULT_ADM_ROLECONFLICT,
      TEAM ("2") },
  };

  check_all (cases, G_N_ELEMENTS (cases));
}

/* Names and values are taken letter by letter, and what is wrong is named. */
static void
test_wrong (void)
{
  static const Case cases[] = {
    { "", "fleet_jit_user_role_global=admin", NULL, "-", "observer", 0, NULL },
    { "", "XFLEET_JIT_USER_ROLE_GLOBAL=admin", NULL, "-", "observer", 0, NULL },
    { "", "FLEET_JIT_USER_ROLE_GLOBAL2=admin", NULL, "-", "observer", 0, NULL },
    { "", GLOBAL "=Admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "\"Admin\"" },
    { "", GLOBAL "=owner", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, GLOBAL },
    { "", GLOBAL "=owner", NULL, "admin", NULL, DOOR_FAULT_ADM_ROLE, "\"owner\"" },
    { "", GLOBAL "=helpdesk", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "helpdesk" },
    { "", GLOBAL "=", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, GLOBAL },
    { "", TEAM ("1") "=", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, TEAM ("1") },
    { "", GLOBAL "=admin,owner", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "owner" },
    { "", TEAM ("3") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, TEAM ("3") },
    { "", TEAM ("0") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, TEAM ("0") },
    { "", TEAM ("") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "number" },
    { "", TEAM ("red") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "\"red\"" },
    { "", TEAM ("-1") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "\"-1\"" },
    { "", TEAM ("1x") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "\"1x\"" },
    { "", TEAM ("4294967297") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "4294967297" },
  };

  check_all (cases, G_N_ELEMENTS (cases));
}

/* What goes beyond the spec. */
static void
test_own (void)
{
  static const Case cases[] = {
    { "", OWN_GLOBAL "=helpdesk", NULL, "-", "helpdesk", 0, NULL },
    { "", OWN_TEAM ("red") "=helpdesk " OWN_TEAM ("plain") "=admin", NULL, "-",
      "admin in plain, helpdesk in red", 0, NULL },
    { "", OWN_TEAM ("1") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "no team 1" },
    { "", OWN_TEAM ("") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "no team" },
    { "", OWN_GLOBAL "=admin " GLOBAL "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "too many" },
    { "", OWN_TEAM ("red") "=admin " TEAM ("1") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLE, "too many" },
    { "", OWN_GLOBAL "=admin " TEAM ("1") "=admin", NULL, "-", NULL, DOOR_FAULT_ADM_ROLECONFLICT, "exclude" },
    { "RoleAttributes=fleet\n", OWN_GLOBAL "=admin", NULL, "-", "observer", 0, NULL },
    { "RoleAttributes=fleet\n", GLOBAL "=admin", NULL, "-", "admin", 0, NULL },
    { "RoleAttributes=doorward\n", GLOBAL "=admin", NULL, "-", "observer", 0, NULL },
    { "RoleAttributes=doorward\n", OWN_GLOBAL "=admin", NULL, "-", "admin", 0, NULL },
    { "RoleAttributes=none\n", OWN_GLOBAL "=admin " GLOBAL "=owner", NULL, "-", "observer", 0, NULL },
    { "DefaultRole=none\n", "", NULL, "-", "none", 0, NULL },
    { "DefaultRole=none\n", "", NULL, "admin", "admin", 0, NULL },
  };

  check_all (cases, G_N_ELEMENTS (cases));
}

#define GROUPS "AdminGroups=root\nMaintainerGroups=mac;lab\nHelpdeskGroups=desk\nObserverGroups=all\n"

static void
test_groups (void)
{
  static const Case cases[] = {
    { GROUPS, "", "root", "-", "admin", 0, NULL },
    { GROUPS, "", "all;lab", "-", "maintainer", 0, NULL },
    { GROUPS, "", "all;desk", "-", "helpdesk", 0, NULL },
    { GROUPS, "", "Root", "-", "observer", 0, NULL },
    { GROUPS, "", "staff", "-", "helpdesk in blue, observer in red", 0, NULL },
    { GROUPS, "", "staff;red-admins", "-", "helpdesk in blue, admin in red", 0, NULL },
    { GROUPS, "", "staff;all", "-", "observer", 0, NULL }, /* everywhere leaves the teams out */
    { GROUPS, "", "none", "maintainer", "maintainer", 0, NULL },
    { GROUPS, "", "desk", "maintainer", "helpdesk", 0, NULL },
    { GROUPS, GLOBAL "=observer", "root", "-", "observer", 0, NULL }, /* attributes win */
    { GROUPS, GLOBAL "=null", "root", "-", "admin", 0, NULL },
    { GROUPS, "", "+desk", "-", NULL, DOOR_FAULT_ID_GROUP, "all groups" },
    { GROUPS, GLOBAL "=admin", "+desk", "-", "admin", 0, NULL },
    { "", "", "help", "-", "helpdesk in blue", 0, NULL },
  };

  check_all (cases, G_N_ELEMENTS (cases));
}

static void
test_sync (void)
{
#define FIRST "RoleSync=first-login\n"
#define ALONE "RoleSync=authoritative\n"
  static const Case cases[] = {
    { FIRST, GLOBAL "=admin", NULL, "-", "admin", 0, NULL },
    { FIRST, GLOBAL "=admin", NULL, "observer", "observer", 0, NULL },
    { FIRST, GLOBAL "=nonsense", NULL, "observer", "observer", 0, NULL },
    { ALONE, "", NULL, "admin", "observer", 0, NULL },
    { ALONE, GLOBAL "=null", NULL, "admin", "observer", 0, NULL },
    { ALONE "DefaultRole=none\n", "", NULL, "admin", "none", 0, NULL },
    { ALONE, TEAM ("1") "=admin", NULL, "admin in red, admin in blue", "admin in red", 0, NULL },
    { ALONE GROUPS, "", "desk", "admin", "helpdesk", 0, NULL },
    { ALONE GROUPS, "", "other", "admin", "observer", 0, NULL },
  };

  check_all (cases, G_N_ELEMENTS (cases));
}

/* Too many groups are as good as not all of them, and where none matters none is kept. */
static void
test_record_of_groups (void)
{
  g_autoptr (DoorClaims) claims = make_claims ("mail=a@b.example");
  g_autoptr (DoorIdentity) identity = door_identity_new ("https://idp.example.com", "ada");
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_free);
  static const struct
  {
    unsigned int n;
    bool matter, complete;
  } cases[] = { { 2, true, true }, { 2, false, false }, { 500, true, true }, { 501, true, false } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = NULL;
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (DoorClaims) read = NULL;
      g_autoptr (DoorIdentity) found = NULL;
      g_autoptr (GError) error = NULL;

      g_ptr_array_set_size (groups, 0);
      for (unsigned int j = 0; j < cases[i].n; j++)
        g_ptr_array_add (groups, g_strdup_printf ("group-%u", j));
      g_ptr_array_add (groups, NULL);
      door_identity_set_groups (identity, (const char *const *) groups->pdata, true);
      text = door_role_claims_build (claims, identity, cases[i].matter);
      bytes = g_bytes_new (text, strlen (text));
      g_assert_true (door_role_claims_parse (bytes, &read, &found, &error));
      g_assert_no_error (error);
      g_assert_cmpint (door_identity_groups_complete (found), ==, cases[i].complete);
      g_assert_cmpuint (g_strv_length ((char **) door_identity_get_groups (found)), ==,
                        cases[i].complete ? cases[i].n : 0);
    }
}

static void
add (void)
{
  g_test_add_func ("/admin-roles/spec", test_spec);
  g_test_add_func ("/admin-roles/wrong", test_wrong);
  g_test_add_func ("/admin-roles/own", test_own);
  g_test_add_func ("/admin-roles/groups", test_groups);
  g_test_add_func ("/admin-roles/sync", test_sync);
  g_test_add_func ("/admin-roles/record-of-groups", test_record_of_groups);
}

int
main (int argc, char **argv)
{
  return world_run (argc, argv, add);
}
