/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <libsoup/soup.h>
#include <string.h>

#include "sim-error.h"
#include "sim-page.h"
#include "sim-saml.h"

static SimPage *
parse (const char *html)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (html, strlen (html));
  g_autoptr (GUri) uri = g_uri_parse ("https://idp.test/dir/page?state=1", SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GError) error = NULL;
  SimPage *page = sim_page_parse (bytes, uri, &error);

  g_assert_no_error (error);
  return page;
}

static void
assert_uri (GUri *uri, const char *wanted)
{
  g_autofree char *text = g_uri_to_string (uri);

  g_assert_cmpstr (text, ==, wanted);
}

/* A search form in front, a name in the placeholder, a select, ticked and unticked boxes, two buttons. */
static void
test_sign_in_form (void)
{
  g_autoptr (SimPage) page =
      parse ("<!DOCTYPE html><html><body><form action='/search'><input name=q></form>"
             "<form method=POST action='?'><p><input type=hidden name=AuthState value='a&amp;b=c'>"
             "<label>Name<input type=email name=username></label><input name=domain type=text value=d>"
             "<input disabled name=off value=x><input type=password name=password>"
             "<input type=checkbox name=remember value=Yes><input type=checkbox name=agree checked>"
             "<input type=radio name=r value=1><input type=radio name=r value=2 checked><textarea name=t>\n "
             "a </textarea>"
             "<select name=fault><option value=''>none</option><option>wrong audience</option></select>"
             "<input type=reset name=no><button type=button name=no2>x</button>"
             "<button name=go value=1>Sign in</button><button name=cancel "
             "value=1>Cancel</button></form></body></html>");
  SimForm *form = sim_page_find_password_form (page);
  g_autoptr (GError) error = NULL;
  g_autofree char *encoded = NULL;

  g_assert_nonnull (form);
  g_assert_cmpstr (form->method, ==, "POST");
  assert_uri (form->action, "https://idp.test/dir/page?");
  g_assert_true (sim_form_fill_sign_in (form, "anna ü", "p&=+%", &error));
  g_assert_true (sim_form_set (form, "fault", "wrong audience", &error));
  g_assert_no_error (error);
  encoded = sim_form_encode (form);
  g_assert_cmpstr (
      encoded, ==,
      "AuthState=a%26b%3Dc&username=anna%20%C3%BC&domain=d&password=p%26%3D%2B%25&agree=on&r=2&t=a"
      "&fault=wrong%20audience&go=1");
}

static void
test_fields_that_are_not_there (void)
{
  g_autoptr (SimPage) page = parse (
      "<form method=post><select name=fault><option value=a></select><input type=password name=p></form>");
  SimForm *form = sim_page_find_password_form (page);
  g_autoptr (GError) no_field = NULL;
  g_autoptr (GError) no_choice = NULL;

  g_assert_false (sim_form_set (form, "other", "a", &no_field));
  g_assert_error (no_field, SIM_ERROR, SIM_ERROR_UNEXPECTED);
  g_assert_false (sim_form_set (form, "fault", "b", &no_choice));
  g_assert_error (no_choice, SIM_ERROR, SIM_ERROR_UNEXPECTED);
  g_assert_cmpstr (sim_form_get (form, "fault"), ==, "a");
}

/* A provider that already knows the user shows the name disabled; then only the password is typed. */
static void
test_known_user (void)
{
  g_autoptr (SimPage) page = parse ("<form method=post action=/l><input name=username disabled value=anna>"
                                    "<input type=password name=password></form>");
  SimForm *form = sim_page_find_password_form (page);
  g_autoptr (GError) error = NULL;
  g_autofree char *encoded = NULL;

  g_assert_true (sim_form_fill_sign_in (form, "ben", "x", &error));
  encoded = sim_form_encode (form);
  g_assert_cmpstr (encoded, ==, "password=x");
}

static void
test_answer_form (void)
{
  g_autoptr (SimPage) page =
      parse ("<html><head><base href='https://elsewhere.test/x/'></head><body onload='f()'>"
             "<form method=get><button>Other</button></form>"
             "<form method='post' action='acs'><input type=submit id=b><input type=hidden name=SAMLResponse "
             "value='PD94'/>"
             "<input type=hidden name=RelayState value=''></form><noscript><button>x</button></noscript>");
  SimForm *form = sim_page_find_form_with (page, "SAMLResponse");
  g_autoptr (SimForm) copy = NULL;

  g_assert_nonnull (form);
  g_assert_null (sim_page_find_password_form (page));
  assert_uri (form->action, "https://elsewhere.test/x/acs");
  g_assert_cmpstr (sim_form_get (form, "SAMLResponse"), ==, "PD94");
  g_assert_cmpstr (sim_form_get (form, "RelayState"), ==, "");
  g_assert_true (sim_page_find_button_form (page) == form);
  copy = sim_form_copy (form);
  g_assert_cmpuint (copy->fields->len, ==, 2);
}

static void
test_error_page (void)
{
  g_autoptr (SimPage) page =
      parse ("<html lang=de><main><h1>Anmeldung</h1><p>  </p><p>Die Anmeldung hat zu lange\n gedauert. Ihr "
             "iPhone …</p>"
             "<a class='button try-again' href='/mdm/sso/start?f=1&amp;idp=okta'>Erneut versuchen</a>"
             "<p>Code: <strong id=code>K7Q4-9XMD</strong></p></main></html>");
  const SimLink *retry = sim_page_find_retry (page);

  g_assert_cmpstr (page->code, ==, "K7Q4-9XMD");
  g_assert_cmpstr (page->sentence, ==, "Die Anmeldung hat zu lange gedauert.");
  g_assert_nonnull (retry);
  assert_uri (retry->target, "https://idp.test/mdm/sso/start?f=1&idp=okta");
}

static void
test_message_speaks_before_paragraphs (void)
{
  g_autoptr (SimPage) page =
      parse ("<h1>Heading</h1><p>Example Corp</p><h1 class='big message'>Too late. Try "
             "again.</h1><p>More.</p>");

  g_assert_cmpstr (page->sentence, ==, "Too late.");
}

static void
test_ordinary_page_has_no_code (void)
{
  g_autoptr (SimPage) page = parse ("<p>K7Q4-9XMD v1.2 is fine! More.</p><span class=code>ILOU-0000</span>"
                                    "<a href='/x' class='not-try-again'>Try it again</a>");

  g_assert_null (page->code);
  g_assert_null (sim_page_find_retry (page));
  g_assert_cmpstr (page->sentence, ==, "K7Q4-9XMD v1.2 is fine!");
}

static void
test_chooser (void)
{
  g_autoptr (SimPage) page =
      parse ("<a href='/help?lang=de'>Why?</a><a href='/mdm/sso/start?idp=okta&f=1'>Sign in with Okta</a>"
             "<a href='/saml/entra/start'>Entra</a><a href='/saml/entra/metadata'>x</a>");
  g_autoptr (SimPage) single = parse ("<a href='/mdm/sso/start?idp=okta'>Okta</a><a href='/'>x</a>");
  g_autoptr (GError) undecided = NULL;
  g_autoptr (GError) unknown = NULL;

  g_assert_true (sim_page_has_providers (page));
  g_assert_cmpstr (sim_page_find_provider (page, "okta", NULL)->text, ==, "Sign in with Okta");
  g_assert_cmpstr (sim_page_find_provider (page, "entra", NULL)->text, ==, "Entra");
  g_assert_null (sim_page_find_provider (page, NULL, &undecided));
  g_assert_error (undecided, SIM_ERROR, SIM_ERROR_UNEXPECTED);
  g_assert_nonnull (strstr (undecided->message, "okta, entra"));
  g_assert_null (sim_page_find_provider (page, "google", &unknown));
  g_assert_error (unknown, SIM_ERROR, SIM_ERROR_UNEXPECTED);
  g_assert_nonnull (sim_page_find_provider (single, NULL, NULL));
}

static void
test_not_a_page (void)
{
  g_autoptr (GBytes) empty = g_bytes_new_static (NULL, 0);
  g_autoptr (GUri) uri = g_uri_parse ("https://idp.test/", SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (sim_page_parse (empty, uri, &error));
  g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
}

static void
assert_tampered (const char *xml, const char *wanted)
{
  g_autofree char *encoded = g_base64_encode ((const guchar *) xml, strlen (xml));
  g_autofree char *tampered = sim_saml_tamper (encoded, "anna@a.test", "not-anna@a.test", NULL);
  gsize size = 0;
  g_autofree guchar *decoded = g_base64_decode (tampered, &size);

  g_assert_cmpmem (decoded, size, wanted, strlen (wanted));
}

static void
test_tamper (void)
{
  g_autoptr (GError) error = NULL;

  assert_tampered ("<s:NameID Format=\"f\">anna@a.test</s:NameID><v>anna@a.test</v>",
                   "<s:NameID Format=\"f\">not-anna@a.test</s:NameID><v>not-anna@a.test</v>");
  assert_tampered ("<NameID>00u1</NameID><v>anna@a.test</v>",
                   "<NameID>not-anna@a.test</NameID><v>not-anna@a.test</v>");
  g_assert_null (sim_saml_tamper ("PGE+PC9hPg==", "a", "b", &error));
  g_assert_error (error, SIM_ERROR, SIM_ERROR_UNEXPECTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/page/sign-in-form", test_sign_in_form);
  g_test_add_func ("/sim/page/fields-that-are-not-there", test_fields_that_are_not_there);
  g_test_add_func ("/sim/page/known-user", test_known_user);
  g_test_add_func ("/sim/page/answer-form", test_answer_form);
  g_test_add_func ("/sim/page/error-page", test_error_page);
  g_test_add_func ("/sim/page/message", test_message_speaks_before_paragraphs);
  g_test_add_func ("/sim/page/ordinary-page", test_ordinary_page_has_no_code);
  g_test_add_func ("/sim/page/chooser", test_chooser);
  g_test_add_func ("/sim/page/not-a-page", test_not_a_page);
  g_test_add_func ("/sim/saml/tamper", test_tamper);
  return g_test_run ();
}
