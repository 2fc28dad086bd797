/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-bulk.h"
#include "scim.h"

#define REQUEST "'schemas':['urn:ietf:params:scim:api:messages:2.0:BulkRequest']"

static DoorScimBulk *
parse_ops (const char *ops)
{
  g_autofree char *text = g_strdup_printf ("{" REQUEST ",'Operations':[%s]}", ops);
  g_autoptr (JsonObject) message = parse_object (text);
  g_autoptr (GError) error = NULL;
  DoorScimBulk *bulk = door_scim_bulk_parse (message, DOOR_SCIM_STRICT, &error);

  g_assert_no_error (error);
  return bulk;
}

/* RFC 7644 section 3.7.2: the four methods, and what each has. */
static void
test_operations (void)
{
  g_autoptr (DoorScimBulk) bulk =
      parse_ops ("{'method':'POST','path':'/Users','bulkId':'qwerty','data':{'userName':'Alice'}},"
                 "{'method':'put','path':'/Users/b7c1','bulkId':'x','version':'W/\\'3\\'','data':{}},"
                 "{'method':'PATCH','path':'/Groups/5d2','data':{'Operations':[]}},"
                 "{'method':'DELETE','path':'/Users/e9','data':{}}");
  static const struct
  {
    DoorScimMethod method;
    const char *endpoint;
    const char *id;
    const char *bulk_id;
    bool data;
  } cases[] = {
    { DOOR_SCIM_POST, "Users", NULL, "qwerty", true },
    { DOOR_SCIM_PUT, "Users", "b7c1", "x", true },
    { DOOR_SCIM_PATCH, "Groups", "5d2", NULL, true },
    { DOOR_SCIM_DELETE, "Users", "e9", NULL, false },
  };

  g_assert_cmpuint (bulk->ops->len, ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < bulk->ops->len; i++)
    {
      const DoorScimBulkOp *op = g_ptr_array_index (bulk->ops, i);

      g_assert_no_error (op->error);
      g_assert_cmpint (op->method, ==, cases[i].method);
      g_assert_cmpstr (op->endpoint, ==, cases[i].endpoint);
      g_assert_cmpstr (op->id, ==, cases[i].id);
      g_assert_cmpstr (op->bulk_id, ==, cases[i].bulk_id);
      g_assert_cmpint (op->data != NULL, ==, cases[i].data);
    }
}

/* RFC 7644 section 3.7.3: one that is wrong has its own answer, and the others are done. */
static void
test_bad_operations (void)
{
  static const struct
  {
    const char *op;
    DoorFault fault;
  } cases[] = {
    { "7", DOOR_FAULT_SCIM_SYNTAX },
    { "{}", DOOR_FAULT_SCIM_SYNTAX },
    { "{'method':'GET','path':'/Users/1'}", DOOR_FAULT_SCIM_SYNTAX },
    { "{'method':'POST','path':'/Users','data':{}}", DOOR_FAULT_SCIM_SYNTAX },
    { "{'method':'POST','path':'/Users','bulkId':'','data':{}}", DOOR_FAULT_SCIM_SYNTAX },
    { "{'method':'POST','path':'/Users','bulkId':7,'data':{}}", DOOR_FAULT_SCIM_SYNTAX },
    { "{'method':'POST','path':'/Users','bulkId':'a'}", DOOR_FAULT_SCIM_SYNTAX },
    { "{'method':'POST','path':'/Users','bulkId':'a','data':[]}", DOOR_FAULT_SCIM_SYNTAX },
    { "{'method':'POST','path':'/Users/1','bulkId':'a','data':{}}", DOOR_FAULT_SCIM_PATH },
    { "{'method':'DELETE','path':'/Users'}", DOOR_FAULT_SCIM_PATH },
    { "{'method':'DELETE','path':'/Users/'}", DOOR_FAULT_SCIM_PATH },
    { "{'method':'DELETE','path':'/Users/1/2'}", DOOR_FAULT_SCIM_PATH },
    { "{'method':'DELETE','path':'Users/1'}", DOOR_FAULT_SCIM_PATH },
    { "{'method':'DELETE'}", DOOR_FAULT_SCIM_PATH },
    { "{'method':'DELETE','path':'/Users/1','bulkId':'good'}", DOOR_FAULT_SCIM_SYNTAX },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *ops = g_strdup_printf ("{'method':'DELETE','path':'/Users/9','bulkId':'good'},%s,"
                                              "{'method':'DELETE','path':'/Users/8'}",
                                              cases[i].op);
      g_autoptr (DoorScimBulk) bulk = parse_ops (ops);
      const DoorScimBulkOp *bad = g_ptr_array_index (bulk->ops, 1);

      g_assert_cmpuint (bulk->ops->len, ==, 3);
      g_assert_error (bad->error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_cmpint (door_error_get_fault (bad->error), ==, cases[i].fault);
      g_assert_no_error (((DoorScimBulkOp *) g_ptr_array_index (bulk->ops, 0))->error);
      g_assert_no_error (((DoorScimBulkOp *) g_ptr_array_index (bulk->ops, 2))->error);
    }
}

static void
test_bad_requests (void)
{
  static const char *const cases[] = {
    "{'Operations':[]}",
    "{" REQUEST "}",
    "{" REQUEST ",'Operations':{}}",
    "{" REQUEST ",'Operations':[],'failOnErrors':-1}",
    "{" REQUEST ",'Operations':[],'failOnErrors':'1'}",
    "{" REQUEST ",'Operations':[],'failOnErrors':1.5}",
  };
  g_autoptr (JsonObject) good = parse_object ("{" REQUEST ",'operations':[],'FAILONERRORS':3}");
  g_autoptr (DoorScimBulk) bulk = door_scim_bulk_parse (good, DOOR_SCIM_STRICT, NULL);

  g_assert_cmpint (bulk->fail_on_errors, ==, 3);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) message = parse_object (cases[i]);
      g_autoptr (GError) error = NULL;

      g_assert_null (door_scim_bulk_parse (message, DOOR_SCIM_STRICT, &error));
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SCIM_SYNTAX);
    }
}

static JsonObject *
make_request (guint n, const char *(*make) (guint i))
{
  g_autoptr (GString) text = g_string_new ("{" REQUEST ",'Operations':[");

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "," : "", make (i));
  g_string_append (text, "]}");
  return parse_object (text->str);
}

static const char *
make_delete (guint i)
{
  return "{'method':'DELETE','path':'/Users/1'}";
}

/* RFC 7644 section 3.7.4: 413, and the number. */
static void
test_limit (void)
{
  g_autoptr (JsonObject) fit = make_request (DOOR_SCIM_MAX_BULK_OPERATIONS, make_delete);
  g_autoptr (JsonObject) over = make_request (DOOR_SCIM_MAX_BULK_OPERATIONS + 1, make_delete);
  g_autoptr (DoorScimBulk) bulk = NULL;
  g_autoptr (GError) error = NULL;

  bulk = door_scim_bulk_parse (fit, DOOR_SCIM_STRICT, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (bulk->ops->len, ==, DOOR_SCIM_MAX_BULK_OPERATIONS);
  g_assert_null (door_scim_bulk_parse (over, DOOR_SCIM_STRICT, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_HTTP_TOOLARGE);
  g_assert_nonnull (strstr (error->message, "10000"));
}

static char *
dup_order (const DoorScimBulk *bulk)
{
  g_autoptr (GPtrArray) sorted = door_scim_bulk_sort (bulk);
  g_autoptr (GString) names = g_string_new (NULL);

  g_assert_cmpuint (sorted->len, ==, bulk->ops->len);
  for (guint i = 0; i < sorted->len; i++)
    {
      const DoorScimBulkOp *op = g_ptr_array_index (sorted, i);

      g_string_append (names, op->bulk_id != NULL ? op->bulk_id : "-");
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

/* What an operation refers to is done before it; the rest stays in its order. */
static void
test_order (void)
{
#define GROUP(name, members)                                                                                 \
  "{'method':'POST','path':'/Groups','bulkId':'" name "','data':{'displayName':'G','members':[" members "]}" \
  "}"
#define MEMBER(name) "{'value':'bulkId:" name "'}"
#define USER(name) "{'method':'POST','path':'/Users','bulkId':'" name "','data':{'userName':'" name "'}}"
  static const struct
  {
    const char *ops;
    const char *order;
  } cases[] = {
    { USER ("a") "," USER ("b") "," USER ("c"), "abc" },
    { GROUP ("g", MEMBER ("b") "," MEMBER ("a") "," MEMBER ("b")) "," USER ("a") "," USER ("b"), "bag" },
    { USER ("a") "," GROUP ("g", MEMBER ("a")), "ag" },
    { GROUP ("g", MEMBER ("h")) "," GROUP ("h", MEMBER ("g")) "," USER ("a"), "hga" },
    { GROUP ("g", MEMBER ("g")), "g" },
    { GROUP ("g", MEMBER ("nobody")) "," USER ("a"), "ga" },
    { "{'method':'DELETE','path':'/Users/bulkId:a'}," USER ("a"), "a-" },
    { "7," USER ("a"), "-a" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (DoorScimBulk) bulk = parse_ops (cases[i].ops);
      g_autofree char *order = dup_order (bulk);

      g_assert_cmpstr (order, ==, cases[i].order);
    }
}

static const char *
make_link (guint i)
{
  static char text[200];

  g_snprintf (text, sizeof text,
              "{'method':'POST','path':'/Groups','bulkId':'%u','data':{'members':[{'value':'bulkId:%u'}]}}",
              i, i + 1);
  return text;
}

/* A chain as long as a request may be takes neither a deep stack nor the square of the time. */
static void
test_chain (void)
{
  g_autoptr (JsonObject) message = make_request (DOOR_SCIM_MAX_BULK_OPERATIONS, make_link);
  g_autoptr (DoorScimBulk) bulk = door_scim_bulk_parse (message, DOOR_SCIM_STRICT, NULL);
  g_autoptr (GPtrArray) sorted = door_scim_bulk_sort (bulk);

  for (guint i = 0; i < sorted->len; i++)
    g_assert_true (g_ptr_array_index (sorted, i) == g_ptr_array_index (bulk->ops, sorted->len - 1 - i));
}

/* RFC 7644 section 3.7.2: names stand wherever an id may. */
static void
test_resolve (void)
{
  g_autoptr (DoorScimBulk) bulk =
      parse_ops ("{'method':'PATCH','path':'/Groups/bulkId:g','data':{'Operations':[{'op':'add','path':"
                 "'members','value':[{'value':'bulkId:a'},{'value':'7'}]}]}}");
  g_autoptr (DoorScimBulk) other = parse_ops ("{'method':'DELETE','path':'/Users/bulkId:b'}");
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  DoorScimBulkOp *op = g_ptr_array_index (bulk->ops, 0);
  g_autoptr (GError) error = NULL;

  g_hash_table_insert (ids, (gpointer) "g", (gpointer) "id-of-g");
  g_assert_false (door_scim_bulk_op_resolve (op, ids, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SCIM_VALUE);
  g_assert_nonnull (strstr (error->message, "bulkId:a"));
  g_assert_false (door_scim_bulk_op_resolve (g_ptr_array_index (other->ops, 0), ids, NULL));
  g_hash_table_insert (ids, (gpointer) "a", (gpointer) "id-of-a");
  g_assert_true (door_scim_bulk_op_resolve (op, ids, NULL));
  g_assert_cmpstr (op->id, ==, "id-of-g");
  assert_object (op->data,
                 "{'Operations':[{'op':'add','path':'members','value':[{'value':'id-of-a'},{'value':'7'}]}]}",
                 "resolved");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scim/bulk/operations", test_operations);
  g_test_add_func ("/scim/bulk/bad-operations", test_bad_operations);
  g_test_add_func ("/scim/bulk/bad-requests", test_bad_requests);
  g_test_add_func ("/scim/bulk/limit", test_limit);
  g_test_add_func ("/scim/bulk/order", test_order);
  g_test_add_func ("/scim/bulk/chain", test_chain);
  g_test_add_func ("/scim/bulk/resolve", test_resolve);
  return g_test_run ();
}
