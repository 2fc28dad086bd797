/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scim.h"

#define SCHEMAS "'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp']"
#define ENTERPRISE DOOR_SCIM_ENTERPRISE_URN
#define ANNA                                                                                                 \
  "{'userName':'anna','active':true,'name':{'givenName':'Anna','familyName':'Chao'},"                        \
  "'emails':[{'value':'w','type':'work','primary':true},{'value':'h','type':'home'}]}"

/* Operations on a user, with what stands around them. */
static JsonObject *
patch (DoorScimDialect dialect, const char *before, const char *operations, guint *n_warnings, GError **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  const DoorScimReader reader = { &user_type, dialect, warnings };
  g_autofree char *text = g_strdup_printf ("{" SCHEMAS ",'Operations':%s}", operations);
  g_autoptr (JsonObject) message = parse_object (text), resource = parse_object (before);
  g_autoptr (GPtrArray) ops = door_scim_patch_parse (&reader, message, error);

  for (guint i = 0; ops != NULL && i < ops->len; i++)
    if (!door_scim_patch_apply (&reader, g_ptr_array_index (ops, i), resource, error))
      return NULL;
  *n_warnings = warnings->len;
  if (ops == NULL || !door_scim_resource_check (&reader, resource, error))
    return NULL;
  return g_steal_pointer (&resource);
}

typedef struct
{
  const char *before;
  const char *operations;
  const char *after;
} Case;

static void
assert_cases (DoorScimDialect dialect, const Case *cases, size_t n_cases)
{
  for (size_t i = 0; i < n_cases; i++)
    {
      g_autoptr (GError) error = NULL;
      guint n_warnings = 0;
      g_autoptr (JsonObject) after =
          patch (dialect, cases[i].before, cases[i].operations, &n_warnings, &error);

      if (after == NULL)
        g_error ("%s: %s", cases[i].operations, error->message);
      assert_object (after, cases[i].after, cases[i].operations);
    }
}

/* RFC 7644 section 3.5.2.1. */
static void
test_add (void)
{
  static const Case cases[] = {
    { "{'userName':'a'}", "[{'op':'add','path':'title','value':'T'}]", "{'userName':'a','title':'T'}" },
    { "{'userName':'a'}", "[{'op':'add','path':'name.givenName','value':'A'}]",
      "{'userName':'a','name':{'givenName':'A'}}" },
    { "{'userName':'a','name':{'givenName':'A'}}", "[{'op':'add','path':'name','value':{'familyName':'B'}}]",
      "{'userName':'a','name':{'givenName':'A','familyName':'B'}}" },
    { "{'userName':'a'}", "[{'op':'add','path':'emails','value':[{'value':'m'}]}]",
      "{'userName':'a','emails':[{'value':'m'}]}" },
    { "{'userName':'a'}", "[{'op':'add','path':'emails','value':{'value':'m'}}]",
      "{'userName':'a','emails':[{'value':'m'}]}" },
    { "{'userName':'a','emails':[{'value':'m'}]}",
      "[{'op':'add','path':'emails','value':[{'value':'m'},{'value':'n'}]}]",
      "{'userName':'a','emails':[{'value':'m'},{'value':'n'}]}" },
    { ANNA, "[{'op':'add','path':'emails','value':[{'value':'n','primary':true}]}]",
      "{'userName':'anna','active':true,'name':{'givenName':'Anna','familyName':'Chao'},"
      "'emails':[{'value':'w','type':'work'},{'value':'h','type':'home'},{'value':'n','primary':true}]}" },
    { "{'userName':'a'}",
      "[{'op':'add','value':{'title':'T','emails':[{'value':'m'}],'" ENTERPRISE "':{'department':'D'}}}]",
      "{'userName':'a','title':'T','emails':[{'value':'m'}],'" ENTERPRISE "':{'department':'D'}}" },
    { "{'userName':'a'}", "[{'op':'add','path':'" ENTERPRISE ":department','value':'D'}]",
      "{'userName':'a','" ENTERPRISE "':{'department':'D'}}" },
    { "{'userName':'a'}", "[{'op':'add','path':'" ENTERPRISE "','value':{'department':'D'}}]",
      "{'userName':'a','" ENTERPRISE "':{'department':'D'}}" },
    { "{'userName':'a'}", "[{'op':'add','path':'" DOOR_SCIM_USER_URN ":title','value':'T'}]",
      "{'userName':'a','title':'T'}" },
    { "{'userName':'a'}", "[{'op':'add','path':'password','value':'secret'}]", "{'userName':'a'}" },
  };

  assert_cases (DOOR_SCIM_STRICT, cases, G_N_ELEMENTS (cases));
}

/* RFC 7644 section 3.5.2.2. */
static void
test_remove (void)
{
  static const Case cases[] = {
    { "{'userName':'a','title':'T'}", "[{'op':'remove','path':'title'}]", "{'userName':'a'}" },
    { "{'userName':'a'}", "[{'op':'remove','path':'title'}]", "{'userName':'a'}" },
    { "{'userName':'a','name':{'givenName':'A'}}", "[{'op':'remove','path':'name.givenName'}]",
      "{'userName':'a'}" },
    { "{'userName':'a','name':{'givenName':'A','familyName':'B'}}", "[{'op':'remove','path':'name'}]",
      "{'userName':'a'}" },
    { "{'userName':'a','emails':[{'value':'m'}]}", "[{'op':'remove','path':'emails'}]", "{'userName':'a'}" },
    { "{'userName':'a','emails':[{'value':'m','type':'work'},{'value':'n','type':'home'}]}",
      "[{'op':'remove','path':'emails[type eq \\'work\\']'}]",
      "{'userName':'a','emails':[{'value':'n','type':'home'}]}" },
    { "{'userName':'a','emails':[{'value':'m','type':'work'}]}",
      "[{'op':'remove','path':'emails[value eq \\'m\\']'}]", "{'userName':'a'}" },
    { "{'userName':'a','emails':[{'value':'m','type':'work'}]}",
      "[{'op':'remove','path':'emails[type eq \\'work\\'].type'}]",
      "{'userName':'a','emails':[{'value':'m'}]}" },
    { "{'userName':'a','emails':[{'value':'m'}]}", "[{'op':'remove','path':'emails[type eq \\'x\\']'}]",
      "{'userName':'a','emails':[{'value':'m'}]}" },
    /* what is sent with it says which: by the letter all would go */
    { "{'userName':'a','emails':[{'value':'m','type':'work'},{'value':'n'}]}",
      "[{'op':'remove','path':'emails','value':[{'value':'m'}]}]",
      "{'userName':'a','emails':[{'value':'n'}]}" },
    { "{'userName':'a','" ENTERPRISE "':{'department':'D'}}",
      "[{'op':'remove','path':'" ENTERPRISE ":department'}]", "{'userName':'a'}" },
  };

  assert_cases (DOOR_SCIM_STRICT, cases, G_N_ELEMENTS (cases));
}

/* RFC 7644 section 3.5.2.3. */
static void
test_replace (void)
{
  static const Case cases[] = {
    { "{'userName':'a'}", "[{'op':'replace','path':'userName','value':'b'}]", "{'userName':'b'}" },
    { "{'userName':'a'}", "[{'op':'replace','path':'title','value':'T'}]", "{'userName':'a','title':'T'}" },
    { "{'userName':'a','active':true}", "[{'op':'replace','value':{'active':false}}]",
      "{'userName':'a','active':false}" },
    { "{'userName':'a','name':{'givenName':'A','familyName':'B'}}",
      "[{'op':'replace','path':'name','value':{'givenName':'C'}}]",
      "{'userName':'a','name':{'givenName':'C','familyName':'B'}}" },
    { "{'userName':'a','emails':[{'value':'m'}]}",
      "[{'op':'replace','path':'emails','value':[{'value':'n'}]}]",
      "{'userName':'a','emails':[{'value':'n'}]}" },
    { "{'userName':'a','emails':[{'value':'m'}]}", "[{'op':'replace','path':'emails','value':[]}]",
      "{'userName':'a'}" },
    { "{'userName':'a','emails':[{'value':'m','type':'work'},{'value':'n','type':'home'}]}",
      "[{'op':'replace','path':'emails[type eq \\'work\\'].value','value':'o'}]",
      "{'userName':'a','emails':[{'value':'o','type':'work'},{'value':'n','type':'home'}]}" },
    { "{'userName':'a','emails':[{'value':'m','type':'work','display':'M'}]}",
      "[{'op':'replace','path':'emails[type eq \\'work\\']','value':{'value':'o'}}]",
      "{'userName':'a','emails':[{'value':'o'}]}" },
    { "{'userName':'a','emails':[{'value':'m'},{'value':'n'}]}",
      "[{'op':'replace','path':'emails.type','value':'home'}]",
      "{'userName':'a','emails':[{'value':'m','type':'home'},{'value':'n','type':'home'}]}" },
    { ANNA, "[{'op':'replace','path':'emails[type eq \\'home\\'].primary','value':true}]",
      "{'userName':'anna','active':true,'name':{'givenName':'Anna','familyName':'Chao'},"
      "'emails':[{'value':'w','type':'work'},{'value':'h','type':'home','primary':true}]}" },
    { "{'userName':'a','title':'T'}",
      "[{'op':'REPLACE','path':'TITLE','value':'U'},{'op':'remove','path':'title'},{'op':'add','path':'title'"
      ",'value':'V'}]",
      "{'userName':'a','title':'V'}" },
    { "{'userName':'a'}", "[{'op':'replace','value':{'id':'x','schemas':[],'groups':[],'title':'T'}}]",
      "{'userName':'a','title':'T'}" },
  };

  assert_cases (DOOR_SCIM_STRICT, cases, G_N_ELEMENTS (cases));
}

/* Shapes of Entra ID, with and without its flag aadOptscim062020, and of Okta. */
static void
test_dialects (void)
{
  static const Case cases[] = {
    { "{'userName':'a','active':true}", "[{'op':'Replace','path':'active','value':'False'}]",
      "{'userName':'a','active':false}" },
    { "{'userName':'a'}", "[{'op':'Add','path':'emails[type eq \\'work\\'].value','value':'m'}]",
      "{'userName':'a','emails':[{'type':'work','value':'m'}]}" },
    { "{'userName':'a'}", "[{'op':'Replace','path':'addresses[type eq \\'other\\'].Formatted','value':'X'}]",
      "{'userName':'a','addresses':[{'type':'other','formatted':'X'}]}" },
    { "{'userName':'a'}",
      "[{'op':'replace','value':{'displayName':'A','name.givenName':'B','" ENTERPRISE ":employeeNumber':'7',"
      "'emails[type eq \\'work\\'].value':'m'}}]",
      "{'userName':'a','displayName':'A','name':{'givenName':'B'},'" ENTERPRISE "':{'employeeNumber':'7'},"
      "'emails':[{'type':'work','value':'m'}]}" },
    { "{'userName':'a'}", "[{'op':'Add','path':'" ENTERPRISE ":manager','value':'3'}]",
      "{'userName':'a','" ENTERPRISE "':{'manager':{'value':'3'}}}" },
    { "{'userName':'a','" ENTERPRISE "':{'manager':{'value':'3'}}}",
      "[{'op':'Replace','path':'" ENTERPRISE ":manager','value':''}]", "{'userName':'a'}" },
    { "{'userName':'a','" ENTERPRISE "':{'manager':{'value':'3'}}}",
      "[{'op':'Remove','path':'" ENTERPRISE ":manager'}]", "{'userName':'a'}" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_cases (DOOR_SCIM_COMPATIBLE, &cases[i], 1);
}

typedef struct
{
  const char *operations;
  DoorFault fault;
} Refusal;

static void
test_refused (void)
{
  static const Refusal cases[] = {
    { "[]", DOOR_FAULT_SCIM_SYNTAX },
    { "{}", DOOR_FAULT_SCIM_SYNTAX },
    { "[7]", DOOR_FAULT_SCIM_SYNTAX },
    { "[{'path':'title','value':'T'}]", DOOR_FAULT_SCIM_SYNTAX },
    { "[{'op':'move','path':'title','value':'T'}]", DOOR_FAULT_SCIM_SYNTAX },
    { "[{'op':'remove'}]", DOOR_FAULT_SCIM_NOTARGET },
    { "[{'op':'remove','path':''}]", DOOR_FAULT_SCIM_PATH },
    { "[{'op':'remove','path':7}]", DOOR_FAULT_SCIM_PATH },
    { "[{'op':'remove','path':'" ENTERPRISE "'}]", DOOR_FAULT_SCIM_PATH },
    { "[{'op':'add','path':'nothing','value':'T'}]", DOOR_FAULT_SCIM_PATH },
    { "[{'op':'add','path':'name.nothing','value':'T'}]", DOOR_FAULT_SCIM_PATH },
    { "[{'op':'add','path':'emails[type eq \\'work\\'','value':'T'}]", DOOR_FAULT_SCIM_PATH },
    { "[{'op':'add','path':'emails[type eq \\'work\\']x','value':'T'}]", DOOR_FAULT_SCIM_PATH },
    { "[{'op':'add','path':'name[givenName eq \\'A\\']','value':'T'}]", DOOR_FAULT_SCIM_PATH },
    { "[{'op':'add','path':'emails[type is \\'work\\']','value':'T'}]", DOOR_FAULT_SCIM_FILTER },
    { "[{'op':'add','path':'title'}]", DOOR_FAULT_SCIM_VALUE },
    { "[{'op':'add','value':'T'}]", DOOR_FAULT_SCIM_VALUE },
    { "[{'op':'add','path':'title','value':7}]", DOOR_FAULT_SCIM_VALUE },
    { "[{'op':'add','path':'emails','value':['m']}]", DOOR_FAULT_SCIM_VALUE },
    { "[{'op':'replace','path':'id','value':'x'}]", DOOR_FAULT_SCIM_MUTABILITY },
    { "[{'op':'replace','path':'meta.version','value':'x'}]", DOOR_FAULT_SCIM_MUTABILITY },
    { "[{'op':'add','path':'groups','value':[{'value':'g'}]}]", DOOR_FAULT_SCIM_MUTABILITY },
    { "[{'op':'replace','path':'" ENTERPRISE ":manager.displayName','value':'M'}]",
      DOOR_FAULT_SCIM_MUTABILITY },
    { "[{'op':'replace','path':'phoneNumbers[type eq \\'work\\'].value','value':'1'}]",
      DOOR_FAULT_SCIM_NOTARGET },
    { "[{'op':'remove','path':'userName'}]", DOOR_FAULT_SCIM_VALUE },
    { "[{'op':'replace','path':'userName','value':null}]", DOOR_FAULT_SCIM_VALUE },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      guint n_warnings;
      g_autoptr (JsonObject) after = patch (DOOR_SCIM_STRICT, ANNA, cases[i].operations, &n_warnings, &error);

      if (after != NULL)
        g_error ("%s was done", cases[i].operations);
      if (door_error_get_fault (error) != cases[i].fault)
        g_error ("%s: %s (%s)", cases[i].operations, error->message,
                 door_fault_get_info (door_error_get_fault (error))->id);
    }
}

/* What must not be a message of this kind, and a member that nobody knows. */
static void
test_messages (void)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  const DoorScimReader strict = { &user_type, DOOR_SCIM_STRICT, warnings };
  const DoorScimReader lenient = { &user_type, DOOR_SCIM_COMPATIBLE, warnings };
  g_autoptr (JsonObject) bare =
      parse_object ("{'Operations':[{'op':'add','value':{'title':'T','shoeSize':42}}]}");
  g_autoptr (GPtrArray) refused = door_scim_patch_parse (&strict, bare, NULL), read = NULL;

  g_assert_null (refused);
  read = door_scim_patch_parse (&lenient, bare, NULL);
  g_assert_cmpuint (read->len, ==, 1);
  g_assert_cmpuint (warnings->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scim/patch/add", test_add);
  g_test_add_func ("/scim/patch/remove", test_remove);
  g_test_add_func ("/scim/patch/replace", test_replace);
  g_test_add_func ("/scim/patch/dialects", test_dialects);
  g_test_add_func ("/scim/patch/refused", test_refused);
  g_test_add_func ("/scim/patch/messages", test_messages);
  return g_test_run ();
}
