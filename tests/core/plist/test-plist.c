/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <time.h>

#include "door-error.h"
#include "door-plist.h"
#include "test-data.h"

#define DOCUMENT(body) "<plist version=\"1.0\">" body "</plist>"
#define DICT(body) DOCUMENT ("<dict>" body "</dict>")
#define VALUE(body) DICT ("<key>a</key>" body)

static GBytes *
load (const char *name)
{
  return test_data_load ("plist", name);
}

static GVariant *
parse (const char *text, GError **error)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));

  return door_plist_parse (bytes, 1 << 20, error);
}

static void
assert_refused (const char *text)
{
  g_autoptr (GError) error = NULL;

  if (parse (text, &error) != NULL)
    g_error ("accepted: %.200s", text);
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
  g_assert_cmpint (door_error_get_fault (error), ==, DOOR_FAULT_DEV_MESSAGE);
}

static void
test_types (void)
{
  g_autoptr (GBytes) bytes = load ("all-types.plist");
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) dict = door_plist_parse (bytes, 1 << 20, &error);
  g_autofree char *printed = NULL;

  g_assert_no_error (error);
  printed = g_variant_print (dict, FALSE);
  g_assert_cmpstr (
      printed, ==,
      "{'text': <'Größe <b> & 😀'>, 'empty': <''>, 'number': <int64 -9223372036854775808>, "
      "'real': <-1500.0>, 'yes': <true>, 'no': <false>, 'data': <[byte 0x00, 0x01, 0x02, 0xff]>, "
      "'date': <(int64 1795316863,)>, 'distant': <(int64 64092211200,)>, "
      "'list': <[<'one'>, <int64 2>, <@a{sv} {}>, <@av []>]>, 'a&b': <{'inner': <'x'>}>}");
  g_assert_true (g_variant_is_of_type (dict, G_VARIANT_TYPE_VARDICT));
}

static void
test_round_trip (void)
{
  const char *text =
      "{'z': <'Größe <b> & \\t\\n'>, 'a': <''>, 'n': <int64 -5>, 'big': <int64 9223372036854775807>, "
      "'r': <0.1>, 'b': <true>, 'd': <@ay [0x00, 0xff]>, 'e': <@ay []>, "
      "'t': <(int64 1795316863,)>, 'l': <@av [<'x'>, <{'k': <false>}>]>}";
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) dict = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);
  g_autoptr (GBytes) once = NULL, twice = NULL;
  g_autoptr (GVariant) back = NULL;

  g_assert_no_error (error);
  dict = g_variant_ref_sink (g_steal_pointer (&dict));
  once = door_plist_build (dict, &error);
  g_assert_no_error (error);
  back = door_plist_parse (once, 1 << 20, &error);
  g_assert_no_error (error);
  g_assert_cmpvariant (dict, back);
  twice = door_plist_build (back, &error);
  g_assert_cmpmem (g_bytes_get_data (once, NULL), g_bytes_get_size (once), g_bytes_get_data (twice, NULL),
                   g_bytes_get_size (twice));
}

static void
test_build_arrays_of_one_type (void)
{
  g_autoptr (GVariant) dict =
      g_variant_ref_sink (g_variant_new_parsed ("{'s': <['a', 'b']>, 'd': <[{'k': <'v'>}]>, 'v': <<'in'>>}"));
  g_autoptr (GVariant) expected = g_variant_ref_sink (
      g_variant_new_parsed ("{'s': <@av [<'a'>, <'b'>]>, 'd': <@av [<{'k': <'v'>}>]>, 'v': <'in'>}"));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = door_plist_build (dict, &error);
  g_autoptr (GVariant) back = NULL;

  g_assert_no_error (error);
  back = door_plist_parse (bytes, 1 << 20, &error);
  g_assert_cmpvariant (back, expected);
}

static void
test_build_refused (void)
{
  static const char *const bad[] = {
    "'text'",
    "@a{sv} {'': <'empty key'>}",
    "@a{sv} {'k': <'bell \\a'>}",
    "@a{sv} {'k\\a': <'x'>}",
    "@a{sv} {'k': <'x'>, 'k': <'y'>}",
    "@a{sv} {'k': <uint64 1>}",
    "@a{sv} {'k': <(1, 2)>}",
    "@a{sv} {'k': <(int64 3125854848,)>}",
    "@a{sv} {'k': <(int64 -1169176449,)>}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) value = g_variant_parse (NULL, bad[i], NULL, NULL, &error);

      g_assert_no_error (error);
      g_assert_null (door_plist_build (value, &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
    }
}

static void
test_build_depth (void)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_string ("x"));

  for (int depth = 2; depth <= 33; depth++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) inner = g_steal_pointer (&value);
      g_autoptr (GBytes) bytes = NULL;

      value = g_variant_ref_sink (g_variant_new_parsed ("{'k': %v}", g_variant_new_variant (inner)));
      bytes = door_plist_build (value, &error);
      if (depth <= 32)
        g_assert_no_error (error);
      else
        g_assert_cmpstr (error->message, ==, "property list: nested too deeply");
    }
}

static const char *const refused[] = {
  "",
  "x",
  "bplist00",
  "bplist00\xd1\x01\x02",
  "\xef\xbb\xbf" DICT (""),
  DICT ("") "x",
  DICT ("") "<plist/>",
  "<plist version=\"1.0\"><dict></dict>",
  "<plist version=\"1.0\"></plist>",
  "<plist/>",
  "<plists><dict/></plists>",
  "<dict/>",
  DOCUMENT ("<array/>"),
  DOCUMENT ("<string>x</string>"),
  DOCUMENT ("<dict/><dict/>"),
  DOCUMENT ("</dict>"),
  DOCUMENT ("<dict></array>"),
  DICT ("<string>x</string>"),
  DICT ("<key>a</key>"),
  DICT ("<key>a</key><key>b</key>"),
  DICT ("<key></key><true/>"),
  DICT ("<key/><true/>"),
  DICT ("<key>a</key><true/><key>a</key><false/>"),
  DICT ("<key>a</key><true/><key>&#97;</key><false/>"),
  DICT ("text"),
  VALUE ("<string>x</key>"),
  VALUE ("<string>x<b/></string>"),
  VALUE ("<string>x<!-- c --></string>"),
  VALUE ("<string><![CDATA[x]]></string>"),
  VALUE ("<string a=\"b\">x</string>"),
  VALUE ("<string>&foo;</string>"),
  VALUE ("<string>&amp</string>"),
  VALUE ("<string>&#0;</string>"),
  VALUE ("<string>&#xD800;</string>"),
  VALUE ("<string>&#x110000;</string>"),
  VALUE ("<string>&#;</string>"),
  VALUE ("<string>&#x;</string>"),
  VALUE ("<string>&#-5;</string>"),
  VALUE ("<string>\x01</string>"),
  VALUE ("<string>\xff</string>"),
  VALUE ("<string>\xc0\x80</string>"),
  VALUE ("<integer></integer>"),
  VALUE ("<integer/>"),
  VALUE ("<integer>abc</integer>"),
  VALUE ("<integer>-</integer>"),
  VALUE ("<integer>012</integer>"),
  VALUE ("<integer>-0</integer>"),
  VALUE ("<integer>0x10</integer>"),
  VALUE ("<integer>+1</integer>"),
  VALUE ("<integer> 1</integer>"),
  VALUE ("<integer>9223372036854775808</integer>"),
  VALUE ("<integer>99999999999999999999999999999999999999999999999999999999999999999999999</integer>"),
  VALUE ("<real>nan</real>"),
  VALUE ("<real>1e999</real>"),
  VALUE ("<real>1.</real>"),
  VALUE ("<real>.5</real>"),
  VALUE ("<real>1e</real>"),
  VALUE ("<real>0x1p3</real>"),
  VALUE ("<date>2026-13-01T00:00:00Z</date>"),
  VALUE ("<date>2026-02-30T00:00:00Z</date>"),
  VALUE ("<date>2026-01-01</date>"),
  VALUE ("<date>2026-01-01T00:00:00+00</date>"),
  VALUE ("<data>!!!!</data>"),
  VALUE ("<data>AAA</data>"),
  VALUE ("<data>A===</data>"),
  VALUE ("<data>AA==AA==</data>"),
  VALUE ("<true></true>"),
  VALUE ("<true>x</true>"),
  VALUE ("<null/>"),
  VALUE ("<uid>1</uid>"),
  VALUE ("<?php x ?><true/>"),
  VALUE ("<!-- a -- b --><true/>"),
  VALUE ("<!-->"),
  "<?xml version=\"1.0\" encoding=\"UTF-16\"?>" DICT (""),
  "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" DICT (""),
  "<!DOCTYPE plist [<!ENTITY a \"b\">]>" DICT (""),
  "<!DOCTYPE plist [",
  "<!DOCTYPE html>" DICT (""),
};

static void
test_refused (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (refused); i++)
    assert_refused (refused[i]);
}

/* Some inputs would fail later too; the scan must already refuse them, before libplist reads a byte. */
static void
test_reasons (void)
{
  g_autofree char *key = g_strnfill (1025, 'k');
  g_autofree char *long_key = g_strdup_printf (DICT ("<key>%s</key><true/>"), key);
  const char *const rows[][2] = {
    { "bplist00", "binary" },
    { DICT ("<key>a</key><true/><key>&#97;</key><false/>"), "the same key twice" },
    { VALUE ("<string>\xff</string>"), "not UTF-8" },
    { VALUE ("<string>\x01</string>"), "control character at" },
    { VALUE ("<string>&#1;</string>"), "unknown entity" },
    { "<!DOCTYPE plist [<!ENTITY a \"b\">]>" DICT (""), "DOCTYPE" },
    { DOCUMENT ("<array/>"), "the root value is not a dict" },
    { VALUE ("<true></true>"), "boolean" },
    { long_key, "too long key" },
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (parse (rows[i][0], &error));
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      if (strstr (error->message, rows[i][1]) == NULL)
        g_error ("%s is refused because: %s", rows[i][0], error->message);
    }
}

/* "EzEz", "EzFY", "FYEz" …: a table takes them all for one. */
static char *
make_keys (unsigned int n_dicts, unsigned int n)
{
  GString *text = g_string_new ("<plist version=\"1.0\"><dict><key>a</key><array>");

  for (unsigned int i = 0; i < n_dicts * n; i++)
    {
      g_string_append (text, i % n == 0 ? "<dict><key>" : "<key>");
      for (unsigned int bit = 1; bit < 1u << 11; bit <<= 1)
        g_string_append (text, (i % n & bit) != 0 ? "Ez" : "FY");
      g_string_append (text, i % n == n - 1 ? "</key><true/></dict>" : "</key><true/>");
    }
  g_string_append (text, "</array></dict></plist>");
  return g_string_free (text, FALSE);
}

static void
test_many_keys (void)
{
  const struct
  {
    unsigned int n_dicts, n;
    bool good;
  } cases[] = { { 1, 256, true }, { 1, 257, false }, { 89, 92, true }, { 90, 92, false } };

  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = make_keys (cases[i].n_dicts, cases[i].n);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) dict = parse (text, &error);

      if (cases[i].good)
        {
          g_assert_no_error (error);
          g_assert_nonnull (dict);
          continue;
        }
      g_assert_null (dict);
      g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
      g_assert_nonnull (strstr (error->message, "too many keys"));
    }
}

static double
cpu_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + 1e-9 * (double) now.tv_nsec;
}

/* The dearest list of keys that anybody can send, in time of this thread's own. */
static void
test_key_cost (void)
{
  g_autofree char *most = make_keys (31, 256), *many = make_keys (24, 1000);
  const char *const texts[] = { most, many };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      double began = cpu_seconds (), spent;
      g_autoptr (GVariant) dict = parse (texts[i], NULL);

      spent = cpu_seconds () - began;
      g_test_message ("%zu bytes: %.4f s", strlen (texts[i]), spent);
      g_assert_cmpfloat (spent, <, 0.2);
    }
}

static void
test_accepted (void)
{
  static const char *const good[] = {
    DICT (""),
    "<plist version=\"1.0\"><dict/></plist>\n",
    "\n <?xml version='1.0' encoding='utf-8'?>\n<!-- x --><plist>\n<dict/>\n</plist><!-- y -->",
    VALUE ("<integer>0</integer>"),
    VALUE ("<real>12E-3</real>"),
    VALUE ("<data></data>"),
    VALUE ("<string>\n\t</string>"),
  };

  for (size_t i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) dict = parse (good[i], &error);

      g_assert_no_error (error);
      g_assert_nonnull (dict);
    }
}

static char *
nest (int levels, const char *open, const char *close)
{
  g_autoptr (GString) text = g_string_new ("<plist version=\"1.0\"><dict><key>a</key>");

  for (int i = 2; i < levels; i++)
    g_string_append (text, open);
  g_string_append (text, "<true/>");
  for (int i = 2; i < levels; i++)
    g_string_append (text, close);
  g_string_append (text, "</dict></plist>");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
test_depth (void)
{
  g_autofree char *fits = nest (32, "<dict><key>a</key>", "</dict>");
  g_autofree char *too_deep = nest (33, "<dict><key>a</key>", "</dict>");
  g_autofree char *too_deep_list = nest (33, "<array>", "</array>");
  g_autofree char *absurd = nest (100000, "<array>", "</array>");
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) dict = parse (fits, &error), back = NULL;
  g_autoptr (GBytes) built = NULL;

  g_assert_no_error (error);
  built = door_plist_build (dict, &error);
  g_assert_no_error (error);
  back = door_plist_parse (built, 1 << 20, &error);
  g_assert_no_error (error);
  g_assert_cmpvariant (dict, back);

  assert_refused (too_deep);
  assert_refused (too_deep_list);
  assert_refused (absurd);
}

static void
test_size (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (DICT (""), strlen (DICT ("")));
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) fits = door_plist_parse (bytes, g_bytes_get_size (bytes), &error);

  g_assert_no_error (error);
  g_assert_nonnull (fits);
  g_assert_null (door_plist_parse (bytes, g_bytes_get_size (bytes) - 1, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
}

static void
test_count (void)
{
  g_autoptr (GString) text = g_string_new ("<plist version=\"1.0\"><dict><key>a</key><array>");

  for (int i = 0; i < 100000; i++)
    g_string_append (text, "<true/>");
  g_string_append (text, "</array></dict></plist>");
  assert_refused (text->str);
}

/* Every prefix and every one-byte change of a good document ends in a value or an error, never a crash. */
static void
test_damage (void)
{
  g_autoptr (GBytes) bytes = load ("all-types.plist");
  size_t size = 0;
  const char *text = g_bytes_get_data (bytes, &size);

  for (size_t i = 0; i < size; i++)
    {
      g_autoptr (GBytes) prefix = g_bytes_new (text, i);
      g_autofree char *copy = g_memdup2 (text, size);
      g_autoptr (GBytes) changed = NULL;
      g_autoptr (GVariant) dict = NULL;

      if (i < size - strlen ("</plist>\n"))
        g_assert_null (door_plist_parse (prefix, size, NULL));
      copy[i] = "<>&/\0A"[i % 6];
      changed = g_bytes_new (copy, size);
      dict = door_plist_parse (changed, size, NULL);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plist/types", test_types);
  g_test_add_func ("/plist/round-trip", test_round_trip);
  g_test_add_func ("/plist/build/arrays-of-one-type", test_build_arrays_of_one_type);
  g_test_add_func ("/plist/build/refused", test_build_refused);
  g_test_add_func ("/plist/build/depth", test_build_depth);
  g_test_add_func ("/plist/refused", test_refused);
  g_test_add_func ("/plist/reasons", test_reasons);
  g_test_add_func ("/plist/accepted", test_accepted);
  g_test_add_func ("/plist/many-keys", test_many_keys);
  g_test_add_func ("/plist/key-cost", test_key_cost);
  g_test_add_func ("/plist/depth", test_depth);
  g_test_add_func ("/plist/size", test_size);
  g_test_add_func ("/plist/count", test_count);
  g_test_add_func ("/plist/damage", test_damage);
  return g_test_run ();
}
