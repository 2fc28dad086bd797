/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-directory-member-store.h"
#include "door-json.h"
#include "door-scim-key.h"
#include "door-scim-query.h"
#include "door-scim-text.h"
#include "stores.h"

#include <string.h>

#define N_USERS 80
#define ENTERPRISE DOOR_SCIM_ENTERPRISE_URN

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
static const DoorScimScope users = { "okta", &user_type, "https://door.example.test/scim/v2/okta" };
static const DoorScimScope groups = { "okta", &group_type, "https://door.example.test/scim/v2/okta" };

static JsonObject *
parse (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = door_json_parse (bytes, 16, &error);

  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (node));
}

static bool
add (DoorTxn *txn, const DoorScimScope *scope, const char *id, const char *name, int64_t created_at,
     const char *text)
{
  g_autoptr (JsonObject) object = parse (text);
  g_autoptr (GPtrArray) keys = door_scim_key_list (scope->type, object);
  g_autofree char *name_key = door_scim_text_fold (name);
  const DoorDirectoryResource resource = {
    .id = T (id),
    .directory = T (scope->directory),
    .kind = T (scope->type->name),
    .name = T (name),
    .name_key = name_key,
    .attributes = T (text),
    .version = 1,
    .created_at = created_at,
    .updated_at = created_at + 5,
  };
  g_autoptr (GError) error = NULL;
  bool changed = false;

  must (door_directory_store_add (txn, &resource, &changed, &error));
  if (changed)
    must (door_directory_store_set_values (txn, &resource, keys, &error));
  return changed;
}

static char *
join_ids (GPtrArray *rows)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (ids, "%s%s", i > 0 ? "," : "", ((DoorDirectoryResource *) rows->pdata[i])->id);
  return g_string_free (g_steal_pointer (&ids), FALSE);
}

/* The ids of a page, and the number of all. */
static char *
find (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearchWords *words, int64_t *total)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorScimSearch) search = door_scim_search_new (scope->type, DOOR_SCIM_STRICT, words, &error);
  g_autoptr (GPtrArray) rows = NULL;
  DoorScimPlace place;

  g_assert_no_error (error);
  place = (DoorScimPlace){ .skip = search->start_index - 1, .limit = search->count };
  must (door_scim_query_count (txn, scope, search, total, &error));
  rows = door_scim_query_list (txn, scope, search, &place, &error);
  g_assert_no_error (error);
  return join_ids (rows);
}

static const char *
pick (GRand *rand, const char *const *words)
{
  return words[g_rand_int_range (rand, 0, (gint32) g_strv_length ((char **) words))];
}

/* Values are few, so that filters meet them, and odd, so that comparing them is work: case, other scripts,
 * signs that a pattern would obey, texts longer than a rank. */
static const char *const names[] = { "anna",
                                     "Anna",
                                     "ANNABEL",
                                     "ann",
                                     "Zoë",
                                     "zoe",
                                     "ÅSA",
                                     "100%",
                                     "a_b",
                                     "o'brien",
                                     "anna.chao.with.a.long.name",
                                     "anna.chao.with.a.long.nose",
                                     "李雷",
                                     NULL };
static const char *const types[] = { "work", "home", "other", NULL };

static char *
make_user (GRand *rand, int i)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "{\"schemas\":[\"" DOOR_SCIM_USER_URN "\"],\"userName\":\"%s-%d\"",
                          pick (rand, names), i);
  if (g_rand_boolean (rand))
    g_string_append_printf (text, ",\"externalId\":\"%s\"", pick (rand, names));
  if (g_rand_boolean (rand))
    g_string_append_printf (text, ",\"active\":%s", g_rand_boolean (rand) ? "true" : "false");
  if (g_rand_boolean (rand))
    g_string_append_printf (text, ",\"name\":{\"familyName\":\"%s\",\"givenName\":\"%s\"}",
                            pick (rand, names), pick (rand, names));
  if (g_rand_boolean (rand))
    g_string_append_printf (text, ",\"title\":\"%s\"", pick (rand, names));
  for (int k = g_rand_int_range (rand, 0, 4), first = k; k > 0; k--)
    g_string_append_printf (text, "%s{\"value\":\"%s@x.test\",\"type\":\"%s\",\"primary\":%s}%s",
                            k == first ? ",\"emails\":[" : ",", pick (rand, names), pick (rand, types),
                            k == 1 ? "true" : "false", k == 1 ? "]" : "");
  if (g_rand_boolean (rand))
    g_string_append_printf (text,
                            ",\"" ENTERPRISE "\":{\"department\":\"%s\",\"manager\":{\"value\":\"%s\"}}",
                            pick (rand, names), pick (rand, names));
  g_string_append_c (text, '}');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
put_term (GRand *rand, GString *out, const char *const *paths)
{
  static const char *const ops[] = { "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "eq", "eq", NULL };
  const char *path = pick (rand, paths);

  if (g_rand_int_range (rand, 0, 6) == 0)
    g_string_append_printf (out, "%s pr", path);
  else if (g_rand_int_range (rand, 0, 12) == 0)
    g_string_append_printf (out, "%s %s null", path, g_rand_boolean (rand) ? "eq" : "ne");
  else if (g_str_equal (path, "active") || g_str_has_suffix (path, "primary"))
    g_string_append_printf (out, "%s %s %s", path, g_rand_boolean (rand) ? "eq" : "ne",
                            g_rand_boolean (rand) ? "true" : "false");
  else
    {
      g_autofree char *word = g_strdup (pick (rand, g_str_has_suffix (path, "type") ? types : names));
      const char *op = pick (rand, ops);

      /* a part of it, for what looks within */
      if (op[0] == 'c' || op[0] == 's' || g_str_equal (op, "ew"))
        {
          glong length = g_utf8_strlen (word, -1), from = g_rand_int_range (rand, 0, (gint32) length + 1);
          g_autofree char *part =
              g_utf8_substring (word, op[0] == 's' ? 0 : from, op[0] == 's' ? from : length);

          g_string_append_printf (out, "%s %s \"%s\"", path, op, part);
        }
      else
        g_string_append_printf (out, "%s %s \"%s\"", path, op, word);
    }
}

static void
put_filter (GRand *rand, GString *out, int depth)
{
  static const char *const paths[] = { "userName",
                                       "externalId",
                                       "active",
                                       "name",
                                       "name.familyName",
                                       "title",
                                       "emails",
                                       "emails.value",
                                       "emails.type",
                                       "emails.primary",
                                       ENTERPRISE ":department",
                                       ENTERPRISE ":manager.value",
                                       "nickName",
                                       "schemas",
                                       NULL };
  static const char *const parts[] = { "value", "type", "primary", "display", NULL };
  gint32 way = g_rand_int_range (rand, 0, depth > 0 ? 8 : 3);

  /* a complex value without one of its own is there or not */
  if (way < 2)
    {
      const char *const *from = paths;
      g_autoptr (GString) term = g_string_new (NULL);

      do
        {
          g_string_truncate (term, 0);
          put_term (rand, term, from);
        }
      while (g_str_has_prefix (term->str, "name ") && !g_str_has_suffix (term->str, " pr"));
      g_string_append (out, term->str);
    }
  else if (way == 2 || way == 3)
    {
      g_string_append (out, "emails[");
      put_term (rand, out, parts);
      for (; g_rand_int_range (rand, 0, 3) > 0;)
        {
          g_string_append (out, g_rand_boolean (rand) ? " and " : " or ");
          put_term (rand, out, parts);
        }
      g_string_append (out, "]");
    }
  else if (way == 4)
    {
      g_string_append (out, "not (");
      put_filter (rand, out, depth - 1);
      g_string_append (out, ")");
    }
  else
    {
      g_string_append (out, "(");
      put_filter (rand, out, depth - 1);
      g_string_append (out, way < 7 ? " and " : " or ");
      put_filter (rand, out, depth - 1);
      g_string_append (out, ")");
    }
}

static char *
filter_here (const DoorScimFilter *filter, char *const *ids, char *const *texts)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (size_t i = 0; i < N_USERS; i++)
    {
      g_autoptr (JsonObject) object = parse (texts[i]);

      if (door_scim_filter_matches (filter, object))
        g_string_append_printf (found, "%s%s", found->len > 0 ? "," : "", ids[i]);
    }
  return g_string_free (g_steal_pointer (&found), FALSE);
}

/* What the database finds by a filter is what the filter matches, for hundreds that nobody has thought of. */
static void
test_filters (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GRand) rand = g_rand_new_with_seed (38);
  g_auto (GStrv) ids = g_new0 (char *, N_USERS + 1), texts = g_new0 (char *, N_USERS + 1);
  size_t met = 0;

  for (int i = 0; i < N_USERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("n%d", i);

      ids[i] = g_strdup_printf ("u%03d", i);
      texts[i] = make_user (rand, i);
      g_assert_true (add (txn, &users, ids[i], name, i, texts[i]));
    }
  for (int i = 0; i < 400; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorScimFilter) filter = NULL;
      g_autofree char *found = NULL, *expected = NULL;
      int64_t total = -1;

      put_filter (rand, text, 3);
      filter = door_scim_filter_parse (&user_type, DOOR_SCIM_STRICT, text->str, &error);
      if (filter == NULL)
        g_error ("%s: %s", text->str, error->message);
      expected = filter_here (filter, ids, texts);
      found = find (txn, &users, &(DoorScimSearchWords){ .filter = text->str }, &total);
      if (!g_str_equal (found, expected))
        g_error ("%s\n finds    %s\n and not  %s", text->str, found, expected);
      g_assert_cmpint (total, ==, (int64_t) (strlen (found) + 1) / 5); /* "u000," */
      met += *found != '\0' && total < N_USERS;
    }
  g_test_message ("%zu of 400 filters found some and not all", met);
  g_assert_cmpuint (met, >, 100);
}

static void
assert_found (DoorTxn *txn, const DoorScimScope *scope, const DoorScimSearchWords *words,
              int64_t expected_total, const char *expected)
{
  int64_t total = -1;
  g_autofree char *found = find (txn, scope, words, &total);

  g_assert_cmpstr (found, ==, expected);
  g_assert_cmpint (total, ==, expected_total);
}

#define FIND(expected_total, expected, ...)                                                                  \
  assert_found (txn, &users, &(DoorScimSearchWords){ __VA_ARGS__ }, expected_total, expected)

static void
add_few (DoorTxn *txn)
{
  add (txn, &users, "c", "Carl", 3000,
       "{\"userName\":\"Carl\",\"externalId\":\"7\",\"title\":\"b\",\"emails\":[{\"value\":\"z@x\"},{"
       "\"value\":\"a@x\","
       "\"primary\":true}]}");
  add (txn, &users, "a", "Bert", 1000, "{\"userName\":\"Bert\",\"emails\":[{\"value\":\"m@x\"}]}");
  add (txn, &users, "b", "anna", 2000, "{\"userName\":\"anna\",\"title\":\"A\"}");
  add (txn, &users, "d", "dora", 2000, "{\"userName\":\"dora\",\"title\":\"c\"}");
}

/* RFC 7644 section 3.4.2.3: the primary value, without case; who has none comes last, or first. */
static void
test_order (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);

  add_few (txn);
  FIND (4, "a,b,d,c");
  FIND (4, "c,d,b,a", .sort_order = "descending");
  FIND (4, "b,a,c,d", .sort_by = "userName");
  FIND (4, "d,c,a,b", .sort_by = "userName", .sort_order = "descending");
  FIND (4, "b,c,d,a", .sort_by = "title");
  FIND (4, "a,d,c,b", .sort_by = "title", .sort_order = "descending");
  FIND (4, "c,a,b,d", .sort_by = "emails");
  FIND (4, "b,d,a,c", .sort_by = "emails.value", .sort_order = "descending");
  FIND (4, "a,b,d,c", .sort_by = "meta.created");
  FIND (4, "c,d,b,a", .sort_by = "meta.lastModified", .sort_order = "descending");
  FIND (4, "a,b,c,d", .sort_by = "id");
  FIND (2, "b,d", .sort_by = "title", .filter = "userName sw \"an\" or userName eq \"DORA\"");
}

/* Whatever the size of the pages, they are the list, in one order. */
static void
test_pages (Fixture *fixture)
{
  static const char *const orders[] = { NULL, "userName", "title", "emails", "meta.created", NULL };
  g_autoptr (DoorTxn) txn = begin (fixture);

  add_few (txn);
  for (size_t i = 0; i < 10; i++)
    for (int size = 1; size <= 5; size++)
      {
        const DoorScimSearchWords all = { .sort_by = orders[i / 2],
                                          .sort_order = i % 2 ? "descending" : NULL };
        g_autoptr (GString) pages = g_string_new (NULL);
        g_autofree char *whole = NULL, *count = g_strdup_printf ("%d", size);
        int64_t total;

        whole = find (txn, &users, &all, &total);
        for (int start = 1; start <= 4; start += size)
          {
            g_autofree char *index = g_strdup_printf ("%d", start), *page = NULL;
            DoorScimSearchWords words = all;

            words.start_index = index;
            words.count = count;
            page = find (txn, &users, &words, &total);
            g_string_append_printf (pages, "%s%s", start > 1 ? "," : "", page);
            g_assert_cmpint (total, ==, 4);
          }
        g_assert_cmpstr (pages->str, ==, whole);
      }
  FIND (4, "", .start_index = "5");
  FIND (4, "", .count = "0");
}

/* RFC 9865: what comes behind a resource, though others come before it meanwhile. */
static void
test_behind (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorScimSearch) search =
      door_scim_search_new (&user_type, DOOR_SCIM_STRICT, &(DoorScimSearchWords){ .cursor = "" }, &error);
  const DoorScimPlace places[] = {
    { NULL, 0, 0, 2 }, { "b", 2000, 0, 2 }, { "d", 2000, 0, 2 }, { "c", 3000, 0, 2 }
  };
  static const char *const expected[] = { "a,b", "d,c", "c", "" };

  add_few (txn);
  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GPtrArray) rows = door_scim_query_list (txn, &users, search, &places[i], &error);
      g_autofree char *found = NULL;

      g_assert_no_error (error);
      found = join_ids (rows);
      g_assert_cmpstr (found, ==, expected[i]);
    }
}

static void
test_own_attributes (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);

  add_few (txn);
  FIND (1, "b", .filter = "id eq \"b\"");
  FIND (0, "", .filter = "id eq \"B\"");
  FIND (3, "a,d,c", .filter = "id ne \"b\"");
  FIND (2, "a,c", .filter = "id eq \"a\" or externalId eq \"7\"");
  FIND (2, "d,c", .filter = "meta.created ge \"1970-01-01T00:00:02Z\" and not (userName eq \"ANNA\")");
  FIND (1, "c", .filter = "meta.lastModified gt \"1970-01-01T00:00:02.005Z\"");
  FIND (2, "b,d", .filter = "meta.lastModified eq \"1970-01-01T01:00:02.005+01:00\"");
  FIND (0, "", .filter = "meta.created eq \"1970-01-01T00:00:02.0001Z\"");
  FIND (4, "a,b,d,c", .filter = "meta.resourceType eq \"User\"");
  FIND (0, "", .filter = "meta.resourceType eq \"Group\"");
  FIND (4, "a,b,d,c", .filter = "meta.version eq \"W/\\\"1\\\"\"");
  FIND (4, "a,b,d,c", .filter = "id pr and meta pr and meta.created pr");
}

/* Another directory, and another kind, are other lists, with names of their own. */
static void
test_scope (Fixture *fixture)
{
  static const DoorScimScope other = { "entra", &user_type, "" };
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorDirectoryResource) found = NULL, none = NULL;

  g_assert_true (add (txn, &users, "u1", "Anna", 1, "{\"userName\":\"Anna\"}"));
  g_assert_false (add (txn, &users, "u2", "ANNA", 2, "{\"userName\":\"ANNA\"}"));
  g_assert_true (add (txn, &other, "u3", "anna", 3, "{\"userName\":\"anna\"}"));
  g_assert_true (add (txn, &groups, "g1", "anna", 4, "{\"displayName\":\"anna\"}"));
  FIND (1, "u1");
  FIND (1, "u1", .filter = "userName eq \"aNNA\"");
  FIND (0, "", .filter = "id eq \"u3\"");
  FIND (1, "u1", .filter = "userName pr");
  assert_found (txn, &other, &(DoorScimSearchWords){ .filter = "userName sw \"a\"" }, 1, "u3");
  assert_found (txn, &groups, &(DoorScimSearchWords){ .filter = "displayName eq \"Anna\"" }, 1, "g1");
  must (door_directory_store_lookup (txn, "okta", DOOR_DIRECTORY_USER, "u1", &found, &error));
  g_assert_cmpstr (found->name, ==, "Anna");
  must (door_directory_store_lookup (txn, "entra", DOOR_DIRECTORY_USER, "u1", &none, &error));
  g_assert_null (none);
  must (door_directory_store_lookup (txn, "okta", DOOR_DIRECTORY_GROUP, "u1", &none, &error));
  g_assert_null (none);
}

/* A change is of the version that it was made from, and takes no name that another has. */
static void
test_update_and_remove (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  DoorDirectoryResource anna = { .id = T ("u1"),
                                 .directory = T ("okta"),
                                 .kind = T (DOOR_DIRECTORY_USER),
                                 .name = T ("anne"),
                                 .name_key = T ("anne"),
                                 .attributes = T ("{}"),
                                 .version = 2,
                                 .updated_at = 9 };
  int64_t total = -1;
  bool changed = false;

  add (txn, &users, "u1", "anna", 1, "{\"userName\":\"anna\"}");
  add (txn, &users, "u2", "ben", 2, "{\"userName\":\"ben\"}");
  must (door_directory_store_update (txn, &anna, 1, &changed, &error));
  g_assert_true (changed);
  must (door_directory_store_update (txn, &anna, 1, &changed, &error));
  g_assert_false (changed);
  anna.version = 3;
  anna.name_key = T ("ben");
  must (door_directory_store_update (txn, &anna, 2, &changed, &error));
  g_assert_false (changed);
  must (door_directory_store_remove (txn, &anna, &changed, &error));
  g_assert_true (changed);
  must (door_directory_store_remove (txn, &anna, &changed, &error));
  g_assert_false (changed);
  must (door_directory_store_get_total (txn, "okta", DOOR_DIRECTORY_USER, &total, &error));
  g_assert_cmpint (total, ==, 1);
  FIND (1, "u2");
  g_assert_true (add (txn, &users, "u3", "Anne", 3, "{\"userName\":\"Anne\"}"));
}

static bool
change_members (DoorTxn *txn, const char *group_id, const char *way, const char *ids)
{
  g_auto (GStrv) list = g_strsplit (ids, ",", -1);
  const DoorDirectoryResource group = { .id = T (group_id), .directory = T ("okta") };
  const DoorMemberChange change = { &group, "change" };
  g_autoptr (GError) error = NULL;
  bool changed = false, kept = false;

  must (door_directory_member_store_name (txn, &change, (const char *const *) list, &error));
  if (*way == '-')
    must (door_directory_member_store_remove (txn, &change, &changed, &error));
  if (*way == '=')
    must (door_directory_member_store_keep (txn, &change, &kept, &error));
  if (*way != '-')
    must (door_directory_member_store_add (txn, &change, &changed, &error));
  must (door_directory_member_store_forget (txn, &change, &error));
  return changed || kept;
}

static char *
join_members (GPtrArray *rows)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      const DoorDirectoryMember *row = rows->pdata[i];

      g_string_append_printf (ids, "%s%s:%s:%s", i > 0 ? "," : "", row->id, row->kind, row->name);
    }
  return g_string_free (g_steal_pointer (&ids), FALSE);
}

static void
assert_members (DoorTxn *txn, GPtrArray *(*list) (DoorTxn *, const char *, GError **), const char *id,
                const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = list (txn, id, &error);
  g_autofree char *found = NULL;

  g_assert_no_error (error);
  found = join_members (rows);
  g_assert_cmpstr (found, ==, expected);
}

static void
add_members (DoorTxn *txn)
{
  static const DoorScimScope other = { "entra", &user_type, "" };

  add_few (txn);
  add (txn, &other, "x", "anna", 1, "{\"userName\":\"anna\"}");
  add (txn, &groups, "g", "All", 1, "{\"displayName\":\"All\"}");
  add (txn, &groups, "h", "Half", 2, "{\"displayName\":\"Half\"}");
  add (txn, &groups, "i", "In", 3, "{\"displayName\":\"In\"}");
}

/* Who is of no directory, or of another's, stays out, and the rest comes in. */
static void
test_members (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorDirectoryResource group = { .id = T ("g"), .directory = T ("okta") };
  const DoorMemberChange change = { &group, "other" };
  const char *const named[] = { "a", "x", "nobody", NULL };
  g_autoptr (GPtrArray) unknown = NULL;

  add_members (txn);
  g_assert_true (change_members (txn, "g", "+", "a,b,a,x,nobody,h"));
  g_assert_false (change_members (txn, "g", "+", "a,b"));
  assert_members (txn, door_directory_member_store_list, "g", "a:User:Bert,b:User:anna,h:Group:Half");
  assert_members (txn, door_directory_member_store_list_groups, "a", "g:Group:All");
  g_assert_true (change_members (txn, "g", "-", "a,c"));
  g_assert_false (change_members (txn, "g", "-", "a,c"));
  g_assert_true (change_members (txn, "g", "=", "b,c"));
  g_assert_false (change_members (txn, "g", "=", "b,c"));
  assert_members (txn, door_directory_member_store_list, "g", "b:User:anna,c:User:Carl");
  must (door_directory_member_store_name (txn, &change, named, &error));
  unknown = door_directory_member_store_list_unknown (txn, &change, 10, &error);
  g_assert_cmpuint (unknown->len, ==, 2);
  g_assert_cmpstr (((DoorDirectoryMember *) unknown->pdata[1])->id, ==, "x");
  must (door_directory_member_store_forget (txn, &change, &error));
  g_assert_true (change_members (txn, "g", "=", ""));
  assert_members (txn, door_directory_member_store_list, "g", "");
  assert_rows (txn, "SELECT COUNT(*) AS n FROM directory_change", "[{'n': <int64 0>}]");
}

/* Groups in groups, and in a circle. */
static void
test_nested (Fixture *fixture)
{
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  const DoorDirectoryResource half = { .id = T ("h"),
                                       .directory = T ("okta"),
                                       .kind = T (DOOR_DIRECTORY_GROUP) };
  bool changed = false;

  add_members (txn);
  change_members (txn, "i", "+", "a");
  change_members (txn, "h", "+", "i,b");
  change_members (txn, "g", "+", "h");
  change_members (txn, "i", "+", "g");
  assert_members (txn, door_directory_member_store_list_groups, "a", "i:Group:In");
  assert_members (txn, door_directory_member_store_list_all_groups, "a",
                  "g:Group:All,h:Group:Half,i:Group:In");
  assert_members (txn, door_directory_member_store_list_all_groups, "c", "");
  must (door_directory_store_remove (txn, &half, &changed, &error));
  assert_members (txn, door_directory_member_store_list_all_groups, "a", "i:Group:In");
  assert_members (txn, door_directory_member_store_list, "g", "");
}

/* Entra asks whether somebody is in a group, and nobody reads the group for it. */
static void
test_member_filters (Fixture *fixture)
{
  static const struct
  {
    const DoorScimScope *scope;
    const char *filter;
    const char *found;
  } cases[] = {
    { &groups, "id eq \"g\" and members eq \"a\"", "g" },
    { &groups, "members.value eq \"i\"", "h" },
    { &groups, "members[value eq \"b\" and type eq \"user\"]", "g,h" },
    { &groups, "members[value eq \"b\" and type eq \"Group\"]", "" },
    { &groups, "members pr", "g,h" },
    { &groups, "not (members pr)", "i" },
    { &groups, "members.value ne \"a\"", "h,i" },
    { &groups, "members.type eq \"Group\"", "h" },
    { &users, "groups.value eq \"g\"", "a,b" },
    { &users, "groups eq \"h\"", "b" },
    { &users, "groups[value eq \"g\"] and not (groups[value eq \"h\"])", "a" },
    { &users, "not (groups pr)", "d,c" },
  };
  g_autoptr (DoorTxn) txn = begin (fixture);
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorScimSearch) search = NULL;
  int64_t total = 0;

  add_members (txn);
  change_members (txn, "g", "+", "a,b");
  change_members (txn, "h", "+", "b,i");
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *found =
          find (txn, cases[i].scope, &(DoorScimSearchWords){ .filter = cases[i].filter }, &total);

      if (!g_str_equal (found, cases[i].found))
        g_error ("%s finds %s", cases[i].filter, found);
    }
  search = door_scim_search_new (&group_type, DOOR_SCIM_STRICT,
                                 &(DoorScimSearchWords){ .filter = "members.display eq \"x\"" }, &error);
  g_assert_no_error (error);
  g_assert_false (door_scim_query_count (txn, &groups, search, &total, &error));
  assert_fault (error, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_FILTER);
}

/* What would be looked at one by one is refused in a large directory; what an index finds is not. */
static void
test_cost (Fixture *fixture)
{
  static const struct
  {
    const char *filter;
    bool taken;
  } cases[] = {
    { NULL, true },
    { "userName eq \"anna\"", true },
    { "userName sw \"an\"", true },
    { "externalId eq \"7\" and title co \"b\"", true },
    { "emails[type eq \"work\" and value eq \"a\"]", true },
    { "userName eq \"a\" or externalId eq \"7\"", true },
    { "groups.value eq \"g\"", true },
    { "title co \"b\"", false },
    { "userName ew \"a\"", false },
    { "userName ne \"a\"", false },
    { "not (userName eq \"a\")", false },
    { "userName eq \"a\" or title co \"b\"", false },
    { "userName sw \"\"", false },
    { "emails.type eq \"work\"", false },
  };
  g_autoptr (DoorTxn) txn = begin (fixture);
  const DoorScimPlace place = { .limit = 10 };

  add_few (txn);
  for (int large = 0; large < 2; large++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *sql =
          g_strdup_printf ("UPDATE directory_total SET total = %d", DOOR_SCIM_MAX_SCAN + large);

      g_assert_cmpint (door_txn_execute (txn, sql, NULL, &error), ==, 1);
      for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
        {
          g_autoptr (DoorScimSearch) search = door_scim_search_new (
              &user_type, DOOR_SCIM_STRICT, &(DoorScimSearchWords){ .filter = cases[i].filter }, &error);
          g_autoptr (GPtrArray) rows = NULL;
          g_autoptr (GError) counted = NULL, listed = NULL;
          int64_t total;

          g_assert_no_error (error);
          rows = door_scim_query_list (txn, &users, search, &place, &listed);
          g_assert_cmpint (rows != NULL, ==, cases[i].taken || !large);
          g_assert_cmpint (door_scim_query_count (txn, &users, search, &total, &counted), ==,
                           cases[i].taken || !large);
          if (rows == NULL)
            assert_fault (listed, DOOR_ERROR_INVALID_DATA, DOOR_FAULT_SCIM_TOOMANY);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add ("/directory-stores/filters", test_filters);
  fixture_add ("/directory-stores/order", test_order);
  fixture_add ("/directory-stores/pages", test_pages);
  fixture_add ("/directory-stores/behind", test_behind);
  fixture_add ("/directory-stores/own-attributes", test_own_attributes);
  fixture_add ("/directory-stores/scope", test_scope);
  fixture_add ("/directory-stores/update-and-remove", test_update_and_remove);
  fixture_add ("/directory-stores/members", test_members);
  fixture_add ("/directory-stores/nested", test_nested);
  fixture_add ("/directory-stores/member-filters", test_member_filters);
  fixture_add ("/directory-stores/cost", test_cost);
  return g_test_run ();
}
