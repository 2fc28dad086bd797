/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-fault.h"
#include "door-scim-message.h"
#include "scim.h"

#define BASE "https://door.example.test/scim/v2/okta"

static const DoorScimService service = {
  .base_url = BASE,
  .max_results = 1000,
  .default_results = 100,
  .max_operations = 10000,
  .max_payload_bytes = 8388608,
  .cursor_timeout_s = 3600,
};

/* RFC 7644 section 3.12: the status is a text, and each reason has its word; RFC 9865 section 2.1 adds one.
 */
static void
test_errors (void)
{
  static const struct
  {
    DoorFault fault;
    const char *answer;
  } cases[] = {
    { DOOR_FAULT_SCIM_SYNTAX, "'status':'400','scimType':'invalidSyntax'" },
    { DOOR_FAULT_SCIM_FILTER, "'status':'400','scimType':'invalidFilter'" },
    { DOOR_FAULT_SCIM_PATH, "'status':'400','scimType':'invalidPath'" },
    { DOOR_FAULT_SCIM_VALUE, "'status':'400','scimType':'invalidValue'" },
    { DOOR_FAULT_SCIM_NOTARGET, "'status':'400','scimType':'noTarget'" },
    { DOOR_FAULT_SCIM_MUTABILITY, "'status':'400','scimType':'mutability'" },
    { DOOR_FAULT_SCIM_CURSOR, "'status':'400','scimType':'invalidCursor'" },
    { DOOR_FAULT_SCIM_TOOMANY, "'status':'400','scimType':'tooMany'" },
    { DOOR_FAULT_SCIM_UNIQUENESS, "'status':'409','scimType':'uniqueness'" },
    { DOOR_FAULT_SCIM_NOTFOUND, "'status':'404'" },
    { DOOR_FAULT_SCIM_VERSION, "'status':'412'" },
    { DOOR_FAULT_HTTP_NOTFOUND, "'status':'404'" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) error = door_scim_message_new_error (cases[i].fault, "why");
      g_autofree char *expected = g_strdup_printf (
          "{'schemas':['urn:ietf:params:scim:api:messages:2.0:Error'],%s,'detail':'why'}", cases[i].answer);

      assert_object (error, expected, cases[i].answer);
    }
}

/* RFC 7644 section 3.4.2, RFC 9865 section 2: a page, a page by cursor, the number alone. */
static void
test_lists (void)
{
#define LIST "{'schemas':['urn:ietf:params:scim:api:messages:2.0:ListResponse'],"
  g_autoptr (JsonArray) none = json_array_new (), two = json_array_new ();
  const struct
  {
    DoorScimList list;
    const char *answer;
  } cases[] = {
    { { 0, 1, none, NULL }, LIST "'totalResults':0,'startIndex':1,'itemsPerPage':0,'Resources':[]}" },
    { { 9, 3, two, NULL }, LIST "'totalResults':9,'startIndex':3,'itemsPerPage':2,'Resources':['a','b']}" },
    { { 9, 0, two, "x" }, LIST "'totalResults':9,'itemsPerPage':2,'nextCursor':'x','Resources':['a','b']}" },
    { { 9, 0, two, NULL }, LIST "'totalResults':9,'itemsPerPage':2,'Resources':['a','b']}" },
    { { 9, 1, NULL, NULL }, LIST "'totalResults':9}" },
  };

  json_array_add_string_element (two, "a");
  json_array_add_string_element (two, "b");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) list = door_scim_message_new_list (&cases[i].list);

      assert_object (list, cases[i].answer, "list");
    }
}

/* RFC 7643 section 5, RFC 9865 section 4; authentik takes the number of operations even of a PATCH from it.
 */
static void
test_service (void)
{
  g_autoptr (JsonObject) config = door_scim_message_new_service (&service);

  assert_object (
      config,
      "{'schemas':['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],'patch':{'supported':true},"
      "'bulk':{'supported':true,'maxOperations':10000,'maxPayloadSize':8388608},"
      "'filter':{'supported':true,'maxResults':1000},'changePassword':{'supported':false},"
      "'sort':{'supported':true},'etag':{'supported':true},"
      "'pagination':{'cursor':true,'index':true,'defaultPaginationMethod':'index','defaultPageSize':100,"
      "'maxPageSize':1000,'cursorTimeout':3600},'authenticationSchemes':[{'type':'oauthbearertoken',"
      "'name':'Bearer token','description':'A token of this directory in the header Authorization (RFC "
      "6750).',"
      "'specUri':'https://www.rfc-editor.org/info/rfc6750','primary':true}],"
      "'meta':{'resourceType':'ServiceProviderConfig','location':'" BASE "/ServiceProviderConfig'}}",
      "ServiceProviderConfig");
}

/* RFC 7643 sections 6 and 7. */
static void
test_types (void)
{
  g_autoptr (JsonObject) user = door_scim_message_new_type (&service, &user_type);
  g_autoptr (JsonObject) group = door_scim_message_new_type (&service, &group_type);
  g_autoptr (JsonObject) schema = door_scim_message_new_schema (&service, &door_scim_group_schema);

  assert_object (
      user,
      "{'schemas':['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],'id':'User','name':'User',"
      "'description':'People','endpoint':'/Users','schema':'" DOOR_SCIM_USER_URN
      "','schemaExtensions':[{'schema':'" DOOR_SCIM_ENTERPRISE_URN "','required':false}],"
      "'meta':{'resourceType':'ResourceType','location':'" BASE "/ResourceTypes/User'}}",
      "User");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (group, "schemaExtensions")), ==, 0);
  g_assert_cmpstr (json_object_get_string_member (schema, "id"), ==, DOOR_SCIM_GROUP_URN);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (schema, "meta"), "location"),
                   ==, BASE "/Schemas/" DOOR_SCIM_GROUP_URN);
}

/* RFC 7644 section 3.1: a message says what it is, in whatever case. */
static void
test_kinds (void)
{
  static const struct
  {
    const char *message;
    DoorScimDialect dialect;
    bool taken;
  } cases[] = {
    { "{'schemas':['urn:ietf:params:scim:api:messages:2.0:SearchRequest']}", DOOR_SCIM_STRICT, true },
    { "{'SCHEMAS':['urn:x','URN:IETF:params:scim:api:messages:2.0:searchrequest']}", DOOR_SCIM_STRICT, true },
    { "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp']}", DOOR_SCIM_STRICT, false },
    { "{'schemas':'urn:ietf:params:scim:api:messages:2.0:SearchRequest'}", DOOR_SCIM_STRICT, false },
    { "{'schemas':[1,null,{}]}", DOOR_SCIM_STRICT, false },
    { "{}", DOOR_SCIM_STRICT, false },
    { "{}", DOOR_SCIM_NO_SCHEMAS, true },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) message = parse_object (cases[i].message);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (door_scim_message_check (message, "SearchRequest", cases[i].dialect, &error), ==,
                       cases[i].taken);
      g_assert_cmpint (door_error_get_fault (error), ==,
                       cases[i].taken ? DOOR_FAULT_NONE : DOOR_FAULT_SCIM_SYNTAX);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scim/message/errors", test_errors);
  g_test_add_func ("/scim/message/lists", test_lists);
  g_test_add_func ("/scim/message/service", test_service);
  g_test_add_func ("/scim/message/types", test_types);
  g_test_add_func ("/scim/message/kinds", test_kinds);
  return g_test_run ();
}
