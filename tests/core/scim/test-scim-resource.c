/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scim.h"

#define SCHEMAS "'schemas':['" DOOR_SCIM_USER_URN "']"
#define ENTERPRISE "'" DOOR_SCIM_ENTERPRISE_URN "'"

static JsonObject *
read_resource (const DoorScimResourceType *type, DoorScimDialect dialect, const char *text, guint *n_warnings,
               GError **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  const DoorScimReader reader = { type, dialect, warnings };
  g_autoptr (JsonObject) from = parse_object (text);
  JsonObject *resource = door_scim_resource_read (&reader, from, error);

  *n_warnings = warnings->len;
  return resource;
}

typedef struct
{
  const char *from;
  const char *to;
  guint n_warnings;
} Case;

static void
assert_cases (DoorScimDialect dialect, const Case *cases, size_t n_cases)
{
  for (size_t i = 0; i < n_cases; i++)
    {
      g_autoptr (GError) error = NULL;
      guint n_warnings = 0;
      g_autoptr (JsonObject) resource =
          read_resource (&user_type, dialect, cases[i].from, &n_warnings, &error);

      if (resource == NULL)
        g_error ("%s: %s", cases[i].from, error->message);
      assert_object (resource, cases[i].to, cases[i].from);
      g_assert_cmpuint (n_warnings, ==, cases[i].n_warnings);
    }
}

/* RFC 7643 sections 2.1, 2.2, 2.5 and 3: names without case, what the server writes, and no values that are
 * none. */
static void
test_forms (void)
{
  static const Case cases[] = {
    { "{" SCHEMAS ",'USERNAME':'a','Name':{'GIVENNAME':'b'}}", "{'userName':'a','name':{'givenName':'b'}}",
      0 },
    { "{" SCHEMAS
      ",'userName':'a','id':'x','meta':{'version':'1'},'groups':[{'value':'g'}],'password':'secret'}",
      "{'userName':'a'}", 0 },
    { "{" SCHEMAS ",'userName':'a','title':null,'emails':[],'name':{},'roles':[null]}", "{'userName':'a'}",
      0 },
    { "{" SCHEMAS ",'userName':'a','shoeSize':42,'name':{'nick':'x'}}", "{'userName':'a'}", 2 },
    { "{" SCHEMAS ",'userName':'a','emails':[{'value':'m','primary':true},{'value':'n','primary':false}]}",
      "{'userName':'a','emails':[{'value':'m','primary':true},{'value':'n','primary':false}]}", 0 },
    { "{'schemas':['" DOOR_SCIM_USER_URN "','urn:x:y'],'userName':'a'}", "{'userName':'a'}", 1 },
    { "{" SCHEMAS ",'userName':'a'," ENTERPRISE
      ":{'Department':'D','manager':{'value':'3','displayName':'M'},'x':1}}",
      "{'userName':'a'," ENTERPRISE ":{'department':'D','manager':{'value':'3'}}}", 1 },
    { "{" SCHEMAS ",'userName':'a'," ENTERPRISE ":{}}", "{'userName':'a'}", 0 },
    { "{" SCHEMAS ",'userName':'a','title':''}", "{'userName':'a','title':''}", 0 },
  };

  assert_cases (DOOR_SCIM_STRICT, cases, G_N_ELEMENTS (cases));
}

static void
test_dialects (void)
{
  static const Case cases[] = {
    { "{'userName':'a'}", "{'userName':'a'}", 0 },
    { "{'userName':'a','active':'False'}", "{'userName':'a','active':false}", 0 },
    { "{'userName':'a','active':[{'value':'True'}]}", "{'userName':'a'}", 0 },
    { "{'userName':'a','title':'','name':{'familyName':''}}", "{'userName':'a'}", 0 },
    { "{'userName':'a'," ENTERPRISE ":{'manager':'3'}}",
      "{'userName':'a'," ENTERPRISE ":{'manager':{'value':'3'}}}", 0 },
    { "{'userName':'a'," ENTERPRISE ":{'manager':[{'value':'3'}]}}",
      "{'userName':'a'," ENTERPRISE ":{'manager':{'value':'3'}}}", 0 },
    { "{'userName':'a','emails':'m'}", "{'userName':'a','emails':[{'value':'m'}]}", 0 },
    { "{'userName':'a','emails':{'value':'m'}}", "{'userName':'a','emails':[{'value':'m'}]}", 0 },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint n_warnings;
      g_autoptr (JsonObject) strict =
          read_resource (&user_type, DOOR_SCIM_STRICT, cases[i].from, &n_warnings, NULL);

      g_assert_null (strict);
      if (i != 2) /* what was sent before 2018 and is no boolean at all */
        assert_cases (DOOR_SCIM_COMPATIBLE, &cases[i], 1);
    }
}

static void
test_refused (void)
{
  static const char *const texts[] = {
    "{'userName':'a'}",
    "{'schemas':'" DOOR_SCIM_USER_URN "','userName':'a'}",
    "{'schemas':['" DOOR_SCIM_GROUP_URN "'],'userName':'a'}",
    "{'schemas':[7],'userName':'a'}",
    "{" SCHEMAS "}",
    "{" SCHEMAS ",'userName':''}",
    "{" SCHEMAS ",'userName':'  '}",
    "{" SCHEMAS ",'userName':7}",
    "{" SCHEMAS ",'userName':['a']}",
    "{" SCHEMAS ",'userName':'a','username':'b'}",
    "{" SCHEMAS ",'userName':'a','active':'yes'}",
    "{" SCHEMAS ",'userName':'a','active':1}",
    "{" SCHEMAS ",'userName':'a','name':'b'}",
    "{" SCHEMAS ",'userName':'a','emails':{'value':'m'}}",
    "{" SCHEMAS ",'userName':'a','emails':['m']}",
    "{" SCHEMAS ",'userName':'a','emails':[{'value':'m','primary':true},{'value':'n','primary':true}]}",
    "{" SCHEMAS ",'userName':'a','emails':[{'value':'m','Value':'n'}]}",
    "{" SCHEMAS ",'userName':'a','x509Certificates':[{'value':'not base64'}]}",
    "{" SCHEMAS ",'userName':'a'," ENTERPRISE ":'x'}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      guint n_warnings;
      g_autoptr (JsonObject) resource =
          read_resource (&user_type, DOOR_SCIM_STRICT, texts[i], &n_warnings, &error);

      if (resource != NULL)
        g_error ("%s was read", texts[i]);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SCIM_VALUE);
    }
}

/* A sender may name hundreds of things that nobody knows. */
static void
test_warnings (void)
{
  GString *text = g_string_new ("{" SCHEMAS ",'userName':'a'");
  g_autoptr (GError) error = NULL;
  guint n_warnings = 0;
  g_autoptr (JsonObject) resource = NULL;

  for (int i = 0; i < 200; i++)
    g_string_append_printf (text, ",'x%d':1", i);
  g_string_append_c (text, '}');
  resource = read_resource (&user_type, DOOR_SCIM_STRICT, text->str, &n_warnings, &error);
  g_string_free (text, TRUE);
  g_assert_no_error (error);
  g_assert_cmpuint (n_warnings, ==, 100);
}

static void
test_groups (void)
{
  g_autoptr (GError) error = NULL;
  guint n_warnings = 0;
  g_autoptr (JsonObject) group =
      read_resource (&group_type, DOOR_SCIM_STRICT,
                     "{'schemas':['" DOOR_SCIM_GROUP_URN
                     "'],'displayName':'G','members':[{'value':'1','display':'A','type':'User'}]}",
                     &n_warnings, &error);
  g_autoptr (JsonObject) nameless = NULL;

  g_assert_no_error (error);
  assert_object (group, "{'displayName':'G','members':[{'value':'1','type':'User'}]}", "a group");
  nameless = read_resource (&group_type, DOOR_SCIM_STRICT, "{'schemas':['" DOOR_SCIM_GROUP_URN "']}",
                            &n_warnings, &error);
  g_assert_null (nameless);
  g_assert_nonnull (strstr (error->message, "displayName"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scim/resource/forms", test_forms);
  g_test_add_func ("/scim/resource/dialects", test_dialects);
  g_test_add_func ("/scim/resource/refused", test_refused);
  g_test_add_func ("/scim/resource/warnings", test_warnings);
  g_test_add_func ("/scim/resource/groups", test_groups);
  return g_test_run ();
}
