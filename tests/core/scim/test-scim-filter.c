/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "door-scim-text.h"
#include "scim.h"

/* As door_scim_resource_read() makes it, with what the server adds. */
#define ANNA                                                                                                 \
  "{'id':'7','externalId':'Ex-7','userName':'Anna.Chao@example.test','displayName':'Änna','active':true,"   \
  "'name':{'givenName':'Anna','familyName':'Chao'},'title':'',"                                              \
  "'emails':[{'value':'anna@work.test','type':'work','primary':true},{'value':'Anna@home.test','type':'"     \
  "home'}],"                                                                                                 \
  "'meta':{'lastModified':'2026-11-24T08:00:00Z'},"                                                          \
  "'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User':{'department':'Design','manager':{'value':'" \
  "3'}}}"
#define ENTERPRISE DOOR_SCIM_ENTERPRISE_URN

static DoorScimFilter *
parse (const char *text, DoorScimDialect dialect, GError **error)
{
  g_autofree char *filter = g_strdelimit (g_strdup (text), "'", '"');

  return door_scim_filter_parse (&user_type, dialect, filter, error);
}

typedef struct
{
  const char *filter;
  bool matches;
} Case;

static void
assert_cases (const Case *cases, size_t n_cases, DoorScimDialect dialect)
{
  g_autoptr (JsonObject) anna = parse_object (ANNA);

  for (size_t i = 0; i < n_cases; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorScimFilter) filter = parse (cases[i].filter, dialect, &error);

      if (filter == NULL)
        g_error ("%s: %s", cases[i].filter, error->message);
      if (door_scim_filter_matches (filter, anna) != cases[i].matches)
        g_error ("%s is %s", cases[i].filter, cases[i].matches ? "false" : "true");
    }
}

/* RFC 7644 section 3.4.2.2, table 3: attribute operators. */
static void
test_operators (void)
{
  static const Case cases[] = {
    { "userName eq 'anna.chao@EXAMPLE.test'", true },
    { "userName eq 'anna'", false },
    { "userName ne 'anna'", true },
    { "userName ne 'ANNA.chao@example.test'", false },
    { "userName co 'CHAO'", true },
    { "userName sw 'anna'", true },
    { "userName sw 'chao'", false },
    { "userName ew 'TEST'", true },
    { "userName gt 'anna'", true },
    { "userName lt 'anna'", false },
    { "userName ge 'anna.chao@example.test'", true },
    { "userName le 'anna.chao@example.test'", true },
    { "title pr", true },
    { "nickName pr", false },
    { "name pr", true },
    { "emails pr", true },
    { "phoneNumbers pr", false },
    { "active eq true", true },
    { "active ne true", false },
    { "active eq false", false },
    { "externalId eq 'Ex-7'", true },
    { "externalId eq 'ex-7'", false },
    { "id eq '7'", true },
    { "meta.lastModified ge '2026-11-24T09:00:00+01:00'", true },
    { "meta.lastModified gt '2026-11-24T07:59:59.9999999Z'", true },
    { "meta.lastModified gt '2026-11-24T08:00:00Z'", false },
    { "nickName eq null", true },
    { "nickName ne null", false },
    { "userName ne null", true },
    { "nickName ne 'x'", true },
    { "displayName eq 'ÄNNA'", true },
    { "displayName eq 'A\\u0308nna'", true },
    { "USERNAME EQ 'anna.chao@example.test'", true },
  };

  assert_cases (cases, G_N_ELEMENTS (cases), DOOR_SCIM_STRICT);
}

/* The same section, tables 4 and 5: precedence, groups and value paths. */
static void
test_joined (void)
{
  static const Case cases[] = {
    { "id eq '7' or id eq '8' and id eq '9'", true },
    { "(id eq '7' or id eq '8') and id eq '9'", false },
    { "not (id eq '8')", true },
    { "NOT (id eq '7') or active eq true", true },
    { "not (id eq '8') and not (id eq '9')", true },
    { "id eq '1' or id eq '2' or id eq '7'", true },
    { "id eq '7' and active eq true and userName pr", true },
    { "((id eq '7'))", true },
    { "emails.type eq 'work' and emails.value eq 'anna@home.test'", true },
    { "emails[type eq 'work' and value eq 'anna@home.test']", false },
    { "emails[type eq 'home' and value eq 'anna@home.test']", true },
    { "emails[not (type eq 'work')]", true },
    { "emails[type eq 'work' or type eq 'home'] and id eq '7'", true },
    { "emails[ primary eq true ]", true },
    { "emails eq 'anna@work.test'", true },
    { "emails co 'home'", true },
    { "emails ne 'anna@work.test'", false },
    { "name.familyName eq 'chao'", true },
    { ENTERPRISE ":department eq 'design'", true },
    { ENTERPRISE ":manager.value eq '3'", true },
    { ENTERPRISE ":costCenter pr", false },
    { DOOR_SCIM_USER_URN ":userName sw 'anna'", true },
  };

  assert_cases (cases, G_N_ELEMENTS (cases), DOOR_SCIM_STRICT);
}

/* Entra, authentik and PingFederate write these; only who is set up so may. */
static void
test_dialects (void)
{
  static const Case cases[] = {
    { "emails[type eq 'work'].value eq 'anna@work.test'", true },
    { "emails[type eq 'home'].value eq 'anna@work.test'", false },
    { "emails[type eq 'work'].value pr and id eq '7'", true },
    { "userName eq Anna.Chao@example.test", true },
    { "(userName eq anna)", false },
    { "active eq 'True'", true },
    { "active eq True", true },
    { "active eq 'false'", false },
  };

  assert_cases (cases, G_N_ELEMENTS (cases), DOOR_SCIM_COMPATIBLE);
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (cases[i].filter, DOOR_SCIM_STRICT, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

/* An answer without results would say that there is no such user, so what cannot be meant is refused. */
static void
test_refused (void)
{
  static const char *const texts[] = {
    "",
    " ",
    "userName",
    "userName eq",
    "userName eq 'a' and",
    "userName eq 'a' userName eq 'b'",
    "userName eq 'a",
    "userName is 'a'",
    "userName eq ['a']",
    "userName eq {'a':1}",
    "userName eq 1",
    "userName eq true",
    "active gt true",
    "active co 'tr'",
    "active eq 'maybe'",
    "nothing eq 'a'",
    "emails.nothing eq 'a'",
    "name eq 'a'",
    "name[familyName eq 'a'] x",
    "emails[type eq 'work'",
    "emails[type eq 'work']]",
    "emails[emails[type eq 'a']]",
    "userName[value eq 'a']",
    "(userName eq 'a'",
    "userName eq 'a')",
    "not userName eq 'a'",
    "not pr",
    "meta.lastModified gt 'yesterday'",
    "x509Certificates.value co 'a'",
    "urn:nothing:userName eq 'a'",
    ENTERPRISE " pr",
    ENTERPRISE ":userName eq 'a'",
    "userName eq 'a' \n and id eq '7'",
    ".userName eq 'a'",
    "userName. eq 'a'",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorScimFilter) filter = parse (texts[i], DOOR_SCIM_STRICT, &error);

      if (filter != NULL)
        g_error ("\"%s\" was read", texts[i]);
      g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SCIM_FILTER);
    }
}

static char *
repeat (const char *text, size_t times, const char *between)
{
  GString *out = g_string_new (text);

  for (size_t i = 1; i < times; i++)
    g_string_append_printf (out, "%s%s", between, text);
  return g_string_free (out, FALSE);
}

/* What a filter may cost is bounded before it is asked of a database. */
static void
test_limits (void)
{
  g_autofree char *most = repeat ("id eq '7'", DOOR_SCIM_MAX_FILTER_TERMS, " or ");
  g_autofree char *many = repeat ("id eq '7'", DOOR_SCIM_MAX_FILTER_TERMS + 1, " or ");
  g_autofree char *opens = g_strnfill (DOOR_SCIM_MAX_FILTER_DEPTH, '('),
                  *closes = g_strnfill (DOOR_SCIM_MAX_FILTER_DEPTH, ')');
  g_autofree char *deep = g_strconcat (opens, "id pr", closes, NULL),
                  *deeper = g_strconcat ("(", deep, ")", NULL);
  g_autofree char *long_text = g_strnfill (DOOR_SCIM_MAX_FILTER_BYTES, 'a');
  g_autofree char *longer = g_strconcat ("id eq '", long_text, "'", NULL);
  const char *const good[] = { most, deep }, *const bad[] = { many, deeper, longer };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (DoorScimFilter) filter = parse (good[i], DOOR_SCIM_STRICT, NULL);

      g_assert_nonnull (filter);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (parse (bad[i], DOOR_SCIM_STRICT, NULL));
}

static void
test_texts (void)
{
  g_autofree char *upper = door_scim_text_fold ("STRASSE É"),
                  *lower = door_scim_text_fold ("straße e\xcc\x81");
  int64_t time_us = 0;

  g_assert_cmpstr (upper, ==, lower);
  g_assert_true (door_scim_text_parse_time ("1970-01-01T00:00:01.5Z", &time_us));
  g_assert_cmpint (time_us, ==, 1500000);
  g_assert_true (door_scim_text_parse_time ("0001-01-01T00:00:00Z", &time_us));
  g_assert_cmpint (time_us, <, 0);
  g_assert_false (door_scim_text_parse_time ("24.11.2026", &time_us));
}

/* RFC 7643 section 7: what /Schemas says has no null and no attribute without its characteristics. */
static void
test_schemas (void)
{
  const DoorScimSchema *const schemas[] = { &door_scim_user_schema, &door_scim_enterprise_schema,
                                            &door_scim_group_schema };

  for (size_t i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_autoptr (JsonObject) object = door_scim_schema_dup_json (schemas[i]);
      g_autoptr (GBytes) bytes = door_json_build_object (object);
      JsonArray *attributes = json_object_get_array_member (object, "attributes");

      g_assert_null (
          g_strstr_len (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), "null"));
      g_assert_cmpstr (json_object_get_string_member (object, "id"), ==, schemas[i]->urn);
      for (guint k = 0; k < json_array_get_length (attributes); k++)
        for (const char *const *name =
                 (const char *const[]){ "name", "type", "multiValued", "description", "required", "caseExact",
                                        "mutability", "returned", "uniqueness", NULL };
             *name != NULL; name++)
          g_assert_true (json_object_has_member (json_array_get_object_element (attributes, k), *name));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scim/filter/operators", test_operators);
  g_test_add_func ("/scim/filter/joined", test_joined);
  g_test_add_func ("/scim/filter/dialects", test_dialects);
  g_test_add_func ("/scim/filter/refused", test_refused);
  g_test_add_func ("/scim/filter/limits", test_limits);
  g_test_add_func ("/scim/texts", test_texts);
  g_test_add_func ("/scim/schemas", test_schemas);
  return g_test_run ();
}
