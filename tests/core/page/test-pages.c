/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "door-error.h"
#include "door-fault.h"
#include "door-pages.h"
#include "door-qr.h"

#define XSS "\"><script>alert(1)</script>'"
#define XSS_TEXT "'\\\"><script>alert(1)</script>\\''"
#define COMMON "'organization': <'Example Corp'>, 'support_email': <'it@example.test'>"
#define MAX_PAGE (15 * 1024)

static DoorPages *
pages_new (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (DoorTranslations) translations = door_translations_new (&error);
  g_autoptr (DoorPages) pages = NULL;

  g_assert_no_error (error);
  pages = door_pages_new (translations, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&pages);
}

static char *
render (DoorPages *pages, const char *name, const char *data, const char *language)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) dict = g_variant_parse (G_VARIANT_TYPE_VARDICT, data, NULL, NULL, &error);
  g_autoptr (GBytes) page = NULL;

  g_assert_no_error (error);
  page = door_pages_render (pages, name, dict, language, &error);
  g_assert_no_error (error);
  return g_strndup (g_bytes_get_data (page, NULL), g_bytes_get_size (page));
}

static void
assert_has (const char *page, const char *text)
{
  if (strstr (page, text) == NULL)
    g_error ("no %s in %s", text, page);
}

static void
assert_has_not (const char *page, const char *text)
{
  if (strstr (page, text) != NULL)
    g_error ("%s in %s", text, page);
}

static void
test_chooser (void)
{
  g_autoptr (DoorPages) pages = pages_new ();
  const char *data = "{" COMMON ", 'account': <'anna@example.test'>, "
                     "'providers': <[{'name': <'Okta'>, 'url': <'/mdm/sso/start?idp=okta&f=1'>}, "
                     "{'name': <'Entra ID'>, 'url': <'/mdm/sso/start?idp=entra&f=1'>}]>}";
  g_autofree char *en = render (pages, "chooser", data, "en"), *de = render (pages, "chooser", data, "de");

  assert_has (en, "<html lang=\"en\" dir=\"ltr\">");
  assert_has (en, "<h1>Sign in to set up this device</h1>");
  assert_has (en, "<a class=\"choice\" href=\"/mdm/sso/start?idp=okta&amp;f=1\">Sign in with Okta</a>");
  assert_has (en, "href=\"/mdm/sso/start?idp=entra&amp;f=1\">Sign in with Entra ID</a>");
  assert_has (en, "Why am I seeing this?");
  assert_has (en, "anna@example.test");
  assert_has (en, "Example Corp");
  assert_has (en, "<a href=\"mailto:it@example.test\">it@example.test</a>");
  assert_has_not (en, "<form");
  assert_has (de, "<html lang=\"de\" dir=\"ltr\">");
  assert_has (de, "<h1>Anmelden und Gerät einrichten</h1>");
  assert_has (de, "Mit Okta anmelden");
}

static void
test_continue (void)
{
  g_autoptr (DoorPages) pages = pages_new ();
  g_autofree char *page = render (
      pages, "continue", "{" COMMON ", 'provider': <'Okta'>, 'url': <'/mdm/sso/start?idp=okta'>}", "en");

  assert_has (page, "<h1>Sign in to set up this device</h1>");
  assert_has (page, "<a class=\"button\" href=\"/mdm/sso/start?idp=okta\">Sign in with Okta</a>");
}

static void
test_domain (void)
{
  g_autoptr (DoorPages) pages = pages_new ();
  g_autofree char *page =
      render (pages, "domain",
              "{" COMMON ", 'action': <'/mdm/sso'>, 'fields': <[{'name': <'f'>, 'value': <'1'>}]>}", "en");

  assert_has (page, "<form method=\"get\" action=\"/mdm/sso\">");
  assert_has (page, "<label for=\"account\">Work e-mail address</label>");
  assert_has (page, "name=\"user-identifier\" type=\"email\"");
  assert_has (page, "<input type=\"hidden\" name=\"f\" value=\"1\">");
}

static void
test_error (void)
{
  g_autoptr (DoorPages) pages = pages_new ();
  const char *data = "{" COMMON ", 'support_phone': <'+1 555 0100'>, 'support_url': <'https://help.test/'>, "
                     "'message': <'Sign-in took too long. Your device is fine.'>, 'code': <'K7Q4-9XMD'>, "
                     "'time': <'2026-11-22 03:07 UTC'>, 'retry_url': <'/mdm/sso?f=1'>}";
  g_autofree char *en = render (pages, "error", data, "en"), *de = render (pages, "error", data, "de");
  g_autofree char *bare = render (pages, "error",
                                  "{'organization': <'X'>, 'message': <'Not in the catalogue.'>, "
                                  "'code': <'K7Q4-9XMD'>, 'time': <'now'>}",
                                  "de");

  assert_has (en, "<h1 class=\"message\">Sign-in took too long. Your device is fine.</h1>");
  assert_has (en, "Nothing on your device has changed.");
  assert_has (en, "<a class=\"button\" id=\"try-again\" href=\"/mdm/sso?f=1\">Try again</a>");
  assert_has (en, "id=\"code\" dir=\"ltr\">K7Q4-9XMD<");
  assert_has (en, "2026-11-22 03:07 UTC");
  assert_has (en, "href=\"tel:+15550100\" dir=\"ltr\">+1 555 0100</a>");
  assert_has (en, "href=\"https://help.test/\">Help pages of Example Corp</a>");
  /* the first thing that can be pressed is Try again */
  g_assert_true (strstr (en, "<a ") == strstr (en, "<a class=\"button\""));
  assert_has (de, "Die Anmeldung hat zu lange gedauert.");
  assert_has (de, "Noch einmal versuchen");
  assert_has (bare, "Not in the catalogue.");
  assert_has_not (bare, "class=\"button\"");
  assert_has_not (bare, "<h2>");
}

static void
test_desktop (void)
{
  g_autoptr (DoorPages) pages = pages_new ();
  g_autofree char *desktop = render (pages, "desktop", "{" COMMON "}", "en");

  assert_has (desktop, "This address is for setting up devices");
  assert_has (desktop, "VPN &amp; Device Management");
}

static void
test_languages (void)
{
  g_autoptr (DoorPages) pages = pages_new ();
  g_autofree char *with = render (pages, "desktop", "{" COMMON ", 'page_url': <'/mdm/sso?f=a&x=1'>}", "de");
  g_autofree char *plain = render (pages, "desktop", "{" COMMON ", 'page_url': <'/'>}", "en");
  g_autofree char *without = render (pages, "desktop", "{" COMMON "}", "de");

  assert_has (with, "lang=\"en\" hreflang=\"en\" href=\"/mdm/sso?f=a&amp;x=1&amp;lang=en\">English</a>");
  assert_has (with, "href=\"/mdm/sso?f=a&amp;x=1&amp;lang=fr\">Français</a>");
  assert_has_not (with, "lang=de\"");
  assert_has (plain, "href=\"/?lang=de\">Deutsch</a>");
  assert_has_not (without, "hreflang");
}

/* Hostile text in every value of every page. */
static void
test_hostile (void)
{
  static const char *const names[] = {
    "chooser", "continue",    "domain",      "error",       "desktop",
    "admin",   "admin-error", "admin-login", "admin-post",  "post",
    "test",    "logout-post", "eula",        "eula-agreed", "eula-declined"
  };
  g_autoptr (DoorPages) pages = pages_new ();
  const char *data =
      "{'organization': <" XSS_TEXT ">, 'support_email': <" XSS_TEXT ">, 'support_phone': <" XSS_TEXT ">, "
      "'support_url': <'javascript:alert(1)'>, 'page_url': <'javascript:alert(1)//'>, 'account': <" XSS_TEXT
      ">, 'action': <'javascript:alert(1)'>, "
      "'fields': <[{'name': <" XSS_TEXT ">, 'value': <" XSS_TEXT ">}]>, 'provider': <" XSS_TEXT ">, "
      "'url': <'javascript:alert(1)'>, 'providers': <[{'name': <" XSS_TEXT
      ">, 'url': <'data:text/html,x'>}]>, "
      "'message': <" XSS_TEXT ">, 'code': <" XSS_TEXT ">, 'time': <" XSS_TEXT ">, "
      "'retry_url': <'//evil.test/'>, 'signed_out': <true>, 'signed_out_there': <true>, 'name': <" XSS_TEXT
      ">, 'email': <" XSS_TEXT ">, 'roles': <[{'role': <" XSS_TEXT ">, 'team': <" XSS_TEXT
      ">}]>, 'sessions': <[{'browser': <" XSS_TEXT ">, 'since': <" XSS_TEXT ">, 'provider': <" XSS_TEXT
      ">, 'current': <true>}]>, "
      "'accepted': <false>, 'fault': <" XSS_TEXT ">, 'reason': <" XSS_TEXT ">, 'fix': <" XSS_TEXT
      ">, 'issuer': <" XSS_TEXT ">, 'subject': <" XSS_TEXT ">, 'subject_format': <" XSS_TEXT
      ">, 'attributes': <[{'name': <" XSS_TEXT ">, 'values': <[" XSS_TEXT "]>}]>, 'received': <[" XSS_TEXT
      "]>, 'mapped': <true>, 'identity': <[{'name': <" XSS_TEXT ">, 'value': <" XSS_TEXT
      ">}]>, 'groups': <[" XSS_TEXT "]>, 'local_account': <" XSS_TEXT ">, 'enrollment_refused': <" XSS_TEXT
      ">, 'administration_refused': <" XSS_TEXT ">, 'admin_roles': <" XSS_TEXT
      ">, 'checks': <[{'name': <" XSS_TEXT ">, 'passed': <false>}]>, "
      "'logout_url': <'javascript:alert(1)'>, 'frame_url': <'javascript:alert(1)'>, 'document_url': "
      "<'data:text/html,x'>, 'sha256': <" XSS_TEXT ">, 'version': <" XSS_TEXT ">, 'changed': <true>, "
      "'intro': <[" XSS_TEXT "]>}";

  for (size_t i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *page = render (pages, names[i], data, "de");

      assert_has_not (page, "<script");
      assert_has_not (page, "javascript:");
      assert_has_not (page, "data:");
      assert_has_not (page, "//evil");
      assert_has_not (page, XSS);
    }
}

/* What a phone loads for one page stays below the limit, and pages need nothing but the style sheet. */
static void
test_weight (void)
{
  g_autoptr (DoorPages) pages = pages_new ();
  const char *type = NULL, *hash = NULL;
  GBytes *style = door_pages_get_asset (pages, "style.css", &type, &hash);
  g_autofree char *page = render (pages, "desktop", "{" COMMON ", 'page_url': <'/'>}", "fr");
  g_autofree char *link = g_strdup_printf ("<link rel=\"stylesheet\" href=\"/assets/style.css?v=%s\">", hash);

  g_assert_cmpstr (type, ==, "text/css; charset=utf-8");
  g_assert_cmpuint (strlen (hash), ==, 16);
  g_assert_cmpuint (strlen (page) + g_bytes_get_size (style), <, MAX_PAGE);
  assert_has (page, link);
  assert_has_not (page, "src=");
  g_assert_null (g_strstr_len (g_bytes_get_data (style, NULL), (gssize) g_bytes_get_size (style), "url("));
  g_assert_null (g_strstr_len (g_bytes_get_data (style, NULL), (gssize) g_bytes_get_size (style), "@import"));
  g_assert_null (door_pages_get_asset (pages, "../style.css", &type, &hash));
}

static void
test_refused (void)
{
  g_autoptr (DoorPages) pages = pages_new ();
  g_autoptr (GVariant) empty = g_variant_ref_sink (g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr (GError) error = NULL;

  g_assert_null (door_pages_render (pages, "head", empty, "en", &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (door_pages_render (pages, "error", empty, "en", &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_FAILED);
}

/* Every text of every page has its translation. */
static void
test_translated (void)
{
  static const char *const same[] = { "Mac", NULL };
  g_autoptr (DoorPages) pages = pages_new ();
  g_autoptr (DoorTranslations) translations = door_translations_new (NULL);
  g_autoptr (GHashTable) messages = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *const *languages = door_translations_get_languages (translations);
  GHashTableIter iterator;
  gpointer text = NULL;

  door_pages_add_messages (pages, messages);
  g_assert_cmpuint (g_hash_table_size (messages), >, 20);
  for (size_t i = 0; languages[i] != NULL; i++)
    {
      g_hash_table_iter_init (&iterator, messages);
      while (strcmp (languages[i], "en") != 0 && g_hash_table_iter_next (&iterator, &text, NULL))
        if (!g_strv_contains (same, text))
          g_assert_cmpstr (door_translations_lookup (translations, languages[i], text), !=, text);
    }
}

static void
test_enroll (void)
{
  g_autoptr (DoorPages) pages = pages_new ();
  g_autofree char *page =
      render (pages, "enroll",
              "{" COMMON ", 'team': <'Red'>, 'address': <'https://a.test/enroll/t'>, 'safari': <false>, "
              "'url': <'/enroll/t/sign-in'>, 'qr': <'M4 4h7v1h-7z'>, 'qr_box': <'0 0 29 29'>}",
              "en");
  g_autofree char *safari = render (
      pages, "enroll", "{" COMMON ", 'address': <'https://a.test/enroll/t'>, 'safari': <true>}", "en");

  assert_has (page, "<a class=\"button\" href=\"/enroll/t/sign-in\">");
  assert_has (page, "viewBox=\"0 0 29 29\"");
  assert_has (page, "d=\"M4 4h7v1h-7z\"");
  assert_has_not (page, "only Safari");
  assert_has (safari, "only Safari");
  assert_has (safari, "https://a.test/enroll/t");
  assert_has_not (safari, "<a class=\"button\"");
  assert_has_not (safari, "<svg class=\"qr\"");
}

static void
test_install (void)
{
  g_autoptr (DoorPages) pages = pages_new ();
  g_autofree char *phone =
      render (pages, "install", "{" COMMON ", 'url': <'/mdm/apple/profile/t'>, 'mac': <false>}", "en");
  g_autofree char *mac =
      render (pages, "install", "{" COMMON ", 'url': <'/mdm/apple/profile/t'>, 'mac': <true>}", "en");

  assert_has (phone, "<a class=\"button\" href=\"/mdm/apple/profile/t\">Download profile</a>");
  assert_has (phone, "Profile Downloaded");
  assert_has_not (phone, "System Settings");
  assert_has (mac, "System Settings");
  assert_has_not (mac, "Profile Downloaded");
}

/* A code of version 1 for 14 bytes has 21 modules and the three finder patterns. */
static void
test_qr (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *longest = g_strnfill (512, 'a'), *longer = g_strnfill (513, 'a'), *big = NULL;
  unsigned int size = 0;
  g_autofree char *path = door_qr_build_path ("https://a.test", &size, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (size, ==, 21 + 2 * 4);
  g_assert_true (g_str_has_prefix (path, "M4 4h7v1h-7z"));
  assert_has (path, "M18 4h7v1h-7z");
  assert_has (path, "M4 24h7v1h-7z");
  assert_has (path, "M6 6h3v1h-3z");
  g_assert_cmpuint (strspn (path, "Mhvz- 0123456789"), ==, strlen (path));
  big = door_qr_build_path (longest, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size, >, 29);
  g_assert_null (door_qr_build_path (longer, &size, &error));
  g_assert_error (error, DOOR_ERROR, DOOR_ERROR_INVALID_DATA);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/page/pages/chooser", test_chooser);
  g_test_add_func ("/page/pages/continue", test_continue);
  g_test_add_func ("/page/pages/domain", test_domain);
  g_test_add_func ("/page/pages/error", test_error);
  g_test_add_func ("/page/pages/desktop", test_desktop);
  g_test_add_func ("/page/pages/enroll", test_enroll);
  g_test_add_func ("/page/pages/install", test_install);
  g_test_add_func ("/page/pages/qr", test_qr);
  g_test_add_func ("/page/pages/languages", test_languages);
  g_test_add_func ("/page/pages/hostile", test_hostile);
  g_test_add_func ("/page/pages/weight", test_weight);
  g_test_add_func ("/page/pages/refused", test_refused);
  g_test_add_func ("/page/pages/translated", test_translated);
  return g_test_run ();
}
