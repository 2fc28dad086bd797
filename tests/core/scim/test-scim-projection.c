/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-projection.h"
#include "scim.h"

#define ENTERPRISE DOOR_SCIM_ENTERPRISE_URN
#define FIXED "'schemas':['" DOOR_SCIM_USER_URN "'],'id':'7'"
#define NAME "'name':{'givenName':'Anna','familyName':'Chao'}"
#define EMAILS "'emails':[{'value':'w','type':'work'},{'value':'h'}]"
#define EXTENSION "'" ENTERPRISE "':{'department':'D','manager':{'value':'3'}}"
#define ANNA "{" FIXED ",'userName':'anna'," NAME "," EMAILS ",'password':'x'," EXTENSION "}"

/* RFC 7644 section 3.9 and RFC 7643 section 2.2: always, never, by default, on request. */
static void
test_names (void)
{
  static const struct
  {
    const char *attributes;
    const char *excluded;
    const char *answer;
  } cases[] = {
    { NULL, NULL, "{" FIXED ",'userName':'anna'," NAME "," EMAILS "," EXTENSION "}" },
    { "", "", "{" FIXED ",'userName':'anna'," NAME "," EMAILS "," EXTENSION "}" },
    { "userName", NULL, "{" FIXED ",'userName':'anna'}" },
    { " USERNAME , Name.GivenName", NULL, "{" FIXED ",'userName':'anna','name':{'givenName':'Anna'}}" },
    { "name.givenName,name", NULL, "{" FIXED "," NAME "}" },
    { "name,name.givenName", NULL, "{" FIXED "," NAME "}" },
    { "emails.value", NULL, "{" FIXED ",'emails':[{'value':'w'},{'value':'h'}]}" },
    { "emails.type", NULL, "{" FIXED ",'emails':[{'type':'work'}]}" },
    { "password,id", NULL, "{" FIXED "}" },
    { "nothing", NULL, "{" FIXED "}" },
    { ENTERPRISE, NULL, "{" FIXED "," EXTENSION "}" },
    { ENTERPRISE ":department", NULL, "{" FIXED ",'" ENTERPRISE "':{'department':'D'}}" },
    { ENTERPRISE ":manager.value", NULL, "{" FIXED ",'" ENTERPRISE "':{'manager':{'value':'3'}}}" },
    { DOOR_SCIM_USER_URN ":userName", NULL, "{" FIXED ",'userName':'anna'}" },
    { NULL, "emails,name.familyName," ENTERPRISE,
      "{" FIXED ",'userName':'anna','name':{'givenName':'Anna'}}" },
    { NULL, "id,schemas,userName,name,emails," ENTERPRISE ":manager",
      "{" FIXED ",'" ENTERPRISE "':{'department':'D'}}" },
    { "name", "name.familyName", "{" FIXED ",'name':{'givenName':'Anna'}}" },
  };
  g_autoptr (JsonObject) anna = parse_object (ANNA);

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorScimProjection) projection =
          door_scim_projection_parse (&user_type, cases[i].attributes, cases[i].excluded);
      g_autoptr (JsonObject) answer = door_scim_projection_apply (projection, anna);

      assert_object (answer, cases[i].answer,
                     cases[i].attributes != NULL ? cases[i].attributes : cases[i].excluded);
    }
}

/* Entra asks for groups without their members, which may be very many. */
static void
test_wants (void)
{
  g_autoptr (DoorScimProjection) all = door_scim_projection_parse (&group_type, NULL, NULL);
  g_autoptr (DoorScimProjection) without = door_scim_projection_parse (&group_type, NULL, "members");
  g_autoptr (DoorScimProjection) names = door_scim_projection_parse (&group_type, "displayName", NULL);
  g_autoptr (DoorScimProjection) some = door_scim_projection_parse (&group_type, "members.value", NULL);

  g_assert_true (door_scim_projection_wants (all, "members"));
  g_assert_false (door_scim_projection_wants (without, "members"));
  g_assert_false (door_scim_projection_wants (names, "members"));
  g_assert_true (door_scim_projection_wants (some, "members"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scim/projection/names", test_names);
  g_test_add_func ("/scim/projection/wants", test_wants);
  return g_test_run ();
}
