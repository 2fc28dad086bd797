/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "door-error.h"
#include "door-html-escape.h"
#include "door-template.h"

static GBytes *
load_partial (const char *name, gpointer user_data)
{
  static const char *const partials[][2] = {
    { "bold", "<b>{{name}}</b>" },
    { "self", "{{> self}}" },
    { "bad", "<b>{{name}" },
    { "open", "<b" },
    { "text", "{{_(\"in a partial\")}}" },
  };

  /* each level names the next one sixteen times */
  if (g_str_has_prefix (name, "level"))
    {
      g_autoptr (GString) text = g_string_new (NULL);
      int level = (int) g_ascii_strtoll (name + strlen ("level"), NULL, 10);

      for (int i = 0; i < 16 && level < 10; i++)
        g_string_append_printf (text, "{{> level%d}}", level + 1);
      return g_string_free_to_bytes (g_steal_pointer (&text));
    }
  for (size_t i = 0; i < G_N_ELEMENTS (partials); i++)
    if (strcmp (name, partials[i][0]) == 0)
      return g_bytes_new_static (partials[i][1], strlen (partials[i][1]));
  return NULL;
}

static DoorTemplate *
compile (const char *text, GError **error)
{
  g_autoptr (GBytes) source = g_bytes_new_static (text, strlen (text));

  return door_template_compile ("test", source, load_partial, NULL, error);
}

static const char *
translate (const char *text, gpointer user_data)
{
  static const char *const texts[][2] = {
    { "Hello", "Hallo <b>" },
    { "From %s to %s", "Nach %2$s von %1$s" },
    { "100%", "100 %" },
    { "broken %s", "%s %s %9$s %d %" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    if (strcmp (text, texts[i][0]) == 0)
      return texts[i][1];
  return text;
}

static char *
render (const char *text, const char *data, GError **error)
{
  g_autoptr (DoorTemplate) template = compile (text, error);
  g_autoptr (GVariant) dict = NULL;
  g_autoptr (GBytes) page = NULL;

  if (template == NULL)
    return NULL;
  dict = g_variant_parse (G_VARIANT_TYPE_VARDICT, data, NULL, NULL, error);
  if (dict == NULL)
    return NULL;
  page = door_template_render (template, dict, translate, NULL, error);
  return page != NULL ? g_strndup (g_bytes_get_data (page, NULL), g_bytes_get_size (page)) : NULL;
}

typedef struct
{
  const char *text;
  const char *data;
  const char *page;
} Row;

static void
check_rows (const Row *rows, size_t n)
{
  for (size_t i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *page = render (rows[i].text, rows[i].data, &error);

      g_assert_no_error (error);
      g_assert_cmpstr (page, ==, rows[i].page);
    }
}

static void
test_language (void)
{
  static const Row rows[] = {
    { "", "{}", "" },
    { "a{b}c", "{}", "a{b}c" },
    { "{{a}} {{ a }}", "{'a': <'x'>}", "x x" },
    { "{{n}}", "{'n': <int64 -5>}", "-5" },
    { "{{! note }}x", "{}", "x" },
    { "{{#a}}x{{/a}}", "{}", "" },
    { "{{#a}}x{{/a}}", "{'a': <true>}", "x" },
    { "{{#a}}x{{/a}}", "{'a': <false>}", "" },
    { "{{#a}}{{a}}{{/a}}", "{'a': <'t'>}", "t" },
    { "{{#a}}x{{/a}}", "{'a': <''>}", "" },
    { "{{^a}}x{{/a}}", "{'a': <''>}", "x" },
    { "{{^a}}x{{/a}}", "{}", "x" },
    { "{{^a}}x{{/a}}", "{'a': <@as []>}", "x" },
    { "{{^a}}x{{/a}}", "{'a': <'t'>}", "" },
    { "{{#a}}{{.}},{{/a}}", "{'a': <['x', 'y']>}", "x,y," },
    { "{{#a}}{{b}}{{o}}{{/a}}", "{'a': <[{'b': <'1'>}, {'b': <'2'>}]>, 'o': <'!'>}", "1!2!" },
    { "{{#a}}{{b}}{{/a}}", "{'a': <@av [<{'b': <'1'>}>]>}", "1" },
    { "{{#a}}{{b}}{{/a}}{{b}}", "{'a': <{'b': <'in'>}>, 'b': <'out'>}", "inout" },
    { "{{#a}}{{#b}}{{c}}{{/b}}{{/a}}", "{'a': <true>, 'b': <true>, 'c': <'x'>}", "x" },
    { "{{> bold}}", "{'name': <'x'>}", "<b>x</b>" },
    { "<p>{{#a}}<b>{{/a}}</p>", "{'a': <true>}", "<p><b></p>" },
    { "<input {{#a}}required {{/a}}>", "{'a': <true>}", "<input required >" },
    { "<p class=\"a{{#a}} b{{/a}}\">", "{'a': <true>}", "<p class=\"a b\">" },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_translation (void)
{
  static const Row rows[] = {
    { "{{_(\"Hello\")}}", "{}", "Hallo &lt;b&gt;" },
    { "{{_( \"Hello\" )}}", "{}", "Hallo &lt;b&gt;" },
    { "<p title=\"{{_(\"Hello\")}}\">", "{}", "<p title=\"Hallo &lt;b&gt;\">" },
    { "{{_(\"say \\\"x\\\" \\\\\")}}", "{}", "say &quot;x&quot; \\" },
    { "{{_(\"From %s to %s\", a, b)}}", "{'a': <'A'>, 'b': <'<B>'>}", "Nach &lt;B&gt; von A" },
    { "{{_(\"unknown %s\", a)}}", "{'a': <'A'>}", "unknown A" },
    { "{{_(\"100%%\")}}", "{}", "100%" },
    { "{{_(\"broken %s\", a)}}", "{'a': <'A'>}", "A   %d %" },
    { "{{_(\"%s\", a)}}", "{'a': <'%s%n'>}", "%s%n" },
    { "{{_(a)}}", "{'a': <'Hello'>}", "Hallo &lt;b&gt;" },
    { "{{_(a)}}", "{'a': <'<i>'>}", "&lt;i&gt;" },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_escaping (void)
{
  static const Row rows[] = {
    { "<p>{{a}}</p>", "{'a': <'<script>alert(1)</script>'>}",
      "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" },
    { "{{a}}", "{'a': <'&\"\\'<>'>}", "&amp;&quot;&#39;&lt;&gt;" },
    { "{{a}}", "{'a': <'a\\u0001b\\u007fc\\nd'>}",
      "a\xef\xbf\xbd"
      "b\xef\xbf\xbd"
      "c\nd" },
    { "<p title=\"{{a}}\">", "{'a': <'\"><script>'>}", "<p title=\"&quot;&gt;&lt;script&gt;\">" },
    { "<p title='{{a}}'>", "{'a': <'\\' onclick=\\'x'>}", "<p title='&#39; onclick=&#39;x'>" },
    { "<a href=\"{{a}}\">", "{'a': <'/x?a=1&b=\"2\"'>}", "<a href=\"/x?a=1&amp;b=&quot;2&quot;\">" },
    { "<a href=\"{{a}}\">", "{'a': <'javascript:alert(1)'>}", "<a href=\"#\">" },
    { "<a href='{{a}}'>", "{'a': <'JaVaScRiPt:alert(1)'>}", "<a href='#'>" },
    { "<a href=\"{{a}}\">", "{'a': <' javascript:alert(1)'>}", "<a href=\"#\">" },
    { "<a href=\"{{a}}\">", "{'a': <'java\\tscript:alert(1)'>}", "<a href=\"#\">" },
    { "<a href=\"{{a}}\">", "{'a': <'\\u0001javascript:alert(1)'>}", "<a href=\"#\">" },
    { "<a href=\"{{a}}\">", "{'a': <'data:text/html,x'>}", "<a href=\"#\">" },
    { "<a href=\"{{a}}\">", "{'a': <'vbscript:x'>}", "<a href=\"#\">" },
    { "<a href=\"{{a}}\">", "{'a': <'//evil.test'>}", "<a href=\"#\">" },
    { "<a href=\"{{a}}\">", "{'a': <'/\\\\evil.test'>}", "<a href=\"#\">" },
    { "<a href=\"{{a}}\">", "{'a': <'HTTPS://a.test/'>}", "<a href=\"HTTPS://a.test/\">" },
    { "<a href=\"{{a}}\">", "{'a': <'tel:+1'>}", "<a href=\"tel:+1\">" },
    { "<a href=\"{{a}}\">", "{'a': <'mailto:a@b.test'>}", "<a href=\"mailto:a@b.test\">" },
    { "<a href=\"{{a}}\">", "{'a': <'x/y:z'>}", "<a href=\"x/y:z\">" },
    { "<form action=\"{{a}}\">", "{'a': <'javascript:x'>}", "<form action=\"#\">" },
    { "<button formaction=\"{{a}}\">", "{'a': <'javascript:x'>}", "<button formaction=\"#\">" },
    { "<img alt=\"\" src=\"{{a}}\">", "{'a': <'javascript:x'>}", "<img alt=\"\" src=\"#\">" },
    { "<a href=\"/x?q={{a}}\">", "{'a': <'a&b=c/\"<d'>}", "<a href=\"/x?q=a%26b%3Dc%2F%22%3Cd\">" },
    { "<a href=\"/x/{{a}}/y\">", "{'a': <'..'>}", "<a href=\"/x//y\">" },
    { "<a href=\"{{#a}}{{/a}}{{b}}\">", "{'a': <false>, 'b': <'javascript:x'>}", "<a href=\"#\">" },
    { "<a href=\"mailto:{{a}}\">", "{'a': <'a@b.test?cc=x'>}", "<a href=\"mailto:a@b.test%3Fcc%3Dx\">" },
    { "<a href=\"tel:{{a}}\">", "{'a': <'+1 (555) 01-00;x=\"'>}", "<a href=\"tel:+15550100\">" },
    { "<a href=\"https://a.test/{{a}}\">", "{'a': <'é'>}", "<a href=\"https://a.test/%C3%A9\">" },
    { "<A HREF=\"{{a}}\">", "{'a': <'javascript:x'>}", "<A HREF=\"#\">" },
  };

  check_rows (rows, G_N_ELEMENTS (rows));
}

static const char *const refused_templates[] = {
  /* the language */
  "{{",
  "{{a",
  "{{a}",
  "{{}}",
  "{{A}}",
  "{{a-b}}",
  "{{a.b}}",
  "{{a b}}",
  "{{{a}}}",
  "{{&a}}",
  "{{=<% %>=}}",
  "{{! open",
  "{{#a}}",
  "{{/a}}",
  "{{#a}}{{/b}}",
  "{{#a}}{{#b}}{{/a}}{{/b}}",
  "{{#.}}x{{/.}}",
  "{{a_very_long_name_of_more_than_thirty_one_letters}}",
  "{{> missing}}",
  "{{> bad}}",
  "{{> open}}",
  "{{> self}}",
  "{{> level0}}",
  "<p title=\"{{> bold}}\">",
  "{{_(\"\")}}",
  "{{_(\"a)}}",
  "{{_(\"a\"}}",
  "{{_(\"a\",)}}",
  "{{_(\"a\", \"b\")}}",
  "{{_(\"a\\n\")}}",
  "{{_(\"a\", b, c, d, e, f)}}",
  "{{_(a, b)}}",
  "\xff",
  /* places where no escaping helps */
  "<{{a}}>",
  "<p {{a}}>",
  "<p {{a}}=\"x\">",
  "<p title={{a}}>",
  "<p title=\"x\"{{a}}>",
  "</{{a}}>",
  "<!DOCTYPE {{a}}>",
  "<a href=\"{{a}}{{b}}\">",
  "<a href=\"{{a}}?x\">",
  "<a href=\"https://{{a}}\">",
  "<a href=\"https://{{a}}/x\">",
  "<a href=\"//{{a}}\">",
  "<a href=\"javascript:{{a}}\">",
  "<a href=\"data:{{a}}\">",
  "<a href=\"{{_(\"x\")}}\">",
  /* sections that change the place */
  "{{#a}}<p{{/a}}>",
  "<p {{#a}}title=\"{{/a}}x\">",
  "<a href=\"{{#a}}x{{/a}}{{b}}\">",
  "<p {{#a}}class{{/a}}=\"x\">",
  "{{#a}}<p title=\"{{/a}}",
  /* the HTML of a page */
  "<script>x</script>",
  "<SCRIPT src=\"x\"></SCRIPT>",
  "<style>x</style>",
  "<iframe src=\"x\"></iframe>",
  "<iframe src=\"x\" sandbox=\"\"></iframe>",
  "<iframe src=\"x\" title=\"x\"></iframe>",
  "<iframe src=\"x\" title=\"x\" sandbox=\"allow-scripts\"></iframe>",
  "<iframe src=\"x\" title=\"x\" sandbox=\"{{a}}\"></iframe>",
  "<object data=\"x\"></object>",
  "<embed src=\"x\">",
  "<base href=\"/\">",
  "<noscript>x</noscript>",
  "<p style=\"x\">",
  "<p STYLE=\"x\">",
  "<p onclick=\"x\">",
  "<p OnClick=\"x\">",
  "<p onclick>",
  "<p title=x>",
  "<p title= \"x\">",
  "<p title=xax>",
  "<p title>{{a}</p>",
  "<a href=\"javascript:x\">",
  "<a href=\"//a.test/\">",
  "<meta http-equiv=\"refresh\" content=\"0\">",
  "<img src=\"x\">",
  "<img src=\"x\" {{#a}}alt=\"\" {{/a}}>",
  "<img srcset=\"x\" alt=\"\">",
  "<iframe srcdoc=\"x\">",
  "<html>",
  "<HTML class=\"x\">",
  "<!-- x -->",
  "<![CDATA[x]]>",
  "<?php",
  "a < b",
  "<p",
  "<p title=\"x",
  "<p \"x\">",
  "<p ===>",
};

static void
test_compile_refused (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (refused_templates); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTemplate) template = compile (refused_templates[i], &error);

      if (template != NULL)
        g_error ("accepted: %s", refused_templates[i]);
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_compile_accepted (void)
{
  static const char *const good[] = {
    "<!DOCTYPE html><html lang=\"en\"><head><title>{{a}}</title></head></html>",
    "<HTML LANG='{{lang}}'>",
    "<img src=\"/x.png\" alt=\"{{a}}\"/>",
    "<br/><br /><input required>",
    "<svg viewBox=\"0 0 1 1\"><path d=\"M0 0h1\"/></svg>",
    "<a href=\"#top\">x</a><a href=\"?x=1\">y</a><a href=\"\">z</a>",
    "<p title='a \"quoted\" word'>",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (DoorTemplate) template = compile (good[i], &error);

      g_assert_no_error (error);
      g_assert_nonnull (template);
    }
}

static void
test_error_text (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (compile ("<p>\n<p style=\"x\">\n\n", &error));
  g_assert_cmpstr (
      error->message, ==,
      "test:2: attribute not allowed in a page (inline style, inline script or foreign content)");
  g_clear_error (&error);
  g_assert_null (compile ("x\n{{#a}}\n{{b", &error));
  g_assert_cmpstr (error->message, ==, "test:3: malformed tag");
  g_clear_error (&error);
  g_assert_null (compile ("{{{a}}}", &error));
  g_assert_cmpstr (error->message, ==, "test:1: values are never written unescaped");
}

static void
test_render_refused (void)
{
  static const char *const bad[][2] = {
    { "{{a}}", "{}" }, { "{{a}}", "{'a': <true>}" }, { "{{a}}", "{'a': <@as []>}" },
    { "{{.}}", "{}" }, { "{{_(a)}}", "{}" },         { "{{_(\"x %s\", a)}}", "{}" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *page = render (bad[i][0], bad[i][1], &error);

      g_assert_null (page);
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
    }
}

static char *
nest (int levels)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < levels; i++)
    g_string_append (text, "{{#a}}");
  g_string_append (text, "{{b}}");
  for (int i = 0; i < levels; i++)
    g_string_append (text, "{{/a}}");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_limits (void)
{
  g_autofree char *deep = nest (DOOR_TEMPLATE_MAX_DEPTH), *too_deep = nest (DOOR_TEMPLATE_MAX_DEPTH + 1);
  g_autofree char *large = g_strnfill (DOOR_TEMPLATE_MAX_SOURCE + 1, 'x');
  g_autofree char *large_value = g_strnfill (DOOR_TEMPLATE_MAX_OUTPUT + 1, 'x');
  g_autofree char *large_data = g_strdup_printf ("{'a': <'%s'>}", large_value);
  g_autoptr (GString) many = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *page = render (deep, "{'a': <[{'a': <true>}]>, 'b': <'x'>}", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (page, ==, "x");
  g_assert_null (compile (too_deep, NULL));
  g_assert_null (compile (large, NULL));
  g_assert_null (render ("{{a}}", large_data, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
  for (int i = 0; i < 5000; i++)
    g_string_append (many, "{{a}}");
  g_assert_null (compile (many->str, NULL));
}

/* Sixteen lists inside each other fill every scope. */
static void
test_scopes (void)
{
  g_autofree char *deep = nest (DOOR_TEMPLATE_MAX_DEPTH);
  g_autoptr (GError) error = NULL;
  g_autofree char *page = render (deep, "{'a': <{'b': <'x'>}>}", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (page, ==, "x");
}

static void
test_messages (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTemplate) template =
      compile ("{{_(\"one\")}}{{#a}}{{_(\"two %s\", a)}}{{/a}}{{_(a)}}{{> text}}", &error);
  g_autoptr (GHashTable) messages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_assert_no_error (error);
  door_template_add_messages (template, messages);
  g_assert_cmpuint (g_hash_table_size (messages), ==, 3);
  g_assert_true (g_hash_table_contains (messages, "one"));
  g_assert_true (g_hash_table_contains (messages, "two %s"));
  g_assert_true (g_hash_table_contains (messages, "in a partial"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/page/template/language", test_language);
  g_test_add_func ("/page/template/translation", test_translation);
  g_test_add_func ("/page/template/escaping", test_escaping);
  g_test_add_func ("/page/template/compile-refused", test_compile_refused);
  g_test_add_func ("/page/template/compile-accepted", test_compile_accepted);
  g_test_add_func ("/page/template/error-text", test_error_text);
  g_test_add_func ("/page/template/render-refused", test_render_refused);
  g_test_add_func ("/page/template/limits", test_limits);
  g_test_add_func ("/page/template/scopes", test_scopes);
  g_test_add_func ("/page/template/messages", test_messages);
  return g_test_run ();
}
