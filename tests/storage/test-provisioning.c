/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-base64.h"
#include "door-directory-member-store.h"
#include "door-directory-search.h"
#include "door-json.h"
#include "door-provisioning.h"
#include "stores.h"

#define ENTERPRISE DOOR_SCIM_ENTERPRISE_URN
#define BASE "https://door.example.test/scim/v2/okta"
#define USER "'schemas':['" DOOR_SCIM_USER_URN "']"
#define GROUP "'schemas':['" DOOR_SCIM_GROUP_URN "']"
#define PATCH(ops) "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':[" ops "]}"

static const DoorScimResourceType user_type = {
  .name = DOOR_DIRECTORY_USER,
  .endpoint = "Users",
  .schema = &door_scim_user_schema,
  .extensions = { &door_scim_enterprise_schema },
  .n_extensions = 1,
};
static const DoorScimResourceType group_type = {
  .name = DOOR_DIRECTORY_GROUP,
  .endpoint = "Groups",
  .schema = &door_scim_group_schema,
};

typedef bool (*Way) (DoorTxn *, const DoorProvisioning *, JsonObject *, DoorProvisioned *, GError **);

/* JSON with ' in place of ". */
static JsonObject *
parse (const char *text)
{
  g_autofree char *json = g_strdelimit (g_strdup (text), "'", '"');
  g_autoptr (GBytes) bytes = g_bytes_new (json, strlen (json));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = door_json_parse (bytes, 16, &error);

  if (node == NULL)
    g_error ("%s: %s", json, error->message);
  return json_object_ref (json_node_get_object (node));
}

static DoorProvisioning
make (const DoorScimResourceType *type, const char *id, int64_t version)
{
  return (DoorProvisioning){
    .scope = { "okta", type, BASE },
    .dialect = DOOR_SCIM_COMPATIBLE,
    .id = id,
    .change_id = "change",
    .version = version,
    .now_ms = 1764000000123,
  };
}

static bool
do_it (DoorTxn *txn, Way way, const DoorProvisioning *wanted, const char *text, DoorProvisioned *out,
       GError **error)
{
  g_autoptr (JsonObject) object = parse (text);

  return way (txn, wanted, object, out, error);
}

/* What was changed, and the version since: "1", or "=1" for nothing. */
static char *
run (DoorTxn *txn, Way way, const DoorScimResourceType *type, const char *id, const char *text)
{
  const DoorProvisioning wanted = make (type, id, 0);
  g_auto (DoorProvisioned) out = { 0 };
  g_autoptr (GError) error = NULL;

  if (!do_it (txn, way, &wanted, text, &out, &error))
    g_error ("%s: %s", text, error->message);
  return g_strdup_printf ("%s%d", out.changed ? "" : "=", (int) out.resource->version);
}

#define assert_done(way, type, id, text, expected)                                                           \
  G_STMT_START                                                                                               \
  {                                                                                                          \
    g_autofree char *done_ = run (txn, way, type, id, text);                                                 \
    g_assert_cmpstr (done_, ==, expected);                                                                   \
  }                                                                                                          \
  G_STMT_END
#define add_user(id, text) assert_done (door_provisioning_create, &user_type, id, "{" USER "," text "}", "1")
#define add_group(id, text)                                                                                  \
  assert_done (door_provisioning_create, &group_type, id, "{" GROUP "," text "}", "1")
#define patch_user(id, ops, expected)                                                                        \
  assert_done (door_provisioning_patch, &user_type, id, PATCH (ops), expected)
#define patch_group(id, ops, expected)                                                                       \
  assert_done (door_provisioning_patch, &group_type, id, PATCH (ops), expected)

static void
assert_refused (DoorTxn *txn, Way way, const DoorProvisioning *wanted, const char *text, DoorFault fault)
{
  g_auto (DoorProvisioned) out = { 0 };
  g_autoptr (GError) error = NULL;

  if (do_it (txn, way, wanted, text, &out, &error))
    g_error ("%s was taken", text);
  g_assert_cmpint (door_error_get_fault (error), ==, fault);
}

static void
assert_is (DoorTxn *txn, const DoorScimResourceType *type, const char *id, const char *attributes,
           const char *expected)
{
  const DoorScimScope scope = { "okta", type, BASE };
  g_autoptr (DoorScimProjection) projection = door_scim_projection_parse (type, attributes, "meta");
  g_autoptr (DoorDirectoryResource) resource = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = NULL, wanted = parse (expected);
  g_autoptr (JsonNode) left = NULL, right = NULL;
  g_autoptr (GBytes) text = NULL;

  must (door_directory_store_lookup (txn, "okta", type->name, id, &resource, &error));
  object = door_provisioned_build (txn, &scope, resource, projection, &error);
  g_assert_no_error (error);
  left = json_node_init_object (json_node_alloc (), object);
  right = json_node_init_object (json_node_alloc (), wanted);
  text = door_json_build (left);
  if (!json_node_equal (left, right))
    g_error ("%.*s\n is not %s", (int) g_bytes_get_size (text), (const char *) g_bytes_get_data (text, NULL),
             expected);
}

/* The ids of who is in a group. */
static void
assert_members (DoorTxn *txn, const char *id, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = door_directory_member_store_list (txn, id, &error);
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (found, "%s%s", i > 0 ? "," : "", ((DoorDirectoryMember *) rows->pdata[i])->id);
  g_assert_cmpstr (found->str, ==, expected);
}

/* RFC 7644 section 3.3: what is sent is kept, what only the server writes is not taken. */
static void
test_create (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  const DoorProvisioning again = make (&user_type, "u2", 0), late = make (&user_type, "u3", 0);
  const DoorScimScope scope = { "okta", &user_type, BASE };
  g_autoptr (DoorDirectoryResource) resource = NULL;
  g_autoptr (DoorScimProjection) meta = door_scim_projection_parse (&user_type, "meta", NULL);
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *told;

  add_user ("u1",
            "'id':'mine','groups':[],'meta':{'x':1},'password':'T0p','userName':'Anna','externalId':'00u1',"
            "'name':{'givenName':'Anna'},'emails':[{'primary':true,'value':'a@x.test','type':'work'}],"
            "'displayName':'','active':true,'" ENTERPRISE "':{'department':'IT'},'unknown':7");
  assert_is (txn, &user_type, "u1", NULL,
             "{'schemas':['" DOOR_SCIM_USER_URN "','" ENTERPRISE
             "'],'id':'u1','externalId':'00u1','userName':'Anna',"
             "'name':{'givenName':'Anna'},'emails':[{'primary':true,'value':'a@x.test','type':'work'}],'"
             "active':true,'" ENTERPRISE "':{'department':'IT'}}");
  must (door_directory_store_lookup (txn, "okta", DOOR_DIRECTORY_USER, "u1", &resource, &error));
  object = door_provisioned_build (txn, &scope, resource, meta, &error);
  told = json_object_get_object_member (object, "meta");
  g_assert_cmpstr (json_object_get_string_member (told, "created"), ==, "2025-11-24T16:00:00.123Z");
  g_assert_cmpstr (json_object_get_string_member (told, "location"), ==, BASE "/Users/u1");
  g_assert_cmpstr (json_object_get_string_member (told, "version"), ==, "W/\"1\"");
  assert_refused (txn, door_provisioning_create, &again, "{" USER ",'userName':'ANNA'}",
                  DOOR_FAULT_SCIM_UNIQUENESS);
  assert_refused (txn, door_provisioning_create, &late, "{" USER ",'userName':' '}", DOOR_FAULT_SCIM_VALUE);
  assert_refused (txn, door_provisioning_create, &late, "{" USER ",'userName':'x','active':7}",
                  DOOR_FAULT_SCIM_VALUE);
}

/* RFC 7644 section 3.5.1: what is left out is cleared; what is the same makes no version. */
static void
test_replace (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  const DoorProvisioning first = make (&user_type, "u1", 1), nobody = make (&user_type, "u9", 0);
  const DoorProvisioning group = make (&group_type, "u1", 0), second = make (&user_type, "u2", 0);

  add_user ("u1", "'userName':'anna','title':'Boss','active':true");
  add_user ("u2", "'userName':'ben'");
  assert_done (door_provisioning_replace, &user_type, "u1",
               "{" USER ",'title':'Boss','userName':'anna','active':true}", "=1");
  assert_done (door_provisioning_replace, &user_type, "u1", "{" USER ",'userName':'anne','active':false}",
               "2");
  assert_is (txn, &user_type, "u1", NULL, "{" USER ",'id':'u1','userName':'anne','active':false}");
  assert_refused (txn, door_provisioning_replace, &first, "{" USER ",'userName':'anna'}",
                  DOOR_FAULT_SCIM_VERSION);
  assert_refused (txn, door_provisioning_replace, &nobody, "{" USER ",'userName':'x'}",
                  DOOR_FAULT_SCIM_NOTFOUND);
  assert_refused (txn, door_provisioning_replace, &group, "{" GROUP ",'displayName':'x'}",
                  DOOR_FAULT_SCIM_NOTFOUND);
  assert_refused (txn, door_provisioning_replace, &second, "{" USER ",'userName':'Anne'}",
                  DOOR_FAULT_SCIM_UNIQUENESS);
}

/* As Okta and Entra deactivate, rename and fill in. */
static void
test_patch_user (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  const DoorProvisioning first = make (&user_type, "u1", 1), some = make (&user_type, "u1", 0);

  add_user ("u1", "'userName':'anna','active':true");
  patch_user ("u1", "{'op':'replace','value':{'active':false}}", "2");
  patch_user ("u1", "{'op':'Replace','path':'active','value':'False'}", "=2");
  patch_user ("u1", "{'op':'Add','path':'emails[type eq \\u0022work\\u0022].value','value':'a@x.test'}", "3");
  patch_user ("u1",
              "{'op':'Replace','value':{'name.givenName':'Anna','" ENTERPRISE ":department':'IT'}},"
              "{'op':'Add','path':'" ENTERPRISE ":manager','value':'m1'}",
              "4");
  assert_is (txn, &user_type, "u1", NULL,
             "{'schemas':['" DOOR_SCIM_USER_URN "','" ENTERPRISE
             "'],'id':'u1','userName':'anna','active':false,"
             "'name':{'givenName':'Anna'},'emails':[{'type':'work','value':'a@x.test'}],'" ENTERPRISE
             "':{'department':'IT','manager':{'value':'m1'}}}");
  patch_user ("u1",
              "{'op':'remove','path':'" ENTERPRISE ":department'},{'op':'remove','path':'" ENTERPRISE
              ":manager'}",
              "5");
  assert_is (txn, &user_type, "u1", "schemas", "{" USER ",'id':'u1'}");
  assert_refused (txn, door_provisioning_patch, &first, PATCH ("{'op':'remove','path':'emails'}"),
                  DOOR_FAULT_SCIM_VERSION);
  assert_refused (txn, door_provisioning_patch, &some, PATCH ("{'op':'remove','path':'userName'}"),
                  DOOR_FAULT_SCIM_VALUE);
  assert_refused (txn, door_provisioning_patch, &some, PATCH ("{'op':'replace','path':'groups','value':[]}"),
                  DOOR_FAULT_SCIM_MUTABILITY);
}

/* As they push groups: one at a time, as a list, by a filter, all anew, none. */
static void
test_patch_members (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  const DoorProvisioning group = make (&group_type, "g", 0);

  add_user ("a", "'userName':'anna'");
  add_user ("b", "'userName':'ben'");
  add_user ("c", "'userName':'cleo'");
  add_group ("g", "'displayName':'All','members':[]");
  add_group ("h", "'displayName':'Half','members':[{'value':'a'},{'value':'g'}]");
  patch_group ("g",
               "{'op':'add','path':'members','value':[{'value':'a'}]},{'op':'add','path':'members','value':[{"
               "'value':'b','display':'ben'}]}",
               "2");
  patch_group ("g", "{'op':'Add','path':'members','value':[{'$ref':null,'value':'b'}]}", "=2");
  patch_group ("g", "{'op':'remove','path':'members[value eq \\u0022a\\u0022]'}", "3");
  assert_members (txn, "g", "b");
  patch_group ("g", "{'op':'replace','path':'members','value':[{'value':'a'},{'value':'c'}]}", "4");
  assert_members (txn, "g", "a,c");
  patch_group ("g", "{'op':'Remove','path':'members','value':[{'$ref':null,'value':'a'}]}", "5");
  assert_members (txn, "g", "c");
  patch_group ("g", "{'op':'replace','value':{'id':'g','displayName':'Everybody'}}", "6");
  assert_members (txn, "g", "c");
  patch_group ("g", "{'op':'add','value':{'members':[{'value':'a'},{'value':'b'},{'value':'h'}]}}", "7");
  patch_group ("g", "{'op':'remove','path':'members[value eq \\u0022a\\u0022 or value eq \\u0022b\\u0022]'}",
               "8");
  assert_members (txn, "g", "c,h");
  patch_group ("g", "{'op':'remove','path':'members[type eq \\u0022Group\\u0022]'}", "9");
  assert_members (txn, "g", "c");
  patch_group ("g", "{'op':'remove','path':'members'}", "10");
  patch_group ("g", "{'op':'remove','path':'members'}", "=10");
  assert_is (txn, &group_type, "g", NULL, "{" GROUP ",'id':'g','displayName':'Everybody','members':[]}");
  assert_is (txn, &group_type, "h", NULL,
             "{" GROUP ",'id':'h','displayName':'Half','members':[{'value':'a','$ref':'" BASE
             "/Users/a','display':"
             "'anna','type':'User'},{'value':'g','$ref':'" BASE
             "/Groups/g','display':'Everybody','type':'Group'}]}");
  assert_is (txn, &group_type, "h", "displayName", "{" GROUP ",'id':'h','displayName':'Half'}");
  assert_is (txn, &user_type, "a", "groups",
             "{" USER ",'id':'a','groups':[{'value':'h','$ref':'" BASE
             "/Groups/h','display':'Half','type':'direct'}]}");
  assert_refused (txn, door_provisioning_patch, &group,
                  PATCH ("{'op':'replace','path':'members[value eq \\u0022a\\u0022].value','value':'b'}"),
                  DOOR_FAULT_SCIM_MUTABILITY);
}

/* One who is not known costs the push nothing but a warning; nobody of another directory comes in. */
static void
test_unknown_members (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  const DoorProvisioning group = make (&group_type, "g", 0);
  DoorProvisioning other = make (&user_type, "x", 0);
  g_auto (DoorProvisioned) out = { 0 };
  g_autoptr (GError) error = NULL;

  other.scope.directory = "entra";
  must (do_it (txn, door_provisioning_create, &other, "{" USER ",'userName':'anna'}", &out, &error));
  add_user ("a", "'userName':'anna'");
  add_group ("g", "'displayName':'All','members':[{'value':'a'},{'value':'nobody'}]");
  must (do_it (txn, door_provisioning_patch, &group,
               PATCH ("{'op':'add','path':'members','value':[{'value':'x'},{'value':'gone'}]}"), &out,
               &error));
  g_assert_false (out.changed);
  g_assert_cmpuint (out.warnings->len, ==, 2);
  g_assert_true (g_str_has_prefix (out.warnings->pdata[0], "gone "));
  assert_members (txn, "g", "a");
}

/* RFC 7644 section 3.6. */
static void
test_remove (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  const DoorProvisioning anna = make (&user_type, "a", 0), old = make (&user_type, "a", 7);
  g_auto (DoorProvisioned) out = { 0 };
  g_autoptr (GError) error = NULL;

  add_user ("a", "'userName':'anna'");
  add_group ("g", "'displayName':'All','members':[{'value':'a'}]");
  g_assert_false (door_provisioning_remove (txn, &old, &out, &error));
  assert_fault (error, DOOR_ERROR_CONFLICT, DOOR_FAULT_SCIM_VERSION);
  g_clear_error (&error);
  must (door_provisioning_remove (txn, &anna, &out, &error));
  g_assert_null (out.resource);
  assert_members (txn, "g", "");
  g_assert_false (door_provisioning_remove (txn, &anna, &out, &error));
  assert_fault (error, DOOR_ERROR_NOT_FOUND, DOOR_FAULT_SCIM_NOTFOUND);
  add_user ("b", "'userName':'anna'");
}

/* Ten thousand members cost as many statements as one. */
static void
test_many_members (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GString) text = g_string_new ("{'op':'add','path':'members','value':[");
  g_autofree char *message = NULL;
  const DoorProvisioning group = make (&group_type, "g", 0);
  g_auto (DoorProvisioned) out = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GTimer) timer = NULL;

  for (int i = 0; i < 2000; i++)
    {
      g_autofree char *id = g_strdup_printf ("u%04d", i);
      g_autofree char *user = g_strdup_printf ("{" USER ",'userName':'%s'}", id);

      assert_done (door_provisioning_create, &user_type, id, user, "1");
      g_string_append_printf (text, "%s{'value':'%s'}", i > 0 ? "," : "", id);
    }
  add_group ("g", "'displayName':'All'");
  message = g_strdup_printf (PATCH ("%s]}"), text->str);
  timer = g_timer_new ();
  must (do_it (txn, door_provisioning_patch, &group, message, &out, &error));
  g_test_message ("2000 members in %.0f ms", g_timer_elapsed (timer, NULL) * 1000);
  g_timer_start (timer);
  patch_group ("g", "{'op':'remove','path':'members[value eq \\u0022u0007\\u0022]'}", "3");
  g_test_message ("one of them out in %.1f ms", g_timer_elapsed (timer, NULL) * 1000);
  assert_rows (txn, "SELECT COUNT(*) AS n FROM directory_member", "[{'n': <int64 1999>}]");
}

/* Names of the page, the number of all, and the cursor of the next page. */
static char *
search_page (DoorTxn *txn, const DoorScimSearchWords *words, char **next)
{
  const DoorScimScope scope = { "okta", &user_type, BASE };
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorScimSearch) search = door_scim_search_new (&user_type, DOOR_SCIM_STRICT, words, &error);
  g_autoptr (JsonObject) list = door_directory_search (txn, &scope, search, &error);
  g_autoptr (GString) text = g_string_new (NULL);
  JsonArray *page;

  g_assert_no_error (error);
  g_string_printf (text, "%d:", (int) json_object_get_int_member (list, "totalResults"));
  page = json_object_has_member (list, "Resources") ? json_object_get_array_member (list, "Resources") : NULL;
  for (guint i = 0; page != NULL && i < json_array_get_length (page); i++)
    g_string_append_printf (
        text, " %s", json_object_get_string_member (json_array_get_object_element (page, i), "userName"));
  *next = g_strdup (json_object_get_string_member_with_default (list, "nextCursor", NULL));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_pages (DoorTxn *txn, DoorScimSearchWords words, const char *const *expected)
{
  g_autofree char *cursor = g_strdup ("");

  for (; *expected != NULL; expected++)
    {
      g_autofree char *next = NULL, *page = NULL;

      g_assert_nonnull (cursor);
      words.cursor = cursor;
      page = search_page (txn, &words, &next);
      g_assert_cmpstr (page, ==, *expected);
      g_free (cursor);
      cursor = g_steal_pointer (&next);
    }
  g_assert_null (cursor);
}

/* RFC 7644 section 3.4.2.4, RFC 9865 section 2: the last page has no cursor, also where it is full. */
static void
test_search (Fixture *fixture)
{
  static const char *const stored[] = { "4: dora anna", "4: cleo ben", NULL };
  static const char *const sorted[] = { "4: anna ben cleo", "4: dora", NULL };
  static const char *const turned[] = { "4: ben cleo anna", "4: dora", NULL };
  static const char *const found[] = { "2: dora", "2: anna", NULL };
  static const char *const names[] = { "dora", "anna", "cleo", "ben" };
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autofree char *next = NULL, *page = NULL, *count = NULL;

  for (int i = 0; i < 4; i++)
    {
      g_autofree char *id = g_strdup_printf ("u%d", i),
                      *user = g_strdup_printf ("{" USER ",'userName':'%s'}", names[i]);

      assert_done (door_provisioning_create, &user_type, id, user, "1");
    }
  assert_pages (txn, (DoorScimSearchWords){ .count = "2" }, stored);
  assert_pages (txn, (DoorScimSearchWords){ .count = "3", .sort_by = "userName" }, sorted);
  assert_pages (txn, (DoorScimSearchWords){ .count = "3", .sort_order = "descending" }, turned);
  assert_pages (txn,
                (DoorScimSearchWords){ .count = "1", .filter = "userName eq \"anna\" or userName sw \"d\"" },
                found);
  page = search_page (txn, &(DoorScimSearchWords){ .start_index = "2", .count = "2" }, &next);
  g_assert_cmpstr (page, ==, "4: anna cleo");
  g_assert_null (next);
  count = search_page (txn, &(DoorScimSearchWords){ .count = "0" }, &next);
  g_assert_cmpstr (count, ==, "4:");
}

/* A cursor that was made up, or is of another list. */
static void
test_bad_cursors (Fixture *fixture)
{
  static const char *const texts[] = { "",       "x",     "b", "b1",  "b1:", "bx:u1",
                                       "b-1:u1", "b1:u1", "s", "s-1", "s1",  "s1:u1" };
  g_autoptr (DoorTxn) txn = begin (fixture);
  const DoorScimScope scope = { "okta", &user_type, BASE };
  size_t taken = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    for (int sorted = 0; sorted < 2; sorted++)
      {
        g_autofree char *cursor =
            i == 0 ? g_strdup ("!") : door_base64_encode_url ((const uint8_t *) texts[i], strlen (texts[i]));
        const DoorScimSearchWords words = { .cursor = cursor, .sort_by = sorted ? "userName" : NULL };
        g_autoptr (GError) error = NULL;
        g_autoptr (DoorScimSearch) search =
            door_scim_search_new (&user_type, DOOR_SCIM_STRICT, &words, &error);
        g_autoptr (JsonObject) list = door_directory_search (txn, &scope, search, &error);

        if (list != NULL)
          g_assert_cmpstr (texts[i], ==, sorted ? "s1" : "b1:u1");
        else
          assert_fault (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_CURSOR);
        taken += list != NULL;
      }
  g_assert_cmpuint (taken, ==, 2);
}

#define N_PUSHES 40

typedef struct
{
  DoorStorage *storage;
  char sign;
} Pusher;

/* Adds one after the other, each in a transaction of its own. */
static gpointer
push (gpointer data)
{
  const Pusher *self = data;

  for (int i = 0; i < N_PUSHES; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTxn) txn = door_storage_begin (self->storage, DOOR_TXN_WRITE, NULL, &error);
      g_autofree char *op =
          g_strdup_printf ("{'op':'add','path':'members','value':[{'value':'%c%02d'}]}", self->sign, i);
      g_autofree char *message = g_strdup_printf (PATCH ("%s"), op), *done = NULL;

      g_assert_no_error (error);
      done = run (txn, door_provisioning_patch, &group_type, "g", message);
      g_assert_true (g_ascii_isdigit (*done));
      must (door_txn_commit (txn, &error));
    }
  return NULL;
}

/* Two servers that change one group at the same time lose nobody, and each change is a version. */
static void
test_parallel (Fixture *fixture)
{
  g_autoptr (DoorStorage) another = fixture_open_another (fixture, "4");
  g_autoptr (DoorTxn) txn = begin (fixture);
  Pusher pushers[] = { { fixture->storage, 'a' }, { another, 'b' } };
  GThread *threads[2];
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 2 * N_PUSHES; i++)
    {
      g_autofree char *id = g_strdup_printf ("%c%02d", i % 2 ? 'a' : 'b', i / 2);
      g_autofree char *user = g_strdup_printf ("{" USER ",'userName':'%s'}", id);

      assert_done (door_provisioning_create, &user_type, id, user, "1");
    }
  add_group ("g", "'displayName':'All'");
  must (door_txn_commit (txn, &error));
  g_clear_pointer (&txn, door_txn_free);
  for (size_t i = 0; i < 2; i++)
    threads[i] = g_thread_new ("push", push, &pushers[i]);
  for (size_t i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  txn = door_storage_begin (fixture->storage, DOOR_TXN_READ, NULL, &error);
  assert_rows (txn, "SELECT COUNT(*) AS n FROM directory_member", "[{'n': <int64 80>}]");
  assert_rows (txn, "SELECT version AS n FROM directory_resource WHERE id = 'g'", "[{'n': <int64 81>}]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/provisioning/create", test_create);
  fixture_add ("/provisioning/replace", test_replace);
  fixture_add ("/provisioning/patch-user", test_patch_user);
  fixture_add ("/provisioning/patch-members", test_patch_members);
  fixture_add ("/provisioning/unknown-members", test_unknown_members);
  fixture_add ("/provisioning/remove", test_remove);
  fixture_add ("/provisioning/many-members", test_many_members);
  fixture_add ("/provisioning/search", test_search);
  fixture_add ("/provisioning/bad-cursors", test_bad_cursors);
  fixture_add ("/provisioning/parallel", test_parallel);
  return g_test_run ();
}
