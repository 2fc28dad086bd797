/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "saml-fixture.h"

#include <string.h>
#include <time.h>

#include <libxml/parser.h>

#include "door-saml-prescan.h"
#include "door-saml-time.h"
#include "door-saml-xml.h"

static const DoorSamlLimits message_limits = { .max_bytes = 256 * 1024,
                                               .max_work = 1000000,
                                               .fault = DOOR_FAULT_SAML_XML };

typedef struct
{
  const char *name;
  const char *xml;
  const char *reason; /* %NULL: passes */
} Text;

/* Lexical: what may not reach a parser at all. */
static const Text texts[] = {
  { "plain", "<a/>", NULL },
  { "declaration", "<?xml version='1.0' encoding='utf-8'?>\n<a></a>", NULL },
  { "declaration-without-encoding", "<?xml version=\"1.0\" standalone=\"yes\"?><a/>", NULL },
  { "byte-order-mark", "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?><a/>", NULL },
  { "white-space-before", " \n<a/>", NULL },
  { "comment", "<a><!-- <!DOCTYPE <?x ?> --></a>", NULL },
  { "cdata", "<a><![CDATA[<!DOCTYPE a> <?x ?> </a>]]></a>", NULL },
  { "greater-in-attribute", "<a b='/>' c=\"<\x27\"/>", "does not end" },
  { "greater-in-attribute-allowed", "<a b='/> ' c=\">'\" ></a >", NULL },
  { "doctype", "<!DOCTYPE a><a/>", "document type" },
  { "doctype-after-comment", "<!-- --><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type" },
  { "doctype-lower-case", "<!doctype a><a/>", "document type" },
  { "entity", "<a><!ENTITY b 'c'></a>", "document type" },
  { "instruction", "<a><?php x ?></a>", "processing instruction" },
  { "instruction-before", "<?xml-stylesheet href='x'?><a/>", "processing instruction" },
  { "second-declaration", "<a/><?xml version='1.0'?>", "processing instruction" },
  { "utf-16-declared", "<?xml version='1.0' encoding='UTF-16'?><a/>", "encoding other" },
  { "utf-7-declared", "<?xml version='1.0' encoding='UTF-7'?><a/>", "encoding other" },
  { "latin-1-declared", "<?xml version=\"1.0\" encoding = \"ISO-8859-1\" ?><a/>", "encoding other" },
  { "utf-80-declared", "<?xml version='1.0' encoding='UTF-80'?><a/>", "encoding other" },
  { "latin-1", "<a>\xe9</a>", "not UTF-8" },
  { "overlong", "<a>\xc0\xbc</a>", "not UTF-8" },
  { "surrogate", "<a>\xed\xa0\x80</a>", "not UTF-8" },
  { "text", "hello", "not XML" },
  { "nothing", "", "not XML" },
  { "declaration-open", "<?xml version='1.0'", "declaration does not end" },
  { "comment-open", "<a><!-- -- ", "comment does not end" },
  { "cdata-open", "<a><![CDATA[ ]] >", "CDATA section does not end" },
  { "tag-open", "<a b='c'", "does not end" },
  { "tag-open-slash", "<a b='c'/", "does not end" },
  { "end-tag-open", "<a></a", "does not end" },
  { "value-open", "<a b='c", "does not end" },
  { "value-without-quotes", "<a b=c/>", "no quotes" },
  { "value-missing", "<a b/>", "no value" },
  { "value-missing-at-end", "<a b", "no value" },
  { "value-missing-after-equals", "<a b=", "no quotes" },
  { "value-with-less", "<a b='<'/>", "does not end" },
  { "name-missing", "< a/>", "malformed" },
  { "attribute-name-missing", "<a ='b'/>", "malformed" },
  { "end-without-start", "<a/></b>", "never began" },
};

static void
test_prescan (gconstpointer data)
{
  const Text *text = data;
  g_autoptr (GError) error = NULL;
  bool ok = door_saml_prescan (text->xml, strlen (text->xml), &message_limits, &error);

  if (text->reason == NULL)
    {
      g_assert_no_error (error);
      g_assert_true (ok);
      return;
    }
  g_assert_false (ok);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_SAML_XML);
  if (strstr (error->message, text->reason) == NULL)
    g_test_fail_printf ("\"%s\" was expected: %s", text->reason, error->message);
}

static void
assert_prescan (const char *xml, size_t size, const char *reason)
{
  g_autoptr (GError) error = NULL;
  bool ok = door_saml_prescan (xml, size, &message_limits, &error);

  g_assert_cmpint (ok, ==, reason == NULL);
  if (reason != NULL && strstr (error->message, reason) == NULL)
    g_test_fail_printf ("\"%s\" was expected: %s", reason, error->message);
}

static void
test_nul (void)
{
  assert_prescan ("<a>\0</a>", 8, "not UTF-8");
}

static void
test_utf16 (void)
{
  assert_prescan ("\xff\xfe<\0a\0/\0>\0", 10, "not UTF-8");
  assert_prescan ("\0<\0a\0/\0>", 8, "not UTF-8");
}

static char *
make_tag (unsigned int attributes, const char *format)
{
  g_autoptr (GString) tag = g_string_new ("<a");

  for (unsigned int i = 0; i < attributes; i++)
    g_string_append_printf (tag, " %s%u='urn:%u'", format, i, i);
  g_string_append (tag, ">");
  return g_string_free (g_steal_pointer (&tag), FALSE);
}

static void
test_attributes (void)
{
  g_autofree char *most = make_tag (64, "b"), *more = make_tag (65, "b");

  assert_prescan (most, strlen (most), NULL);
  assert_prescan (more, strlen (more), "too many attributes");
}

/* Namespaces count for all open elements together; those of closed ones are forgotten. */
static void
test_namespaces (void)
{
  g_autofree char *half = make_tag (32, "xmlns:b"), *one = make_tag (1, "xmlns:c");
  g_autofree char *most = g_strconcat (half, half, NULL);
  g_autofree char *more = g_strconcat (half, half, one, NULL);
  g_autofree char *beside = g_strconcat (half, half, "</a>", half, "</a>", half, NULL);

  assert_prescan (most, strlen (most), NULL);
  assert_prescan (more, strlen (more), "too many namespaces");
  assert_prescan (beside, strlen (beside), NULL);
}

static void
test_tag_length (void)
{
  const size_t frame = strlen ("<a b=''/>");
  g_autofree char *filler = g_strnfill (8192 - frame, 'x');
  g_autofree char *most = g_strdup_printf ("<a b='%s'/>", filler);
  g_autofree char *more = g_strdup_printf ("<a b='%sx'/>", filler);

  assert_prescan (most, strlen (most), NULL);
  assert_prescan (more, strlen (more), "tag is too long");
}

static void
test_depth (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (unsigned int i = 0; i < 64; i++)
    g_string_append (text, "<a>");
  assert_prescan (text->str, text->len, NULL);
  g_string_append (text, "<a/>");
  assert_prescan (text->str, text->len, "nested too deeply");
}

static void
test_size (void)
{
  g_autofree char *text = g_strnfill (256 * 1024 + 1, ' ');

  memcpy (text, "<a/>", 4);
  assert_prescan (text, 256 * 1024, NULL);
  assert_prescan (text, 256 * 1024 + 1, "too large");
}

/* Whether instructions may stand there is the document's kind to say: metadata may have them. */
static void
test_instructions_allowed (void)
{
  const DoorSamlLimits limits = {
    .max_bytes = 100, .max_work = 100, .allow_instructions = true, .fault = DOOR_FAULT_IDP_METADATA
  };
  g_autoptr (GError) error = NULL;

  g_assert_true (door_saml_prescan ("<?a <b?><c/>", 12, &limits, &error));
  g_assert_no_error (error);
  g_assert_false (door_saml_prescan ("<?a <b><c/>", 11, &limits, &error));
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_IDP_METADATA);
}

/* Depth times namespaces in scope, and one: 1 × 2, twice 2 × 3, and 1 × 1 for the element behind. */
static void
test_work (void)
{
  static const char xml[] = "<a xmlns='urn:a'><b xmlns:b='urn:b'/><b xmlns:b='urn:b'/></a><c x=''/>";
  DoorSamlLimits limits = { .max_bytes = sizeof xml, .max_work = 15, .fault = DOOR_FAULT_SAML_XML };
  g_autoptr (GError) error = NULL;

  g_assert_true (door_saml_prescan (xml, sizeof xml - 1, &limits, &error));
  g_assert_no_error (error);
  limits.max_work--;
  g_assert_false (door_saml_prescan (xml, sizeof xml - 1, &limits, &error));
  g_assert_nonnull (strstr (error->message, "too many elements"));
}

static double
measure_refusal (const char *xml, size_t size)
{
  struct timespec from, to;
  g_autoptr (GError) error = NULL;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &from);
  g_assert_null (door_saml_xml_parse (xml, size, &message_limits, &error));
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &to);
  g_assert_nonnull (error);
  return (double) (to.tv_sec - from.tv_sec) * 1000 + (double) (to.tv_nsec - from.tv_nsec) / 1e6;
}

/* What costs a parser seconds or minutes is refused at once. */
static void
test_fast_refusal (void)
{
  g_autofree char *attributes = make_tag (20000, "b"), *namespaces = make_tag (15000, "xmlns:b");
  g_autofree char *deep = g_strnfill (256 * 1024, '<');

  for (size_t i = 0; i + 2 < 256 * 1024; i += 3)
    memcpy (deep + i, "<a>", 3);
  g_assert_cmpfloat (measure_refusal (attributes, MIN (strlen (attributes), 256 * 1024)), <, 50);
  g_assert_cmpfloat (measure_refusal (namespaces, MIN (strlen (namespaces), 256 * 1024)), <, 50);
  g_assert_cmpfloat (measure_refusal (deep, 256 * 1024), <, 50);
}

/* Whole: what the parser refuses, seen through the function all callers use. */
static const Text documents[] = {
  { "mismatch", "<a></b>", "not well-formed" },
  { "open", "<a>", "not well-formed" },
  { "two-roots", "<a/><b/>", "not well-formed" },
  { "undeclared-prefix", "<x:a/>", "not well-formed" },
  { "undeclared-attribute-prefix", "<a x:b='c'/>", "not well-formed" },
  { "empty-prefix-namespace", "<a xmlns:x=''/>", "not well-formed" },
  { "duplicate-attribute", "<a b='c' b='d'/>", "not well-formed" },
  { "duplicate-attribute-by-namespace", "<a xmlns:x='urn:u' xmlns:y='urn:u' x:b='c' y:b='d'/>",
    "not well-formed" },
  { "entity-reference", "<a>&xxe;</a>", "not well-formed" },
  { "entity-reference-in-attribute", "<a b='&xxe;'/>", "not well-formed" },
  { "control-character", "<a>&#1;</a>", "not well-formed" },
  { "billion-laughs", "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;'>]><a>&c;</a>", "document type" },
  { "external-entity", "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", "document type" },
};

static void
test_document (gconstpointer data)
{
  const Text *text = data;

  fixture_assert_refused (text->xml, DOOR_FAULT_SAML_XML, text->reason);
}

/* A second wall behind the pre-scan. */
static void
test_load_refuses_document_type (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (door_saml_xml_load ("<!DOCTYPE a><a/>", 16, DOOR_FAULT_SAML_XML, &error));
  g_assert_nonnull (strstr (error->message, "has a document type"));
}

/* A third: even a parser that is told to load things gets nothing, from our own loader. */
static void
test_entity_loader (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "saml", "metadata", "okta.xml", NULL);
  g_autofree char *xml = g_strdup_printf ("<!DOCTYPE a [<!ENTITY b SYSTEM '%s'>]><a>&b;</a>", path);
  g_autoptr (xmlDoc) doc = NULL;

  g_test_expect_message ("doorward-saml", G_LOG_LEVEL_DEBUG, "refused to load*");
  doc = xmlReadMemory (xml, (int) strlen (xml), NULL, NULL,
                       XML_PARSE_NOENT | XML_PARSE_DTDLOAD | XML_PARSE_RECOVER | XML_PARSE_NOERROR |
                           XML_PARSE_NOWARNING);
  g_test_assert_expected_messages ();
  g_assert_nonnull (doc);
  for (const xmlNode *at = xmlDocGetRootElement (doc)->children; at != NULL; at = at->next)
    g_assert_cmpint (at->type, !=, XML_ELEMENT_NODE);
}

static void
test_text (void)
{
  g_autoptr (GError) error = NULL;
  const char xml[] =
      "<a x='1' xmlns:n='urn:n' n:y='2' z='a&amp;b&#x41;' e=''> b<!-- c -->d<![CDATA[<e>]]>&lt;<f>g</f></a>";
  g_autoptr (xmlDoc) doc = door_saml_xml_load (xml, sizeof xml - 1, DOOR_FAULT_SAML_XML, &error);
  xmlNode *root = xmlDocGetRootElement (doc), *child;
  g_autofree char *whole = door_saml_xml_dup_text (root), *text = NULL;

  g_assert_no_error (error);
  g_assert_null (whole);
  child = xmlGetLastChild (root);
  xmlUnlinkNode (child);
  xmlFreeNode (child);
  text = door_saml_xml_dup_text (root);
  g_assert_cmpstr (text, ==, " bd<e><");
  g_assert_cmpstr (door_saml_xml_strip (text), ==, "bd<e><");
  g_assert_cmpstr (door_saml_xml_get_attribute (root, "x"), ==, "1");
  g_assert_null (door_saml_xml_get_attribute (root, "y"));
  g_assert_cmpstr (door_saml_xml_get_attribute (root, "z"), ==, "a&bA");
  g_assert_cmpstr (door_saml_xml_get_attribute (root, "e"), ==, "");
}

static void
test_time (void)
{
  static const struct
  {
    const char *text;
    int64_t ms;
  } good[] = {
    { "1970-01-01T00:00:00Z", 0 },
    { "2026-01-01T12:01:00Z", SAML_NOW_MS },
    { "2026-01-01T12:01:00.000Z", SAML_NOW_MS },
    { "2026-01-01T12:01:00.9999999Z", SAML_NOW_MS },
    { "2026-01-01T14:01:00+02:00", SAML_NOW_MS },
    { "2025-12-31T22:01:00-14:00", SAML_NOW_MS },
    { "2026-01-01T12:01:00-00:00", SAML_NOW_MS },
    { "2024-02-29T00:00:00Z", INT64_C (1709164800000) },
    { "9999-12-31T23:59:59Z", INT64_C (253402300799000) },
  };
  static const char *const bad[] = {
    "",
    "now",
    "2026-01-01",
    "2026-01-01T12:01:00",
    "2026-01-01 12:01:00Z",
    "2026-01-01T12:01Z",
    "2026-1-01T12:01:00Z",
    "26-01-01T12:01:00Z",
    "12026-01-01T12:01:00Z",
    "1969-12-31T23:59:59Z",
    "2026-00-01T12:01:00Z",
    "2026-13-01T12:01:00Z",
    "2026-01-00T12:01:00Z",
    "2026-02-29T12:01:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T12:60:00Z",
    "2026-01-01T12:01:60Z",
    "2026-01-01T12:01:00.Z",
    "2026-01-01T12:01:00.1234567890123456789Z",
    "2026-01-01T12:01:00z",
    "2026-01-01T12:01:00+15:00",
    "2026-01-01T12:01:00+0200",
    "2026-01-01T12:01:00+02:60",
    "2026-01-01T12:01:00ZZ",
    "-2026-01-01T12:01:00Z",
    " 2026-01-01T12:01:00Z",
    "2026-01-01T12:01:00Z ",
    "2026-01-01T+2:01:00Z",
  };
  int64_t ms = -1;

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (door_saml_time_parse (good[i].text, &ms));
      g_assert_cmpint (ms, ==, good[i].ms);
    }
  ms = -1;
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    if (door_saml_time_parse (bad[i], &ms))
      g_test_fail_printf ("\"%s\" was taken for a time", bad[i]);
  g_assert_cmpint (ms, ==, -1);
}

static void
test_duration (void)
{
  static const struct
  {
    const char *text;
    int64_t seconds;
  } good[] = { { "PT1H", 3600 },
               { "PT6H30M5S", 23405 },
               { "P1D", 86400 },
               { "P7DT12H", 648000 },
               { "P1Y2M3D", 365 * 86400 + 60 * 86400 + 3 * 86400 },
               { "PT0S", 0 },
               { "PT604800S", 604800 } };
  static const char *const bad[] = { "",     "P",    "PT",   "1D",    "P1",     "PD",         "PT1D",  "P1H",
                                     "P1DT", "-P1D", "P1D ", "P1M1Y", "PT1S1M", "PT9999999S", "PT1.5S" };
  int64_t seconds = -1;

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_assert_true (door_saml_duration_parse (good[i].text, &seconds));
      g_assert_cmpint (seconds, ==, good[i].seconds);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    if (door_saml_duration_parse (bad[i], &seconds))
      g_test_fail_printf ("\"%s\" was taken for a duration", bad[i]);
}

static void
add_texts (const char *prefix, const Text *list, size_t n, GTestDataFunc function)
{
  for (size_t i = 0; i < n; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s", prefix, list[i].name);
      g_test_add_data_func (path, &list[i], function);
    }
}

static void
add_tests (void)
{
  add_texts ("/saml/xml/prescan", texts, G_N_ELEMENTS (texts), test_prescan);
  add_texts ("/saml/xml/document", documents, G_N_ELEMENTS (documents), test_document);
  g_test_add_func ("/saml/xml/nul", test_nul);
  g_test_add_func ("/saml/xml/utf16", test_utf16);
  g_test_add_func ("/saml/xml/attributes", test_attributes);
  g_test_add_func ("/saml/xml/namespaces", test_namespaces);
  g_test_add_func ("/saml/xml/tag-length", test_tag_length);
  g_test_add_func ("/saml/xml/depth", test_depth);
  g_test_add_func ("/saml/xml/size", test_size);
  g_test_add_func ("/saml/xml/instructions-allowed", test_instructions_allowed);
  g_test_add_func ("/saml/xml/work", test_work);
  g_test_add_func ("/saml/xml/fast-refusal", test_fast_refusal);
  g_test_add_func ("/saml/xml/load-refuses-document-type", test_load_refuses_document_type);
  g_test_add_func ("/saml/xml/entity-loader", test_entity_loader);
  g_test_add_func ("/saml/xml/text", test_text);
  g_test_add_func ("/saml/xml/time", test_time);
  g_test_add_func ("/saml/xml/duration", test_duration);
}

int
main (int argc, char **argv)
{
  return fixture_run (argc, argv, add_tests);
}
