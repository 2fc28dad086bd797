/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-search.h"
#include "scim.h"

#define ENTERPRISE DOOR_SCIM_ENTERPRISE_URN
#define SEARCH "'schemas':['urn:ietf:params:scim:api:messages:2.0:SearchRequest']"

static void
assert_refused (DoorScimSearch *search, GError **error, DoorFault fault)
{
  g_assert_null (search);
  g_assert_error (*error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpint (door_error_get_fault (*error), ==, fault);
}

/* RFC 7644 section 3.4.2.4: below 1 is 1, below 0 is 0, too many is fewer. */
static void
test_pages (void)
{
  static const struct
  {
    const char *start_index;
    const char *count;
    const char *cursor;
    int64_t wanted_index;
    int64_t wanted_count;
    const char *wanted_cursor;
    bool by_cursor;
  } cases[] = {
    { NULL, NULL, NULL, 1, 100, NULL, false },
    { "1", "10", NULL, 1, 10, NULL, false },
    { "0", "0", NULL, 1, 0, NULL, false },
    { "-7", "-1", NULL, 1, 0, NULL, false },
    { "100001", "1000", NULL, 100001, 1000, NULL, false },
    { "1", "1001", NULL, 1, 1000, NULL, false },
    { "99999999999999999999", "99999999999999999999", NULL, G_MAXINT64, 1000, NULL, false },
    { NULL, NULL, "", 0, 100, NULL, true },
    { NULL, "5", "abc", 0, 5, "abc", true },
    { "8", "5", "abc", 0, 5, "abc", true },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const DoorScimSearchWords words = { .start_index = cases[i].start_index,
                                          .count = cases[i].count,
                                          .cursor = cases[i].cursor };
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorScimSearch) search = door_scim_search_new (&user_type, DOOR_SCIM_STRICT, &words, &error);

      g_assert_no_error (error);
      g_assert_cmpint (search->start_index, ==, cases[i].wanted_index);
      g_assert_cmpint (search->count, ==, cases[i].wanted_count);
      g_assert_cmpstr (search->cursor, ==, cases[i].wanted_cursor);
      g_assert_cmpint (search->by_cursor, ==, cases[i].by_cursor);
    }
}

static void
test_bad_pages (void)
{
  static const struct
  {
    const char *start_index;
    const char *count;
  } cases[] = { { "", NULL }, { "x", NULL }, { "1x", NULL },   { "1.5", NULL }, { " 1", NULL },
                { NULL, "" }, { NULL, "-" }, { NULL, "0x10" }, { NULL, "1e3" } };
  g_autofree char *cursor = g_strnfill (1025, 'a');
  const DoorScimSearchWords long_one = { .cursor = cursor };
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const DoorScimSearchWords words = { .start_index = cases[i].start_index, .count = cases[i].count };
      g_autoptr (GError) bad = NULL;

      assert_refused (door_scim_search_new (&user_type, DOOR_SCIM_STRICT, &words, &bad), &bad,
                      DOOR_FAULT_SCIM_VALUE);
    }
  assert_refused (door_scim_search_new (&user_type, DOOR_SCIM_STRICT, &long_one, &error), &error,
                  DOOR_FAULT_SCIM_CURSOR);
}

/* RFC 7644 section 3.4.2.3. */
static void
test_order (void)
{
  static const struct
  {
    const char *sort_by;
    const char *sort_order;
    DoorFault fault;
    const char *attribute;
    bool descending;
  } cases[] = {
    { "userName", NULL, DOOR_FAULT_NONE, "userName", false },
    { "USERNAME", "Descending", DOOR_FAULT_NONE, "userName", true },
    { "name.familyName", "ascending", DOOR_FAULT_NONE, "name", false },
    { "emails", NULL, DOOR_FAULT_NONE, "emails", false },
    { "meta.lastModified", NULL, DOOR_FAULT_NONE, "meta", false },
    { ENTERPRISE ":department", NULL, DOOR_FAULT_NONE, "department", false },
    { NULL, "descending", DOOR_FAULT_NONE, NULL, true },
    { "", NULL, DOOR_FAULT_NONE, NULL, false },
    { "userName", "down", DOOR_FAULT_SCIM_VALUE, NULL, false },
    { "nothing", NULL, DOOR_FAULT_SCIM_PATH, NULL, false },
    { "name", NULL, DOOR_FAULT_SCIM_PATH, NULL, false },
    { "password", NULL, DOOR_FAULT_SCIM_PATH, NULL, false },
    { ENTERPRISE, NULL, DOOR_FAULT_SCIM_PATH, NULL, false },
    { "id; DROP TABLE person", NULL, DOOR_FAULT_SCIM_PATH, NULL, false },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const DoorScimSearchWords words = { .sort_by = cases[i].sort_by, .sort_order = cases[i].sort_order };
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorScimSearch) search = door_scim_search_new (&user_type, DOOR_SCIM_STRICT, &words, &error);

      if (cases[i].fault != DOOR_FAULT_NONE)
        {
          assert_refused (search, &error, cases[i].fault);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpint (search->descending, ==, cases[i].descending);
      g_assert_cmpstr (search->sort_by.attribute != NULL ? search->sort_by.attribute->name : NULL, ==,
                       cases[i].attribute);
    }
}

static void
test_filter_and_names (void)
{
  const DoorScimSearchWords words = { .filter = "userName eq \"anna\"", .attributes = "name" };
  const DoorScimSearchWords bad = { .filter = "userName eq" }, word = { .filter = "userName eq anna" };
  const DoorScimSearchWords empty = { .filter = "" };
  g_autoptr (GError) error = NULL, first = NULL, second = NULL, third = NULL;
  g_autoptr (DoorScimSearch) search = door_scim_search_new (&user_type, DOOR_SCIM_STRICT, &words, &error);
  g_autoptr (DoorScimSearch) loose = door_scim_search_new (&user_type, DOOR_SCIM_WORD_VALUES, &word, &error);

  g_assert_no_error (error);
  g_assert_nonnull (search->filter);
  g_assert_true (door_scim_projection_wants (search->projection, "name"));
  g_assert_false (door_scim_projection_wants (search->projection, "emails"));
  g_assert_nonnull (loose->filter);
  assert_refused (door_scim_search_new (&user_type, DOOR_SCIM_STRICT, &bad, &first), &first,
                  DOOR_FAULT_SCIM_FILTER);
  assert_refused (door_scim_search_new (&user_type, DOOR_SCIM_STRICT, &word, &second), &second,
                  DOOR_FAULT_SCIM_FILTER);
  assert_refused (door_scim_search_new (&user_type, DOOR_SCIM_STRICT, &empty, &third), &third,
                  DOOR_FAULT_SCIM_FILTER);
}

/* RFC 7644 section 3.4.3: the same, where nothing of it stands in a log of addresses. */
static void
test_messages (void)
{
  g_autoptr (JsonObject) message = parse_object (
      "{" SEARCH ",'attributes':['displayName','userName'],"
      "'startIndex':11,'count':10,'sortBy':'userName','sortOrder':'descending','excludedAttributes':null}");
  g_autoptr (JsonObject) plain = parse_object ("{" SEARCH "}");
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorScimSearch) search = NULL, all = NULL;

  json_object_set_string_member (message, "Filter", "displayName sw \"smith\"");
  search = door_scim_search_parse (&user_type, DOOR_SCIM_STRICT, message, &error);
  g_assert_no_error (error);
  g_assert_cmpint (search->start_index, ==, 11);
  g_assert_cmpint (search->count, ==, 10);
  g_assert_true (search->descending);
  g_assert_cmpstr (search->sort_by.attribute->name, ==, "userName");
  g_assert_cmpint (search->filter->op, ==, DOOR_SCIM_SW);
  g_assert_true (door_scim_projection_wants (search->projection, "displayName"));
  g_assert_false (door_scim_projection_wants (search->projection, "emails"));
  all = door_scim_search_parse (&user_type, DOOR_SCIM_STRICT, plain, &error);
  g_assert_no_error (error);
  g_assert_null (all->filter);
  g_assert_cmpint (all->count, ==, DOOR_SCIM_DEFAULT_RESULTS);
}

static void
test_bad_messages (void)
{
  static const struct
  {
    const char *message;
    DoorFault fault;
  } cases[] = {
    { "{}", DOOR_FAULT_SCIM_SYNTAX },
    { "{" SEARCH ",'attributes':'name'}", DOOR_FAULT_SCIM_SYNTAX },
    { "{" SEARCH ",'attributes':['name',7]}", DOOR_FAULT_SCIM_SYNTAX },
    { "{" SEARCH ",'excludedAttributes':{}}", DOOR_FAULT_SCIM_SYNTAX },
    { "{" SEARCH ",'filter':[]}", DOOR_FAULT_SCIM_SYNTAX },
    { "{" SEARCH ",'sortBy':1}", DOOR_FAULT_SCIM_SYNTAX },
    { "{" SEARCH ",'cursor':1}", DOOR_FAULT_SCIM_SYNTAX },
    { "{" SEARCH ",'startIndex':'1'}", DOOR_FAULT_SCIM_VALUE },
    { "{" SEARCH ",'count':1.5}", DOOR_FAULT_SCIM_VALUE },
    { "{" SEARCH ",'filter':'userName'}", DOOR_FAULT_SCIM_FILTER },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonObject) message = parse_object (cases[i].message);
      g_autoptr (GError) error = NULL;

      assert_refused (door_scim_search_parse (&user_type, DOOR_SCIM_STRICT, message, &error), &error,
                      cases[i].fault);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scim/search/pages", test_pages);
  g_test_add_func ("/scim/search/bad-pages", test_bad_pages);
  g_test_add_func ("/scim/search/order", test_order);
  g_test_add_func ("/scim/search/filter-and-names", test_filter_and_names);
  g_test_add_func ("/scim/search/messages", test_messages);
  g_test_add_func ("/scim/search/bad-messages", test_bad_messages);
  return g_test_run ();
}
